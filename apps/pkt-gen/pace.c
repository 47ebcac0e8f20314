/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pace: send no faster than asked.
 */
#include "apps/pkt-gen/pace.h"

uint64_t pace_rate(const struct worker *w)
{
	const struct options *o = w->run->o;

	if (!o->rate_total)
		return o->rate;
	/* the remainder goes to the first ones */
	return o->rate_total / o->threads +
		(w->index < o->rate_total % o->threads);
}

unsigned int pace_burst(uint64_t rate, unsigned int burst)
{
	uint64_t most = rate / PACE_BURSTS_PER_SEC;

	if (most < 1)
		most = 1;
	return most < burst ? (unsigned int)most : burst;
}

/* Monotonic time of the next whole second at least two seconds away. */
static uint64_t common_start(void)
{
	uint64_t real = clock_read_ns(CLOCK_REALTIME);
	uint64_t mono = clock_read_ns(CLOCK_MONOTONIC);
	uint64_t start = (real + 3 * NS_PER_SEC - 1) / NS_PER_SEC * NS_PER_SEC;

	return mono + (start - real);
}

void pace_start(struct pace *p, struct worker *w)
{
	uint64_t rate = pace_rate(w);

	*p = (struct pace){ .burst = w->run->o->burst };
	if (!rate)
		return;
	p->burst = pace_burst(rate, p->burst);
	p->period_ns = (uint64_t)p->burst * NS_PER_SEC / rate;
	if (!p->period_ns)
		p->period_ns = 1;
	D("Sending %u packets every  %llu.%09llu s", p->burst,
		(unsigned long long)(p->period_ns / NS_PER_SEC),
		(unsigned long long)(p->period_ns % NS_PER_SEC));
	p->next_ns = common_start();
	worker_sleep_until(w, p->next_ns);
	p->left = p->burst;
}

void pace_wait(struct pace *p, struct worker *w)
{
	if (!p->period_ns || p->left)
		return;
	p->next_ns += p->period_ns;
	worker_sleep_until(w, p->next_ns);
	p->left = p->burst;
}
