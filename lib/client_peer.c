/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server we talk to directly: its plane mapped here.
 *
 * There is one peer per server and process.  It has a connection of its own,
 * not one of the user's descriptors, for what the data plane needs now and
 * then: actor numbers, regions, eventfds of sleepers.  A forked child finds
 * that the process changed, and makes itself a new connection and new actors;
 * the mappings it inherited stay good.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "lib/client.h"
#include "engine/os.h"
#include "os/user/os_user.h"

#define SLEEPER_CACHE	256u	/* rings whose sleepers we know, power of two */
#define SLEEPER_FDS	8u	/* of each */
#define REGION_SPAN	(1ull << 31)

struct sleeper {
	uint32_t ring;
	uint32_t gen;		/* nm_pring.wake_gen */
	uint32_t n;
	uint32_t valid;
	int fd[SLEEPER_FDS];
};

struct nm_peer {
	struct nm_plane plane;
	struct nm_peer *next;
	int refs;
	uint32_t server_pid;
	int control;		/* our connection; -1: to be made */
	pid_t pid;		/* process that made it */
	uint32_t serial;	/* tells threads that their actor is of another life */
	pthread_mutex_t lock;	/* control, sleepers, mappings */
	struct sleeper sleepers[SLEEPER_CACHE];
};

/* What a thread keeps per peer it talks to; the common case is one. */
struct nm_thread {
	struct nm_peer *peer;
	uint32_t serial;
	struct nm_actor actor;
	struct nm_thread *next;
};

static pthread_mutex_t peers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct nm_peer *peers;
static uint32_t next_serial = 1;
static __thread struct nm_thread *threads;
static pthread_key_t thread_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* In a child nothing of the parent's connections may be used. */
static void after_fork_child(void)
{
	struct nm_peer *p;

	pthread_mutex_init(&peers_lock, NULL);
	for (p = peers; p; p = p->next) {
		pthread_mutex_init(&p->lock, NULL);
		p->control = -1;	/* the number stays open: the parent's */
		p->pid = getpid();
		p->serial = next_serial++;
	}
}

static void actor_end(struct nm_peer *p, uint32_t id)
{
	struct nm_wire *m = calloc(1, sizeof(*m));

	if (!m)
		return;		/* the server finds out when we exit */
	m->u.actor.id = id;
	m->u.actor.end = 1;
	m->u.actor.pid = getpid();
	pthread_mutex_lock(&p->lock);
	if (p->control >= 0)
		nm_wire_call(p->control, m, NM_WIRE_ACTOR, sizeof(m->u.actor),
			     NULL, NULL);
	pthread_mutex_unlock(&p->lock);
	free(m);
}

static void thread_exit(void *arg)
{
	struct nm_thread *t = arg, *next;

	for (; t; t = next) {
		next = t->next;
		if (t->serial == t->peer->serial)
			actor_end(t->peer, t->actor.id);
		nm_peer_put(t->peer);
		free(t->actor.batch);
		free(t);
	}
	threads = NULL;
}

static void init_once(void)
{
	pthread_key_create(&thread_key, thread_exit);
	pthread_atfork(NULL, NULL, after_fork_child);
}

/* p->lock held: a connection of our own, in this process. */
static int control(struct nm_peer *p)
{
	struct nm_wire_hello h;
	int fds[3], sock, error;

	if (p->control >= 0)
		return 0;
	sock = nm_server_connect();
	if (sock < 0)
		return sock;
	error = nm_wire_hello(sock, true, &h, fds);
	if (!error && (h.server_pid != p->server_pid || !h.direct)) {
		error = -ESTALE;
		if (fds[2] >= 0)
			close(fds[2]);
		close(fds[0]);
		close(fds[1]);
	}
	if (error) {
		close(sock);
		return error;
	}
	close(fds[0]);
	close(fds[1]);
	if (fds[2] >= 0)
		close(fds[2]);
	p->control = sock;
	return 0;
}

/* Ask the server something, on our own connection. */
static int ask(struct nm_peer *p, struct nm_wire *m, uint32_t type, size_t len,
	       int *fds, uint32_t *n_fds)
{
	int error = control(p);

	if (!error)
		error = nm_wire_call(p->control, m, type, len, fds, n_fds);
	if (error == -ECONNRESET || error == -EPROTO) {
		close(p->control);
		p->control = -1;
	}
	return error;
}

static void tell_ring(struct nm_peer *p, uint32_t type, uint32_t ring)
{
	struct nm_wire *m = calloc(1, sizeof(*m));

	if (!m)
		return;
	m->u.ring.ring = ring;
	pthread_mutex_lock(&p->lock);
	if (!control(p))
		nm_wire_tell(p->control, m, type, sizeof(m->u.ring));
	pthread_mutex_unlock(&p->lock);
	free(m);
}

static void sleeper_forget(struct sleeper *s)
{
	uint32_t k;

	if (s->valid)
		for (k = 0; k < s->n; k++)
			close(s->fd[k]);
	s->valid = 0;
	s->n = 0;
}

/* p->lock held: the eventfds of who sleeps on a ring; 0 when we have them. */
static int sleeper_fetch(struct nm_peer *p, uint32_t ring, struct sleeper *s)
{
	struct nm_wire *m = calloc(1, sizeof(*m));
	uint32_t n = SLEEPER_FDS, k;
	int fds[SLEEPER_FDS], error;

	if (!m)
		return -ENOMEM;
	sleeper_forget(s);
	m->u.ring.ring = ring;
	error = ask(p, m, NM_WIRE_SLEEPERS, sizeof(m->u.ring), fds, &n);
	if (!error && (m->u.sleepers.more || m->u.sleepers.n != n))
		error = -E2BIG;
	if (error) {
		for (k = 0; k < n && error == -E2BIG; k++)
			close(fds[k]);
		free(m);
		return error;
	}
	s->ring = ring;
	s->gen = m->u.sleepers.wake_gen;
	s->n = n;
	memcpy(s->fd, fds, n * sizeof(int));
	s->valid = 1;
	free(m);
	return 0;
}

/* nm_plane_ops.wake */
static void peer_wake(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
	struct nm_peer *p = pl->host;
	struct sleeper *s = &p->sleepers[ring & (SLEEPER_CACHE - 1)];
	uint32_t gen = nm_load32(&nm_pring_at(pl, ring)->wake_gen), k;
	uint64_t one = 1;
	int error = 0;

	pthread_mutex_lock(&p->lock);
	if (!s->valid || s->ring != ring || s->gen != gen)
		error = sleeper_fetch(p, ring, s);
	for (k = 0; !error && k < s->n; k++)
		if (write(s->fd[k], &one, sizeof(one)) < 0 && errno != EAGAIN)
			error = -errno;
	pthread_mutex_unlock(&p->lock);
	if (error)
		tell_ring(p, NM_WIRE_WAKE, ring);
}

/*
 * nm_plane_ops.map_region.  A region index gets an address range once and
 * keeps it: a newer region of the same index is mapped over the old one, so
 * that no thread is ever left with an address that is gone.
 */
static int peer_map_region(struct nm_plane *pl, uint32_t region)
{
	struct nm_peer *p = pl->host;
	struct nm_wire *m = calloc(1, sizeof(*m));
	uint32_t n = 1;
	int fd = -1, error;
	char *base;

	if (!m)
		return -ENOMEM;
	pthread_mutex_lock(&p->lock);
	m->u.map.region = region;
	error = ask(p, m, NM_WIRE_MAP, sizeof(m->u.map), &fd, &n);
	if (error || !n)
		goto out;
	base = pl->mem[region].base;
	if (!base) {
		base = mmap(NULL, REGION_SPAN, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (base == MAP_FAILED)
			error = -errno;
	}
	if (!error && m->u.map.size <= REGION_SPAN &&
	    mmap(base, m->u.map.size, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED) {
		madvise(base, m->u.map.size, MADV_DONTDUMP);
		pl->mem[region].base = base;
		pl->mem[region].size = m->u.map.size;
		pl->mem_gen[region] = m->u.map.gen;
	} else if (!error) {
		error = -ENOMEM;
	}
out:
	if (fd >= 0)
		close(fd);
	pthread_mutex_unlock(&p->lock);
	if (!error && pl->mem_gen[region] !=
	    nm_load32(&nm_pregion_at(pl, region)->gen))
		error = -ESTALE;
	free(m);
	return error;
}

/* nm_plane_ops.copy_in: we run on our own behalf, the address is ours. */
static int peer_copy_in(struct nm_plane *pl, struct nm_actor *me, void *dst,
			uint64_t uaddr, uint32_t len)
{
	return nm_user_copy_in(NULL, dst, uaddr, len);
}

static const struct nm_plane_ops peer_ops = {
	.wake = peer_wake,
	.map_region = peer_map_region,
	.copy_in = peer_copy_in,
};

/* peers_lock held */
static struct nm_peer *peer_new(const struct nm_wire_hello *h, int plane_fd)
{
	struct nm_peer *p = calloc(1, sizeof(*p));
	int error;

	if (!p)
		return NULL;
	error = nm_user_plane_attach(&p->plane, plane_fd, h->plane_size);
	if (error) {
		free(p);
		errno = -error;
		return NULL;
	}
	p->plane.ops = &peer_ops;
	p->plane.host = p;
	p->server_pid = h->server_pid;
	p->control = -1;
	p->pid = getpid();
	p->serial = next_serial++;
	pthread_mutex_init(&p->lock, NULL);
	p->next = peers;
	peers = p;
	return p;
}

struct nm_peer *nm_peer_get(int sock, const struct nm_wire_hello *h,
			    int plane_fd)
{
	struct nm_peer *p;

	pthread_once(&once, init_once);
	pthread_mutex_lock(&peers_lock);
	for (p = peers; p; p = p->next)
		if (p->server_pid == h->server_pid)
			break;
	if (!p)
		p = peer_new(h, plane_fd);
	if (p)
		p->refs++;
	pthread_mutex_unlock(&peers_lock);
	close(plane_fd);
	return p;
}

static void peer_free(struct nm_peer *p)
{
	uint32_t k;

	for (k = 0; k < SLEEPER_CACHE; k++)
		sleeper_forget(&p->sleepers[k]);
	for (k = 0; k < NM_MAX_REGIONS; k++)
		if (p->plane.mem[k].base)
			munmap(p->plane.mem[k].base, REGION_SPAN);
	if (p->control >= 0)
		close(p->control);
	nm_user_plane_detach(&p->plane);
	free(p);
}

void nm_peer_put(struct nm_peer *p)
{
	struct nm_peer **q;

	pthread_mutex_lock(&peers_lock);
	if (--p->refs == 0) {
		for (q = &peers; *q != p; q = &(*q)->next)
			;
		*q = p->next;
	} else {
		p = NULL;
	}
	pthread_mutex_unlock(&peers_lock);
	if (p)
		peer_free(p);
}

struct nm_plane *nm_peer_plane(struct nm_peer *p)
{
	return &p->plane;
}

/* A number for this thread; the server learns our process if it must. */
static int actor_begin(struct nm_peer *p, struct nm_thread *t)
{
	struct nm_wire *m = calloc(1, sizeof(*m));
	int error;

	if (!m)
		return -ENOMEM;
	m->u.actor.pid = getpid();
	m->u.actor.tid = syscall(SYS_gettid);
	pthread_mutex_lock(&p->lock);
	t->serial = p->serial;
	error = ask(p, m, NM_WIRE_ACTOR, sizeof(m->u.actor), NULL, NULL);
	pthread_mutex_unlock(&p->lock);
	t->actor.id = m->u.actor.id;
	free(m);
	return error;
}

static struct nm_thread *thread_new(struct nm_peer *p)
{
	struct nm_thread *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->actor.batch = calloc(1, nm_batch_size());
	if (!t->actor.batch) {
		free(t);
		return NULL;
	}
	t->peer = p;
	t->serial = 0;
	pthread_mutex_lock(&peers_lock);
	p->refs++;
	pthread_mutex_unlock(&peers_lock);
	t->next = threads;
	threads = t;
	pthread_setspecific(thread_key, threads);
	return t;
}

struct nm_actor *nm_peer_actor(struct nm_peer *p)
{
	struct nm_thread *t;
	int error;

	for (t = threads; t; t = t->next)
		if (t->peer == p)
			break;
	if (!t)
		t = thread_new(p);
	if (!t)
		return NULL;
	if (__builtin_expect(t->serial != p->serial, 0)) {
		error = actor_begin(p, t);
		if (error) {
			t->serial = 0;
			errno = -error;
			return NULL;
		}
	}
	t->actor.now_s = nm_os_now_s();
	return &t->actor;
}

void nm_peer_stalled(struct nm_peer *p, uint32_t ring)
{
	tell_ring(p, NM_WIRE_STALL, ring);
}
