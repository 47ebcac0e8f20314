/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting: the one place where poll, select and epoll sleep.
 *
 * The caller says what it waits for (sessions and ordinary descriptors) and
 * how to look; pl_wait() looks, spins, says that it sleeps, looks again and
 * sleeps, as section 6 of doc/user-mode.md wants it.
 *
 * Every thread has a waiter: an epoll instance of its own on which the wake
 * eventfds are registered edge-triggered, and are never read.  So each write
 * to a session's eventfd wakes every thread that waits for the session, in
 * this process or in a forked one, and none takes a wake-up from another.
 *
 * Signals are blocked from the first fruitless look until the sleep, which
 * unblocks them: one that arrives while we look makes the sleep return EINTR
 * as it would have interrupted poll(2).
 */
#ifndef NM_PRELOAD_WAIT_H
#define NM_PRELOAD_WAIT_H

#include <poll.h>
#include <signal.h>
#include <time.h>
#include "preload/desc.h"

/* A session waited for. */
struct pl_src {
	struct pl_desc *d;	/* referenced by the caller */
	short events;
	unsigned int index;	/* the caller's */
};

struct pl_wait {
	/* Sync and see: entries ready, 0, or -1 with errno. */
	int (*look)(struct pl_wait *w);
	struct pl_src *src;
	unsigned int n_src;
	struct pollfd *fds;	/* ordinary ones; room for one more */
	nfds_t n_fds;
	struct pl_desc *epoll;	/* whose kick is waited for; or NULL */
};

/**
 * pl_wait - wait until look() finds something
 * @timeout: NULL: for ever
 * @mask: signals blocked meanwhile; NULL: as they are
 *
 * Return: what look() returned, 0 at the timeout; -1 with errno.
 */
int pl_wait(struct pl_wait *w, const struct timespec *timeout,
	    const sigset_t *mask);

/** pl_look_file - sync as poll() on the device would; revents */
short pl_look_file(struct pl_desc *d, short events);

#endif /* NM_PRELOAD_WAIT_H */
