/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client side of user mode: sessions with netmapd, and the data plane run
 * in this process.  Protocol: doc/user-mode.md, messages: lib/wire.h.
 *
 *   nm_session   one descriptor (one connection to the server)
 *   nm_peer      one server this process talks to directly: its plane mapped
 *                here, a control connection of our own, eventfds of sleepers
 *   nm_thread    what a thread needs to run syncs: an actor per peer
 *
 * Locks, in order: the table of sessions (client.c), s->lock, peer->lock.
 */
#ifndef NM_LIB_CLIENT_H
#define NM_LIB_CLIENT_H

#include <pthread.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include "lib/wire.h"
#include "engine/plane/plane.h"

#define NM_SPIN_NS	50000u		/* looking costs no more than a wake-up */
#define NM_STALL_MS	5		/* then the server is told */

struct nm_peer;

/* What the isolated path remembers of a ring. */
struct nm_block_state {
	uint32_t reinits;	/* ktoa.pad[0] last seen */
};

struct nm_session {
	int fd;			/* the socket, also the user's descriptor */
	int wake_fd;
	int doorbell_fd;
	int refs;		/* table, calls in progress */
	pthread_mutex_t wake_lock;	/* asleep; reading wake_fd */
	unsigned int asleep;	/* threads in a poll, about to sleep or asleep */
	bool closed;
	pthread_mutex_t lock;	/* one request at a time */
	struct nm_wire_hello hello;	/* the server's */
	struct nm_wire_bound b;	/* after a bind */
	struct nm_peer *peer;	/* direct: whose plane */
	char *mem;		/* own mapping of the region, when bound */
	uint64_t mem_size;
	struct nm_block_state *blocks;	/* rx rings, then tx rings, of the port */
	uint64_t seen_ns;	/* when the server was last known to live */
};

/* --- client_wire.c: one message and its reply ------------------------- */

/**
 * nm_wire_call - send a request and wait for its reply
 * @sock: the socket; nobody else may read from it meanwhile
 * @type: enum nm_wire_type
 * @len:  bytes of the body in @m
 * @fds:  out: descriptors that came along, at most *@n_fds; NULL: none wanted
 *
 * Return: the reply's result (0 or -errno); -ECONNRESET when the server is
 *         gone, -EPROTO when it does not make sense.
 */
int nm_wire_call(int sock, struct nm_wire *m, uint32_t type, size_t len,
		 int *fds, uint32_t *n_fds);

/** nm_wire_tell - send a message that has no reply; never blocks */
int nm_wire_tell(int sock, struct nm_wire *m, uint32_t type, size_t len);

/**
 * nm_wire_hello - greet the server
 * @fds: out: wake eventfd, doorbell, and the plane or -1
 * Return: 0; -errno and a sentence in nm_client_fail's buffer.
 */
int nm_wire_hello(int sock, bool direct, struct nm_wire_hello *reply,
		  int fds[3]);

/* --- client_start.c: find or start the server ------------------------- */

/**
 * nm_server_connect - a connected socket
 * Return: the socket, close-on-exec; -errno and a sentence.
 */
int nm_server_connect(void);

/* --- client_peer.c: the plane, mapped here ---------------------------- */

/**
 * nm_peer_get - the peer a session's server is
 * @sock: the session's socket, to learn where the server is
 * @plane_fd: consumed
 * Return: the peer, referenced; NULL with errno.
 */
struct nm_peer *nm_peer_get(int sock, const struct nm_wire_hello *h,
			    int plane_fd);
void nm_peer_put(struct nm_peer *p);
struct nm_plane *nm_peer_plane(struct nm_peer *p);

/**
 * nm_peer_actor - this thread as an actor of the peer's plane
 * Return: the actor with now_s current; NULL with errno.
 */
struct nm_actor *nm_peer_actor(struct nm_peer *p);

/** nm_peer_stalled - tell the server that a ring waits for a stopped sender */
void nm_peer_stalled(struct nm_peer *p, uint32_t ring);

/* --- client_access.c: our own memory, without trusting addresses ------- */

/**
 * nm_user_copy_in, nm_user_copy_out - shapes of struct nm_uaccess
 * @ctx: not used
 * Return: 0; -EFAULT when the address is not ours to read or write.
 */
int nm_user_copy_in(void *ctx, void *dst, uint64_t uaddr, uint32_t len);
int nm_user_copy_out(void *ctx, uint64_t uaddr, const void *src, uint32_t len);

/* --- client_sync.c ----------------------------------------------------- */

/**
 * nm_session_sync - sync the bound rings of one direction
 * @tx: direction
 * Return: 0; -ENXIO not bound, -EIO a ring stopped for good, -ERANGE some
 *         ring had to be re-initialised.
 */
int nm_session_sync(struct nm_session *s, bool tx);

/**
 * nm_session_poll - what poll(2) on /dev/netmap would do without sleeping
 * @events: requested
 * Return: revents.
 */
short nm_session_poll(struct nm_session *s, short events);

/** nm_session_want - say that we are going to sleep for these events */
void nm_session_want(struct nm_session *s, short events);

/** nm_session_has_work - would nm_session_poll() possibly find something? */
bool nm_session_has_work(struct nm_session *s, short events);

/** nm_session_is_stalled - is a receive ring waiting for one sender? */
bool nm_session_is_stalled(struct nm_session *s, bool tell);

/* --- client.c ---------------------------------------------------------- */

struct nm_session *nm_session_get(int fd);
void nm_session_put(struct nm_session *s);
int nm_client_open(void);
int nm_client_close(int fd);
int nm_client_adopt(int fd);
int nm_client_ioctl(int fd, unsigned long request, void *arg);
void *nm_client_mmap(void *addr, size_t len, int prot, int flags, int fd,
		     off_t ofs);

/* --- client_poll.c ----------------------------------------------------- */

int nm_client_poll(struct pollfd *fds, nfds_t nfds, int timeout_ms);

/* --- nmio.c ------------------------------------------------------------ */

/**
 * nm_client_fail - keep the sentence about a failure
 * Return: -@err.
 */
int nm_client_fail(int err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* NM_LIB_CLIENT_H */
