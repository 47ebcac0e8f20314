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
 * Collect one packet starting at slot @i.  Bad packets are consumed and
 * dropped.  Return the number of slots consumed.
 */
static uint32_t collect_packet(struct nm_plane *pl, struct nm_actor *me,
			       const struct nm_view *v, uint32_t i,
			       uint32_t avail)
{
	struct nm_batch *b = me->batch;
	struct nm_bpkt *p = &b->pkt[b->n_pkts];
	struct nm_bslot *s;
	uint32_t n = 0, why = 0, bad;

	p->first = b->n_slots;
	p->bytes = 0;
	p->max_len = 0;
	do {
		/* beyond the limit the packet is dropped: reuse its last slot */
		if (n >= NETMAP_MAX_FRAGS)
			why = 1 + NM_DROP_FRAGS;
		s = &b->slot[p->first + (n < NETMAP_MAX_FRAGS ? n : 0)];
		bad = collect_slot(pl, me, v, i, s);
		if (bad && !why)
			why = bad;
		p->bytes += s->len;
		if (s->len > p->max_len)
			p->max_len = s->len;
		n++;
		i = nm_next(i, v->n);
	} while ((s->flags & NS_MOREFRAG) && n < avail);

	if (__builtin_expect(why, 0)) {
		nm_drop(v->r, why - 1, 1);
		return n;
	}
	s->flags &= ~NS_MOREFRAG;	/* cut short by its sender */
	p->n = n;
	if (p->max_len > b->max_len)
		b->max_len = p->max_len;
	b->n_slots += n;
	b->n_pkts++;
	return n;
}

/* Fill a batch from slot @i on; return the slots consumed. */
static uint32_t collect(struct nm_plane *pl, struct nm_actor *me,
			const struct nm_view *v, uint32_t i, uint32_t avail)
{
	struct nm_batch *b = me->batch;
	uint32_t used = 0, n;

	b->n_slots = 0;
	b->n_pkts = 0;
	b->max_len = 0;
	while (used < avail && b->n_slots < NM_BATCH && b->n_pkts < NM_BATCH &&
	       used < NM_BATCH) {
		n = collect_packet(pl, me, v, i, avail - used);
		used += n;
		i += n;
		if (i >= v->n)
			i -= v->n;
	}
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
	if (skip == s->len && p->n > 1) {	/* header alone in its slot */
		s++;
		skip = 0;
	}
	if (s->len < skip + 14)
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

static void list_append(struct nm_batch *b, struct nm_bdst *d, uint16_t k)
{
	b->pkt[k].next = NM_END;
	if (d->head == NM_END)
		d->head = k;
	else
		b->pkt[d->tail].next = k;
	d->tail = k;
	d->n_slots += b->pkt[k].n;
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
	if (nm_load32(&r->kind) != NM_PLANE_VALE || nm_load32(&r->dir) ||
	    !nm_load32(&r->users) || nm_load32(&r->state) != NM_RING_RUN)
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
	port = nm_load32(&nm_members_at(pl, src->sw)[pos]);
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

/* One packet goes to one position. */
static void group_unicast(struct nm_plane *pl, struct nm_batch *b,
			  struct nm_vsrc *src, uint32_t k, uint32_t pos)
{
	uint32_t ring = NM_MAX_RINGS;
	struct nm_bdst *d;

	if (pos != src->pos)
		ring = switch_ring(pl, src, pos, b->pkt[k].ring);
	if (ring == NM_MAX_RINGS) {
		nm_drop(src->v->r, NM_DROP_NO_PORT, 1);
		return;
	}
	d = batch_dst(pl, b, ring);
	if (!d) {
		nm_drop(src->v->r, NM_DROP_RX_OFF, 1);
		return;
	}
	list_append(b, d, k);
}

/* Where does packet @k go: a position, broadcast, or dropped (NM_POS_NONE). */
static uint32_t classify(struct nm_plane *pl, const struct nm_fdb *t,
			 struct nm_batch *b, const struct nm_vsrc *src,
			 uint32_t k, int plugin)
{
	struct nm_bpkt *p = &b->pkt[k];
	uint32_t forced = b->slot[p->first].flags >> NS_PORT_SHIFT;
	struct nm_frame f;
	uint8_t ring = src->ring_idx;
	uint32_t pos;

	p->ring = src->ring_idx;
	if (__builtin_expect(plugin, 0)) {
		if (packet_frame(b, p, src->hdr_len, &f) || !pl->ops->lookup)
			return NM_POS_NONE;
		f.ring = ring;
		pos = pl->ops->lookup(pl, src->sw, &f, &ring, src->port);
		p->ring = ring;
		return pos;
	}
	if (__builtin_expect(forced, 0))
		return forced == NM_POS_BROADCAST || forced == NM_POS_NONE ?
			NM_POS_NONE : forced;
	if (nm_mac_is_group(p->dst_mac))
		return NM_POS_BROADCAST;
	return nm_fdb_lookup(t, p->bucket, p->dst_mac);
}

/*
 * Read the addresses of every packet, learn sources, and start fetching the
 * buckets of the destinations.  Packets too short for a header are marked by
 * n = 0.
 */
static void learn(struct nm_plane *pl, const struct nm_fdb *t,
		  struct nm_batch *b, struct nm_vsrc *src)
{
	uint64_t last = 1;	/* a group address: no station has it */
	struct nm_frame f;
	uint64_t mac;
	uint32_t k;

	for (k = 0; k < b->n_pkts; k++) {
		struct nm_bpkt *p = &b->pkt[k];

		if (__builtin_expect(packet_frame(b, p, src->hdr_len, &f), 0)) {
			nm_drop(src->v->r, NM_DROP_SHORT, 1);
			p->n = 0;
			continue;
		}
		p->dst_mac = nm_mac_load(f.buf);
		p->bucket = nm_fdb_bucket(t, p->dst_mac);
		nm_prefetch_r(p->bucket);
		mac = nm_mac_load(f.buf + 6);
		if (mac == last || nm_mac_is_group(mac) ||
		    (f.flags & NS_NO_LEARN))
			continue;
		nm_fdb_learn(t, mac, src->pos);
		last = mac;
	}
	if (last != 1 && !nm_load32(&nm_pport_at(pl, src->port)->learned))
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
		if (!nm_load32(&r->users) || nm_load32(&r->state) != NM_RING_RUN)
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

static void group(struct nm_plane *pl, const struct nm_fdb *t,
		  struct nm_batch *b, struct nm_vsrc *src, int plugin)
{
	uint32_t k, pos;

	for (k = 0; k < b->n_dsts; k++)	/* forget the batch before */
		b->map[b->dst[k].map_idx] = 0;
	b->n_dsts = 0;
	list_clear(&b->bcast);
	for (k = 0; k < b->n_pkts; k++) {
		if (!b->pkt[k].n)
			continue;
		pos = classify(pl, t, b, src, k, plugin);
		if (pos == NM_POS_BROADCAST)
			list_append(b, &b->bcast, k);
		else if (__builtin_expect(pos == NM_POS_NONE ||
					  pos >= NM_SWITCH_MEMBERS, 0))
			nm_drop(src->v->r, NM_DROP_LOOKUP, 1);
		else
			group_unicast(pl, b, src, k, pos);
	}
}

static void forward_batch(struct nm_plane *pl, struct nm_actor *me,
			  struct nm_vsrc *src, const struct nm_fdb *t,
			  int plugin)
{
	struct nm_batch *b = me->batch;
	uint32_t k;

	learn(pl, t, b, src);
	group(pl, t, b, src, plugin);
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
	uint32_t hwcur = r->hwcur, used, k;
	uint64_t bytes;
	struct nm_fdb t;
	int plugin;

	if (src.sw >= NM_MAX_SWITCHES || nm_fdb_init(pl, src.sw, me->now_s, &t)) {
		/* not attached: what is sent is discarded */
		nm_drop(r, NM_DROP_NO_PORT, nm_dist(hwcur, head, v->n));
		r->hwcur = head;
		return 0;
	}
	plugin = nm_load32(&nm_pswitch_at(pl, src.sw)->plugin) != 0;
	while (hwcur != head) {
		used = collect(pl, me, v, hwcur, nm_dist(hwcur, head, v->n));
		bytes = 0;
		for (k = 0; k < me->batch->n_pkts; k++)
			bytes += me->batch->pkt[k].bytes;
		nm_count64(&r->packets, me->batch->n_pkts);
		nm_count64(&r->bytes, bytes);
		forward_batch(pl, me, &src, &t, plugin);
		hwcur += used;
		if (hwcur >= v->n)
			hwcur -= v->n;
		r->hwcur = hwcur;
	}
	return 0;
}
