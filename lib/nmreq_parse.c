/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmreq_parse: the head of a port specification, as far as the first option.
 *
 *	portspec  := subsystem ":" vpname [mode] [options]
 *	subsystem := "netmap" | "vale" ident0
 *	vpname    := name [("{" | "}") pipeid]
 *	name      := up to the first of  - * ^ / @ { }
 *	           | '"' anything but '"' and braces '"'
 *	           | "[" anything but "]" and braces "]"
 *	mode      := [rings] [memid] ["/" flag+ [memid]]
 *	rings     := "^" | "^" num | "*" | "-" num
 *	memid     := "@" num
 *	flag      := "x" | "z" | "t" | "r" | "R" | "T"
 *
 * For "netmap" the engine gets vpname without quotes, for "vale" the whole of
 * subsystem, colon and vpname.  The quotes exist for interfaces such as br-lan
 * whose name contains a character of the grammar.
 *
 * Every decoder works on a copy and stores its result last, so that a failure
 * leaves the caller's structures and pointer as they were.  The options are in
 * nmreq_opts.c.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/nmlib.h"

#define NM_NAME_END	"-*^/@"		/* ends an unquoted name */
#define NM_FLAGS	"xztrRT"

static __thread const char *nm_spec;

/*
 * Begin to decode @spec.  When it is a part of what this thread is decoding
 * already, positions stay those of the whole.  Return what to give to
 * nm_spec_leave().
 */
const char *nm_spec_enter(const char *spec)
{
	const char *outer = nm_spec;

	if (!outer || spec < outer || spec > outer + strlen(outer))
		nm_spec = spec;
	return outer;
}

void nm_spec_leave(const char *outer)
{
	nm_spec = outer;
}

/*
 * Fail because of what stands at @at in the specification of this thread;
 * columns count from 1.
 */
int nm_spec_fail(struct nmctx *ctx, int err, const char *at,
		 const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return nm_fail(ctx, err, "'%.300s', column %td: %s", nm_spec,
		       at - nm_spec + 1, text);
}

static bool nm_is_ident(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/*
 * Find the end of a name that starts at @scan, store the text of it, without
 * quotes, in *@text and *@len, and return the first character after it.
 */
static const char *nm_name_scan(const char *scan, const char **text,
				size_t *len, struct nmctx *ctx)
{
	const char *start = scan;
	char close;

	if (*scan != '"' && *scan != '[') {
		*text = scan;
		*len = strcspn(scan, NM_NAME_END "{}");
		return scan + *len;
	}
	close = *scan == '[' ? ']' : '"';
	*text = ++scan;
	for (; *scan && *scan != close; scan++) {
		if (*scan == '{' || *scan == '}') {
			nm_spec_fail(ctx, EINVAL, scan, "'%c' makes a pipe and "
				"cannot be quoted; put the pipe after the %c",
				*scan, close);
			return NULL;
		}
	}
	*len = scan - *text;
	if (!*scan) {
		nm_spec_fail(ctx, EINVAL, start, "the name that starts with %c "
			"has no closing %c", *start, close);
		return NULL;
	}
	if (!*len) {
		nm_spec_fail(ctx, EINVAL, start, "empty name between quotes");
		return NULL;
	}
	return scan + 1;
}

/* The pipe identifier after the brace at @scan: its end, or NULL. */
static const char *nm_pipe_scan(const char *scan, struct nmctx *ctx)
{
	const char *id = scan + 1;

	for (scan = id; nm_is_ident(*scan); scan++)
		;
	if (scan == id) {
		nm_spec_fail(ctx, EINVAL, id, "a pipe needs an identifier of "
			"letters, digits and _ after '%c'", id[-1]);
		return NULL;
	}
	if (*scan && !strchr(NM_NAME_END, *scan)) {
		nm_spec_fail(ctx, EINVAL, scan, "'%c' cannot be part of a pipe "
			"identifier (letters, digits and _)", *scan);
		return NULL;
	}
	return scan;
}

/* Skip the subsystem and its colon; *@prefix bytes of it go to the engine. */
static const char *nm_subsystem_scan(const char *spec, size_t *prefix,
				     struct nmctx *ctx)
{
	const char *scan = spec;
	bool vale = false;

	if (!strncmp(scan, "netmap", 6)) {
		scan += 6;
	} else if (!strncmp(scan, "vale", 4)) {
		vale = true;
		for (scan += 4; nm_is_ident(*scan); scan++)
			;
	} else {
		nm_spec_fail(ctx, EINVAL, spec, "a port is named netmap:NAME or "
			"vale[SWITCH]:NAME; this begins with neither");
		return NULL;
	}
	if (*scan != ':') {
		nm_spec_fail(ctx, EINVAL, scan, vale ?
			"expected ':' after the name of the switch (vale, then "
			"letters, digits and _)" : "expected ':' after netmap");
		return NULL;
	}
	scan++;
	*prefix = vale ? scan - spec : 0;
	return scan;
}

static int nm_header_scan(const char **ppspec, struct nmreq_header *hdr,
			  struct nmctx *ctx)
{
	const char *spec = *ppspec, *scan, *name, *text, *pipe;
	size_t prefix, len, pipe_len;

	name = nm_subsystem_scan(spec, &prefix, ctx);
	if (!name)
		return -1;
	pipe = nm_name_scan(name, &text, &len, ctx);
	if (!pipe)
		return -1;
	scan = pipe;
	if (*pipe == '{' || *pipe == '}') {
		scan = nm_pipe_scan(pipe, ctx);
		if (!scan)
			return -1;
	} else if (*pipe && !strchr(NM_NAME_END, *pipe)) {
		return nm_spec_fail(ctx, EINVAL, pipe,
			"unexpected '%c' after the quoted name", *pipe);
	}
	pipe_len = scan - pipe;
	if (!len && !pipe_len)
		return nm_spec_fail(ctx, EINVAL, name, "the name of the port is "
			"missing");
	if (prefix + len + pipe_len >= sizeof(hdr->nr_name))
		return nm_spec_fail(ctx, EINVAL, name, "the name has %zu bytes, "
			"at most %zu are possible", prefix + len + pipe_len,
			sizeof(hdr->nr_name) - 1);

	memset(hdr->nr_name, 0, sizeof(hdr->nr_name));
	memcpy(hdr->nr_name, spec, prefix);
	memcpy(hdr->nr_name + prefix, text, len);
	memcpy(hdr->nr_name + prefix + len, pipe, pipe_len);
	*ppspec = scan;
	return 0;
}

/**
 * nmreq_header_decode - decode "subsystem:vpname"
 * @ppspec: the specification; on success points behind what was used
 * @hdr: gets nr_name, NUL-terminated, and nothing else
 * @ctx: for the message
 *
 * Return: 0; -1 with errno EINVAL and nothing changed.
 */
int nmreq_header_decode(const char **ppspec, struct nmreq_header *hdr,
			struct nmctx *ctx)
{
	const char *outer = nm_spec_enter(*ppspec);
	int rv = nm_header_scan(ppspec, hdr, ctx);

	nm_spec_leave(outer);
	return rv;
}

/*
 * The decimal number at *@pscan, below @limit; saturates instead of wrapping.
 * @what names it in the message.
 */
static int nm_decimal_scan(const char **pscan, uint32_t min, uint32_t limit,
			   const char *what, uint32_t *val, struct nmctx *ctx)
{
	const char *scan = *pscan;
	uint32_t num = 0;

	if (!isdigit((unsigned char)*scan))
		return nm_spec_fail(ctx, EINVAL, scan, "%s must be a decimal "
			"number; to open an interface with '%c' in its name, "
			"quote it: netmap:[NAME]", what, scan[-1]);
	for (; isdigit((unsigned char)*scan); scan++)
		if (num < limit)
			num = num * 10 + (*scan - '0');
	if (num < min || num >= limit)
		return nm_spec_fail(ctx, EINVAL, *pscan, "%s %.*s is out of range, "
			"%u to %u are possible", what, (int)(scan - *pscan),
			*pscan, min, limit - 1);
	*pscan = scan;
	*val = num;
	return 0;
}

/* [rings]: sets nr_mode and nr_ringid */
static int nm_rings_scan(const char **pscan, struct nmreq_register *reg,
			 struct nmctx *ctx)
{
	const char *scan = *pscan;
	uint32_t ring = 0;

	reg->nr_mode = NR_REG_ALL_NIC;
	switch (*scan) {
	case '*':
		reg->nr_mode = NR_REG_NIC_SW;
		scan++;
		break;
	case '^':
		reg->nr_mode = NR_REG_SW;
		scan++;
		if (!isdigit((unsigned char)*scan))
			break;
		reg->nr_mode = NR_REG_ONE_SW;
		if (nm_decimal_scan(&scan, 0, NETMAP_RING_MASK, "host ring",
				    &ring, ctx))
			return -1;
		break;
	case '-':
		reg->nr_mode = NR_REG_ONE_NIC;
		scan++;
		if (nm_decimal_scan(&scan, 0, NETMAP_RING_MASK, "ring", &ring,
				    ctx))
			return -1;
		break;
	}
	reg->nr_ringid = ring;
	*pscan = scan;
	return 0;
}

/* "@" num: sets nr_mem_id, or agrees with it */
static int nm_memid_scan(const char **pscan, struct nmreq_register *reg,
			 struct nmctx *ctx)
{
	const char *at = *pscan;
	uint32_t id;

	(*pscan)++;
	if (nm_decimal_scan(pscan, 1, 65536, "memory region", &id, ctx))
		return -1;
	if (reg->nr_mem_id && reg->nr_mem_id != id)
		return nm_spec_fail(ctx, EINVAL, at, "memory region %u was "
			"chosen already, it cannot be %u too",
			reg->nr_mem_id, id);
	reg->nr_mem_id = id;
	return 0;
}

static uint64_t nm_flag_bit(char c)
{
	switch (c) {
	case 'x':
		return NR_EXCLUSIVE;
	case 'z':
		return NR_ZCOPY_MON;
	case 't':
		return NR_MONITOR_TX;
	case 'r':
		return NR_MONITOR_RX;
	case 'R':
		return NR_RX_RINGS_ONLY;
	case 'T':
		return NR_TX_RINGS_ONLY;
	default:
		return 0;
	}
}

/* "/" flag+ */
static int nm_flags_scan(const char **pscan, struct nmreq_register *reg,
			 struct nmctx *ctx)
{
	const char *scan = *pscan + 1;
	uint64_t bit;

	for (; *scan && *scan != '@'; scan++) {
		bit = nm_flag_bit(*scan);
		if (!bit)
			return nm_spec_fail(ctx, EINVAL, scan, "unknown flag '%c'; "
				"known: " NM_FLAGS, *scan);
		reg->nr_flags |= bit;
	}
	if (scan == *pscan + 1)
		return nm_spec_fail(ctx, EINVAL, scan, "at least one flag must "
			"follow '/'; known: " NM_FLAGS);
	*pscan = scan;
	return 0;
}

static int nm_mode_scan(const char **pscan, struct nmreq_register *reg,
			struct nmctx *ctx)
{
	bool flags_seen = false;
	const char *scan = *pscan;

	if (nm_rings_scan(&scan, reg, ctx))
		return -1;
	while (*scan) {
		if (*scan == '@' && !isdigit((unsigned char)scan[1]))
			break;
		if (*scan == '@') {
			if (nm_memid_scan(&scan, reg, ctx))
				return -1;
		} else if (*scan == '/' && !flags_seen) {
			flags_seen = true;
			if (nm_flags_scan(&scan, reg, ctx))
				return -1;
		} else {
			return nm_spec_fail(ctx, EINVAL, scan, "unexpected '%c'; "
				"here may stand @REGION, @OPTION%s or the end",
				*scan, flags_seen ? "" : ", /FLAGS");
		}
	}
	*pscan = scan;
	return 0;
}

/**
 * nmreq_register_decode - decode the mode part of a specification
 * @pmode: what follows the name; on success points to the first option or to
 *	the end
 * @reg: gets nr_mode, nr_ringid, nr_flags and nr_mem_id; a non-zero
 *	nr_mem_id counts as chosen already
 * @ctx: for the message
 *
 * Return: 0; -1 with errno EINVAL and nothing changed.
 */
int nmreq_register_decode(const char **pmode, struct nmreq_register *reg,
			  struct nmctx *ctx)
{
	const char *outer = nm_spec_enter(*pmode);
	struct nmreq_register tmp = *reg;
	int rv;

	tmp.nr_flags = 0;
	rv = nm_mode_scan(pmode, &tmp, ctx);
	if (!rv)
		*reg = tmp;
	nm_spec_leave(outer);
	return rv;
}
