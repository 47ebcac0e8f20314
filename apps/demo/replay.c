/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay: send a capture of two hosts through a switch.
 *
 * Both workers walk through the capture, one frame after the other.  At a
 * frame of its own host a worker sends; at one of the other it waits for it.
 * That alone puts all frames in the order of the capture.  A worker gets at
 * most WINDOW frames ahead of the other, so that no ring overflows: a switch
 * drops what does not fit.  Frames longer than a buffer go as several slots.
 *
 * The right host is not told what to expect: what it gets it writes to the
 * arena, and the leader, who reads the file again, compares.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/clock.h"
#include "apps/demo/replay.h"

#define WINDOW		32u	/* frames; 5 slots each at most */
#define PATIENCE_NS	(3 * NS_PER_SEC)
#define QUIET_MS	50	/* to see whether more comes than was sent */
#define NAP_US		50
#define MAX_FRAME	65536u

/* The first frame is the left host's; who else sends is the right one. */
static int side_of(const struct capture *c, unsigned int k)
{
	return memcmp(c->frame[k].data + 6, c->frame[0].data + 6, 6) ? RIGHT :
		LEFT;
}

static bool is_late(uint64_t since)
{
	return clock_read_ns(CLOCK_MONOTONIC) - since > PATIENCE_NS;
}

/* The first frame of the left host in the second half gets a wrong bit. */
static unsigned int frame_to_corrupt(const struct capture *c)
{
	unsigned int k = c->n / 2;

	while (k < c->n && side_of(c, k) != LEFT)
		k++;
	return k < c->n ? k : 0;
}

static const uint8_t *corrupted(const struct frame *f)
{
	static uint8_t copy[MAX_FRAME];

	memcpy(copy, f->data, f->len);
	copy[f->len - 1] ^= 1;
	return copy;
}

/* Send one frame, as soon as the other side is near enough. */
static int send_one(struct board *b, int side, struct nmport_d *d,
		const uint8_t *data, uint32_t len, unsigned int k)
{
	uint64_t start = clock_read_ns(CLOCK_MONOTONIC);

	while (k - atomic_load(&b->at[!side]) >= WINDOW ||
	       !nmport_inject(d, data, len)) {
		if (nmport_sync_tx(d) < 0)
			return -1;
		if (is_late(start))
			return errno = ETIMEDOUT, -1;
		usleep(NAP_US);
	}
	return nmport_sync_tx(d);
}

/* Slots of the frame at head; 0 when it is not there yet. */
static uint32_t slots_there(const struct netmap_ring *ring)
{
	uint32_t i = ring->head, n = 0;

	while (i != ring->tail) {
		n++;
		if (!(ring->slot[i].flags & NS_MOREFRAG))
			return n;
		i = nm_ring_next(ring, i);
	}
	return 0;
}

/* Take the frame at head and write it down. */
static int take_down(struct board *b, struct netmap_ring *ring, uint32_t n)
{
	uint32_t used = atomic_load(&b->arena_used), len = 0;
	uint8_t *start = b->arena + used;

	if (used + 4 + n * ring->nr_buf_size > ARENA_BYTES)
		return errno = ENOSPC, -1;
	for (; n; n--) {
		const struct netmap_slot *slot = &ring->slot[ring->head];

		memcpy(start + 4 + len, NETMAP_BUF(ring, slot->buf_idx),
				slot->len);
		len += slot->len;
		ring->head = ring->cur = nm_ring_next(ring, ring->head);
	}
	memcpy(start, &len, 4);
	atomic_store(&b->arena_used, used + 4 + len);
	atomic_fetch_add(&b->arrived, 1);
	return 0;
}

static int receive_one(struct board *b, struct nmport_d *d)
{
	struct netmap_ring *ring = NETMAP_RXRING(d->nifp, d->first_rx_ring);
	struct pollfd pfd = { .fd = d->fd, .events = POLLIN };
	uint64_t start = clock_read_ns(CLOCK_MONOTONIC);
	uint32_t n;

	while (!(n = slots_there(ring))) {
		if (is_late(start))
			return errno = ETIMEDOUT, -1;
		if (nmport_poll(&pfd, 1, QUIET_MS) < 0 && errno != EINTR)
			return -1;
	}
	return take_down(b, ring, n);
}

static void count_extra(struct board *b, struct nmport_d *d)
{
	struct netmap_ring *ring = NETMAP_RXRING(d->nifp, d->first_rx_ring);
	struct pollfd pfd = { .fd = d->fd, .events = POLLIN };

	nmport_poll(&pfd, 1, QUIET_MS);
	for (; ring->head != ring->tail;
	     ring->head = ring->cur = nm_ring_next(ring, ring->head))
		if (!(ring->slot[ring->head].flags & NS_MOREFRAG))
			atomic_fetch_add(&b->extra, 1);
}

static int replay(struct board *b, int side, struct nmport_d *d,
		const struct capture *c)
{
	unsigned int wrong = b->corrupt ? frame_to_corrupt(c) : c->n;
	unsigned int k;
	int err = 0;

	for (k = 0; k < c->n && !err; k++) {
		const struct frame *f = &c->frame[k];

		atomic_store(&b->at[side], k);
		if (side_of(c, k) == side)
			err = send_one(b, side, d, k == wrong ? corrupted(f) :
					f->data, f->len, k);
		else
			err = receive_one(b, d);
	}
	/* A frame that does not arrive is for the leader to find. */
	if (err && errno != ETIMEDOUT)
		return -1;
	if (!err) {
		atomic_store(&b->at[side], c->n);
		count_extra(b, d);
	}
	return 0;
}

int replay_work(struct board *b, int side, struct nmport_d *d)
{
	struct capture c;
	int err;

	while (!atomic_load(&b->go) && !crew_is_over(b, JOB_REPLAY))
		usleep(NAP_US);
	if (crew_is_over(b, JOB_REPLAY))
		return 0;
	if (capture_load(&c, b->path))
		return errno = EINVAL, -1;
	err = replay(b, side, d, &c);
	capture_free(&c);
	atomic_store(&b->finished[side], 1);
	while (!err && !crew_is_over(b, JOB_REPLAY))
		usleep(1000);
	return err;
}

static int compare(const struct board *b, const struct capture *c,
		struct verdict *v)
{
	const uint8_t *at = b->arena;
	unsigned int k;
	uint32_t len;

	*v = (struct verdict){
		.arrived = atomic_load(&b->arrived),
		.extra = atomic_load(&b->extra),
	};
	for (k = 0; k < v->arrived && k < c->n; k++, at += 4 + len) {
		const struct frame *f = &c->frame[k];

		memcpy(&len, at, 4);
		if (len == f->len && !memcmp(at + 4, f->data, len))
			continue;
		v->different++;
		if (!v->first)
			v->first = k + 1;
	}
	if (k < c->n && !v->first)
		v->first = k + 1;
	return v->first || v->extra || v->arrived != c->n;
}

int replay_run(struct crew *c, const struct capture *capture,
		struct verdict *v)
{
	struct board *b = c->board;

	atomic_store(&b->go, 1);
	while (!atomic_load(&b->finished[LEFT]) ||
	       !atomic_load(&b->finished[RIGHT]))
		if (crew_sleep(c, NS_PER_MS))
			return -1;
	return compare(b, capture, v);
}
