/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A crew: processes that do the same work again and again on command.
 *
 * The controller forks the workers, each pinned to a CPU.  A worker sets up
 * once (opens its ports) and then sleeps; crew_go() lets all of them work,
 * crew_pause() puts all of them back to sleep.  While they sleep the CPUs are
 * free for the distance probe.  What they find they publish in shared memory.
 */
#ifndef NM_BENCH_CREW_H
#define NM_BENCH_CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CREW_MAX	8
#define CREW_FIGURES	4

enum crew_phase {
	CREW_STARTING,
	CREW_PAUSED,
	CREW_WORKING,
	CREW_LEAVING,
	CREW_FAILED,	/* error[] says why; the worker has exited */
};

/* One worker's page of the shared memory. */
struct crew_post {
	/* Written by the controller, read all the time by the worker. */
	_Alignas(128) _Atomic uint32_t order;	/* PAUSED, WORKING or LEAVING */
	/* Written by the worker, read by the controller now and then. */
	_Alignas(128) _Atomic uint32_t phase;
	_Atomic uint64_t count;		/* frames since the worker started */
	double figures[CREW_FIGURES];	/* valid while PAUSED */
	char remark[120];		/* valid while PAUSED; free text */
	char error[200];
};

struct crew_worker {
	struct crew_post *post;
	const void *arg;
	void *state;		/* the worker's own */
};

struct crew_job {
	/* Set up; 0, or -1 with crew_fail() called. */
	int (*open)(struct crew_worker *w);
	/* Work until crew_is_over(); 0, or -1 with crew_fail() called. */
	int (*work)(struct crew_worker *w);
	/* Called after each work, before the pause; may be NULL. */
	void (*check)(struct crew_worker *w);
	/* Undo open; may be NULL. */
	void (*close)(struct crew_worker *w);
	const void *arg;
	unsigned int cpu;
};

struct crew {
	unsigned int n;
	pid_t pid[CREW_MAX];
	struct crew_post *posts;
	char error[240];	/* of the last call that failed */
};

/**
 * crew_start - fork the workers and wait until each is set up
 * @jobs: one per worker, in the order in which they are set up
 * @n:    1..CREW_MAX
 *
 * Return: 0; -1 with crew->error.  Call crew_stop() in either case.
 */
int crew_start(struct crew *crew, const struct crew_job *jobs, unsigned int n);

/** crew_go - all workers start to work */
void crew_go(struct crew *crew);

/**
 * crew_pause - all workers stop; returns when they sleep
 * Return: 0; -1 with crew->error when one failed or did not stop in 10 s.
 */
int crew_pause(struct crew *crew);

/** crew_stop - the workers leave, by force if they do not within 5 s */
void crew_stop(struct crew *crew);

/* For the worker. */
static inline bool crew_is_over(const struct crew_worker *w)
{
	return atomic_load_explicit(&w->post->order, memory_order_relaxed) !=
	       CREW_WORKING;
}

static inline void crew_publish(struct crew_worker *w, uint64_t count)
{
	atomic_store_explicit(&w->post->count, count, memory_order_relaxed);
}

/** crew_doze - sleep, without ever waking up, until crew_is_over() */
void crew_doze(struct crew_worker *w);

/** crew_fail - leave a sentence for the controller; always -1 */
int crew_fail(struct crew_worker *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* NM_BENCH_CREW_H */
