/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes that run syncs themselves.
 */
#ifndef NM_NETMAPD_PROCESS_H
#define NM_NETMAPD_PROCESS_H

#include "netmapd/session.h"

#define NMD_PROC_ACTORS	1024u	/* at most, of one process */

/**
 * nmd_actor_new - a number for a thread of the process that sent a message
 * @ss: the session it came through; the actor ends with it
 * Return: 0 and *@id; -EPERM the process is not trusted; -ENOSPC; -errno.
 */
int nmd_actor_new(struct nmd_session *ss, uint32_t *id);

/**
 * nmd_actor_end - a thread of that process has run its last sync
 * Return: 0; -EINVAL the number is not one of that process.
 */
int nmd_actor_end(struct nmd_session *ss, uint32_t id);

/**
 * nmd_procs_settle - a session is over: repair before its rings go
 *
 * Actors of processes that are ending, and those asked for through @ss.
 */
void nmd_procs_settle(struct nmd_session *ss);

/** nmd_procs_fini - forget all of them */
void nmd_procs_fini(struct nmd_server *s);

#endif /* NM_NETMAPD_PROCESS_H */
