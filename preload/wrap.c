/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of the library objects inside the preload library.
 *
 * The linker sends what lib/ and os/user call by the names in PL_WRAPPED here
 * (--wrap), past the interposed functions.  On the way the descriptors that
 * they make for keeps are moved to high numbers and marked, so that a program
 * which closes or replaces numbers it thinks free does not cut the library's
 * connections.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "preload/desc.h"
#include "preload/real.h"

int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_socket(int domain, int type, int protocol);
ssize_t __wrap_recvmsg(int fd, struct msghdr *mh, int flags);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
int __wrap_poll(struct pollfd *fds, nfds_t nfds, int timeout);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_ioctl(int fd, unsigned long request, void *arg);
void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t ofs);
int __wrap_munmap(void *addr, size_t len);
int __wrap_getsockopt(int fd, int level, int name, void *val, socklen_t *len);
int __wrap_posix_spawnp(pid_t *pid, const char *file,
			const posix_spawn_file_actions_t *fa,
			const posix_spawnattr_t *attr, char *const argv[],
			char *const envp[]);
int __real_posix_spawnp(pid_t *pid, const char *file,
			const posix_spawn_file_actions_t *fa,
			const posix_spawnattr_t *attr, char *const argv[],
			char *const envp[]);

int __wrap_open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return pl_real()->open(path, flags, mode);
}

int __wrap_close(int fd)
{
	if (pl_slot(fd) == PL_PRIVATE)
		pl_install(fd, PL_UNKNOWN);
	return pl_real()->close(fd);
}

int __wrap_socket(int domain, int type, int protocol)
{
	int fd = pl_real()->socket(domain, type, protocol);

	return fd < 0 ? fd : pl_make_private(fd);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *mh, int flags)
{
	ssize_t n = pl_real()->recvmsg(fd, mh, flags);
	struct cmsghdr *c;
	size_t k, have;
	int *fds;

	if (n < 0)
		return n;
	for (c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		fds = (int *)CMSG_DATA(c);
		have = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (k = 0; k < have; k++)
			fds[k] = pl_make_private(fds[k]);
	}
	return n;
}

ssize_t __wrap_read(int fd, void *buf, size_t len)
{
	return pl_real()->read(fd, buf, len);
}

ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
	return pl_real()->write(fd, buf, len);
}

int __wrap_poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	return pl_real()->poll(fds, nfds, timeout);
}

int __wrap_fstat(int fd, struct stat *st)
{
	return pl_real()->fstat(fd, st);
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	return pl_real()->ioctl(fd, request, arg);
}

void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t ofs)
{
	return pl_real()->mmap(addr, len, prot, flags, fd, ofs);
}

int __wrap_munmap(void *addr, size_t len)
{
	return pl_real()->munmap(addr, len);
}

int __wrap_getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	return pl_real()->getsockopt(fd, level, name, val, len);
}

/* The server is started without LD_PRELOAD: it has no use for us. */
int __wrap_posix_spawnp(pid_t *pid, const char *file,
			const posix_spawn_file_actions_t *fa,
			const posix_spawnattr_t *attr, char *const argv[],
			char *const envp[])
{
	char **env;
	size_t n = 0, i;
	int error;

	while (envp[n])
		n++;
	env = calloc(n + 1, sizeof(*env));
	if (!env)
		return ENOMEM;
	for (i = 0, n = 0; envp[i]; i++)
		if (strncmp(envp[i], "LD_PRELOAD=", 11))
			env[n++] = envp[i];
	error = __real_posix_spawnp(pid, file, fa, attr, argv, env);
	free(env);
	return error;
}
