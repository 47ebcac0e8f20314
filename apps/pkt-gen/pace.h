/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pace: send no faster than asked.
 *
 * The schedule is absolute: a burst is due every period, counted from the
 * start; a sender that is late catches up.  Bursts are small enough for 300 of
 * them per second where the rate allows.
 */
#ifndef NM_PKTGEN_PACE_H
#define NM_PKTGEN_PACE_H

#include "apps/pkt-gen/worker.h"

#define PACE_BURSTS_PER_SEC	300

/**
 * struct pace - the schedule of one sender
 * @period_ns: time between two bursts; 0: no limit
 * @next_ns: monotonic time when the next burst is due
 * @burst: packets per burst
 * @left: packets of this burst not sent yet
 */
struct pace {
	uint64_t period_ns;
	uint64_t next_ns;
	unsigned int burst;
	unsigned int left;
};

/* pace_rate - packets per second of one worker; 0: no limit */
uint64_t pace_rate(const struct worker *w);

/* pace_burst - packets per burst under a rate, from 1 to @burst */
unsigned int pace_burst(uint64_t rate, unsigned int burst);

/**
 * pace_start - plan, and wait for the whole second in which to start
 * @p: written from scratch
 * @w: the worker
 *
 * With a rate, sending starts at the next whole second of the wall clock that
 * is at least two seconds away, so that several senders start together.
 */
void pace_start(struct pace *p, struct worker *w);

/* pace_wait - wait until another packet may go, unless asked to stop */
void pace_wait(struct pace *p, struct worker *w);

/**
 * pace_allowed - how many packets may go now
 * @p: the schedule
 * @want: how many there are
 */
static inline unsigned int pace_allowed(const struct pace *p, unsigned int want)
{
	return p->period_ns && p->left < want ? p->left : want;
}

/* pace_spent - so many have gone */
static inline void pace_spent(struct pace *p, unsigned int n)
{
	if (p->period_ns)
		p->left -= n;
}

#endif /* NM_PKTGEN_PACE_H */
