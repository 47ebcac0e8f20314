/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may sleep on which ring.
 */
#ifndef NM_NETMAPD_WAKE_H
#define NM_NETMAPD_WAKE_H

#include "netmapd/session.h"

/**
 * nmd_wake_open - make a session's wake descriptor
 *
 * ss->direct is set; sets ss->wake_rx and ss->wake_tx.
 * Return: 0; -errno.
 */
int nmd_wake_open(struct nmd_session *ss);
void nmd_wake_close(struct nmd_session *ss);

/**
 * nmd_wake_bind - @ss may sleep on the rings it is bound to
 * Return: 0; -ENOMEM: then it is not on any list.
 */
int nmd_wake_bind(struct nmd_session *ss);
void nmd_wake_unbind(struct nmd_session *ss);

enum nmd_wake_who {
	NMD_WAKE_DIRECT = 1,
	NMD_WAKE_ISOLATED = 2,
	NMD_WAKE_ALL = 3,
};

/** nmd_wake_ring - wake who is bound to a ring; any thread, never blocks */
void nmd_wake_ring(uint32_t ring, enum nmd_wake_who who);

/** nmd_wake_session - wake one */
void nmd_wake_session(struct nmd_session *ss);

/**
 * nmd_wake_fds - the wake descriptors of a ring's sleepers
 * @fds: out, at most @max
 * @more: out: 1 when there are others, or some that are not to be given away
 * Return: number of descriptors; they stay the sessions'.
 */
uint32_t nmd_wake_fds(uint32_t ring, int *fds, uint32_t max, uint32_t *more);

/** nmd_wake_changed - who is to be woken for a ring has; the main thread */
void nmd_wake_changed(struct nm_plane *pl, uint32_t ring);

/** nmd_wake_op - nm_plane_ops.wake of the server */
void nmd_wake_op(struct nm_plane *pl, struct nm_actor *me, uint32_t ring);

#endif /* NM_NETMAPD_WAKE_H */
