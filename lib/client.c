/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions: descriptors whose engine is netmapd.
 *
 * A session is found by its descriptor number in a table.  Calls in progress
 * hold a reference, so that closing a descriptor while another thread waits on
 * it is harmless; the session itself goes with the last reference.  Who closes
 * waits for the others, so that the port is free when close returns.
 *
 * A program may close a session's descriptor with close(2), and its number
 * then is somebody else's: the inode of the socket tells.  Looking costs a
 * system call, so syncs only do it now and then; everything else does always.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/client.h"
#include "engine/plane/extra.h"

#define CLOSE_WAIT_S	1	/* for calls of other threads */

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t call_ended = PTHREAD_COND_INITIALIZER;
static struct nm_session **table;
static int table_len;
static __thread unsigned int own_calls;	/* this thread is in so many */

static const struct nm_uaccess own_memory = {
	.in = nm_user_copy_in,
	.out = nm_user_copy_out,
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool host_forks;

/* The lists are not changed while a child gets its copy. */
void nm_client_before_fork(void)
{
	pthread_mutex_lock(&table_lock);
	nm_peers_fork(true);
}

void nm_client_after_fork(void)
{
	nm_peers_fork(false);
	pthread_mutex_unlock(&table_lock);
}

/*
 * In a child: other threads are not here, with their calls and the locks that
 * they held.  A signal handler may have forked inside a call of ours: that one
 * goes on here, and what cannot be told from it stays.
 */
void nm_client_forked(void)
{
	int i;

	pthread_cond_init(&call_ended, NULL);
	for (i = 0; i < table_len; i++) {
		struct nm_session *s = table[i];

		if (!s)
			continue;
		pthread_mutex_init(&s->lock, NULL);
		pthread_mutex_init(&s->wake_lock, NULL);
		if (own_calls)
			continue;
		s->refs -= s->calls;
		s->calls = 0;
		s->asleep = 0;
	}
	nm_peers_forked();
	pthread_mutex_unlock(&table_lock);	/* this thread has it */
}

static void init_once(void)
{
	if (!host_forks)
		pthread_atfork(nm_client_before_fork, nm_client_after_fork,
			       nm_client_forked);
}

void nm_client_host_forks(void)
{
	host_forks = true;
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISSOCK(st.st_mode) ? st.st_ino : 0;
}

static int table_put(struct nm_session *s)
{
	struct nm_session **t;
	int len;

	if (s->fd >= table_len) {
		len = (s->fd + 64) & ~63;
		t = realloc(table, len * sizeof(*t));
		if (!t)
			return -ENOMEM;
		memset(t + table_len, 0, (len - table_len) * sizeof(*t));
		table = t;
		__atomic_store_n(&table_len, len, __ATOMIC_RELEASE);
	}
	table[s->fd] = s;
	return 0;
}

struct nm_session *nm_session_get(int fd)
{
	struct nm_session *s = NULL;

	if (fd < 0 || fd >= __atomic_load_n(&table_len, __ATOMIC_ACQUIRE))
		return NULL;
	pthread_mutex_lock(&table_lock);
	if (fd < table_len)
		s = table[fd];
	if (s) {
		s->refs++;
		s->calls++;
		own_calls++;
	}
	pthread_mutex_unlock(&table_lock);
	return s;
}

bool nm_session_exists(int fd)
{
	bool there;

	if (fd < 0 || fd >= __atomic_load_n(&table_len, __ATOMIC_ACQUIRE))
		return false;
	pthread_mutex_lock(&table_lock);
	there = fd < table_len && table[fd];
	pthread_mutex_unlock(&table_lock);
	return there;
}

static void session_free(struct nm_session *s)
{
	if (s->mem)
		munmap(s->mem, s->mem_size);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	if (s->doorbell_fd >= 0)
		close(s->doorbell_fd);
	if (s->peer)
		nm_peer_put(s->peer);
	if (s->is_ours)
		close(s->fd);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->wake_lock);
	free(s->blocks);
	free(s);
}

static void put(struct nm_session *s, int calls)
{
	int last;

	pthread_mutex_lock(&table_lock);
	s->calls -= calls;
	own_calls -= calls;
	if (calls && nm_session_is_closed(s))
		pthread_cond_broadcast(&call_ended);
	last = --s->refs == 0;
	pthread_mutex_unlock(&table_lock);
	if (last)
		session_free(s);
}

void nm_session_put(struct nm_session *s)
{
	if (s)
		put(s, 1);
}

void nm_session_unkeep(struct nm_session *s)
{
	put(s, 0);
}

struct nm_session *nm_session_keep(int fd)
{
	struct nm_session *s = nm_session_get(fd);

	if (!s)
		return NULL;
	pthread_mutex_lock(&table_lock);
	s->refs++;
	pthread_mutex_unlock(&table_lock);
	nm_session_put(s);
	return s;
}

bool nm_session_is_stale(const struct nm_session *s)
{
	return inode_of(s->fd) != s->ino;
}

/* Take the session out of the table; true if it was there. */
static bool table_drop(struct nm_session *s)
{
	bool there;

	pthread_mutex_lock(&table_lock);
	there = s->fd < table_len && table[s->fd] == s;
	if (there)
		table[s->fd] = NULL;
	pthread_mutex_unlock(&table_lock);
	return there;
}

/* The number is not ours: forget the session, and leave the number alone. */
static void disown_fd(struct nm_session *s)
{
	s->is_ours = false;
	__atomic_store_n(&s->closed, true, __ATOMIC_RELAXED);
	if (table_drop(s))
		nm_session_unkeep(s);
}

struct nm_session *nm_session_find(int fd)
{
	struct nm_session *s = nm_session_get(fd);

	if (!s || !nm_session_is_stale(s))
		return s;
	disown_fd(s);
	nm_session_put(s);
	return NULL;
}

/* Whether the environment lets us run the plane ourselves. */
static bool direct_wanted(void)
{
	const char *e = secure_getenv("NETMAP_DIRECT");

	return !e || strcmp(e, "0") != 0;
}

/* Greet the server on @sock and enter the session into the table. */
static int session_new(int sock)
{
	struct nm_session *s = calloc(1, sizeof(*s));
	int fds[3], error;

	if (!s)
		return -ENOMEM;
	pthread_once(&once, init_once);
	s->fd = sock;
	s->ino = inode_of(sock);
	s->refs = 1;
	s->wake_fd = s->doorbell_fd = -1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->wake_lock, NULL);
	error = nm_wire_hello(sock, direct_wanted(), &s->hello, fds);
	if (error)
		goto err;
	s->wake_fd = fds[0];
	s->doorbell_fd = fds[1];
	if (fds[2] >= 0) {
		s->peer = nm_peer_get(sock, &s->hello, fds[2]);
		if (!s->peer) {
			error = -errno;
			goto err;
		}
	}
	nm_session_put(nm_session_find(sock));	/* who had the number before */
	pthread_mutex_lock(&table_lock);
	error = table_put(s);
	pthread_mutex_unlock(&table_lock);
	if (error)
		goto err;
	s->is_ours = true;
	return 0;
err:
	session_free(s);	/* the socket stays the caller's */
	return error;
}

/*
 * A server that is about to die, or to end for lack of work, can still take a
 * connection that nobody will answer.  Its socket goes away very soon: then
 * the next attempt finds, or starts, another server.
 */
#define OPEN_ATTEMPTS	50
#define OPEN_RETRY_US	20000

int nm_client_open(void)
{
	int sock, error, attempt = 0;

	for (;;) {
		sock = nm_server_connect();
		if (sock < 0) {
			errno = -sock;
			return -1;
		}
		error = session_new(sock);
		if (!error)
			return sock;
		close(sock);
		if ((error != -ECONNRESET && error != -EPIPE) ||
		    ++attempt == OPEN_ATTEMPTS)
			break;
		usleep(OPEN_RETRY_US);
	}
	errno = -error;
	return -1;
}

/*
 * Threads that wait with the descriptor are to leave.  Of an isolated
 * session's wake pipe we have the reading end only.
 */
static void wake_own(struct nm_session *s)
{
	uint64_t one = 1;
	char path[40];
	int fd;

	if (write(s->wake_fd, &one, sizeof(one)) > 0 || errno != EBADF)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->wake_fd);
	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;		/* they leave when they are woken next */
	(void)!write(fd, &one, sizeof(one));
	close(fd);
}

/*
 * Wait for the calls of other threads; one is ours.  Not without limit: one
 * may wait for a server that has stopped.
 */
static bool calls_ended(struct nm_session *s)
{
	struct timespec end;
	int state, error = 0;
	bool ended;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += CLOSE_WAIT_S;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	pthread_mutex_lock(&table_lock);
	/* in a signal handler, inside such a call, it would be for ourselves */
	while (s->calls > 1 && own_calls == 1 && !error)
		error = pthread_cond_timedwait(&call_ended, &table_lock, &end);
	ended = s->calls == 1;
	pthread_mutex_unlock(&table_lock);
	pthread_setcancelstate(state, NULL);
	return ended;
}

int nm_client_close(int fd)
{
	struct nm_session *s = nm_session_find(fd);

	if (!s || __atomic_exchange_n(&s->closed, true, __ATOMIC_RELAXED)) {
		nm_session_put(s);
		errno = EBADF;
		return -1;
	}
	pthread_mutex_lock(&s->wake_lock);
	if (s->asleep)
		wake_own(s);
	pthread_mutex_unlock(&s->wake_lock);
	/*
	 * In the table until it is closed: who took the number for somebody
	 * else's, and slept on it, would keep the socket open.
	 */
	if (calls_ended(s)) {
		s->is_ours = false;
		close(s->fd);
	}
	if (table_drop(s))
		nm_session_unkeep(s);
	nm_session_put(s);
	return 0;
}

/* The extra buffers that came with the bind: a list for the program. */
static void spread_extra(const struct nm_session *s, char *mem,
			 const struct nm_wire_bound *b)
{
	const struct netmap_if *nifp = (void *)(mem + b->nifp_ofs);
	struct nm_bufs bufs = {
		.flat = (uint8_t *)mem + b->buf_ofs,
		.ofs = b->buf_ofs, .n = b->n_bufs, .size = b->buf_size,
	};

	if (b->n_extra &&
	    b->buf_ofs + (uint64_t)b->n_bufs * b->buf_size <= s->mem_size)
		nm_extra_spread(&bufs, nifp->ni_bufs_head, b->n_extra);
}

/* Map the region for our own use, and remember what the rings look like. */
static int session_bound(struct nm_session *s, const struct nm_wire_bound *b)
{
	struct nm_wire *m;
	uint32_t n = 1;
	int fd = -1, error;
	struct stat st;
	void *mem;

	if (!b->bound || s->mem)
		return 0;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->u.map.region = ~0u;
	error = nm_wire_call(s->fd, m, NM_WIRE_MAP, sizeof(m->u.map), &fd, &n);
	if (!error && !n)
		error = -EPROTO;
	free(s->blocks);	/* of an attempt that failed */
	s->blocks = calloc(b->n_rx + b->n_tx + 1, sizeof(*s->blocks));
	if (!error && s->blocks) {
		s->mem_size = m->u.map.size;
		mem = mmap(NULL, s->mem_size, PROT_READ | PROT_WRITE,
			   MAP_SHARED, fd, 0);
		error = mem == MAP_FAILED ? -errno : 0;
	} else if (!error) {
		error = -ENOMEM;
	}
	free(m);
	if (!error) {
		madvise(mem, s->mem_size, MADV_DONTDUMP);
		spread_extra(s, mem, b);
		s->b = *b;
		s->region_ino = fstat(fd, &st) ? 0 : st.st_ino;
		/* last: other threads, and a child, look whether it is there */
		__atomic_store_n(&s->mem, mem, __ATOMIC_RELEASE);
		nm_session_blocks(s);
	}
	if (fd >= 0)
		close(fd);
	return error;
}

/* A descriptor that came from elsewhere: is it a session of ours? */
int nm_client_adopt(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int type = 0, error;
	socklen_t tlen = sizeof(type);
	struct nm_session *s = nm_session_find(fd);
	struct nm_wire *m;

	if (s) {
		nm_session_put(s);
		return 0;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &tlen) < 0 ||
	    type != SOCK_SEQPACKET ||
	    getpeername(fd, (struct sockaddr *)&peer, &len) < 0 ||
	    peer.ss_family != AF_UNIX) {
		errno = ENOTTY;
		return -1;
	}
	error = session_new(fd);
	if (error) {
		errno = ENOTTY;
		return -1;
	}
	s = nm_session_get(fd);
	m = calloc(1, sizeof(*m));
	error = m ? nm_wire_call(fd, m, NM_WIRE_BOUND, 0, NULL, NULL) : -ENOMEM;
	if (!error)
		error = session_bound(s, &m->u.bound);
	free(m);
	if (error)	/* it stays the caller's */
		disown_fd(s);
	nm_session_put(s);
	if (error)
		errno = -error;
	return error ? -1 : 0;
}

static int call_ctrl(struct nm_session *s, uint64_t uhdr)
{
	size_t len = sizeof(struct nm_wire_ctrl);
	struct nm_wire *m = calloc(1, sizeof(*m));
	struct nm_reqbuf *rb;
	struct nmreq_header h;
	int error;

	if (!m)
		return -ENOMEM;
	rb = &m->u.ctrl.rb;
	if (nm_user_copy_in(NULL, &h, uhdr, sizeof(h))) {
		free(m);
		return -EFAULT;
	}
	error = nm_reqbuf_gather(rb, &own_memory, uhdr);
	if (!error) {
		error = nm_wire_call(s->fd, m, NM_WIRE_CTRL, len, NULL, NULL);
		if (error == -ECONNRESET || error == -EPROTO ||
		    m->hdr.len != sizeof(m->hdr) + len) {
			free(m);
			return nm_client_fail(-error ? -error : EPROTO,
					      "netmapd is gone; close the port and open it again");
		}
		rb->error = error;
	}
	if (rb->message[0])
		nm_client_fail(-error, "%.*s", (int)sizeof(rb->message),
			       rb->message);
	if (!error)
		error = session_bound(s, &m->u.ctrl.bound);
	if (error)
		rb->error = error;
	error = nm_reqbuf_scatter(rb, &own_memory, uhdr);
	free(m);
	return error;
}

static int call_legacy(struct nm_session *s, int getinfo, uint64_t unmr)
{
	struct nm_wire *m = calloc(1, sizeof(*m));
	struct nm_wire_legacy *l;
	int error;

	if (!m)
		return -ENOMEM;
	l = &m->u.legacy;
	l->getinfo = getinfo;
	error = nm_user_copy_in(NULL, &l->nmr, unmr, sizeof(l->nmr));
	if (!error)
		error = nm_wire_call(s->fd, m, NM_WIRE_LEGACY, sizeof(*l), NULL,
				     NULL);
	if (error && error != -EFAULT && l->message[0])
		nm_client_fail(-error, "%.*s", (int)sizeof(l->message),
			       l->message);
	if (!error)
		error = session_bound(s, &l->bound);
	if (!error)
		error = nm_user_copy_out(NULL, unmr, &l->nmr, sizeof(l->nmr));
	free(m);
	return error;
}

static int call_config(struct nm_session *s, uint64_t uifr)
{
	struct nm_wire *m = calloc(1, sizeof(*m));
	struct nm_wire_config *c;
	int error;

	if (!m)
		return -ENOMEM;
	c = &m->u.config;
	error = nm_user_copy_in(NULL, &c->ifr, uifr, sizeof(c->ifr));
	if (!error) {
		error = nm_wire_call(s->fd, m, NM_WIRE_CONFIG, sizeof(*c), NULL,
				     NULL);
		if (error && c->message[0])
			nm_client_fail(-error, "%.*s", (int)sizeof(c->message),
				       c->message);
		if (nm_user_copy_out(NULL, uifr, &c->ifr, sizeof(c->ifr)))
			error = -EFAULT;
	}
	free(m);
	return error;
}

static int dispatch(struct nm_session *s, unsigned long request, uint64_t arg)
{
	int error;

	switch (request) {
	case NIOCTXSYNC:
	case NIOCRXSYNC:
		error = nm_session_sync(s, request == NIOCTXSYNC);
		return error == -ERANGE ? 0 : error;
	case NIOCCTRL:
	case NIOCREGIF:
	case NIOCGINFO:
	case NIOCCONFIG:
		break;
	default:
		return nm_client_fail(EOPNOTSUPP, "request %#lx is not a netmap request",
				      request);
	}
	if (!arg)
		return nm_client_fail(EINVAL, "a netmap request needs an argument");
	pthread_mutex_lock(&s->lock);
	if (request == NIOCCTRL)
		error = call_ctrl(s, arg);
	else if (request == NIOCCONFIG)
		error = call_config(s, arg);
	else
		error = call_legacy(s, request == NIOCGINFO, arg);
	pthread_mutex_unlock(&s->lock);
	return error;
}

int nm_client_ioctl(int fd, unsigned long request, void *arg)
{
	struct nm_session *s = nm_session_get(fd);
	int error;

	if (!s) {
		errno = EBADF;
		return -1;
	}
	error = dispatch(s, request, (uintptr_t)arg);
	nm_session_put(s);
	if (error) {
		errno = -error;
		return -1;
	}
	return 0;
}

void *nm_client_mmap(void *addr, size_t len, int prot, int flags, int fd,
		     off_t ofs)
{
	struct nm_session *s = nm_session_get(fd);
	struct nm_wire *m = NULL;
	void *p = MAP_FAILED;
	uint32_t n = 1;
	int mem = -1, error = 0;

	if (!s) {
		errno = EBADF;
		return MAP_FAILED;
	}
	if (!s->mem)
		error = nm_client_fail(EINVAL, "mmap: the descriptor is not bound to a port yet");
	else if (ofs < 0 || (uint64_t)ofs > s->mem_size ||
		 len > s->mem_size - ofs)
		error = nm_client_fail(EINVAL, "mmap: %zu bytes at offset %lld are beyond the region of %llu bytes",
				       len, (long long)ofs,
				       (unsigned long long)s->mem_size);
	else if (!(m = calloc(1, sizeof(*m))))
		error = -ENOMEM;
	if (!error) {
		pthread_mutex_lock(&s->lock);
		m->u.map.region = ~0u;
		error = nm_wire_call(s->fd, m, NM_WIRE_MAP, sizeof(m->u.map),
				     &mem, &n);
		pthread_mutex_unlock(&s->lock);
	}
	if (!error) {
		p = mmap(addr, len, prot, flags, mem, ofs);
		error = p == MAP_FAILED ? -errno : 0;
	}
	if (mem >= 0)
		close(mem);
	free(m);
	nm_session_put(s);
	if (error)
		errno = -error;
	return p;
}
