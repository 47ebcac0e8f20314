/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client of netmapd without the library: it says exactly what a test wants,
 * sensible or not.
 */
#ifndef NM_TESTS_NETMAPD_RAW_H
#define NM_TESTS_NETMAPD_RAW_H

#include "lib/wire.h"

struct raw {
	int sock;
	uint16_t tag;		/* of the last request */
	struct nm_wire m;	/* the reply */
	int fd[NM_WIRE_MAX_FDS];
	uint32_t n_fds;		/* of the last reply */
};

/* The server under test. */
struct raw_server {
	int pid;
	char dir[64];
	char path[108];
};

/** raw_server_start - with one more argument, or NULL; 0 or -1 */
int raw_server_start(struct raw_server *s, const char *netmapd,
		     const char *arg);

/** raw_server_stop - SIGTERM; Return: its exit status, -1 if it crashed */
int raw_server_stop(struct raw_server *s);

/** raw_connect - 0 or -1 */
int raw_connect(struct raw *r, const struct raw_server *s);
void raw_close(struct raw *r);

/** raw_send - bytes as they are; 0 or -1 */
int raw_send(struct raw *r, const void *msg, size_t len);

/**
 * raw_recv - a reply within five seconds
 * Return: bytes; 0 hang-up; -1 nothing came.
 */
long raw_recv(struct raw *r);

/**
 * raw_call - a well-formed request with @len bytes of body in r->m, and its
 * reply
 * Return: the result; -EPIPE when the server hung up.
 */
int raw_call(struct raw *r, uint32_t type, size_t len);

/** raw_hello - greet; Return: the result */
int raw_hello(struct raw *r, uint32_t flags);

/** raw_register - bind to a port, all rings; Return: the result */
int raw_register(struct raw *r, const char *name);

/** raw_drop_fds - close what came with the last reply */
void raw_drop_fds(struct raw *r);

#endif /* NM_TESTS_NETMAPD_RAW_H */
