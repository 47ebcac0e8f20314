/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ioctl, and what a netmap descriptor refuses: read, write, and being asked
 * whether it is a socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <net/netmap_user.h>
#include "preload/desc.h"
#include "preload/home.h"
#include "preload/real.h"

static bool is_netmap_request(unsigned int request)
{
	switch (request) {
	case NIOCCTRL:
	case NIOCREGIF:
	case NIOCGINFO:
	case NIOCTXSYNC:
	case NIOCRXSYNC:
	case NIOCCONFIG:
		return true;
	default:
		return false;
	}
}

static int sync_rings(struct pl_desc *d, bool tx)
{
	int error = nm_session_sync(d->f.s, tx);

	__atomic_add_fetch(&d->f.syncs, 1, __ATOMIC_RELAXED);
	/* A ring that had to be re-initialised is not an error here. */
	if (error && error != -ERANGE) {
		errno = -error;
		return -1;
	}
	return 0;
}

static int netmap_ioctl(struct pl_desc *d, int fd, unsigned int request,
			void *arg)
{
	int r;

	switch (request) {
	case NIOCTXSYNC:
	case NIOCRXSYNC:
		return sync_rings(d, request == NIOCTXSYNC);
	case FIOCLEX:
	case FIONCLEX:
		return pl_real()->ioctl(fd, request, arg);
	case FIONBIO:
		if (!arg) {
			errno = EFAULT;
			return -1;
		}
		__atomic_store_n(&d->f.flags, *(int *)arg ? O_NONBLOCK : 0,
				 __ATOMIC_RELAXED);
		return 0;
	default:
		r = nm_client_ioctl(d->f.anchor, request, arg);
		if (r < 0 && pl_verbose())
			pl_complain("ioctl");
		return r;
	}
}

PL_EXPORT int ioctl(int fd, unsigned long request, ...)
{
	/* Programs that keep a request in an int pass it sign-extended. */
	unsigned int req = request;
	PL_SCOPED struct pl_desc *d = NULL;
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	d = is_netmap_request(req) ? pl_get_file(fd) : pl_get(fd, PL_FILE);
	if (!d)
		return pl_real()->ioctl(fd, request, arg);
	return netmap_ioctl(d, fd, req, arg);
}

/* Is @fd netmap's?  Then errno is what these calls fail with. */
static bool is_netmap(int fd)
{
	struct pl_desc *d = pl_get(fd, PL_FILE);

	if (!d)
		return false;
	pl_put(d);
	errno = EINVAL;
	return true;
}

PL_EXPORT ssize_t read(int fd, void *buf, size_t len)
{
	return is_netmap(fd) ? -1 : pl_real()->read(fd, buf, len);
}

PL_EXPORT ssize_t write(int fd, const void *buf, size_t len)
{
	return is_netmap(fd) ? -1 : pl_real()->write(fd, buf, len);
}

PL_EXPORT ssize_t readv(int fd, const struct iovec *iov, int n)
{
	return is_netmap(fd) ? -1 : pl_real()->readv(fd, iov, n);
}

PL_EXPORT ssize_t writev(int fd, const struct iovec *iov, int n)
{
	return is_netmap(fd) ? -1 : pl_real()->writev(fd, iov, n);
}

PL_EXPORT int getsockopt(int fd, int level, int name, void *val,
			 socklen_t *len)
{
	PL_SCOPED struct pl_desc *d = pl_get_file(fd);

	if (!d)
		return pl_real()->getsockopt(fd, level, name, val, len);
	errno = ENOTSOCK;
	return -1;
}

/* Descriptors arrive here: whatever had the number before is forgotten. */
PL_EXPORT ssize_t recvmsg(int fd, struct msghdr *mh, int flags)
{
	ssize_t n = pl_real()->recvmsg(fd, mh, flags);
	struct cmsghdr *c;
	size_t k, have;
	int got;

	if (n < 0 || !mh->msg_controllen)
		return n;
	for (c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		have = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (k = 0; k < have; k++) {
			got = ((int *)CMSG_DATA(c))[k];
			pl_forget(got);
		}
	}
	return n;
}
