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
	struct nm_slot_head h = nm_slot_load(s);
	uint8_t *buf;

	b->len = h.len;
	b->flags = h.flags;
	b->buf = NULL;
	if (__builtin_expect(h.buf_idx < 2 || h.len > v->bufs.size, 0))
		return 1 + NM_DROP_BAD_SLOT;
	buf = nm_buf_at(&v->bufs, h.buf_idx);
	if (__builtin_expect(!buf, 0))
		return 1 + (h.buf_idx < v->bufs.n ? NM_DROP_NO_MEM :
			    NM_DROP_BAD_SLOT);
	if (__builtin_expect(h.flags & NS_INDIRECT, 0) &&
	    fetch_indirect(pl, me, s, buf, h.len))
		return 1 + NM_DROP_INDIRECT;
	b->buf = buf;
	nm_prefetch_r(buf);
	if (__builtin_expect(h.flags & NS_BUF_CHANGED, 0))
		nm_store16(&s->flags, h.flags & ~NS_BUF_CHANGED);
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
	struct nm_bpkt *p = &b->pkt[b->n_pkts];
	struct nm_bslot *s;
	uint32_t n = 0, why = 0, bad, first = b->n_slots;
	uint32_t max_len = b->max_len;
	uint64_t sum = 0;

	do {
		/* beyond the limit the packet is dropped: reuse its first slot */
		if (n >= NETMAP_MAX_FRAGS)
			why = 1 + NM_DROP_FRAGS;
		s = &b->slot[first + (n < NETMAP_MAX_FRAGS ? n : 0)];
		bad = collect_slot(pl, me, v, i, s);
		if (bad && !why)
			why = bad;
		sum += s->len;
		if (s->len > max_len)
			max_len = s->len;
		n++;
		i = nm_next(i, v->n);
	} while ((s->flags & NS_MOREFRAG) && n < avail);

	if (__builtin_expect(why, 0)) {
		nm_drop(v->r, why - 1, 1);
		return n;
	}
	s->flags &= ~NS_MOREFRAG;	/* cut short by its sender */
	p->first = first;
	p->n = n;
	p->next = b->n_pkts + 1;
	b->max_len = max_len;
	if (n > b->max_n)
		b->max_n = n;
	b->n_slots += n;
	b->n_pkts++;
	*bytes += sum;
	return n;
}

#define UNUSUAL	(NS_MOREFRAG | NS_INDIRECT | NS_BUF_CHANGED)

/* Nearly always: one slot, nothing special, in range. */
static inline int is_plain(const struct nm_bufs *bufs, struct nm_slot_head h)
{
	return !(h.flags & UNUSUAL) && h.buf_idx - 2 < bufs->n - 2 &&
		h.len <= bufs->size;
}

/*
 * Plain slots from @i on, at most @max, become packets of the batch; stops at
 * the first other one.  Return how many.
 */
static uint32_t collect_plain(struct nm_batch *b, const struct nm_view *v,
			      uint32_t i, uint32_t max, uint64_t *bytes)
{
	const struct netmap_slot *slots = v->slots;
	const struct nm_bufs bufs = v->bufs;
	struct nm_bslot *s = &b->slot[b->n_slots];
	struct nm_bpkt *p = &b->pkt[b->n_pkts];
	struct nm_bpkt next = {
		.first = b->n_slots - 1, .n = 1, .next = b->n_pkts,
	};
	uint32_t n, max_len = b->max_len;
	uint64_t sum = 0;

	for (n = 0; n < max; n++, s++, p++) {
		struct nm_slot_head h = nm_slot_load(&slots[i]);

		if (__builtin_expect(!is_plain(&bufs, h), 0))
			break;
		s->buf = bufs.flat + (uint64_t)h.buf_idx * bufs.size;
		s->len = h.len;
		s->flags = h.flags;
		next.first++;
		next.next++;
		*p = next;
		sum += h.len;
		if (h.len > max_len)
			max_len = h.len;
		i = nm_next(i, v->n);
	}
	b->n_slots += n;
	b->n_pkts += n;
	b->max_len = max_len;
	*bytes += sum;
	return n;
}

/* Fill a batch from slot @i on; return the slots consumed. */
static uint32_t collect(struct nm_plane *pl, struct nm_actor *me,
			const struct nm_view *v, uint32_t i, uint32_t avail)
{
	struct nm_batch *b = me->batch;
	uint32_t used = 0, n, max;
	uint64_t bytes = 0;

	b->n_slots = 0;
	b->n_pkts = 0;
	b->max_len = 0;
	b->max_n = 1;
	while (used < avail && used < NM_BATCH && b->n_slots < NM_BATCH) {
		max = NM_BATCH - (used > b->n_slots ? used : b->n_slots);
		if (max > avail - used)
			max = avail - used;
		n = v->bufs.flat ? collect_plain(b, v, i, max, &bytes) : 0;
		if (n < max)
			n += collect_packet(pl, me, v, (i + n) % v->n,
					    avail - used - n, &bytes);
		used += n;
		i = (i + n) % v->n;
	}
	nm_count64(&v->r->packets, b->n_pkts);
	nm_count64(&v->r->bytes, bytes);
	return used;
}

/* The frame as the lookup sees it: after the virtio-net header. */
static int packet_frame(const struct nm_batch *b, const struct nm_bpkt *p,
			uint32_t hdr_len, struct nm_frame *f)
{
	const struct nm_bslot *s = &b->slot[p->first];
	uint32_t skip = hdr_len;

	f->frags = p->n;
	f->flags = s->flags;
	if (skip && skip == s->len && p->n > 1) {	/* header fills its slot */
		s++;
		skip = 0;
	}
	if (skip > s->len || s->len - skip < 14)
		return -EINVAL;
	f->buf = s->buf + skip;
	f->len = s->len - skip;
	return 0;
}

static void list_clear(struct nm_bdst *d)
{
	d->head = NM_END;
	d->n_slots = 0;
}

/* Packets [first, end) of the batch, which follow each other, join a list. */
static void list_append(struct nm_batch *b, struct nm_bdst *d, uint32_t first,
			uint32_t end, uint32_t n_slots)
{
	b->pkt[end - 1].next = NM_END;
	if (d->head == NM_END)
		d->head = first;
	else
		b->pkt[d->tail].next = first;
	d->tail = end - 1;
	d->n_slots += n_slots;
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

/* What grouping remembers from packet to packet. */
struct trail {
	uint64_t src, dst;	/* stations of the last packet; NO_STATION */
	uint32_t pos;		/* where dst is */
	struct nm_bdst *d;	/* and the list for that position, or NULL */
};

#define NO_STATION	(~0ULL)	/* longer than any address */

static void learn(const struct nm_fdb *t, const struct nm_vsrc *src,
		  struct trail *l, uint64_t mac)
{
	l->src = mac;
	if (nm_fdb_is_known(t, nm_fdb_bucket(t, mac), mac, src->pos))
		return;
	nm_fdb_learn(t, mac, src->pos);
	l->dst = NO_STATION;	/* may be the same station */
}

/* The list for a destination address, remembered for the next packet. */
static struct nm_bdst *look_up(struct nm_plane *pl, const struct nm_fdb *t,
			       struct nm_batch *b, struct nm_vsrc *src,
			       struct trail *l, uint64_t mac)
{
	uint32_t pos = nm_mac_is_group(mac) ? NM_POS_BROADCAST :
		nm_fdb_lookup(t, nm_fdb_bucket(t, mac), mac);

	if (pos != l->pos || !l->d) {
		l->d = list_of(pl, b, src, pos, src->ring_idx);
		l->pos = pos;
	}
	l->dst = l->d ? mac : NO_STATION;
	return l->d;
}

/* Something other than the learning table decides. */
static struct nm_bdst *steer(struct nm_plane *pl, struct nm_batch *b,
			     struct nm_vsrc *src, struct nm_frame *f)
{
	if (src->plugin)
		return ask_plugin(pl, b, src, f);
	return list_of(pl, b, src, forced_position(f->flags), src->ring_idx);
}

/* The list for packet @k, whatever it takes to find it. */
static struct nm_bdst *find_list(struct nm_plane *pl, const struct nm_fdb *t,
				 struct nm_batch *b, struct nm_vsrc *src,
				 struct trail *l, uint32_t k)
{
	struct nm_frame f;
	uint64_t mac;

	if (packet_frame(b, &b->pkt[k], src->hdr_len, &f)) {
		nm_drop(src->v->r, NM_DROP_SHORT, 1);
		return NULL;
	}
	mac = nm_mac_load(f.buf + 6);
	if (mac != l->src && !nm_mac_is_group(mac) && !(f.flags & NS_NO_LEARN))
		learn(t, src, l, mac);
	if (__builtin_expect(src->plugin | (f.flags & NS_PORT_MASK), 0))
		return steer(pl, b, src, &f);
	mac = nm_mac_load(f.buf);
	return mac == l->dst ? l->d : look_up(pl, t, b, src, l, mac);
}

/*
 * How many packets from @k on come from the same station as the last one, go
 * to where it went, and are nothing special.
 */
static uint32_t run_length(const struct nm_fdb *t, const struct nm_batch *b,
			   const struct nm_vsrc *src, struct trail *l,
			   uint32_t k)
{
	const struct nm_bslot *s;
	uint64_t mac, dst = l->dst;
	uint32_t n;

	if (k >= b->n_pkts || src->hdr_len || src->plugin)
		return 0;
	s = &b->slot[b->pkt[k].first];
	for (n = 0; k + n < b->n_pkts && b->pkt[k + n].n == 1; n++, s++) {
		if (s->len < 14 || (s->flags & NS_PORT_MASK) ||
		    nm_mac_load(s->buf + 6) != l->src)
			break;
		mac = nm_mac_load(s->buf);
		if (mac == dst)
			continue;
		if (nm_mac_is_group(mac) ||
		    nm_fdb_lookup(t, nm_fdb_bucket(t, mac), mac) != l->pos)
			break;
		dst = mac;
	}
	l->dst = dst;
	return n;
}

/*
 * Group: every packet gets a list.  Packets between the same two stations are
 * learned and looked up once; packets for the same list join it as a run.
 */
static void group(struct nm_plane *pl, const struct nm_fdb *t,
		  struct nm_batch *b, struct nm_vsrc *src)
{
	struct trail l = { NO_STATION, NO_STATION, NM_POS_NONE, NULL };
	struct nm_bdst *d, *run = NULL;
	uint32_t k, n, first = 0, n_slots = 0;

	for (k = 0; k < b->n_pkts; k++) {
		d = find_list(pl, t, b, src, &l, k);
		if (d != run) {
			if (run)
				list_append(b, run, first, k, n_slots);
			run = d;
			first = k;
			n_slots = 0;
		}
		n_slots += b->pkt[k].n;
		if (!d || d != l.d || l.dst == NO_STATION)
			continue;
		n = run_length(t, b, src, &l, k + 1);
		n_slots += n;
		k += n;
	}
	if (run)
		list_append(b, run, first, k, n_slots);
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
	for (k = b->bcast.head; k != NM_END; k = b->pkt[k].next)
		n++;
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
