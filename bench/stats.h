/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NM_BENCH_STATS_H
#define NM_BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>

struct spread {
	double min, median, max;	/* of an even number: mean of the middle two */
};

/**
 * stats_spread - smallest, middle and largest of some values
 * @values: not changed
 * @n: 1..4096
 */
struct spread stats_spread(const double *values, size_t n);

/*
 * Many durations in little room: 32 buckets per power of two, so a percentile
 * is right within 3.2 %.  All zero is empty.
 */
#define HISTOGRAM_SUB_BITS	5
#define HISTOGRAM_BUCKETS	((64 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS)

struct histogram {
	uint64_t n;
	uint64_t count[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t value);

/**
 * histogram_percentile - the value that @percent of the entries do not exceed
 * @percent: 0 < @percent <= 100
 * Return: the middle of its bucket; 0 when empty.
 */
double histogram_percentile(const struct histogram *h, double percent);

#endif /* NM_BENCH_STATS_H */
