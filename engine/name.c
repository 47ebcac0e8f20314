/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Port names.
 *
 *	label			with mode NR_REG_NULL: null port
 *	NAME			with a monitor flag: monitor of NAME
 *	BASE{ID, BASE}ID	pipe; the last '{' separates if there is one,
 *				else the last '}'.  BASE is a name again
 *	valeX:Y			port Y of switch "valeX"; X any number of
 *				letters, digits and '_', colon within the first
 *				16 characters, Y 1 to 15 characters
 *	anything else		an interface of the system
 *
 * In this order.  What begins with "vale" is meant to be a switch and an error
 * when it is not; "valid0" is an interface like any other.
 */
#include "engine/name.h"

#define MONITOR_FLAGS	(NR_MONITOR_TX | NR_MONITOR_RX | NR_ZCOPY_MON)
#define PREFIX_LEN	(sizeof(NM_BDG_NAME) - 1)
#define VALE_PORT_MAX	15u

static int malformed(char *why, const char *text, const char *what)
{
	snprintf(why, NM_WHY_LEN, "the name '%.63s' %s", text, what);
	return -EINVAL;
}

static int is_ident(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

int nm_name_is_vale(const char *text)
{
	return !strncmp(text, NM_BDG_NAME, PREFIX_LEN);
}

int nm_name_switch(const char *text, char sw[NM_SWITCH_LEN], char *why)
{
	uint32_t n = PREFIX_LEN;

	if (!nm_name_is_vale(text))
		return malformed(why, text, "is not that of a switch: it does "
				 "not begin with 'vale'");
	while (n < NM_SWITCH_LEN && is_ident(text[n]))
		n++;
	if (n == NM_SWITCH_LEN)
		return malformed(why, text, "has more than 15 characters before "
				 "the colon");
	if (text[n] && text[n] != ':')
		return malformed(why, text, "has a character in the name of the "
				 "switch that is not a letter, digit or '_'");
	memcpy(sw, text, n);
	sw[n] = '\0';
	return 0;
}

static int parse_vale(const char *text, struct nm_name *out, char *why)
{
	size_t n, len;
	int r;

	r = nm_name_switch(text, out->base, why);
	if (r)
		return r;
	n = strlen(out->base);
	if (text[n] != ':')
		return malformed(why, text, "has no colon: ports of a switch are "
				 "called 'vale<switch>:<port>'");
	text += n + 1;
	len = strlen(text);
	if (!len)
		return malformed(why, out->full, "ends at the colon: the name of "
				 "the port is missing");
	if (len > VALE_PORT_MAX)
		return malformed(why, out->full, "has more than 15 characters "
				 "after the colon");
	memcpy(out->id, text, len + 1);
	out->kind = NM_NAME_VALE;
	return 0;
}

static int parse_pipe(const char *text, const char *sep, struct nm_name *out,
		      char *why)
{
	size_t n = (size_t)(sep - text);

	if (!n)
		return malformed(why, text, "has nothing before the brace: the "
				 "pipe needs a base name");
	if (!sep[1])
		return malformed(why, text, "has nothing after the brace: the "
				 "pipe needs an id");
	memcpy(out->base, text, n);
	out->base[n] = '\0';
	memcpy(out->id, sep + 1, strlen(sep + 1) + 1);
	out->end = *sep;
	out->kind = NM_NAME_PIPE;
	return 0;
}

/* Copy what is given; everything after works on a bounded string. */
static void start(const char *text, struct nm_name *out)
{
	size_t len = strnlen(text, NM_NAME_LEN - 1);

	memset(out, 0, sizeof(*out));
	memcpy(out->full, text, len);
}

int nm_name_parse_text(const char *text, struct nm_name *out, char *why)
{
	const char *sep;

	start(text, out);
	text = out->full;
	sep = strrchr(text, '{');
	if (!sep)
		sep = strrchr(text, '}');
	if (sep)
		return parse_pipe(text, sep, out, why);
	if (nm_name_is_vale(text))
		return parse_vale(text, out, why);
	out->kind = NM_NAME_OTHER;
	memcpy(out->base, out->full, sizeof(out->base));
	return 0;
}

int nm_name_parse(const char *text, uint32_t mode, uint64_t flags,
		  struct nm_name *out, char *why)
{
	if (mode != NR_REG_NULL && !(flags & MONITOR_FLAGS))
		return nm_name_parse_text(text, out, why);
	start(text, out);
	out->kind = mode == NR_REG_NULL ? NM_NAME_NULL : NM_NAME_MONITOR;
	memcpy(out->base, out->full, sizeof(out->base));
	return 0;
}
