/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmio_kernel: the kernel home, a real /dev/netmap.
 *
 * Every call is the system call of the same name.  They exist so that the two
 * homes look alike to the dispatcher, and so that the two things that are not
 * plain, what to tell a user without the device and how to recognise a
 * descriptor that came from elsewhere, have a place.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <net/netmap_user.h>

#include "lib/nmio_kernel.h"

static const char *nmio_kernel_advice(int err)
{
	switch (err) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return "load the netmap module, or use user mode (NETMAP_HOME=user)";
	case EACCES:
	case EPERM:
		return "run as root or change the mode of the device, "
		       "or use user mode (NETMAP_HOME=user)";
	case EMFILE:
	case ENFILE:
		return "close some descriptors or raise the limit (ulimit -n)";
	default:
		return "see the kernel log";
	}
}

int nmio_kernel_open(char *why, size_t len)
{
	int fd = open(NETMAP_DEVICE_NAME, O_RDWR | O_CLOEXEC);
	int err = errno;

	if (fd < 0 && why && len)
		snprintf(why, len, "cannot open %s: %s; %s", NETMAP_DEVICE_NAME,
			 strerror(err), nmio_kernel_advice(err));
	errno = err;
	return fd;
}

/*
 * A character device that answers NIOCGINFO for the empty name with the size
 * of the global region.  Another driver that happens to accept the number
 * would have to fill in the same structure to be mistaken for netmap.
 */
bool nmio_kernel_owns(int fd)
{
	struct nmreq req;
	struct stat st;
	int saved = errno;
	bool owns;

	memset(&req, 0, sizeof(req));
	req.nr_version = NETMAP_API;
	owns = fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       ioctl(fd, NIOCGINFO, &req) == 0 && req.nr_memsize != 0;
	errno = saved;
	return owns;
}

int nmio_kernel_close(int fd)
{
	/* Linux has closed the descriptor also when it says EINTR. */
	if (close(fd) < 0 && errno == EBADF)
		return -1;
	return 0;
}

int nmio_kernel_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? -1 : 0;
}

void *nmio_kernel_mmap(void *addr, size_t len, int prot, int flags, int fd,
		       off_t ofs)
{
	return mmap(addr, len, prot, flags, fd, ofs);
}

int nmio_kernel_munmap(void *addr, size_t len)
{
	return munmap(addr, len);
}

int nmio_kernel_poll(struct pollfd *fds, nfds_t nfds, int timeout_ms)
{
	return poll(fds, nfds, timeout_ms);
}
