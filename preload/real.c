/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking up the real functions; see real.h.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "preload/real.h"

/* What may be called while we look up, without the C library's help. */
static int early_open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static int early_openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return syscall(SYS_openat, dir, path, flags, mode);
}

static int early_close(int fd)
{
	return syscall(SYS_close, fd);
}

static ssize_t early_read(int fd, void *buf, size_t len)
{
	return syscall(SYS_read, fd, buf, len);
}

static ssize_t early_write(int fd, const void *buf, size_t len)
{
	return syscall(SYS_write, fd, buf, len);
}

static void *early_mmap(void *addr, size_t len, int prot, int flags, int fd,
			off_t ofs)
{
	return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, ofs);
}

static int early_munmap(void *addr, size_t len)
{
	return syscall(SYS_munmap, addr, len);
}

struct pl_real pl_functions = {
	.open = early_open,
	.open64 = early_open,
	.openat = early_openat,
	.openat64 = early_openat,
	.close = early_close,
	.read = early_read,
	.write = early_write,
	.mmap = early_mmap,
	.mmap64 = early_mmap,
	.munmap = early_munmap,
};
bool pl_resolved;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static __thread bool resolving;

#define PL_LOOKUP(ret, name, args) { #name, offsetof(struct pl_real, name) },
static const struct {
	const char *name;
	size_t ofs;
} names[] = {
	PL_FUNCTIONS(PL_LOOKUP)
};
#undef PL_LOOKUP

static void lookup(void)
{
	struct pl_real found;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		*(void **)((char *)&found + names[i].ofs) =
			dlsym(RTLD_NEXT, names[i].name);
	pl_functions = found;
	__atomic_store_n(&pl_resolved, true, __ATOMIC_RELEASE);
}

void pl_resolve(void)
{
	if (resolving)
		return;		/* we come from inside dlsym() */
	resolving = true;
	pthread_once(&once, lookup);
	resolving = false;
}
