/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmreq_opts: the options of a port specification.
 *
 *	options := ("@" option)*
 *	option  := oname
 *	         | oname "=" value
 *	         | oname ":" [key "=" value ("," key "=" value)*]
 *
 * Which options there are, and their keys, comes as a list of parsers; the
 * list of the library is in nmport_opts.c, and a program may pass its own to
 * nmreq_options_decode().  An option is copied, its values are cut out of the
 * copy, and the callback of its parser gets them by key id.  Beside the public
 * parse context stands where in the specification each value came from, so
 * that a callback that dislikes a value can say where it is.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/nmlib.h"

/* One option on its way from text to callback. */
struct nm_option {
	struct nmreq_parse_ctx pub;	/* first: what the callback sees */
	const struct nmreq_opt_parser *parser;
	const char *begin;		/* of its name, in the specification */
	char *copy;			/* of the same text */
	uint32_t seen;			/* ids of keys met, also with no value */
	uint32_t bare;			/* ids of keys met without '=' */
	const char *at[NMREQ_OPT_MAXKEYS];	/* where the values stand */
};

/* The place in the specification of a place in the copy. */
static const char *nm_option_at(const struct nm_option *o, const char *p)
{
	return o->begin + (p - o->copy);
}

/* Keys are compared with - and _ taken as equal, save for the first byte. */
static bool nm_key_is(const struct nmreq_opt_key *k, const char *s, size_t len)
{
	size_t i;

	if (strlen(k->key) != len)
		return false;
	for (i = 0; i < len; i++) {
		char a = k->key[i], b = s[i];

		if (i > 0) {
			a = a == '-' ? '_' : a;
			b = b == '-' ? '_' : b;
		}
		if (a != b)
			return false;
	}
	return true;
}

#define nm_foreach_key(p, k)						\
	for ((k) = (p)->keys;						\
	     (k) < (p)->keys + NMREQ_OPT_MAXKEYS && (k)->key; (k)++)

static const struct nmreq_opt_key *nm_key_by_id(
	const struct nmreq_opt_parser *p, int id)
{
	const struct nmreq_opt_key *k;

	nm_foreach_key(p, k)
		if (k->id == id)
			return k;
	return NULL;
}

static void nm_list_add(char *buf, size_t size, const char *word)
{
	size_t len = strlen(buf);
	size_t i;

	snprintf(buf + len, size - len, "%s%s", len ? ", " : "", word);
	/* show names the way people write them */
	for (i = len; buf[i]; i++)
		if (buf[i] == '_')
			buf[i] = '-';
}

static int nm_option_unknown_key(struct nm_option *o, const char *key,
				 size_t len, struct nmctx *ctx)
{
	const struct nmreq_opt_key *k;
	char known[300] = "";

	nm_foreach_key(o->parser, k)
		nm_list_add(known, sizeof(known), k->key);
	if (!len)
		return nm_spec_fail(ctx, EINVAL, nm_option_at(o, key),
			"a key of option '%s' is missing here; known: %s",
			o->parser->prefix, known);
	return nm_spec_fail(ctx, EINVAL, nm_option_at(o, key),
		"option '%s' has no key '%.*s'; known: %s", o->parser->prefix,
		(int)len, key, known);
}

static int nm_option_set(struct nm_option *o, const struct nmreq_opt_key *k,
			 const char *value, struct nmctx *ctx)
{
	const char *at = nm_option_at(o, value);

	if (k->id < 0 || k->id >= NMREQ_OPT_MAXKEYS)
		return nm_spec_fail(ctx, EINVAL, at, "key '%s' of option '%s' has "
			"the id %d, at most %d is possible", k->key,
			o->parser->prefix, k->id, NMREQ_OPT_MAXKEYS - 1);
	if (o->seen & (1U << k->id))
		return nm_spec_fail(ctx, EINVAL, at, "key '%s' of option '%s' is "
			"given twice", k->key, o->parser->prefix);
	o->seen |= 1U << k->id;
	o->pub.keys[k->id] = *value ? value : NULL;
	o->at[k->id] = at;
	return 0;
}

/* One "key=value", NUL-terminated. */
static int nm_option_pair(struct nm_option *o, char *pair, struct nmctx *ctx)
{
	size_t len = strcspn(pair, "=");
	const struct nmreq_opt_key *k;

	nm_foreach_key(o->parser, k)
		if (nm_key_is(k, pair, len))
			break;
	if (!len || k == o->parser->keys + NMREQ_OPT_MAXKEYS || !k->key)
		return nm_option_unknown_key(o, pair, len, ctx);
	if (pair[len] == '=')
		return nm_option_set(o, k, pair + len + 1, ctx);
	if (!(k->flags & NMREQ_OPTK_ALLOWEMPTY))
		return nm_spec_fail(ctx, EINVAL, nm_option_at(o, pair + len),
			"key '%s' of option '%s' needs a value: %s=VALUE",
			pair, o->parser->prefix, pair);
	if (nm_option_set(o, k, pair, ctx))
		return -1;
	o->bare |= 1U << k->id;
	return 0;
}

/* "key=value,key=value", possibly empty as a whole */
static int nm_option_pairs(struct nm_option *o, char *list, struct nmctx *ctx)
{
	char *comma;

	if (!*list)
		return 0;
	for (;; list = comma + 1) {
		comma = strchr(list, ',');
		if (comma)
			*comma = '\0';
		if (nm_option_pair(o, list, ctx))
			return -1;
		if (!comma)
			return 0;
	}
}

/* "=value": the default key */
static int nm_option_default(struct nm_option *o, char *value,
			     struct nmctx *ctx)
{
	const struct nmreq_opt_parser *p = o->parser;
	const struct nmreq_opt_key *k = NULL;

	if (p->default_key >= 0)
		k = nm_key_by_id(p, p->default_key);
	if (!k)
		return nm_spec_fail(ctx, EINVAL, nm_option_at(o, value - 1),
			"option '%s' has no default key, write @%s:KEY=VALUE",
			p->prefix, p->prefix);
	return nm_option_set(o, k, value, ctx);
}

static int nm_option_body(struct nm_option *o, char *body, struct nmctx *ctx)
{
	const struct nmreq_opt_parser *p = o->parser;
	const struct nmreq_opt_key *k;
	int rv = 0;

	if (*body == '=')
		rv = nm_option_default(o, body + 1, ctx);
	else if (*body == ':')
		rv = nm_option_pairs(o, body + 1, ctx);
	else if (!(p->flags & NMREQ_OPTF_ALLOWEMPTY))
		rv = nm_spec_fail(ctx, EINVAL, nm_option_at(o, body),
			"option '%s' needs '%s=VALUE' or '%s:KEY=VALUE,...'",
			p->prefix, p->prefix, p->prefix);
	if (rv)
		return rv;
	nm_foreach_key(p, k)
		if ((k->flags & NMREQ_OPTK_MUSTSET) && !o->pub.keys[k->id])
			return nm_spec_fail(ctx, EINVAL, o->begin,
				"option '%s' needs a value for its key '%s'",
				p->prefix, k->key);
	return 0;
}

static const struct nmreq_opt_parser *nm_option_find(
	const struct nmreq_opt_parser *parsers, const char *name, size_t len,
	struct nmctx *ctx)
{
	const struct nmreq_opt_parser *p;
	char known[300] = "";

	for (p = parsers; p; p = p->next)
		if (strlen(p->prefix) == len && !memcmp(p->prefix, name, len))
			break;
	if (p && (p->flags & NMREQ_OPTF_DISABLED)) {
		nm_spec_fail(ctx, EOPNOTSUPP, name, "option '%s' is disabled in "
			"this program", p->prefix);
		return NULL;
	}
	if (p)
		return p;
	for (p = parsers; p; p = p->next)
		if (!(p->flags & NMREQ_OPTF_DISABLED))
			nm_list_add(known, sizeof(known), p->prefix);
	if (len)
		nm_spec_fail(ctx, EINVAL, name, "unknown option '%.*s'; known: "
			"%s", (int)(len > 64 ? 64 : len), name, known);
	else
		nm_spec_fail(ctx, EINVAL, name, "the name of an option is missing "
			"after '@'; known: %s", known);
	return NULL;
}

/* One option, from its name at @begin to @end. */
static int nm_option_decode(const char *begin, const char *end,
			    const struct nmreq_opt_parser *parsers,
			    void *token, struct nmctx *ctx)
{
	struct nm_option o = {
		.pub = { .ctx = ctx, .token = token },
		.begin = begin,
	};
	size_t name_len = 0;
	int rv, saved;

	while (begin + name_len < end && !strchr(":=", begin[name_len]))
		name_len++;
	o.parser = nm_option_find(parsers, begin, name_len, ctx);
	if (!o.parser)
		return -1;
	o.copy = nmctx_malloc(ctx, end - begin + 1);
	if (!o.copy)
		return nm_spec_fail(ctx, ENOMEM, begin, "no memory for option '%s'",
			o.parser->prefix);
	memcpy(o.copy, begin, end - begin);
	o.copy[end - begin] = '\0';

	rv = nm_option_body(&o, o.copy + name_len, ctx);
	if (!rv) {
		saved = errno;
		errno = 0;
		rv = o.parser->parse(&o.pub);
		if (!rv)
			errno = saved;
		else if (!errno)
			errno = EINVAL;
	}
	nmctx_free(ctx, o.copy);
	return rv ? -1 : 0;
}

/**
 * nmreq_options_decode - decode the options of a specification
 * @opt: empty, or starts with '@'
 * @parsers: linked list of the known options
 * @token: handed to the callbacks
 * @ctx: for memory and messages
 *
 * Options are handled from left to right; the effect of those before one that
 * fails stays.
 *
 * Return: 0; -1 with errno EINVAL for a syntax error, EOPNOTSUPP for a
 *	   disabled option, ENOMEM, or what a callback has set.
 */
int nmreq_options_decode(const char *opt, struct nmreq_opt_parser *parsers,
			 void *token, struct nmctx *ctx)
{
	const char *outer = nm_spec_enter(opt);
	const char *end;
	int rv = 0;

	for (; !rv && *opt; opt = end) {
		end = strchrnul(opt + 1, '@');
		if (*opt != '@')
			rv = nm_spec_fail(ctx, EINVAL, opt,
				"expected '@' and an option, not '%c'", *opt);
		else
			rv = nm_option_decode(opt + 1, end, parsers, token, ctx);
	}
	nm_spec_leave(outer);
	return rv;
}

/* Was key @id given without a value? */
bool nm_key_is_bare(const struct nmreq_parse_ctx *p, int id)
{
	return ((const struct nm_option *)p)->bare & (1U << id);
}

/* Fail because of the value of key @id. */
int nm_key_fail(struct nmreq_parse_ctx *p, int id, int err,
		const char *fmt, ...)
{
	struct nm_option *o = (struct nm_option *)p;
	const struct nmreq_opt_key *k = nm_key_by_id(o->parser, id);
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return nm_spec_fail(p->ctx, err, o->at[id] ? o->at[id] : o->begin,
		"key '%s' of option '%s': %s", k ? k->key : "?",
		o->parser->prefix, text);
}

static int nm_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Decimal or 0x hexadecimal, with k, M or G when @suffix: all of @s. */
static bool nm_number(const char *s, bool suffix, uint64_t *val)
{
	int base = s[0] == '0' && (s[1] | 0x20) == 'x' ? 16 : 10;
	uint64_t num = 0;
	int shift = 0;

	s += base == 16 ? 2 : 0;
	if (nm_digit(*s) >= base)
		return false;
	for (; nm_digit(*s) < base; s++)
		if (__builtin_mul_overflow(num, (uint64_t)base, &num) ||
		    __builtin_add_overflow(num, (uint64_t)nm_digit(*s), &num))
			return false;
	if (suffix && *s) {
		shift = *s == 'k' || *s == 'K' ? 10 : *s == 'M' ? 20 :
			*s == 'G' ? 30 : 0;
		s += shift ? 1 : 0;
	}
	if (*s || num > UINT64_MAX >> shift)
		return false;
	*val = num << shift;
	return true;
}

/*
 * The value of key @id as a number in @min..@max; *@val stays when the key is
 * not set.
 */
int nm_key_number(struct nmreq_parse_ctx *p, int id, uint64_t min,
		  uint64_t max, bool suffix, uint64_t *val)
{
	const char *s = p->keys[id];
	uint64_t num;

	if (!s)
		return 0;
	if (!nm_number(s, suffix, &num))
		return nm_key_fail(p, id, EINVAL, "'%.64s' is not a number%s", s,
			suffix ? " (decimal or 0x..., k, M or G may follow)" :
				 " (decimal or 0x...)");
	if (num < min || num > max)
		return nm_key_fail(p, id, EINVAL, "%s is out of range, %llu to "
			"%llu are possible", s, (unsigned long long)min,
			(unsigned long long)max);
	*val = num;
	return 0;
}
