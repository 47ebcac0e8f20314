/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crew: the two processes that exchange packets, and how they are led.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/common/clock.h"
#include "apps/common/complain.h"
#include "apps/demo/link.h"
#include "apps/demo/replay.h"
#include "apps/demo/speed.h"

#define NAP_US	1000

volatile sig_atomic_t stop_asked;

static int work_on(struct board *b, enum job job, int side)
{
	const char *name = link_port(job, side);
	struct nmport_d *d = nmport_open(name);
	int err;

	if (!d) {
		complain_open("netmap-demo", name, errno, nmport_last_error());
		return -1;
	}
	atomic_store(&b->ready[side], job);
	err = job == JOB_REPLAY ? replay_work(b, side, d) :
		speed_work(b, job, side, d);
	if (err)
		fprintf(stderr, "netmap-demo: %s: %s\n", name,
				strerror(errno));
	nmport_close(d);
	return err;
}

static void work(struct board *b, int side)
{
	uint32_t job = JOB_NONE, order;

	signal(SIGINT, SIG_IGN);	/* the leader ends us */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		while ((order = atomic_load(&b->order)) == job)
			usleep(NAP_US);
		job = order;
		if (job == JOB_END)
			_exit(0);
		if (work_on(b, (enum job)job, side)) {
			atomic_store(&b->failed[side], 1);
			_exit(1);
		}
	}
}

int crew_start(struct crew *c)
{
	struct board *b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int side;

	*c = (struct crew){ .board = b };
	if (b == MAP_FAILED) {
		perror("netmap-demo: memory");
		c->board = NULL;
		return -1;
	}
	fflush(stdout);
	for (side = LEFT; side <= RIGHT; side++) {
		c->pid[side] = fork();
		if (!c->pid[side])
			work(b, side);
		if (c->pid[side] < 0) {
			perror("netmap-demo: fork");
			c->pid[side] = 0;
			return -1;
		}
	}
	return 0;
}

/* Is everybody well, and shall we go on? */
static int check(struct crew *c)
{
	int side, status;

	for (side = LEFT; side <= RIGHT; side++) {
		if (atomic_load(&c->board->failed[side]))
			return -1;
		if (waitpid(c->pid[side], &status, WNOHANG) != c->pid[side])
			continue;
		c->pid[side] = 0;
		if (!stop_asked)
			fprintf(stderr, "netmap-demo: the %s process ended "
				"unexpectedly\n", side ? "right" : "left");
		return -1;
	}
	return stop_asked ? -1 : 0;
}

int crew_order(struct crew *c, enum job job)
{
	struct board *b = c->board;

	atomic_store(&b->size, 0);
	atomic_store(&b->order, job);
	while (atomic_load(&b->ready[LEFT]) != job ||
	       atomic_load(&b->ready[RIGHT]) != job) {
		if (check(c))
			return -1;
		usleep(NAP_US);
	}
	return 0;
}

int crew_sleep(struct crew *c, uint64_t ns)
{
	uint64_t end = clock_read_ns(CLOCK_MONOTONIC) + ns;
	uint64_t now;

	while ((now = clock_read_ns(CLOCK_MONOTONIC)) < end) {
		struct timespec nap = clock_to_timespec(end - now <
				50 * NS_PER_MS ? end - now : 50 * NS_PER_MS);

		nanosleep(&nap, NULL);
		if (check(c))
			return -1;
	}
	return 0;
}

void crew_end(struct crew *c)
{
	uint64_t end = clock_read_ns(CLOCK_MONOTONIC) + NS_PER_SEC;
	int side;

	if (!c->board)
		return;
	atomic_store(&c->board->order, JOB_END);
	for (side = LEFT; side <= RIGHT; side++) {
		if (c->pid[side] <= 0)
			continue;
		while (waitpid(c->pid[side], NULL, WNOHANG) == 0) {
			if (clock_read_ns(CLOCK_MONOTONIC) > end)
				kill(c->pid[side], SIGKILL);
			usleep(NAP_US);
		}
	}
	munmap(c->board, sizeof(*c->board));
	c->board = NULL;
}
