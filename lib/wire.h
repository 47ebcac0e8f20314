/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a client and netmapd say to each other on the session socket.
 *
 * The socket is SOCK_SEQPACKET; one message is one struct nm_wire, cut to
 * hdr.len bytes.  A client has at most one request outstanding per session
 * and reads its reply before the next; WAKE and STALL have no reply.  The
 * server never sends anything unasked: a client that only waits on the socket
 * sees nothing but the hang-up of a dead server.
 *
 * A session can belong to several processes.  Who asks holds a POSIX lock on
 * the socket's first byte until he has his answer, and passes over answers
 * whose tag is not his: those were for somebody who died waiting.
 *
 *   request   body             reply body     descriptors with the reply
 *   HELLO     hello            hello          wake descriptor, doorbell, and
 *                                             the plane's memfd if direct
 *   CTRL      ctrl             ctrl           -
 *   LEGACY    legacy           legacy         -
 *   CONFIG    config           config         -
 *   BOUND     -                bound          -
 *   MAP       map              map            the region's memfd
 *   ACTOR     actor            actor          -
 *   SLEEPERS  ring             sleepers       their eventfds
 *   WAKE      ring             no reply
 *   STALL     ring             no reply
 *
 * See doc/user-mode.md for what happens when.
 */
#ifndef NM_LIB_WIRE_H
#define NM_LIB_WIRE_H

#include <stdint.h>
#include <net/if.h>
#include <sys/time.h>
#include <net/netmap.h>
#include "engine/plane/reqbuf.h"

#define NM_WIRE_MAGIC		0x6e6d7764u
#define NM_WIRE_VERSION		2u
#define NM_WIRE_MAX_FDS		16u

enum nm_wire_type {
	NM_WIRE_HELLO = 1,
	NM_WIRE_CTRL = 2,
	NM_WIRE_LEGACY = 3,
	NM_WIRE_CONFIG = 4,
	NM_WIRE_BOUND = 5,
	NM_WIRE_MAP = 6,
	NM_WIRE_ACTOR = 7,
	NM_WIRE_SLEEPERS = 8,
	NM_WIRE_WAKE = 9,
	NM_WIRE_STALL = 10,
};

struct nm_wire_hdr {
	uint32_t magic;
	uint16_t type;		/* enum nm_wire_type; replies repeat it, */
	uint16_t tag;		/* and this, which means nothing to them */
	uint32_t len;		/* bytes of the whole message */
	int32_t result;		/* replies: 0 or -errno */
};

#define NM_HELLO_NO_DIRECT	1u	/* client: do not give me the plane */

struct nm_wire_hello {
	uint32_t version;	/* NM_WIRE_VERSION of whoever speaks */
	uint32_t plane_version;	/* NM_PLANE_VERSION */
	uint32_t flags;		/* NM_HELLO_*, from the client */
	uint32_t direct;	/* server: 1 = may run the plane */
	uint32_t server_pid;
	uint32_t server_uid;
	uint64_t plane_size;	/* bytes of the plane's memfd */
	char why[96];		/* why direct or not */
	char release[32];	/* of the server, for humans */
};

/* What a bound descriptor has: struct nm_bound of the engine, for clients. */
struct nm_wire_bound {
	uint32_t bound;		/* 0: not bound, the rest is void */
	uint32_t port;		/* index in the plane */
	uint32_t port_gen;
	uint32_t region;
	uint32_t ring0;		/* receive ring 0; tx ring i is ring0+n_rx+i */
	uint32_t n_rx, n_tx;
	uint32_t rx_first, rx_n;
	uint32_t tx_first, tx_n;
	uint32_t direct;
	uint64_t nr_flags;
	uint64_t nifp_ofs;
	uint64_t mem_size;
	uint64_t buf_ofs;	/* buffers of the region */
	uint32_t n_bufs;
	uint32_t buf_size;
	uint32_t n_extra;	/* just given, as runs: engine/plane/extra.h */
	uint32_t pad;
};

struct nm_wire_ctrl {
	struct nm_wire_bound bound;	/* reply: after the request */
	struct nm_reqbuf rb;
};

struct nm_wire_legacy {
	struct nm_wire_bound bound;
	uint32_t getinfo;
	struct nmreq nmr;
	char message[232];
};

struct nm_wire_config {
	struct nm_ifreq ifr;
	char message[232];
};

struct nm_wire_map {
	uint32_t region;	/* index in the plane; ~0: of this descriptor */
	uint32_t gen;
	uint64_t size;
};

/* A thread wants to run syncs (or, with end = 1, not any more). */
struct nm_wire_actor {
	uint32_t id;		/* reply, or what ends */
	uint32_t end;
	int32_t pid;		/* checked against the socket's credentials */
	int32_t tid;
};

struct nm_wire_ring {
	uint32_t ring;
};

struct nm_wire_sleepers {
	uint32_t ring;
	uint32_t wake_gen;	/* nm_pring.wake_gen the list belongs to */
	uint32_t n;		/* eventfds that come along */
	uint32_t more;		/* there are more: use WAKE instead */
};

struct nm_wire {
	struct nm_wire_hdr hdr;
	union {
		struct nm_wire_hello hello;
		struct nm_wire_ctrl ctrl;
		struct nm_wire_legacy legacy;
		struct nm_wire_config config;
		struct nm_wire_bound bound;
		struct nm_wire_map map;
		struct nm_wire_actor actor;
		struct nm_wire_ring ring;
		struct nm_wire_sleepers sleepers;
	} u;
};

#endif /* NM_LIB_WIRE_H */
