/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A plane made by hand, without the control plane: one region, switches,
 * ports, pipes, and what a program does with a ring.
 *
 * Buffers are handed out in order and never return; nm_fix_check() finds every
 * one of them in exactly one place.
 */
#ifndef NM_TEST_PLANE_FIXTURE_H
#define NM_TEST_PLANE_FIXTURE_H

#include "tests/unit/nmtest.h"
#include "engine/os.h"
#include "engine/plane/inbox.h"
#include "engine/plane/view.h"
#include "engine/plane/fdb.h"

#define NM_FIX_ACTORS	4u
#define NM_FIX_RINGS	64u
#define NM_FIX_BCAST	0xffffffffffffULL

struct nm_fix {
	struct nm_plane pl;
	struct nm_actor actor[NM_FIX_ACTORS];
	uint64_t ring_end;	/* bytes of the region that rings have */
	uint32_t n_bufs, buf_size;
	uint32_t next_buf, n_rings, n_ports;
	uint32_t wakes;		/* calls of ops->wake, and the ring of the last */
	uint32_t woken;
	uint64_t *seen;		/* a bit for each buffer */
	uint8_t *user;		/* what copy_in may read; address 0x1000 */
	uint32_t user_len;
	uint32_t lookup_pos;	/* what the plug-in says */
};

/** nm_fix_new - a plane with one region; NULL and a failed check without */
struct nm_fix *nm_fix_new(uint32_t n_bufs, uint32_t buf_size);
void nm_fix_end(struct nm_fix *f);

/** nm_fix_switch - switch 0 with @buckets (a power of two) */
void nm_fix_switch(struct nm_fix *f, uint32_t buckets);

/**
 * nm_fix_port - a port at position @pos of the switch
 * Return: index of the port.
 */
uint32_t nm_fix_port(struct nm_fix *f, uint32_t pos, uint32_t n_rx,
		     uint32_t n_tx, uint32_t n_slots);

/** nm_fix_pipe - one direction of a pipe */
void nm_fix_pipe(struct nm_fix *f, uint32_t n_slots, uint32_t *tx, uint32_t *rx);

uint32_t nm_fix_rx(struct nm_fix *f, uint32_t port, uint32_t i);
uint32_t nm_fix_tx(struct nm_fix *f, uint32_t port, uint32_t i);
struct netmap_ring *nm_fix_ring(struct nm_fix *f, uint32_t ring);
struct netmap_slot *nm_fix_slots(struct nm_fix *f, uint32_t ring);
uint8_t *nm_fix_buf(struct nm_fix *f, uint32_t idx);
uint32_t nm_fix_take_buf(struct nm_fix *f);

/** nm_fix_put - write a frame into the slot at head, and advance head */
void nm_fix_put(struct nm_fix *f, uint32_t ring, uint64_t dst, uint64_t src,
		uint32_t len, uint32_t tag, uint32_t flags);

/** nm_fix_sync - sync as a program; result of nm_ring_sync_user() */
int nm_fix_sync(struct nm_fix *f, uint32_t ring);

/** nm_fix_send - nm_fix_put() of 60 bytes and a sync */
void nm_fix_send(struct nm_fix *f, uint32_t port, uint64_t dst, uint64_t src,
		 uint32_t tag);

/** nm_fix_waiting - sync a receive ring: slots that can be read */
uint32_t nm_fix_waiting(struct nm_fix *f, uint32_t ring);

/** nm_fix_get - the slot at head; head advances, the next sync releases it */
struct netmap_slot *nm_fix_get(struct nm_fix *f, uint32_t ring);

/** nm_fix_tag - what nm_fix_put() wrote into the frame of a slot */
uint32_t nm_fix_tag(struct nm_fix *f, const struct netmap_slot *s);

/** nm_fix_drain - read everything; slots read */
uint32_t nm_fix_drain(struct nm_fix *f, uint32_t ring);

uint64_t nm_fix_drops(struct nm_fix *f, uint32_t ring, uint32_t reason);

/** nm_fix_check - I1, I2, I3 for all rings; 1 or a failed check */
int nm_fix_check(struct nm_fix *f);

#endif /* NM_TEST_PLANE_FIXTURE_H */
