/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Pipes; see pipe_sync.h.
 *
 * The receiver reads the sender's own slots, those the sender has given away
 * and may not touch.  A sender that does all the same confuses its receiver's
 * frames and nothing else: each slot is loaded once and checked.
 */
#include "engine/plane/pipe_sync.h"

static int linked(struct nm_plane *pl, const struct nm_view *v,
		  struct nm_view *w)
{
	uint32_t peer = nm_load32(&v->r->peer);

	if (nm_view_init(pl, peer, w) || w->kind != NM_PLANE_PIPE ||
	    w->n != v->n || nm_load32(&w->r->dir) == nm_load32(&v->r->dir))
		return -ENODEV;
	return 0;
}

/* End of the last whole packet in [from, head). */
static uint32_t whole(const struct nm_view *v, uint32_t from, uint32_t head)
{
	while (head != from) {
		uint32_t last = nm_prev(head, v->n);

		if (!(nm_load16(&v->slots[last].flags) & NS_MOREFRAG))
			break;
		head = last;
	}
	return head;
}

static void count_sent(const struct nm_view *v, uint32_t from, uint32_t to)
{
	uint64_t packets = 0, bytes = 0;

	for (; from != to; from = nm_next(from, v->n)) {
		struct nm_slot_head h = nm_slot_load(&v->slots[from]);

		packets += !(h.flags & NS_MOREFRAG);
		bytes += h.len;
	}
	nm_count64(&v->r->packets, packets);
	nm_count64(&v->r->bytes, bytes);
}

/* V3: buffers the receiver left in its slots become the sender's. */
static void take_over(const struct nm_view *tx, const struct nm_view *rx,
		      uint32_t from, uint32_t to)
{
	for (; from != to; from = nm_next(from, tx->n)) {
		struct nm_slot_head h = nm_slot_load(&rx->slots[from]);
		struct nm_slot_head mine = nm_slot_load(&tx->slots[from]);

		if (h.buf_idx == mine.buf_idx || h.buf_idx < 2 ||
		    h.buf_idx >= tx->bufs.n)
			continue;
		mine.buf_idx = h.buf_idx;
		mine.flags |= NS_BUF_CHANGED;
		nm_slot_store(&tx->slots[from], mine);
	}
}

int nm_pipe_send(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		 uint32_t head)
{
	struct nm_pring *r = v->r;
	struct nm_view w;
	uint32_t end, rel, changed;

	if (linked(pl, v, &w))
		return -ENODEV;
	/* V2: pairs with V1; the receiver's slots before rel */
	rel = nm_load32_acq(&w.r->rel);
	if (rel >= v->n || r->seen >= v->n)
		return -ENODEV;
	if (rel != r->seen) {
		changed = nm_load32(&w.r->changed);
		if (changed != r->seen_changed)
			take_over(v, &w, r->seen, rel);
		r->seen_changed = changed;
		r->seen = rel;
		r->hwtail = nm_prev(rel, v->n);
	}
	end = whole(v, r->hwcur, head);
	if (end != r->hwcur) {
		count_sent(v, r->hwcur, end);
		r->hwcur = end;
		/* U1: slots before pub */
		nm_store32_rel(&r->pub, end);
		nm_ring_notify(pl, me, w.id);
	}
	return 0;
}

/* Were buffers exchanged in the slots that are given back? */
static int has_changed(const struct nm_view *rx, const struct nm_view *tx,
		       uint32_t from, uint32_t to)
{
	for (; from != to; from = nm_next(from, rx->n))
		if (nm_load32(&rx->slots[from].buf_idx) !=
		    nm_load32(&tx->slots[from].buf_idx))
			return 1;
	return 0;
}

/* U3: the sender's slots [from, to) become ours, each loaded once. */
static void take_slots(const struct nm_view *rx, const struct nm_view *tx,
		       uint32_t from, uint32_t to)
{
	uint64_t packets = 0, bytes = 0;

	for (; from != to; from = nm_next(from, rx->n)) {
		struct netmap_slot *s = &rx->slots[from];
		struct nm_slot_head h = nm_slot_load(&tx->slots[from]);

		if (__builtin_expect(h.buf_idx < 2 || h.buf_idx >= rx->bufs.n ||
				     h.len > rx->bufs.size, 0)) {
			nm_drop(rx->r, NM_DROP_BAD_SLOT, 1);
			h.buf_idx = nm_load32(&s->buf_idx);
			h.len = 0;
		}
		nm_slot_store(s, h);
		nm_store64(&s->ptr, nm_load64(&tx->slots[from].ptr));
		packets += !(h.flags & NS_MOREFRAG);
		bytes += h.len;
	}
	nm_count64(&rx->r->packets, packets);
	nm_count64(&rx->r->bytes, bytes);
}

int nm_pipe_receive(struct nm_plane *pl, struct nm_actor *me,
		    struct nm_view *v, uint32_t head)
{
	struct nm_pring *r = v->r;
	struct nm_view w;
	uint32_t pub;

	if (linked(pl, v, &w))
		return -ENODEV;
	if (head != r->hwcur) {
		if (has_changed(v, &w, r->hwcur, head))
			nm_store32(&r->changed, r->changed + 1);
		r->hwcur = head;
		/* V1: slots before rel, and changed */
		nm_store32_rel(&r->rel, head);
		nm_ring_notify(pl, me, w.id);
	}
	/* U2: pairs with U1; the sender's slots before pub */
	pub = nm_load32_acq(&w.r->pub);
	if (pub >= v->n || nm_dist(head, pub, v->n) <
	    nm_dist(head, r->hwtail, v->n))
		return -ENODEV;
	take_slots(v, &w, r->hwtail, pub);
	r->hwtail = pub;
	return 0;
}
