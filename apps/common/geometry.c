/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * geometry: slots and rings of a port, as option -C of several tools gives
 * them: tx_slots[,rx_slots[,tx_rings[,rx_rings]]].
 */
#include <errno.h>
#include <string.h>

#include "apps/common/geometry.h"
#include "apps/common/numbers.h"

/* One number up to the next comma; *ps is moved past the comma. */
static int parse_item(const char **ps, uint64_t max, uint64_t *out)
{
	char word[24];
	const char *s = *ps;
	size_t len = strcspn(s, ",");

	if (len >= sizeof(word))
		return -EINVAL;
	memcpy(word, s, len);
	word[len] = '\0';
	*ps = s[len] ? s + len + 1 : NULL;
	return num_parse(word, 0, max, out);
}

int geometry_parse(const char *s, struct geometry *g)
{
	uint64_t v[4] = { 0 };
	uint64_t extra;
	int n, err;

	for (n = 0; s; n++) {
		err = parse_item(&s, n < 2 ? UINT32_MAX : UINT16_MAX,
				n < 4 ? &v[n] : &extra);
		if (err)
			return err;
	}
	g->tx_slots = (uint32_t)v[0];
	g->rx_slots = (uint32_t)(n > 1 ? v[1] : v[0]);
	g->tx_rings = (uint16_t)v[2];
	g->rx_rings = (uint16_t)(n > 3 ? v[3] : v[2]);
	return n;
}
