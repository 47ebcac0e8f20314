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

/* V3 for slots [i, i + n), which do not wrap. */
static void take_over_stretch(const struct nm_view *tx,
			      const struct nm_view *rx, uint32_t i, uint32_t n)
{
	const struct netmap_slot *s = &rx->slots[i], *end = s + n;
	struct netmap_slot *t = &tx->slots[i];
	const struct nm_bufs bufs = tx->bufs;

	for (; s != end; s++, t++) {
		uint32_t idx = nm_load32(&s->buf_idx);
		uint64_t w = nm_slot_word(t);

		if (idx == nm_slot_idx_of(w) || !nm_buf_is_usable(&bufs, idx))
			continue;
		nm_slot_set(t, idx, nm_slot_len_of(w),
			    nm_slot_flags_of(w) | NS_BUF_CHANGED);
	}
}

/* V3: buffers the receiver left in its slots become the sender's. */
static void take_over(const struct nm_view *tx, const struct nm_view *rx,
		      uint32_t from, uint32_t to)
{
	uint32_t first = to < from ? tx->n - from : to - from;

	take_over_stretch(tx, rx, from, first);
	if (to < from)
		take_over_stretch(tx, rx, 0, to);
}

/* What the receiver gave back is free again. */
static int reclaim(struct nm_view *v, const struct nm_view *w)
{
	/* V2: pairs with V1; the receiver's slots before rel */
	uint32_t rel = nm_load32_acq(&w->r->rel);
	uint32_t seen = nm_load32(&v->r->seen);
	uint32_t from = nm_pipe_rel_head(seen), to = nm_pipe_rel_head(rel);

	if (from >= v->n || to >= v->n ||
	    nm_dist(from, to, v->n) > nm_dist(from, v->hwcur, v->n))
		return -ENODEV;
	if (rel == seen)
		return 0;
	if ((rel ^ seen) >> 16)
		take_over(v, w, from, to);
	nm_store32(&v->r->seen, rel);
	v->hwtail = nm_prev(to, v->n);
	nm_store32(&v->r->hwtail, v->hwtail);
	return 0;
}

int nm_pipe_send(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		 uint32_t head)
{
	struct nm_pring *r = v->r;
	struct nm_view w;
	uint32_t end;

	if (linked(pl, v, &w) || reclaim(v, &w))
		return -ENODEV;
	end = whole(v, v->hwcur, head);
	if (end != v->hwcur) {
		v->hwcur = end;
		nm_store32(&r->hwcur, end);
		NM_LABEL("U1");
		/* U1: slots before pub */
		nm_store32_rel(&r->pub, end);
		nm_ring_notify(pl, me, w.id);
	}
	return 0;
}

/* Were buffers exchanged in slots [i, i + n), which do not wrap? */
static uint32_t changed_stretch(const struct nm_view *rx,
				const struct nm_view *tx, uint32_t i, uint32_t n)
{
	const struct netmap_slot *s = &rx->slots[i], *t = &tx->slots[i];
	uint32_t diff = 0;

	for (; n >= 4; n -= 4, s += 4, t += 4) {
		diff |= nm_load32(&s[0].buf_idx) ^ nm_load32(&t[0].buf_idx);
		diff |= nm_load32(&s[1].buf_idx) ^ nm_load32(&t[1].buf_idx);
		diff |= nm_load32(&s[2].buf_idx) ^ nm_load32(&t[2].buf_idx);
		diff |= nm_load32(&s[3].buf_idx) ^ nm_load32(&t[3].buf_idx);
	}
	for (; n; n--, s++, t++)
		diff |= nm_load32(&s->buf_idx) ^ nm_load32(&t->buf_idx);
	return diff;
}

/* Were buffers exchanged in the slots that are given back? */
static int has_changed(const struct nm_view *rx, const struct nm_view *tx,
		       uint32_t from, uint32_t to)
{
	uint32_t diff;

	if (to >= from)
		return changed_stretch(rx, tx, from, to - from) != 0;
	diff = changed_stretch(rx, tx, from, rx->n - from);
	return (diff | changed_stretch(rx, tx, 0, to)) != 0;
}

/*
 * A slot that is not a packet of its own without flags, as it becomes ours:
 * one that names no buffer keeps the buffer of @s and shows no bytes.
 */
static uint64_t take_other(const struct nm_view *rx,
			   const struct netmap_slot *s, uint64_t w,
			   uint32_t *more)
{
	uint32_t idx = nm_slot_idx_of(w), len = nm_slot_len_of(w);
	uint32_t flags = nm_slot_flags_of(w);

	if (!nm_buf_is_usable(&rx->bufs, idx) || len > rx->bufs.size) {
		nm_drop(rx->r, NM_DROP_BAD_SLOT, 1);
		idx = nm_load32(&s->buf_idx);
		len = 0;
	}
	*more += (flags & NS_MOREFRAG) != 0;
	return nm_slot_pack(idx, len, flags);
}

/* U3 for slots [i, i + n), which do not wrap. */
static void take_stretch(const struct nm_view *rx, const struct nm_view *tx,
			 uint32_t i, uint32_t n, uint64_t *packets,
			 uint64_t *bytes)
{
	struct netmap_slot *s = &rx->slots[i], *end = s + n;
	struct netmap_slot *t = &tx->slots[i];
	const struct nm_bufs bufs = rx->bufs;
	const uint32_t size = bufs.size < 0xffff ? bufs.size : 0xffff;
	uint64_t sum = 0;
	uint32_t more = 0;

	for (; s != end; s++, t++) {
		uint64_t w = nm_slot_word(t);
		uint32_t idx = nm_slot_idx_of(w);

		/* length and flags in one compare */
		if (__builtin_expect(w >> 32 > size ||
				     !nm_buf_is_usable(&bufs, idx), 0))
			w = take_other(rx, s, w, &more);
		nm_slot_put(s, w);
		NM_LABEL("U3");
		nm_store64(&s->ptr, nm_load64(&t->ptr));
		sum += nm_slot_len_of(w);
	}
	*packets += n - more;
	*bytes += sum;
}

/*
 * U3: the sender's slots [from, to) become ours, each loaded once.  What the
 * linked transmit ring is said to have sent is counted here too.
 */
static void take_slots(const struct nm_view *rx, const struct nm_view *tx,
		       uint32_t from, uint32_t to)
{
	uint64_t packets = 0, bytes = 0;
	uint32_t first = to < from ? rx->n - from : to - from;

	take_stretch(rx, tx, from, first, &packets, &bytes);
	if (to < from)
		take_stretch(rx, tx, 0, to, &packets, &bytes);
	nm_count64(&rx->r->packets, packets);
	nm_count64(&rx->r->bytes, bytes);
}

int nm_pipe_receive(struct nm_plane *pl, struct nm_actor *me,
		    struct nm_view *v, uint32_t head)
{
	struct nm_pring *r = v->r;
	struct nm_view w;
	uint32_t pub, changed;

	if (linked(pl, v, &w))
		return -ENODEV;
	if (head != v->hwcur) {
		changed = nm_load32(&r->changed) +
			has_changed(v, &w, v->hwcur, head);
		nm_store32(&r->changed, changed);
		v->hwcur = head;
		nm_store32(&r->hwcur, head);
		NM_LABEL("V1");
		/* V1: slots before rel */
		nm_store32_rel(&r->rel, nm_pipe_rel(head, changed));
		nm_ring_notify(pl, me, w.id);
	}
	/* U2: pairs with U1; the sender's slots before pub */
	pub = nm_load32_acq(&w.r->pub);
	if (pub >= v->n || nm_dist(head, pub, v->n) <
	    nm_dist(head, v->hwtail, v->n))
		return -ENODEV;
	take_slots(v, &w, v->hwtail, pub);
	v->hwtail = pub;
	nm_store32(&r->hwtail, pub);
	return 0;
}
