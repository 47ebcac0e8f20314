/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Collect, classify, group; see vale_fwd.h.  Delivery is in vale_deliver.c.
 *
 * The source's slots are shared with a user who may change them at any time:
 * each is loaded once (one 64-bit load has index, length and flags), checked,
 * and only the copy in the batch is used.
 */
#include "engine/plane/vale_fwd.h"
#include "engine/plane/fdb.h"
#include "engine/plane/inbox.h"

#define ETH_LEN	14u	/* the shortest frame that can be forwarded */

/* NS_INDIRECT: fetch the payload into the slot's own buffer. */
static int fetch_indirect(struct nm_plane *pl, struct nm_actor *me,
			  struct netmap_slot *s, uint8_t *buf,
			  uint32_t len)
{
	if (!pl->ops->copy_in)
		return -EOPNOTSUPP;
	return pl->ops->copy_in(pl, me, buf, nm_load64(&s->ptr), len);
}

/*
 * Check one slot.  Return 0, or 1 + the reason why its packet is dropped.
 */
static uint32_t collect_slot(struct nm_plane *pl, struct nm_actor *me,
			     const struct nm_view *v, uint32_t i,
			     struct nm_bslot *b)
{
	struct netmap_slot *s = &v->slots[i];
	uint64_t w = nm_slot_word(s);
	uint32_t idx = nm_slot_idx_of(w), len = nm_slot_len_of(w);
	uint32_t flags = nm_slot_flags_of(w);
	uint8_t *buf;

	b->what = w >> 32;
	b->buf = NULL;
	if (__builtin_expect(!nm_buf_is_usable(&v->bufs, idx) ||
			     len > v->bufs.size, 0))
		return 1 + NM_DROP_BAD_SLOT;
	buf = nm_buf_at(&v->bufs, idx);
	if (__builtin_expect(!buf, 0))
		return 1 + NM_DROP_NO_MEM;
	if (__builtin_expect(flags & NS_INDIRECT, 0) &&
	    fetch_indirect(pl, me, s, buf, len))
		return 1 + NM_DROP_INDIRECT;
	b->buf = buf;
	nm_prefetch_r(buf);
	if (__builtin_expect(flags & NS_BUF_CHANGED, 0))
		nm_store16(&s->flags, flags & ~NS_BUF_CHANGED);
	return 0;
}

/*
 * Collect one packet starting at slot @i, of any shape.  Bad packets are
 * consumed and dropped.  Return the number of slots consumed.
 */
static uint32_t collect_packet(struct nm_plane *pl, struct nm_actor *me,
			       const struct nm_view *v, uint32_t i,
			       uint32_t avail, uint64_t *bytes)
{
	struct nm_batch *b = me->batch;
	struct nm_bslot *s, *first = &b->slot[b->n_slots];
	uint32_t n = 0, why = 0, bad;
	uint64_t sum = 0;

	do {
		/* beyond the limit the packet is dropped: reuse its first slot */
		if (n >= NETMAP_MAX_FRAGS)
			why = 1 + NM_DROP_FRAGS;
		s = first + (n < NETMAP_MAX_FRAGS ? n : 0);
		bad = collect_slot(pl, me, v, i, s);
		if (bad && !why)
			why = bad;
		sum += nm_bslot_len(s);
		n++;
		i = nm_next(i, v->n);
	} while ((nm_bslot_flags(s) & NS_MOREFRAG) && n < avail);

	if (__builtin_expect(why, 0)) {
		nm_drop(v->r, why - 1, 1);
		return n;
	}
	/* cut short by its sender */
	s->what &= ~((uint64_t)NS_MOREFRAG << 16);
	first->what |= (uint64_t)(n - 1) << 32;
	if (n > b->max_n)
		b->max_n = n;
	b->n_slots += n;
	b->n_pkts++;
	*bytes += sum;
	return n;
}

#define UNUSUAL	(NS_MOREFRAG | NS_INDIRECT | NS_BUF_CHANGED)

/*
 * Nearly always: slots that are a packet each and in order.  Those from @s on
 * become packets of the batch, at most @max; stops at the first other one.
 * Return how many.
 */
static inline __attribute__((__always_inline__))
uint32_t collect_plain(struct nm_batch *b, const struct nm_bufs *bufs, int flat,
		       const struct netmap_slot *s, uint32_t max,
		       uint64_t *bytes)
{
	struct nm_bslot *out = &b->slot[b->n_slots];
	const uint32_t size = bufs->size < 0xffff ? bufs->size : 0xffff;
	const struct netmap_slot *first = s, *end = s + max;
	uint64_t sum = 0;

	for (; s != end; s++, out++) {
		uint64_t w = nm_slot_word(s);
		uint32_t idx = nm_slot_idx_of(w);
		uint32_t what = w >> 32;	/* length and flags */

		if (__builtin_expect(!nm_buf_is_usable(bufs, idx), 0))
			break;
		if (__builtin_expect(what > size, 0) &&
		    ((what & UNUSUAL << 16) || (what & 0xffff) > size))
			break;
		out->buf = nm_buf_in(bufs, flat, idx);
		if (!flat && __builtin_expect(!out->buf, 0))
			break;
		out->what = what;
		sum += what & 0xffff;
	}
	b->n_slots += s - first;
	b->n_pkts += s - first;
	*bytes += sum;
	return s - first;
}

/* Fill a batch from slot @i on; return the slots consumed. */
static uint32_t collect(struct nm_plane *pl, struct nm_actor *me,
			const struct nm_view *v, uint32_t i, uint32_t avail)
{
	const struct nm_bufs bufs = v->bufs;
	struct nm_batch *b = me->batch;
	uint32_t used = 0, n, max;
	uint64_t bytes = 0;

	b->n_slots = 0;
	b->n_pkts = 0;
	b->max_n = 1;
	while (used < avail && used < NM_BATCH && b->n_slots < NM_BATCH) {
		max = NM_BATCH - (used > b->n_slots ? used : b->n_slots);
		if (max > avail - used)
			max = avail - used;
		if (max > v->n - i)
			max = v->n - i;
		n = bufs.flat ?
			collect_plain(b, &bufs, 1, &v->slots[i], max, &bytes) :
			collect_plain(b, &bufs, 0, &v->slots[i], max, &bytes);
		if (n < max)
			n += collect_packet(pl, me, v, i + n, avail - used - n,
					    &bytes);
		used += n;
		i += n;
		if (i >= v->n)
			i -= v->n;
	}
	nm_count64(&v->r->packets, b->n_pkts);
	nm_count64(&v->r->bytes, bytes);
	return used;
}

/* The frame as the lookup sees it: after the virtio-net header. */
static int packet_frame(const struct nm_bslot *s, uint32_t hdr_len,
			struct nm_frame *f)
{
	uint32_t skip = hdr_len;

	f->frags = nm_bslot_n(s);
	f->flags = nm_bslot_flags(s);
	if (skip && skip == nm_bslot_len(s) && f->frags > 1) {
		s++;		/* the header fills its slot */
		skip = 0;
	}
	if (skip > nm_bslot_len(s) || nm_bslot_len(s) - skip < ETH_LEN)
		return -EINVAL;
	f->buf = s->buf + skip;
	f->len = nm_bslot_len(s) - skip;
	return 0;
}

static void list_clear(struct nm_bdst *d)
{
	d->head = NM_END;
	d->tail = 0;
	d->n_slots = 0;
}

/* A packet of several slots is a run of its own. */
static int may_extend(const struct nm_batch *b, const struct nm_brun *r,
		      uint32_t first)
{
	return r->end == first && nm_bslot_n(&b->slot[first]) == 1 &&
		nm_bslot_n(&b->slot[r->first]) == 1;
}

/* A run of packets joins a list. */
static void list_append(struct nm_batch *b, struct nm_bdst *d, uint32_t first,
			uint32_t end)
{
	struct nm_brun *last = &b->run[d->tail];

	d->n_slots += end - first;
	if (d->head == NM_END) {
		d->head = b->n_runs;
	} else if (may_extend(b, last, first)) {
		last->end = end;
		return;
	} else {
		last->next = b->n_runs;
	}
	b->run[b->n_runs] = (struct nm_brun) { first, end, NM_END };
	d->tail = b->n_runs++;
}

/*
 * Running, and somebody's.  The state comes first: it is published last, so
 * what else there is about the ring belongs to this life of it.
 */
static int can_receive(const struct nm_pring *r)
{
	return nm_load32_acq(&r->state) == NM_RING_RUN &&
		nm_load32(&r->kind) == NM_PLANE_VALE &&
		!nm_load32(&r->dir) && nm_load32(&r->users);
}

/* The list of a receive ring, or NULL when it cannot receive. */
static struct nm_bdst *batch_dst(struct nm_plane *pl, struct nm_batch *b,
				 uint32_t ring)
{
	uint32_t h = ring * 0x9e3779b1u >> 16 & (NM_BATCH_MAP - 1);
	struct nm_bdst *d;
	struct nm_pring *r;

	for (; b->map[h]; h = (h + 1) & (NM_BATCH_MAP - 1))
		if (b->dst[b->map[h] - 1].ring == ring)
			return &b->dst[b->map[h] - 1];
	r = nm_pring_at(pl, ring);
	if (!can_receive(r))
		return NULL;
	b->map[h] = ++b->n_dsts;
	d = &b->dst[b->n_dsts - 1];
	d->ring = ring;
	d->map_idx = h;
	list_clear(d);
	return d;
}

/* Receive ring @idx of the port at position @pos; NM_MAX_RINGS when none. */
static uint32_t switch_ring(struct nm_plane *pl, const struct nm_vsrc *src,
			    uint32_t pos, uint32_t idx)
{
	struct nm_pport *q;
	uint32_t port, n_rx;

	if (pos >= NM_SWITCH_MEMBERS)
		return NM_MAX_RINGS;
	port = nm_load32_acq(&src->members[pos]);	/* the port it names */
	if (!port || port > NM_MAX_PORTS)
		return NM_MAX_RINGS;
	q = nm_pport_at(pl, port - 1);
	n_rx = nm_load32(&q->n_rx);
	if (!n_rx)
		return NM_MAX_RINGS;
	if (idx >= n_rx)
		idx %= n_rx;
	return (nm_load32(&q->ring0) + idx) & (NM_MAX_RINGS - 1);
}

/*
 * The list for a position, as looked up; NULL when the packet has nowhere to
 * go, which is counted.
 */
static struct nm_bdst *list_of(struct nm_plane *pl, struct nm_batch *b,
			       struct nm_vsrc *src, uint32_t pos,
			       uint32_t ring_idx)
{
	uint32_t ring = NM_MAX_RINGS;
	struct nm_bdst *d;

	if (pos == NM_POS_BROADCAST)
		return &b->bcast;
	if (pos == NM_POS_NONE || pos >= NM_SWITCH_MEMBERS) {
		nm_drop(src->v->r, NM_DROP_LOOKUP, 1);
		return NULL;
	}
	if (pos != src->pos)
		ring = switch_ring(pl, src, pos, ring_idx);
	if (ring == NM_MAX_RINGS) {
		nm_drop(src->v->r, NM_DROP_NO_PORT, 1);
		return NULL;
	}
	d = batch_dst(pl, b, ring);
	if (!d)
		nm_drop(src->v->r, NM_DROP_RX_OFF, 1);
	return d;
}

/* A sender may name the destination in the high byte of the slot's flags. */
static uint32_t forced_position(uint32_t flags)
{
	uint32_t pos = flags >> NS_PORT_SHIFT;

	return pos == NM_POS_BROADCAST ? NM_POS_NONE : pos;
}

static struct nm_bdst *ask_plugin(struct nm_plane *pl, struct nm_batch *b,
				  struct nm_vsrc *src, struct nm_frame *f)
{
	uint8_t ring = src->ring_idx;
	uint32_t pos = NM_POS_NONE;

	f->ring = ring;
	if (pl->ops->lookup)
		pos = pl->ops->lookup(pl, src->sw, f, &ring, src->port);
	return list_of(pl, b, src, pos, ring);
}

/* The list for a position that the table named. */
struct memo {
	uint32_t pos;
	struct nm_bdst *d;	/* NULL: none remembered */
};

#define N_MEMOS		8u	/* power of two */
#define NO_STATION	(~0ULL)	/* longer than any address */
#define NO_POSITION	(~0u)	/* further than any station */

/* What grouping remembers from packet to packet. */
struct trail {
	uint64_t src, dst;	/* stations of the last packet; NO_STATION */
	struct memo *m;		/* the list for dst, unless that is NO_STATION */
	struct memo memo[N_MEMOS];
};

static struct memo *memo_of(struct trail *l, uint32_t pos)
{
	return &l->memo[pos & (N_MEMOS - 1)];
}

static void learn(const struct nm_fdb *t, const struct nm_vsrc *src,
		  struct trail *l, uint64_t mac)
{
	l->src = mac;
	if (nm_fdb_is_known(t, nm_fdb_bucket(t, mac), mac, src->pos))
		return;
	nm_fdb_learn(t, mac, src->pos);
	l->dst = NO_STATION;	/* may be the same station */
}

/* Where the table sends a packet. */
static inline uint32_t position_of(const struct nm_fdb *t, uint64_t mac)
{
	return nm_fdb_lookup(t, nm_fdb_bucket(t, mac), mac);
}

/* The list for a destination address, remembered for the next packets. */
static struct nm_bdst *look_up(struct nm_plane *pl, const struct nm_fdb *t,
			       struct nm_batch *b, struct nm_vsrc *src,
			       struct trail *l, uint64_t mac)
{
	uint32_t pos = position_of(t, mac);
	struct memo *m = memo_of(l, pos);

	if (m->pos != pos) {
		m->d = list_of(pl, b, src, pos, src->ring_idx);
		m->pos = m->d ? pos : NO_POSITION;
	}
	l->m = m;
	l->dst = m->d ? mac : NO_STATION;
	return m->d;
}

/* Something other than the learning table decides. */
static struct nm_bdst *steer(struct nm_plane *pl, struct nm_batch *b,
			     struct nm_vsrc *src, struct nm_frame *f)
{
	if (src->plugin)
		return ask_plugin(pl, b, src, f);
	return list_of(pl, b, src, forced_position(f->flags), src->ring_idx);
}

/* The list for the packet at slot @k, whatever it takes to find it. */
static struct nm_bdst *find_list(struct nm_plane *pl, const struct nm_fdb *t,
				 struct nm_batch *b, struct nm_vsrc *src,
				 struct trail *l, uint32_t k)
{
	struct nm_frame f;
	uint64_t mac;

	if (packet_frame(&b->slot[k], src->hdr_len, &f)) {
		nm_drop(src->v->r, NM_DROP_SHORT, 1);
		return NULL;
	}
	mac = nm_mac_load(f.buf + 6);
	if (mac != l->src && !nm_mac_is_group(mac) && !(f.flags & NS_NO_LEARN))
		learn(t, src, l, mac);
	if (__builtin_expect(src->plugin | (f.flags & NS_PORT_MASK), 0))
		return steer(pl, b, src, &f);
	mac = nm_mac_load(f.buf);
	return mac == l->dst ? l->m->d : look_up(pl, t, b, src, l, mac);
}

/*
 * Packet @k, of one slot, goes to l->dst.  It joins its list together with
 * those behind it that are alike: nothing special (one slot, no flags), from
 * the same station, to one whose list is remembered.  Return the first other.
 */
static __attribute__((__noinline__))
uint32_t group_alike(const struct nm_fdb *t, struct nm_batch *b,
		     const struct nm_vsrc *src, struct trail *l, uint32_t k)
{
	const struct nm_bslot *s = &b->slot[k + 1], *end = &b->slot[b->n_slots];
	/* not more than packet @k has, so they do not wrap */
	const uint32_t skip = src->hdr_len, min_len = skip + ETH_LEN;
	struct nm_addrs a, last = nm_addrs_of(l->dst, l->src);
	struct memo *m = l->m, *other;
	uint32_t pos;

	for (; s != end; s++) {
		/* one compare: no flags, no more slots, and long enough */
		if (s->what - min_len > 0xffff - min_len)
			break;
		a = nm_addrs_load(s->buf + skip);
		if (a.hi != last.hi)
			break;
		if (__builtin_expect(a.lo == last.lo, 1))
			continue;
		if ((a.lo ^ last.lo) >> 48)
			break;
		pos = position_of(t, a.lo & NM_MAC_MASK);
		if (pos != m->pos) {
			other = memo_of(l, pos);
			if (other->pos != pos)
				break;
			list_append(b, m->d, k, s - b->slot);
			k = s - b->slot;
			m = other;
		}
		last.lo = a.lo;
	}
	list_append(b, m->d, k, s - b->slot);
	l->m = m;
	l->dst = last.lo & NM_MAC_MASK;
	return s - b->slot;
}

/*
 * Group: every packet gets a list.  Packets between the same two stations are
 * learned and looked up once; packets for the same list join it as a run.
 */
static void group(struct nm_plane *pl, const struct nm_fdb *t,
		  struct nm_batch *b, struct nm_vsrc *src)
{
	struct trail l = { .src = NO_STATION, .dst = NO_STATION };
	struct nm_bdst *d;
	uint32_t k, n;

	for (k = 0; k < N_MEMOS; k++)
		l.memo[k].pos = NO_POSITION;
	for (k = 0; k < b->n_slots; k += n) {
		d = find_list(pl, t, b, src, &l, k);
		n = nm_bslot_n(&b->slot[k]);
		if (!d)
			continue;
		if (n == 1 && l.dst != NO_STATION && d == l.m->d &&
		    l.src != NO_STATION)
			n = group_alike(t, b, src, &l, k) - k;
		else
			list_append(b, d, k, k + n);
	}
	if (l.src != NO_STATION &&
	    !nm_load32(&nm_pport_at(pl, src->port)->learned))
		nm_store32(&nm_pport_at(pl, src->port)->learned, 1);
}

/* Broadcast packets go to ring 0 of every other port that can receive. */
static void flood(struct nm_plane *pl, struct nm_actor *me, struct nm_vsrc *src)
{
	struct nm_batch *b = me->batch;
	uint32_t n_pos = nm_load32(&nm_pswitch_at(pl, src->sw)->n_pos);
	uint32_t pos, ring, reached = 0, k, n = 0;
	struct nm_bdst *d;
	struct nm_pring *r;

	if (n_pos > NM_SWITCH_MEMBERS)
		n_pos = NM_SWITCH_MEMBERS;
	for (pos = 0; pos < n_pos; pos++) {
		if (pos == src->pos)
			continue;
		ring = switch_ring(pl, src, pos, 0);
		if (ring == NM_MAX_RINGS)
			continue;
		r = nm_pring_at(pl, ring);
		if (!can_receive(r))
			continue;
		d = NULL;
		for (k = 0; k < b->n_dsts; k++)
			if (b->dst[k].ring == ring)
				d = &b->dst[k];
		nm_vale_deliver(pl, me, src, ring, d, &b->bcast);
		if (d)
			list_clear(d);
		reached++;
	}
	if (reached)
		return;
	for (k = b->bcast.head; k != NM_END; k = b->run[k].next)
		n += nm_brun_packets(b, &b->run[k]);
	nm_drop(src->v->r, NM_DROP_NO_PORT, n);
}

static void forward_batch(struct nm_plane *pl, struct nm_actor *me,
			  struct nm_vsrc *src, const struct nm_fdb *t)
{
	struct nm_batch *b = me->batch;
	uint32_t k;

	for (k = 0; k < b->n_dsts; k++)	/* forget the batch before */
		b->map[b->dst[k].map_idx] = 0;
	b->n_dsts = 0;
	b->n_runs = 0;
	list_clear(&b->bcast);
	group(pl, t, b, src);
	if (b->bcast.head != NM_END)
		flood(pl, me, src);
	for (k = 0; k < b->n_dsts; k++)
		if (b->dst[k].head != NM_END)
			nm_vale_deliver(pl, me, src, b->dst[k].ring,
					&b->dst[k], NULL);
}

int nm_vale_forward(struct nm_plane *pl, struct nm_actor *me,
		    struct nm_view *v, uint32_t head)
{
	struct nm_pring *r = v->r;
	struct nm_pport *port = nm_pport_at(pl, nm_load32(&r->port));
	struct nm_vsrc src = {
		.v = v,
		.port = nm_load32(&r->port),
		.sw = nm_load32(&port->sw),
		.pos = nm_load32(&port->pos),
		.hdr_len = nm_load32(&port->hdr_len),
		.ring_idx = nm_load32(&r->idx),
	};
	uint32_t hwcur = v->hwcur;
	struct nm_fdb t;

	if (src.sw >= NM_MAX_SWITCHES || nm_fdb_init(pl, src.sw, me->now_s, &t)) {
		/* not attached: what is sent is discarded */
		nm_drop(r, NM_DROP_NO_PORT, nm_dist(hwcur, head, v->n));
		v->hwcur = head;
		nm_store32(&r->hwcur, head);
		return 0;
	}
	src.members = nm_members_at(pl, src.sw);
	src.plugin = nm_load32(&nm_pswitch_at(pl, src.sw)->plugin) != 0;
	while (hwcur != head) {
		hwcur += collect(pl, me, v, hwcur, nm_dist(hwcur, head, v->n));
		if (hwcur >= v->n)
			hwcur -= v->n;
		forward_batch(pl, me, &src, &t);
		v->hwcur = hwcur;
		nm_store32(&r->hwcur, hwcur);
	}
	return 0;
}
