/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One open netmap port as the bench uses it: its first ring of each
 * direction, and frames in and out of it.
 */
#ifndef NM_BENCH_PORT_H
#define NM_BENCH_PORT_H

#include <stdint.h>
#include <string.h>

#include <libnetmap.h>

struct port {
	struct nmport_d *d;
	struct netmap_ring *tx, *rx;
};

/* What every frame begins with; the rest is arbitrary. */
struct port_frame {
	uint8_t dst[6];
	uint8_t src[6];
	uint8_t ethertype[2];	/* 0x88b5: local experiments */
	uint8_t pad[2];
	uint64_t seq;
	uint64_t time_ns;
	uint8_t rest[32];
};

_Static_assert(sizeof(struct port_frame) == 64, "one cache line");

#define PORT_SHORTEST	60	/* bytes, without CRC */

/**
 * port_open - open @spec and remember its first rings
 * Return: 0; -1 with errno (the library has told why on stderr)
 */
int port_open(struct port *p, const char *spec);
void port_close(struct port *p);

/**
 * port_frame_init - addresses 02:00:00:00:00:@dst (or broadcast), ...:@src
 * @dst: 0xff for the broadcast address
 */
void port_frame_init(struct port_frame *f, uint8_t dst, uint8_t src);

/**
 * port_put - fill up to @max tx slots with @f, not synced yet
 * @len: frame length; at most sizeof(*f) bytes of it are written
 * Return: frames put, 0 when the ring is full
 */
static inline uint32_t port_put(struct port *p, const struct port_frame *f,
				uint16_t len, uint32_t max)
{
	struct netmap_ring *ring = p->tx;
	size_t n_write = len < sizeof(*f) ? len : sizeof(*f);
	uint32_t n = nm_ring_space(ring);
	uint32_t i = ring->head;

	if (n > max)
		n = max;
	for (uint32_t k = 0; k < n; k++) {
		struct netmap_slot *slot = &ring->slot[i];
		void *to = NETMAP_BUF(ring, slot->buf_idx);

		if (n_write == sizeof(*f))
			memcpy(to, f, sizeof(*f));
		else
			memcpy(to, f, PORT_SHORTEST);
		slot->len = len;
		slot->flags = 0;
		i = nm_ring_next(ring, i);
	}
	ring->head = ring->cur = i;
	return n;
}

/**
 * port_take - consume up to @max received frames, not synced yet
 * @sum: the first 8 bytes of each are added to it
 * @bad: counts those whose length is not @len
 * Return: frames taken
 */
static inline uint32_t port_take(struct port *p, uint16_t len, uint32_t max,
				 uint64_t *sum, uint64_t *bad)
{
	struct netmap_ring *ring = p->rx;
	uint32_t n = nm_ring_space(ring);
	uint32_t i = ring->head;

	if (n > max)
		n = max;
	for (uint32_t k = 0; k < n; k++) {
		const struct netmap_slot *slot = &ring->slot[i];
		uint64_t word;

		memcpy(&word, NETMAP_BUF(ring, slot->buf_idx), sizeof(word));
		*sum += word;
		*bad += slot->len != len;
		i = nm_ring_next(ring, i);
	}
	ring->head = ring->cur = i;
	return n;
}

/**
 * port_take_one - consume one received frame
 * @f: out: its first bytes
 * Return: 1; 0 when there is none
 */
static inline int port_take_one(struct port *p, struct port_frame *f)
{
	struct netmap_ring *ring = p->rx;

	if (!nm_ring_space(ring))
		return 0;
	memcpy(f, NETMAP_BUF(ring, ring->slot[ring->head].buf_idx), PORT_SHORTEST);
	ring->head = ring->cur = nm_ring_next(ring, ring->head);
	return 1;
}

#endif /* NM_BENCH_PORT_H */
