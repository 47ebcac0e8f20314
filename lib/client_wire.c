/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One message, one reply; see lib/wire.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/client.h"

static int send_message(int sock, struct nm_wire *m, uint32_t type, size_t len,
			uint16_t tag, int flags)
{
	ssize_t n;

	m->hdr.magic = NM_WIRE_MAGIC;
	m->hdr.type = type;
	m->hdr.tag = tag;
	m->hdr.result = 0;
	m->hdr.len = sizeof(m->hdr) + len;
	do {
		n = send(sock, m, m->hdr.len, MSG_NOSIGNAL | flags);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EPIPE ? -ECONNRESET : -errno;
	return 0;
}

static void take_fds(struct msghdr *mh, int *fds, uint32_t *n_fds)
{
	uint32_t max = n_fds ? *n_fds : 0, n = 0, k, have;
	struct cmsghdr *c;
	int got[NM_WIRE_MAX_FDS];

	for (c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		have = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(got, CMSG_DATA(c), have * sizeof(int));
		for (k = 0; k < have; k++) {
			if (n < max)
				fds[n++] = got[k];
			else
				close(got[k]);
		}
	}
	if (n_fds)
		*n_fds = n;
}

static int recv_message(int sock, struct nm_wire *m, int *fds, uint32_t *n_fds)
{
	char control[CMSG_SPACE(NM_WIRE_MAX_FDS * sizeof(int))];
	struct iovec iov = { .iov_base = m, .iov_len = sizeof(*m) };
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t n;

	do {
		n = recvmsg(sock, &mh, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	take_fds(&mh, fds, n_fds);
	if (n == 0)
		return -ECONNRESET;
	if ((size_t)n < sizeof(m->hdr) || m->hdr.magic != NM_WIRE_MAGIC ||
	    m->hdr.len != (size_t)n)
		return -EPROTO;
	return 0;
}

/*
 * One process at a time.  The lock is the process's, so that it goes when the
 * process does, and it does not keep out other threads: they have s->lock.
 * What it waits for is short; a circle that the kernel sees is none of ours,
 * because a thread has one of these locks at most.
 */
static void lock_socket(int sock, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_len = 1 };

	while (fcntl(sock, F_SETLKW, &l) < 0)
		if (errno == EDEADLK)
			usleep(1000);
		else if (errno != EINTR)
			return;
}

/* Different from what others put on their requests, as well as can be. */
static uint16_t new_tag(void)
{
	static uint32_t last;
	uint32_t n = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);

	return (getpid() * 40503u + n) & 0xffff;
}

int nm_wire_call(int sock, struct nm_wire *m, uint32_t type, size_t len,
		 int *fds, uint32_t *n_fds)
{
	/* a server of another release is not to stumble over the greeting */
	uint16_t tag = type == NM_WIRE_HELLO ? 0 : new_tag();
	uint32_t n, k;
	int error;

	lock_socket(sock, F_WRLCK);
	error = send_message(sock, m, type, len, tag, 0);
	while (!error) {
		n = n_fds ? *n_fds : 0;
		error = recv_message(sock, m, fds, n_fds ? &n : NULL);
		if (error || (m->hdr.type == type && m->hdr.tag == tag))
			break;
		for (k = 0; k < n; k++) {
			close(fds[k]);
			fds[k] = -1;
		}
	}
	lock_socket(sock, F_UNLCK);
	if (error)
		return error;
	if (n_fds)
		*n_fds = n;
	return m->hdr.result;
}

int nm_wire_tell(int sock, struct nm_wire *m, uint32_t type, size_t len)
{
	return send_message(sock, m, type, len, 0, MSG_DONTWAIT);
}

int nm_wire_hello(int sock, bool direct, struct nm_wire_hello *reply,
		  int fds[3])
{
	struct nm_wire *m = calloc(1, sizeof(*m));
	uint32_t n = 3;
	int error;

	if (!m)
		return -ENOMEM;
	fds[0] = fds[1] = fds[2] = -1;
	m->u.hello.version = NM_WIRE_VERSION;
	m->u.hello.plane_version = NM_PLANE_VERSION;
	m->u.hello.flags = direct ? 0 : NM_HELLO_NO_DIRECT;
	error = nm_wire_call(sock, m, NM_WIRE_HELLO, sizeof(m->u.hello), fds, &n);
	*reply = m->u.hello;
	free(m);
	if (error == -EPROTONOSUPPORT || (!error && reply->version != NM_WIRE_VERSION))
		error = nm_client_fail(EPROTONOSUPPORT,
				       "netmapd (pid %u, release %.31s) speaks protocol %u.%u, this library %u.%u: restart netmapd with the installed release",
				       reply->server_pid, reply->release,
				       reply->version, reply->plane_version,
				       NM_WIRE_VERSION, NM_PLANE_VERSION);
	else if (!error && n < 2)
		error = -EPROTO;
	if (error)
		for (n = 0; n < 3; n++)
			if (fds[n] >= 0)
				close(fds[n]);
	return error;
}
