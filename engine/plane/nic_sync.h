/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Syncs of the rings of interfaces: frames leave through the home
 * (nm_plane_ops.frames_out), what arrives is in the inbox (feed.h) and is
 * shown by nm_vale_receive() as on any other receive ring.
 */
#ifndef NM_PLANE_NIC_SYNC_H
#define NM_PLANE_NIC_SYNC_H

#include "engine/plane/view.h"

/**
 * nm_nic_send - sync of a transmit ring, hardware's or host's
 *
 * Whole packets of [v->hwcur, head) leave, as far as the home takes them; what
 * it does not take stays in the ring, and so does a packet that is not whole.
 * Slots are free when their frame is not on its way any more.
 * Return: 0; -EIO this home has no interfaces.
 */
int nm_nic_send(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		uint32_t head);

/**
 * nm_nic_forward - transparent mode, before slots of a receive ring go back
 *
 * With NR_FORWARD in the ring's flags, the packets of [v->hwcur, head) that
 * are marked with NS_FORWARD go on to where they would have gone without
 * netmap; with NM_SYNC_FWD all of them do: from a hardware ring to the host's
 * stack; from a host ring to the interface, if NM_SYNC_DOWN allows it.  Those
 * that cannot be taken are dropped and counted at this ring.
 */
void nm_nic_forward(struct nm_plane *pl, struct nm_actor *me,
		    struct nm_view *v, uint32_t head);

/**
 * nm_nic_move - slots of a receive ring leave by a transmit ring
 * @v:    the receive ring; [v->hwcur, to) of it
 * @sink: transmit ring of an interface, in the plane
 * Return: the first slot that did not leave; @to when all did.
 */
uint32_t nm_nic_move(struct nm_plane *pl, struct nm_actor *me,
		     struct nm_view *v, uint32_t to, uint32_t sink);

#endif /* NM_PLANE_NIC_SYNC_H */
