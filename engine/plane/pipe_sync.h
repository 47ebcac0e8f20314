/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The two syncs of a pipe: slots change hands, bytes do not move.
 *
 * Transmit ring and receive ring of a linked pair have the same number of
 * slots, and slot k belongs to slot k.  Protocol and labels are those of
 * doc/user-mode.md, section 5.
 */
#ifndef NM_PLANE_PIPE_SYNC_H
#define NM_PLANE_PIPE_SYNC_H

#include "engine/plane/view.h"

/**
 * nm_pipe_send - publish whole packets before @head, take back what was
 *                released
 * Return: 0; -ENODEV when the linked ring makes no sense.
 */
int nm_pipe_send(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		 uint32_t head);

/**
 * nm_pipe_receive - give slots before @head back, show what was published
 * Return: 0; -ENODEV.
 */
int nm_pipe_receive(struct nm_plane *pl, struct nm_actor *me,
		    struct nm_view *v, uint32_t head);

#endif /* NM_PLANE_PIPE_SYNC_H */
