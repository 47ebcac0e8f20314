/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hist: distribution of 64-bit values, with percentiles.
 *
 * A value v >= HIST_SUB with its highest bit at position k falls into bucket
 * (k - SUB_BITS + 1) * SUB + the SUB_BITS bits below the highest one.  Smaller
 * values are their own bucket.  Both rules meet without gap at HIST_SUB.
 */
#include <math.h>
#include <string.h>

#include "apps/pkt-gen/hist.h"

static unsigned int bucket_of(uint64_t v)
{
	unsigned int k, shift;

	if (v < HIST_SUB)
		return (unsigned int)v;
	k = 63 - (unsigned int)__builtin_clzll(v);
	shift = k - HIST_SUB_BITS;
	return (shift + 1) * HIST_SUB + (unsigned int)((v >> shift) - HIST_SUB);
}

static uint64_t bucket_low(unsigned int b)
{
	unsigned int shift;

	if (b < HIST_SUB)
		return b;
	shift = b / HIST_SUB - 1;
	return (uint64_t)(HIST_SUB + b % HIST_SUB) << shift;
}

/* Largest value of a bucket. */
static uint64_t bucket_high(unsigned int b)
{
	return b + 1 < HIST_BUCKETS ? bucket_low(b + 1) - 1 : UINT64_MAX;
}

/* One writer: a plain addition whose result another thread may read. */
static void bump(uint64_t *counter, uint64_t by)
{
	__atomic_store_n(counter, *counter + by, __ATOMIC_RELAXED);
}

static uint64_t look(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

void hist_init(struct hist *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

void hist_add(struct hist *h, uint64_t value)
{
	bump(&h->bucket[bucket_of(value)], 1);
	bump(&h->sum, value);
	bump(&h->count, 1);
	if (value < h->min)
		__atomic_store_n(&h->min, value, __ATOMIC_RELAXED);
	if (value > h->max)
		__atomic_store_n(&h->max, value, __ATOMIC_RELAXED);
}

void hist_merge(struct hist *to, const struct hist *from)
{
	uint64_t min = look(&from->min), max = look(&from->max);
	unsigned int i;

	for (i = 0; i < HIST_BUCKETS; i++)
		to->bucket[i] += look(&from->bucket[i]);
	to->count += look(&from->count);
	to->sum += look(&from->sum);
	if (min < to->min)
		to->min = min;
	if (max > to->max)
		to->max = max;
}

void hist_since(struct hist *out, const struct hist *now,
		const struct hist *before)
{
	unsigned int i;

	hist_init(out);
	if (!before->count) {
		*out = *now;
		return;
	}
	for (i = 0; i < HIST_BUCKETS; i++) {
		out->bucket[i] = now->bucket[i] - before->bucket[i];
		if (!out->bucket[i])
			continue;
		if (out->min == UINT64_MAX)
			out->min = bucket_low(i);
		out->max = bucket_high(i);
	}
	if (out->max > now->max)
		out->max = now->max;
	out->count = now->count - before->count;
	out->sum = now->sum - before->sum;
}

uint64_t hist_percentile(const struct hist *h, double percent)
{
	uint64_t total = 0, seen = 0, rank, value = 0;
	unsigned int i;

	/* not h->count: the buckets may be a moment ahead of it */
	for (i = 0; i < HIST_BUCKETS; i++)
		total += h->bucket[i];
	if (!total)
		return 0;
	rank = (uint64_t)ceil((double)total * percent / 100);
	if (rank < 1)
		rank = 1;
	if (rank > total)
		rank = total;
	for (i = 0; i < HIST_BUCKETS && seen < rank; i++) {
		seen += h->bucket[i];
		value = bucket_high(i);
	}
	if (value > h->max)
		value = h->max;
	return value < h->min ? h->min : value;
}

double hist_mean(const struct hist *h)
{
	return h->count ? (double)h->sum / (double)h->count : 0;
}

void hist_octaves(const struct hist *h, uint64_t octave[64])
{
	unsigned int i;

	memset(octave, 0, 64 * sizeof(octave[0]));
	for (i = 0; i < HIST_BUCKETS; i++) {
		uint64_t low = bucket_low(i);

		octave[low ? 63 - __builtin_clzll(low) : 0] += h->bucket[i];
	}
}
