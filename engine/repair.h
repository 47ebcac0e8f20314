/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What is done when somebody died, stopped, or lost buffers.
 *
 * repair.c    busy words and reservations of the dead and the stopped
 * rebuild.c   rings whose sync was cut off half-way
 * sweep.c     buffers that nobody has, and the quarantine
 */
#ifndef NM_ENGINE_REPAIR_H
#define NM_ENGINE_REPAIR_H

#include <nm_os_types.h>

struct nm_engine;
struct nm_region;
struct nm_ring;

/**
 * nm_ring_grab - become the owner of an open ring, for the control plane
 * @us: how long to try, microseconds
 * Return: 1; 0 when somebody else keeps it.
 */
int nm_ring_grab(struct nm_ring *r, uint32_t us);
void nm_ring_ungrab(struct nm_ring *r);

/**
 * nm_ring_rebuild - make the words of a ring agree again
 *
 * The caller owns the ring, and the grace period is over.
 */
void nm_ring_rebuild(struct nm_ring *r);

/**
 * nm_kept_add - put the buffer of a voided entry into the quarantine
 * @period: until this grace period is over
 * Return: 0; -ENOMEM.
 */
int nm_kept_add(struct nm_ring *r, uint32_t buf, uint64_t period);

/** nm_kept_undo - take back the nm_kept_add() just made */
void nm_kept_undo(struct nm_ring *r);

/** nm_kept_tick - release what can be released; 1: something is left */
int nm_kept_tick(struct nm_engine *e);

/** nm_kept_bufs - call @fn for each of a region */
void nm_kept_bufs(struct nm_region *rg, void (*fn)(void *ctx, uint32_t buf),
		  void *ctx);

/** nm_kept_region_gone, nm_kept_fini - forget about a region, about all */
void nm_kept_region_gone(struct nm_region *rg);
void nm_kept_fini(struct nm_engine *e);

/** nm_ring_by_index - the open ring with a number in the plane, or NULL */
struct nm_ring *nm_ring_by_index(struct nm_engine *e, uint32_t idx);

/**
 * nm_region_sweep - find the buffers of a region that nobody has
 *
 * Marks what rings, inboxes and the quarantine hold, all rings standing
 * still, and frees the rest.  Not possible while a descriptor has extra
 * buffers, which are nowhere to be seen: then, or when a ring cannot be
 * stopped or memory is short, the region stays marked and the next close
 * tries again.
 */
void nm_region_sweep(struct nm_region *rg);

#endif /* NM_ENGINE_REPAIR_H */
