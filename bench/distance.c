/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The distance between two CPUs, measured now.
 *
 * In a virtual machine the host moves virtual CPUs between cores whenever it
 * likes.  Whatever two programs on two CPUs do, it costs three to five times
 * more when the cores do not share a cache, so a figure without the distance
 * at that moment says nothing.  The guest cannot see the topology; it can
 * time one cache line that goes back and forth.
 *
 * Two pinned threads hand over one word: the caller's side writes odd values,
 * the other answers with the next even one.  1000 round trips make a burst,
 * 40 bursts a probe.  The fastest burst is the answer, so a preemption, which
 * only makes some bursts slow, does not matter.  If the middle burst is of
 * another class than the fastest, the CPUs moved during the probe.
 *
 * The values met in practice lie far from the limits: 24 ns, 45-60 ns and
 * 200-290 ns.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "bench/clock.h"
#include "bench/distance.h"

#define BURSTS		40
#define TRIPS		1000
#define SMT_BELOW_NS	35.0
#define NEAR_BELOW_NS	120.0

/* The word alone on its pair of lines: neighbours are prefetched together. */
struct court {
	_Alignas(128) _Atomic uint32_t ball;
	_Alignas(128) _Atomic bool ready;
	_Atomic bool abandoned;
	unsigned int cpu;
	int error;
	double burst_ns[BURSTS];
};

static int pin_self(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return -pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static void *return_balls(void *arg)
{
	struct court *c = arg;
	uint32_t expect = 1;

	c->error = pin_self(c->cpu);
	atomic_store(&c->ready, true);
	while (!c->error && expect < 2 * BURSTS * TRIPS) {
		uint32_t ball = atomic_load_explicit(&c->ball, memory_order_acquire);

		if (ball == expect) {
			atomic_store_explicit(&c->ball, expect + 1, memory_order_release);
			expect += 2;
		} else if (atomic_load_explicit(&c->abandoned, memory_order_relaxed)) {
			break;
		}
	}
	return NULL;
}

static void serve_bursts(struct court *c)
{
	uint32_t ball = 1;

	for (int b = 0; b < BURSTS; b++) {
		uint64_t start = clock_ns();

		for (int i = 0; i < TRIPS; i++, ball += 2) {
			atomic_store_explicit(&c->ball, ball, memory_order_release);
			while (atomic_load_explicit(&c->ball, memory_order_acquire) != ball + 1)
				;
		}
		c->burst_ns[b] = (clock_ns() - start) / (2.0 * TRIPS);
	}
}

struct server_arg {
	struct court *court;
	unsigned int cpu;
	int error;
};

static void *serve(void *arg)
{
	struct server_arg *s = arg;

	s->error = pin_self(s->cpu);
	while (!atomic_load(&s->court->ready))
		sched_yield();
	if (s->error || s->court->error)
		atomic_store(&s->court->abandoned, true);
	else
		serve_bursts(s->court);
	return NULL;
}

static int run_game(struct court *c, unsigned int cpu_a)
{
	struct server_arg s = { .court = c, .cpu = cpu_a };
	pthread_t a, b;
	int error;

	error = pthread_create(&b, NULL, return_balls, c);
	if (error)
		return -error;
	error = pthread_create(&a, NULL, serve, &s);
	if (error)
		atomic_store(&c->abandoned, true);
	else
		pthread_join(a, NULL);
	pthread_join(b, NULL);
	if (error)
		return -error;
	return s.error ? s.error : c->error;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static enum distance_class class_of(double hop_ns)
{
	if (hop_ns < SMT_BELOW_NS)
		return DISTANCE_SMT;
	return hop_ns < NEAR_BELOW_NS ? DISTANCE_NEAR : DISTANCE_FAR;
}

int distance_probe(unsigned int cpu_a, unsigned int cpu_b, struct distance *out)
{
	struct court *c;
	int error;

	*out = (struct distance){ .class = DISTANCE_NONE };
	if (cpu_a == cpu_b)
		return 0;
	c = aligned_alloc(_Alignof(struct court), sizeof(*c));
	if (!c)
		return -ENOMEM;
	*c = (struct court){ .cpu = cpu_b };
	error = run_game(c, cpu_a);
	if (!error) {
		qsort(c->burst_ns, BURSTS, sizeof(c->burst_ns[0]), by_value);
		out->hop_ns = c->burst_ns[0];
		out->class = class_of(out->hop_ns);
		if (class_of(c->burst_ns[BURSTS / 2]) != out->class)
			out->class = DISTANCE_MIXED;
	}
	free(c);
	return error;
}

enum distance_class distance_of_pair(const struct distance *before,
				     const struct distance *after)
{
	return before->class == after->class ? before->class : DISTANCE_MIXED;
}

const char *distance_name(enum distance_class class)
{
	static const char *const name[DISTANCE_N_CLASSES] = {
		[DISTANCE_SMT] = "smt",
		[DISTANCE_NEAR] = "near",
		[DISTANCE_FAR] = "far",
		[DISTANCE_MIXED] = "mixed",
		[DISTANCE_NONE] = "-",
	};

	return name[class];
}
