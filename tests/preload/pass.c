/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nothing is netmap's here, and everything must be as it was without us.
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/preload/pt.h"

static void files(void)
{
	char path[] = "/tmp/netmap-pass-XXXXXX", c[2];
	int fd = mkstemp(path), fd2;
	struct stat st;
	char *m;

	CHECK(fd >= 0 && write(fd, "ab", 2) == 2);
	CHECK(fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 2);
	CHECK(ftruncate(fd, 8192) == 0);
	m = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(m != MAP_FAILED && m[0] == 'a' && m[1] == 'b');
	CHECK(munmap(m, 8192) == 0);
	fd2 = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(fd2 >= 0 && read(fd2, c, 2) == 2 && c[1] == 'b');
	CHECK((fcntl(fd2, F_GETFL) & O_ACCMODE) == O_RDONLY);
	CHECK(dup2(fd, fd2) == fd2 && (fcntl(fd2, F_GETFL) & O_ACCMODE) == O_RDWR);
	CHECK(unlink(path) == 0 && access(path, F_OK) < 0 && errno == ENOENT);
	CHECK(stat(path, &st) < 0 && errno == ENOENT);
	CHECK(open(path, O_RDWR) < 0 && errno == ENOENT);
	CHECK(ioctl(fd, NIOCREGIF, c) < 0 && errno == ENOTTY);
	close(fd);
	close(fd2);
	CHECK(close(fd2) < 0 && errno == EBADF);
	CHECK(poll(NULL, 0, 10) == 0);
	fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	CHECK(fd < 0 || (fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0600));
}

static void waiting(void)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = ~0ull };
	struct pollfd p[2];
	struct timeval tv = { 0, 20000 };
	int fds[2], epfd = epoll_create1(EPOLL_CLOEXEC);
	fd_set in;

	CHECK(pipe(fds) == 0);
	p[0] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = fds[1], .events = POLLOUT };
	CHECK(poll(p, 2, 1000) == 1 && !p[0].revents && p[1].revents == POLLOUT);
	CHECK(epoll_ctl(epfd, EPOLL_CTL_ADD, fds[0], &ev) == 0);
	CHECK(epoll_wait(epfd, &ev, 1, 20) == 0);
	FD_ZERO(&in);
	FD_SET(fds[0], &in);
	CHECK(select(fds[0] + 1, &in, NULL, NULL, &tv) == 0);
	CHECK(write(fds[1], "x", 1) == 1);
	CHECK(epoll_wait(epfd, &ev, 1, 1000) == 1 && ev.data.u64 == ~0ull);
	FD_SET(fds[0], &in);
	CHECK(select(fds[0] + 1, &in, NULL, NULL, NULL) == 1);
	close(fds[0]);
	p[0].fd = 999;
	CHECK(poll(p, 1, 0) == 1 && p[0].revents == POLLNVAL);
	CHECK(epoll_ctl(epfd, EPOLL_CTL_ADD, fds[0], &ev) < 0 && errno == EBADF);
	CHECK(epoll_wait(epfd, &ev, 0, 0) < 0 && errno == EINVAL);
	CHECK(epoll_wait(fds[1], &ev, 1, 0) < 0 && errno == EINVAL);
}

/* A stranger's SOCK_SEQPACKET connection must not be spoken on. */
static void strangers(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int l = socket(AF_UNIX, SOCK_SEQPACKET, 0), c, s, type;
	socklen_t len = sizeof(type);
	struct pollfd p;
	char buf[64];

	snprintf(a.sun_path, sizeof(a.sun_path), "/tmp/netmap-pass-%d",
		 getpid());
	CHECK(bind(l, (struct sockaddr *)&a, sizeof(a)) == 0);
	CHECK(listen(l, 1) == 0);
	c = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	CHECK(connect(c, (struct sockaddr *)&a, sizeof(a)) == 0);
	s = accept(l, NULL, NULL);
	CHECK(s >= 0 && unlink(a.sun_path) == 0);
	p = (struct pollfd){ .fd = c, .events = POLLIN };
	CHECK(poll(&p, 1, 10) == 0);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, c, 0) == MAP_FAILED &&
	      errno == ENODEV);
	CHECK(ioctl(c, NIOCREGIF, buf) < 0);
	CHECK(getsockopt(c, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	      type == SOCK_SEQPACKET);
	CHECK(recv(s, buf, sizeof(buf), MSG_DONTWAIT) < 0 && errno == EAGAIN);
	CHECK(write(s, "hi", 2) == 2 && read(c, buf, 2) == 2);
}

static void children(void)
{
	int status, fds[2];
	pid_t pid;
	char c;

	CHECK(pipe(fds) == 0);
	pid = vfork();
	if (!pid) {
		dup2(fds[1], 1);
		close(fds[0]);
		execl("/bin/sh", "sh", "-c", "echo y; exit 3", NULL);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3);
	CHECK(read(fds[0], &c, 1) == 1 && c == 'y');
}

int main(int argc, char **argv)
{
	static const struct pt_test tests[] = {
		{ "files", files },
		{ "poll, select, epoll", waiting },
		{ "somebody else's seqpacket socket", strangers },
		{ "vfork, exec, redirection", children },
		{ NULL, NULL },
	};

	return pt_main(argc, argv, "pass", tests);
}
