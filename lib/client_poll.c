/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * poll(2) over sessions and anything else.
 *
 * One round: sync each session as poll() on /dev/netmap would, and ask the
 * kernel about the rest without waiting.  If nothing is ready: look for a
 * while, because a wake-up costs more than looking; then say that we sleep,
 * look once more (doc/user-mode.md, section 6), and wait in the kernel on the
 * sessions' wake eventfds, their sockets (a dead server hangs up), and the
 * rest.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/client.h"
#include "engine/os.h"

#define SMALL	16u	/* descriptors without an allocation */

struct poll_set {
	struct pollfd *user;	/* what we were asked */
	nfds_t n;
	struct nm_session **s;	/* per entry; NULL: the kernel's business */
	struct pollfd *k;	/* n entries as given (sessions: fd -1, later the
				 * socket), then one eventfd each */
	bool others;		/* some entry is not a session */
};

/* One look at everything; returns the number of entries that are ready. */
static int look(struct poll_set *ps)
{
	int ready = 0;
	nfds_t i;

	for (i = 0; i < ps->n; i++) {
		ps->user[i].revents = 0;
		if (!ps->s[i])
			continue;
		ps->user[i].revents = ps->s[i]->closed ? POLLNVAL :
			nm_session_poll(ps->s[i], ps->user[i].events);
		ready += ps->user[i].revents != 0;
	}
	if (!ps->others)
		return ready;
	for (i = 0; i < ps->n; i++)
		if (ps->s[i])
			ps->k[i].fd = -1;
	if (poll(ps->k, ps->n, 0) < 0)
		return ready ? ready : -1;
	for (i = 0; i < ps->n; i++) {
		if (ps->s[i])
			continue;
		ps->user[i].revents = ps->k[i].revents;
		ready += ps->k[i].revents != 0;
	}
	return ready;
}

static bool any_work(struct poll_set *ps)
{
	nfds_t i;

	for (i = 0; i < ps->n; i++)
		if (ps->s[i] && nm_session_has_work(ps->s[i], ps->user[i].events))
			return true;
	return false;
}

static bool any_stalled(struct poll_set *ps, bool tell)
{
	bool stalled = false;
	nfds_t i;

	for (i = 0; i < ps->n; i++)
		if (ps->s[i])
			stalled |= nm_session_is_stalled(ps->s[i], tell);
	return stalled;
}

static void want_all(struct poll_set *ps)
{
	nfds_t i;

	for (i = 0; i < ps->n; i++)
		if (ps->s[i])
			nm_session_want(ps->s[i], ps->user[i].events);
}

/* Is somebody else's thread to do our work, perhaps on this CPU? */
static bool any_isolated(const struct poll_set *ps)
{
	nfds_t i;

	for (i = 0; i < ps->n; i++)
		if (ps->s[i] && !ps->s[i]->b.direct)
			return true;
	return false;
}

/* Look for NM_SPIN_NS, or until @deadline; true when there may be work. */
static bool spin(struct poll_set *ps, uint64_t deadline)
{
	uint64_t end = nm_os_now_ns() + NM_SPIN_NS;
	bool yield = any_isolated(ps);
	int i;

	if (deadline && deadline < end)
		end = deadline;
	do {
		for (i = 0; i < 8; i++) {
			if (any_work(ps))
				return true;
			if (yield)
				sched_yield();
			else
				nm_os_pause();
		}
	} while (nm_os_now_ns() < end);
	return false;
}

/* A session's socket or eventfd said something. */
static void collect(struct poll_set *ps, int *ready)
{
	uint64_t count;
	nfds_t i;

	for (i = 0; i < ps->n; i++) {
		if (!ps->s[i])
			continue;
		if ((ps->k[ps->n + i].revents & POLLIN) &&
		    read(ps->s[i]->wake_fd, &count, sizeof(count)) < 0)
			continue;	/* another thread took it */
		if (ps->k[i].revents & (POLLHUP | POLLERR | POLLRDHUP | POLLNVAL)) {
			ps->user[i].revents = POLLERR;
			(*ready)++;
		}
	}
}

/*
 * Wait in the kernel.  Return entries found dead, 0 to look again, -1 with
 * errno.
 */
static int sleep_on(struct poll_set *ps, int timeout_ms)
{
	int ready = 0, n;
	nfds_t i;

	for (i = 0; i < ps->n; i++) {
		struct pollfd *e = &ps->k[ps->n + i];

		e->fd = ps->s[i] ? ps->s[i]->wake_fd : -1;
		e->events = POLLIN;
		e->revents = 0;
		if (ps->s[i]) {
			ps->k[i].fd = ps->s[i]->fd;
			ps->k[i].events = POLLRDHUP;
			ps->k[i].revents = 0;
		}
	}
	n = poll(ps->k, 2 * ps->n, timeout_ms);
	if (n < 0)
		return -1;
	collect(ps, &ready);
	return ready;
}

static int remaining_ms(uint64_t deadline)
{
	uint64_t now = nm_os_now_ns();

	if (!deadline)
		return -1;
	return now >= deadline ? 0 : (deadline - now + 999999) / 1000000;
}

static int wait_ready(struct poll_set *ps, int timeout_ms)
{
	uint64_t deadline = timeout_ms < 0 ? 0 :
		nm_os_now_ns() + timeout_ms * 1000000ull;
	bool stalled, told = false;
	int ready, left;

	for (;;) {
		ready = look(ps);
		if (ready || timeout_ms == 0)
			return ready;
		if (spin(ps, deadline))
			continue;
		want_all(ps);
		if (any_work(ps))
			continue;
		left = remaining_ms(deadline);
		if (left == 0)
			return look(ps);
		stalled = any_stalled(ps, told);
		if (stalled && (left < 0 || left > NM_STALL_MS))
			left = NM_STALL_MS;
		ready = sleep_on(ps, left);
		if (ready)
			return ready;
		told = stalled;
	}
}

static int fill(struct poll_set *ps)
{
	int sessions = 0;
	nfds_t i;

	for (i = 0; i < ps->n; i++) {
		ps->k[i] = ps->user[i];
		ps->s[i] = nm_session_get(ps->user[i].fd);
		if (ps->s[i])
			sessions++;
		else if (ps->user[i].fd >= 0)
			ps->others = true;
	}
	return sessions;
}

int nm_client_poll(struct pollfd *fds, nfds_t nfds, int timeout_ms)
{
	struct nm_session *small_s[SMALL];
	struct pollfd small_k[2 * SMALL];
	struct poll_set ps = { .user = fds, .n = nfds };
	int ready, error;
	nfds_t i;

	ps.s = nfds <= SMALL ? small_s : calloc(nfds, sizeof(*ps.s));
	ps.k = nfds <= SMALL ? small_k : calloc(2 * nfds, sizeof(*ps.k));
	if (!ps.s || !ps.k) {
		ready = -1;
		error = ENOMEM;
		goto out;
	}
	if (!fill(&ps))
		ready = poll(fds, nfds, timeout_ms);
	else
		ready = wait_ready(&ps, timeout_ms);
	error = errno;
	for (i = 0; i < nfds; i++)
		if (ps.s[i])
			nm_session_put(ps.s[i]);
out:
	if (nfds > SMALL) {
		free(ps.s);
		free(ps.k);
	}
	if (ready < 0)
		errno = error;
	return ready;
}
