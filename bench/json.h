/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A writer of JSON: one document, in order, to a stream.
 *
 * A key is NULL for the members of an array and for the document itself.
 */
#ifndef NM_BENCH_JSON_H
#define NM_BENCH_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *f;
	unsigned int depth;	/* open objects and arrays */
	bool has_member;	/* the innermost one is not empty */
	bool one_line;		/* no line breaks: for files of one row a line */
};

void json_open_object(struct json *j, const char *key);
void json_close_object(struct json *j);
void json_open_array(struct json *j, const char *key);
void json_close_array(struct json *j);
void json_string(struct json *j, const char *key, const char *value);
void json_integer(struct json *j, const char *key, int64_t value);
/* A value that is not finite is written as null. */
void json_number(struct json *j, const char *key, double value);
/* @text is JSON already. */
void json_raw(struct json *j, const char *key, const char *text);

#endif /* NM_BENCH_JSON_H */
