/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting: what poll() syncs, when it sleeps, and that it wakes up.
 *
 * A wait that must sleep is measured: it takes its time, and no CPU.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/live.h"

#define WAIT_MS		300

/* poll() must sleep for WAIT_MS and then report nothing. */
static void must_sleep(int fd, short events, int line)
{
	uint64_t t0 = live_now_ms(), c0 = live_cpu_ms(), t, c;
	int r = live_poll1(fd, events, WAIT_MS);

	t = live_now_ms() - t0;
	c = live_cpu_ms() - c0;
	live_check(r == 0, "poll reports nothing", line);
	live_check(t >= WAIT_MS && t < WAIT_MS + 1500, "poll takes its time",
		   line);
	live_check(c < WAIT_MS / 3, "poll takes no CPU", line);
}

static void tx_all_seen(void)
{
	struct nmport_d *d = nmport_open("vale0:a");
	struct netmap_ring *r;

	NEED(d);
	r = live_tx(d, 0);
	CHECK(live_poll1(d->fd, POLLOUT, 1000) == POLLOUT);
	r->cur = r->tail;
	must_sleep(d->fd, POLLOUT, __LINE__);
	r->cur = r->head;
	CHECK(live_poll1(d->fd, POLLOUT, 1000) == POLLOUT);
	nmport_close(d);
}

/* Frames wait in the inbox, but the ring has no slot to show them in. */
static void rx_full(void)
{
	struct nmport_d *a = nmport_open("vale0:a"), *b = nmport_open("vale0:b");
	struct netmap_ring *r;
	int i;

	NEED(a && b);
	r = live_rx(b, 0);
	for (i = 0; i < 4; i++) {
		live_queue(live_tx(a, 0), r->num_slots / 2);
		live_poll1(a->fd, POLLOUT, 1000);
	}
	CHECK(live_poll1(b->fd, POLLIN, 1000) == POLLIN);
	usleep(20000);
	nmio_ioctl(b->fd, NIOCRXSYNC, NULL);
	CHECK(nm_ring_space(r) >= r->num_slots - 2);
	r->cur = r->tail;
	must_sleep(b->fd, POLLIN, __LINE__);
	live_take(r);
	nmport_close(a);
	nmport_close(b);
}

struct later {
	struct nmport_d *d;
	unsigned int us;
	pthread_t thread;
};

static void *send_later(void *arg)
{
	struct later *l = arg;

	usleep(l->us);
	live_queue(live_tx(l->d, 0), 1);
	nmio_ioctl(l->d->fd, NIOCTXSYNC, NULL);
	return NULL;
}

/* Seen and not released: only what comes after cur counts. */
static void rx_seen(void)
{
	struct nmport_d *a = nmport_open("vale0:a"), *b = nmport_open("vale0:b");
	struct later l = { .d = a, .us = 100000 };
	struct netmap_ring *r;

	NEED(a && b);
	r = live_rx(b, 0);
	live_queue(live_tx(a, 0), 3);
	nmio_ioctl(a->fd, NIOCTXSYNC, NULL);
	CHECK(live_poll1(b->fd, POLLIN, 1000) == POLLIN);
	usleep(20000);
	nmio_ioctl(b->fd, NIOCRXSYNC, NULL);
	r->cur = r->tail;
	must_sleep(b->fd, POLLIN, __LINE__);
	pthread_create(&l.thread, NULL, send_later, &l);
	CHECK(live_poll1(b->fd, POLLIN, 5000) == POLLIN);
	CHECK(nm_ring_space(r) == 4);
	pthread_join(l.thread, NULL);
	nmport_close(a);
	nmport_close(b);
}

static struct nmport_d *open_flags(const char *name, uint64_t flags,
				   uint16_t tx_rings)
{
	struct nmport_d *d = nmport_prepare(name);

	if (!d)
		return NULL;
	d->reg.nr_flags |= flags;
	if (tx_rings)
		d->reg.nr_tx_rings = tx_rings;
	if (nmport_open_desc(d)) {
		nmport_delete(d);
		return NULL;
	}
	return d;
}

/* Which poll sends what is queued. */
static void pushes(uint64_t flags, short events, bool sends)
{
	struct nmport_d *a = open_flags("vale0:a", flags, 0);
	struct nmport_d *b = nmport_open("vale0:b");

	NEED(a && b);
	live_queue(live_tx(a, 0), 1);
	live_poll1(a->fd, events, 0);
	CHECK((live_poll1(b->fd, POLLIN, sends ? 1000 : 100) == POLLIN) ==
	      sends);
	nmport_close(a);
	nmport_close(b);
}

static void who_pushes(void)
{
	pushes(0, POLLIN, true);
	pushes(0, POLLOUT, true);
	pushes(NR_NO_TX_POLL, POLLIN, false);
	pushes(NR_NO_TX_POLL, POLLOUT, true);
}

/* POLLOUT leaves receive rings alone, unless asked to look after them. */
static void who_receives(void)
{
	struct nmport_d *a = nmport_open("vale0:a");
	struct nmport_d *b = nmport_open("vale0:b");
	struct nmport_d *c = open_flags("vale0:c", NR_DO_RX_POLL, 0);
	int i;

	NEED(a && b && c);
	live_queue(live_tx(a, 0), 1);
	nmio_ioctl(a->fd, NIOCTXSYNC, NULL);
	for (i = 0; i < 20; i++) {
		usleep(10000);
		live_poll1(b->fd, POLLOUT, 0);
		live_poll1(c->fd, POLLOUT, 0);
	}
	CHECK(nm_ring_space(live_rx(b, 0)) == 0);
	CHECK(nm_ring_space(live_rx(c, 0)) == 1);
	nmport_close(a);
	nmport_close(b);
	nmport_close(c);
}

/* A ring that need not be looked at for room is still sent, all of it. */
static void second_ring(void)
{
	struct nmport_d *a = open_flags("vale0:a", 0, 2);
	struct nmport_d *b = nmport_open("vale0:b");
	struct netmap_ring *r;
	uint32_t got = 0;

	NEED(a && b && a->reg.nr_tx_rings == 2);
	r = live_tx(a, 1);
	live_queue(r, r->num_slots - 4);
	nmio_ioctl(a->fd, NIOCTXSYNC, NULL);
	while (live_poll1(b->fd, POLLIN, 200) == POLLIN)
		got += live_take(live_rx(b, 0));
	CHECK(got == r->num_slots - 4);
	nmio_ioctl(a->fd, NIOCTXSYNC, NULL);
	CHECK(live_queue(r, 4) == 4 && r->head == 0);
	CHECK(live_poll1(a->fd, POLLOUT, 1000) == POLLOUT);
	CHECK(live_poll1(b->fd, POLLIN, 1000) == POLLIN);
	usleep(20000);
	nmio_ioctl(b->fd, NIOCRXSYNC, NULL);
	CHECK(live_take(live_rx(b, 0)) == 4);
	nmport_close(a);
	nmport_close(b);
}

static void odd_arguments(void)
{
	struct nmport_d *d = nmport_open("vale0:a");
	struct pollfd p[3] = {
		{ .fd = -1, .events = POLLIN, .revents = 0x7f },
		{ .events = POLLIN },
		{ .fd = -7, .events = POLLIN, .revents = 0x7f },
	};
	uint64_t t0 = live_now_ms(), one = 1;
	int ev = eventfd(0, EFD_NONBLOCK);

	NEED(d);
	CHECK(nmio_poll(NULL, 0, 50) == 0);
	CHECK(live_now_ms() - t0 >= 50);
	p[1].fd = d->fd;
	CHECK(nmio_poll(p, 3, 0) == 0 && !p[0].revents && !p[2].revents);
	t0 = live_now_ms();
	CHECK(nmio_poll(p, 3, 50) == 0);
	CHECK(live_now_ms() - t0 >= 50 && live_now_ms() - t0 < 1000);
	p[2].fd = ev;
	CHECK(nmio_poll(p, 3, 50) == 0);
	CHECK(write(ev, &one, sizeof(one)) == sizeof(one));
	CHECK(nmio_poll(p, 3, -1) == 1 && p[2].revents == POLLIN);
	CHECK(nmio_poll(p, 3, 0) == 1);
	p[2].fd = 1000;
	CHECK(nmio_poll(p, 3, -1) == 1 && p[2].revents == POLLNVAL);
	close(ev);
	nmport_close(d);
}

static void on_alarm(int sig)
{
}

static void interrupted(void)
{
	struct nmport_d *d = nmport_open("vale0:a");
	struct sigaction sa = { .sa_handler = on_alarm };

	NEED(d);
	sigaction(SIGALRM, &sa, NULL);
	alarm(1);
	CHECK(live_poll1(d->fd, POLLIN, 20000) == -1 && errno == EINTR);
	nmport_close(d);
}

/* --- two threads, one descriptor ------------------------------------------- */

#define ROUNDS	1000
#define WAITERS	4

struct side {
	struct nmport_d *d;
	pthread_t thread;
	int rounds;
	volatile bool stop;
};

/* Waits for room that never comes, with the descriptor of the receiver. */
static void *wait_for_room(void *arg)
{
	struct side *s = arg;

	while (!s->stop)
		live_poll1(s->d->fd, POLLOUT, 500);
	return NULL;
}

static void *send_now_and_then(void *arg)
{
	struct side *s = arg;
	int i;

	for (i = 0; i < s->rounds; i++) {
		usleep(200 + i % 7 * 100);
		live_queue(live_tx(s->d, 0), 1);
		nmio_ioctl(s->d->fd, NIOCTXSYNC, NULL);
	}
	return NULL;
}

/* One thread's wake-up must not be taken by another thread of the port. */
static void two_sleepers(void)
{
	struct nmport_d *a = nmport_open("vale0:p{1");
	struct nmport_d *b = nmport_open("vale0:p}1");
	struct side tx[WAITERS], peer = { .d = a, .rounds = ROUNDS };
	uint64_t t0;
	int got = 0, i;

	NEED(a && b);
	live_queue(live_tx(b, 0), live_tx(b, 0)->num_slots);
	nmio_ioctl(b->fd, NIOCTXSYNC, NULL);
	for (i = 0; i < WAITERS; i++) {
		tx[i].d = b;
		tx[i].stop = false;
		pthread_create(&tx[i].thread, NULL, wait_for_room, &tx[i]);
	}
	pthread_create(&peer.thread, NULL, send_now_and_then, &peer);
	while (got < ROUNDS) {
		t0 = live_now_ms();
		live_poll1(b->fd, POLLIN, 2000);
		if (!CHECK(live_now_ms() - t0 < 1500))
			break;
		got += live_take(live_rx(b, 0));
	}
	pthread_join(peer.thread, NULL);
	for (i = 0; i < WAITERS; i++)
		tx[i].stop = true;
	for (i = 0; i < WAITERS; i++)
		pthread_join(tx[i].thread, NULL);
	nmport_close(a);
	nmport_close(b);
}

static void on_signal(int sig)
{
}

struct shooter {
	pthread_t at;
	volatile uint32_t round, hit;
};

/* One signal per round, at any moment of the wait. */
static void *shoot(void *arg)
{
	struct shooter *h = arg;
	struct timespec now;
	uint32_t last = 0;
	long wait_ns, from;

	while (h->round != ~0u) {
		if (h->round == last)
			continue;
		last = h->round;
		wait_ns = 10000 + rand() % 35000;
		clock_gettime(CLOCK_MONOTONIC, &now);
		from = now.tv_nsec;
		do {
			clock_gettime(CLOCK_MONOTONIC, &now);
		} while ((now.tv_nsec - from + 1000000000) % 1000000000 <
			 wait_ns);
		pthread_kill(h->at, SIGUSR1);
		h->hit = last;
	}
	return NULL;
}

/*
 * A signal ends the wait, whenever it comes.  It may come before the call
 * begins, but not often.
 */
static void signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct shooter h = { .at = pthread_self() };
	struct nmport_d *d = nmport_open("vale0:a");
	uint32_t i, lost = 0;
	pthread_t t;
	int r;

	NEED(d);
	sigaction(SIGUSR1, &sa, NULL);
	pthread_create(&t, NULL, shoot, &h);
	for (i = 1; i <= 300; i++) {
		struct pollfd p = { .fd = d->fd, .events = POLLIN };

		h.round = i;
		r = nmio_poll(&p, 1, 100);
		if (!CHECK(r == 0 || (r < 0 && errno == EINTR)))
			break;
		lost += r == 0;
		while (h.hit != i)
			usleep(20);
	}
	h.round = ~0u;
	pthread_join(t, NULL);
	CHECK(lost < 30);
	nmport_close(d);
}

const struct live_test live_poll[] = {
	{ "poll: tx, everything seen", tx_all_seen, LIVE_BOTH },
	{ "poll: rx, no slot left", rx_full, LIVE_BOTH },
	{ "poll: rx, seen and not released", rx_seen, LIVE_BOTH },
	{ "poll: who pushes", who_pushes, LIVE_BOTH },
	{ "poll: who receives", who_receives, LIVE_BOTH },
	{ "poll: second ring", second_ring, LIVE_BOTH },
	{ "poll: odd arguments", odd_arguments, LIVE_BOTH },
	{ "poll: interrupted", interrupted, LIVE_BOTH },
	{ "poll: two sleepers", two_sleepers, LIVE_BOTH },
	{ "poll: signals at any moment", signals, LIVE_BOTH },
	{ NULL, NULL, 0 }
};
