/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * numbers: numbers as people write them and as they want to read them.
 *
 * In: "60", "14.88M", "500ms".  Strict: the whole word must be a number, and
 * must come out as a whole number of units.  Out: "14.881 Mpps", or
 * "14880952 pps" for programs that read our output.
 */
#ifndef NM_APPS_NUMBERS_H
#define NM_APPS_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * num_parse - a count with an optional factor
 * @s: decimal digits, perhaps a fraction, perhaps one of k K M G T (powers
 *	of 1000)
 * @min: smallest value allowed
 * @max: largest value allowed
 * @out: the value; untouched on error
 *
 * Return: 0; -EINVAL when @s is not such a number or not a whole one; -ERANGE
 *	when it is not in [@min, @max].
 */
int num_parse(const char *s, uint64_t min, uint64_t max, uint64_t *out);

/**
 * num_parse_duration - a time
 * @s: as for num_parse(), but with ns, us, ms, s, m or h as suffix
 * @unit_ns: what a number without suffix counts, in nanoseconds
 * @max_ns: largest value allowed, nanoseconds
 * @ns: the value in nanoseconds; untouched on error
 *
 * Return: 0; -EINVAL; -ERANGE.
 */
int num_parse_duration(const char *s, uint64_t unit_ns, uint64_t max_ns,
		uint64_t *ns);

/**
 * num_parse_cpus - a list of processors, "2-5,8"
 * @s: numbers and ranges, separated by commas
 * @cpus: out: the processors in the order given
 * @max: room in @cpus
 *
 * Return: how many (1 to @max); -EINVAL when malformed; -ERANGE when there
 *	are too many or one is above 65535.
 */
int num_parse_cpus(const char *s, unsigned int *cpus, unsigned int max);

/**
 * num_normalise - a value with a factor of 1000 and a unit
 * @buf: out: "14.881 Mpps", with @raw "14880952 pps"
 * @size: room in @buf
 * @value: not negative
 * @unit: text that follows the factor
 * @raw: no factor
 *
 * Return: @buf.
 */
char *num_normalise(char *buf, size_t size, double value, const char *unit,
		bool raw);

/**
 * num_error - why a number was refused, for a message
 * @err: -EINVAL or -ERANGE
 * Return: "is not a valid number" or "is out of range".
 */
const char *num_error(int err);

#endif /* NM_APPS_NUMBERS_H */
