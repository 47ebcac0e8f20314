/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread that runs the syncs of isolated descriptors and paths.
 */
#ifndef NM_NETMAPD_WORKER_H
#define NM_NETMAPD_WORKER_H

#include "netmapd/session.h"

/**
 * nmd_worker_start - start it, with nothing to serve
 * Return: 0 and @s->worker; -errno.
 */
int nmd_worker_start(struct nmd_server *s);
void nmd_worker_stop(struct nmd_server *s);

/** nmd_worker_is_me - is this actor the worker's? */
int nmd_worker_is_me(const struct nmd_worker *w, const struct nm_actor *a);

/** nmd_worker_kick - make it look; any thread, never blocks */
void nmd_worker_kick(struct nmd_worker *w);

/**
 * nmd_worker_port - forward for a port (1), or not any more (0)
 *
 * Its open transmit rings; to be called again when they change.  On return
 * the worker does not touch rings that it does not serve any more; what had
 * been published in their blocks has been sent.
 * Context: the engine's lock is held.
 */
void nmd_worker_port(struct nmd_worker *w, struct nm_port *p, int on);

/**
 * nmd_worker_bind, nmd_worker_unbind - serve the rings of a session
 *
 * For an isolated one; all of its bound rings.  Takes the engine's lock.
 * Return: 0; -ENOMEM.
 */
int nmd_worker_bind(struct nmd_worker *w, struct nmd_session *ss);
void nmd_worker_unbind(struct nmd_worker *w, struct nmd_session *ss);

/**
 * nmd_worker_serves - whether a sender must ring the worker, for a ring
 */
int nmd_worker_serves(struct nmd_worker *w, uint32_t ring);

/**
 * nmd_worker_doorbell - let a descriptor wake the worker
 *
 * An eventfd; it is never read: each write to it is an event.  Or the socket of
 * an interface, which a pass reads until it is empty.  Closing it
 * ends that.
 * Return: 0; -errno.
 */
int nmd_worker_doorbell(struct nmd_worker *w, int fd);

/** nmd_worker_lock, nmd_worker_unlock - keep the worker out of what it uses */
void nmd_worker_lock(struct nmd_worker *w);
void nmd_worker_unlock(struct nmd_worker *w);

/** nmd_worker_no_doorbell - before it is closed: a client may keep it open */
void nmd_worker_no_doorbell(struct nmd_worker *w, int fd);

#endif /* NM_NETMAPD_WORKER_H */
