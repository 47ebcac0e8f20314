/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is there a /dev/netmap?  Programs ask with access() and stat() before they
 * open it, and configure scripts do.
 *
 * The answer of the kernel counts first.  Where it says no and user mode would
 * be used, the path is a character device that everybody may open.  Both
 * generations of the C library's stat are here, plain and 64; on the machines
 * we run on the two structures are one.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "preload/desc.h"
#include "preload/home.h"
#include "preload/real.h"

#define MISC_MAJOR	10
#define DEVICE_MINOR	255	/* dynamic, as the kernel would give */

_Static_assert(sizeof(struct stat) == sizeof(struct stat64),
	       "one structure serves for both");

PL_EXPORT int eaccess(const char *path, int mode);
PL_EXPORT int euidaccess(const char *path, int mode);
PL_EXPORT int __xstat(int ver, const char *path, struct stat *st);
PL_EXPORT int __lxstat(int ver, const char *path, struct stat *st);
PL_EXPORT int __fxstat(int ver, int fd, struct stat *st);
PL_EXPORT int __fxstatat(int ver, int dir, const char *path, struct stat *st,
			 int flags);
PL_EXPORT int __xstat64(int ver, const char *path, struct stat64 *st);
PL_EXPORT int __lxstat64(int ver, const char *path, struct stat64 *st);
PL_EXPORT int __fxstat64(int ver, int fd, struct stat64 *st);
PL_EXPORT int __fxstatat64(int ver, int dir, const char *path,
			   struct stat64 *st, int flags);

/* Does the device exist by our doing only?  errno is kept if not. */
static bool is_ours(const char *path)
{
	int saved = errno;
	bool ours = false;

	if (!pl_is_device(path))
		return false;
	if (!pl_try_kernel() || (pl_real()->access(path, R_OK | W_OK) &&
				 pl_try_user(errno)))
		ours = true;
	errno = saved;
	return ours;
}

/* What the device would look like, had it a place in /dev. */
static int fill(void *st)
{
	struct stat *s = st;

	memset(s, 0, sizeof(*s));
	s->st_ino = 1;
	s->st_nlink = 1;
	s->st_mode = S_IFCHR | 0666;
	s->st_rdev = makedev(MISC_MAJOR, DEVICE_MINOR);
	s->st_blksize = 4096;
	return 0;
}

static bool is_file(int fd)
{
	struct pl_desc *d = pl_get_file(fd);

	if (d)
		pl_put(d);
	return d != NULL;
}

/* Of the *at calls: the path, or the descriptor itself with AT_EMPTY_PATH. */
static bool is_ours_at(int dir, const char *path, int flags)
{
	if (path && path[0])
		return is_ours(path);
	return flags & AT_EMPTY_PATH && is_file(dir);
}

static int allow(int mode)
{
	if (!(mode & X_OK))
		return 0;
	errno = EACCES;
	return -1;
}

PL_EXPORT int access(const char *path, int mode)
{
	return is_ours(path) ? allow(mode) : pl_real()->access(path, mode);
}

PL_EXPORT int eaccess(const char *path, int mode)
{
	return is_ours(path) ? allow(mode) : pl_real()->eaccess(path, mode);
}

PL_EXPORT int euidaccess(const char *path, int mode)
{
	return is_ours(path) ? allow(mode) : pl_real()->euidaccess(path, mode);
}

PL_EXPORT int faccessat(int dir, const char *path, int mode, int flags)
{
	return is_ours_at(dir, path, flags) ? allow(mode) :
		pl_real()->faccessat(dir, path, mode, flags);
}

PL_EXPORT int stat(const char *path, struct stat *st)
{
	return is_ours(path) ? fill(st) : pl_real()->stat(path, st);
}

PL_EXPORT int lstat(const char *path, struct stat *st)
{
	return is_ours(path) ? fill(st) : pl_real()->lstat(path, st);
}

PL_EXPORT int fstat(int fd, struct stat *st)
{
	return is_file(fd) ? fill(st) : pl_real()->fstat(fd, st);
}

PL_EXPORT int fstatat(int dir, const char *path, struct stat *st, int flags)
{
	return is_ours_at(dir, path, flags) ? fill(st) :
		pl_real()->fstatat(dir, path, st, flags);
}

PL_EXPORT int stat64(const char *path, struct stat64 *st)
{
	return is_ours(path) ? fill(st) : pl_real()->stat64(path, st);
}

PL_EXPORT int lstat64(const char *path, struct stat64 *st)
{
	return is_ours(path) ? fill(st) : pl_real()->lstat64(path, st);
}

PL_EXPORT int fstat64(int fd, struct stat64 *st)
{
	return is_file(fd) ? fill(st) : pl_real()->fstat64(fd, st);
}

PL_EXPORT int fstatat64(int dir, const char *path, struct stat64 *st, int flags)
{
	return is_ours_at(dir, path, flags) ? fill(st) :
		pl_real()->fstatat64(dir, path, st, flags);
}

PL_EXPORT int __xstat(int ver, const char *path, struct stat *st)
{
	return is_ours(path) ? fill(st) : pl_real()->__xstat(ver, path, st);
}

PL_EXPORT int __lxstat(int ver, const char *path, struct stat *st)
{
	return is_ours(path) ? fill(st) : pl_real()->__lxstat(ver, path, st);
}

PL_EXPORT int __fxstat(int ver, int fd, struct stat *st)
{
	return is_file(fd) ? fill(st) : pl_real()->__fxstat(ver, fd, st);
}

PL_EXPORT int __fxstatat(int ver, int dir, const char *path, struct stat *st,
			 int flags)
{
	return is_ours_at(dir, path, flags) ? fill(st) :
		pl_real()->__fxstatat(ver, dir, path, st, flags);
}

PL_EXPORT int __xstat64(int ver, const char *path, struct stat64 *st)
{
	return is_ours(path) ? fill(st) : pl_real()->__xstat64(ver, path, st);
}

PL_EXPORT int __lxstat64(int ver, const char *path, struct stat64 *st)
{
	return is_ours(path) ? fill(st) : pl_real()->__lxstat64(ver, path, st);
}

PL_EXPORT int __fxstat64(int ver, int fd, struct stat64 *st)
{
	return is_file(fd) ? fill(st) : pl_real()->__fxstat64(ver, fd, st);
}

PL_EXPORT int __fxstatat64(int ver, int dir, const char *path,
			   struct stat64 *st, int flags)
{
	return is_ours_at(dir, path, flags) ? fill(st) :
		pl_real()->__fxstatat64(ver, dir, path, st, flags);
}

PL_EXPORT int statx(int dir, const char *path, int flags, unsigned int mask,
		    struct statx *sx)
{
	if (!is_ours_at(dir, path, flags))
		return pl_real()->statx(dir, path, flags, mask, sx);
	memset(sx, 0, sizeof(*sx));
	sx->stx_mask = STATX_BASIC_STATS;
	sx->stx_ino = 1;
	sx->stx_nlink = 1;
	sx->stx_mode = S_IFCHR | 0666;
	sx->stx_rdev_major = MISC_MAJOR;
	sx->stx_rdev_minor = DEVICE_MINOR;
	sx->stx_blksize = 4096;
	return 0;
}
