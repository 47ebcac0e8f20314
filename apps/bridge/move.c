/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * move: packets from the receive rings of one port to the transmit rings of
 * another.
 *
 * A packet is moved when all its slots are there and one ring of the
 * destination has room for all of them, so that packets of several sources
 * never mix.  Within one region moving is an exchange of buffers: the full one
 * goes out, the free one of the transmit slot takes its place, and both slots
 * say so with NS_BUF_CHANGED.  Otherwise the bytes are copied.
 *
 * We work from head, and use cur only to say what to wake up for: where less
 * is there than we need (the rest of a packet, room for all its slots), cur
 * goes up to tail, and the next event is more of it.
 */
#include <string.h>

#include "apps/bridge/bridge.h"

static uint32_t ring_avail(const struct netmap_ring *ring)
{
	uint32_t tail = ring->tail, head = ring->head;

	return tail >= head ? tail - head : tail + ring->num_slots - head;
}

/*
 * A place in a ring.  What is behind it has been dealt with, but the ring says
 * so only in the end (cursor_end), and others look at the ring's own words
 * once per burst instead of once per packet.
 */
struct cursor {
	struct netmap_ring *ring;
	uint32_t head;
	uint32_t n;	/* slots of the ring */
	uint32_t avail;	/* slots from head on that are ours */
};

static struct cursor cursor_begin(struct netmap_ring *ring)
{
	return (struct cursor){ ring, ring->head, ring->num_slots,
				ring_avail(ring) };
}

static struct netmap_slot *cursor_next(struct cursor *c)
{
	struct netmap_slot *slot = &c->ring->slot[c->head];

	c->head = unlikely(c->head + 1 == c->n) ? 0 : c->head + 1;
	c->avail--;
	return slot;
}

static void cursor_end(const struct cursor *c)
{
	c->ring->head = c->ring->cur = c->head;
}

/* Slots of the packet at the cursor, 0 when it is not there to its end. */
static uint32_t cursor_packet(const struct cursor *c)
{
	struct cursor at = *c;
	uint32_t n = 0;

	while (at.avail) {
		n++;
		if (likely(!(cursor_next(&at)->flags & NS_MOREFRAG)))
			return n;
	}
	return 0;
}

/* The same for the packet at a ring's head. */
static uint32_t packet_slots(struct netmap_ring *ring)
{
	struct cursor c = cursor_begin(ring);

	return cursor_packet(&c);
}

static void advance(struct netmap_ring *ring, uint32_t n)
{
	uint32_t to = ring->head + n;

	ring->head = to >= ring->num_slots ? to - ring->num_slots : to;
	ring->cur = ring->head;
}

static void wait_for_more(struct netmap_ring *ring)
{
	ring->cur = ring->tail;
}

/* Get rid of packets, or parts of packets, that cannot be forwarded. */
static void drop_unfit(struct flow *f, struct netmap_ring *ring,
		struct ring_state *state)
{
	uint32_t avail = ring_avail(ring);
	uint32_t n;

	while (state->skip && avail) {
		n = packet_slots(ring);
		state->skip = !n;
		advance(ring, n ? n : avail);
		avail = ring_avail(ring);
	}
	/* A packet that fills the ring will never be there to its end. */
	if (avail == ring->num_slots - 1 && !packet_slots(ring)) {
		f->too_long++;
		state->skip = true;
		advance(ring, avail);
	}
}

bool flow_has_packets(struct flow *f)
{
	bool found = false;
	unsigned int i, n = nmport_rx_rings(f->src);

	for (i = 0; i < n; i++) {
		struct netmap_ring *ring = NETMAP_RXRING(f->src->nifp,
				f->src->first_rx_ring + i);
		uint32_t avail;

		drop_unfit(f, ring, &f->state[i]);
		avail = ring_avail(ring);
		if (!avail)
			continue;
		if (packet_slots(ring))
			found = true;
		else
			wait_for_more(ring);
	}
	return found;
}

/* Does a packet of @n slots fit into the destination's ring and buffers? */
static bool fits(const struct flow *f, struct cursor src,
		const struct netmap_ring *dst, uint32_t n)
{
	if (n >= dst->num_slots)
		return false;
	for (; n && !f->zerocopy; n--)
		if (cursor_next(&src)->len > dst->nr_buf_size)
			return false;
	return true;
}

/* @more: NS_MOREFRAG if the received slot has it, else 0 */
static void swap_slot(struct netmap_slot *rx, struct netmap_slot *tx,
		uint16_t more)
{
	struct netmap_slot full = *rx, empty = *tx;

	full.flags = NS_BUF_CHANGED | more;
	empty.len = full.len;
	empty.flags = NS_BUF_CHANGED;
	*tx = full;
	*rx = empty;
}

static void copy_slot(const struct netmap_ring *src,
		const struct netmap_slot *rx, const struct netmap_ring *dst,
		struct netmap_slot *tx)
{
	tx->len = rx->len;
	tx->flags = rx->flags & NS_MOREFRAG;
	nm_pkt_copy(nm_buf_offset(src, rx), nm_buf_offset(dst, tx), rx->len);
}

/*
 * Move one packet of @n slots; the caller made sure that it fits.
 * Return: its bytes.
 */
static uint64_t move_packet(const struct flow *f, struct cursor *src,
		struct cursor *dst, uint32_t n)
{
	uint32_t r = src->head, t = dst->head, i;
	uint64_t bytes = 0;

	for (i = 0; i < n; i++) {
		struct netmap_slot *rx = cursor_next(src);
		struct netmap_slot *tx = cursor_next(dst);

		bytes += rx->len;
		if (f->zerocopy)
			swap_slot(rx, tx, rx->flags & NS_MOREFRAG);
		else
			copy_slot(src->ring, rx, dst->ring, tx);
	}
	if (unlikely(f->verbose))
		D("rx %u slot %u -> tx %u slot %u: %u slots, %llu bytes",
				src->ring->ringid, r, dst->ring->ringid, t,
				n, (unsigned long long)bytes);
	return bytes;
}

/*
 * Most packets have one slot: exchange the buffers of up to @max of them, until
 * one comes that has more.
 * Return: how many; their bytes are added to *@bytes.
 */
static uint32_t swap_singles(struct cursor *src, struct cursor *dst,
		uint32_t max, uint64_t *bytes)
{
	struct netmap_slot *rx = src->ring->slot, *tx = dst->ring->slot;
	uint32_t r = src->head, t = dst->head, i;
	uint64_t sum = 0;

	for (i = 0; i < max && !(rx[r].flags & NS_MOREFRAG); i++) {
		sum += rx[r].len;
		swap_slot(&rx[r], &tx[t], 0);
		r = unlikely(r + 1 == src->n) ? 0 : r + 1;
		t = unlikely(t + 1 == dst->n) ? 0 : t + 1;
	}
	src->head = r;
	dst->head = t;
	src->avail -= i;
	dst->avail -= i;
	*bytes += sum;
	return i;
}

static uint32_t min3(uint32_t a, uint32_t b, uint32_t c)
{
	return a < b ? (a < c ? a : c) : (b < c ? b : c);
}

/* One pair of rings; moves up to f->burst slots. */
static unsigned int move_pair(struct flow *f, struct netmap_ring *src_ring,
		struct netmap_ring *dst_ring)
{
	struct cursor src = cursor_begin(src_ring);
	struct cursor dst = cursor_begin(dst_ring);
	uint32_t left = f->burst, n;
	uint64_t packets = 0, slots = 0, bytes = 0;
	bool full = false;

	while (left) {
		if (f->zerocopy && !f->verbose) {
			n = swap_singles(&src, &dst,
					min3(left, src.avail, dst.avail),
					&bytes);
			packets += n;
			slots += n;
			left -= n;
		}
		n = left ? cursor_packet(&src) : 0;
		if (!n)
			break;
		if (unlikely(!fits(f, src, dst_ring, n))) {
			f->too_long++;
			while (n--)
				cursor_next(&src);
			continue;
		}
		full = n > dst.avail;
		/* A packet of more slots than the burst goes alone. */
		if (full || (n > left && left < f->burst))
			break;
		bytes += move_packet(f, &src, &dst, n);
		packets++;
		slots += n;
		left -= n < left ? n : left;
	}
	cursor_end(&src);
	cursor_end(&dst);
	if (full)
		wait_for_more(dst_ring);
	f->packets += packets;
	f->slots += slots;
	f->bytes += bytes;
	return packets;
}

unsigned int flow_move(struct flow *f)
{
	unsigned int r = 0, t = 0, packets = 0;
	unsigned int n_rx = nmport_rx_rings(f->src);
	unsigned int n_tx = nmport_tx_rings(f->dst);

	while (r < n_rx && t < n_tx) {
		struct netmap_ring *src = NETMAP_RXRING(f->src->nifp,
				f->src->first_rx_ring + r);
		struct netmap_ring *dst = NETMAP_TXRING(f->dst->nifp,
				f->dst->first_tx_ring + t);

		if (!packet_slots(src)) {
			r++;
			continue;
		}
		if (!ring_avail(dst)) {
			t++;
			continue;
		}
		packets += move_pair(f, src, dst);
		/* Either the source is empty, or the room is used up, or the
		 * burst is complete: in no case the same pair again. */
		if (packet_slots(src))
			t++;
		r += !packet_slots(src);
	}
	return packets;
}
