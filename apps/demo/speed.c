/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * speed: as many frames of one size as possible from left to right.
 *
 * The sender writes the head and a sequence number into each frame, the
 * receiver reads them: less than any real program does with a frame, but the
 * same over every kind of link.  Over a switch, what the receiver cannot take
 * in time is dropped and counted; what counts as speed is what was received.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/clock.h"
#include "apps/demo/link.h"
#include "apps/demo/speed.h"

#define POLL_MS		100
#define PAUSE_US	1000
#define PATIENCE_NS	(3 * NS_PER_SEC)
#define WARM_UP_PART	10	/* one part in so many is not measured */

struct head {
	uint8_t dst[6], src[6];
	uint8_t type[2];	/* 0x88b5: for experiments */
	uint8_t pad[2];
	uint64_t sequence;
};

static struct head make_head(int from, int to)
{
	return (struct head){
		.dst = { 2, 0, 0, 0, 1, (uint8_t)to },
		.src = { 2, 0, 0, 0, 1, (uint8_t)from },
		.type = { 0x88, 0xb5 },
	};
}

static void fill_ring(struct netmap_ring *ring, struct head *head,
		uint16_t size)
{
	uint32_t i = ring->head;

	while (i != ring->tail) {
		struct netmap_slot *slot = &ring->slot[i];

		head->sequence++;
		memcpy(NETMAP_BUF(ring, slot->buf_idx), head, sizeof(*head));
		slot->len = size;
		slot->flags = 0;
		i = nm_ring_next(ring, i);
	}
	ring->head = ring->cur = i;
}

static int send_frames(struct board *b, enum job job, struct nmport_d *d)
{
	struct netmap_ring *ring = NETMAP_TXRING(d->nifp, d->first_tx_ring);
	struct pollfd pfd = { .fd = d->fd, .events = POLLOUT };
	struct head head = make_head(LEFT, RIGHT);

	while (!crew_is_over(b, job)) {
		uint32_t size = atomic_load_explicit(&b->size,
				memory_order_relaxed);

		if (!size) {
			usleep(PAUSE_US);
			continue;
		}
		if (nmport_poll(&pfd, 1, POLL_MS) < 0 && errno != EINTR)
			return -1;
		if (pfd.revents & (POLLERR | POLLNVAL))
			return errno = EIO, -1;
		fill_ring(ring, &head, (uint16_t)size);
	}
	return 0;
}

static void read_ring(struct board *b, struct netmap_ring *ring)
{
	uint64_t packets = 0, bytes = 0, sum = 0;
	uint32_t i = ring->head;

	while (i != ring->tail) {
		const struct netmap_slot *slot = &ring->slot[i];
		struct head head;

		memcpy(&head, NETMAP_BUF(ring, slot->buf_idx), sizeof(head));
		sum += head.sequence ^ head.dst[5];
		bytes += slot->len;
		packets++;
		i = nm_ring_next(ring, i);
	}
	ring->head = ring->cur = i;
	atomic_fetch_add_explicit(&b->packets, packets, memory_order_relaxed);
	atomic_fetch_add_explicit(&b->bytes, bytes, memory_order_relaxed);
	atomic_fetch_add_explicit(&b->sum, sum, memory_order_relaxed);
}

static int receive_frames(struct board *b, enum job job, struct nmport_d *d)
{
	struct netmap_ring *ring = NETMAP_RXRING(d->nifp, d->first_rx_ring);
	struct pollfd pfd = { .fd = d->fd, .events = POLLIN };
	uint8_t hello[60] = { 0 };
	struct head head = make_head(RIGHT, LEFT);

	/* A switch learns where we are from what we send. */
	memcpy(hello, &head, sizeof(head));
	nmport_inject(d, hello, sizeof(hello));
	if (nmport_sync_tx(d) < 0)
		return -1;
	while (!crew_is_over(b, job)) {
		if (nmport_poll(&pfd, 1, POLL_MS) < 0 && errno != EINTR)
			return -1;
		if (pfd.revents & (POLLERR | POLLNVAL))
			return errno = EIO, -1;
		read_ring(b, ring);
	}
	return 0;
}

int speed_work(struct board *b, enum job job, int side, struct nmport_d *d)
{
	return side == LEFT ? send_frames(b, job, d) :
		receive_frames(b, job, d);
}

/**
 * struct sample - the counters at one moment
 * @ns: the moment
 * @packets: received so far
 * @bytes: theirs
 * @lost: lost so far
 */
struct sample {
	uint64_t ns, packets, bytes, lost;
};

static int take_sample(struct board *b, enum job job, struct sample *s)
{
	struct drops d;

	if (link_drops(job, &d) < 0) {
		fprintf(stderr, "netmap-demo: cannot read counters: %s\n",
				nmport_last_error());
		return -1;
	}
	s->lost = link_drops_total(&d);
	s->packets = atomic_load(&b->packets);
	s->bytes = atomic_load(&b->bytes);
	s->ns = clock_read_ns(CLOCK_MONOTONIC);
	return 0;
}

int speed_measure(struct crew *c, enum job job, unsigned int size, uint64_t ns,
		struct rate *r)
{
	struct board *b = c->board;
	uint64_t warm_up = ns / WARM_UP_PART;
	struct sample s0, s1;
	double seconds, packets, lost;

	atomic_store(&b->size, size);
	if (crew_sleep(c, warm_up) || take_sample(b, job, &s0))
		return -1;
	/* On a busy machine a worker may not have run at all in that time. */
	do {
		if (crew_sleep(c, ns - warm_up) || take_sample(b, job, &s1))
			return -1;
	} while (s1.packets == s0.packets && s1.ns - s0.ns < PATIENCE_NS);
	seconds = (double)(s1.ns - s0.ns) / (double)NS_PER_SEC;
	packets = (double)(s1.packets - s0.packets);
	lost = (double)(s1.lost - s0.lost);
	r->pps = packets / seconds;
	r->bps = (double)(s1.bytes - s0.bytes) * 8 / seconds;
	r->lost = lost > 0 ? lost / (lost + packets) : 0;
	return 0;
}
