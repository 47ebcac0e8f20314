/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw ports: bound, mapped, waited for and used by hand, as programs do that
 * have no library.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <unistd.h>
#include "tests/preload/pt.h"

#define WAIT_MS	10000

const char *const pt_how_name[PT_N_HOW] = {
	"poll", "ppoll", "select", "pselect", "epoll", "epoll-et", "sync",
};

int pt_dev(void)
{
	int fd = open("/dev/netmap", O_RDWR);

	CHECK(fd >= 0);
	return fd;
}

static void map(struct pt_port *p, uint32_t ofs)
{
	p->mem = mmap(NULL, p->size, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd,
		      0);
	CHECK(p->mem != MAP_FAILED);
	p->nifp = NETMAP_IF(p->mem, ofs);
}

void pt_legacy(struct pt_port *p, const char *name)
{
	struct nmreq req;

	memset(p, 0, sizeof(*p));
	p->epfd = -1;
	p->fd = pt_dev();
	memset(&req, 0, sizeof(req));
	req.nr_version = NETMAP_API;
	snprintf(req.nr_name, sizeof(req.nr_name), "%s", name);
	CHECK(ioctl(p->fd, NIOCREGIF, &req) == 0);
	p->size = req.nr_memsize;
	p->mem_id = req.nr_arg2;
	p->tx1 = req.nr_tx_rings;
	p->rx1 = req.nr_rx_rings;
	map(p, req.nr_offset);
}

void pt_ctrl(struct pt_port *p, const char *name, uint32_t mode, uint16_t ring,
	     uint64_t flags, const struct pt_port *parent)
{
	struct nmreq_register reg;
	struct nmreq_header hdr;

	memset(p, 0, sizeof(*p));
	p->epfd = -1;
	p->fd = pt_dev();
	memset(&hdr, 0, sizeof(hdr));
	memset(&reg, 0, sizeof(reg));
	hdr.nr_version = NETMAP_API;
	hdr.nr_reqtype = NETMAP_REQ_REGISTER;
	hdr.nr_body = (uintptr_t)&reg;
	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "%s", name);
	reg.nr_mode = mode;
	reg.nr_ringid = ring;
	reg.nr_flags = flags;
	if (mode == NR_REG_ONE_NIC)
		reg.nr_tx_rings = reg.nr_rx_rings = 2;
	if (parent)
		reg.nr_mem_id = parent->mem_id;
	CHECK(ioctl(p->fd, NIOCCTRL, &hdr) == 0);
	p->size = reg.nr_memsize;
	p->mem_id = reg.nr_mem_id;
	p->tx1 = reg.nr_tx_rings;
	p->rx1 = reg.nr_rx_rings;
	if (mode == NR_REG_ONE_NIC) {
		p->tx0 = p->rx0 = ring;
		p->tx1 = p->rx1 = ring + 1;
	}
	if (parent) {
		CHECK(parent->mem_id == p->mem_id);
		p->nifp = NETMAP_IF(parent->mem, reg.nr_offset);
	} else {
		map(p, reg.nr_offset);
	}
}

void pt_close(struct pt_port *p)
{
	if (p->epfd >= 0)
		close(p->epfd);
	if (p->mem)
		CHECK(munmap(p->mem, p->size) == 0);
	CHECK(close(p->fd) == 0);
	memset(p, 0, sizeof(*p));
	p->fd = p->epfd = -1;
}

/* --- waiting --------------------------------------------------------------- */

static void wait_poll(int fd, short events, int with_ppoll)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	struct timespec ts = { WAIT_MS / 1000, 0 };
	int n = with_ppoll ? ppoll(&pfd, 1, &ts, NULL) : poll(&pfd, 1, WAIT_MS);

	CHECK(n == 1);
	CHECK(pfd.revents & events);
	CHECK(!(pfd.revents & POLLERR));
}

static void wait_select(int fd, short events, int with_pselect)
{
	struct timeval tv = { WAIT_MS / 1000, 0 };
	struct timespec ts = { WAIT_MS / 1000, 0 };
	fd_set in, out;
	int n;

	FD_ZERO(&in);
	FD_ZERO(&out);
	if (events & POLLIN)
		FD_SET(fd, &in);
	if (events & POLLOUT)
		FD_SET(fd, &out);
	n = with_pselect ? pselect(fd + 1, &in, &out, NULL, &ts, NULL) :
		select(fd + 1, &in, &out, NULL, &tv);
	CHECK(n >= 1);
	CHECK(FD_ISSET(fd, &in) || FD_ISSET(fd, &out));
}

/* Is there what poll would report, on any ring? */
static int has_what(struct pt_port *p, short events)
{
	uint32_t i;

	for (i = p->rx0; events & POLLIN && i < p->rx1; i++)
		if (!nm_ring_empty(NETMAP_RXRING(p->nifp, i)))
			return 1;
	for (i = p->tx0; events & POLLOUT && i < p->tx1; i++)
		if (nm_ring_space(NETMAP_TXRING(p->nifp, i)))
			return 1;
	return 0;
}

static void wait_epoll(struct pt_port *p, short events, uint32_t mode)
{
	struct epoll_event ev = { .events = events | mode,
				  .data.u64 = 0x1122334455667788u };
	struct epoll_event got[4];
	int op = EPOLL_CTL_MOD;

	if (p->epfd < 0) {
		p->epfd = epoll_create1(EPOLL_CLOEXEC);
		CHECK(p->epfd >= 0);
		op = EPOLL_CTL_ADD;
	}
	/*
	 * An edge-triggered program registers once.  From then on epoll_wait()
	 * does not ask a device before it sleeps, so a program must sync what
	 * it did; libnetmap's homes in user mode do it by themselves.
	 */
	if (op == EPOLL_CTL_MOD && (mode & EPOLLET) && !getenv("LD_PRELOAD")) {
		CHECK(ioctl(p->fd, NIOCTXSYNC, NULL) == 0);
		CHECK(ioctl(p->fd, NIOCRXSYNC, NULL) == 0);
		if (has_what(p, events))
			return;
	}
	if (op == EPOLL_CTL_ADD || !(mode & EPOLLET))
		CHECK(epoll_ctl(p->epfd, op, p->fd, &ev) == 0);
	CHECK(epoll_wait(p->epfd, got, 4, WAIT_MS) == 1);
	CHECK(got[0].data.u64 == 0x1122334455667788u);
	CHECK(got[0].events & events);
	CHECK(!(got[0].events & EPOLLERR));
}

/* A program that never waits but syncs now and then. */
static void wait_sync(struct pt_port *p, short events)
{
	int tries;

	for (tries = 0; tries < WAIT_MS; tries++) {
		CHECK(ioctl(p->fd, events & POLLIN ? NIOCRXSYNC : NIOCTXSYNC,
			    NULL) == 0);
		if (has_what(p, events))
			return;
		usleep(1000);
	}
	CHECK(!"nothing came");
}

void pt_wait(struct pt_port *p, short events, enum pt_how how)
{
	switch (how) {
	case PT_POLL:
	case PT_PPOLL:
		wait_poll(p->fd, events, how == PT_PPOLL);
		break;
	case PT_SELECT:
	case PT_PSELECT:
		wait_select(p->fd, events, how == PT_PSELECT);
		break;
	case PT_EPOLL:
		wait_epoll(p, events, 0);
		break;
	case PT_EPOLL_ET:
		wait_epoll(p, events, EPOLLET);
		break;
	default:
		wait_sync(p, events);
	}
}

/* --- traffic ---------------------------------------------------------------- */

static uint32_t fill(struct netmap_ring *r, uint32_t seq, uint32_t n)
{
	uint32_t done = 0;

	for (; done < n && nm_ring_space(r); done++) {
		struct netmap_slot *s = &r->slot[r->head];

		s->len = pt_frame((uint8_t *)NETMAP_BUF(r, s->buf_idx),
				  seq + done);
		s->flags = 0;
		r->head = r->cur = nm_ring_next(r, r->head);
	}
	return done;
}

void pt_send(struct pt_port *p, uint32_t first, uint32_t n, enum pt_how how)
{
	uint32_t done = 0, i;

	while (done < n) {
		for (i = p->tx0; i < p->tx1 && done < n; i++)
			done += fill(NETMAP_TXRING(p->nifp, i), first + done,
				     n - done);
		if (done < n)
			pt_wait(p, POLLOUT, how);
	}
	CHECK(ioctl(p->fd, NIOCTXSYNC, NULL) == 0);
}

uint32_t pt_take(struct pt_port *p, uint8_t *seen, uint32_t max)
{
	uint32_t done = 0, i, seq;

	for (i = p->rx0; i < p->rx1; i++) {
		struct netmap_ring *r = NETMAP_RXRING(p->nifp, i);

		for (; !nm_ring_empty(r); done++) {
			struct netmap_slot *s = &r->slot[r->head];

			seq = pt_check((uint8_t *)NETMAP_BUF(r, s->buf_idx),
				       s->len);
			CHECK(seq < max && !seen[seq]);
			seen[seq] = 1;
			r->head = r->cur = nm_ring_next(r, r->head);
		}
	}
	return done;
}

void pt_recv(struct pt_port *p, uint32_t first, uint32_t n, enum pt_how how)
{
	uint8_t *seen = calloc(first + n, 1);
	uint32_t done = 0;

	CHECK(seen);
	memset(seen, 1, first);
	while (done < n) {
		pt_wait(p, POLLIN, how);
		done += pt_take(p, seen, first + n);
	}
	CHECK(done == n);
	free(seen);
}
