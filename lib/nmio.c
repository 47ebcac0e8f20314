/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmio: which home does a descriptor live in, and the call that goes there.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>
#include "lib/client.h"
#include "lib/nmio.h"
#include "lib/nmio_kernel.h"

static __thread char sentence[320];

const char *nmio_error(void)
{
	return sentence;
}

int nm_client_fail(int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	return -err;
}

static bool is_session(int fd)
{
	struct nm_session *s = nm_session_find(fd);

	nm_session_put(s);
	return s != NULL;
}

/* Return 0 and the home asked for by the environment; -1 when unknown. */
static int home_of_environment(enum nmio_home *home)
{
	const char *e = secure_getenv("NETMAP_HOME");

	if (!e || !e[0] || !strcasecmp(e, "auto"))
		return 0;
	if (!strcasecmp(e, "kernel"))
		*home = NMIO_HOME_KERNEL;
	else if (!strcasecmp(e, "user"))
		*home = NMIO_HOME_USER;
	else
		return -1;
	return 0;
}

int nmio_open(enum nmio_home home)
{
	int fd;

	sentence[0] = '\0';
	if (home == NMIO_HOME_AUTO && home_of_environment(&home)) {
		errno = -nm_client_fail(EINVAL, "NETMAP_HOME is \"%s\"; use kernel, user or auto",
					getenv("NETMAP_HOME"));
		return -1;
	}
	if (home == NMIO_HOME_KERNEL)
		return nmio_kernel_open(sentence, sizeof(sentence));
	if (home == NMIO_HOME_AUTO) {
		fd = nmio_kernel_open(NULL, 0);
		if (fd >= 0)
			return fd;
	}
	return nm_client_open();
}

int nmio_close(int fd)
{
	sentence[0] = '\0';
	return is_session(fd) ? nm_client_close(fd) : nmio_kernel_close(fd);
}

int nmio_adopt(int fd)
{
	sentence[0] = '\0';
	if (nmio_kernel_owns(fd))
		return 0;
	return nm_client_adopt(fd);
}

int nmio_ioctl(int fd, unsigned long request, void *arg)
{
	bool sync = request == NIOCTXSYNC || request == NIOCRXSYNC;

	sentence[0] = '\0';
	/* a sync takes the number for what it was when we last looked */
	return (sync ? nm_session_exists(fd) : is_session(fd)) ?
		nm_client_ioctl(fd, request, arg) :
		nmio_kernel_ioctl(fd, request, arg);
}

void *nmio_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t ofs)
{
	sentence[0] = '\0';
	return is_session(fd) ?
		nm_client_mmap(addr, len, prot, flags, fd, ofs) :
		nmio_kernel_mmap(addr, len, prot, flags, fd, ofs);
}

int nmio_munmap(void *addr, size_t len)
{
	return munmap(addr, len);
}

int nmio_poll(struct pollfd *fds, nfds_t nfds, int timeout_ms)
{
	return nm_client_poll(fds, nfds, timeout_ms);
}

uint64_t nmio_region_of(int fd)
{
	struct nm_session *s = nm_session_get(fd);
	uint64_t ino = s ? s->region_ino : 0;

	nm_session_put(s);
	return ino;
}

enum nmio_home nmio_home_of(int fd)
{
	return is_session(fd) ? NMIO_HOME_USER : NMIO_HOME_KERNEL;
}
