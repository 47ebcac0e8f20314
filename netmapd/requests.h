/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What sessions may ask for.
 */
#ifndef NM_NETMAPD_REQUESTS_H
#define NM_NETMAPD_REQUESTS_H

#include "netmapd/session.h"

/* Descriptors that go with a reply; they stay where they are. */
struct nmd_fds {
	int fd[NM_WIRE_MAX_FDS];
	uint32_t n;
};

/**
 * nmd_request - carry out the message in ss->srv->msg
 * @len: bytes received
 * @fds: out: descriptors for the reply
 * @why: out: on a negative return, what was wrong with the message
 *
 * The reply is left in its place.
 *
 * Return: bytes of the reply, 0 when there is none; -EPROTO when the session
 *         makes no sense and is to be closed.
 */
int nmd_request(struct nmd_session *ss, size_t len, struct nmd_fds *fds,
		const char **why);

#endif /* NM_NETMAPD_REQUESTS_H */
