/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that uses libnetmap to open and plain poll, select and ioctl on
 * the descriptor, as bridge, pkt-gen and Suricata do.
 */
#include <poll.h>
#include <sys/ioctl.h>
#include <libnetmap.h>
#include "tests/preload/pt.h"

#define FRAMES	500u

static void as_port(struct pt_port *p, struct nmport_d *d)
{
	*p = (struct pt_port){ .fd = d->fd, .epfd = -1, .nifp = d->nifp,
			       .tx1 = d->last_tx_ring + 1,
			       .rx1 = d->last_rx_ring + 1 };
}

static void receiver(void *arg)
{
	struct nmport_d *d = nmport_open(pt_name("vale%d:rx"));
	struct pt_port p;

	CHECK(d);
	as_port(&p, d);
	pt_ready();
	pt_recv(&p, 0, FRAMES / 2, PT_POLL);
	pt_recv(&p, FRAMES / 2, FRAMES / 2, PT_EPOLL);
	nmport_close(d);
}

static void inject(void)
{
	pid_t pid = pt_fork(receiver, NULL);
	struct nmport_d *d = nmport_open(pt_name("vale%d:tx"));
	uint8_t buf[PT_MAXFRAME];
	struct pollfd pfd;
	uint32_t seq, len;

	CHECK(d);
	pfd.fd = d->fd;
	pfd.events = POLLOUT;
	for (seq = 0; seq < FRAMES; seq++) {
		len = pt_frame(buf, seq);
		while (nmport_inject(d, buf, len) == 0)
			CHECK(poll(&pfd, 1, 10000) == 1);
		/* The first half apart: the receiver changes its ways there. */
		if (seq == FRAMES / 2 - 1) {
			CHECK(ioctl(d->fd, NIOCTXSYNC, NULL) == 0);
			CHECK(poll(NULL, 0, 300) == 0);
		}
	}
	CHECK(ioctl(d->fd, NIOCTXSYNC, NULL) == 0);
	pt_join(pid);
	nmport_close(d);
}

int main(int argc, char **argv)
{
	static const struct pt_test tests[] = {
		{ "nmport_open, then plain poll, epoll and ioctl", inject },
		{ NULL, NULL },
	};

	return pt_main(argc, argv, "port", tests);
}
