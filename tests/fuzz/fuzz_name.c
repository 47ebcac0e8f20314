/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Port names from arbitrary bytes: one byte of mode and flags, the rest is
 * the text, in an allocation of exactly its size so that the sanitizer sees
 * a step too far.
 */
#include <stdint.h>
#include <stdlib.h>

#include "engine/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted must be what was given, cut in two. */
static void check(const char *text, const struct nm_name *n)
{
	char again[2 * NM_NAME_LEN + 2];

	if (n->kind == NM_NAME_PIPE)
		snprintf(again, sizeof(again), "%s%c%s", n->base, n->end, n->id);
	else if (n->kind == NM_NAME_VALE)
		snprintf(again, sizeof(again), "%s:%s", n->base, n->id);
	else
		snprintf(again, sizeof(again), "%s", n->base);
	if (strcmp(again, text) || strcmp(n->full, text))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct { uint32_t mode; uint64_t flags; } how[] = {
		{ NR_REG_ALL_NIC, 0 }, { NR_REG_NULL, 0 },
		{ NR_REG_ALL_NIC, NR_MONITOR_TX }, { NR_REG_ONE_NIC, 0 },
	};
	char *text, *why, sw[NM_SWITCH_LEN];
	struct nm_name n;
	uint32_t h;

	if (!size || size > NM_NAME_LEN)
		return 0;
	h = data[0] & 3;
	text = malloc(size);
	why = malloc(NM_WHY_LEN);
	if (!text || !why)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (!nm_name_parse(text, how[h].mode, how[h].flags, &n, why))
		check(text, &n);
	if (!nm_name_switch(text, sw, why) &&
	    strncmp(sw, text, strlen(sw)))
		abort();
	free(text);
	free(why);
	return 0;
}
