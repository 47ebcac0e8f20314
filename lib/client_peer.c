/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server we talk to directly: its plane mapped here.
 *
 * There is one peer per server and process, known by its plane: a server's
 * process number may be that of one that is dead.  It has a connection of its
 * own, not one of the user's descriptors, for what the data plane needs now
 * and then: actor numbers, regions, eventfds of sleepers.  It is made to the
 * address of the first session, and never starts a server.
 *
 * A peer and its connection go with the last session: a server that ends when
 * nobody needs it would wait for us for ever.  Threads keep only the number of
 * the connection (serial) through which they got their actor, and no
 * reference.  The number changes with the connection, and in a forked child,
 * which makes itself a new connection and new actors; the mappings it
 * inherited stay good.
 *
 * A thread inside a sync does not wait for the server if that can be helped:
 * the server may be waiting for just that thread to leave.  So the region of
 * the rings is mapped beforehand, and who is to be woken and is not known is
 * asked for afterwards.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include "lib/client.h"
#include "engine/os.h"
#include "os/user/meet.h"
#include "os/user/os_user.h"

#define SLEEPER_CACHE	256u	/* rings whose sleepers we know, power of two */
#define SLEEPER_FDS	8u	/* of each */
#define LATER		64u	/* rings to be woken after a sync */
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
	int refs;		/* sessions, and threads that end */
	dev_t plane_dev;	/* whose it is: of the plane's memfd */
	ino_t plane_ino;
	char path[NM_MEET_PATH];	/* where its server listens */
	int control;		/* our connection; -1: to be made */
	uint32_t serial;	/* [a] of the connection */
	pthread_mutex_t lock;	/* control, sleepers, mappings */
	struct sleeper sleepers[SLEEPER_CACHE];
};

/* What a thread keeps per peer it talks to; the common case is one. */
struct nm_thread {
	const struct nm_peer *peer;	/* compared only: it may be gone */
	uint32_t serial;		/* 0: no actor */
	struct nm_actor actor;
	struct nm_thread *next;
	uint32_t n_later;
	uint32_t later[LATER];		/* rings whose sleepers are not known */
};

static pthread_mutex_t peers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct nm_peer *peers;
static uint32_t next_serial = 1;
static __thread struct nm_thread *threads;
static pthread_key_t thread_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint32_t new_serial(void)
{
	uint32_t n;

	do {
		n = __atomic_fetch_add(&next_serial, 1, __ATOMIC_RELAXED);
	} while (!n);
	return n;
}

/* p->lock held: actors got over the old connection are not ours any more. */
static void set_control(struct nm_peer *p, int sock)
{
	if (p->control >= 0)
		close(p->control);
	p->control = sock;
	__atomic_store_n(&p->serial, new_serial(), __ATOMIC_RELAXED);
}

void nm_peers_fork(bool begin)
{
	if (begin)
		pthread_mutex_lock(&peers_lock);
	else
		pthread_mutex_unlock(&peers_lock);
}

/* In a child nothing of the parent's connections may be used. */
void nm_peers_forked(void)
{
	struct nm_peer *p;

	for (p = peers; p; p = p->next) {
		pthread_mutex_init(&p->lock, NULL);
		set_control(p, -1);
	}
	pthread_mutex_unlock(&peers_lock);
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

/* The peer whose connection has this number, referenced; NULL: it is gone. */
static struct nm_peer *peer_of_serial(uint32_t serial)
{
	struct nm_peer *p;

	pthread_mutex_lock(&peers_lock);
	for (p = peers; p; p = p->next)
		if (__atomic_load_n(&p->serial, __ATOMIC_RELAXED) == serial)
			break;
	if (p)
		p->refs++;
	pthread_mutex_unlock(&peers_lock);
	return p;
}

static void thread_exit(void *arg)
{
	struct nm_thread *t = arg, *next;
	struct nm_peer *p;

	for (; t; t = next) {
		next = t->next;
		p = t->serial ? peer_of_serial(t->serial) : NULL;
		if (p) {
			actor_end(p, t->actor.id);
			nm_peer_put(p);
		}
		free(t->actor.batch);
		free(t);
	}
	threads = NULL;
}

static void init_once(void)
{
	pthread_key_create(&thread_key, thread_exit);
}

static bool is_plane_of(const struct nm_peer *p, int plane_fd)
{
	struct stat st;

	return plane_fd >= 0 && !fstat(plane_fd, &st) &&
		st.st_dev == p->plane_dev && st.st_ino == p->plane_ino;
}

/* p->lock held: a connection of our own, in this process. */
static int control(struct nm_peer *p)
{
	struct nm_wire_hello h;
	int fds[3], sock, error, i;

	if (p->control >= 0)
		return 0;
	sock = nm_meet_connect(p->path);
	if (sock < 0)
		return sock;
	error = nm_wire_hello(sock, true, &h, fds);
	if (!error) {
		if (!is_plane_of(p, fds[2]))
			error = -ESTALE;	/* another server by now */
		for (i = 0; i < 3; i++)
			if (fds[i] >= 0)
				close(fds[i]);
	}
	if (error) {
		close(sock);
		return error;
	}
	set_control(p, sock);
	return 0;
}

/* Ask the server something, on our own connection. */
static int ask(struct nm_peer *p, struct nm_wire *m, uint32_t type, size_t len,
	       int *fds, uint32_t *n_fds)
{
	int error = control(p);

	if (!error)
		error = nm_wire_call(p->control, m, type, len, fds, n_fds);
	if (p->control >= 0 && (error == -ECONNRESET || error == -EPROTO))
		set_control(p, -1);
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
	uint32_t n = s->valid ? s->n : 0, k;

	s->valid = 0;	/* first: a fork may come between */
	s->n = 0;
	for (k = 0; k < n; k++)
		close(s->fd[k]);
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

/* p->lock held: do we know who sleeps on a ring? */
static bool sleeper_is_known(struct nm_peer *p, uint32_t ring)
{
	const struct sleeper *s = &p->sleepers[ring & (SLEEPER_CACHE - 1)];

	return s->valid && s->ring == ring &&
		s->gen == nm_load32(&nm_pring_at(&p->plane, ring)->wake_gen);
}

/* p->lock held: wake those we know. */
static int sleeper_wake(struct nm_peer *p, uint32_t ring)
{
	const struct sleeper *s = &p->sleepers[ring & (SLEEPER_CACHE - 1)];
	uint64_t one = 1;
	uint32_t k;

	for (k = 0; k < s->n; k++)
		if (write(s->fd[k], &one, sizeof(one)) < 0 && errno != EAGAIN)
			return -errno;
	return 0;
}

/* Wake who sleeps on a ring, whatever it takes. */
static void wake_now(struct nm_peer *p, uint32_t ring)
{
	int error = 0;

	pthread_mutex_lock(&p->lock);
	if (!sleeper_is_known(p, ring))
		error = sleeper_fetch(p, ring,
				      &p->sleepers[ring & (SLEEPER_CACHE - 1)]);
	if (!error)
		error = sleeper_wake(p, ring);
	pthread_mutex_unlock(&p->lock);
	if (error)
		tell_ring(p, NM_WIRE_WAKE, ring);
}

/* nm_plane_ops.wake: now, if it can be done without asking; else afterwards. */
static void peer_wake(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
	struct nm_peer *p = pl->host;
	struct nm_thread *t = me->host;
	bool done = false;

	if (pthread_mutex_trylock(&p->lock) == 0) {
		done = sleeper_is_known(p, ring) && !sleeper_wake(p, ring);
		pthread_mutex_unlock(&p->lock);
	}
	if (done)
		return;
	if (t->n_later < LATER)
		t->later[t->n_later++] = ring;
	else
		wake_now(p, ring);
}

void nm_peer_synced(struct nm_peer *p, struct nm_actor *me)
{
	struct nm_thread *t = me->host;

	while (t->n_later)
		wake_now(p, t->later[--t->n_later]);
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
	char *base, *fresh = MAP_FAILED;

	if (!m)
		return -ENOMEM;
	pthread_mutex_lock(&p->lock);
	m->u.map.region = region;
	error = ask(p, m, NM_WIRE_MAP, sizeof(m->u.map), &fd, &n);
	if (!error && !n)
		error = -EPROTO;
	if (error)
		goto out;
	base = pl->mem[region].base;
	if (!base) {
		base = mmap(NULL, REGION_SPAN, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (base == MAP_FAILED)
			error = -errno;
		fresh = base;
	}
	if (!error && m->u.map.size <= REGION_SPAN &&
	    mmap(base, m->u.map.size, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED) {
		madvise(base, m->u.map.size, MADV_DONTDUMP);
		/* others look at the size, and at gen, before they use it */
		__atomic_store_n(&pl->mem[region].base, base, __ATOMIC_RELEASE);
		__atomic_store_n(&pl->mem[region].size, m->u.map.size,
				 __ATOMIC_RELEASE);
		__atomic_store_n(&pl->mem_gen[region], m->u.map.gen,
				 __ATOMIC_RELEASE);
		fresh = MAP_FAILED;
	} else if (!error) {
		error = -ENOMEM;
	}
	if (fresh != MAP_FAILED)
		munmap(fresh, REGION_SPAN);
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

/* Where the server at the other end of @sock listens; "" if it cannot be told. */
static void path_of_peer(int sock, char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNSPEC };
	socklen_t len = sizeof(addr);

	path[0] = '\0';
	if (getpeername(sock, (struct sockaddr *)&addr, &len) ||
	    addr.sun_family != AF_UNIX)
		return;
	memcpy(path, addr.sun_path, NM_MEET_PATH - 1);
	path[NM_MEET_PATH - 1] = '\0';
}

/* peers_lock held */
static struct nm_peer *peer_new(int sock, const struct nm_wire_hello *h,
				int plane_fd)
{
	struct nm_peer *p = calloc(1, sizeof(*p));
	struct stat st;
	int error;

	if (!p)
		return NULL;
	error = fstat(plane_fd, &st) ? -errno : 0;
	if (!error)
		error = nm_user_plane_attach(&p->plane, plane_fd, h->plane_size);
	if (error) {
		free(p);
		errno = -error;
		return NULL;
	}
	p->plane.ops = &peer_ops;
	p->plane.host = p;
	p->plane_dev = st.st_dev;
	p->plane_ino = st.st_ino;
	path_of_peer(sock, p->path);
	p->control = -1;
	p->serial = new_serial();
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
		if (is_plane_of(p, plane_fd))
			break;
	if (!p)
		p = peer_new(sock, h, plane_fd);
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
	pthread_mutex_destroy(&p->lock);
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
	error = ask(p, m, NM_WIRE_ACTOR, sizeof(m->u.actor), NULL, NULL);
	t->serial = error ? 0 : p->serial;
	pthread_mutex_unlock(&p->lock);
	t->actor.id = m->u.actor.id;
	free(m);
	return error;
}

/* A record for @p, made of one whose peer is gone if there is one. */
static struct nm_thread *thread_new(struct nm_peer *p)
{
	struct nm_thread *t;
	struct nm_peer *old;

	for (t = threads; t; t = t->next) {
		old = t->serial ? peer_of_serial(t->serial) : NULL;
		if (old) {
			nm_peer_put(old);
			continue;
		}
		t->peer = p;
		t->serial = 0;
		return t;
	}
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->actor.batch = calloc(1, nm_batch_size());
	if (!t->actor.batch) {
		free(t);
		return NULL;
	}
	t->actor.host = t;
	t->peer = p;
	t->next = threads;
	threads = t;
	pthread_setspecific(thread_key, threads);
	return t;
}

/* Before a sync: errors are those of the sync. */
static void reach(struct nm_peer *p, uint32_t region)
{
	struct nm_plane *pl = &p->plane;

	if (region < NM_MAX_REGIONS &&
	    __builtin_expect(__atomic_load_n(&pl->mem_gen[region],
					     __ATOMIC_ACQUIRE) !=
			     nm_load32(&nm_pregion_at(pl, region)->gen), 0))
		peer_map_region(pl, region);
}

struct nm_actor *nm_peer_actor(struct nm_peer *p, uint32_t region)
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
	if (__builtin_expect(t->serial != __atomic_load_n(&p->serial,
							  __ATOMIC_RELAXED),
			     0)) {
		error = actor_begin(p, t);
		if (error) {
			errno = -error;
			return NULL;
		}
	}
	reach(p, region);
	t->actor.now_s = nm_os_now_s();
	return &t->actor;
}

void nm_peer_stalled(struct nm_peer *p, uint32_t ring)
{
	tell_ring(p, NM_WIRE_STALL, ring);
}
