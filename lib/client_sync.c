/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Syncs of a session's rings, on both paths.
 *
 * Direct: this thread is an actor of the plane and does the work itself.
 * Isolated: the ring's block (behind its slots) carries the pointers to the
 * server's thread and back; doc/user-mode.md, section 7.  The path is looked
 * up in every sync, because a switch can change it under our feet.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <net/netmap_user.h>
#include "lib/client.h"
#include "engine/os.h"
#include "engine/plane/inbox.h"

/* A ring of the session, as its owner sees it. */
struct own_ring {
	uint32_t id;		/* in the plane */
	uint32_t block;		/* index of its nm_block_state */
	bool tx;
	struct netmap_ring *ring;
	uint32_t n;		/* slots, checked */
};

/* What one pass over the rings of a direction found. */
struct pass {
	bool ready;		/* some ring has cur != tail */
	bool moved;		/* isolated: a tail did, since the last sync */
	bool bad;		/* some ring was re-initialised */
	int error;		/* a ring stopped for good */
};

static uint32_t n_rings(const struct nm_session *s, bool tx)
{
	return tx ? s->b.tx_n : s->b.rx_n;
}

/* Our own netmap_if says where the ring is; it is our own memory to spoil. */
static int own_ring(const struct nm_session *s, bool tx, uint32_t i,
		    struct own_ring *o)
{
	struct netmap_if *nifp = (struct netmap_if *)(s->mem + s->b.nifp_ofs);
	uint32_t idx = i + (tx ? s->b.tx_first : s->b.rx_first);
	uint32_t skip = tx ? 0 : nifp->ni_tx_rings + nifp->ni_host_tx_rings;
	uint64_t ofs;

	o->tx = tx;
	o->id = s->b.ring0 + idx + (tx ? s->b.n_rx : 0);
	o->block = idx + (tx ? s->b.n_rx : 0);
	ofs = s->b.nifp_ofs + nifp->ring_ofs[skip + idx];
	if (ofs + sizeof(struct netmap_ring) > s->mem_size || ofs % 64)
		return -EIO;
	o->ring = (struct netmap_ring *)(s->mem + ofs);
	o->n = o->ring->num_slots;
	if (o->n < 2 || o->n > NM_MAX_SLOTS ||
	    ofs + sizeof(struct netmap_ring) + o->n * 16ull + 256 > s->mem_size)
		return -EIO;
	return 0;
}

static struct nm_csb_atok *block_atok(const struct own_ring *o)
{
	size_t ofs = sizeof(struct netmap_ring) +
		o->n * sizeof(struct netmap_slot);

	return (void *)((char *)o->ring + ((ofs + 127) & ~127ul));
}

static struct nm_csb_ktoa *block_ktoa(const struct own_ring *o)
{
	return (void *)(block_atok(o) + 1);
}

/* Does this thread run the ring's syncs itself? */
static bool is_direct(const struct nm_session *s, bool tx)
{
	if (!s->peer || !s->b.direct)
		return false;
	if (!tx)
		return true;
	return nm_load32(&nm_pport_at(nm_peer_plane(s->peer), s->b.port)->path) ==
		NM_PATH_DIRECT;
}

/* --- isolated ---------------------------------------------------------- */

/*
 * One thread at a time publishes on a block.  The word names the process, so
 * that one which died in here does not keep it.
 */
static bool block_own(struct nm_csb_atok *a)
{
	uint32_t *busy = &a->pad[0], holder = nm_load32(busy);

	if (holder && (pid_t)holder != getpid() && kill(holder, 0) < 0 &&
	    errno == ESRCH)
		nm_cas32(busy, holder, 0);
	return nm_cas32(busy, 0, getpid());
}

static void block_disown(struct nm_csb_atok *a)
{
	nm_store32_rel(&a->pad[0], 0);
}

/* NS_INDIRECT: the server cannot follow our addresses; fetch it ourselves. */
static void fetch_indirect(const struct own_ring *o, uint32_t from, uint32_t to)
{
	uint32_t i, idx, size = o->ring->nr_buf_size;

	for (i = from; i < o->n && i != to; i = i + 1 == o->n ? 0 : i + 1) {
		struct netmap_slot *t = &o->ring->slot[i];

		if (!(t->flags & NS_INDIRECT))
			continue;
		idx = t->buf_idx;
		t->flags &= ~NS_INDIRECT;
		if (t->len > size ||
		    nm_user_copy_in(NULL, NETMAP_BUF(o->ring, idx), t->ptr,
				    t->len))
			t->len = 0;
	}
}

static void kick(const struct nm_session *s, struct nm_csb_ktoa *k)
{
	uint64_t one = 1;

	nm_fence_full();	/* F1/F2 of the block: index before the flag */
	if (nm_load32(&k->kern_need_kick) &&
	    write(s->doorbell_fd, &one, sizeof(one)) < 0)
		return;		/* counter full: it rings already */
}

/* Take what the server published; the order is hwtail, then hwcur. */
static int block_collect(struct nm_session *s, const struct own_ring *o,
			 struct pass *p)
{
	struct nm_csb_ktoa *k = block_ktoa(o);
	uint32_t reinits = nm_load32_acq(&k->pad[0]);
	uint32_t tail = nm_load32_acq(&k->hwtail);
	uint32_t cur = nm_load32(&k->hwcur);

	if (reinits != s->blocks[o->block].reinits && cur < o->n) {
		s->blocks[o->block].reinits = reinits;
		nm_store32(&o->ring->head, cur);
		nm_store32(&o->ring->cur, cur);
		nm_store32_rel(&o->ring->tail, tail < o->n ? tail : cur);
		return -ERANGE;
	}
	if (tail < o->n && tail != nm_load32(&o->ring->tail)) {
		nm_store32_rel(&o->ring->tail, tail);
		p->moved = true;
	}
	return nm_load32(&k->pad[1]) ? -EIO : 0;
}

static int sync_isolated(struct nm_session *s, const struct own_ring *o,
			 struct pass *p)
{
	struct nm_csb_atok *a = block_atok(o);
	struct nm_csb_ktoa *k = block_ktoa(o);
	uint32_t head, cur, from;
	int error;

	if (!block_own(a))
		return 0;	/* another thread is at it: skipped */
	head = nm_load32(&o->ring->head);
	cur = nm_load32(&o->ring->cur);
	if (head != nm_load32(&a->head) || cur != nm_load32(&a->cur)) {
		/* the server writes an impossible head when it begins */
		from = nm_load32(&a->head);
		if (from >= o->n)
			from = nm_load32(&k->hwcur);
		if (o->tx && head < o->n)
			fetch_indirect(o, from, head);
		nm_store32_rel(&a->cur, cur);
		nm_store32_rel(&a->head, head);
		kick(s, k);
	}
	error = block_collect(s, o, p);
	if (!o->tx)
		nm_os_walltime(&o->ring->ts);
	block_disown(a);
	return error;
}

/* --- both --------------------------------------------------------------- */

#define BUSY_TRIES	32	/* about a millisecond */

/*
 * A ring may be held by another thread of the user, which is to be skipped,
 * or for a moment by the server, when the path changes or it is locked: then
 * nobody else would send what we were to send.  So wait a little.
 */
static int sync_one(struct nm_session *s, struct nm_actor *me,
		    const struct own_ring *o, struct pass *p)
{
	int i, error;

	if (!me) {
		error = sync_isolated(s, o, p);
		/* the server may have let go of the ring without seeing that */
		nm_fence_full();
		if (error || !o->tx || !is_direct(s, true))
			return error;
		me = nm_peer_actor(s->peer, s->b.region);
		if (!me)
			return -EIO;
	}
	for (i = 0; i < BUSY_TRIES; i++) {
		error = nm_ring_sync_user(nm_peer_plane(s->peer), me, o->id,
					  o->tx);
		nm_peer_synced(s->peer, me);
		if (error != -EBUSY)
			return error;
		if (i < BUSY_TRIES / 2)
			sched_yield();
		else
			nm_os_usleep(50);
	}
	return 0;
}

/* Has the user given slots that nobody has taken yet? */
static bool is_pending(const struct nm_session *s, bool direct,
		       const struct own_ring *o)
{
	uint32_t hwcur = direct ?
		nm_load32(&nm_pring_at(nm_peer_plane(s->peer), o->id)->hwcur) :
		nm_load32(&block_ktoa(o)->hwcur);

	return nm_load32(&o->ring->head) != hwcur;
}

/* Sync the rings of a direction; those that need not be may be skipped. */
static void sync_pass(struct nm_session *s, bool tx, bool all, bool until_ready,
		      struct pass *p)
{
	struct nm_actor *me = NULL;
	struct own_ring o;
	uint32_t i;
	int error;

	if (is_direct(s, tx)) {
		me = nm_peer_actor(s->peer, s->b.region);
		if (!me) {
			p->error = -EIO;
			return;
		}
	}
	for (i = 0; i < n_rings(s, tx); i++) {
		error = own_ring(s, tx, i, &o);
		if (!error && (all || !until_ready || !p->ready ||
			       is_pending(s, me != NULL, &o)))
			error = sync_one(s, me, &o, p);
		if (error == -ERANGE)
			p->bad = true;
		else if (error)
			p->error = -EIO;
		else if (nm_load32(&o.ring->cur) != nm_load32(&o.ring->tail))
			p->ready = true;
	}
}

#define ALIVE_NS	100000000ull	/* look after the server so often */

/*
 * Who never sleeps never sees the socket hang up, and on the direct path could
 * go on for ever with a plane that nobody looks after: so look now and then.
 * Threads may race for the stamp; both look then.
 */
static bool server_is_gone(struct nm_session *s)
{
	struct pollfd pfd = { .fd = s->fd, .events = POLLRDHUP };
	struct timespec ts;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	now = ts.tv_sec * 1000000000ull + ts.tv_nsec;
	if (now - __atomic_load_n(&s->seen_ns, __ATOMIC_RELAXED) < ALIVE_NS)
		return false;
	if (poll(&pfd, 1, 0) > 0 && (pfd.revents & (POLLHUP | POLLRDHUP | POLLERR)))
		return true;
	__atomic_store_n(&s->seen_ns, now, __ATOMIC_RELAXED);
	return false;
}

int nm_session_sync(struct nm_session *s, bool tx)
{
	struct pass p = { 0 };

	if (!s->mem)
		return -ENXIO;
	if (server_is_gone(s))
		return -EIO;
	sync_pass(s, tx, true, false, &p);
	if (!p.moved && !is_direct(s, tx))
		sched_yield();	/* perhaps the server needs this CPU */
	if (p.error)
		return p.error;
	return p.bad ? -ERANGE : 0;
}

#define RD_EVENTS	(POLLIN | POLLRDNORM)
#define WR_EVENTS	(POLLOUT | POLLWRNORM)

/* A pipe's peer closed, and who bound asked to be told. */
static bool has_hung_up(const struct nm_session *s)
{
	uint32_t i;

	if (!(s->b.nr_flags & NR_PEER_HUP))
		return false;
	if (!s->peer)
		return false;
	for (i = 0; i < s->b.n_rx; i++)
		if (nm_load32(&nm_pring_at(nm_peer_plane(s->peer),
					   s->b.ring0 + i)->hup))
			return true;
	return false;
}

short nm_session_poll(struct nm_session *s, short events)
{
	bool rd = events & RD_EVENTS, wr = events & WR_EVENTS;
	struct pass tx = { 0 }, rx = { 0 };
	short revents = 0;

	if (!s->mem || server_is_gone(s))
		return POLLERR;
	if (wr || !(s->b.nr_flags & NR_NO_TX_POLL))
		sync_pass(s, true, false, wr, &tx);
	if (rd || (s->b.nr_flags & NR_DO_RX_POLL))
		sync_pass(s, false, true, false, &rx);
	if (wr && tx.ready)
		revents |= events & WR_EVENTS;
	if (rd && rx.ready)
		revents |= events & RD_EVENTS;
	if (tx.bad || tx.error || rx.bad || rx.error)
		revents |= POLLERR;
	if (has_hung_up(s))
		revents |= POLLHUP;
	return revents;
}

static bool ring_has_work(struct nm_session *s, bool tx, uint32_t i)
{
	struct own_ring o;

	if (own_ring(s, tx, i, &o))
		return true;
	/* shown already, perhaps by a sync of another thread */
	if (nm_load32(&o.ring->cur) != nm_load32(&o.ring->tail))
		return true;
	if (is_direct(s, tx))
		return nm_ring_has_work(nm_peer_plane(s->peer), o.id);
	return nm_load32_acq(&block_ktoa(&o)->hwtail) !=
		nm_load32(&o.ring->tail) ||
		nm_load32(&block_ktoa(&o)->pad[0]) != s->blocks[o.block].reinits ||
		nm_load32(&block_ktoa(&o)->pad[1]);
}

bool nm_session_has_work(struct nm_session *s, short events)
{
	uint32_t i;

	if (!s->mem || has_hung_up(s) || nm_session_is_closed(s))
		return true;
	if (events & RD_EVENTS)
		for (i = 0; i < s->b.rx_n; i++)
			if (ring_has_work(s, false, i))
				return true;
	if (events & WR_EVENTS)
		for (i = 0; i < s->b.tx_n; i++)
			if (ring_has_work(s, true, i))
				return true;
	return false;
}

static void ring_want(struct nm_session *s, bool tx, uint32_t i)
{
	struct own_ring o;

	if (own_ring(s, tx, i, &o))
		return;
	if (is_direct(s, tx)) {
		nm_ring_want(nm_peer_plane(s->peer), o.id);
		return;
	}
	nm_store32(&block_atok(&o)->appl_need_kick, 1);
	nm_fence_full();
}

void nm_session_want(struct nm_session *s, short events)
{
	uint32_t i;

	if (!s->mem)
		return;
	if (events & RD_EVENTS)
		for (i = 0; i < s->b.rx_n; i++)
			ring_want(s, false, i);
	if (events & WR_EVENTS)
		for (i = 0; i < s->b.tx_n; i++)
			ring_want(s, true, i);
}

/*
 * A ring that others use, too, may have been re-initialised before we came:
 * that is not news.
 */
void nm_session_blocks(struct nm_session *s)
{
	struct own_ring o;
	uint32_t i, tx;

	for (tx = 0; tx < 2; tx++)
		for (i = 0; i < n_rings(s, tx); i++)
			if (!own_ring(s, tx, i, &o))
				s->blocks[o.block].reinits =
					nm_load32_acq(&block_ktoa(&o)->pad[0]);
}

bool nm_session_is_stalled(struct nm_session *s, bool tell)
{
	struct nm_plane *pl;
	bool stalled = false;
	uint32_t i;

	if (!s->mem || !is_direct(s, false))
		return false;
	pl = nm_peer_plane(s->peer);
	for (i = 0; i < s->b.rx_n; i++) {
		uint32_t ring = s->b.ring0 + s->b.rx_first + i;

		if (nm_load32(&nm_pring_at(pl, ring)->kind) != NM_PLANE_VALE ||
		    !nm_inbox_pending(pl, ring))
			continue;
		stalled = true;
		if (tell)
			nm_peer_stalled(s->peer, ring);
	}
	return stalled;
}
