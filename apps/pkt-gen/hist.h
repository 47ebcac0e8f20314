/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hist: distribution of 64-bit values, with percentiles.
 *
 * Buckets are log-linear: each power of two is cut into HIST_SUB equal parts,
 * so a percentile is off by at most 1/HIST_SUB (3 %) of its value, over the
 * whole range of 64 bits and in a fixed 15 KiB.  Values below HIST_SUB are
 * exact.
 *
 * One thread adds.  Another may look at the same time and sees each bucket
 * either before or after an addition, and the buckets not at one instant: good
 * for a progress report.
 */
#ifndef NM_PKTGEN_HIST_H
#define NM_PKTGEN_HIST_H

#include <stdint.h>

#define HIST_SUB_BITS	5
#define HIST_SUB	(1U << HIST_SUB_BITS)
#define HIST_BUCKETS	((64 - HIST_SUB_BITS + 1) * HIST_SUB)

/**
 * struct hist - the distribution
 * @count: values added
 * @sum: their sum, modulo 2^64
 * @min: smallest; UINT64_MAX when there is none
 * @max: largest; 0 when there is none
 * @bucket: values per bucket
 */
struct hist {
	uint64_t count;
	uint64_t sum;
	uint64_t min;
	uint64_t max;
	uint64_t bucket[HIST_BUCKETS];
};

/* hist_init - no values */
void hist_init(struct hist *h);

/* hist_add - add one value; one thread at a time */
void hist_add(struct hist *h, uint64_t value);

/* hist_merge - add all values of @from to @to */
void hist_merge(struct hist *to, const struct hist *from);

/**
 * hist_since - the values added between two looks
 * @out: written; its min and max are bounds of buckets, unless nothing was
 *	there before
 * @now: the later look
 * @before: the earlier look
 */
void hist_since(struct hist *out, const struct hist *now,
		const struct hist *before);

/**
 * hist_percentile - the value that a share of all values does not exceed
 * @h: the distribution
 * @percent: 0 to 100
 *
 * Return: upper bound of the bucket in question, within [min, max]; 0 when
 *	the distribution is empty.
 */
uint64_t hist_percentile(const struct hist *h, double percent);

/* hist_mean - average; 0 when empty */
double hist_mean(const struct hist *h);

/**
 * hist_octaves - values per power of two
 * @h: the distribution
 * @octave: out: [k] values in [2^k, 2^(k+1)), [0] also those that are 0
 */
void hist_octaves(const struct hist *h, uint64_t octave[64]);

#endif /* NM_PKTGEN_HIST_H */
