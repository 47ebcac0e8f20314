/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waking: from the number of a ring to the sessions that may sleep on it.
 *
 * Every bound session is a waiter on each of its rings.  A change of a ring's
 * waiters changes its wake_gen in the plane after the list has changed, so a
 * sender that finds the generation it remembers has the list that belongs to
 * it.
 *
 * The wake descriptor of a direct session is an eventfd that the server, the
 * client and its senders share; they trust each other.  That of an isolated
 * one is a pipe of one page: a client that shared an eventfd with us could
 * fill it, make it blocking (the flag belongs to both), and our next write
 * would never return.  Of a pipe the client has the other end only, and
 * flags of its own.  Either way a wake-up is 8 bytes, and the reader
 * drops what it reads.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "engine/os.h"
#include "netmapd/wake.h"
#include "netmapd/worker.h"

#define HASH	4096u		/* buckets, a power of two */

struct waiter {
	struct waiter *next;
	struct nmd_session *ss;
	uint32_t ring;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct waiter *waiters[HASH];	/* [lock] by ring */

static struct waiter **bucket(uint32_t ring)
{
	return &waiters[ring & (HASH - 1)];
}

int nmd_wake_open(struct nmd_session *ss)
{
	int ends[2];

	if (ss->direct) {
		ss->wake_rx = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ss->wake_tx = ss->wake_rx;
		return ss->wake_rx < 0 ? -errno : 0;
	}
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	fcntl(ends[1], F_SETPIPE_SZ, 4096);
	ss->wake_rx = ends[0];
	ss->wake_tx = ends[1];
	return 0;
}

void nmd_wake_close(struct nmd_session *ss)
{
	if (ss->wake_rx >= 0)
		close(ss->wake_rx);
	if (ss->wake_tx >= 0 && ss->wake_tx != ss->wake_rx)
		close(ss->wake_tx);
	ss->wake_rx = -1;
	ss->wake_tx = -1;
}

void nmd_wake_session(struct nmd_session *ss)
{
	uint64_t one = 1;

	/* when it is full there is a wake-up in it that nobody has read yet */
	(void)!write(ss->wake_tx, &one, sizeof(one));
}

/* The bound rings of a session, one after the other. */
static uint32_t n_rings(const struct nm_bound *b)
{
	return b->rx_n + b->tx_n;
}

static uint32_t nth_ring(const struct nm_bound *b, uint32_t i)
{
	if (i < b->rx_n)
		return b->ring0 + b->rx_first + i;
	return b->ring0 + b->n_rx + b->tx_first + (i - b->rx_n);
}

/*
 * Generations are never used twice, not even by different rings: a ring's
 * place in the plane is cleared when it is used anew, and a sender may
 * remember a list from before.
 */
void nmd_wake_changed(struct nm_plane *pl, uint32_t ring)
{
	static uint32_t last;

	if (++last == 0)	/* a cleared place */
		last = 1;
	nm_store32_rel(&nm_pring_at(pl, ring)->wake_gen, last);
}

static void tell_senders(struct nmd_session *ss)
{
	uint32_t i;

	for (i = 0; i < n_rings(&ss->bound); i++)
		nmd_wake_changed(ss->srv->plane, nth_ring(&ss->bound, i));
}

static void waiter_remove(struct nmd_session *ss, uint32_t ring)
{
	struct waiter **q, *w;

	for (q = bucket(ring); *q; q = &(*q)->next) {
		w = *q;
		if (w->ss == ss && w->ring == ring) {
			*q = w->next;
			free(w);
			return;
		}
	}
}

static int waiter_add(struct nmd_session *ss, uint32_t ring)
{
	struct waiter *w = malloc(sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->ss = ss;
	w->ring = ring;
	w->next = *bucket(ring);
	*bucket(ring) = w;
	return 0;
}

int nmd_wake_bind(struct nmd_session *ss)
{
	const struct nm_bound *b = &ss->bound;
	uint32_t i;
	int r = 0;

	pthread_mutex_lock(&lock);
	for (i = 0; i < n_rings(b) && !r; i++)
		r = waiter_add(ss, nth_ring(b, i));
	while (r && i--)
		waiter_remove(ss, nth_ring(b, i));
	pthread_mutex_unlock(&lock);
	if (!r)
		tell_senders(ss);
	return r;
}

void nmd_wake_unbind(struct nmd_session *ss)
{
	const struct nm_bound *b = &ss->bound;
	uint32_t i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < n_rings(b); i++)
		waiter_remove(ss, nth_ring(b, i));
	pthread_mutex_unlock(&lock);
	tell_senders(ss);
}

void nmd_wake_ring(uint32_t ring, enum nmd_wake_who who)
{
	struct waiter *w;

	pthread_mutex_lock(&lock);
	for (w = *bucket(ring); w; w = w->next) {
		if (w->ring != ring)
			continue;
		if (who & (w->ss->direct ? NMD_WAKE_DIRECT : NMD_WAKE_ISOLATED))
			nmd_wake_session(w->ss);
	}
	pthread_mutex_unlock(&lock);
}

uint32_t nmd_wake_fds(uint32_t ring, int *fds, uint32_t max, uint32_t *more)
{
	struct waiter *w;
	uint32_t n = 0;

	*more = 0;
	pthread_mutex_lock(&lock);
	for (w = *bucket(ring); w; w = w->next) {
		if (w->ring != ring)
			continue;
		if (w->ss->direct && n < max)
			fds[n++] = w->ss->wake_tx;
		else
			*more = 1;
	}
	pthread_mutex_unlock(&lock);
	return n;
}

void nmd_wake_op(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
	struct nmd_server *s = pl->host;

	/*
	 * An isolated session is woken by the worker when it has published
	 * what came, not when it came.  The control plane, in the main
	 * thread, also says things that no sync publishes: a peer that left.
	 */
	if (nmd_worker_is_me(s->worker, me)) {
		nmd_wake_ring(ring, NMD_WAKE_DIRECT);
		return;
	}
	nmd_wake_ring(ring, NMD_WAKE_ALL);
	nmd_worker_kick(s->worker);
}
