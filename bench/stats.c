/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Order statistics.  No means: one preempted sample would move them.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/stats.h"

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct spread stats_spread(const double *values, size_t n)
{
	double sorted[n];

	memcpy(sorted, values, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), by_value);
	return (struct spread){
		.min = sorted[0],
		.median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2,
		.max = sorted[n - 1],
	};
}

/*
 * Values below 32 have a bucket each; above, the bucket is the exponent and
 * the five bits below the leading one.
 */
static unsigned int bucket_of(uint64_t value)
{
	unsigned int shift;

	if (value < (1u << HISTOGRAM_SUB_BITS))
		return (unsigned int)value;
	shift = 63 - (unsigned int)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
	return (shift << HISTOGRAM_SUB_BITS) + (unsigned int)(value >> shift);
}

static double middle_of(unsigned int bucket)
{
	unsigned int shift, sub;

	if (bucket < (2u << HISTOGRAM_SUB_BITS))
		return bucket;
	shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
	sub = bucket - (shift << HISTOGRAM_SUB_BITS);
	return ((double)sub + 0.5) * (double)(1ull << shift);
}

void histogram_add(struct histogram *h, uint64_t value)
{
	h->count[bucket_of(value)]++;
	h->n++;
}

double histogram_percentile(const struct histogram *h, double percent)
{
	double want = (double)h->n * percent / 100;
	uint64_t seen = 0;

	for (unsigned int b = 0; b < HISTOGRAM_BUCKETS; b++) {
		seen += h->count[b];
		if (seen && (double)seen >= want)
			return middle_of(b);
	}
	return 0;
}
