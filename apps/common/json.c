/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json: write one JSON document to a stream, as it comes.
 *
 * The stack of open containers remembers for each whether a comma is due.
 * Texts are escaped byte by byte: quotes, backslashes and control characters
 * as JSON asks, and sequences that are not UTF-8 (an interface name may hold
 * any byte) as the replacement character.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "apps/common/json.h"

static void put_escaped(FILE *f, const char *s);

static void put_key(struct json *j, const char *key)
{
	if (j->depth) {
		if (j->filled[j->depth - 1])
			fputc(',', j->f);
		j->filled[j->depth - 1] = true;
		if (j->depth <= 2)
			fprintf(j->f, "\n%*s", (int)j->depth * 2, "");
		else
			fputc(' ', j->f);
	}
	if (key) {
		put_escaped(j->f, key);
		fputs(": ", j->f);
	}
}

/* Bytes in the UTF-8 sequence at s, 0 when it is not one. */
static unsigned int utf8_length(const unsigned char *s)
{
	unsigned int n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 :
		s[0] >= 0xe0 && s[0] < 0xf0 ? 3 :
		s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;
	unsigned int i;

	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates, and what is above U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void put_escaped(FILE *f, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	fputc('"', f);
	while (*p) {
		unsigned int n = utf8_length(p);

		if (!n) {
			fputs("\\ufffd", f);
			n = 1;
		} else if (*p < 0x20 || *p == 0x7f) {
			fprintf(f, "\\u%04x", *p);
		} else {
			if (*p == '"' || *p == '\\')
				fputc('\\', f);
			fwrite(p, 1, n, f);
		}
		p += n;
	}
	fputc('"', f);
}

void json_start(struct json *j, FILE *f)
{
	memset(j, 0, sizeof(*j));
	j->f = f;
}

static void open_container(struct json *j, const char *key, char open,
		char close)
{
	put_key(j, key);
	fputc(open, j->f);
	j->close[j->depth] = close;
	j->filled[j->depth] = false;
	j->depth++;
}

void json_object(struct json *j, const char *key)
{
	open_container(j, key, '{', '}');
}

void json_array(struct json *j, const char *key)
{
	open_container(j, key, '[', ']');
}

void json_end(struct json *j)
{
	j->depth--;
	if (j->filled[j->depth] && j->depth < 2)
		fprintf(j->f, "\n%*s", (int)j->depth * 2, "");
	fputc(j->close[j->depth], j->f);
	if (!j->depth) {
		fputc('\n', j->f);
		fflush(j->f);
	}
}

void json_string(struct json *j, const char *key, const char *value)
{
	put_key(j, key);
	put_escaped(j->f, value);
}

void json_u64(struct json *j, const char *key, uint64_t value)
{
	put_key(j, key);
	fprintf(j->f, "%" PRIu64, value);
}

void json_double(struct json *j, const char *key, double value)
{
	put_key(j, key);
	if (isfinite(value))
		fprintf(j->f, "%.9g", value);
	else
		fputs("null", j->f);
}

void json_number(struct json *j, const char *key, const char *text)
{
	put_key(j, key);
	fputs(text, j->f);
}

void json_bool(struct json *j, const char *key, bool value)
{
	put_key(j, key);
	fputs(value ? "true" : "false", j->f);
}
