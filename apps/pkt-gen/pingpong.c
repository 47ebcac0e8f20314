/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pingpong: measure round trips.
 *
 * ping sends a burst of stamped packets, waits for as many to come back (or
 * gives up on them), and goes on.  pong sends back whatever it receives, with
 * source and destination exchanged.  Only packets that carry a stamp are
 * replies; others are passed over.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "apps/pkt-gen/pace.h"
#include "apps/pkt-gen/source.h"
#include "apps/pkt-gen/worker.h"

/* A reply that takes longer is taken for lost. */
#define REPLY_NS	(100 * NS_PER_MS)

#define POLL_MS		100

struct ping {
	struct worker *w;
	struct source src;
	struct pace pace;
	uint32_t seq;
};

/* One stamped packet into a tx ring with room. */
static bool send_ping(struct ping *p, struct netmap_ring *ring)
{
	struct netmap_slot *slot = &ring->slot[ring->head];
	uint8_t *to = (uint8_t *)NETMAP_BUF_OFFSET(ring, slot);
	unsigned int len = source_len(&p->src, source_batch_len(&p->src));
	struct stamp s;

	if (len > ring->nr_buf_size) {
		D("ping sends one slot: %u bytes do not fit into %u", len,
				ring->nr_buf_size);
		return false;
	}
	source_emit(&p->src, to, len);
	s = stamp_make(p->seq++, clock_read_ns(CLOCK_MONOTONIC), 0);
	packet_put(&p->src.pkt, to, &s, STAMP_LEN);
	slot->len = (uint16_t)len;
	slot->flags = NS_REPORT;
	ring->head = ring->cur = nm_ring_next(ring, ring->head);
	worker_count(p->w, 1, len);
	return true;
}

/* Up to n packets over all rings; -1 on error. */
static int send_burst(struct ping *p, unsigned int n)
{
	const struct nmport_d *d = p->w->port.d;
	unsigned int i, sent = 0, rings = nmport_tx_rings(d);

	for (i = 0; i < rings; i++) {
		struct netmap_ring *ring = NETMAP_TXRING(d->nifp,
				d->first_tx_ring + i);

		while (sent < n && !nm_ring_empty(ring)) {
			if (!send_ping(p, ring))
				return -1;
			sent++;
		}
	}
	if (nmport_sync_tx(p->w->port.d)) {
		D("sync error on queue %u: %s", p->w->index, strerror(errno));
		return -1;
	}
	return (int)sent;
}

static bool take_reply(struct ping *p, const uint8_t *data, unsigned int len,
		uint64_t now)
{
	unsigned int vnet = p->src.pkt.vnet, at;
	struct stamp s;

	if (len < vnet)
		return false;
	at = packet_find_payload(data + vnet, len - vnet, STAMP_LEN);
	if (!at || !stamp_read(data + vnet + at, &s))
		return false;
	hist_add(p->w->latency, stamp_age(&s, now));
	return true;
}

/* Empty the rx rings; returns the number of replies. */
static unsigned int take_replies(struct ping *p)
{
	const struct nmport_d *d = p->w->port.d;
	unsigned int i, replies = 0, rings = nmport_rx_rings(d);
	uint64_t now = clock_read_ns(CLOCK_MONOTONIC);

	for (i = 0; i < rings; i++) {
		struct netmap_ring *ring = NETMAP_RXRING(d->nifp,
				d->first_rx_ring + i);
		uint32_t head = ring->head;

		for (; head != ring->tail; head = nm_ring_next(ring, head)) {
			struct netmap_slot *slot = &ring->slot[head];
			uint8_t *data = (uint8_t *)NETMAP_BUF_OFFSET(ring,
					slot);

			if (p->src.o->flags & OPT_DUMP)
				worker_dump(ring, head, data);
			replies += take_reply(p, data, slot->len, now);
		}
		ring->head = ring->cur = head;
	}
	return replies;
}

/* Wait for so many replies, or until they are late. */
static bool await_replies(struct ping *p, unsigned int n)
{
	uint64_t give_up = clock_read_ns(CLOCK_MONOTONIC) + REPLY_NS;

	while (n && !worker_stopped(p->w) &&
	       clock_read_ns(CLOCK_MONOTONIC) < give_up) {
		enum wait_result r = worker_wait(p->w, POLLIN, POLL_MS, NULL);
		unsigned int got;

		if (r == WAIT_FAILED)
			return false;
		if (r == WAIT_TIMEOUT)
			continue;
		got = take_replies(p);
		n -= got < n ? got : n;
	}
	return true;
}

/* One transaction; false on error. */
static bool ping_once(struct ping *p)
{
	struct worker *w = p->w;
	uint64_t left = w->limit ? w->limit - w->c.pkts : UINT64_MAX;
	unsigned int burst = p->src.o->burst;
	int n;

	pace_wait(&p->pace, w);
	if (worker_stopped(w))
		return true;
	if (burst > left)
		burst = (unsigned int)left;
	n = send_burst(p, pace_allowed(&p->pace, burst));
	if (n < 0)
		return false;
	pace_spent(&p->pace, (unsigned int)n);
	if (!n)
		return worker_wait(w, POLLOUT, POLL_MS, NULL) != WAIT_FAILED;
	return await_replies(p, (unsigned int)n);
}

static bool has_rings(const struct worker *w)
{
	if (nmport_tx_rings(w->port.d) && nmport_rx_rings(w->port.d))
		return true;
	D("%s needs rings in both directions", options_function(w->run->o));
	return false;
}

void ping_body(struct worker *w)
{
	struct ping p = { .w = w };

	if (!has_rings(w) || source_init(&p.src, w, STAMP_LEN)) {
		w->failed = true;
		return;
	}
	pace_start(&p.pace, w);
	w->start_ns = clock_read_ns(CLOCK_MONOTONIC);
	while (!worker_stopped(w) && !worker_limit_reached(w)) {
		if (!ping_once(&p)) {
			w->failed = true;
			break;
		}
	}
	source_fini(&p.src);
}

/* A tx ring with room, or NULL. */
static struct netmap_ring *room_in(const struct nmport_d *d)
{
	unsigned int i, rings = nmport_tx_rings(d);

	for (i = 0; i < rings; i++) {
		struct netmap_ring *ring = NETMAP_TXRING(d->nifp,
				d->first_tx_ring + i);

		if (!nm_ring_empty(ring))
			return ring;
	}
	return NULL;
}

/* One slot back; only the first of a packet has addresses. */
static bool send_back(struct worker *w, struct netmap_ring *rx, uint32_t idx,
		bool first)
{
	const struct netmap_slot *from = &rx->slot[idx];
	struct netmap_ring *tx = room_in(w->port.d);
	struct netmap_slot *to;
	uint8_t *data;
	unsigned int vnet = w->run->vnet;

	if (!tx)
		return false;
	to = &tx->slot[tx->head];
	data = (uint8_t *)NETMAP_BUF_OFFSET(tx, to);
	nm_pkt_copy(NETMAP_BUF_OFFSET(rx, from), data, from->len);
	if (first && from->len >= vnet)
		packet_reflect(data + vnet, from->len - vnet);
	to->len = from->len;
	to->flags = from->flags & NS_MOREFRAG;
	tx->head = tx->cur = nm_ring_next(tx, tx->head);
	return true;
}

/*
 * Send back what is in a ring, up to a burst; false when there was no room for
 * something, which then stays where it is.
 */
static bool reflect_ring(struct worker *w, struct netmap_ring *rx, bool *first)
{
	uint32_t head = rx->head;
	unsigned int n, burst = w->run->o->burst;
	uint64_t pkts = 0, bytes = 0;
	bool room = true;

	for (n = 0; head != rx->tail && n < burst; n++) {
		const struct netmap_slot *slot = &rx->slot[head];

		room = send_back(w, rx, head, *first);
		if (!room)
			break;
		if (w->run->o->flags & OPT_DUMP)
			worker_dump(rx, head, NETMAP_BUF_OFFSET(rx, slot));
		bytes += slot->len;
		pkts += !(slot->flags & NS_MOREFRAG);
		*first = !(slot->flags & NS_MOREFRAG);
		head = nm_ring_next(rx, head);
	}
	rx->head = rx->cur = head;
	if (pkts)
		worker_count(w, pkts, bytes);
	return room;
}

static bool reflect_all(struct worker *w, bool *first)
{
	const struct nmport_d *d = w->port.d;
	unsigned int i, n = nmport_rx_rings(d);
	bool room = true;

	for (i = 0; i < n; i++)
		room &= reflect_ring(w, NETMAP_RXRING(d->nifp,
					d->first_rx_ring + i), &first[i]);
	return room;
}

/* One turn; *events gets what to wait for next.  False on error. */
static bool pong_once(struct worker *w, bool *first, short *events)
{
	switch (worker_wait(w, *events, 1000, NULL)) {
	case WAIT_FAILED:
		return false;
	case WAIT_TIMEOUT:
		return true;
	case WAIT_READY:
		break;
	}
	/* what waits for room must not end the wait for room */
	*events = reflect_all(w, first) ? POLLIN : POLLOUT;
	if (nmport_sync_tx(w->port.d)) {
		D("sync error on queue %u: %s", w->index, strerror(errno));
		return false;
	}
	return true;
}

void pong_body(struct worker *w)
{
	short events = POLLIN;
	bool *first;

	if (!has_rings(w)) {
		w->failed = true;
		return;
	}
	first = malloc(nmport_rx_rings(w->port.d));
	if (!first) {
		w->failed = true;
		return;
	}
	memset(first, true, nmport_rx_rings(w->port.d));
	w->start_ns = clock_read_ns(CLOCK_MONOTONIC);
	while (!w->failed && !worker_stopped(w) && !worker_limit_reached(w))
		w->failed = !pong_once(w, first, &events);
	free(first);
}
