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
 *
 * A signal that comes while we look must end the call, too, as it ends a
 * poll(2): from the first look in vain on signals are blocked, and let in
 * where we sleep.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/client.h"
#include "engine/os.h"

#define SMALL	16u	/* descriptors without an allocation */
#define FRUITLESS 64	/* looks at work that we cannot get, then slower */
#define CHECK_NS 10000000u	/* who never sleeps looks for stale numbers */
#define STALE	(-2)	/* some session is none any more */

struct poll_set {
	struct pollfd *user;	/* what we were asked */
	nfds_t n;
	struct nm_session **s;	/* per entry; NULL: the kernel's business */
	struct pollfd *k;	/* n entries as given (sessions: fd -1, later the
				 * socket), then one eventfd each */
	bool others;		/* some entry is not a session */
	bool blocked;		/* signals, by us; before that it was */
	sigset_t mask;
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
		ps->user[i].revents = nm_session_is_closed(ps->s[i]) ?
			POLLNVAL :
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

/*
 * Several threads may wait with one descriptor, for different events.  What
 * is written to the wake descriptor is for all of them, so whoever leaves
 * last reads it.  Entering comes before W1: a wake-up that is read was not
 * for somebody who enters later.
 */
static void enter(struct poll_set *ps)
{
	nfds_t i;

	for (i = 0; i < ps->n; i++) {
		ps->k[ps->n + i].revents = 0;
		if (!ps->s[i])
			continue;
		pthread_mutex_lock(&ps->s[i]->wake_lock);
		ps->s[i]->asleep++;
		pthread_mutex_unlock(&ps->s[i]->wake_lock);
	}
}

static void leave(struct poll_set *ps)
{
	char text[4096];	/* all that a pipe of one page holds */
	nfds_t i;

	for (i = 0; i < ps->n; i++) {
		struct nm_session *s = ps->s[i];

		if (!s)
			continue;
		pthread_mutex_lock(&s->wake_lock);
		if (--s->asleep == 0 && (ps->k[ps->n + i].revents & POLLIN))
			(void)!read(s->wake_fd, text, sizeof(text));
		pthread_mutex_unlock(&s->wake_lock);
	}
}

/* A session's socket or eventfd said something. */
static void collect(struct poll_set *ps, int *ready)
{
	nfds_t i;

	for (i = 0; i < ps->n; i++) {
		if (!ps->s[i])
			continue;
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
	struct timespec ts = {
		.tv_sec = timeout_ms / 1000,
		.tv_nsec = timeout_ms % 1000 * 1000000l,
	};
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
	n = ppoll(ps->k, 2 * ps->n, timeout_ms < 0 ? NULL : &ts, &ps->mask);
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

/* At most @ms of what is left. */
static int at_most(int left, int ms)
{
	return left < 0 || left > ms ? ms : left;
}

/*
 * Say that we sleep, look once more, sleep.  There may be work that we cannot
 * get at (@fruitless), because somebody else holds the ring: look again soon.
 */
static int sleep_unless_work(struct poll_set *ps, int left, int fruitless,
			     bool *told)
{
	bool stalled;
	int ready;

	want_all(ps);
	if (fruitless >= FRUITLESS)
		return sleep_on(ps, at_most(left, 1));
	if (any_work(ps))
		return 0;
	stalled = any_stalled(ps, *told);
	ready = sleep_on(ps, stalled ? at_most(left, NM_STALL_MS) : left);
	*told = stalled;
	return ready;
}

static bool any_stale(const struct poll_set *ps)
{
	nfds_t i;

	for (i = 0; i < ps->n; i++)
		if (ps->s[i] && !nm_session_is_closed(ps->s[i]) &&
		    nm_session_is_stale(ps->s[i]))
			return true;
	return false;
}

/* An answer that a session would give, too, if its number were another's. */
static bool is_suspect(const struct poll_set *ps, int ready)
{
	static __thread uint64_t checked;
	uint64_t now;
	nfds_t i;

	for (i = 0; ready > 0 && i < ps->n; i++)
		if (ps->s[i] && (ps->user[i].revents & POLLERR))
			return true;
	if (ready)
		return false;
	now = nm_os_now_ns();
	if (now - checked < CHECK_NS)
		return false;
	checked = now;
	return true;
}

/* All but those that say what this thread itself is doing. */
static void block_signals(struct poll_set *ps)
{
	static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	sigset_t set;
	size_t i;

	if (ps->blocked)
		return;
	sigfillset(&set);
	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sigdelset(&set, own[i]);
	pthread_sigmask(SIG_BLOCK, &set, &ps->mask);
	ps->blocked = true;
}

static void unblock_signals(struct poll_set *ps)
{
	if (ps->blocked)
		pthread_sigmask(SIG_SETMASK, &ps->mask, NULL);
	ps->blocked = false;
}

static int wait_ready(struct poll_set *ps, uint64_t deadline)
{
	bool told = false;
	int ready, left, fruitless = 0;

	for (;;) {
		ready = look(ps);
		left = remaining_ms(deadline);
		if (ready || left == 0)
			return is_suspect(ps, ready) && any_stale(ps) ?
				STALE : ready;
		block_signals(ps);
		if (!spin(ps, deadline))
			fruitless = 0;
		else if (++fruitless < FRUITLESS)
			continue;
		if (any_stale(ps))
			return STALE;
		enter(ps);
		ready = sleep_unless_work(ps, left, fruitless, &told);
		leave(ps);
		if (ready)
			return ready;
	}
}

/* One that is closed is still known, until its number is another's. */
static struct nm_session *session_of(int fd)
{
	struct nm_session *s = nm_session_get(fd);

	if (!s || !nm_session_is_closed(s))
		return s;
	nm_session_put(s);
	return nm_session_find(fd);
}

static int fill(struct poll_set *ps)
{
	int sessions = 0;
	nfds_t i;

	ps->others = false;
	for (i = 0; i < ps->n; i++) {
		ps->k[i] = ps->user[i];
		ps->s[i] = session_of(ps->user[i].fd);
		if (ps->s[i])
			sessions++;
		else if (ps->user[i].fd >= 0)
			ps->others = true;
	}
	return sessions;
}

static void release(struct poll_set *ps)
{
	nfds_t i;

	for (i = 0; i < ps->n; i++)
		nm_session_put(ps->s[i]);
}

/* With what the numbers are now. */
static int poll_once(struct poll_set *ps, uint64_t deadline)
{
	int ready, error;
	nfds_t i;

	if (!fill(ps))
		return poll(ps->user, ps->n, remaining_ms(deadline));
	ready = wait_ready(ps, deadline);
	error = errno;
	unblock_signals(ps);
	if (ready == STALE)
		for (i = 0; i < ps->n; i++)
			nm_session_put(nm_session_find(ps->user[i].fd));
	release(ps);
	errno = error;
	return ready;
}

int nm_client_poll(struct pollfd *fds, nfds_t nfds, int timeout_ms)
{
	struct nm_session *small_s[SMALL];
	struct pollfd small_k[2 * SMALL];
	struct poll_set ps = { .user = fds, .n = nfds };
	uint64_t deadline = timeout_ms < 0 ? 0 :
		nm_os_now_ns() + timeout_ms * 1000000ull;
	int ready, error;

	ps.s = nfds <= SMALL ? small_s : calloc(nfds, sizeof(*ps.s));
	ps.k = nfds <= SMALL ? small_k : calloc(2 * nfds, sizeof(*ps.k));
	if (!ps.s || !ps.k) {
		ready = -1;
		error = ENOMEM;
		goto out;
	}
	do {
		ready = poll_once(&ps, deadline);
	} while (ready == STALE);
	error = errno;
out:
	if (nfds > SMALL) {
		free(ps.s);
		free(ps.k);
	}
	if (ready < 0)
		errno = error;
	return ready;
}
