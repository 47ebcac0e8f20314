/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The JSON writer: commas, indentation and escapes, nothing else.
 *
 * No state is needed beyond the depth and whether the innermost container has
 * a member yet: a container that was just closed is itself a member of the one
 * around it.
 */
#include <math.h>

#include "bench/json.h"

static void put_text(struct json *j, const char *s)
{
	fputc('"', j->f);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(j->f, "\\%c", c);
		else if (c < 0x20)
			fprintf(j->f, "\\u%04x", c);
		else
			fputc(c, j->f);
	}
	fputc('"', j->f);
}

static void new_line(struct json *j)
{
	if (j->one_line)
		return;
	fputc('\n', j->f);
	for (unsigned int i = 0; i < j->depth; i++)
		fputs("  ", j->f);
}

static void start_member(struct json *j, const char *key)
{
	if (j->depth) {
		if (j->has_member)
			fputc(',', j->f);
		new_line(j);
	}
	if (key) {
		put_text(j, key);
		fputs(": ", j->f);
	}
	j->has_member = true;
}

static void open_container(struct json *j, const char *key, char bracket)
{
	start_member(j, key);
	fputc(bracket, j->f);
	j->depth++;
	j->has_member = false;
}

static void close_container(struct json *j, char bracket)
{
	j->depth--;
	if (j->has_member)
		new_line(j);
	fputc(bracket, j->f);
	if (!j->depth)
		fputc('\n', j->f);
	j->has_member = true;
}

void json_open_object(struct json *j, const char *key)
{
	open_container(j, key, '{');
}

void json_close_object(struct json *j)
{
	close_container(j, '}');
}

void json_open_array(struct json *j, const char *key)
{
	open_container(j, key, '[');
}

void json_close_array(struct json *j)
{
	close_container(j, ']');
}

void json_string(struct json *j, const char *key, const char *value)
{
	start_member(j, key);
	put_text(j, value);
}

void json_integer(struct json *j, const char *key, int64_t value)
{
	start_member(j, key);
	fprintf(j->f, "%lld", (long long)value);
}

void json_number(struct json *j, const char *key, double value)
{
	start_member(j, key);
	if (isfinite(value))
		fprintf(j->f, "%.6g", value);
	else
		fputs("null", j->f);
}

void json_raw(struct json *j, const char *key, const char *text)
{
	start_member(j, key);
	fputs(text, j->f);
}
