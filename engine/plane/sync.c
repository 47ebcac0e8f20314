/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * One sync: become the ring's owner, check the user's pointers, do what the
 * ring's kind does, say where things stand.
 *
 * Monitors look in at the two points of observe.h: before a transmit ring's
 * slots are taken, and after a receive ring's slots were filled.
 */
#include "engine/os.h"
#include "engine/plane/sync.h"
#include "engine/plane/view.h"
#include "engine/plane/inbox.h"
#include "engine/plane/vale_fwd.h"
#include "engine/plane/pipe_sync.h"
#include "engine/plane/nic_sync.h"
#include "engine/plane/observe.h"

uint32_t nm_batch_size(void)
{
	return sizeof(struct nm_batch);
}

static int state_error(const struct nm_pring *r)
{
	uint32_t state = nm_load32(&r->state);

	if (__builtin_expect(state == NM_RING_RUN, 1))
		return 0;
	return state == NM_RING_LOCKED ? -EBUSY : -EIO;
}

static void disown(struct nm_pring *r)
{
	NM_LABEL("B2");
	nm_store32_rel(&r->busy, 0);
}

/*
 * Become the owner of a ring; 0, -ENODEV, -EBUSY or -EIO.  Who stops a ring
 * looks at busy afterwards, so its state counts once busy is ours.  Nothing is
 * written to a ring that is not in use: there may be no memory behind it.
 */
static int own(struct nm_pring *r, const struct nm_actor *me, uint32_t dir)
{
	int error;

	if (nm_load32(&r->kind) == NM_PLANE_NONE || nm_load32(&r->dir) != dir)
		return -ENODEV;
	error = state_error(r);
	if (error)
		return error;
	if (nm_load32(&r->busy) || !nm_cas32(&r->busy, 0, me->id + 1))
		return -EBUSY;
	NM_LABEL("B1");
	error = state_error(r);
	if (error)
		disown(r);
	return error;
}

/* Own a ring and see it; the positions are loaded once, here. */
int nm_ring_own_inside(struct nm_plane *pl, struct nm_actor *me, uint32_t ring,
		       uint32_t dir, struct nm_view *v)
{
	struct nm_pring *r = nm_pring_at(pl, ring);
	int error;

	error = own(r, me, dir);
	if (error)
		return error;
	error = nm_view_init(pl, ring, v);
	if (error) {
		disown(r);
		return error;
	}
	v->hwcur = nm_load32(&r->hwcur);
	v->hwtail = nm_load32(&r->hwtail);
	return 0;
}

void nm_ring_disown_inside(struct nm_view *v)
{
	disown(v->r);
}

/* Entering comes first: what a grace period protects is looked at after it. */
int nm_ring_own(struct nm_plane *pl, struct nm_actor *me, uint32_t ring,
		uint32_t dir, struct nm_view *v)
{
	int error;

	if (ring >= NM_MAX_RINGS)
		return -ENODEV;
	nm_actor_enter(pl, me);
	error = nm_ring_own_inside(pl, me, ring, dir, v);
	if (error)
		nm_actor_leave(pl, me);
	return error;
}

void nm_ring_disown(struct nm_plane *pl, struct nm_actor *me,
		    struct nm_view *v)
{
	disown(v->r);
	nm_actor_leave(pl, me);
}

/* head and cur lie in order within the user's part [from, to]. */
static int is_valid(uint32_t from, uint32_t to, uint32_t head, uint32_t cur,
		    uint32_t n)
{
	uint32_t h, c, t;

	if (head >= n || cur >= n || from >= n || to >= n)
		return 0;
	h = nm_dist(from, head, n);
	c = nm_dist(from, cur, n);
	t = nm_dist(from, to, n);
	return h <= c && c <= t;
}

static void remember(struct nm_pring *r, uint32_t head, uint32_t cur)
{
	nm_store32(&r->rhead, head);
	nm_store32(&r->rcur, cur);
}

/* The user's pointers are impossible: everything goes to the known state. */
static int reinit(struct nm_view *v, uint32_t dir, uint32_t *tail)
{
	struct nm_pring *r = v->r;

	nm_view_reinit(v);
	if (v->hwcur >= v->n || v->hwtail >= v->n) {
		v->hwcur = 0;
		v->hwtail = dir ? v->n - 1 : 0;
		nm_store32(&r->hwcur, v->hwcur);
		nm_store32(&r->hwtail, v->hwtail);
	}
	remember(r, v->hwcur, v->hwcur);
	nm_store32(&r->rtail, v->hwtail);
	*tail = v->hwtail;
	return -ERANGE;
}

static int take(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		uint32_t head)
{
	nm_observe_tx(v, v->hwcur, head);
	switch (v->kind) {
	case NM_PLANE_VALE:
		nm_vale_forward(pl, me, v, head);
		v->hwtail = nm_prev(head, v->n);
		nm_store32(&v->r->hwtail, v->hwtail);
		return 0;
	case NM_PLANE_PIPE:
		return nm_pipe_send(pl, me, v, head);
	case NM_PLANE_NIC:
	case NM_PLANE_HOST:
		return nm_nic_send(pl, me, v, head);
	case NM_PLANE_DEV:
		return pl->ops->dev_tx ? pl->ops->dev_tx(pl, me, v, head) :
			-EIO;
	default:	/* null: nothing ever completes */
		return 0;
	}
}

static int bring(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		 uint32_t head)
{
	uint32_t from = v->hwtail;
	int error = 0;

	switch (v->kind) {
	case NM_PLANE_VALE:
		nm_vale_receive(pl, v, head);
		break;
	case NM_PLANE_PIPE:
		error = nm_pipe_receive(pl, me, v, head);
		break;
	case NM_PLANE_NIC:
	case NM_PLANE_HOST:
		nm_nic_forward(pl, me, v, head);
		nm_vale_receive(pl, v, head);
		break;
	case NM_PLANE_DEV:
		nm_nic_forward(pl, me, v, head);
		error = pl->ops->dev_rx ? pl->ops->dev_rx(pl, me, v, head) :
			-EIO;
		break;
	default:
		break;
	}
	nm_observe_rx(v, from, v->hwtail);
	return error;
}

static int sync_owned(struct nm_plane *pl, struct nm_actor *me,
		      struct nm_view *v, uint32_t dir, uint32_t head,
		      uint32_t cur, uint32_t *tail)
{
	struct nm_pring *r = v->r;
	uint32_t from = dir ? nm_load32(&r->rhead) : v->hwcur;
	uint32_t to = dir ? nm_load32(&r->rtail) : v->hwtail;
	int error;

	if (__builtin_expect(!is_valid(from, to, head, cur, v->n) ||
			     v->hwcur >= v->n || v->hwtail >= v->n, 0))
		return reinit(v, dir, tail);
	remember(r, head, cur);
	error = dir ? take(pl, me, v, head) : bring(pl, me, v, head);
	nm_count64(&r->syncs, 1);
	if (__builtin_expect(error == -EAGAIN, 0))
		return reinit(v, dir, tail);
	*tail = v->hwtail;
	nm_store32(&r->rtail, v->hwtail);
	return error;
}

static int sync_ring(struct nm_plane *pl, struct nm_actor *me, uint32_t ring,
		     uint32_t dir, uint32_t head, uint32_t cur, uint32_t *tail)
{
	struct nm_view v;
	int error;

	error = nm_ring_own(pl, me, ring, dir, &v);
	if (error)
		return error;
	error = sync_owned(pl, me, &v, dir, head, cur, tail);
	nm_ring_disown(pl, me, &v);
	return error;
}

int nm_sync_tx(struct nm_plane *pl, struct nm_actor *me, uint32_t ring,
	       uint32_t head, uint32_t cur, uint32_t *tail)
{
	return sync_ring(pl, me, ring, 1, head, cur, tail);
}

int nm_sync_rx(struct nm_plane *pl, struct nm_actor *me, uint32_t ring,
	       uint32_t head, uint32_t cur, uint32_t *tail)
{
	return sync_ring(pl, me, ring, 0, head, cur, tail);
}

int nm_ring_sync_user(struct nm_plane *pl, struct nm_actor *me, uint32_t ring,
		      int tx)
{
	struct nm_view v;
	uint32_t tail = 0;
	int error;

	error = nm_ring_own(pl, me, ring, tx != 0, &v);
	if (error)
		return error;
	error = sync_owned(pl, me, &v, tx != 0, nm_load32(&v.ring->head),
			   nm_load32(&v.ring->cur), &tail);
	if (error == -ERANGE) {
		nm_store32(&v.ring->head, v.hwcur);
		nm_store32(&v.ring->cur, v.hwcur);
	}
	if (!error || error == -ERANGE)
		nm_store32_rel(&v.ring->tail, tail);
	if (!tx && !error)
		nm_os_walltime(&v.ring->ts);
	nm_ring_disown(pl, me, &v);
	return error;
}

int nm_ring_positions(struct nm_plane *pl, uint32_t ring, uint32_t *hwcur,
		      uint32_t *hwtail)
{
	struct nm_pring *r = nm_pring_at(pl, ring);

	if (nm_load32(&r->kind) == NM_PLANE_NONE)
		return -ENODEV;
	*hwcur = nm_load32(&r->hwcur);
	*hwtail = nm_load32(&r->hwtail);
	return 0;
}

int nm_ring_has_work(struct nm_plane *pl, uint32_t ring)
{
	struct nm_pring *r = nm_pring_at(pl, ring);
	struct nm_pring *p = nm_pring_at(pl, nm_load32(&r->peer));
	uint32_t kind = nm_load32(&r->kind);
	uint32_t n = nm_load32(&r->n_slots);
	uint64_t taken, word;

	if (kind == NM_PLANE_PIPE)
		return nm_load32(&r->dir) ?
			nm_load32_acq(&p->rel) != nm_load32(&r->seen) :
			nm_load32_acq(&p->pub) != nm_load32(&r->hwtail);
	if (!nm_plane_has_inbox(kind) || !n)
		return 0;
	/* what was copied is free at once: is all of it shown? */
	if (nm_load32(&r->dir))
		return (nm_load32(&r->hwtail) + 1) % n != nm_load32(&r->hwcur);
	/* frames for which the ring has no slot left come when it has */
	if ((nm_load32(&r->hwtail) + 1) % n == nm_load32(&r->hwcur))
		return 0;
	taken = nm_load64(&r->taken);
	word = nm_load64_acq(&nm_inbox_at(pl, ring)[taken & nm_inbox_mask(r)].word);
	return nm_entry_seq(word) == (taken & NM_ENTRY_SEQ_MASK) &&
		nm_entry_state(word) != NM_ENTRY_FREE;
}

void nm_ring_want(struct nm_plane *pl, uint32_t ring)
{
	nm_store32(&nm_pring_at(pl, ring)->want, 1);
	nm_fence_full();	/* F1: pairs with F2 */
}

void nm_ring_notify(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
	struct nm_pring *r = nm_pring_at(pl, ring);

	nm_fence_full();	/* F2: pairs with F1 */
	if (!nm_load32(&r->want) || !nm_xchg32(&r->want, 0))
		return;
	NM_LABEL("W3");
	nm_add64(&r->wakeups, 1);
	pl->ops->wake(pl, me, ring);
}

void nm_ring_setup(struct nm_plane *pl, uint32_t ring)
{
	struct nm_pring *r = nm_pring_at(pl, ring);
	struct nm_entry *e = nm_inbox_at(pl, ring);
	struct nm_view v;
	uint32_t i, entries = 2;
	uint64_t base;

	if (nm_view_init(pl, ring, &v))
		return;
	r->busy = 0;
	r->hwcur = r->rhead = r->rcur = 0;
	r->hwtail = r->rtail = r->dir ? v.n - 1 : 0;
	r->seen = r->changed = 0;
	r->pub = r->rel = r->want = 0;
	/*
	 * Each life of a ring has indices of its own, so that an entry word or
	 * a late commit of an earlier life matches nothing in this one.
	 */
	base = (uint64_t)(r->gen & 0xfff) << 26;
	r->taken = r->reserved = r->posted = r->n_posted = base;
	if (r->dir || !nm_plane_has_inbox(v.kind))
		return;
	while (entries < v.n)
		entries *= 2;
	r->inbox_mask = entries - 1;
	for (i = 0; i < v.n; i++)
		nm_inbox_fill(&e[(base + i) & (entries - 1)], base + i,
			      v.slots[i].buf_idx);
	for (; i < entries; i++)	/* not posted in the first lap */
		nm_inbox_fill(&e[(base + i) & (entries - 1)],
			      base + i - entries, 0);
	nm_inbox_publish(r, base + v.n);
}
