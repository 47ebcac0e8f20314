/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The two ends of an inbox: a sender puts packets in, the owner takes them out.
 *
 * Labels S1..S4, T1..T3, P1..P3 are those of doc/user-mode.md, section 4.
 */
#include "engine/plane/vale_fwd.h"
#include "engine/plane/inbox.h"
#include "engine/plane/copy.h"

#define AHEAD	4u	/* entries whose buffers are fetched in advance */

/* Where one delivery goes, checked. */
struct dest {
	struct nm_pring *r;
	struct nm_entry *e;
	struct nm_bufs bufs;
	uint64_t idx;		/* next entry */
	uint64_t end;		/* end of what was reserved */
	uint32_t mask;
	uint32_t voided;
};

/* Two lists of packets, walked in order of the batch. */
struct merge {
	uint16_t a, b;
};

static uint32_t merge_next(const struct nm_batch *bt, struct merge *m)
{
	uint16_t k;

	if (m->a <= m->b) {	/* NM_END is larger than any packet */
		k = m->a;
		if (k != NM_END)
			m->a = bt->pkt[k].next;
	} else {
		k = m->b;
		m->b = bt->pkt[k].next;
	}
	return k;
}

/* Whole packets of the lists that fit @room slots: their slots. */
static uint32_t fitting(const struct nm_batch *bt, struct merge m,
			uint32_t room, uint32_t max_len)
{
	uint32_t k, n = 0;

	while ((k = merge_next(bt, &m)) != NM_END) {
		if (bt->pkt[k].max_len > max_len)
			continue;
		if (n + bt->pkt[k].n > room)
			break;
		n += bt->pkt[k].n;
	}
	return n;
}

/* S1, S2: reserve as much as there is room for. */
static void reserve(const struct nm_batch *bt, struct dest *d,
		    struct merge m, uint32_t wanted)
{
	uint64_t r0;
	uint32_t room, n;

	do {
		r0 = nm_load64(&d->r->reserved);
		room = nm_inbox_room(d->r, r0, d->mask);
		n = wanted;
		if (n > room || bt->max_len > d->bufs.size)
			n = fitting(bt, m, room, d->bufs.size);
		if (!n)
			break;
	} while (!nm_cas64(&d->r->reserved, r0, r0 + n));
	d->idx = r0;
	d->end = r0 + n;
}

/* S3: copy one slot into the buffer of entry @i; 0 when it has none. */
static int fill(struct dest *d, uint64_t i, const struct nm_bslot *s)
{
	uint8_t *buf = nm_buf_at(&d->bufs, nm_load32(&d->e[i & d->mask].buf_idx));

	if (__builtin_expect(!buf, 0))
		return 0;
	nm_copy(buf, s->buf, s->len);
	return 1;
}

static void fetch_ahead(const struct dest *d, uint64_t i)
{
	uint8_t *buf;

	i += AHEAD;
	if (i >= d->end)
		return;
	buf = nm_buf_at(&d->bufs, nm_load32(&d->e[i & d->mask].buf_idx));
	if (buf)
		nm_prefetch_w(buf);
}

/* Give up entries that were reserved and could not be filled. */
static void abandon(struct dest *d, uint64_t i, uint32_t n)
{
	for (; n; n--, i++)
		nm_cas64(&d->e[i & d->mask].word,
			 nm_entry_word(i, NM_ENTRY_FREE, 0, 0, 0),
			 nm_entry_word(i, NM_ENTRY_VOID, 0, 0, 0));
}

static void put_single(struct dest *d, const struct nm_bslot *s)
{
	uint64_t i = d->idx++;

	fetch_ahead(d, i);
	if (__builtin_expect(!fill(d, i, s), 0)) {
		abandon(d, i, 1);
		nm_drop(d->r, NM_DROP_NO_MEM, 1);
	} else if (!nm_inbox_commit(&d->e[i & d->mask], i, 1, 1, s->len)) {
		d->voided++;
	}
}

/* Last slot first, so that a committed first entry is a whole packet. */
static void put_packet(struct dest *d, const struct nm_bslot *s, uint32_t n)
{
	uint64_t first = d->idx;
	uint32_t k, ok = 1;

	d->idx += n;
	for (k = 0; k < n && ok; k++)
		ok = fill(d, first + k, &s[k]);
	if (!ok) {
		abandon(d, first, n);
		nm_drop(d->r, NM_DROP_NO_MEM, 1);
		return;
	}
	for (k = n; k-- > 0 && ok;)
		ok = nm_inbox_commit(&d->e[(first + k) & d->mask], first + k,
				     k == 0, n, s[k].len);
	if (!ok) {
		abandon(d, first, n);
		d->voided++;
	}
}

static int dest_init(struct nm_plane *pl, const struct nm_vsrc *src,
		     uint32_t ring, struct dest *d)
{
	uint32_t port;

	d->r = nm_pring_at(pl, ring);
	d->e = nm_inbox_at(pl, ring);
	d->mask = nm_inbox_mask(d->r);
	d->voided = 0;
	port = nm_load32(&d->r->port);
	if (nm_load32(&nm_pport_at(pl, port)->hdr_len) != src->hdr_len)
		return NM_DROP_VNET;
	if (nm_bufs_init(pl, nm_load32(&d->r->region), &d->bufs))
		return NM_DROP_REGION;
	return -1;
}

void nm_vale_deliver(struct nm_plane *pl, struct nm_actor *me,
		     struct nm_vsrc *src, uint32_t ring,
		     const struct nm_bdst *l1, const struct nm_bdst *l2)
{
	const struct nm_batch *bt = me->batch;
	struct merge m = {
		l1 ? l1->head : NM_END, l2 ? l2->head : NM_END
	};
	uint32_t k, full = 0, too_long = 0, others = 0;
	struct dest d;
	int why;

	why = dest_init(pl, src, ring, &d);
	if (why < 0)
		reserve(bt, &d, m,
			(l1 ? l1->n_slots : 0) + (l2 ? l2->n_slots : 0));
	else
		d.idx = d.end = 0;
	while ((k = merge_next(bt, &m)) != NM_END) {
		const struct nm_bpkt *p = &bt->pkt[k];

		if (__builtin_expect(why >= 0, 0))
			others++;
		else if (__builtin_expect(p->max_len > d.bufs.size, 0))
			too_long++;
		else if (d.end - d.idx < p->n)
			full++;
		else if (p->n == 1)
			put_single(&d, &bt->slot[p->first]);
		else
			put_packet(&d, &bt->slot[p->first], p->n);
	}
	if (__builtin_expect(others, 0))
		nm_drop(d.r, why, others);
	if (__builtin_expect(too_long, 0))
		nm_drop(d.r, NM_DROP_TOO_LONG, too_long);
	if (full)
		nm_drop(d.r, NM_DROP_NO_ROOM, full);
	if (__builtin_expect(d.voided, 0))
		nm_drop(d.r, NM_DROP_VOIDED, d.voided);
	nm_ring_notify(pl, me, ring);
}

/* The owner's position in its inbox while it takes and posts. */
struct owner {
	struct nm_view *v;
	struct nm_entry *e;
	uint64_t taken;
	uint64_t posted;
	uint32_t mask;
};

/* P1, P2 for one buffer; a buffer that is none, or one too many, is let go. */
static void post(struct owner *o, uint32_t buf_idx)
{
	if (__builtin_expect(buf_idx < 2 || buf_idx >= o->v->bufs.n ||
			     o->posted - o->taken > o->mask, 0)) {
		nm_drop(o->v->r, NM_DROP_BAD_SLOT, 1);
		return;
	}
	nm_inbox_fill(&o->e[o->posted & o->mask], o->posted, buf_idx);
	o->posted++;
}

static void release(struct owner *o, uint32_t from, uint32_t to)
{
	while (from != to) {
		post(o, nm_load32(&o->v->slots[from].buf_idx));
		from = nm_next(from, o->v->n);
	}
}

/* An entry that holds no frame: take it, and use its buffer again. */
static void skip(struct owner *o, uint64_t word)
{
	uint32_t buf_idx = nm_load32(&o->e[o->taken & o->mask].buf_idx);

	o->taken++;
	if (nm_entry_state(word) != NM_ENTRY_VOID_KEPT)
		post(o, buf_idx);
}

/* T1: is the whole packet of @n slots there? */
static int is_complete(const struct owner *o, uint32_t n)
{
	uint32_t k;

	for (k = 1; k < n; k++) {
		uint64_t i = o->taken + k;
		uint64_t w = nm_load64_acq(&o->e[i & o->mask].word);

		if (nm_entry_seq(w) != (i & NM_ENTRY_SEQ_MASK) ||
		    nm_entry_state(w) != NM_ENTRY_COMMITTED ||
		    (w & NM_ENTRY_FIRST))
			return 0;
	}
	return 1;
}

/* T2: one entry becomes slot @i; returns its length. */
static uint32_t show(struct owner *o, uint32_t i, uint64_t word, int last)
{
	struct nm_slot_head h = {
		.buf_idx = nm_load32(&o->e[o->taken & o->mask].buf_idx),
		.len = nm_entry_len(word),
		.flags = nm_entry_frags(word) << NS_PORT_SHIFT |
			(last ? 0 : NS_MOREFRAG),
	};

	if (__builtin_expect(h.len > o->v->bufs.size, 0))
		h.len = 0;
	nm_slot_store(&o->v->slots[i], h);
	o->taken++;
	return h.len;
}

/* Import what was committed into the slots from hwtail on. */
static void import(struct owner *o, uint32_t hwcur)
{
	struct nm_pring *r = o->v->r;
	uint32_t t = r->hwtail, room = o->v->n - 1 - nm_dist(hwcur, t, o->v->n);
	uint64_t packets = 0, bytes = 0;

	while (room) {
		/* T1: pairs with S4; the frame and its length */
		uint64_t w = nm_load64_acq(&o->e[o->taken & o->mask].word);
		uint32_t k, n = nm_entry_frags(w);

		if (nm_entry_seq(w) != (o->taken & NM_ENTRY_SEQ_MASK) ||
		    nm_entry_state(w) == NM_ENTRY_FREE)
			break;
		if (nm_entry_state(w) != NM_ENTRY_COMMITTED ||
		    !(w & NM_ENTRY_FIRST) || !n) {
			skip(o, w);
			continue;
		}
		if (n > room)
			break;
		if (n > 1 && !is_complete(o, n)) {
			skip(o, w);
			continue;
		}
		for (k = 1; k <= n; k++) {
			bytes += show(o, t, w, k == n);
			t = nm_next(t, o->v->n);
			w = nm_load64(&o->e[o->taken & o->mask].word);
		}
		room -= n;
		packets++;
	}
	r->hwtail = t;
	if (packets) {
		nm_count64(&r->packets, packets);
		nm_count64(&r->bytes, bytes);
	}
}

void nm_vale_receive(struct nm_plane *pl, struct nm_view *v, uint32_t head)
{
	struct nm_pring *r = v->r;
	struct owner o = {
		.v = v,
		.e = nm_inbox_at(pl, v->id),
		.taken = r->taken,
		.posted = r->n_posted,
		.mask = nm_inbox_mask(r),
	};

	release(&o, r->hwcur, head);
	r->hwcur = head;
	import(&o, head);
	nm_store64(&r->taken, o.taken);
	if (o.posted != r->n_posted)
		nm_inbox_publish(r, o.posted);
}
