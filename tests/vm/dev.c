/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only a real /dev/netmap does: user memory that is not there, pages of
 * a region in mappings, descriptors that travel, 32-bit callers.
 *
 * Tests in the manner of tests/preload, run in the guest with the others.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/preload/pt.h"

#define PAGE	4096u

static void header(struct nmreq_header *hdr, struct nmreq_register *reg,
		   const char *name)
{
	memset(hdr, 0, sizeof(*hdr));
	memset(reg, 0, sizeof(*reg));
	hdr->nr_version = NETMAP_API;
	hdr->nr_reqtype = NETMAP_REQ_REGISTER;
	hdr->nr_body = (uintptr_t)reg;
	snprintf(hdr->nr_name, sizeof(hdr->nr_name), "%s", name);
	reg->nr_mode = NR_REG_ALL_NIC;
}

static int refuse(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) < 0 ? errno : 0;
}

static void *one_page(int prot)
{
	void *p = mmap(NULL, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

/* --- user memory ------------------------------------------------------------ */

static void bad_pointers(void)
{
	struct nmreq_register reg;
	struct nmreq_header hdr;
	char *nothing = one_page(PROT_NONE);
	int fd = pt_dev();

	CHECK(refuse(fd, NIOCCTRL, nothing) == EFAULT);
	CHECK(refuse(fd, NIOCCTRL, (void *)-4096l) == EFAULT);
	CHECK(refuse(fd, NIOCGINFO, nothing) == EFAULT);
	CHECK(refuse(fd, NIOCCONFIG, nothing) == EFAULT);
	header(&hdr, &reg, pt_name("vale%d:x"));
	hdr.nr_body = (uintptr_t)nothing;
	CHECK(refuse(fd, NIOCCTRL, &hdr) == EFAULT);
	hdr.nr_body = 0;
	CHECK(refuse(fd, NIOCCTRL, &hdr) == EINVAL);
	hdr.nr_body = (uintptr_t)&reg;
	hdr.nr_options = (uintptr_t)nothing;
	CHECK(refuse(fd, NIOCCTRL, &hdr) == EFAULT);
	hdr.nr_options = 0;
	CHECK(refuse(fd, NIOCCTRL, &hdr) == 0);
	CHECK(refuse(fd, NIOCCTRL, &hdr) == EBUSY);
	close(fd);
}

/* A REGISTER that cannot be answered leaves nothing behind. */
static void read_only_answer(void)
{
	struct nmreq_register *reg = one_page(PROT_READ | PROT_WRITE);
	struct nmreq_register again;
	struct nmreq_header hdr;
	struct nmreq *old = one_page(PROT_READ | PROT_WRITE);
	struct pollfd pfd = { .events = POLLOUT };
	const char *name = pt_name("vale%d:x");
	int fd = pt_dev(), i;

	header(&hdr, reg, name);
	reg->nr_flags = NR_EXCLUSIVE;
	CHECK(mprotect(reg, PAGE, PROT_READ) == 0);
	for (i = 0; i < 3; i++)
		CHECK(refuse(fd, NIOCCTRL, &hdr) == EFAULT);
	old->nr_version = NETMAP_API;
	snprintf(old->nr_name, sizeof(old->nr_name), "%.15s", name);
	CHECK(mprotect(old, PAGE, PROT_READ) == 0);
	CHECK(refuse(fd, NIOCREGIF, old) == EFAULT);
	pfd.fd = fd;
	CHECK(poll(&pfd, 1, 0) == 1 && pfd.revents == POLLERR);
	CHECK(refuse(fd, NIOCTXSYNC, NULL) == ENXIO);
	header(&hdr, &again, name);
	again.nr_flags = NR_EXCLUSIVE;
	CHECK(refuse(fd, NIOCCTRL, &hdr) == 0);
	CHECK(refuse(fd, NIOCTXSYNC, NULL) == 0);
	close(fd);
}

static uint32_t received(struct pt_port *p)
{
	struct netmap_ring *r = NETMAP_RXRING(p->nifp, 0);
	uint32_t n;

	CHECK(ioctl(p->fd, NIOCRXSYNC, NULL) == 0);
	n = nm_ring_space(r);
	r->head = r->cur = r->tail;
	return n;
}

static void send_indirect(struct pt_port *p, void *from, uint16_t len)
{
	struct netmap_ring *r = NETMAP_TXRING(p->nifp, 0);
	struct netmap_slot *s = &r->slot[r->head];

	s->flags = NS_INDIRECT;
	s->ptr = (uintptr_t)from;
	s->len = len;
	r->head = r->cur = nm_ring_next(r, r->head);
	CHECK(ioctl(p->fd, NIOCTXSYNC, NULL) == 0);
}

/* A page of a file with a broadcast frame, which nobody has looked at yet. */
static char *absent_frame(void)
{
	char data[PAGE], *p;
	int fd = memfd_create("frame", MFD_CLOEXEC);

	memset(data, 0xff, sizeof(data));
	CHECK(fd >= 0 && write(fd, data, PAGE) == PAGE);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	close(fd);
	return p;
}

static void indirect(void)
{
	char *frame = one_page(PROT_READ | PROT_WRITE);
	struct pt_port tx, rx;
	pid_t pid;

	memset(frame, 0xff, 600);
	pt_ctrl(&tx, pt_name("vale%d:tx"), NR_REG_ALL_NIC, 0, 0, NULL);
	pt_ctrl(&rx, pt_name("vale%d:rx"), NR_REG_ALL_NIC, 0, 0, NULL);
	send_indirect(&tx, frame, 600);
	CHECK(received(&rx) == 1);
	/* not there yet: brought in */
	send_indirect(&tx, absent_frame(), 600);
	CHECK(received(&rx) == 1);
	/* not there at all: nothing goes out, and nothing else happens */
	send_indirect(&tx, one_page(PROT_NONE), 600);
	send_indirect(&tx, (void *)-600l, 600);
	CHECK(received(&rx) == 0);
	/* a child's memory is not the binder's */
	pid = fork();
	if (!pid) {
		send_indirect(&tx, frame, 600);
		_exit(0);
	}
	pt_join(pid);
	CHECK(received(&rx) == 0);
	pt_close(&tx);
	pt_close(&rx);
}

/* --- mappings --------------------------------------------------------------- */

static volatile char *touched;

static void touch(void)
{
	(void)*touched;
}

/* Does reading @at give SIGBUS? */
static int is_hole(volatile char *at)
{
	int status;
	pid_t pid;

	touched = at;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		touch();
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(status == 0 || (WIFSIGNALED(status) &&
			      WTERMSIG(status) == SIGBUS));
	return status != 0;
}

static void mappings(void)
{
	struct pt_port p;
	char *m, *to;

	pt_ctrl(&p, pt_name("vale%d:x"), NR_REG_ALL_NIC, 0, 0, NULL);
	CHECK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, p.fd, 0) ==
	      MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, p.fd, 1ll << 40) ==
	      MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, p.fd,
		   p.size - PAGE) == MAP_FAILED && errno == EINVAL);
	/* the end of the region has no objects */
	m = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, p.fd, p.size - PAGE);
	CHECK(m != MAP_FAILED && is_hole(m));
	CHECK(munmap(m, PAGE) == 0);
	CHECK(!is_hole(p.mem) && is_hole(p.mem + p.size - 1));
	/* from the middle, moved, shrunk, grown */
	m = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, p.fd,
		 ((char *)p.nifp - p.mem) / PAGE * PAGE);
	CHECK(m != MAP_FAILED);
	CHECK(!strcmp(((struct netmap_if *)(m + ((char *)p.nifp - p.mem) %
					    PAGE))->ni_name, p.nifp->ni_name));
	CHECK(munmap(m + PAGE, PAGE) == 0);
	to = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(mremap(m, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	CHECK(!strcmp(((struct netmap_if *)(to + ((char *)p.nifp - p.mem) %
					    PAGE))->ni_name, p.nifp->ni_name));
	CHECK(mremap(to, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED);
	CHECK(madvise(to, PAGE, MADV_DONTNEED) == 0 && !is_hole(to));
	CHECK(munmap(to, 4 * PAGE) == 0);
	pt_close(&p);
}

/* What leaves the region leaves everybody's mapping. */
static void released_pages(void)
{
	const char *name = pt_name("vale%d:b");
	struct pt_port a, b;
	char *ring;
	int i;

	pt_ctrl(&a, pt_name("vale%d:a"), NR_REG_ALL_NIC, 0, 0, NULL);
	for (i = 0; i < 20; i++) {
		pt_ctrl(&b, name, NR_REG_ALL_NIC, 0, 0, NULL);
		CHECK(a.mem_id == b.mem_id);
		ring = a.mem + ((char *)NETMAP_TXRING(b.nifp, 0) - b.mem);
		CHECK(((struct netmap_ring *)ring)->num_slots == 1024);
		/* both views are one memory, each time anew */
		NETMAP_TXRING(b.nifp, 0)->slot[5].ptr = i + 1;
		CHECK(((struct netmap_ring *)ring)->slot[5].ptr == i + 1u);
		pt_send(&b, 0, 10, PT_SYNC);
		CHECK(received(&a) == 10);
		pt_close(&b);
		CHECK(is_hole(ring));
	}
	pt_close(&a);
}

/* --- descriptors ------------------------------------------------------------ */

static void send_fd(int sock, int fd)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	char c = 'x';
	struct iovec iov = { &c, 1 };
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cm = CMSG_FIRSTHDR(&mh);

	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
	CHECK(sendmsg(sock, &mh, 0) == 1);
}

static int recv_fd(int sock)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char c;
	struct iovec iov = { &c, 1 };
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd;

	CHECK(recvmsg(sock, &mh, 0) == 1 && CMSG_FIRSTHDR(&mh));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&mh)), sizeof(fd));
	return fd;
}

static void passed_on(void)
{
	struct pt_port p, other;
	int sv[2], status;
	uint64_t ofs;
	pid_t pid;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		pt_ctrl(&p, pt_name("vale%d:p}1"), NR_REG_ALL_NIC, 0, 0, NULL);
		ofs = (char *)p.nifp - p.mem;
		send_fd(sv[1], p.fd);
		CHECK(write(sv[1], &ofs, sizeof(ofs)) == sizeof(ofs));
		CHECK(write(sv[1], &p.size, sizeof(p.size)) == sizeof(p.size));
		raise(SIGKILL);
	}
	memset(&p, 0, sizeof(p));
	p.fd = recv_fd(sv[0]);
	p.epfd = -1;
	CHECK(read(sv[0], &ofs, sizeof(ofs)) == sizeof(ofs));
	CHECK(read(sv[0], &p.size, sizeof(p.size)) == sizeof(p.size));
	CHECK(waitpid(pid, &status, 0) == pid && WTERMSIG(status) == SIGKILL);
	p.mem = mmap(NULL, p.size, PROT_READ | PROT_WRITE, MAP_SHARED, p.fd, 0);
	CHECK(p.mem != MAP_FAILED);
	p.nifp = NETMAP_IF(p.mem, ofs);
	p.rx1 = p.tx1 = 1;
	pt_ctrl(&other, pt_name("vale%d:p{1"), NR_REG_ALL_NIC, 0, 0, NULL);
	pt_send(&other, 0, 50, PT_POLL);
	pt_recv(&p, 0, 50, PT_POLL);
	pt_close(&other);
	pt_close(&p);
}

static void flood(void *arg)
{
	struct pt_port p;
	uint32_t i;

	pt_ctrl(&p, pt_name("vale%d:tx"), NR_REG_ALL_NIC, 0, NR_EXCLUSIVE, NULL);
	pt_ready();
	for (i = 0;; i++)
		pt_send(&p, i, 1, PT_POLL);
}

/* Senders that are killed at work; the receiver and the name are unharmed. */
static void killed(void)
{
	struct netmap_ring *r;
	struct pt_port rx;
	int i, status;
	pid_t pid;

	pt_ctrl(&rx, pt_name("vale%d:rx"), NR_REG_ALL_NIC, 0, 0, NULL);
	r = NETMAP_RXRING(rx.nifp, 0);
	for (i = 0; i < 30; i++) {
		pid = pt_fork(flood, NULL);
		pt_wait(&rx, POLLIN, PT_POLL);
		for (; !nm_ring_empty(r); r->head = r->cur =
		     nm_ring_next(r, r->head))
			pt_check((uint8_t *)NETMAP_BUF(r,
				 r->slot[r->head].buf_idx),
				 r->slot[r->head].len);
		CHECK(kill(pid, SIGKILL) == 0);
		CHECK(waitpid(pid, &status, 0) == pid &&
		      WTERMSIG(status) == SIGKILL);
		while (received(&rx))
			;
	}
	pt_close(&rx);
}

/* NR_PEER_HUP: a sleeper learns that the pipe's other end has closed. */
static void leave(void *arg)
{
	struct pt_port p;

	pt_ctrl(&p, pt_name("vale%d:p}1"), NR_REG_ALL_NIC, 0, 0, NULL);
	pt_ready();
	usleep(100000);
	pt_close(&p);
}

static void hung_up(void)
{
	struct pollfd pfd = { .events = POLLIN };
	struct pt_port p;
	pid_t pid;

	pt_ctrl(&p, pt_name("vale%d:p{1"), NR_REG_ALL_NIC, 0, NR_PEER_HUP, NULL);
	pid = pt_fork(leave, NULL);
	pfd.fd = p.fd;
	do {	/* until there is a peer, its end counts as closed */
		CHECK(poll(&pfd, 1, 10000) == 1);
	} while (!(pfd.revents & POLLHUP));
	pt_join(pid);
	CHECK(poll(&pfd, 1, 0) == 1 && pfd.revents & POLLHUP);
	pt_close(&p);
}

/* The old way into the kernel: what a 32-bit program uses. */
static void compat(void)
{
	int fd = pt_dev(), ret;

	__asm__ volatile("int $0x80" : "=a"(ret)
			 : "a"(54), "b"(fd), "c"(NIOCTXSYNC), "d"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	CHECK(ret == -EOPNOTSUPP);
	close(fd);
}

int main(int argc, char **argv)
{
	static const struct pt_test tests[] = {
		{ "pointers to nowhere", bad_pointers },
		{ "a bind that cannot be answered is undone", read_only_answer },
		{ "NS_INDIRECT: there, absent, forbidden, a child's", indirect },
		{ "mappings: holes, halves, moved, private", mappings },
		{ "released pages leave all mappings", released_pages },
		{ "a descriptor passed on by a dead opener", passed_on },
		{ "senders killed at work", killed },
		{ "NR_PEER_HUP: a sleeper sees the peer leave", hung_up },
		{ "32-bit callers are refused", compat },
		{ NULL, NULL },
	};

	return pt_main(argc, argv, "dev", tests);
}
