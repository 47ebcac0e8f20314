/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rx: receive and count.
 *
 * Without limit of time the first packet is waited for; the clock starts with
 * it.  From then on each turn waits for packets and takes up to a burst of
 * slots from each ring, looking at each slot once.  A packet counts when its
 * last slot is seen.
 *
 * With -W all threads end when none of them has received anything for a second.
 *
 * With --latency the buffers are looked at too: the delay of a stamped packet
 * goes into a histogram, its number into the account of its sender, from which
 * losses follow at the end.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "apps/pkt-gen/packet.h"
#include "apps/pkt-gen/worker.h"

#define POLL_TIMEOUT_MS	1000
#define IDLE_NS		NS_PER_SEC
#define IDLE_POLL_MS	100

/**
 * struct rx - a receiving thread
 * @w: the worker
 * @o: the options
 * @look: buffers are looked at
 * @first_slot: the next slot begins a packet; [ring]
 * @seen: with -W, packets of all threads at the last look
 * @last_ns: with -W, when that was found to have grown
 */
struct rx {
	struct worker *w;
	const struct options *o;
	bool look;
	bool *first_slot;
	uint64_t seen;
	uint64_t last_ns;
};

static void account(struct worker *w, const struct stamp *s)
{
	struct stream *st = &w->streams[s->magic % STAMP_SENDERS];

	if (!st->count || s->seq < st->first)
		st->first = s->seq;
	if (!st->count || s->seq > st->last)
		st->last = s->seq;
	st->count++;
}

/* A frame with a virtio header in front. */
static void read_stamp(struct worker *w, const uint8_t *data, unsigned int len,
		uint64_t now)
{
	unsigned int vnet = w->run->vnet, at;
	struct stamp s;

	if (len < vnet)
		return;
	at = packet_find_payload(data + vnet, len - vnet, STAMP_LEN);
	if (!at || !stamp_read(data + vnet + at, &s))
		return;
	hist_add(w->latency, stamp_age(&s, now));
	account(w, &s);
}

/* Dump or read a slot; not in the way of those who only count. */
static __attribute__((noinline)) void look_at(struct rx *rx,
		struct netmap_ring *ring, uint32_t head, bool first,
		uint64_t now)
{
	struct netmap_slot *slot = &ring->slot[head];
	const uint8_t *data = (uint8_t *)NETMAP_BUF_OFFSET(ring, slot);

	if (rx->o->flags & OPT_PREFETCH)
		__builtin_prefetch(data);
	if (rx->o->flags & OPT_ACCESS)
		(void)*(const volatile uint8_t *)data;
	if (rx->o->flags & OPT_DUMP)
		worker_dump(ring, head, data);
	if (rx->w->streams && first)
		read_stamp(rx->w, data, slot->len, now);
}

/* Take up to burst slots. */
static void take(struct rx *rx, struct netmap_ring *ring, bool *first)
{
	uint32_t head = ring->head, room = nm_ring_space(ring);
	unsigned int n = room < rx->o->burst ? room : rx->o->burst, i;
	uint64_t pkts = 0, bytes = 0;
	uint64_t now = rx->w->streams ? clock_read_ns(worker_clock(rx->w)) : 0;
	const uint32_t n_slots = ring->num_slots;
	uint32_t free_slots = n_slots - 1 - room;
	const bool look = rx->look;

	if (free_slots < rx->w->c.min_space)
		__atomic_store_n(&rx->w->c.min_space, free_slots,
				__ATOMIC_RELAXED);
	if (!n)
		return;
	for (i = 0; i < n; i++) {
		const struct netmap_slot *slot = &ring->slot[head];
		bool last = !(slot->flags & NS_MOREFRAG);

		bytes += slot->len;
		pkts += last;
		if (unlikely(look)) {
			look_at(rx, ring, head, *first, now);
			*first = last;
		}
		head = unlikely(head + 1 == n_slots) ? 0 : head + 1;
	}
	ring->head = ring->cur = head;
	worker_count(rx->w, pkts, bytes);
}

static void take_all(struct rx *rx)
{
	const struct nmport_d *d = rx->w->port.d;
	unsigned int i, n = nmport_rx_rings(d);

	for (i = 0; i < n; i++)
		take(rx, NETMAP_RXRING(d->nifp, d->first_rx_ring + i),
				&rx->first_slot[i]);
}

static bool any_waiting(const struct nmport_d *d)
{
	unsigned int i, n = nmport_rx_rings(d);

	for (i = 0; i < n; i++)
		if (!nm_ring_empty(NETMAP_RXRING(d->nifp,
						d->first_rx_ring + i)))
			return true;
	return false;
}

/* With -W: have all threads been without packets for long enough? */
static bool is_over(struct rx *rx)
{
	uint64_t total, now;

	if (!rx->o->exit_idle)
		return false;
	total = worker_total(rx->w->run);
	now = clock_read_ns(CLOCK_MONOTONIC);
	if (total != rx->seen) {
		rx->seen = total;
		rx->last_ns = now;
	}
	return total && now - rx->last_ns >= IDLE_NS;
}

static int poll_timeout(const struct rx *rx)
{
	return rx->o->exit_idle ? IDLE_POLL_MS : POLL_TIMEOUT_MS;
}

/* Returns false when there will be nothing: stopped, over or failed. */
static bool wait_for_first(struct rx *rx)
{
	struct worker *w = rx->w;

	while (!worker_stopped(w) && !is_over(rx)) {
		short revents = 0;
		enum wait_result r = worker_wait(w, POLLIN, poll_timeout(rx),
				&revents);

		if (r == WAIT_FAILED) {
			w->failed = true;
			return false;
		}
		if (r == WAIT_READY && any_waiting(w->port.d))
			return true;
		if (worker_stopped(w))
			break;
		RD(1, "waiting for initial packets, poll returns %d %d",
				r == WAIT_READY, revents);
	}
	return false;
}

static void rx_loop(struct rx *rx)
{
	struct worker *w = rx->w;

	take_all(rx);
	while (!worker_stopped(w) && !worker_limit_reached(w) &&
	       !is_over(rx)) {
		switch (worker_wait(w, POLLIN, poll_timeout(rx), NULL)) {
		case WAIT_FAILED:
			w->failed = true;
			return;
		case WAIT_TIMEOUT:
			break;
		case WAIT_READY:
			take_all(rx);
			break;
		}
	}
	/* the second of silence is not part of the run */
	if (is_over(rx))
		w->end_ns = rx->last_ns;
	/* give the slots back: the sender may be waiting for them */
	nmport_sync_rx(w->port.d);
}

void rx_body(struct worker *w)
{
	struct rx rx = {
		.w = w,
		.o = w->run->o,
		.look = w->streams || (w->run->o->flags &
				(OPT_DUMP | OPT_PREFETCH | OPT_ACCESS)),
	};
	unsigned int i, n = nmport_rx_rings(w->port.d);

	rx.first_slot = malloc(n ? n : 1);
	if (!rx.first_slot || !n) {
		D("thread %u has no ring to receive from", w->index);
		w->failed = true;
		free(rx.first_slot);
		return;
	}
	for (i = 0; i < n; i++)
		rx.first_slot[i] = true;
	if (wait_for_first(&rx)) {
		w->start_ns = clock_read_ns(CLOCK_MONOTONIC);
		rx_loop(&rx);
	}
	free(rx.first_slot);
}

/* One frame from a port without rings; false at the end. */
static bool receive_frame(struct rx *rx, uint8_t *frame)
{
	struct worker *w = rx->w;
	int n = port_receive(&w->port, frame, PACKET_MAX_SIZE, 100);

	if (n < 0) {
		D("cannot receive from %s: %s", rx->o->port, strerror(-n));
		w->failed = true;
		return false;
	}
	if (n && !w->start_ns)
		w->start_ns = clock_read_ns(CLOCK_MONOTONIC);
	if (n) {
		worker_count(w, 1, (uint64_t)n);
		if (rx->o->flags & OPT_DUMP)
			worker_dump_bytes(frame, (unsigned int)n);
		if (w->streams)
			read_stamp(w, frame, (unsigned int)n,
					clock_read_ns(worker_clock(w)));
	}
	if (!is_over(rx))
		return true;
	w->end_ns = rx->last_ns;
	return false;
}

void rx_frames_body(struct worker *w)
{
	struct rx rx = { .w = w, .o = w->run->o };
	uint8_t *frame = malloc(PACKET_MAX_SIZE);

	if (!frame) {
		w->failed = true;
		return;
	}
	while (!worker_stopped(w) && !worker_limit_reached(w) &&
	       receive_frame(&rx, frame))
		;
	free(frame);
}
