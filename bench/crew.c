/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The crew: two words per worker in shared memory, what it is ordered to do
 * and what it does, each a futex.  The controller writes the first and waits
 * on the second; the worker the other way round.
 *
 *   controller   order:  PAUSED -> WORKING -> PAUSED ... -> LEAVING
 *   worker       phase:  STARTING -> PAUSED -> WORKING -> PAUSED ...
 *                        or, at any moment, FAILED
 *
 * The worker reads its order once per batch from a line that nobody writes
 * meanwhile, which costs it nothing.
 */
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/clock.h"
#include "bench/crew.h"
#include "bench/machine.h"

#define OPEN_TIMEOUT_NS		(20 * 1000000000ull)
#define PAUSE_TIMEOUT_NS	(10 * 1000000000ull)
#define LEAVE_TIMEOUT_NS	(5 * 1000000000ull)

static void set_word(_Atomic uint32_t *word, uint32_t value)
{
	atomic_store(word, value);
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* Sleep while the word has this value, at most @limit (NULL: for ever). */
static void wait_while(_Atomic uint32_t *word, uint32_t value,
		       const struct timespec *limit)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, limit, NULL, 0);
}

int crew_fail(struct crew_worker *w, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(w->post->error, sizeof(w->post->error), format, ap);
	va_end(ap);
	return -1;
}

void crew_doze(struct crew_worker *w)
{
	while (!crew_is_over(w))
		wait_while(&w->post->order, CREW_WORKING, NULL);
}

static int obey(struct crew_worker *w, const struct crew_job *job)
{
	struct crew_post *post = w->post;

	for (;;) {
		uint32_t order = atomic_load(&post->order);

		if (order == CREW_LEAVING)
			return 0;
		if (order == CREW_WORKING) {
			set_word(&post->phase, CREW_WORKING);
			if (job->work(w))
				return -1;
			if (job->check)
				job->check(w);
		}
		/* Said again each time: a short WORKING may pass unnoticed. */
		do {
			set_word(&post->phase, CREW_PAUSED);
			wait_while(&post->order, CREW_PAUSED, NULL);
		} while (atomic_load(&post->order) == CREW_PAUSED);
	}
}

static _Noreturn void be_worker(struct crew_post *post, const struct crew_job *job)
{
	struct crew_worker w = { .post = post, .arg = job->arg };
	int error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	error = machine_pin(job->cpu);
	if (error)
		error = crew_fail(&w, "cannot pin to CPU %u: %s", job->cpu, strerror(-error));
	else if (job->open(&w))
		error = -1;
	else
		error = obey(&w, job);
	if (!error && job->close)
		job->close(&w);
	if (error)
		set_word(&post->phase, CREW_FAILED);
	exit(error ? 1 : 0);
}

static bool has_died(struct crew *crew, unsigned int i)
{
	int status;

	if (!crew->pid[i] || waitpid(crew->pid[i], &status, WNOHANG) != crew->pid[i])
		return false;
	crew->pid[i] = 0;
	if (WIFSIGNALED(status))
		snprintf(crew->error, sizeof(crew->error), "worker %u died of signal %d",
			 i, WTERMSIG(status));
	else
		snprintf(crew->error, sizeof(crew->error), "worker %u left: %s", i,
			 crew->posts[i].error);
	return true;
}

static int await_phase(struct crew *crew, unsigned int i, uint32_t want,
		       uint64_t timeout_ns)
{
	struct crew_post *post = &crew->posts[i];
	const struct timespec look_again = { .tv_nsec = 50 * 1000000 };
	uint64_t end = clock_ns() + timeout_ns;
	uint32_t phase;

	while ((phase = atomic_load(&post->phase)) != want) {
		if (phase == CREW_FAILED) {
			snprintf(crew->error, sizeof(crew->error), "%s", post->error);
			return -1;
		}
		if (has_died(crew, i))
			return -1;
		if (clock_ns() > end) {
			snprintf(crew->error, sizeof(crew->error),
				 "worker %u gave no answer for %u s", i,
				 (unsigned int)(timeout_ns / 1000000000u));
			return -1;
		}
		wait_while(&post->phase, phase, &look_again);
	}
	return 0;
}

int crew_start(struct crew *crew, const struct crew_job *jobs, unsigned int n)
{
	*crew = (struct crew){ .n = 0 };
	crew->posts = mmap(NULL, n * sizeof(*crew->posts), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (crew->posts == MAP_FAILED) {
		crew->posts = NULL;
		snprintf(crew->error, sizeof(crew->error), "no shared memory: %s",
			 strerror(errno));
		return -1;
	}
	fflush(NULL);
	for (unsigned int i = 0; i < n; i++) {
		atomic_init(&crew->posts[i].order, CREW_PAUSED);
		crew->pid[i] = fork();
		if (crew->pid[i] == 0)
			be_worker(&crew->posts[i], &jobs[i]);
		if (crew->pid[i] < 0) {
			crew->pid[i] = 0;
			snprintf(crew->error, sizeof(crew->error), "cannot fork: %s",
				 strerror(errno));
			return -1;
		}
		crew->n = i + 1;
		if (await_phase(crew, i, CREW_PAUSED, OPEN_TIMEOUT_NS))
			return -1;
	}
	return 0;
}

void crew_go(struct crew *crew)
{
	for (unsigned int i = 0; i < crew->n; i++) {
		atomic_store(&crew->posts[i].phase, CREW_WORKING);
		set_word(&crew->posts[i].order, CREW_WORKING);
	}
}

int crew_pause(struct crew *crew)
{
	for (unsigned int i = 0; i < crew->n; i++)
		set_word(&crew->posts[i].order, CREW_PAUSED);
	for (unsigned int i = 0; i < crew->n; i++) {
		if (await_phase(crew, i, CREW_PAUSED, PAUSE_TIMEOUT_NS))
			return -1;
	}
	return 0;
}

static void see_off(struct crew *crew, unsigned int i, uint64_t end)
{
	while (waitpid(crew->pid[i], NULL, WNOHANG) == 0) {
		if (clock_ns() > end)
			kill(crew->pid[i], SIGKILL);
		clock_sleep_ns(1000000);
	}
}

void crew_stop(struct crew *crew)
{
	uint64_t end = clock_ns() + LEAVE_TIMEOUT_NS;

	if (!crew->posts)
		return;
	for (unsigned int i = 0; i < crew->n; i++)
		set_word(&crew->posts[i].order, CREW_LEAVING);
	for (unsigned int i = 0; i < crew->n; i++) {
		if (crew->pid[i])
			see_off(crew, i, end);
	}
	munmap(crew->posts, crew->n * sizeof(*crew->posts));
	crew->posts = NULL;
}
