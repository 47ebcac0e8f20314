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
	int refs;		/* table, who keeps it, calls */
	int calls;		/* of refs: in progress */
	pthread_mutex_t wake_lock;	/* asleep; reading wake_fd */
	unsigned int asleep;	/* threads in a poll, about to sleep or asleep */
	bool closed;		/* [a] */
	bool is_ours;		/* fd is (still) ours to close */
	uint64_t ino;		/* of the socket: numbers are used again */
	pthread_mutex_t lock;	/* one request at a time */
	struct nm_wire_hello hello;	/* the server's */
	struct nm_wire_bound b;	/* after a bind */
	struct nm_peer *peer;	/* direct: whose plane */
	char *mem;		/* own mapping of the region, when bound */
	uint64_t mem_size;
	uint64_t region_ino;	/* of the memfd behind mem */
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
/** nm_peers_fork - around a fork, in the parent: nobody is changing the list */
void nm_peers_fork(bool begin);
/** nm_peers_forked - in a child: forget the parent's connections and actors */
void nm_peers_forked(void);
struct nm_plane *nm_peer_plane(struct nm_peer *p);

/**
 * nm_peer_actor - this thread as an actor of the peer's plane
 * @region: of the rings that are to be synced; it is mapped if it can be
 * Return: the actor with now_s current; NULL with errno.
 */
struct nm_actor *nm_peer_actor(struct nm_peer *p, uint32_t region);

/** nm_peer_synced - after a sync: what could not be done inside it */
void nm_peer_synced(struct nm_peer *p, struct nm_actor *me);

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

/** nm_session_blocks - take note of the blocks of a port just bound */
void nm_session_blocks(struct nm_session *s);

/** nm_session_is_stalled - is a receive ring waiting for one sender? */
bool nm_session_is_stalled(struct nm_session *s, bool tell);

/* --- client.c ---------------------------------------------------------- */

/**
 * nm_session_get - the session that a descriptor was when we last looked
 *
 * For one call of the user, in this thread: closing waits for it to be put,
 * and a forked child takes it that those of other threads are.
 */
struct nm_session *nm_session_get(int fd);

/** nm_session_exists - whether it would find one */
bool nm_session_exists(int fd);
/** nm_session_find - the session a descriptor is; forgets one that it was */
struct nm_session *nm_session_find(int fd);
/** nm_session_put - NULL is fine */
void nm_session_put(struct nm_session *s);
/** nm_session_keep - for longer: a reference that outlives the call */
struct nm_session *nm_session_keep(int fd);
/** nm_session_unkeep - put one of those */
void nm_session_unkeep(struct nm_session *s);
/** nm_session_is_stale - was the descriptor closed behind our back? */
bool nm_session_is_stale(const struct nm_session *s);

static inline bool nm_session_is_closed(const struct nm_session *s)
{
	return __atomic_load_n(&s->closed, __ATOMIC_RELAXED);
}

/**
 * nm_client_host_forks - somebody else calls the next three around a fork, in
 * an order that suits his own locks; to be called before the first session
 */
void nm_client_host_forks(void);
void nm_client_before_fork(void);
void nm_client_after_fork(void);	/* in the parent */
void nm_client_forked(void);		/* in the child */

int nm_client_open(void);
/**
 * nm_client_close - close a session
 *
 * When it returns the descriptor is closed, unless a child that was forked has
 * it, too; the server has seen that before it looks at any later message.
 * Other threads that use the descriptor are told, and waited for.
 */
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
