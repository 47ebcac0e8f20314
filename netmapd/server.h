/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netmapd: one engine, one epoll loop, one worker.
 *
 *   main thread   accepts, answers messages, watches processes, runs timers;
 *                 the only one that calls the engine's control plane
 *   worker        runs the syncs of whoever may not run them itself
 *
 * Locks, in order: the engine's, the worker's (worker.c), the list of
 * waiters' (wake.c).  Everything not marked otherwise belongs to the main
 * thread.
 */
#ifndef NM_NETMAPD_SERVER_H
#define NM_NETMAPD_SERVER_H

#include <stdint.h>
#include "engine/engine.h"
#include "lib/wire.h"

#define NMD_RELEASE		"0.1.0"
#define NMD_PROC_HASH		256u	/* buckets, a power of two */
#define NMD_CHANGED		64u

struct nmd_worker;
struct nmd_session;
struct nmd_proc;

/* Something epoll watches; embedded in what it belongs to. */
struct nmd_source {
	int fd;
	void (*ready)(struct nmd_source *src, uint32_t events);
};

/* The command line. */
struct nmd_options {
	const char *socket;	/* NULL: the default one */
	int listen_fd;		/* given by whoever started us, or -1 */
	int system;		/* serve everybody */
	int isolated;		/* nobody runs the plane himself */
	int daemonize;
	int grace_s;		/* end so long after the last session; -1: stay */
	uint64_t mem_limit;	/* bytes, 0: what the machine has */
	const char **param;	/* NAME=VALUE */
	unsigned int n_param;
};

/* Rings whose forwarding moved; their sleepers are told after the request. */
struct nmd_changed {
	uint32_t ring0, n;
};

struct nmd_server {
	const struct nmd_options *opt;
	char path[108];			/* of the socket */
	uint64_t path_ino;		/* it is still ours while this matches */
	int epfd;
	int hup_epfd;			/* sessions' sockets: hang-ups only */
	struct nmd_source listener;
	struct nmd_source signals;
	struct nmd_source timer;
	struct nmd_source alarm;	/* eventfd: others want the main thread */
	int accepting;			/* 0: out of descriptors */
	int stop;
	uint64_t grace_at, tick_at;	/* ns, 0: not armed */

	struct nm_engine *engine;
	struct nm_plane *plane;
	struct nmd_worker *worker;
	struct nmd_nics *nics;
	int doorbell;			/* of direct sessions */

	struct nmd_session *sessions;
	struct nmd_session *dead;	/* closed, to be freed after this event */
	uint32_t n_sessions;
	uint32_t max_fds;
	struct nmd_proc *procs[NMD_PROC_HASH];

	uint32_t stalled;		/* [a] 1 + a ring that waits, or 0 */

	struct nmd_changed changed[NMD_CHANGED];
	uint32_t n_changed;		/* more than NMD_CHANGED: everybody */

	struct nm_wire msg;		/* the message at hand, then its reply */
};

/**
 * nmd_server_run - be a server until told to stop
 * @listen_fd: a listening socket; taken over
 * @ready: called once clients are answered; may be NULL
 * Return: 0; -errno when it could not start.
 */
int nmd_server_run(const struct nmd_options *opt, int listen_fd,
		   void (*ready)(void));

/** nmd_watch - have @src->ready called on EPOLLIN; 0 or -errno */
int nmd_watch(struct nmd_server *s, struct nmd_source *src);

/** nmd_unwatch - and close its descriptor */
void nmd_unwatch(struct nmd_server *s, struct nmd_source *src);

/**
 * nmd_server_settle - after anything that may have changed the engine
 *
 * Wakes whoever is affected by a changed path, and arms the engine's tick if
 * it wants one.
 */
void nmd_server_settle(struct nmd_server *s);

/** nmd_server_sessions_changed - arm or disarm the end of the server */
void nmd_server_sessions_changed(struct nmd_server *s);

/** nmd_server_stalled - have nm_ring_stalled() called; any thread */
void nmd_server_stalled(struct nmd_server *s, uint32_t ring);

/** nmd_server_alarm - make the main thread look around; any thread */
void nmd_server_alarm(struct nmd_server *s);

#endif /* NM_NETMAPD_SERVER_H */
