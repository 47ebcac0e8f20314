/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The worker: one thread, one actor, the syncs of everybody who may not run
 * them himself.
 *
 * It serves a ring because its session is isolated, or because it is a
 * transmit ring of a port whose path is (`by_port`); the protocol is that of
 * doc/user-mode.md, section 7.  The client writes atok, the worker ktoa:
 *
 *   client                             worker
 *   slots, cur, release head           acquire head, cur; sync
 *   acquire hwtail, hwcur              hwcur, release hwtail
 *   full fence; kern_need_kick?        full fence; appl_need_kick? clear it,
 *   write the doorbell                 write the wake descriptor
 *
 * When the worker begins to serve a ring, head in the block may be of another
 * time: it is overwritten with NO_HEAD, which means "where you were", until
 * the client writes one.  The same after pointers that made no sense.
 *
 * Passes go over all served rings as long as there was work in the last
 * LOOK_NS.  Then: kern_need_kick and `want` everywhere, full fence, one more
 * look, sleep on the doorbells without limit.  Two exceptions have a timeout,
 * as long as they last: a ring that somebody else holds busy, and an entry
 * that a sender reserved and does not commit (reported after STALL_MS).
 *
 * A doorbell is an eventfd that is never read: epoll's edge trigger makes
 * every write an event, and a client can neither take away another one's
 * ring nor keep us in a read.
 *
 * Locks: w->lock covers the served rings; a pass runs under it.  The control
 * plane takes it with the engine's lock held, so a pass never takes that.
 */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "engine/os.h"
#include "engine/port.h"
#include "netmapd/nics.h"
#include "netmapd/wake.h"
#include "netmapd/worker.h"

#define LOOK_NS		50000u
#define STALL_MS	5
#define BUSY_MS_MAX	100
#define NO_HEAD		0xffffffffu
#define NOWHERE		0xffffffffu

/* A ring that is served.  All [w->lock]. */
struct served {
	uint32_t ring;			/* in the plane */
	uint32_t tx;
	uint32_t polls;			/* 1: may get work without its user */
	uint32_t by_port;		/* 0, 1 */
	uint32_t by_sessions;		/* how many */
	uint32_t head, cur;		/* last taken from the block */
	uint32_t hwcur, hwtail;		/* last published */
	uint32_t busy;			/* last sync was refused: try again */
	uint64_t stuck;			/* inbox index we wait for */
	struct nm_csb_atok *atok;	/* in the region; [S] untrusted */
	struct nm_csb_ktoa *ktoa;	/* likewise */
};

struct nmd_worker {
	struct nmd_server *srv;
	struct nm_plane *pl;
	struct nm_actor me;
	pthread_t thread;
	int epfd;
	int kick;			/* eventfd, never read */
	int stop;			/* [a] */
	int waiting;			/* [a] who wants w->lock */
	pthread_mutex_t lock;
	struct served *v;		/* [lock] */
	uint32_t n, max;		/* [lock] */
	uint32_t *at;			/* [lock] ring -> 1 + index in v, or 0 */
};

enum outcome { NOTHING = 0, BUSY = 1, WORK = 2 };

void nmd_worker_lock(struct nmd_worker *w)
{
	/* the worker takes its lock again at once: ask it to let us in */
	__atomic_add_fetch(&w->waiting, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_lock(&w->lock);
	__atomic_sub_fetch(&w->waiting, 1, __ATOMIC_SEQ_CST);
}

void nmd_worker_unlock(struct nmd_worker *w)
{
	pthread_mutex_unlock(&w->lock);
}

/* One ring */

static int sync_ring(struct nmd_worker *w, struct served *v, uint32_t head,
		     uint32_t cur)
{
	uint32_t tail;

	if (v->tx)
		return nm_sync_tx(w->pl, &w->me, v->ring, head, cur, &tail);
	return nm_sync_rx(w->pl, &w->me, v->ring, head, cur, &tail);
}

/* Show the client where we are.  Return 1 if that was news. */
static int publish(struct nmd_worker *w, struct served *v)
{
	uint32_t hwcur, hwtail;

	if (nm_ring_positions(w->pl, v->ring, &hwcur, &hwtail))
		return 0;
	if (hwcur == v->hwcur && hwtail == v->hwtail)
		return 0;
	v->hwcur = hwcur;
	v->hwtail = hwtail;
	nm_store32(&v->ktoa->hwcur, hwcur);
	nm_store32_rel(&v->ktoa->hwtail, hwtail);
	return 1;
}

static void kick_client(struct served *v)
{
	nm_fence_full();	/* F2: pairs with F1 in the client */
	if (nm_load32(&v->atok->appl_need_kick) &&
	    nm_xchg32(&v->atok->appl_need_kick, 0))
		nmd_wake_ring(v->ring, NMD_WAKE_ALL);
}

/* The pointers were impossible: the client starts again where we are. */
static void reinitialised(struct served *v, uint32_t head)
{
	nm_cas32(&v->atok->head, head, NO_HEAD);
	v->head = NO_HEAD;
	nm_store32_rel(&v->ktoa->pad[0], nm_load32(&v->ktoa->pad[0]) + 1);
}

/* It stopped for good, and the client has not been told. */
static int has_ended(const struct nm_pring *r, const struct served *v)
{
	return nm_load32(&r->state) == NM_RING_STOPPED &&
		!nm_load32(&v->ktoa->pad[1]);
}

static enum outcome step(struct nmd_worker *w, struct served *v)
{
	struct nm_pring *r = nm_pring_at(w->pl, v->ring);
	uint32_t head = nm_load32_acq(&v->atok->head);
	uint32_t cur = nm_load32(&v->atok->cur);
	int moved = head != v->head || cur != v->cur;
	int error;

	if (!moved && !v->busy && !has_ended(r, v) &&
	    !(v->polls && nm_ring_has_work(w->pl, v->ring))) {
		if (!publish(w, v))	/* a client's own last sync */
			return NOTHING;
		kick_client(v);
		return WORK;
	}
	if (head == NO_HEAD)
		error = sync_ring(w, v, nm_load32(&r->rhead), nm_load32(&r->rcur));
	else
		error = sync_ring(w, v, head, cur);
	v->busy = error == -EBUSY;
	if (v->busy)
		return BUSY;
	v->head = head;
	v->cur = cur;
	moved |= publish(w, v);
	if (error == -ERANGE && head != NO_HEAD)
		reinitialised(v, head);
	else if (error == -EIO && !nm_load32(&v->ktoa->pad[1]))
		nm_store32_rel(&v->ktoa->pad[1], 1);
	else if (!moved || error == -ENODEV)
		return NOTHING;
	kick_client(v);
	return WORK;
}

/* All rings */

static enum outcome pass(struct nmd_worker *w)
{
	enum outcome all = NOTHING, one;
	uint32_t i;

	w->me.now_s = nm_os_now_s();
	for (i = 0; i < w->n; i++) {
		one = step(w, &w->v[i]);
		if (one > all)
			all = one;
	}
	one = nmd_nics_pass(w->srv->nics, w->pl, &w->me);
	return one > all ? one : all;
}

static void say_we_sleep(struct nmd_worker *w, uint32_t on)
{
	uint32_t i;

	for (i = 0; i < w->n; i++) {
		nm_store32(&w->v[i].ktoa->kern_need_kick, on);
		if (on && w->v[i].polls)
			nm_ring_want(w->pl, w->v[i].ring);
	}
	nm_fence_full();	/* F1: pairs with F2 in clients and senders */
}

/*
 * Is a receive ring waiting for an entry that is reserved and not committed?
 * @again: report those that were waiting for the same one last time.
 */
static int look_for_stalls(struct nmd_worker *w, int again)
{
	uint32_t i, n = 0;

	for (i = 0; i < w->n; i++) {
		struct served *v = &w->v[i];
		struct nm_pring *r = nm_pring_at(w->pl, v->ring);
		uint64_t taken = nm_load64(&r->taken);

		if (v->tx || nm_load32(&r->kind) != NM_PLANE_VALE ||
		    nm_load64(&r->reserved) == taken ||
		    nm_ring_has_work(w->pl, v->ring))
			continue;
		if (again && v->stuck == taken + 1)
			nmd_server_stalled(w->srv, v->ring);
		v->stuck = taken + 1;
		n++;
	}
	return n != 0;
}

static void sleep_until_rung(struct nmd_worker *w, int timeout_ms)
{
	struct epoll_event ev[16];

	while (epoll_wait(w->epfd, ev, 16, timeout_ms) < 0 && errno == EINTR)
		;
}

/* Nothing to do for a while. */
static void rest(struct nmd_worker *w, int *busy_ms)
{
	enum outcome last;
	int timeout = -1, stalls;

	say_we_sleep(w, 1);
	last = pass(w);
	if (last == WORK) {
		say_we_sleep(w, 0);
		return;
	}
	stalls = look_for_stalls(w, 0);
	if (stalls)
		timeout = STALL_MS;
	if (last == BUSY) {
		*busy_ms = *busy_ms * 2 > BUSY_MS_MAX ? BUSY_MS_MAX : *busy_ms * 2;
		if (timeout < 0 || *busy_ms < timeout)
			timeout = *busy_ms;
	}
	pthread_mutex_unlock(&w->lock);
	sleep_until_rung(w, timeout);
	pthread_mutex_lock(&w->lock);
	say_we_sleep(w, 0);
	if (stalls)
		look_for_stalls(w, 1);
}

static void *run(void *arg)
{
	struct nmd_worker *w = arg;
	uint64_t last_work = 0, now;
	int busy_ms = 1;

	pthread_mutex_lock(&w->lock);
	while (!__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE)) {
		if (pass(w) == WORK) {
			last_work = 0;
			busy_ms = 1;
		} else {
			now = nm_os_now_ns();
			if (!last_work)
				last_work = now;
			if (now - last_work >= LOOK_NS || !w->n) {
				rest(w, &busy_ms);
				last_work = 0;
			} else {
				sched_yield();
			}
		}
		if (__atomic_load_n(&w->waiting, __ATOMIC_RELAXED)) {
			pthread_mutex_unlock(&w->lock);
			while (__atomic_load_n(&w->waiting, __ATOMIC_RELAXED))
				sched_yield();
			pthread_mutex_lock(&w->lock);
		}
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* What is served.  The lock is held. */

static struct served *find(struct nmd_worker *w, uint32_t ring)
{
	uint32_t i = w->at[ring & (NM_MAX_RINGS - 1)];

	return i ? &w->v[i - 1] : NULL;
}

static void begin(struct nmd_worker *w, struct served *v, struct nm_ring *r)
{
	char *obj = nm_region_at(r->port->region, nm_ring_ofs(r));

	memset(v, 0, sizeof(*v));
	v->ring = r->idx;
	v->tx = r->dir;
	/* pipes get room without their user, and interfaces by and by */
	v->polls = !r->dir || r->peer || r->plane == NM_PLANE_NIC;
	v->head = NO_HEAD;
	v->cur = 0;
	v->atok = (void *)(obj + nm_ring_block_ofs(r->n_slots));
	v->ktoa = (void *)(v->atok + 1);
	nm_store32(&v->atok->cur, 0);
	nm_store32(&v->atok->head, NO_HEAD);
	v->hwcur = NOWHERE;
	publish(w, v);
	nm_store32_rel(&v->ktoa->kern_need_kick, 1);
}

/* Serve a ring, if it is not served yet.  Return it; NULL: no memory. */
static struct served *add(struct nmd_worker *w, struct nm_ring *r)
{
	struct served *v = find(w, r->idx);

	if (v)
		return v;
	if (w->n == w->max) {
		uint32_t max = w->max ? 2 * w->max : 64;
		struct served *more = realloc(w->v, max * sizeof(*more));

		if (!more)
			return NULL;
		w->v = more;
		w->max = max;
	}
	v = &w->v[w->n++];
	w->at[r->idx & (NM_MAX_RINGS - 1)] = w->n;
	begin(w, v, r);
	return v;
}

/* Serve it no more, unless somebody still wants it. */
static void release(struct nmd_worker *w, struct served *v)
{
	if (v->by_port || v->by_sessions)
		return;
	w->at[v->ring & (NM_MAX_RINGS - 1)] = 0;
	if (v != &w->v[--w->n]) {
		*v = w->v[w->n];
		w->at[v->ring & (NM_MAX_RINGS - 1)] = (uint32_t)(v - w->v) + 1;
	}
}

void nmd_worker_port(struct nmd_worker *w, struct nm_port *p, int on)
{
	struct served *v;
	uint32_t i;

	nmd_worker_lock(w);
	for (i = 0; i < p->geo.tx_rings; i++) {
		struct nm_ring *r = nm_port_tx(p, i);

		if (on && r->life == NM_RING_OPEN) {
			v = add(w, r);
			if (v)
				v->by_port = 1;
			else
				nm_os_log(NM_LOG_ERR, "no memory to forward for %s",
					  p->name);
			continue;
		}
		v = find(w, r->idx);
		if (!v)
			continue;
		if (r->life == NM_RING_OPEN)
			step(w, v);
		v->by_port = 0;
		if (r->life != NM_RING_OPEN)
			v->by_sessions = 0;
		release(w, v);
	}
	nmd_worker_unlock(w);
	nmd_worker_kick(w);
}

/* The bound rings of a session, one after the other. */
static struct nm_ring *nth_ring(const struct nm_bound *b, uint32_t i)
{
	if (i < b->rx_n)
		return nm_port_rx(b->port, b->rx_first + i);
	return nm_port_tx(b->port, b->tx_first + (i - b->rx_n));
}

int nmd_worker_bind(struct nmd_worker *w, struct nmd_session *ss)
{
	const struct nm_bound *b = &ss->bound;
	uint32_t i, n = b->rx_n + b->tx_n;
	struct served *v;
	int r = 0;

	nm_engine_lock(ss->srv->engine);
	nmd_worker_lock(w);
	for (i = 0; i < n && !r; i++) {
		v = add(w, nth_ring(b, i));
		if (v)
			v->by_sessions++;
		else
			r = -ENOMEM;
	}
	while (r && i--) {
		v = find(w, nth_ring(b, i)->idx);
		if (v) {
			v->by_sessions--;
			release(w, v);
		}
	}
	nmd_worker_unlock(w);
	nm_engine_unlock(ss->srv->engine);
	nmd_worker_kick(w);
	return r;
}

void nmd_worker_unbind(struct nmd_worker *w, struct nmd_session *ss)
{
	const struct nm_bound *b = &ss->bound;
	uint32_t i, n = b->rx_n + b->tx_n;
	struct served *v;

	nm_engine_lock(ss->srv->engine);
	nmd_worker_lock(w);
	w->me.now_s = nm_os_now_s();
	for (i = 0; i < n; i++) {
		v = find(w, nth_ring(b, i)->idx);
		if (!v)
			continue;
		if (v->tx)	/* what the block says is still sent */
			step(w, v);
		if (ss->direct)
			continue;
		if (v->by_sessions)
			v->by_sessions--;
		release(w, v);
	}
	nmd_worker_unlock(w);
	nm_engine_unlock(ss->srv->engine);
}

int nmd_worker_serves(struct nmd_worker *w, uint32_t ring)
{
	int yes;

	nmd_worker_lock(w);
	yes = find(w, ring) != NULL || nmd_nics_drives(w->srv->nics, ring);
	nmd_worker_unlock(w);
	return yes;
}

/* The thread */

int nmd_worker_is_me(const struct nmd_worker *w, const struct nm_actor *a)
{
	return w && a == &w->me;
}

void nmd_worker_kick(struct nmd_worker *w)
{
	uint64_t one = 1;

	if (w)
		(void)!write(w->kick, &one, sizeof(one));
}

int nmd_worker_doorbell(struct nmd_worker *w, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };

	return epoll_ctl(w->epfd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

void nmd_worker_no_doorbell(struct nmd_worker *w, int fd)
{
	epoll_ctl(w->epfd, EPOLL_CTL_DEL, fd, NULL);
}

static void worker_free(struct nmd_worker *w)
{
	if (w->epfd >= 0)
		close(w->epfd);
	if (w->kick >= 0)
		close(w->kick);
	pthread_mutex_destroy(&w->lock);
	free(w->me.batch);
	free(w->at);
	free(w->v);
	free(w);
}

int nmd_worker_start(struct nmd_server *s)
{
	struct nmd_worker *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	w->srv = s;
	w->pl = s->plane;
	pthread_mutex_init(&w->lock, NULL);
	w->epfd = epoll_create1(EPOLL_CLOEXEC);
	w->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->at = calloc(NM_MAX_RINGS, sizeof(*w->at));
	w->me.batch = calloc(1, nm_batch_size());
	r = -ENOMEM;
	if (w->epfd < 0 || w->kick < 0 || !w->at || !w->me.batch)
		goto err_worker;
	r = nmd_worker_doorbell(w, w->kick);
	if (r)
		goto err_worker;
	r = nm_actor_new(s->engine, (uint32_t)getpid());
	if (r < 0)
		goto err_worker;
	w->me.id = (uint32_t)r;
	w->me.host = w;
	s->worker = w;
	/* signals were blocked before: they are the main thread's */
	r = -pthread_create(&w->thread, NULL, run, w);
	if (!r)
		return 0;
	s->worker = NULL;
	nm_actor_free(s->engine, w->me.id);
err_worker:
	worker_free(w);
	return r;
}

void nmd_worker_stop(struct nmd_server *s)
{
	struct nmd_worker *w = s->worker;

	__atomic_store_n(&w->stop, 1, __ATOMIC_RELEASE);
	nmd_worker_kick(w);
	pthread_join(w->thread, NULL);
	nm_actor_free(s->engine, w->me.id);
	s->worker = NULL;
	worker_free(w);
}
