/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The control side of a ring: its object in the region, its buffers, who uses
 * it, and how it is taken away.
 *
 *   CLOSED --open--> OPEN --stop--> DYING --free--> CLOSED
 *
 *   CLOSED  no memory; the ring's number and its place in the plane are kept
 *           by the port; kind in the plane is NM_PLANE_NONE
 *   OPEN    has an object, buffers and, if something is sent to it, an inbox
 *   DYING   stopped in the plane; a sync that was under way may still touch
 *           it, so its memory stays until the grace period is over
 *
 * A VALE or null ring is open while descriptors are bound to it.  The rings
 * of a pipe are open as long as the pipe exists; a transmit ring and the
 * receive ring it is linked to have one set of buffers, which the transmit
 * ring accounts for.
 */
#ifndef NM_ENGINE_RING_H
#define NM_ENGINE_RING_H

#include <nm_os_types.h>
#include <net/netmap.h>
#include "engine/plane/layout.h"

struct nm_engine;
struct nm_file;
struct nm_port;
struct nm_region;

enum nm_ring_life {
	NM_RING_CLOSED = 0,
	NM_RING_OPEN,
	NM_RING_DYING,
};

/* All fields: the engine's lock. */
struct nm_ring {
	struct nm_ring *region_next;	/* region->rings_list, unless CLOSED */
	struct nm_ring *dying_next;	/* e->dying_rings */
	struct nm_port *port;		/* a reference while DYING and listed */
	struct nm_ring *peer;		/* pipes: the linked ring */
	uint32_t idx;			/* in the plane */
	uint32_t dir;			/* 0 receive, 1 transmit */
	uint32_t i;			/* within port and direction */
	uint32_t plane;			/* enum nm_plane_kind */
	uint32_t n_slots;
	enum nm_ring_life life;
	uint32_t obj;			/* in region->rings, unless CLOSED */
	uint32_t n_bufs;		/* buffers to come back: n_slots or 0 */
	uint32_t users;			/* descriptors */
	uint32_t exclusive;		/* 1: the user wants to be the only one */
	uint64_t period;		/* DYING: its grace period */
	uint32_t gen;			/* as in the plane, since it was opened */
	uint32_t n_kept;		/* of its buffers, in the quarantine */
	uint32_t repair;		/* repair.c: 1: its busy word is ours */
	uint64_t snap;			/* repair.c: `reserved' before the grace
					 * period */
};

/**
 * nm_ring_open - give a closed ring memory and buffers, and start it
 *
 * For a receive ring of a pipe the peer must be open: the slots get the same
 * buffers.
 * Return: 0; -ENOSPC region used up; -ENOMEM.
 */
int nm_ring_open(struct nm_ring *r);

/**
 * nm_ring_stop - nobody is to sync this ring any more
 *
 * OPEN to DYING.  To be followed by nm_grace_begin() and nm_rings_bury().
 */
void nm_ring_stop(struct nm_ring *r);

/**
 * nm_ring_free - DYING to CLOSED, after the grace period
 */
void nm_ring_free(struct nm_ring *r);

/**
 * nm_ring_bury - free a stopped ring now or, if its period is not over,
 * later by nm_engine_tick()
 */
void nm_ring_bury(struct nm_ring *r, uint64_t period);

/**
 * nm_ring_holder - who has the busy word of a ring that is not CLOSED
 * Return: number of an actor + 1; 0: nobody, or no actor has that number, or
 *         it is the engine's own and the engine does not have it.
 */
uint32_t nm_ring_holder(const struct nm_ring *r);

/** nm_rings_tick - free dying rings whose time has come; 1: some are left */
int nm_rings_tick(struct nm_engine *e);

/** nm_ring_use, nm_ring_unuse - a descriptor is bound to an open ring */
void nm_ring_use(struct nm_ring *r);
void nm_ring_unuse(struct nm_ring *r);

/** nm_ring_object - what programs see of an open ring */
struct netmap_ring *nm_ring_object(const struct nm_ring *r);

/** nm_ring_has_inbox - whether others send to the ring */
static inline int nm_ring_has_inbox(const struct nm_ring *r)
{
	return !r->dir && nm_plane_has_inbox(r->plane);
}

/** nm_ring_inbox_mask - entries of the inbox of a receive ring - 1 */
uint32_t nm_ring_inbox_mask(const struct nm_ring *r);

/**
 * nm_ring_describe - write what a ring is into the plane; not where it stands
 */
void nm_ring_describe(const struct nm_ring *r);

/** nm_ring_ofs - byte offset of the object of an open ring */
uint32_t nm_ring_ofs(const struct nm_ring *r);

/** nm_ring_len - bytes of a ring object with @n_slots slots and its block */
uint32_t nm_ring_len(uint32_t n_slots);

/** nm_ring_block_ofs - from the start of the object to its block */
uint32_t nm_ring_block_ofs(uint32_t n_slots);

/**
 * nm_ring_bufs - every buffer a ring accounts for, as the plane has it
 * @fn: called with numbers that may be anything
 *
 * For a transmit ring of a pipe: the buffers of the pair.  For its receive
 * ring: none.
 */
void nm_ring_bufs(struct nm_ring *r, void (*fn)(void *ctx, uint32_t buf),
		  void *ctx);

#endif /* NM_ENGINE_RING_H */
