/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json: write one JSON document to a stream, as it comes.
 *
 * Containers are opened and closed; commas, quotes and escapes are put in
 * here, so the caller cannot get them wrong.  Inside an array the key is NULL.
 */
#ifndef NM_APPS_JSON_H
#define NM_APPS_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_MAX_DEPTH	16

/**
 * struct json - a document being written
 * @f: where to; stays the caller's
 * @depth: containers open now
 * @close: for each, the character that ends it
 * @filled: for each, whether it has a member already
 */
struct json {
	FILE *f;
	unsigned int depth;
	char close[JSON_MAX_DEPTH];
	bool filled[JSON_MAX_DEPTH];
};

/**
 * json_start - begin a document; it consists of what is added from here on
 * @j: written from scratch
 * @f: stream
 */
void json_start(struct json *j, FILE *f);

/**
 * json_object - open an object inside what is open now
 * @j: the document
 * @key: name of the member; NULL in an array and for the outermost value
 */
void json_object(struct json *j, const char *key);

/**
 * json_array - open an array inside what is open now
 * @j: the document
 * @key: as for json_object()
 */
void json_array(struct json *j, const char *key);

/**
 * json_end - close the innermost container; a new line after the outermost
 * @j: the document
 */
void json_end(struct json *j);

/* json_string - add a text; bytes that are not UTF-8 become U+FFFD */
void json_string(struct json *j, const char *key, const char *value);
/* json_u64 - add a number that is not negative */
void json_u64(struct json *j, const char *key, uint64_t value);
/* json_double - add a number; one that JSON cannot express becomes null */
void json_double(struct json *j, const char *key, double value);
/* json_number - add a number given as text, which must be one for JSON too */
void json_number(struct json *j, const char *key, const char *text);
/* json_bool - add true or false */
void json_bool(struct json *j, const char *key, bool value);

#endif /* NM_APPS_JSON_H */
