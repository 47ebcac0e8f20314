/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * numbers: numbers as people write them and as they want to read them.
 *
 * A number is split into digits, fraction and suffix; the suffix selects a
 * multiplier, and the product must be whole.  Fractions are kept as integers
 * (14.88M is 14 M plus 88 M / 100): no floating point, so no surprises with
 * large counts.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "apps/common/numbers.h"

#define MAX_FRACTION_DIGITS	12

struct suffix {
	const char *text;
	uint64_t factor;
};

static const struct suffix count_suffixes[] = {
	{ "", 1 },
	{ "k", 1000 },
	{ "K", 1000 },
	{ "M", 1000000 },
	{ "G", 1000000000 },
	{ "T", 1000000000000 },
	{ NULL, 0 },
};

/* The entry without text stands for the unit of the caller. */
static const struct suffix time_suffixes[] = {
	{ "", 0 },
	{ "ns", 1 },
	{ "us", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", 60000000000 },
	{ "h", 3600000000000 },
	{ NULL, 0 },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Append decimal digits to *value and count them; stops at anything else. */
static int parse_digits(const char **ps, unsigned int max_digits,
		uint64_t *value, unsigned int *n_digits)
{
	const char *s = *ps;
	unsigned int n = 0;

	for (; is_digit(*s); s++, n++) {
		if (n == max_digits ||
		    __builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(*s - '0'), value))
			return -ERANGE;
	}
	*ps = s;
	*n_digits = n;
	return 0;
}

static const struct suffix *find_suffix(const struct suffix *table,
		const char *s)
{
	for (; table->text; table++)
		if (!strcmp(table->text, s))
			return table;
	return NULL;
}

/* fraction / 10^digits * factor, if that is whole. */
static int scale_fraction(uint64_t fraction, unsigned int digits,
		uint64_t factor, uint64_t *out)
{
	uint64_t scale = 1;
	__uint128_t product = (__uint128_t)fraction * factor;

	while (digits--)
		scale *= 10;
	if (product % scale)
		return -EINVAL;
	*out = (uint64_t)(product / scale);
	return 0;
}

static int parse_scaled(const char *s, const struct suffix *table,
		uint64_t plain_factor, uint64_t *out)
{
	uint64_t whole = 0, fraction = 0, part, value;
	unsigned int n_whole, n_fraction = 0;
	const struct suffix *suffix;
	uint64_t factor;
	int err;

	err = parse_digits(&s, 20, &whole, &n_whole);
	if (err)
		return err;
	if (*s == '.') {
		s++;
		err = parse_digits(&s, MAX_FRACTION_DIGITS, &fraction,
				&n_fraction);
		if (err || !n_fraction)
			return -EINVAL;
	}
	suffix = find_suffix(table, s);
	if (!n_whole || !suffix)
		return -EINVAL;
	factor = suffix->text[0] ? suffix->factor : plain_factor;
	err = scale_fraction(fraction, n_fraction, factor, &part);
	if (err)
		return err;
	if (__builtin_mul_overflow(whole, factor, &value) ||
	    __builtin_add_overflow(value, part, &value))
		return -ERANGE;
	*out = value;
	return 0;
}

int num_parse(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	uint64_t value;
	int err = parse_scaled(s, count_suffixes, 1, &value);

	if (err)
		return err;
	if (value < min || value > max)
		return -ERANGE;
	*out = value;
	return 0;
}

int num_parse_duration(const char *s, uint64_t unit_ns, uint64_t max_ns,
		uint64_t *ns)
{
	uint64_t value;
	int err = parse_scaled(s, time_suffixes, unit_ns, &value);

	if (err)
		return err;
	if (value > max_ns)
		return -ERANGE;
	*ns = value;
	return 0;
}

static int parse_cpu(const char **ps, unsigned int *cpu)
{
	uint64_t value = 0;
	unsigned int n;

	if (parse_digits(ps, 6, &value, &n) || value > 65535)
		return -ERANGE;
	if (!n)
		return -EINVAL;
	*cpu = (unsigned int)value;
	return 0;
}

int num_parse_cpus(const char *s, unsigned int *cpus, unsigned int max)
{
	unsigned int n = 0;

	for (;;) {
		unsigned int first, last;
		int err = parse_cpu(&s, &first);

		last = first;
		if (!err && *s == '-') {
			s++;
			err = parse_cpu(&s, &last);
		}
		if (err)
			return err;
		if (last < first)
			return -EINVAL;
		for (; first <= last; first++) {
			if (n == max)
				return -ERANGE;
			cpus[n++] = first;
		}
		if (!*s)
			return (int)n;
		if (*s++ != ',')
			return -EINVAL;
	}
}

char *num_normalise(char *buf, size_t size, double value, const char *unit,
		bool raw)
{
	static const char *const factor[] = { "", "K", "M", "G", "T" };
	unsigned int i = 0;

	if (raw) {
		snprintf(buf, size, "%.0f %s", value, unit);
		return buf;
	}
	while (value >= 1000 && i < sizeof(factor) / sizeof(factor[0]) - 1) {
		value /= 1000;
		i++;
	}
	snprintf(buf, size, "%.3f %s%s", value, factor[i], unit);
	return buf;
}

const char *num_error(int err)
{
	return err == -ERANGE ? "is out of range" : "is not a valid number";
}
