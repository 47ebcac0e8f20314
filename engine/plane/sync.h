/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What a sync begins and ends with, for those that are not started by a user.
 */
#ifndef NM_PLANE_SYNC_H
#define NM_PLANE_SYNC_H

#include "engine/plane/view.h"

/**
 * nm_ring_own - enter the plane, become the owner of a ring and see it
 * @dir: 0 receive, 1 transmit
 * Return: 0; -ENODEV, -EBUSY, -EIO as nm_sync_tx(), and nothing was entered.
 */
int nm_ring_own(struct nm_plane *pl, struct nm_actor *me, uint32_t ring,
		uint32_t dir, struct nm_view *v);
void nm_ring_disown(struct nm_plane *pl, struct nm_actor *me,
		    struct nm_view *v);

/** nm_ring_own_inside, nm_ring_disown_inside - for who has entered already */
int nm_ring_own_inside(struct nm_plane *pl, struct nm_actor *me, uint32_t ring,
		       uint32_t dir, struct nm_view *v);
void nm_ring_disown_inside(struct nm_view *v);

#endif /* NM_PLANE_SYNC_H */
