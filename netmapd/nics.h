/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network interfaces as ports, through AF_XDP; see doc/interfaces.md.
 *
 * The main thread opens and closes (struct nm_nic_ops, with the engine's lock
 * held), the worker moves frames, in each of its passes.  What they share is
 * guarded by the worker's lock; order: engine, worker.
 */
#ifndef NM_NETMAPD_NICS_H
#define NM_NETMAPD_NICS_H

#include "engine/nic.h"
#include "netmapd/server.h"

struct nmd_nics;

/* nm_host_ops.nic, .drive */
extern const struct nm_nic_ops nmd_nic_ops;
int nmd_nics_drive(struct nm_engine *e, uint32_t ring, int on);

/** nmd_nics_drives - whether a ring is one of a wire; the worker's lock held */
int nmd_nics_drives(const struct nmd_nics *n, uint32_t ring);

/** nmd_nics_new - none yet; NULL: no memory */
struct nmd_nics *nmd_nics_new(struct nmd_server *s);
void nmd_nics_free(struct nmd_nics *n);

/**
 * nmd_nics_pass - what has come goes into rings, wires move on what is in them
 *
 * Context: the worker, its lock held.
 * Return: 2 something moved; 1 something waits that nothing will tell of, look
 *         again soon; 0 nothing.
 */
int nmd_nics_pass(struct nmd_nics *n, struct nm_plane *pl, struct nm_actor *me);

/* nm_plane_ops of interfaces; in a sync of the worker, or its lock held */
uint32_t nmd_nics_frames_out(struct nm_plane *pl, struct nm_actor *me,
			     uint32_t port, uint32_t i,
			     const struct nm_frames *f);
uint32_t nmd_nics_in_flight(struct nm_plane *pl, uint32_t port, uint32_t i);

#endif /* NM_NETMAPD_NICS_H */
