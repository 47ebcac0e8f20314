/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loss: how many stamped packets did not arrive.
 *
 * All rx threads account for all senders, because a sender's packets may come
 * to any ring.  A sender numbers its packets one by one, so between the lowest
 * and the highest number seen, what is missing was lost; what was lost before
 * the first or after the last packet seen is not known.
 */
#ifndef NM_PKTGEN_LOSS_H
#define NM_PKTGEN_LOSS_H

#include "apps/pkt-gen/worker.h"

/* loss_merge - what all workers have seen of one sender */
static inline struct stream loss_merge(const struct run *run,
		unsigned int sender)
{
	struct stream sum = { 0 };
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		const struct stream *s = &run->worker[i].streams[sender];

		if (!s->count)
			continue;
		if (!sum.count || s->first < sum.first)
			sum.first = s->first;
		if (!sum.count || s->last > sum.last)
			sum.last = s->last;
		sum.count += s->count;
	}
	return sum;
}

/* loss_expected - packets from the first seen to the last seen */
static inline uint64_t loss_expected(const struct stream *s)
{
	return s->count ? (uint64_t)s->last - s->first + 1 : 0;
}

/* loss_lost - those that are missing; duplicates can hide some */
static inline uint64_t loss_lost(const struct stream *s)
{
	uint64_t expected = loss_expected(s);

	return expected > s->count ? expected - s->count : 0;
}

#endif /* NM_PKTGEN_LOSS_H */
