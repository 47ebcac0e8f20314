/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiters, spinning, sleeping; see wait.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "engine/os.h"
#include "preload/real.h"
#include "preload/wait.h"

#define WAITER_MAX	64	/* registrations; more: begin anew */
#define HANGUP_EVERY	1024	/* looks between two looks at the socket */
#define OTHERS_EVERY	5000	/* ns between two looks at ordinary ones */

struct registration {
	struct pl_desc *d;
	uint32_t serial;
};

struct waiter {
	int epfd;
	unsigned int n;
	struct registration reg[WAITER_MAX];
	struct waiter *next;
};

static __thread struct waiter *mine;
static struct waiter *waiters;	/* under pl_lock */
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool one_cpu;

/* --- the waiter of a thread --------------------------------------------- */

static void waiter_close(struct waiter *t)
{
	if (t->epfd >= 0) {
		pl_install(t->epfd, PL_UNKNOWN);
		pl_real()->close(t->epfd);
	}
	t->epfd = -1;
	t->n = 0;
}

static void thread_exit(void *arg)
{
	struct waiter *t = arg, **p;

	pthread_mutex_lock(&pl_lock);
	for (p = &waiters; *p && *p != t; p = &(*p)->next)
		;
	if (*p)
		*p = t->next;
	pthread_mutex_unlock(&pl_lock);
	waiter_close(t);
	mine = NULL;
	free(t);
}

static void init_once(void)
{
	pthread_key_create(&key, thread_exit);
	one_cpu = sysconf(_SC_NPROCESSORS_ONLN) < 2;
}

/* An epoll instance is shared with the parent and must not be used here. */
void pl_wait_forked(void)
{
	struct waiter *t;

	for (t = waiters; t; t = t->next)
		waiter_close(t);
	waiters = mine;
	if (mine)
		mine->next = NULL;
}

static struct waiter *waiter_get(void)
{
	struct waiter *t = mine;

	if (!t) {
		pthread_once(&once, init_once);
		t = calloc(1, sizeof(*t));
		if (!t)
			return NULL;
		t->epfd = -1;
		pthread_mutex_lock(&pl_lock);
		t->next = waiters;
		waiters = t;
		pthread_mutex_unlock(&pl_lock);
		pthread_setspecific(key, t);
		mine = t;
	}
	if (t->epfd < 0) {
		t->epfd = pl_real()->epoll_create1(EPOLL_CLOEXEC);
		if (t->epfd < 0)
			return NULL;
		t->epfd = pl_make_private(t->epfd);
	}
	return t;
}

static int watch(struct waiter *t, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event ev = { .events = events | EPOLLET,
				  .data.u64 = data };
	int r = pl_real()->epoll_ctl(t->epfd, EPOLL_CTL_ADD, fd, &ev);

	/* It is there from an earlier life of the descriptor's memory. */
	if (r < 0 && errno == EEXIST)
		r = pl_real()->epoll_ctl(t->epfd, EPOLL_CTL_MOD, fd, &ev);
	return r;
}

/* The data of an event: the registration, and whether it is the socket. */
static int waiter_add(struct waiter *t, struct pl_desc *d)
{
	unsigned int k;
	int r;

	for (k = 0; k < t->n; k++)
		if (t->reg[k].d == d && t->reg[k].serial == d->serial)
			return 0;
	for (k = 0; k < t->n; k++)
		if (t->reg[k].d == d)
			break;
	if (k == t->n && t->n == WAITER_MAX) {
		errno = ENOSPC;
		return -1;
	}
	if (d->kind == PL_EPOLL)
		r = watch(t, d->e.kick, EPOLLIN, k * 2);
	else
		r = watch(t, d->f.s->wake_fd, EPOLLIN, k * 2) ||
			watch(t, d->f.anchor, EPOLLRDHUP, k * 2 + 1);
	if (r)
		return -1;
	t->reg[k].d = d;
	t->reg[k].serial = d->serial;
	if (k == t->n)
		t->n++;
	return 0;
}

static int waiter_add_all(struct waiter *t, struct pl_wait *w)
{
	unsigned int i;

	if (w->epoll && waiter_add(t, w->epoll))
		return -1;
	for (i = 0; i < w->n_src; i++)
		if (waiter_add(t, w->src[i].d))
			return -1;
	return 0;
}

static bool has_hung_up(struct pl_desc *d)
{
	struct pollfd p = { .fd = d->f.anchor, .events = POLLRDHUP };

	if (!d->f.dead && pl_real()->poll(&p, 1, 0) > 0 &&
	    p.revents & (POLLHUP | POLLRDHUP | POLLERR))
		__atomic_store_n(&d->f.dead, true, __ATOMIC_RELAXED);
	return d->f.dead;
}

/* Take note of what woke us; sessions whose server is gone are marked. */
static void waiter_harvest(struct waiter *t)
{
	struct epoll_event ev[2 * WAITER_MAX];
	int n = pl_real()->epoll_wait(t->epfd, ev, 2 * WAITER_MAX, 0);
	struct registration *r;
	int i;

	for (i = 0; i < n; i++) {
		if (!(ev[i].data.u64 & 1) || ev[i].data.u64 / 2 >= t->n)
			continue;
		r = &t->reg[ev[i].data.u64 / 2];
		if (!pl_hold(r->d, r->serial))
			continue;
		has_hung_up(r->d);
		pl_put(r->d);
	}
}

/*
 * The waiter, with everything in @w registered.  One that is full begins anew
 * with what is needed now; more than WAITER_MAX at once get a timeout instead
 * (pl_sleep).
 */
static struct waiter *waiter_for(struct pl_wait *w)
{
	struct waiter *t = waiter_get();

	if (!t || !waiter_add_all(t, w))
		return t;
	waiter_close(t);
	t = waiter_get();
	if (t)
		waiter_add_all(t, w);
	return t;
}

/* --- looking -------------------------------------------------------------- */

short pl_look_file(struct pl_desc *d, short events)
{
	uint32_t n = __atomic_add_fetch(&d->f.looks, 1, __ATOMIC_RELAXED);

	if (n % HANGUP_EVERY == 0)
		has_hung_up(d);
	if (__atomic_load_n(&d->f.dead, __ATOMIC_RELAXED))
		return POLLERR;
	return nm_session_poll(d->f.s, events);
}

static bool any_work(struct pl_wait *w)
{
	unsigned int i;

	for (i = 0; i < w->n_src; i++)
		if (w->src[i].d->f.dead ||
		    nm_session_has_work(w->src[i].d->f.s, w->src[i].events))
			return true;
	return false;
}

static void want_all(struct pl_wait *w)
{
	unsigned int i;

	for (i = 0; i < w->n_src; i++)
		nm_session_want(w->src[i].d->f.s, w->src[i].events);
}

static bool any_stalled(struct pl_wait *w, bool tell)
{
	bool stalled = false;
	unsigned int i;

	for (i = 0; i < w->n_src; i++)
		stalled |= nm_session_is_stalled(w->src[i].d->f.s, tell);
	return stalled;
}

static void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* Look for NM_SPIN_NS or until @deadline; true when look() may find something. */
static bool spin(struct pl_wait *w, uint64_t deadline)
{
	uint64_t now = nm_os_now_ns(), end = now + NM_SPIN_NS;
	uint64_t others = now + OTHERS_EVERY;
	int i;

	if (one_cpu || !w->n_src)
		return any_work(w);
	if (deadline < end)
		end = deadline;
	do {
		for (i = 0; i < 8; i++) {
			if (any_work(w))
				return true;
			cpu_relax();
		}
		now = nm_os_now_ns();
		if (w->n_fds && now >= others) {
			if (pl_real()->poll(w->fds, w->n_fds, 0))
				return true;
			others = now + OTHERS_EVERY;
		}
	} while (now < end);
	return false;
}

/* --- sleeping ------------------------------------------------------------- */

static struct timespec span(uint64_t ns)
{
	return (struct timespec){ ns / 1000000000u, ns % 1000000000u };
}

/* Return 0 to look again; -1 with errno. */
static int sleep_until(struct pl_wait *w, struct waiter *t, uint64_t deadline,
		       uint64_t limit, const sigset_t *mask)
{
	struct pollfd *own = &w->fds[w->n_fds];
	uint64_t now = nm_os_now_ns(), left;
	struct timespec ts;
	int n;

	left = deadline == UINT64_MAX ? UINT64_MAX :
		deadline > now ? deadline - now : 0;
	if (limit < left)
		left = limit;
	own->fd = t->epfd;
	own->events = POLLIN;
	own->revents = 0;
	ts = span(left);
	n = pl_real()->ppoll(w->fds, w->n_fds + 1,
			     left == UINT64_MAX ? NULL : &ts, mask);
	if (n < 0)
		return -1;
	if (own->revents)
		waiter_harvest(t);
	return 0;
}

/* Signals that report a fault of the code itself stay as they are. */
static void block_signals(sigset_t *old)
{
	sigset_t most;

	sigfillset(&most);
	sigdelset(&most, SIGSEGV);
	sigdelset(&most, SIGBUS);
	sigdelset(&most, SIGILL);
	sigdelset(&most, SIGFPE);
	sigdelset(&most, SIGTRAP);
	sigdelset(&most, SIGABRT);
	pthread_sigmask(SIG_SETMASK, &most, old);
}

static void restore_signals(sigset_t *old)
{
	int saved = errno;

	pthread_sigmask(SIG_SETMASK, old, NULL);
	errno = saved;
}

static int wait_slowly(struct pl_wait *w, uint64_t deadline,
		       const sigset_t *mask)
{
	__attribute__((cleanup(restore_signals))) sigset_t old;
	bool stalled, told = false;
	struct waiter *t;
	int n;

	block_signals(&old);
	for (;;) {
		if (!spin(w, deadline)) {
			t = waiter_for(w);
			if (!t)
				return -1;
			want_all(w);		/* W1, F1 */
			if (!any_work(w)) {	/* W2 */
				stalled = any_stalled(w, told);
				n = sleep_until(w, t, deadline,
						stalled || w->n_src > WAITER_MAX ?
						NM_STALL_MS * 1000000ull :
						UINT64_MAX, mask ? mask : &old);
				if (n < 0)
					return -1;
				told = stalled;
			}
		}
		n = w->look(w);
		if (n || nm_os_now_ns() >= deadline)
			return n;
	}
}

int pl_wait(struct pl_wait *w, const struct timespec *timeout,
	    const sigset_t *mask)
{
	uint64_t deadline = UINT64_MAX;
	int saved = errno, n;

	if (timeout) {
		if (timeout->tv_sec < 0 || timeout->tv_nsec < 0 ||
		    timeout->tv_nsec > 999999999) {
			errno = EINVAL;
			return -1;
		}
		if (timeout->tv_sec < 1000000000)
			deadline = nm_os_now_ns() + timeout->tv_nsec +
				timeout->tv_sec * 1000000000ull;
	}
	n = w->look(w);
	if (!n && (!timeout || timeout->tv_sec || timeout->tv_nsec))
		n = wait_slowly(w, deadline, mask);
	if (n >= 0)
		errno = saved;
	return n;
}
