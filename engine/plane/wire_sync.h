/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Wires: receive rings that no program reads.  What arrives in one goes on to
 * its sink, a switch or an interface; that is how an interface, and the host
 * behind it, are ports of a switch.
 */
#ifndef NM_PLANE_WIRE_SYNC_H
#define NM_PLANE_WIRE_SYNC_H

#include "engine/plane/plane.h"

/**
 * nm_wire_run - move on what has arrived in a receive ring with a sink
 * @me: as for a sync; this is one
 *
 * To be called when the ring, or the transmit ring of an interface it goes out
 * by, is woken (nm_plane_ops.wake), and once after the sink was set.  Never
 * blocks.
 * Return: 1 there is more, call again soon; 0 the next wake-up says when.
 */
int nm_wire_run(struct nm_plane *pl, struct nm_actor *me, uint32_t ring);

#endif /* NM_PLANE_WIRE_SYNC_H */
