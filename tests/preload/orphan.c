/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program whose server dies while it sleeps in poll().  It says "ready" when
 * its port is bound, and must be woken with POLLERR; from then on nothing may
 * hang, and the errors must be ones a program can act on.
 */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <string.h>
#include <unistd.h>
#include "tests/preload/pt.h"

int main(void)
{
	struct pollfd pfd = { .events = POLLIN };
	struct epoll_event ev = { .events = EPOLLIN };
	struct nmreq req = { .nr_version = NETMAP_API };
	struct pt_port p;
	int epfd = epoll_create1(0);

	alarm(30);
	pt_legacy(&p, "vale0:orphan");
	CHECK(epoll_ctl(epfd, EPOLL_CTL_ADD, p.fd, &ev) == 0);
	printf("ready\n");
	fflush(stdout);
	pfd.fd = p.fd;
	CHECK(poll(&pfd, 1, 20000) == 1 && pfd.revents == POLLERR);
	CHECK(poll(&pfd, 1, 20000) == 1 && pfd.revents == POLLERR);
	CHECK(epoll_wait(epfd, &ev, 1, 20000) == 1 && ev.events == EPOLLERR);
	strcpy(req.nr_name, "vale0:orphan");
	CHECK(ioctl(p.fd, NIOCGINFO, &req) < 0);
	pt_close(&p);
	return 0;
}
