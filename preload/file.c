/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * open, close, dup and fcntl.
 *
 * The number that a program gets is a duplicate of the session's socket.  That
 * is all there is at the number, so that whatever the program does with it by
 * way of the kernel (exec, passing it over a socket) works as for any other
 * descriptor; the table says what it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include "preload/desc.h"
#include "preload/home.h"
#include "preload/real.h"

PL_EXPORT int __open_2(const char *path, int flags);
PL_EXPORT int __open64_2(const char *path, int flags);
PL_EXPORT int __openat_2(int dir, const char *path, int flags);
PL_EXPORT int __openat64_2(int dir, const char *path, int flags);
PL_EXPORT int fcntl64(int fd, int cmd, ...);

/* --- open ---------------------------------------------------------------- */

static int open_user(int flags)
{
	int saved = errno, fd;
	struct pl_desc *d = pl_open_session();

	if (!d) {
		pl_complain("cannot open /dev/netmap");
		return -1;
	}
	d->f.flags = flags & O_NONBLOCK;
	fd = pl_real()->fcntl(d->f.anchor, flags & O_CLOEXEC ?
			      F_DUPFD_CLOEXEC : F_DUPFD, 0);
	if (fd < 0) {
		pl_put(d);
		return -1;
	}
	if (pl_install(fd, d)) {
		pl_real()->close(fd);
		pl_put(d);
		errno = EMFILE;
		return -1;
	}
	errno = saved;
	return fd;
}

static int open_device(int flags)
{
	int fd;

	if (pl_try_kernel()) {
		fd = pl_real()->open("/dev/netmap", flags & ~O_CREAT);
		if (fd >= 0) {
			pl_install(fd, PL_ORDINARY);
			return fd;
		}
		if (!pl_try_user(errno))
			return -1;
	}
	return open_user(flags);
}

/* A number made by the kernel: what was known about it is out of date. */
static int fresh(int fd)
{
	if (fd >= 0)
		pl_forget(fd);
	return fd;
}

static mode_t mode_of(int flags, va_list ap)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ?
		va_arg(ap, mode_t) : 0;
}

PL_EXPORT int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	if (pl_is_device(path))
		return open_device(flags);
	return fresh(pl_real()->open(path, flags, mode));
}

PL_EXPORT int open64(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	if (pl_is_device(path))
		return open_device(flags);
	return fresh(pl_real()->open64(path, flags, mode));
}

PL_EXPORT int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	if (pl_is_device(path))
		return open_device(flags);
	return fresh(pl_real()->openat(dir, path, flags, mode));
}

PL_EXPORT int openat64(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	if (pl_is_device(path))
		return open_device(flags);
	return fresh(pl_real()->openat64(dir, path, flags, mode));
}

/* What the compiler calls with _FORTIFY_SOURCE. */
PL_EXPORT int __open_2(const char *path, int flags)
{
	return pl_is_device(path) ? open_device(flags) :
		fresh(pl_real()->__open_2(path, flags));
}

PL_EXPORT int __open64_2(const char *path, int flags)
{
	return pl_is_device(path) ? open_device(flags) :
		fresh(pl_real()->__open64_2(path, flags));
}

PL_EXPORT int __openat_2(int dir, const char *path, int flags)
{
	return pl_is_device(path) ? open_device(flags) :
		fresh(pl_real()->__openat_2(dir, path, flags));
}

PL_EXPORT int __openat64_2(int dir, const char *path, int flags)
{
	return pl_is_device(path) ? open_device(flags) :
		fresh(pl_real()->__openat64_2(dir, path, flags));
}

/* --- close --------------------------------------------------------------- */

PL_EXPORT int close(int fd)
{
	struct pl_desc *d = pl_slot(fd);

	if (d == PL_UNKNOWN || pl_is_foreign())
		return pl_real()->close(fd);
	if (d == PL_PRIVATE) {
		errno = EBADF;
		return -1;
	}
	/* First the table: after close() another thread may get the number. */
	pl_forget(fd);
	return pl_real()->close(fd);
}

/* Close [first, last] but for our own; the table was seen to. */
static int close_between(unsigned int first, unsigned int last, int flags)
{
	unsigned int fd, end = pl_top();
	int r = 0;

	for (fd = first; fd < end && fd <= last; fd++) {
		if (pl_slot(fd) != PL_PRIVATE)
			continue;
		if (fd > first)
			r |= pl_real()->close_range(first, fd - 1, flags);
		first = fd + 1;
	}
	if (first <= last)
		r |= pl_real()->close_range(first, last, flags);
	return r ? -1 : 0;
}

PL_EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	unsigned int fd, end = pl_top();

	if (!pl_real()->close_range) {
		errno = ENOSYS;
		return -1;
	}
	if (flags & CLOSE_RANGE_CLOEXEC || first > last || pl_is_foreign())
		return pl_real()->close_range(first, last, flags);
	for (fd = first; fd < end && fd <= last; fd++)
		if (pl_slot(fd) != PL_PRIVATE)
			pl_forget(fd);
	return close_between(first, last, flags);
}

PL_EXPORT void closefrom(int low)
{
	int fd, end = sysconf(_SC_OPEN_MAX);

	if (low < 0)
		low = 0;
	if (pl_real()->close_range && !close_range(low, ~0u, 0))
		return;
	for (fd = low; fd < end; fd++)
		close(fd);
}

/* --- dup ----------------------------------------------------------------- */

/* @to was made a duplicate of @from. */
static int duplicated(int from, int to)
{
	struct pl_desc *d = pl_get(from, PL_FILE);

	if (to < 0) {
		if (d)
			pl_put(d);
		return to;
	}
	if (!d)
		d = pl_get(from, PL_EPOLL);
	if (!d) {
		pl_forget(to);
		return to;
	}
	if (!pl_install(to, d))
		return to;
	pl_put(d);
	pl_real()->close(to);
	errno = EMFILE;
	return -1;
}

PL_EXPORT int dup(int fd)
{
	int to = pl_real()->dup(fd);

	return pl_is_foreign() ? to : duplicated(fd, to);
}

/* Our own numbers are not to be replaced; dup2(2) has an errno for it. */
static bool is_taken(int to)
{
	if (pl_slot(to) != PL_PRIVATE)
		return false;
	errno = EBUSY;
	return true;
}

PL_EXPORT int dup2(int from, int to)
{
	if (from == to || pl_is_foreign())
		return pl_real()->dup2(from, to);
	if (is_taken(to))
		return -1;
	return duplicated(from, pl_real()->dup2(from, to));
}

PL_EXPORT int dup3(int from, int to, int flags)
{
	if (from == to || pl_is_foreign())
		return pl_real()->dup3(from, to, flags);
	if (is_taken(to))
		return -1;
	return duplicated(from, pl_real()->dup3(from, to, flags));
}

/*
 * The flags of the open file are kept here and not in the socket, on which the
 * library exchanges messages and wants to wait for replies.
 */
static int file_fcntl(struct pl_desc *d, int fd, int cmd, void *arg)
{
	switch (cmd) {
	case F_GETFL:
		return O_RDWR | __atomic_load_n(&d->f.flags, __ATOMIC_RELAXED);
	case F_SETFL:
		__atomic_store_n(&d->f.flags, (int)(intptr_t)arg & O_NONBLOCK,
				 __ATOMIC_RELAXED);
		return 0;
	default:
		return pl_real()->fcntl(fd, cmd, arg);
	}
}

static int any_fcntl(int fd, int cmd, void *arg,
		     int (*real)(int, int, ...))
{
	PL_SCOPED struct pl_desc *d = NULL;

	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC) {
		int to = real(fd, cmd, arg);

		return pl_is_foreign() ? to : duplicated(fd, to);
	}
	if (cmd == F_GETFL || cmd == F_SETFL)
		d = pl_get_file(fd);
	return d ? file_fcntl(d, fd, cmd, arg) : real(fd, cmd, arg);
}

PL_EXPORT int fcntl(int fd, int cmd, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	return any_fcntl(fd, cmd, arg, pl_real()->fcntl);
}

PL_EXPORT int fcntl64(int fd, int cmd, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	return any_fcntl(fd, cmd, arg, pl_real()->fcntl64);
}
