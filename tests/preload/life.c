/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a descriptor: dup, fork, exec, close and munmap in any order,
 * regions and ports shared, and what a descriptor answers to wrong questions.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/preload/pt.h"

#define FRAMES	300u

static char **args;

static void receiver(void *arg)
{
	struct pt_port p;

	pt_ctrl(&p, pt_name("vale%d:p}1"), NR_REG_ALL_NIC, 0, 0, NULL);
	pt_ready();
	pt_recv(&p, 0, FRAMES, PT_POLL);
	pt_close(&p);
}

static void sender(struct pt_port *p)
{
	pt_ctrl(p, pt_name("vale%d:p{1"), NR_REG_ALL_NIC, 0, 0, NULL);
}

static void after_dup(void)
{
	pid_t pid = pt_fork(receiver, NULL);
	struct pt_port p;
	int first;

	sender(&p);
	first = p.fd;
	p.fd = dup(first);
	CHECK(p.fd >= 0);
	CHECK(close(first) == 0);
	pt_send(&p, 0, 100, PT_POLL);
	/* The old number is the program's to use for something else. */
	CHECK(dup2(STDOUT_FILENO, first) == first);
	CHECK(ioctl(first, NIOCTXSYNC, NULL) < 0);
	CHECK(dup2(p.fd, first) == first);
	close(p.fd);
	p.fd = fcntl(first, F_DUPFD, 50);
	CHECK(p.fd >= 50);
	close(first);
	pt_send(&p, 100, FRAMES - 100, PT_EPOLL);
	pt_join(pid);
	pt_close(&p);
}

static void after_fork(void)
{
	pid_t pid = pt_fork(receiver, NULL), child;
	struct pt_port p;

	sender(&p);
	pt_send(&p, 0, 100, PT_POLL);
	child = fork();
	CHECK(child >= 0);
	if (!child) {
		pt_send(&p, 100, 100, PT_POLL);
		pt_close(&p);
		_exit(0);
	}
	pt_join(child);
	pt_send(&p, 200, FRAMES - 200, PT_POLL);
	pt_join(pid);
	pt_close(&p);
}

/* In the program that was started: the descriptor is all there is. */
static int inherited(int fd)
{
	struct nmreq req;
	struct pt_port p;
	struct stat st;

	memset(&p, 0, sizeof(p));
	p.fd = fd;
	p.epfd = -1;
	/* The port is bound, and says so: no second bind. */
	memset(&req, 0, sizeof(req));
	req.nr_version = NETMAP_API;
	snprintf(req.nr_name, sizeof(req.nr_name), "%s", args[2]);
	CHECK(fstat(fd, &st) == 0 && S_ISCHR(st.st_mode));
	CHECK(ioctl(fd, NIOCREGIF, &req) < 0 && errno == EBUSY);
	p.size = strtoul(args[3], NULL, 0);
	p.mem = mmap(NULL, p.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p.mem != MAP_FAILED);
	p.nifp = NETMAP_IF(p.mem, strtoul(args[4], NULL, 0));
	p.tx1 = p.rx1 = 1;
	pt_send(&p, 0, FRAMES, PT_POLL);
	/* What is published is delivered, whoever goes away. */
	pt_close(&p);
	return 0;
}

static void start_program(struct pt_port *p, int by_vfork)
{
	char fd[16], size[32], ofs[32];
	pid_t pid;

	snprintf(fd, sizeof(fd), "%d", p->fd);
	snprintf(size, sizeof(size), "%zu", p->size);
	snprintf(ofs, sizeof(ofs), "%zu", (char *)p->nifp - p->mem);
	fflush(stdout);
	pid = by_vfork ? vfork() : fork();
	if (!pid) {
		execl(args[0], args[0], "--inherited", "x", size, ofs, fd, NULL);
		_exit(127);
	}
	pt_join(pid);
}

static void over_exec(int by_vfork)
{
	pid_t pid = pt_fork(receiver, NULL);
	struct pt_port p;

	sender(&p);
	CHECK((fcntl(p.fd, F_GETFD) & FD_CLOEXEC) == 0);
	start_program(&p, by_vfork);
	pt_join(pid);
	/* Ours still works. */
	CHECK(ioctl(p.fd, NIOCTXSYNC, NULL) == 0);
	pt_close(&p);
}

static void after_exec(void)
{
	over_exec(0);
}

static void after_vfork(void)
{
	over_exec(1);
}

/* Return 0 or the errno of binding @name exclusively. */
static int try_exclusive(const char *name)
{
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC,
				      .nr_flags = NR_EXCLUSIVE };
	struct nmreq_header hdr = { .nr_version = NETMAP_API,
				    .nr_reqtype = NETMAP_REQ_REGISTER,
				    .nr_body = (uintptr_t)&reg };
	int fd = pt_dev(), error = 0;

	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "%s", name);
	if (ioctl(fd, NIOCCTRL, &hdr) < 0)
		error = errno;
	CHECK(close(fd) == 0);
	return error;
}

static void bound_while_mapped(void)
{
	const char *name = pt_name("vale%d:x");
	size_t page = sysconf(_SC_PAGESIZE);
	struct pt_port p;
	int i;

	pt_ctrl(&p, name, NR_REG_ALL_NIC, 0, NR_EXCLUSIVE, NULL);
	CHECK(try_exclusive(name) == EBUSY);
	CHECK(close(p.fd) == 0);
	CHECK(try_exclusive(name) == EBUSY);
	/* Half of it, a hole, and something else mapped over a part. */
	CHECK(munmap(p.mem + p.size / 2 / page * page,
		     p.size - p.size / 2 / page * page) == 0);
	CHECK(munmap(p.mem + page, page) == 0);
	CHECK(mmap(p.mem + 2 * page, page, PROT_READ, MAP_PRIVATE |
		   MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED);
	CHECK(try_exclusive(name) == EBUSY);
	CHECK(munmap(p.mem, p.size) == 0);
	for (i = 0; i < 1000 && try_exclusive(name); i++)
		usleep(5000);
	CHECK(try_exclusive(name) == 0);
}

static void one_region(void)
{
	struct pt_port a, b;

	pt_ctrl(&a, pt_name("vale%d:p{1"), NR_REG_ALL_NIC, 0, 0, NULL);
	pt_ctrl(&b, pt_name("vale%d:p}1"), NR_REG_ALL_NIC, 0, 0, &a);
	pt_send(&a, 0, 100, PT_POLL);
	pt_recv(&b, 0, 100, PT_POLL);
	pt_send(&b, 0, 100, PT_POLL);
	pt_recv(&a, 0, 100, PT_EPOLL);
	/* The region lives by the mapping, not by who mapped it. */
	CHECK(close(a.fd) == 0);
	pt_send(&b, 0, 10, PT_POLL);
	CHECK(close(b.fd) == 0);
	CHECK(munmap(a.mem, a.size) == 0);
}

/* --- threads ---------------------------------------------------------------- */

static void *ring_sender(void *arg)
{
	struct pt_port *p = arg;

	pt_send(p, p->tx0 * 200, 200, p->tx0 ? PT_SELECT : PT_POLL);
	return NULL;
}

static void threads_receiver(void *arg)
{
	uint8_t seen[400] = { 0 };
	struct pt_port p;
	uint32_t got = 0;

	pt_legacy(&p, pt_name("vale%d:rx"));
	pt_ready();
	while (got < 400) {
		pt_wait(&p, POLLIN, PT_POLL);
		got += pt_take(&p, seen, 400);
	}
	pt_close(&p);
}

static void two_threads(void)
{
	pid_t pid = pt_fork(threads_receiver, NULL);
	const char *name = pt_name("vale%d:tx");
	struct pt_port p[2];
	pthread_t t[2];
	int i;

	for (i = 0; i < 2; i++)
		pt_ctrl(&p[i], name, NR_REG_ONE_NIC, i, 0, NULL);
	for (i = 0; i < 2; i++)
		CHECK(!pthread_create(&t[i], NULL, ring_sender, &p[i]));
	for (i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	pt_join(pid);
	for (i = 0; i < 2; i++)
		pt_close(&p[i]);
}

/* --- questions --------------------------------------------------------------- */

static void refusals(void)
{
	struct pollfd pfd = { .events = POLLIN | POLLOUT };
	struct pt_port p;
	const int flags = O_ACCMODE | O_NONBLOCK | O_APPEND | O_ASYNC;
	int fd = pt_dev(), type, on = 1;
	socklen_t len = sizeof(type);
	char c;

	CHECK(ioctl(fd, 0x1234, &c) < 0 && errno == EOPNOTSUPP);
	CHECK(ioctl(fd, NIOCREGIF, NULL) < 0 && errno == EINVAL);
	CHECK(ioctl(fd, NIOCCTRL, NULL) < 0 && errno == EINVAL);
	CHECK(ioctl(fd, NIOCREGIF, (void *)8) < 0 && errno == EFAULT);
	CHECK(ioctl(fd, NIOCTXSYNC, NULL) < 0 && errno == ENXIO);
	CHECK(read(fd, &c, 1) < 0 && errno == EINVAL);
	CHECK(write(fd, "x", 1) < 0 && errno == EINVAL);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED &&
	      errno == EINVAL);
	CHECK(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 &&
	      errno == ENOTSOCK);
	pfd.fd = fd;
	CHECK(poll(&pfd, 1, 1000) == 1 && pfd.revents == POLLERR);
	/* O_LARGEFILE may be there, too, under a value of the kernel's own */
	CHECK((fcntl(fd, F_GETFL) & flags) == O_RDWR);
	CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	CHECK((fcntl(fd, F_GETFL) & flags) == (O_RDWR | O_NONBLOCK));
	CHECK(ioctl(fd, FIONBIO, &on) == 0);
	CHECK(close(fd) == 0);
	CHECK(close(fd) < 0 && errno == EBADF);
	/* With O_NONBLOCK set a bind waits for its answer all the same. */
	pt_legacy(&p, pt_name("vale%d:x"));
	CHECK(fcntl(p.fd, F_SETFL, O_NONBLOCK) == 0);
	CHECK(mmap(NULL, p.size + 4096, PROT_READ, MAP_SHARED, p.fd, 0) ==
	      MAP_FAILED && errno == EINVAL);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, p.fd, p.size) ==
	      MAP_FAILED && errno == EINVAL);
	pt_close(&p);
}

static void probing(void)
{
	struct stat st;
	int fd;

	CHECK(access("/dev/netmap", R_OK | W_OK) == 0);
	CHECK(stat("/dev/netmap", &st) == 0 && S_ISCHR(st.st_mode));
	CHECK(lstat("/dev/netmap", &st) == 0 && S_ISCHR(st.st_mode));
	CHECK(fstatat(AT_FDCWD, "/dev/netmap", &st, 0) == 0);
	fd = openat(AT_FDCWD, "/dev/netmap", O_RDWR | O_CLOEXEC);
	CHECK(fd >= 0 && fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK(fstat(fd, &st) == 0 && S_ISCHR(st.st_mode));
	close(fd);
	CHECK(stat("/dev/netmap0", &st) < 0 && errno == ENOENT);
}

/* A daemon closes what it does not know: our connections are not its. */
static void closes_everything(void)
{
	pid_t pid = pt_fork(receiver, NULL);
	struct pt_port p;
	int fd;

	sender(&p);
	pt_send(&p, 0, 10, PT_POLL);
	for (fd = 3; fd < 5000; fd++)
		if (fd != p.fd)
			close(fd);
	pt_send(&p, 10, 90, PT_POLL);
	close_range(p.fd + 1, ~0u, 0);
	pt_send(&p, 100, FRAMES - 100, PT_POLL);
	pt_join(pid);
	pt_close(&p);
}

int main(int argc, char **argv)
{
	static const struct pt_test tests[] = {
		{ "dup, dup2, F_DUPFD, the first number reused", after_dup },
		{ "fork: parent and child send on one port", after_fork },
		{ "exec: the descriptor is inherited", after_exec },
		{ "vfork and exec", after_vfork },
		{ "close before munmap: the port stays bound", bound_while_mapped },
		{ "two descriptors, one mapping", one_region },
		{ "two threads, one ring each", two_threads },
		{ "refusals and errno", refusals },
		{ "access, stat, openat", probing },
		{ "all other descriptors closed", closes_everything },
		{ NULL, NULL },
	};

	args = argv;
	if (argc == 6 && !strcmp(argv[1], "--inherited"))
		return inherited(atoi(argv[5]));
	return pt_main(argc, argv, "life", tests);
}
