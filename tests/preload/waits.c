/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting in company: netmap descriptors together with others, edges,
 * one-shots, several threads on one port, and signals.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "tests/preload/pt.h"

#define LONG_MS	10000

static struct pt_port near, far;

/* Two ends of a pipe in this process. */
static void open_pair(void)
{
	pt_ctrl(&near, pt_name("vale%d:p{1"), NR_REG_ALL_NIC, 0, 0, NULL);
	pt_ctrl(&far, pt_name("vale%d:p}1"), NR_REG_ALL_NIC, 0, 0, NULL);
}

static void close_pair(void)
{
	pt_close(&near);
	pt_close(&far);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

static int add(int epfd, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event ev = { .events = events, .data.u64 = data };

	return epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev);
}

static void timeouts(void)
{
	struct pollfd pfd = { .events = POLLIN };
	struct timeval tv = { 0, 60000 };
	struct epoll_event ev;
	int64_t start;
	fd_set in;
	int epfd;

	open_pair();
	pfd.fd = near.fd;
	start = now_ms();
	CHECK(poll(&pfd, 1, 0) == 0);
	CHECK(poll(&pfd, 1, 60) == 0 && pfd.revents == 0);
	CHECK(now_ms() - start >= 60);
	FD_ZERO(&in);
	FD_SET(near.fd, &in);
	start = now_ms();
	CHECK(select(near.fd + 1, &in, NULL, NULL, &tv) == 0);
	CHECK(!FD_ISSET(near.fd, &in) && !tv.tv_sec && !tv.tv_usec);
	CHECK(now_ms() - start >= 60);
	epfd = epoll_create(1);
	CHECK(add(epfd, near.fd, EPOLLIN, 1) == 0);
	start = now_ms();
	CHECK(epoll_wait(epfd, &ev, 1, 60) == 0 && now_ms() - start >= 60);
	close(epfd);
	close_pair();
}

static void mixed(void)
{
	struct pollfd p[3];
	struct epoll_event ev[4];
	int fds[2], epfd = epoll_create1(0), n, i, seen = 0;

	open_pair();
	CHECK(pipe(fds) == 0);
	p[0] = (struct pollfd){ .fd = near.fd, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	p[2] = (struct pollfd){ .fd = -1, .events = POLLIN };
	CHECK(write(fds[1], "x", 1) == 1);
	CHECK(poll(p, 3, LONG_MS) == 1 && !p[0].revents && p[1].revents == POLLIN);
	pt_send(&far, 0, 3, PT_POLL);
	pt_wait(&near, POLLIN, PT_POLL);
	CHECK(poll(p, 3, LONG_MS) == 2 && p[0].revents == POLLIN);
	CHECK(add(epfd, near.fd, EPOLLIN, 77) == 0);
	CHECK(add(epfd, near.fd, EPOLLIN, 77) < 0 && errno == EEXIST);
	CHECK(add(epfd, fds[0], EPOLLIN, 78) == 0);
	n = epoll_wait(epfd, ev, 4, LONG_MS);
	CHECK(n == 2 && ev[0].data.u64 + ev[1].data.u64 == 77 + 78);
	/* With room for one, both have their turn. */
	for (i = 0; i < 4; i++) {
		CHECK(epoll_wait(epfd, ev, 1, LONG_MS) == 1);
		seen |= 1 << (ev[0].data.u64 - 77);
	}
	CHECK(seen == 3);
	/* An epoll instance is a descriptor to wait for, too. */
	p[0] = (struct pollfd){ .fd = epfd, .events = POLLIN };
	CHECK(epoll_ctl(epfd, EPOLL_CTL_DEL, fds[0], NULL) == 0);
	CHECK(poll(p, 1, LONG_MS) == 1 && p[0].revents == POLLIN);
	pt_recv(&near, 0, 3, PT_POLL);
	CHECK(poll(p, 1, 20) == 0);
	CHECK(epoll_ctl(epfd, EPOLL_CTL_DEL, near.fd, NULL) == 0);
	CHECK(epoll_ctl(epfd, EPOLL_CTL_DEL, near.fd, NULL) < 0 &&
	      errno == ENOENT);
	close(epfd);
	close_pair();
}

static void edges(void)
{
	struct epoll_event ev;
	uint8_t seen[10] = { 0 };
	int epfd = epoll_create1(0);

	open_pair();
	CHECK(add(epfd, near.fd, EPOLLIN | EPOLLET, 5) == 0);
	CHECK(epoll_wait(epfd, &ev, 1, 30) == 0);
	pt_send(&far, 0, 2, PT_POLL);
	CHECK(epoll_wait(epfd, &ev, 1, LONG_MS) == 1 && ev.events == EPOLLIN);
	/* Nothing new: no edge, though two frames are there. */
	CHECK(epoll_wait(epfd, &ev, 1, 30) == 0);
	pt_send(&far, 2, 1, PT_POLL);
	CHECK(epoll_wait(epfd, &ev, 1, LONG_MS) == 1);
	CHECK(pt_take(&near, seen, 10) == 3);
	CHECK(epoll_wait(epfd, &ev, 1, 30) == 0);
	/* One shot: disarmed until told again. */
	ev.events = EPOLLIN | EPOLLONESHOT;
	CHECK(epoll_ctl(epfd, EPOLL_CTL_MOD, near.fd, &ev) == 0);
	pt_send(&far, 3, 1, PT_POLL);
	CHECK(epoll_wait(epfd, &ev, 1, LONG_MS) == 1);
	CHECK(epoll_wait(epfd, &ev, 1, 30) == 0);
	ev.events = EPOLLIN | EPOLLONESHOT;
	CHECK(epoll_ctl(epfd, EPOLL_CTL_MOD, near.fd, &ev) == 0);
	CHECK(epoll_wait(epfd, &ev, 1, LONG_MS) == 1);
	close(epfd);
	close_pair();
}

/* --- threads ------------------------------------------------------------------ */

/* Found at the timeout only would mean that nobody woke us. */
static void woken(short events)
{
	struct pollfd pfd = { .fd = near.fd, .events = events };
	int64_t start = now_ms();

	CHECK(poll(&pfd, 1, LONG_MS) == 1 && pfd.revents & events);
	CHECK(now_ms() - start < LONG_MS / 2);
}

static void *poll_in(void *arg)
{
	woken(POLLIN);
	return NULL;
}

static void *poll_out(void *arg)
{
	woken(POLLOUT);
	return NULL;
}

static void fill_up(struct pt_port *p)
{
	struct netmap_ring *r = NETMAP_TXRING(p->nifp, 0);
	int i;

	for (i = 0; i < 20; i++) {
		while (nm_ring_space(r)) {
			r->slot[r->head].len = 60;
			r->head = r->cur = nm_ring_next(r, r->head);
		}
		CHECK(ioctl(p->fd, NIOCTXSYNC, NULL) == 0);
		usleep(1000);
	}
}

/* One sleeps for frames, the other for room, both on one descriptor. */
static void two_sleepers(void)
{
	struct netmap_ring *r;
	pthread_t in, out;
	int i;

	open_pair();
	fill_up(&near);
	CHECK(!pthread_create(&in, NULL, poll_in, NULL));
	CHECK(!pthread_create(&out, NULL, poll_out, NULL));
	usleep(50000);
	pt_send(&far, 0, 1, PT_POLL);
	CHECK(!pthread_join(in, NULL));
	usleep(20000);
	r = NETMAP_RXRING(far.nifp, 0);
	for (i = 0; i < 3; i++) {
		CHECK(ioctl(far.fd, NIOCRXSYNC, NULL) == 0);
		r->head = r->cur = r->tail;
		usleep(1000);
	}
	CHECK(ioctl(far.fd, NIOCRXSYNC, NULL) == 0);
	CHECK(!pthread_join(out, NULL));
	close_pair();
}

/* Several sleepers for the same frames: each must learn of them. */
static void four_sleepers(void)
{
	pthread_t t[4];
	int i;

	open_pair();
	for (i = 0; i < 4; i++)
		CHECK(!pthread_create(&t[i], NULL, poll_in, NULL));
	usleep(100000);
	pt_send(&far, 0, 1, PT_POLL);
	for (i = 0; i < 4; i++)
		CHECK(!pthread_join(t[i], NULL));
	close_pair();
}

static int sleeping_epoll;

static void *epoll_sleeper(void *arg)
{
	struct epoll_event ev;
	int64_t start = now_ms();

	CHECK(epoll_wait(sleeping_epoll, &ev, 1, LONG_MS) == 1);
	CHECK(now_ms() - start < LONG_MS / 2);
	CHECK(ev.data.u64 == 9 && ev.events == EPOLLIN);
	return NULL;
}

static void added_while_asleep(void)
{
	int efd = eventfd(0, 0);
	pthread_t t;

	open_pair();
	sleeping_epoll = epoll_create1(0);
	CHECK(add(sleeping_epoll, efd, EPOLLIN, 8) == 0);
	CHECK(!pthread_create(&t, NULL, epoll_sleeper, NULL));
	usleep(50000);
	CHECK(add(sleeping_epoll, near.fd, EPOLLIN, 9) == 0);
	usleep(50000);
	pt_send(&far, 0, 1, PT_POLL);
	CHECK(!pthread_join(t, NULL));
	close_pair();
}

static void *cancelled(void *arg)
{
	struct pollfd pfd = { .fd = near.fd, .events = POLLIN };

	poll(&pfd, 1, LONG_MS);
	return NULL;
}

/* A thread that is cancelled in its sleep takes nothing with it. */
static void cancelling(void)
{
	pthread_t t;
	void *how;

	open_pair();
	CHECK(!pthread_create(&t, NULL, cancelled, NULL));
	usleep(50000);
	CHECK(!pthread_cancel(t));
	CHECK(!pthread_join(t, &how) && how == PTHREAD_CANCELED);
	pt_send(&far, 0, 10, PT_POLL);
	pt_recv(&near, 0, 10, PT_POLL);
	close_pair();
}

/* --- races -------------------------------------------------------------------- */

#define ROUNDS	1500u

static enum pt_how how;

/* About as long as a waiter looks before it sleeps: shorter, longer, just so. */
static void dawdle(uint32_t round)
{
	struct timespec a, b;
	int64_t ns = round * 7919 % 120 * 1000;

	clock_gettime(CLOCK_MONOTONIC, &a);
	do {
		clock_gettime(CLOCK_MONOTONIC, &b);
	} while ((b.tv_sec - a.tv_sec) * 1000000000ll + b.tv_nsec - a.tv_nsec <
		 ns);
}

static void answer(void *arg)
{
	struct pt_port p;
	uint32_t i;

	pt_ctrl(&p, pt_name("vale%d:p}1"), NR_REG_ALL_NIC, 0, 0, NULL);
	pt_ready();
	for (i = 0; i < ROUNDS; i++) {
		pt_recv(&p, i, 1, how);
		dawdle(i);
		pt_send(&p, i, 1, how);
	}
	pt_recv(&p, ROUNDS, 1, how);
	pt_close(&p);
}

/* One frame there and back, many times: a lost wake-up stops it for good. */
static void ping_pong(void)
{
	pid_t pid = pt_fork(answer, NULL);
	struct pt_port p;
	uint32_t i;

	pt_ctrl(&p, pt_name("vale%d:p{1"), NR_REG_ALL_NIC, 0, 0, NULL);
	for (i = 0; i < ROUNDS; i++) {
		pt_send(&p, i, 1, how);
		pt_recv(&p, i, 1, how);
		dawdle(i * 3);
	}
	pt_send(&p, ROUNDS, 1, how);
	pt_join(pid);
	pt_close(&p);
}

static void race_poll(void)
{
	how = PT_POLL;
	ping_pong();
}

static void race_select(void)
{
	how = PT_SELECT;
	ping_pong();
}

static void race_epoll(void)
{
	how = PT_EPOLL;
	ping_pong();
}

static void race_edges(void)
{
	how = PT_EPOLL_ET;
	ping_pong();
}

/* --- signals ------------------------------------------------------------------ */

static volatile sig_atomic_t signals;

static void on_signal(int sig)
{
	signals++;
}

static void handle(int sig)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sa.sa_flags = SA_RESTART;	/* poll is interrupted all the same */
	CHECK(sigaction(sig, &sa, NULL) == 0);
}

static void after_us(int us)
{
	struct itimerval it = { .it_value = { 0, us } };

	CHECK(setitimer(ITIMER_REAL, &it, NULL) == 0);
}

/* About how long it takes from setting a timer to being inside poll(). */
static int us_to_poll(struct pollfd *pfd)
{
	struct timespec a, b;
	int i;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < 20; i++) {
		after_us(900000);
		CHECK(poll(pfd, 1, 0) == 0);
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	return ((b.tv_sec - a.tv_sec) * 1000000 +
		(b.tv_nsec - a.tv_nsec) / 1000) / 20;
}

static void interrupted(void)
{
	struct pollfd pfd = { .events = POLLIN };
	struct epoll_event ev;
	int epfd = epoll_create1(0), i, n, late = 0, us;
	fd_set in;

	open_pair();
	handle(SIGALRM);
	pfd.fd = near.fd;
	CHECK(add(epfd, near.fd, EPOLLIN, 1) == 0);
	FD_ZERO(&in);
	FD_SET(near.fd, &in);
	/*
	 * At many moments between looking and sleeping.  Now and then we are
	 * put off the processor, and the signal comes before poll() is called;
	 * that is nobody's fault, but it is rare.
	 */
	us = us_to_poll(&pfd);
	for (i = 0; i < 40; i++) {
		after_us(20 + us + i * (2 + us / 20));
		n = poll(&pfd, 1, 200);
		CHECK(n == 0 || (n < 0 && errno == EINTR));
		late += n == 0;
	}
	CHECK(late < 10);
	after_us(30000);
	CHECK(epoll_wait(epfd, &ev, 1, LONG_MS) < 0 && errno == EINTR);
	after_us(30000);
	CHECK(select(near.fd + 1, &in, NULL, NULL, NULL) < 0 && errno == EINTR);
	close(epfd);
	close_pair();
}

static void masks(void)
{
	struct timespec ts = { LONG_MS / 1000, 0 };
	struct pollfd pfd = { .events = POLLIN };
	sigset_t usr, none, now;

	open_pair();
	handle(SIGUSR1);
	pfd.fd = near.fd;
	sigemptyset(&none);
	sigemptyset(&usr);
	sigaddset(&usr, SIGUSR1);
	CHECK(sigprocmask(SIG_BLOCK, &usr, NULL) == 0);
	signals = 0;
	CHECK(raise(SIGUSR1) == 0);
	CHECK(!signals);
	CHECK(poll(&pfd, 1, 50) == 0 && !signals);
	CHECK(ppoll(&pfd, 1, &ts, &none) < 0 && errno == EINTR);
	CHECK(signals == 1);
	CHECK(sigprocmask(SIG_BLOCK, NULL, &now) == 0);
	CHECK(sigismember(&now, SIGUSR1) && !sigismember(&now, SIGTERM));
	/* What is there goes first, as in the kernel. */
	pt_send(&far, 0, 1, PT_POLL);
	CHECK(ppoll(&pfd, 1, &ts, &none) == 1);
	errno = 12345;
	CHECK(poll(&pfd, 1, 0) == 1 && errno == 12345);
	close_pair();
}

int main(int argc, char **argv)
{
	static const struct pt_test tests[] = {
		{ "timeouts of poll, select, epoll", timeouts },
		{ "with a pipe in one poll and one epoll", mixed },
		{ "epoll: edges and one shots", edges },
		{ "two threads sleep on one port, for in and for out", two_sleepers },
		{ "four threads sleep for the same frames", four_sleepers },
		{ "epoll: added while another thread sleeps", added_while_asleep },
		{ "a sleeping thread is cancelled", cancelling },
		{ "ping-pong, poll", race_poll },
		{ "ping-pong, select", race_select },
		{ "ping-pong, epoll", race_epoll },
		{ "ping-pong, edge-triggered", race_edges },
		{ "EINTR at any moment", interrupted },
		{ "ppoll and signal masks", masks },
		{ NULL, NULL },
	};

	return pt_main(argc, argv, "waits", tests);
}
