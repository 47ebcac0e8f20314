/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * How much shared memory may be promised.
 *
 * Buffers are accounted when they are handed out and get their pages at first
 * touch.  A promise must not exceed what the machine can keep, or the first
 * touch ends in SIGBUS.  So:
 *
 *   promised + new <= resident in our memfds + available - reserve
 *
 * Reading the right-hand side costs system calls; it is remembered as
 * `credit` and read anew when a promise would exceed it or promises grew by
 * RECHECK since.  What is available is the lesser of the machine's
 * MemAvailable and what the control group leaves.
 *
 * The check is an estimate: others may take the memory meanwhile.  What then
 * happens is the business of who handles SIGBUS.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "engine/os.h"
#include "os/user/budget.h"
#include "os/user/os_user.h"

#define RECHECK		(64ull << 20)
#define RESERVE_SHIFT	6		/* 1/64 of what is available stays */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t promised;	/* [lock] bytes */
static uint64_t limit;		/* [lock] bytes, 0: none */
static uint64_t credit;		/* [lock] promised may grow up to here */
static uint64_t recheck_at;	/* [lock] promised above this: read anew */
static int *watched;		/* [lock] memfds */
static unsigned int n_watched, max_watched;	/* [lock] */

/* The number after @key in a small text file; UINT64_MAX when it has none. */
static uint64_t read_number(const char *path, const char *key)
{
	char text[4096];
	const char *at;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return UINT64_MAX;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return UINT64_MAX;
	text[n] = '\0';
	at = strstr(text, key);
	if (!at)
		return UINT64_MAX;
	at += strlen(key);
	at += strspn(at, " \t");
	if (*at < '0' || *at > '9')
		return UINT64_MAX;
	return strtoull(at, NULL, 10);
}

static uint64_t available(void)
{
	uint64_t kib = read_number("/proc/meminfo", "MemAvailable:");
	uint64_t bytes = kib > UINT64_MAX / 1024 ? UINT64_MAX : kib * 1024;
	uint64_t max = read_number("/sys/fs/cgroup/memory.max", "");
	uint64_t used = read_number("/sys/fs/cgroup/memory.current", "");

	if (max != UINT64_MAX && used != UINT64_MAX) {
		uint64_t left = used < max ? max - used : 0;

		if (left < bytes)
			bytes = left;
	}
	return bytes;
}

static uint64_t resident(void)
{
	uint64_t sum = 0;
	unsigned int i;
	struct stat st;

	for (i = 0; i < n_watched; i++)
		if (!fstat(watched[i], &st))
			sum += (uint64_t)st.st_blocks * 512;
	return sum;
}

static void read_credit(void)
{
	uint64_t avail = available();
	uint64_t have = resident();

	avail -= avail >> RESERVE_SHIFT;
	credit = avail > UINT64_MAX - have ? UINT64_MAX : avail + have;
	recheck_at = promised + RECHECK;
}

int nm_budget_take(uint64_t len)
{
	uint64_t sum;
	int error = 0;

	pthread_mutex_lock(&lock);
	sum = promised + len;
	if (limit && sum > limit) {
		error = -ENOMEM;
	} else {
		if (sum > credit || sum > recheck_at)
			read_credit();
		if (sum > credit)
			error = -ENOMEM;
		else
			promised = sum;
	}
	pthread_mutex_unlock(&lock);
	return error;
}

void nm_budget_give(uint64_t len)
{
	pthread_mutex_lock(&lock);
	promised -= len < promised ? len : promised;
	pthread_mutex_unlock(&lock);
}

int nm_budget_watch(int fd)
{
	int error = 0;

	pthread_mutex_lock(&lock);
	if (n_watched == max_watched) {
		unsigned int max = max_watched ? 2 * max_watched : 16;
		int *more = realloc(watched, max * sizeof(*more));

		if (more) {
			watched = more;
			max_watched = max;
		} else {
			error = -ENOMEM;
		}
	}
	if (!error)
		watched[n_watched++] = fd;
	pthread_mutex_unlock(&lock);
	return error;
}

void nm_budget_unwatch(int fd)
{
	unsigned int i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < n_watched && watched[i] != fd; i++)
		;
	if (i < n_watched)
		watched[i] = watched[--n_watched];
	if (!n_watched) {
		free(watched);
		watched = NULL;
		max_watched = 0;
	}
	pthread_mutex_unlock(&lock);
}

void nm_user_mem_limit(uint64_t bytes)
{
	pthread_mutex_lock(&lock);
	limit = bytes;
	pthread_mutex_unlock(&lock);
}

uint64_t nm_user_mem_promised(void)
{
	uint64_t v;

	pthread_mutex_lock(&lock);
	v = promised;
	pthread_mutex_unlock(&lock);
	return v;
}
