/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * poll, ppoll, select and pselect.
 *
 * All four become a set of pollfds.  Entries that are netmap's turn into
 * sources (wait.h), and their places in the array given to the kernel are left
 * empty; an entry that is an epoll instance with netmap descriptors in it stays
 * and gets sources besides.  Where there is nothing of ours the call goes to
 * the C library as it came.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <limits.h>
#include <unistd.h>
#include "preload/epoll.h"
#include "preload/real.h"
#include "preload/wait.h"

#define SMALL	32u		/* entries without an allocation */

struct set {
	struct pl_wait w;
	struct pollfd *user;	/* as asked, gets revents */
	nfds_t n;
	bool others;		/* some entry is the kernel's business */
	struct pl_src small_src[SMALL];
	struct pollfd small_fds[SMALL + 1];
};

static void drop_sources(struct set *s)
{
	unsigned int i;

	for (i = 0; i < s->w.n_src; i++)
		pl_put(s->w.src[i].d);
	if (s->w.src != s->small_src)
		free(s->w.src);
	s->w.src = s->small_src;
	s->w.n_src = 0;
}

static void set_drop(struct set *s)
{
	drop_sources(s);
	if (s->w.fds != s->small_fds)
		free(s->w.fds);
}

static int look(struct pl_wait *w)
{
	struct set *s = (struct set *)w;
	struct pl_src *src;
	unsigned int i;
	short got;
	int ready = 0;
	nfds_t k;

	for (k = 0; k < s->n; k++)
		s->user[k].revents = 0;
	if (s->others) {
		if (pl_real()->poll(w->fds, w->n_fds, 0) < 0)
			return -1;
		for (k = 0; k < s->n; k++)
			if (w->fds[k].fd >= 0)
				s->user[k].revents = w->fds[k].revents;
	}
	for (i = 0; i < w->n_src; i++) {
		src = &w->src[i];
		got = pl_look_file(src->d, src->events);
		__atomic_add_fetch(&src->d->f.syncs, 1, __ATOMIC_RELAXED);
		if (w->fds[src->index].fd >= 0)	/* inside an epoll instance */
			got = got ? s->user[src->index].events & POLLIN : 0;
		s->user[src->index].revents |= got;
	}
	for (k = 0; k < s->n; k++)
		ready += s->user[k].revents != 0;
	return ready;
}

/* What entry @k is, as sources beginning at @src; how many. */
static unsigned int classify(struct set *s, nfds_t k, struct pl_src *src,
			     unsigned int max)
{
	struct pollfd *p = &s->user[k];
	struct pl_desc *d = pl_get_file(p->fd);
	unsigned int n = 1, i;

	if (d) {
		if (max) {
			*src = (struct pl_src){ d, p->events, k };
			s->w.fds[k].fd = -1;
		} else {
			pl_put(d);
		}
		return 1;
	}
	s->others |= p->fd >= 0;
	d = pl_get(p->fd, PL_EPOLL);
	if (!d)
		return 0;
	n = pl_epoll_sources(d, src, max);
	for (i = 0; i < n && i < max; i++)
		src[i].index = k;
	pl_put(d);
	return n;
}

/* Return 0 when there are netmap descriptors, 1 when not, -1 with errno. */
static int set_fill(struct set *s, struct pollfd *user, nfds_t n)
{
	unsigned int max = SMALL, need, used;
	nfds_t k;

	memset(&s->w, 0, sizeof(s->w));
	s->user = user;
	s->n = n;
	s->w.look = look;
	s->w.src = s->small_src;
	s->w.fds = n <= SMALL ? s->small_fds : malloc((n + 1) * sizeof(*user));
	if (!s->w.fds)
		goto nomem;
	s->w.n_fds = n;
again:
	s->others = false;
	if (n)
		memcpy(s->w.fds, user, n * sizeof(*user));
	for (k = 0, need = 0; k < n; k++) {
		used = need < max ? need : max;
		need += classify(s, k, s->w.src + used, max - used);
	}
	s->w.n_src = need < max ? need : max;
	if (need <= max)
		return need ? 0 : 1;
	drop_sources(s);
	max = need + SMALL;	/* it may have grown meanwhile */
	s->w.src = calloc(max, sizeof(*s->w.src));
	if (s->w.src)
		goto again;
	s->w.src = s->small_src;
nomem:
	errno = ENOMEM;
	return -1;
}

static bool maybe_ours(const struct pollfd *fds, nfds_t n)
{
	nfds_t k;

	for (k = 0; k < n; k++)
		if (fds[k].fd >= 0 && pl_slot(fds[k].fd) != PL_ORDINARY)
			return true;
	return false;
}

/* Return 1 when it is not for us to do; else 0 and *@result. */
static int poll_set(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		    const sigset_t *mask, int *result)
{
	__attribute__((cleanup(set_drop))) struct set s;
	int r;

	s.w.src = s.small_src;
	s.w.fds = s.small_fds;
	s.w.n_src = 0;
	if (!fds || n > INT_MAX / sizeof(*fds) || !maybe_ours(fds, n))
		return 1;
	r = set_fill(&s, fds, n);
	if (r > 0)
		return 1;
	*result = r < 0 ? -1 : pl_wait(&s.w, timeout, mask);
	return 0;
}

static struct timespec from_ms(int ms)
{
	return (struct timespec){ ms / 1000, ms % 1000 * 1000000L };
}

PL_EXPORT int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct timespec ts = from_ms(timeout < 0 ? 0 : timeout);
	int r;

	if (poll_set(fds, n, timeout < 0 ? NULL : &ts, NULL, &r))
		return pl_real()->poll(fds, n, timeout);
	return r;
}

PL_EXPORT int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout,
		    const sigset_t *mask)
{
	int r;

	if (poll_set(fds, n, timeout, mask, &r))
		return pl_real()->ppoll(fds, n, timeout, mask);
	return r;
}

/* What the compiler calls with _FORTIFY_SOURCE; @size is that of the array. */
PL_EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);
PL_EXPORT int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
	if (size / sizeof(*fds) < n)
		abort();
	return poll(fds, n, timeout);
}

PL_EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n,
			  const struct timespec *timeout, const sigset_t *mask,
			  size_t size);
PL_EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t n,
			  const struct timespec *timeout, const sigset_t *mask,
			  size_t size)
{
	if (size / sizeof(*fds) < n)
		abort();
	return ppoll(fds, n, timeout, mask);
}

/* --- select ------------------------------------------------------------- */

#define SEL_IN	(POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define SEL_OUT	(POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define SEL_EX	POLLPRI

#define WORD	(8 * sizeof(unsigned long))

/* Sets may be longer than an fd_set: programs allocate their own. */
static bool in_set(const fd_set *set, int fd)
{
	const unsigned long *w = (const unsigned long *)set;

	return set && w[fd / WORD] >> fd % WORD & 1;
}

static void put_in(fd_set *set, int fd)
{
	unsigned long *w = (unsigned long *)set;

	w[fd / WORD] |= 1ul << fd % WORD;
}

static short asked(int fd, const fd_set *in, const fd_set *out, const fd_set *ex)
{
	return (in_set(in, fd) ? POLLIN : 0) | (in_set(out, fd) ? POLLOUT : 0) |
		(in_set(ex, fd) ? POLLPRI : 0);
}

/* Entries for all members; @fds NULL: only see whether one may be ours. */
static nfds_t collect(int nfds, const fd_set *in, const fd_set *out,
		      const fd_set *ex, struct pollfd *fds, bool *ours)
{
	nfds_t n = 0;
	short events;
	int fd;

	for (fd = 0; fd < nfds; fd++) {
		events = asked(fd, in, out, ex);
		if (!events)
			continue;
		if (fds)
			fds[n] = (struct pollfd){ fd, events, 0 };
		n++;
		*ours |= pl_slot(fd) != PL_ORDINARY;
	}
	return n;
}

static void clear(int nfds, fd_set *set)
{
	if (set)
		memset(set, 0, (nfds + WORD - 1) / WORD * sizeof(long));
}

/* Answer in the caller's sets; how many members, or -1 with errno. */
static int answer(int nfds, fd_set *in, fd_set *out, fd_set *ex,
		  const struct pollfd *fds, nfds_t n)
{
	int count = 0;
	nfds_t k;

	for (k = 0; k < n; k++) {
		if (fds[k].revents & POLLNVAL) {
			errno = EBADF;
			return -1;
		}
	}
	clear(nfds, in);
	clear(nfds, out);
	clear(nfds, ex);
	for (k = 0; k < n; k++) {
		if (fds[k].events & POLLIN && fds[k].revents & SEL_IN) {
			put_in(in, fds[k].fd);
			count++;
		}
		if (fds[k].events & POLLOUT && fds[k].revents & SEL_OUT) {
			put_in(out, fds[k].fd);
			count++;
		}
		if (fds[k].events & POLLPRI && fds[k].revents & SEL_EX) {
			put_in(ex, fds[k].fd);
			count++;
		}
	}
	return count;
}

/* Return 1 when it is not for us to do; else 0 and *@result. */
static int select_set(int nfds, fd_set *in, fd_set *out, fd_set *ex,
		      const struct timespec *timeout, const sigset_t *mask,
		      int *result)
{
	struct pollfd small[SMALL], *fds = small;
	bool ours = false;
	nfds_t n;
	int r;

	if (nfds <= 0)
		return 1;
	n = collect(nfds, in, out, ex, NULL, &ours);
	if (!ours)
		return 1;
	if (n > SMALL)
		fds = malloc(n * sizeof(*fds));
	if (!fds)
		return 1;
	collect(nfds, in, out, ex, fds, &ours);
	r = poll_set(fds, n, timeout, mask, result);
	if (!r && *result >= 0)
		*result = answer(nfds, in, out, ex, fds, n);
	if (fds != small)
		free(fds);
	return r;
}

PL_EXPORT int pselect(int nfds, fd_set *in, fd_set *out, fd_set *ex,
		      const struct timespec *timeout, const sigset_t *mask)
{
	int r;

	if (select_set(nfds, in, out, ex, timeout, mask, &r))
		return pl_real()->pselect(nfds, in, out, ex, timeout, mask);
	return r;
}

/* On Linux the caller's timeout is what is left of it. */
static void leave(struct timeval *tv, const struct timespec *start,
		  const struct timespec *timeout)
{
	struct timespec now;
	int64_t left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (timeout->tv_sec - (now.tv_sec - start->tv_sec)) * 1000000000ll +
		timeout->tv_nsec - (now.tv_nsec - start->tv_nsec);
	if (left < 0)
		left = 0;
	tv->tv_sec = left / 1000000000;
	tv->tv_usec = left % 1000000000 / 1000;
}

PL_EXPORT int select(int nfds, fd_set *in, fd_set *out, fd_set *ex,
		     struct timeval *tv)
{
	struct timespec ts, start;
	int r;

	if (tv) {
		if (tv->tv_sec < 0 || tv->tv_usec < 0) {
			errno = EINVAL;
			return -1;
		}
		ts.tv_sec = tv->tv_sec + tv->tv_usec / 1000000;
		ts.tv_nsec = tv->tv_usec % 1000000 * 1000;
		clock_gettime(CLOCK_MONOTONIC, &start);
	}
	if (select_set(nfds, in, out, ex, tv ? &ts : NULL, NULL, &r))
		return pl_real()->select(nfds, in, out, ex, tv);
	if (tv)
		leave(tv, &start, &ts);
	return r;
}
