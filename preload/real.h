/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions we stand in front of, as the C library has them.
 *
 * They are looked up once, all together.  The lookup itself may allocate, and
 * somebody's malloc may map memory or open files through us: until it is
 * complete the few calls that can happen then are made as system calls.
 *
 * The library objects linked into the preload library (lib/) call these
 * functions by name; the linker sends those calls to __wrap_NAME in wrap.c and
 * from there to the real ones, so that our own business never comes back to
 * us through the front door.  PL_WRAPPED in build.mk is that list.
 */
#ifndef NM_PRELOAD_REAL_H
#define NM_PRELOAD_REAL_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

struct statx;
struct stat64;

#define PL_EXPORT __attribute__((visibility("default")))

/* Name, result and arguments of each; the one list of what is interposed. */
#define PL_FUNCTIONS(F) \
	F(int, open, (const char *, int, ...)) \
	F(int, open64, (const char *, int, ...)) \
	F(int, openat, (int, const char *, int, ...)) \
	F(int, openat64, (int, const char *, int, ...)) \
	F(int, __open_2, (const char *, int)) \
	F(int, __open64_2, (const char *, int)) \
	F(int, __openat_2, (int, const char *, int)) \
	F(int, __openat64_2, (int, const char *, int)) \
	F(int, close, (int)) \
	F(int, close_range, (unsigned int, unsigned int, int)) \
	F(int, dup, (int)) \
	F(int, dup2, (int, int)) \
	F(int, dup3, (int, int, int)) \
	F(int, fcntl, (int, int, ...)) \
	F(int, fcntl64, (int, int, ...)) \
	F(int, ioctl, (int, unsigned long, ...)) \
	F(ssize_t, read, (int, void *, size_t)) \
	F(ssize_t, write, (int, const void *, size_t)) \
	F(ssize_t, readv, (int, const struct iovec *, int)) \
	F(ssize_t, writev, (int, const struct iovec *, int)) \
	F(void *, mmap, (void *, size_t, int, int, int, off_t)) \
	F(void *, mmap64, (void *, size_t, int, int, int, off_t)) \
	F(int, munmap, (void *, size_t)) \
	F(void *, mremap, (void *, size_t, size_t, int, ...)) \
	F(int, poll, (struct pollfd *, nfds_t, int)) \
	F(int, ppoll, (struct pollfd *, nfds_t, const struct timespec *, \
		       const sigset_t *)) \
	F(int, select, (int, fd_set *, fd_set *, fd_set *, struct timeval *)) \
	F(int, pselect, (int, fd_set *, fd_set *, fd_set *, \
			 const struct timespec *, const sigset_t *)) \
	F(int, epoll_create, (int)) \
	F(int, epoll_create1, (int)) \
	F(int, epoll_ctl, (int, int, int, struct epoll_event *)) \
	F(int, epoll_wait, (int, struct epoll_event *, int, int)) \
	F(int, epoll_pwait, (int, struct epoll_event *, int, int, \
			     const sigset_t *)) \
	F(int, epoll_pwait2, (int, struct epoll_event *, int, \
			      const struct timespec *, const sigset_t *)) \
	F(int, getsockopt, (int, int, int, void *, socklen_t *)) \
	F(ssize_t, recvmsg, (int, struct msghdr *, int)) \
	F(int, socket, (int, int, int)) \
	F(int, access, (const char *, int)) \
	F(int, eaccess, (const char *, int)) \
	F(int, euidaccess, (const char *, int)) \
	F(int, faccessat, (int, const char *, int, int)) \
	F(int, stat, (const char *, struct stat *)) \
	F(int, lstat, (const char *, struct stat *)) \
	F(int, fstat, (int, struct stat *)) \
	F(int, fstatat, (int, const char *, struct stat *, int)) \
	F(int, stat64, (const char *, struct stat64 *)) \
	F(int, lstat64, (const char *, struct stat64 *)) \
	F(int, fstat64, (int, struct stat64 *)) \
	F(int, fstatat64, (int, const char *, struct stat64 *, int)) \
	F(int, __xstat, (int, const char *, struct stat *)) \
	F(int, __lxstat, (int, const char *, struct stat *)) \
	F(int, __fxstat, (int, int, struct stat *)) \
	F(int, __fxstatat, (int, int, const char *, struct stat *, int)) \
	F(int, __xstat64, (int, const char *, struct stat64 *)) \
	F(int, __lxstat64, (int, const char *, struct stat64 *)) \
	F(int, __fxstat64, (int, int, struct stat64 *)) \
	F(int, __fxstatat64, (int, int, const char *, struct stat64 *, int)) \
	F(int, statx, (int, const char *, int, unsigned int, struct statx *))

#define PL_FIELD(ret, name, args) ret (*name) args;
struct pl_real {
	PL_FUNCTIONS(PL_FIELD)
};
#undef PL_FIELD

extern struct pl_real pl_functions;
extern bool pl_resolved;

void pl_resolve(void);

/**
 * pl_real - the real functions
 *
 * A member is NULL when the C library does not have the function.
 */
static inline const struct pl_real *pl_real(void)
{
	if (__builtin_expect(!__atomic_load_n(&pl_resolved, __ATOMIC_ACQUIRE),
			     0))
		pl_resolve();
	return &pl_functions;
}

#endif /* NM_PRELOAD_REAL_H */
