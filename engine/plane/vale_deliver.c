/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The two ends of an inbox: a sender puts packets in, the owner takes them out.
 *
 * Labels S1..S4, T1..T3, P1..P3 are those of doc/user-mode.md, section 4.
 */
#include "engine/plane/vale_fwd.h"
#include "engine/plane/inbox.h"
#include "engine/plane/copy.h"

#define AHEAD	8u	/* entries whose buffers are fetched in advance */
#define SHOWN	64u	/* entries that are shown to the receiver together */
#define LINE	4u	/* entries of a cache line */

/* Where one delivery goes, checked. */
struct dest {
	struct nm_pring *r;
	struct nm_entry *e;
	struct nm_bufs bufs;
	uint64_t idx;		/* next entry */
	uint64_t end;		/* end of what was reserved */
	uint32_t mask;
	uint32_t max_n;		/* slots of the longest packet it can show */
	uint32_t check;		/* a packet of the batch may be too long */
	uint32_t too_long, full;	/* packets dropped */
};

/* What is left of a delivery: slots of a run, and two lists of runs. */
struct walk {
	const struct nm_bslot *s, *end;
	uint16_t a, b;
};

/* In order of the batch.  Return whether there is a packet at w->s. */
static inline int walk_on(const struct nm_batch *bt, struct walk *w)
{
	uint16_t *list = &w->a;
	const struct nm_brun *run;

	if (w->s != w->end)
		return 1;
	if (w->b != NM_END && (w->a == NM_END ||
			       bt->run[w->b].first < bt->run[w->a].first))
		list = &w->b;
	if (*list == NM_END)
		return 0;
	run = &bt->run[*list];
	*list = run->next;
	w->s = &bt->slot[run->first];
	w->end = &bt->slot[run->end];
	return 1;
}

/*
 * A slot that is longer than the receiver's buffers, or a packet of as many
 * slots as its ring has: it would never be shown.
 */
static int is_too_long(const struct dest *d, const struct nm_bslot *s)
{
	uint32_t k, n = nm_bslot_n(s);

	for (k = 0; k < n; k++)
		if (nm_bslot_len(&s[k]) > d->bufs.size)
			return 1;
	return n > d->max_n;
}

/* Whole packets that fit @room slots: their slots. */
static uint32_t fitting(const struct nm_batch *bt, const struct dest *d,
			struct walk w, uint32_t room)
{
	uint32_t n, sum = 0;

	for (; walk_on(bt, &w); w.s += n) {
		n = nm_bslot_n(w.s);
		if (d->check && is_too_long(d, w.s))
			continue;
		if (n > room - sum)
			break;
		sum += n;
	}
	return sum;
}

/* S1, S2: reserve as much as there is room for. */
static void reserve(const struct nm_batch *bt, struct dest *d,
		    struct walk w, uint32_t wanted)
{
	uint64_t r0;
	uint32_t room, n;

	do {
		r0 = nm_load64(&d->r->reserved);
		room = nm_inbox_room(d->r, r0, d->mask);
		n = wanted;
		if (n > room || d->check)
			n = fitting(bt, d, w, room);
		if (!n)
			break;
	} while (!nm_cas64(&d->r->reserved, r0, r0 + n));
	NM_LABEL("S2");
	d->idx = r0;
	d->end = r0 + n;
}

/*
 * S3: copy one slot into the buffer of entry @i.  0, -ENOMEM, -EAGAIN: voided,
 * and counted by who did that.
 */
static inline int fill(struct dest *d, uint64_t i, const struct nm_bslot *s)
{
	uint32_t buf_idx = nm_inbox_buf(&d->e[i & d->mask], i);
	uint8_t *buf;

	if (buf_idx < 2)
		return -EAGAIN;
	buf = nm_buf_at(&d->bufs, buf_idx);
	if (!buf)
		return -ENOMEM;
	nm_copy(buf, s->buf, nm_bslot_len(s));
	return 0;
}

/* Give up a packet whose entries could not be filled or committed. */
static void abandon(struct dest *d, uint64_t i, uint32_t n, int error)
{
	if (error == -ENOMEM)
		nm_drop(d->r, NM_DROP_NO_MEM, 1);
	nm_inbox_void(d->e, d->mask, i, n);
}

/* Last slot first, so that a committed first entry is a whole packet. */
static void put_packet(struct dest *d, const struct nm_bslot *s, uint32_t n)
{
	uint64_t first = d->idx;
	int error = 0;
	uint32_t k;

	d->idx += n;
	for (k = 0; k < n && !error; k++)
		error = fill(d, first + k, &s[k]);
	if (__builtin_expect(error, 0)) {
		abandon(d, first, n, error);
		return;
	}
	for (k = n; k-- > 0;) {
		NM_LABEL("S4");
		nm_inbox_commit(&d->e[(first + k) & d->mask], first + k, k == 0,
				n, nm_bslot_len(&s[k]));
	}
}

/*
 * S3, S4, nearly always: @n packets of one slot from @s on, into entries that
 * lie one after the other.  Stops at an entry without a buffer that can be
 * filled.  Return how many.
 * @ahead: from an entry to the one whose buffer is fetched in advance
 * @show: whether to commit them, too
 */
static inline __attribute__((__always_inline__))
uint32_t put_stretch(struct dest *d, int flat, const struct nm_bslot *s,
		     uint32_t n, int32_t ahead, int show)
{
	struct nm_entry *e = &d->e[d->idx & d->mask], *next = e + ahead;
	const struct nm_bslot *first = s, *end = s + n;
	uint64_t word = nm_entry_free(d->idx);
	const struct nm_bufs bufs = d->bufs;
	uint32_t idx, len;
	uint8_t *buf;

	for (; s != end; s++, e++, next++, word += NM_ENTRY_STEP) {
		if (flat) {	/* a prefetch of any address does no harm */
			idx = nm_load32(&next->buf_idx);
			nm_prefetch_w(nm_buf_in(&bufs, 1, idx));
		}
		idx = nm_entry_buf(e, word);
		if (__builtin_expect(!nm_buf_is_usable(&bufs, idx), 0))
			break;
		buf = nm_buf_in(&bufs, flat, idx);
		if (!flat && __builtin_expect(!buf, 0))
			break;
		NM_LABEL("S3");
		len = nm_bslot_len(s);
		nm_copy(buf, s->buf, len);
		NM_LABEL("S4");
		if (show)
			nm_entry_commit(e, word, 1, 1, len);
	}
	d->idx += s - first;
	return s - first;
}

/* S4 for @n packets from @s on, which are in the entries from @idx on. */
static void show_put(struct dest *d, uint64_t idx, const struct nm_bslot *s,
		     uint32_t n)
{
	while (n-- > 0) {
		NM_LABEL("S4");
		nm_inbox_commit(&d->e[(idx + n) & d->mask], idx + n, 1, 1,
				nm_bslot_len(&s[n]));
	}
}

/*
 * A stretch as put_stretch() puts it.  A receiver that is faster than we are
 * looks at the next entry all the time, and each word we write on that line
 * has to wait for the line.  So the words of the first line come last.
 */
static inline __attribute__((__always_inline__))
uint32_t put_hidden(struct dest *d, int flat, const struct nm_bslot *s,
		    uint32_t n, int32_t ahead)
{
	uint64_t idx = d->idx;
	uint32_t head = LINE - (idx & (LINE - 1)), got;

	if (n < 2 * LINE)
		return put_stretch(d, flat, s, n, ahead, 1);
	got = put_stretch(d, flat, s, head, ahead, 0);
	if (got == head)
		got += put_stretch(d, flat, s + head, n - head, ahead, 1);
	show_put(d, idx, s, got < head ? got : head);
	return got;
}

/*
 * Packets of one slot; stops at one of several, where put_stretch() stops, and
 * when there is no room.  Entries are cut in stretches where they wrap, and
 * before that where those do whose buffers are fetched in advance.
 */
static inline __attribute__((__always_inline__))
void put_plain(struct dest *d, const struct nm_batch *bt, int flat,
	       struct walk *w)
{
	uint32_t n, got, to_end;
	int32_t ahead;

	do {
		if (!walk_on(bt, w) || nm_bslot_n(w->s) != 1)
			break;
		to_end = d->mask + 1 - (d->idx & d->mask);
		ahead = AHEAD;
		if (to_end > AHEAD)
			to_end -= AHEAD;
		else
			ahead -= (int32_t)(d->mask + 1);
		n = w->end - w->s;
		if (n > d->end - d->idx)
			n = d->end - d->idx;
		if (n > to_end)
			n = to_end;
		if (n > SHOWN)
			n = SHOWN;
		got = put_hidden(d, flat, w->s, n, ahead);
		w->s += got;
	} while (n && got == n);
}

/* Return -1, or the reason why the ring cannot be given anything. */
static int dest_init(struct nm_plane *pl, const struct nm_vsrc *src,
		     const struct nm_batch *bt, uint32_t ring, struct dest *d)
{
	uint32_t port;

	d->r = nm_pring_at(pl, ring);
	d->e = nm_inbox_at(pl, ring);
	d->mask = nm_inbox_mask(d->r);
	d->max_n = nm_load32(&d->r->n_slots) - 1;
	d->too_long = d->full = 0;
	port = nm_load32(&d->r->port);
	if (nm_load32(&nm_pport_at(pl, port)->hdr_len) != src->hdr_len)
		return NM_DROP_VNET;
	if (nm_bufs_init(pl, nm_load32(&d->r->region), &d->bufs))
		return NM_DROP_REGION;
	d->check = src->v->bufs.size > d->bufs.size || bt->max_n > d->max_n;
	return -1;
}

/* Everything there is, packet by packet where nothing else helps. */
static void put_all(struct dest *d, const struct nm_batch *bt, struct walk *w)
{
	uint32_t n;

	for (;;) {
		if (!d->check && d->bufs.flat)
			put_plain(d, bt, 1, w);
		else if (!d->check)
			put_plain(d, bt, 0, w);
		if (!walk_on(bt, w))
			break;
		n = nm_bslot_n(w->s);
		if (d->check && is_too_long(d, w->s))
			d->too_long++;
		else if (d->end - d->idx < n)
			d->full++;
		else
			put_packet(d, w->s, n);
		w->s += n;
	}
}

static uint32_t count_packets(const struct nm_batch *bt, struct walk w)
{
	uint32_t n;

	for (n = 0; walk_on(bt, &w); n++)
		w.s += nm_bslot_n(w.s);
	return n;
}

void nm_vale_deliver(struct nm_plane *pl, struct nm_actor *me,
		     struct nm_vsrc *src, uint32_t ring,
		     const struct nm_bdst *l1, const struct nm_bdst *l2)
{
	const struct nm_batch *bt = me->batch;
	struct walk w = {
		.a = l1 ? l1->head : NM_END, .b = l2 ? l2->head : NM_END,
	};
	struct dest d;
	int why;

	why = dest_init(pl, src, bt, ring, &d);
	if (why >= 0) {
		nm_drop(d.r, why, count_packets(bt, w));
		return;
	}
	reserve(bt, &d, w, (l1 ? l1->n_slots : 0) + (l2 ? l2->n_slots : 0));
	put_all(&d, bt, &w);
	if (__builtin_expect(d.too_long, 0))
		nm_drop(d.r, NM_DROP_TOO_LONG, d.too_long);
	if (d.full)
		nm_drop(d.r, NM_DROP_NO_ROOM, d.full);
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
	if (__builtin_expect(!nm_buf_is_usable(&o->v->bufs, buf_idx) ||
			     o->posted - o->taken > o->mask, 0)) {
		nm_drop(o->v->r, NM_DROP_BAD_SLOT, 1);
		return;
	}
	nm_inbox_fill(&o->e[o->posted & o->mask], o->posted, buf_idx);
	o->posted++;
}

/* Slots and entries that can be walked without wrapping, at most @max. */
static uint32_t stretch(const struct owner *o, uint32_t slot, uint64_t entry,
			uint32_t max)
{
	uint32_t to_slot = o->v->n - slot;
	uint32_t to_entry = o->mask + 1 - (entry & o->mask);

	if (max > to_slot)
		max = to_slot;
	return max > to_entry ? to_entry : max;
}

/*
 * P1, P2 for a stretch of slots whose indices are fine; stops at one that is
 * not.  Return how many.
 */
static uint32_t release_stretch(struct owner *o, uint32_t from, uint32_t n)
{
	const struct netmap_slot *first = &o->v->slots[from], *s = first;
	struct nm_entry *e = &o->e[o->posted & o->mask];
	const struct nm_bufs bufs = o->v->bufs;
	uint64_t word = nm_entry_free(o->posted);

	for (; s != first + n; s++, e++, word += NM_ENTRY_STEP) {
		uint32_t buf_idx = nm_load32(&s->buf_idx);

		if (__builtin_expect(!nm_buf_is_usable(&bufs, buf_idx), 0))
			break;
		nm_entry_fill(e, word, buf_idx);
		NM_LABEL("P2");
	}
	o->posted += s - first;
	return s - first;
}

/* Slots [from, to) give their buffers back. */
static void release(struct owner *o, uint32_t from, uint32_t to)
{
	uint32_t left = nm_dist(from, to, o->v->n), n, room;

	while (left) {
		room = o->mask + 1 - (o->posted - o->taken);
		n = stretch(o, from, o->posted, left < room ? left : room);
		n = release_stretch(o, from, n);
		if (!n) {	/* not fine, or no room: counted there */
			post(o, nm_load32(&o->v->slots[from].buf_idx));
			n = 1;
		}
		left -= n;
		from += n;
		if (from == o->v->n)
			from = 0;
	}
}

/* An entry that holds no frame: take it, and use its buffer again. */
static void skip(struct owner *o, uint64_t word)
{
	uint32_t buf_idx = nm_load32(&o->e[o->taken & o->mask].buf_idx);

	o->taken++;
	/* 0: a late word took the place of that state */
	if (nm_entry_state(word) != NM_ENTRY_VOID_KEPT && buf_idx)
		post(o, buf_idx);
}

/*
 * T1: is the whole packet of @n slots there?  Where an entry has no buffer, it
 * was voided, and its sender came late.
 */
static int is_complete(const struct owner *o, uint32_t n)
{
	uint32_t k;

	for (k = 0; k < n; k++) {
		uint64_t i = o->taken + k;
		const struct nm_entry *e = &o->e[i & o->mask];
		uint64_t w = nm_load64_acq(&e->word);

		if (nm_entry_seq(w) != (i & NM_ENTRY_SEQ_MASK) ||
		    nm_entry_state(w) != NM_ENTRY_COMMITTED ||
		    !(w & NM_ENTRY_FIRST) == !k || !nm_load32(&e->buf_idx))
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

/* What an import has done so far. */
struct tally {
	uint32_t tail;		/* next slot to fill */
	uint32_t room;		/* slots left */
	uint64_t packets, bytes;
};

/*
 * T1, T2 for a stretch of committed single-slot packets: one compare tells
 * that an entry is that.  Stops at anything else.  Return how many.
 */
static uint32_t import_stretch(struct owner *o, uint32_t slot, uint32_t n,
			       uint64_t *bytes)
{
	struct netmap_slot *s = &o->v->slots[slot], *first = s, *end = s + n;
	const struct nm_entry *e = &o->e[o->taken & o->mask];
	uint64_t word = nm_entry_word(o->taken, NM_ENTRY_COMMITTED, 1, 1, 0);
	/* 65536 would be a packet of two slots, of which the first is empty */
	uint32_t size = o->v->bufs.size < 0xffff ? o->v->bufs.size : 0xffff;
	uint64_t sum = 0;

	for (; s != end; s++, e++, word += NM_ENTRY_STEP) {
		/* T1: pairs with S4; the frame and its length */
		uint64_t len = nm_load64_acq(&e->word) - word;
		uint32_t buf_idx = nm_load32(&e->buf_idx);

		if (len > size || !buf_idx)
			break;
		nm_slot_set(s, buf_idx, len, 1 << NS_PORT_SHIFT);
		NM_LABEL("T2");
		sum += len;
	}
	*bytes += sum;
	return s - first;
}

static void import_singles(struct owner *o, struct tally *y)
{
	uint32_t n, want;

	do {
		want = stretch(o, y->tail, o->taken, y->room);
		n = import_stretch(o, y->tail, want, &y->bytes);
		o->taken += n;
		y->packets += n;
		y->room -= n;
		y->tail += n;
		if (y->tail == o->v->n)
			y->tail = 0;
	} while (n && n == want && y->room);
}

/* One entry of another sort.  Return 0 when there is nothing to take. */
static int import_other(struct owner *o, struct tally *y)
{
	uint64_t w = nm_load64_acq(&o->e[o->taken & o->mask].word);
	uint32_t k, n = nm_entry_frags(w);

	if (nm_entry_seq(w) != (o->taken & NM_ENTRY_SEQ_MASK) ||
	    nm_entry_state(w) == NM_ENTRY_FREE)
		return 0;
	if (nm_entry_state(w) != NM_ENTRY_COMMITTED || !(w & NM_ENTRY_FIRST) ||
	    !n || n >= o->v->n) {
		skip(o, w);
		return 1;
	}
	if (n > y->room)
		return 0;
	if (!is_complete(o, n)) {
		skip(o, w);
		return 1;
	}
	for (k = 1; k <= n; k++) {
		y->bytes += show(o, y->tail, w, k == n);
		y->tail = nm_next(y->tail, o->v->n);
		w = nm_load64(&o->e[o->taken & o->mask].word);
	}
	y->room -= n;
	y->packets++;
	return 1;
}

/* Import what was committed into the slots from hwtail on. */
static void import(struct owner *o)
{
	struct nm_view *v = o->v;
	struct tally y = {
		.tail = v->hwtail,
		.room = v->n - 1 - nm_dist(v->hwcur, v->hwtail, v->n),
	};

	do {
		import_singles(o, &y);
	} while (y.room && import_other(o, &y));
	/* T3: taken, then shown; who is cut off here is repaired by rebuild.c */
	NM_LABEL("T3");
	nm_store64(&v->r->taken, o->taken);
	NM_LABEL("T4");
	v->hwtail = y.tail;
	nm_store32_rel(&v->r->hwtail, y.tail);
	if (y.packets) {
		nm_count64(&v->r->packets, y.packets);
		nm_count64(&v->r->bytes, y.bytes);
	}
}

void nm_vale_receive(struct nm_plane *pl, struct nm_view *v, uint32_t head)
{
	struct nm_pring *r = v->r;
	struct owner o = {
		.v = v,
		.e = nm_inbox_at(pl, v->id),
		.taken = nm_load64(&r->taken),
		.posted = nm_load64(&r->n_posted),
		.mask = nm_inbox_mask(r),
	};
	uint64_t posted;

	if (head != v->hwcur) {
		release(&o, v->hwcur, head);
		/* who is cut off here has them twice, never not at all */
		NM_LABEL("P3");
		nm_inbox_publish(r, o.posted);
		NM_LABEL("P4");
		v->hwcur = head;
		nm_store32_rel(&r->hwcur, head);
	}
	posted = o.posted;
	import(&o);
	if (o.posted != posted)		/* buffers of voided entries */
		nm_inbox_publish(r, o.posted);
}
