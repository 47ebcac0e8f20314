/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames between two processes, by every way to wait, over a switch with the
 * oldest request and over a pipe with the newest; then nm_open and relatives.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#define NETMAP_WITH_LIBS
#include "tests/preload/pt.h"

#define VALE_FRAMES	500u	/* fit a ring: a switch drops what does not */
#define PIPE_FRAMES	5000u

static enum pt_how how;

static void vale_receiver(void *arg)
{
	struct pt_port p;

	pt_legacy(&p, pt_name("vale%d:rx"));
	pt_ready();
	pt_recv(&p, 0, VALE_FRAMES, how);
	pt_close(&p);
}

static void over_vale(void)
{
	pid_t pid = pt_fork(vale_receiver, NULL);
	struct pt_port p;

	pt_legacy(&p, pt_name("vale%d:tx"));
	/* In parts, so that the receiver falls asleep in between. */
	pt_send(&p, 0, 10, how);
	usleep(100000);
	pt_send(&p, 10, VALE_FRAMES - 10, how);
	pt_join(pid);
	pt_close(&p);
}

static void pipe_receiver(void *arg)
{
	struct pt_port p;

	pt_ctrl(&p, pt_name("vale%d:p}1"), NR_REG_ALL_NIC, 0, 0, NULL);
	pt_ready();
	usleep(20000);		/* the sender fills the pipe and sleeps */
	pt_recv(&p, 0, PIPE_FRAMES, how);
	pt_close(&p);
}

static void over_pipe(void)
{
	pid_t pid = pt_fork(pipe_receiver, NULL);
	struct pt_port p;

	pt_ctrl(&p, pt_name("vale%d:p{1"), NR_REG_ALL_NIC, 0, 0, NULL);
	pt_send(&p, 0, PIPE_FRAMES, how);
	pt_join(pid);
	pt_close(&p);
}

#define BY(h) \
	static void vale_##h(void) { how = PT_##h; over_vale(); } \
	static void pipe_##h(void) { how = PT_##h; over_pipe(); }
BY(POLL)
BY(PPOLL)
BY(SELECT)
BY(PSELECT)
BY(EPOLL)
BY(EPOLL_ET)
BY(SYNC)
#undef BY

/* --- both directions with one poll ------------------------------------------ */

static void echo(void *arg)
{
	struct pt_port p;
	uint8_t seen[VALE_FRAMES] = { 0 };
	uint32_t got = 0;
	struct pollfd pfd;

	pt_ctrl(&p, pt_name("vale%d:p}1"), NR_REG_ALL_NIC, 0, 0, NULL);
	pt_ready();
	pfd.fd = p.fd;
	pfd.events = POLLIN;
	while (got < VALE_FRAMES) {
		uint32_t n;

		CHECK(poll(&pfd, 1, 10000) == 1);
		n = pt_take(&p, seen, VALE_FRAMES);
		pt_send(&p, got, n, PT_POLL);
		got += n;
	}
	pt_wait(&p, POLLOUT, PT_POLL);
	while (nm_tx_pending(NETMAP_TXRING(p.nifp, 0))) {
		CHECK(ioctl(p.fd, NIOCTXSYNC, NULL) == 0);
		usleep(1000);
	}
	pt_close(&p);
}

static void both_ways(void)
{
	pid_t pid = pt_fork(echo, NULL);
	uint8_t seen[VALE_FRAMES] = { 0 };
	uint32_t sent = 0, got = 0;
	struct pollfd pfd;
	struct pt_port p;

	pt_ctrl(&p, pt_name("vale%d:p{1"), NR_REG_ALL_NIC, 0, 0, NULL);
	pfd.fd = p.fd;
	while (got < VALE_FRAMES) {
		pfd.events = POLLIN | (sent < VALE_FRAMES ? POLLOUT : 0);
		CHECK(poll(&pfd, 1, 10000) == 1);
		CHECK(!(pfd.revents & POLLERR));
		if (pfd.revents & POLLOUT) {
			pt_send(&p, sent, 10, PT_POLL);
			sent += 10;
		}
		if (pfd.revents & POLLIN)
			got += pt_take(&p, seen, VALE_FRAMES);
	}
	/* Says that all was taken; the other end waits for that. */
	CHECK(ioctl(p.fd, NIOCRXSYNC, NULL) == 0);
	pt_join(pid);
	pt_close(&p);
}

/* --- nm_open ------------------------------------------------------------------ */

static uint32_t dispatched;

static void count(u_char *arg, const struct nm_pkthdr *h, const u_char *data)
{
	CHECK(pt_check(data, h->len) == dispatched);
	dispatched++;
}

static void nm_receiver(void *arg)
{
	struct nm_desc *d = nm_open(pt_name("vale%d:rx"), NULL, 0, NULL);
	struct pollfd pfd;
	struct nm_pkthdr h;
	uint8_t *data;

	CHECK(d);
	pfd.fd = NETMAP_FD(d);
	pfd.events = POLLIN;
	pt_ready();
	while (dispatched < VALE_FRAMES) {
		CHECK(poll(&pfd, 1, 10000) == 1);
		if (dispatched < VALE_FRAMES / 2) {
			nm_dispatch(d, VALE_FRAMES / 2 - dispatched, count,
				    NULL);
			continue;
		}
		while ((data = nm_nextpkt(d, &h)))
			count(NULL, &h, data);
	}
	nm_close(d);
}

static void nm_family(void)
{
	pid_t pid = pt_fork(nm_receiver, NULL);
	struct nm_desc *d = nm_open(pt_name("vale%d:tx"), NULL, 0, NULL);
	uint8_t buf[PT_MAXFRAME];
	struct pollfd pfd;
	uint32_t seq, len;

	CHECK(d);
	pfd.fd = d->fd;
	pfd.events = POLLOUT;
	for (seq = 0; seq < VALE_FRAMES; seq++) {
		len = pt_frame(buf, seq);
		while (nm_inject(d, buf, len) == 0)
			CHECK(poll(&pfd, 1, 10000) == 1);
	}
	CHECK(ioctl(d->fd, NIOCTXSYNC, NULL) == 0);
	pt_join(pid);
	nm_close(d);
}

int main(int argc, char **argv)
{
	static const struct pt_test tests[] = {
		{ "NIOCREGIF, vale, poll", vale_POLL },
		{ "NIOCREGIF, vale, ppoll", vale_PPOLL },
		{ "NIOCREGIF, vale, select", vale_SELECT },
		{ "NIOCREGIF, vale, pselect", vale_PSELECT },
		{ "NIOCREGIF, vale, epoll", vale_EPOLL },
		{ "NIOCREGIF, vale, epoll edge-triggered", vale_EPOLL_ET },
		{ "NIOCREGIF, vale, sync only", vale_SYNC },
		{ "NIOCCTRL, pipe, poll", pipe_POLL },
		{ "NIOCCTRL, pipe, ppoll", pipe_PPOLL },
		{ "NIOCCTRL, pipe, select", pipe_SELECT },
		{ "NIOCCTRL, pipe, pselect", pipe_PSELECT },
		{ "NIOCCTRL, pipe, epoll", pipe_EPOLL },
		{ "NIOCCTRL, pipe, epoll edge-triggered", pipe_EPOLL_ET },
		{ "NIOCCTRL, pipe, sync only", pipe_SYNC },
		{ "poll for POLLIN and POLLOUT, echo over a pipe", both_ways },
		{ "nm_open, nm_inject, nm_dispatch, nm_nextpkt", nm_family },
		{ NULL, NULL },
	};

	return pt_main(argc, argv, "basic", tests);
}
