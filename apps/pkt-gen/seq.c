/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * seq: numbered slots, to see whether any is lost or overtaken.
 *
 * txseq gives every slot of its first ring a full set of headers, and a
 * sequence number (big-endian, 32 bits) in the first bytes of the payload.
 * rxseq follows the numbers ring by ring: the first slot on a ring says where
 * to begin.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "apps/pkt-gen/checksum.h"
#include "apps/pkt-gen/pace.h"
#include "apps/pkt-gen/source.h"
#include "apps/pkt-gen/worker.h"

#define POLL_TIMEOUT_MS	2000

struct txseq {
	struct worker *w;
	struct source src;
	struct pace pace;
	struct netmap_ring *ring;
	uint32_t seq;
};

/* The slots of one packet; returns its bytes. */
static unsigned int put_packet(struct txseq *t)
{
	struct netmap_ring *ring = t->ring;
	unsigned int frags = t->src.o->frags, i, bytes = 0;

	for (i = 0; i < frags; i++) {
		struct netmap_slot *slot = &ring->slot[ring->head];
		uint8_t *to = (uint8_t *)NETMAP_BUF_OFFSET(ring, slot);
		unsigned int len = source_len(&t->src,
				source_batch_len(&t->src));
		uint8_t number[SEQ_LEN];

		source_emit(&t->src, to, len);
		put_be32(number, t->seq++);
		packet_put(&t->src.pkt, to, number, SEQ_LEN);
		slot->len = (uint16_t)len;
		slot->flags = i + 1 < frags ? NS_MOREFRAG : 0;
		if (t->src.o->flags & OPT_DUMP)
			worker_dump(ring, ring->head, to);
		ring->head = nm_ring_next(ring, ring->head);
		bytes += len;
	}
	return bytes;
}

/* Up to a burst; asks to be woken for more room if it was less. */
static void put_burst(struct txseq *t)
{
	struct netmap_ring *ring = t->ring;
	struct worker *w = t->w;
	uint64_t left = w->limit ? w->limit - w->c.pkts : UINT64_MAX;
	unsigned int want = t->src.o->burst < left ? t->src.o->burst :
		(unsigned int)left;
	unsigned int n, frags = t->src.o->frags;
	uint64_t bytes = 0;

	want = pace_allowed(&t->pace, want);
	for (n = 0; n < want && nm_ring_space(ring) >= frags; n++)
		bytes += put_packet(t);
	if (n) {
		uint32_t last = ring->head ? ring->head - 1 :
			ring->num_slots - 1;

		ring->slot[last].flags |= NS_REPORT;
		worker_count(w, n, bytes);
		pace_spent(&t->pace, n);
	}
	ring->cur = n < want ? ring->tail : ring->head;
}

static bool txseq_init(struct txseq *t, struct worker *w)
{
	const struct nmport_d *d = w->port.d;

	memset(t, 0, sizeof(*t));
	t->w = w;
	if (source_init(&t->src, w, SEQ_LEN))
		return false;
	if (!nmport_tx_rings(d)) {
		D("there is no ring to send with");
		return false;
	}
	t->ring = NETMAP_TXRING(d->nifp, d->first_tx_ring);
	if (t->src.pkt.len > t->ring->nr_buf_size ||
	    t->src.o->frags >= t->ring->num_slots) {
		D("txseq: %u slots of %u bytes do not fit into the ring",
			t->src.o->frags, t->src.pkt.len);
		return false;
	}
	return true;
}

static void txseq_loop(struct txseq *t)
{
	struct worker *w = t->w;

	while (!worker_stopped(w) && !worker_limit_reached(w)) {
		enum wait_result r;

		pace_wait(&t->pace, w);
		r = worker_wait(w, POLLOUT, POLL_TIMEOUT_MS, NULL);
		if (r == WAIT_FAILED) {
			w->failed = true;
			return;
		}
		if (r == WAIT_READY)
			put_burst(t);
		else if (!worker_stopped(w))
			D("poll error on queue %u: timeout", w->index);
	}
	while (!nmport_sync_tx(w->port.d) && nm_tx_pending(t->ring) &&
	       !worker_stopped(w))
		worker_sleep_until(w, clock_read_ns(CLOCK_MONOTONIC) +
				NS_PER_MS);
}

void txseq_body(struct worker *w)
{
	struct txseq t;

	if (txseq_init(&t, w)) {
		pace_start(&t.pace, w);
		w->start_ns = clock_read_ns(CLOCK_MONOTONIC);
		txseq_loop(&t);
	} else {
		w->failed = true;
	}
	source_fini(&t.src);
}

/**
 * struct seq_ring - what rxseq knows of a ring
 * @started: a slot has been seen
 * @expected: number of the next slot
 * @frags: slots of the packet so far
 */
struct seq_ring {
	bool started;
	uint32_t expected;
	unsigned int frags;
};

static void check_number(struct worker *w, struct seq_ring *r, uint32_t found)
{
	if (r->started && found != r->expected) {
		/* the difference as a signed number: ahead or behind */
		if ((int32_t)(found - r->expected) > 0)
			RD(1, "Sequence GAP: exp %u found %u", r->expected,
					found);
		else
			RD(1, "Sequence OUT OF ORDER: exp %u found %u",
					r->expected, found);
		worker_count_drops(w, 1);
	}
	r->started = true;
	r->expected = found + 1;
}

static void check_frags(struct worker *w, struct seq_ring *r, bool last)
{
	r->frags++;
	if (!last)
		return;
	if (r->frags != w->run->o->frags)
		RD(1, "Received packets with %u frags, expected %u, "
			"in the last one of them", r->frags, w->run->o->frags);
	r->frags = 0;
}

static void check_slot(struct worker *w, struct netmap_ring *ring, uint32_t idx,
		struct seq_ring *r)
{
	struct netmap_slot *slot = &ring->slot[idx];
	const uint8_t *data = (uint8_t *)NETMAP_BUF_OFFSET(ring, slot);
	unsigned int vnet = w->run->vnet, at = 0;

	if (w->run->o->flags & OPT_DUMP)
		worker_dump(ring, idx, data);
	if (slot->len > vnet)
		at = packet_find_payload(data + vnet, slot->len - vnet,
				SEQ_LEN);
	if (at)
		check_number(w, r, get_be32(data + vnet + at));
	check_frags(w, r, !(slot->flags & NS_MOREFRAG));
}

static void check_ring(struct worker *w, struct netmap_ring *ring,
		struct seq_ring *r)
{
	unsigned int n, burst = w->run->o->burst;
	uint32_t head = ring->head;
	uint64_t pkts = 0, bytes = 0;

	for (n = 0; n < burst && head != ring->tail; n++) {
		check_slot(w, ring, head, r);
		bytes += ring->slot[head].len;
		pkts += !(ring->slot[head].flags & NS_MOREFRAG);
		head = nm_ring_next(ring, head);
	}
	ring->head = ring->cur = head;
	if (!n)
		return;
	if (!w->start_ns)
		w->start_ns = clock_read_ns(CLOCK_MONOTONIC);
	worker_count(w, pkts, bytes);
}

void rxseq_body(struct worker *w)
{
	const struct nmport_d *d = w->port.d;
	unsigned int i, n = nmport_rx_rings(d);
	struct seq_ring *rings = calloc(n ? n : 1, sizeof(*rings));

	if (!rings || !n) {
		D("thread %u has no ring to receive from", w->index);
		w->failed = true;
	}
	while (!w->failed && !worker_stopped(w) && !worker_limit_reached(w)) {
		enum wait_result r = worker_wait(w, POLLIN, 1000, NULL);

		if (r == WAIT_FAILED)
			w->failed = true;
		if (r == WAIT_TIMEOUT && !w->start_ns && !worker_stopped(w))
			RD(1, "waiting for initial packets, poll returns 0 0");
		for (i = 0; r == WAIT_READY && i < n; i++)
			check_ring(w, NETMAP_RXRING(d->nifp,
					d->first_rx_ring + i), &rings[i]);
	}
	/* give the slots back: the sender may be waiting for them */
	if (!w->failed)
		nmport_sync_rx(w->port.d);
	free(rings);
}
