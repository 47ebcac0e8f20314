/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session: one connection, one descriptor of the engine.
 */
#ifndef NM_NETMAPD_SESSION_H
#define NM_NETMAPD_SESSION_H

#include "netmapd/server.h"

#define NMD_SESSION_PIDS	4u

struct nmd_session {
	struct nmd_source src;		/* the socket */
	struct nmd_server *srv;
	struct nmd_session *next, **link;	/* srv->sessions */
	int closed;
	int unwell;			/* to be dropped: memory ran out */

	uint32_t pid;			/* who connected, as we see it; 0: not */
	uint32_t uid;
	uint64_t netns;
	uint32_t from;			/* who sent the message at hand */
	/* who else sent messages; n_pids > NMD_SESSION_PIDS: too many to list */
	uint32_t pids[NMD_SESSION_PIDS];
	uint32_t n_pids;

	/* after HELLO */
	struct nm_file *file;		/* NULL before */
	uint32_t direct;
	const char *why;
	int wake_rx, wake_tx;		/* the client's end, ours; equal if direct */
	int doorbell;			/* srv->doorbell if direct */

	uint32_t n_actors;		/* asked for through this session */
	uint32_t is_bound;
	struct nm_bound bound;
};

/** nmd_session_accept - a session for connection @fd, taken over */
void nmd_session_accept(struct nmd_server *s, int fd);

/**
 * nmd_session_close - give everything back
 * @why: NULL: the client hung up; else what it did, for the log
 *
 * The structure itself stays until nmd_sessions_reap().
 */
void nmd_session_close(struct nmd_session *ss, const char *why);

/**
 * nmd_session_refresh - note what the descriptor is bound to now
 * @result: of the request that may have bound it
 * Return: @result; -ENOMEM when the server cannot keep track: the session is
 *         to be closed after its reply.
 */
int nmd_session_refresh(struct nmd_session *ss, int result);

/** nmd_sessions_reap - free the closed ones */
void nmd_sessions_reap(struct nmd_server *s);

#endif /* NM_NETMAPD_SESSION_H */
