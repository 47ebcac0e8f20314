/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * epoll with netmap descriptors in it.
 *
 * The real instance holds everything that is not netmap's; what is, is kept
 * in a list beside it.  epoll_wait() evaluates the list, asks the real instance
 * without waiting for the rest, and sleeps (wait.h) on the real instance as on
 * an ordinary descriptor and on the sessions of the list.
 *
 * Edge-triggered: an event is reported when the item is ready and anything
 * about its rings (head, cur, tail) or its syncs has changed since the last
 * report.  New frames and freed slots move a tail, so none goes unreported;
 * looking again at the same state reports nothing.
 *
 * A thread that sleeps while another changes the list is told through an
 * eventfd, the kick.  It is registered with the waiters; threads that went to
 * sleep in the real epoll_wait(), because the list was empty, find it in the
 * real instance under a tag that no program uses: our address, hashed with a
 * random number.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>
#include <net/netmap_user.h>
#include "preload/epoll.h"
#include "preload/real.h"
#include "preload/wait.h"

#define SMALL	16u
#define MODE_BITS (EPOLLET | EPOLLONESHOT | EPOLLWAKEUP | EPOLLEXCLUSIVE)

struct pl_item {
	struct pl_item *next;
	int fd;
	struct pl_desc *d;	/* not referenced: see item_hold() */
	uint32_t serial;
	uint32_t events;	/* as given; 0 after a one-shot report */
	epoll_data_t data;
	uint64_t seen;		/* state of the rings at the last report */
	bool reported;
};

static uint64_t tag;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_tag(void)
{
	if (getrandom(&tag, sizeof(tag), GRND_NONBLOCK) != sizeof(tag))
		tag = 0x9e3779b97f4a7c15u;
	tag ^= (uintptr_t)&tag;
}

/* --- items ---------------------------------------------------------------- */

void pl_epoll_release(struct pl_epoll *e)
{
	struct pl_item *it, *next;

	for (it = e->items; it; it = next) {
		next = it->next;
		free(it);
	}
	e->items = NULL;
	if (e->kick >= 0) {
		pl_install(e->kick, PL_UNKNOWN);
		pl_real()->close(e->kick);
	}
	e->kick = -1;
}

static int kick_make(struct pl_epoll *e)
{
	if (e->kick >= 0)
		return 0;
	e->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (e->kick < 0)
		return -1;
	e->kick = pl_make_private(e->kick);
	return 0;
}

/* e->lock held: whoever sleeps on this instance is to look again. */
static void kick(int epfd, struct pl_epoll *e)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = tag };
	uint64_t add = 1;

	if (pl_real()->write(e->kick, &add, sizeof(add)) < 0)
		return;		/* full: it is readable for ever */
	if (__atomic_load_n(&e->passive, __ATOMIC_SEQ_CST) && !e->kicked)
		e->kicked = !pl_real()->epoll_ctl(epfd, EPOLL_CTL_ADD, e->kick,
						  &ev);
}

/* e->lock held: nobody needs the kick in the real instance any more. */
static void unkick(int epfd, struct pl_epoll *e)
{
	if (e->kicked && !__atomic_load_n(&e->passive, __ATOMIC_SEQ_CST) &&
	    !pl_real()->epoll_ctl(epfd, EPOLL_CTL_DEL, e->kick, NULL))
		e->kicked = false;
}

/*
 * e->lock held: the item at *@p, its open file referenced.  An item does not
 * hold its file: closing the last number and mapping removes it, here.
 */
static struct pl_desc *item_hold(struct pl_epoll *e, struct pl_item **p)
{
	struct pl_item *it = *p;

	if (pl_hold(it->d, it->serial))
		return it->d;
	*p = it->next;
	__atomic_sub_fetch(&e->n_items, 1, __ATOMIC_RELEASE);
	free(it);
	return NULL;
}

static short poll_events(uint32_t events)
{
	return events & (POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM);
}

unsigned int pl_epoll_sources(struct pl_desc *ep, struct pl_src *src,
			      unsigned int max)
{
	struct pl_epoll *e = &ep->e;
	struct pl_item **p, *it;
	struct pl_desc *d;
	unsigned int n = 0;

	if (!__atomic_load_n(&e->n_items, __ATOMIC_ACQUIRE))
		return 0;
	pthread_mutex_lock(&e->lock);
	for (p = &e->items; (it = *p);) {
		d = item_hold(e, p);
		if (!d)
			continue;
		p = &it->next;
		if (it->events && n < max)
			src[n] = (struct pl_src){ d, poll_events(it->events), 0 };
		else
			pl_put(d);
		n += it->events != 0;
	}
	pthread_mutex_unlock(&e->lock);
	return n;
}

/* --- readiness ------------------------------------------------------------ */

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0xff51afd7ed558ccdu;
	return h ^ h >> 32;
}

static uint64_t mix_ring(uint64_t h, const struct netmap_ring *r)
{
	h = mix(h, (uint64_t)r->head << 32 | r->cur);
	return mix(h, r->tail);
}

/* A number that changes when anything about the rings does. */
static uint64_t state_of(struct pl_file *f, uint32_t events)
{
	uint64_t h = mix(1, __atomic_load_n(&f->syncs, __ATOMIC_RELAXED));
	struct nm_session *s = f->s;
	struct netmap_if *nifp;
	uint32_t i;

	if (!s->mem)
		return h;
	nifp = NETMAP_IF(s->mem, s->b.nifp_ofs);
	if (events & (EPOLLIN | EPOLLRDNORM))
		for (i = 0; i < s->b.rx_n; i++)
			h = mix_ring(h, NETMAP_RXRING(nifp, s->b.rx_first + i));
	if (events & (EPOLLOUT | EPOLLWRNORM))
		for (i = 0; i < s->b.tx_n; i++)
			h = mix_ring(h, NETMAP_TXRING(nifp, s->b.tx_first + i));
	return h;
}

/* What to report of an item now; 0: nothing. */
static uint32_t item_look(struct pl_item *it, struct pl_desc *d)
{
	uint32_t got;
	uint64_t state;

	if (!it->events)
		return 0;
	got = (uint16_t)pl_look_file(d, poll_events(it->events));
	if (!got || !(it->events & EPOLLET))
		return got;
	state = mix(state_of(&d->f, it->events), got);
	if (it->reported && it->seen == state)
		return 0;
	it->seen = state;
	it->reported = true;
	return got;
}

/* e->lock held: reports of netmap descriptors, at most @max. */
static int look_items(struct pl_epoll *e, struct epoll_event *ev, int max)
{
	struct pl_item **p, *it;
	struct pl_desc *d;
	uint32_t got;
	int n = 0, turns = e->n_items;

	for (p = &e->items; n < max && turns-- > 0 && (it = *p);) {
		d = item_hold(e, p);
		if (!d)
			continue;
		p = &it->next;
		got = item_look(it, d);
		pl_put(d);
		if (!got)
			continue;
		ev[n].events = got;
		ev[n++].data = it->data;
		if (it->events & EPOLLONESHOT)
			it->events = 0;
	}
	if (n == max && e->items && e->items->next && *p) {
		/* Whoever had no turn comes first next time. */
		struct pl_item *rest = *p, **last = &rest->next;

		if (rest != e->items) {
			*p = NULL;
			while (*last)
				last = &(*last)->next;
			*last = e->items;
			e->items = rest;
		}
	}
	return n;
}

/* --- epoll_ctl -------------------------------------------------------------- */

/* The instance behind a number; made known if it was not made by us. */
static struct pl_desc *instance(int epfd)
{
	struct pl_desc *d = pl_get(epfd, PL_EPOLL);
	char link[40], what[40];
	ssize_t n;

	if (d)
		return d;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", epfd);
	n = readlink(link, what, sizeof(what) - 1);
	if (n < 0)
		return NULL;
	what[n] = '\0';
	if (strcmp(what, "anon_inode:[eventpoll]"))
		return NULL;
	d = pl_new(PL_EPOLL);
	if (!d)
		return NULL;
	pl_hold(d, d->serial);
	if (pl_install(epfd, d)) {
		pl_put(d);
		pl_put(d);
		return NULL;
	}
	return d;
}

static void item_set(struct pl_item *it, const struct epoll_event *ev)
{
	it->events = ev->events;
	/* Errors are always reported; keep the word from being zero. */
	it->events |= EPOLLERR;
	it->data = ev->data;
	it->reported = false;
}

static int item_add(struct pl_epoll *e, struct pl_item **p, int fd,
		    struct pl_desc *d, const struct epoll_event *ev)
{
	struct pl_item *it;

	if (*p)
		return EEXIST;
	if (kick_make(e))
		return errno;
	it = calloc(1, sizeof(*it));
	if (!it)
		return ENOMEM;
	it->fd = fd;
	it->d = d;
	it->serial = d->serial;
	item_set(it, ev);
	it->next = e->items;
	e->items = it;
	__atomic_add_fetch(&e->n_items, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static int item_ctl(int epfd, struct pl_epoll *e, int op, int fd,
		    struct pl_desc *d, const struct epoll_event *ev)
{
	struct pl_item **p = &e->items, *it;
	int error = 0;

	while ((it = *p) && (it->fd != fd || it->d != d ||
			     it->serial != d->serial))
		p = &it->next;
	if (op != EPOLL_CTL_DEL && !ev)
		return EFAULT;
	if (op == EPOLL_CTL_ADD) {
		error = item_add(e, p, fd, d, ev);
	} else if (!it) {
		return ENOENT;
	} else if (op == EPOLL_CTL_MOD) {
		item_set(it, ev);
	} else if (op == EPOLL_CTL_DEL) {
		*p = it->next;
		__atomic_sub_fetch(&e->n_items, 1, __ATOMIC_RELEASE);
		free(it);
	} else {
		return EINVAL;
	}
	if (!error && op != EPOLL_CTL_DEL)
		kick(epfd, e);
	return error;
}

PL_EXPORT int epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev)
{
	PL_SCOPED struct pl_desc *d = pl_get_file(fd);
	PL_SCOPED struct pl_desc *ep = NULL;
	int error;

	if (!d)
		return pl_real()->epoll_ctl(epfd, op, fd, ev);
	ep = instance(epfd);
	if (!ep)
		return pl_real()->epoll_ctl(epfd, op, fd, ev);
	pthread_once(&once, make_tag);
	pthread_mutex_lock(&ep->e.lock);
	error = item_ctl(epfd, &ep->e, op, fd, d, ev);
	pthread_mutex_unlock(&ep->e.lock);
	if (error) {
		errno = error;
		return -1;
	}
	return 0;
}

static int made(int epfd)
{
	struct pl_desc *d;

	if (epfd < 0)
		return epfd;
	pl_forget(epfd);
	d = pl_new(PL_EPOLL);
	if (d && pl_install(epfd, d))
		pl_put(d);
	return epfd;
}

PL_EXPORT int epoll_create(int size)
{
	return made(pl_real()->epoll_create(size));
}

PL_EXPORT int epoll_create1(int flags)
{
	return made(pl_real()->epoll_create1(flags));
}

/* --- epoll_wait ------------------------------------------------------------- */

struct call {
	struct pl_wait w;
	struct pl_desc *ep;
	int epfd;
	struct epoll_event *ev;
	int max;
	struct pl_src small[SMALL];
	struct pollfd fds[2];
};

static void sources_drop(struct call *c)
{
	unsigned int i;

	for (i = 0; i < c->w.n_src; i++)
		pl_put(c->w.src[i].d);
	c->w.n_src = 0;
	if (c->w.src != c->small)
		free(c->w.src);
	c->w.src = c->small;
}

/* The list may have changed since: take it anew. */
static int sources_take(struct call *c)
{
	unsigned int max = SMALL, n;

	for (;;) {
		n = pl_epoll_sources(c->ep, c->w.src, max);
		c->w.n_src = n < max ? n : max;
		if (n <= max)
			return 0;
		sources_drop(c);
		max = n;
		c->w.src = calloc(max, sizeof(*c->w.src));
		if (!c->w.src) {
			c->w.src = c->small;
			errno = ENOMEM;
			return -1;
		}
	}
}

/* Our own event is not for the program; return how many are. */
static int without_kick(struct epoll_event *ev, int n)
{
	int i, out = 0;

	for (i = 0; i < n; i++)
		if (ev[i].data.u64 != tag)
			ev[out++] = ev[i];
	return out;
}

static int look_others(struct call *c, struct epoll_event *ev, int max)
{
	int n = max > 0 ? pl_real()->epoll_wait(c->epfd, ev, max, 0) : 0;

	return n > 0 ? without_kick(ev, n) : n;
}

static int look(struct pl_wait *w)
{
	struct call *c = (struct call *)w;
	struct pl_epoll *e = &c->ep->e;
	int n = 0, k = 0;
	bool first;

	pthread_mutex_lock(&e->lock);
	unkick(c->epfd, e);
	first = e->turn++ & 1;
	if (first)
		n = look_items(e, c->ev, c->max);
	pthread_mutex_unlock(&e->lock);
	k = look_others(c, c->ev + n, c->max - n);
	if (k < 0)
		return n ? n : -1;
	n += k;
	if (!first) {
		pthread_mutex_lock(&e->lock);
		n += look_items(e, c->ev + n, c->max - n);
		pthread_mutex_unlock(&e->lock);
	}
	if (n)
		return n;
	sources_drop(c);
	return sources_take(c);
}

static int wait_active(int epfd, struct pl_desc *ep, struct epoll_event *ev,
		       int max, const struct timespec *timeout,
		       const sigset_t *mask)
{
	__attribute__((cleanup(sources_drop))) struct call c = {
		.w.look = look, .w.n_fds = 1, .w.epoll = ep,
		.ep = ep, .epfd = epfd, .ev = ev, .max = max,
	};

	c.w.src = c.small;
	c.w.fds = c.fds;
	c.fds[0].fd = epfd;
	c.fds[0].events = POLLIN;
	return pl_wait(&c.w, timeout, mask);
}

static struct timespec now_plus(const struct timespec *ts)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now.tv_sec += ts->tv_sec;
	now.tv_nsec += ts->tv_nsec;
	return now;
}

static struct timespec left_until(const struct timespec *end)
{
	struct timespec now;
	int64_t left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (end->tv_sec - now.tv_sec) * 1000000000ll +
		end->tv_nsec - now.tv_nsec;
	if (left < 0)
		left = 0;
	return (struct timespec){ left / 1000000000, left % 1000000000 };
}

static void passive_end(struct pl_desc **ep)
{
	__atomic_sub_fetch(&(*ep)->e.passive, 1, __ATOMIC_SEQ_CST);
}

/* Whole milliseconds, rounded up, where the C library has no pwait2. */
static int real_wait(int epfd, struct epoll_event *ev, int max,
		     const struct timespec *timeout, const sigset_t *mask)
{
	int64_t ms = -1;

	if (pl_real()->epoll_pwait2 && timeout && timeout->tv_nsec % 1000000)
		return pl_real()->epoll_pwait2(epfd, ev, max, timeout, mask);
	if (timeout)
		ms = timeout->tv_sec > INT_MAX / 1000 - 1 ? INT_MAX :
			timeout->tv_sec * 1000 +
			(timeout->tv_nsec + 999999) / 1000000;
	return pl_real()->epoll_pwait(epfd, ev, max, ms, mask);
}

/* No netmap descriptor in it yet; return -2 when there may be one now. */
static int wait_passive(int epfd, struct pl_desc *ep, struct epoll_event *ev,
			int max, const struct timespec *timeout,
			const sigset_t *mask)
{
	__attribute__((cleanup(passive_end))) struct pl_desc *counted = ep;
	int n, kept;

	__atomic_add_fetch(&ep->e.passive, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&ep->e.n_items, __ATOMIC_SEQ_CST))
		return -2;
	n = real_wait(epfd, ev, max, timeout, mask);
	if (n <= 0 || !tag)
		return n;
	kept = without_kick(ev, n);
	return kept ? kept : -2;
}

static int any_wait(int epfd, struct epoll_event *ev, int max,
		    const struct timespec *timeout, const sigset_t *mask)
{
	PL_SCOPED struct pl_desc *ep = pl_get(epfd, PL_EPOLL);
	struct timespec end, left;
	int n;

	if (!ep || !ev || max <= 0)
		return real_wait(epfd, ev, max, timeout, mask);
	if (timeout)
		end = now_plus(timeout);
	n = __atomic_load_n(&ep->e.n_items, __ATOMIC_ACQUIRE) ? -2 :
		wait_passive(epfd, ep, ev, max, timeout, mask);
	if (n != -2)
		return n;
	if (timeout && (timeout->tv_sec || timeout->tv_nsec))
		left = left_until(&end);
	else
		left = (struct timespec){ 0, 0 };
	return wait_active(epfd, ep, ev, max, timeout ? &left : NULL, mask);
}

PL_EXPORT int epoll_pwait(int epfd, struct epoll_event *ev, int max, int ms,
			  const sigset_t *mask)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	return any_wait(epfd, ev, max, ms < 0 ? NULL : &ts, mask);
}

PL_EXPORT int epoll_wait(int epfd, struct epoll_event *ev, int max, int ms)
{
	return epoll_pwait(epfd, ev, max, ms, NULL);
}

PL_EXPORT int epoll_pwait2(int epfd, struct epoll_event *ev, int max,
			   const struct timespec *timeout, const sigset_t *mask)
{
	return any_wait(epfd, ev, max, timeout, mask);
}
