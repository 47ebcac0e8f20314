/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions: descriptors whose engine is netmapd.
 *
 * A session is found by its descriptor number in a table.  Calls in progress
 * hold a reference, so that closing a descriptor while another thread waits on
 * it is harmless; the session itself goes with the last reference.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/client.h"

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct nm_session **table;
static int table_len;

static const struct nm_uaccess own_memory = {
	.in = nm_user_copy_in,
	.out = nm_user_copy_out,
};

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
		table_len = len;
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
	if (s)
		s->refs++;
	pthread_mutex_unlock(&table_lock);
	return s;
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
	if (s->fd >= 0)
		close(s->fd);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->wake_lock);
	free(s->blocks);
	free(s);
}

void nm_session_put(struct nm_session *s)
{
	int last;

	pthread_mutex_lock(&table_lock);
	last = --s->refs == 0;
	pthread_mutex_unlock(&table_lock);
	if (last)
		session_free(s);
}

/* Whether the environment lets us run the plane ourselves. */
static bool direct_wanted(void)
{
	const char *e = getenv("NETMAP_DIRECT");

	return !e || strcmp(e, "0") != 0;
}

/* Greet the server on @sock and enter the session into the table. */
static int session_new(int sock)
{
	struct nm_session *s = calloc(1, sizeof(*s));
	int fds[3], error;

	if (!s)
		return -ENOMEM;
	s->fd = sock;
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
	pthread_mutex_lock(&table_lock);
	error = table_put(s);
	pthread_mutex_unlock(&table_lock);
	if (error)
		goto err;
	return 0;
err:
	s->fd = -1;	/* the caller's */
	session_free(s);
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

int nm_client_close(int fd)
{
	struct nm_session *s = NULL;

	pthread_mutex_lock(&table_lock);
	if (fd >= 0 && fd < table_len) {
		s = table[fd];
		table[fd] = NULL;
	}
	pthread_mutex_unlock(&table_lock);
	if (!s) {
		errno = EBADF;
		return -1;
	}
	s->closed = true;
	nm_session_put(s);
	return 0;
}

/* Map the region for our own use, and remember what the rings look like. */
static int session_bound(struct nm_session *s, const struct nm_wire_bound *b)
{
	struct nm_wire *m;
	uint32_t n = 1;
	int fd = -1, error;

	if (!b->bound || s->mem)
		return 0;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->u.map.region = ~0u;
	error = nm_wire_call(s->fd, m, NM_WIRE_MAP, sizeof(m->u.map), &fd, &n);
	if (!error && !n)
		error = -EPROTO;
	s->blocks = calloc(b->n_rx + b->n_tx + 1, sizeof(*s->blocks));
	if (!error && s->blocks) {
		s->mem_size = m->u.map.size;
		s->mem = mmap(NULL, s->mem_size, PROT_READ | PROT_WRITE,
			      MAP_SHARED, fd, 0);
		if (s->mem == MAP_FAILED) {
			s->mem = NULL;
			error = -errno;
		}
	} else if (!error) {
		error = -ENOMEM;
	}
	if (fd >= 0)
		close(fd);
	free(m);
	if (!error) {
		madvise(s->mem, s->mem_size, MADV_DONTDUMP);
		s->b = *b;
	}
	return error;
}

/* A descriptor that came from elsewhere: is it a session of ours? */
int nm_client_adopt(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int type = 0, error;
	socklen_t tlen = sizeof(type);
	struct nm_session *s = nm_session_get(fd);
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
