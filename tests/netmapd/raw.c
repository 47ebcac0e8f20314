/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See raw.h.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "engine/plane/layout.h"
#include "tests/netmapd/raw.h"

int raw_server_start(struct raw_server *s, const char *netmapd,
		     const char *arg)
{
	struct raw r;
	int i;

	snprintf(s->dir, sizeof(s->dir), "/tmp/netmapd-test-XXXXXX");
	if (!mkdtemp(s->dir))
		return -1;
	snprintf(s->path, sizeof(s->path), "%s/sock", s->dir);
	s->pid = fork();
	if (s->pid < 0)
		return -1;
	if (!s->pid) {
		execl(netmapd, netmapd, "--foreground", "--log-level", "error",
		      "--socket", s->path, arg, (char *)NULL);
		_exit(127);
	}
	for (i = 0; i < 500; i++) {
		if (!raw_connect(&r, s)) {
			raw_close(&r);
			return 0;
		}
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
			break;
		usleep(10000);
	}
	return -1;
}

int raw_server_stop(struct raw_server *s)
{
	char lock[120];
	int status;

	kill(s->pid, SIGTERM);
	if (waitpid(s->pid, &status, 0) != s->pid)
		return -1;
	snprintf(lock, sizeof(lock), "%s.lock", s->path);
	unlink(lock);
	if (rmdir(s->dir))	/* it left its socket behind */
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int raw_connect(struct raw *r, const struct raw_server *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	r->n_fds = 0;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", s->path);
	r->sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (r->sock < 0)
		return -1;
	if (!connect(r->sock, (struct sockaddr *)&a, sizeof(a)))
		return 0;
	close(r->sock);
	r->sock = -1;
	return -1;
}

void raw_drop_fds(struct raw *r)
{
	while (r->n_fds)
		close(r->fd[--r->n_fds]);
}

void raw_close(struct raw *r)
{
	raw_drop_fds(r);
	if (r->sock >= 0)
		close(r->sock);
	r->sock = -1;
}

int raw_send(struct raw *r, const void *msg, size_t len)
{
	return send(r->sock, msg, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -1;
}

long raw_recv(struct raw *r)
{
	char control[CMSG_SPACE(NM_WIRE_MAX_FDS * sizeof(int))];
	struct iovec iov = { .iov_base = &r->m, .iov_len = sizeof(r->m) };
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct pollfd pf = { .fd = r->sock, .events = POLLIN };
	struct cmsghdr *c;
	ssize_t n;

	raw_drop_fds(r);
	if (poll(&pf, 1, 5000) != 1)
		return -1;
	n = recvmsg(r->sock, &mh, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -1;
	for (c = CMSG_FIRSTHDR(&mh); c; c = CMSG_NXTHDR(&mh, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		r->n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(r->fd, CMSG_DATA(c), r->n_fds * sizeof(int));
	}
	return n;
}

int raw_call(struct raw *r, uint32_t type, size_t len)
{
	long n;

	r->m.hdr.magic = NM_WIRE_MAGIC;
	r->m.hdr.type = type;
	r->m.hdr.tag = ++r->tag;
	r->m.hdr.len = (uint32_t)(sizeof(r->m.hdr) + len);
	r->m.hdr.result = 0;
	if (raw_send(r, &r->m, r->m.hdr.len))
		return -EPIPE;
	n = raw_recv(r);
	if (n == 0)
		return -EPIPE;
	if (n < (long)sizeof(r->m.hdr) || r->m.hdr.len != (uint32_t)n ||
	    r->m.hdr.type != type || r->m.hdr.tag != r->tag ||
	    r->m.hdr.magic != NM_WIRE_MAGIC)
		return -EPROTO;
	return r->m.hdr.result;
}

int raw_hello(struct raw *r, uint32_t flags)
{
	memset(&r->m, 0, sizeof(r->m));
	r->m.u.hello.version = NM_WIRE_VERSION;
	r->m.u.hello.plane_version = NM_PLANE_VERSION;
	r->m.u.hello.flags = flags;
	return raw_call(r, NM_WIRE_HELLO, sizeof(r->m.u.hello));
}

int raw_register(struct raw *r, const char *name)
{
	struct nm_reqbuf *rb = &r->m.u.ctrl.rb;
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };

	memset(&r->m, 0, sizeof(r->m));
	rb->hdr.nr_version = NETMAP_API;
	rb->hdr.nr_reqtype = NETMAP_REQ_REGISTER;
	rb->hdr.nr_body = 1;
	snprintf(rb->hdr.nr_name, sizeof(rb->hdr.nr_name), "%s", name);
	memcpy(rb->data, &reg, sizeof(reg));
	rb->body_len = sizeof(reg);
	rb->data_len = sizeof(reg);
	return raw_call(r, NM_WIRE_CTRL, sizeof(r->m.u.ctrl));
}
