/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Regions as clients get them, and what happens when their memory runs out.
 */
#ifndef NM_NETMAPD_REGIONS_H
#define NM_NETMAPD_REGIONS_H

#include "netmapd/session.h"

/**
 * nmd_region_map - which memfd a session may map
 * @m: in: region, ~0 for that of the descriptor; out: its number and size
 * @fd: out: stays the engine's
 * Return: 0; -ENXIO not bound; -ENODEV no such region; -EPERM not this
 *         session's.
 */
int nmd_region_map(struct nmd_session *ss, struct nm_wire_map *m, int *fd);

/**
 * nmd_sigbus_init - survive a region without memory
 *
 * For the whole process; one server per process.
 */
void nmd_sigbus_init(struct nmd_server *s);

/** nmd_sigbus_settle - close the sessions whose region had no memory */
void nmd_sigbus_settle(struct nmd_server *s);

#endif /* NM_NETMAPD_REGIONS_H */
