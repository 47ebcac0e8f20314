/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmio: the descriptor a program holds, in either home.
 *
 * Everything above this line (nmport, the tools, the preload library) talks to
 * a netmap descriptor through these calls and never asks where the engine
 * runs.  A descriptor is a real file descriptor in both homes: an open
 * /dev/netmap in kernel mode, the session socket of netmapd in user mode.
 * The call decides by looking the descriptor up in a table; one that is not
 * in the table is a kernel descriptor.
 *
 *   home     open             ioctl                    mmap      waiting
 *   kernel   /dev/netmap      ioctl(2)                 mmap(2)   poll(2)
 *   user     session socket   message, or no message   memfd     sync in this
 *                             at all for NIOC*SYNC               thread, then
 *                                                                an eventfd
 */
#ifndef NM_LIB_NMIO_H
#define NM_LIB_NMIO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <poll.h>

enum nmio_home {
	NMIO_HOME_AUTO = 0,	/* device if present and permitted, else user */
	NMIO_HOME_KERNEL = 1,
	NMIO_HOME_USER = 2,
};

/**
 * nmio_open - open a netmap descriptor
 * @home: where; NMIO_HOME_AUTO also honours the environment NETMAP_HOME
 *
 * Return: a descriptor (close-on-exec); -1 with errno, and the sentence in
 *         nmio_error().
 */
int nmio_open(enum nmio_home home);

/**
 * nmio_close - close a descriptor obtained from nmio_open()
 * Return: 0; -1 with errno EBADF.
 */
int nmio_close(int fd);

/**
 * nmio_adopt - learn about a descriptor that came from elsewhere
 * @fd: received over a socket, inherited by fork or exec
 *
 * Return: 0 when @fd is a netmap descriptor of either home (it then works
 *         with every call here); -1 with errno ENOTTY when it is not.
 */
int nmio_adopt(int fd);

/**
 * nmio_ioctl - the netmap requests: NIOCCTRL, NIOCREGIF, NIOCGINFO,
 *              NIOCTXSYNC, NIOCRXSYNC, NIOCCONFIG
 *
 * Arguments, results and errno are those of ioctl(2) on /dev/netmap in both
 * homes; a bad pointer gives EFAULT, never a signal.
 *
 * Return: 0; -1 with errno, and the sentence in nmio_error().
 */
int nmio_ioctl(int fd, unsigned long request, void *arg);

/**
 * nmio_mmap - map the region of a bound descriptor, as mmap(2) would
 * Return: the address; MAP_FAILED with errno.
 */
void *nmio_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t ofs);

/**
 * nmio_munmap - undo nmio_mmap; a port stays bound until its descriptor and
 *               its last mapping are gone
 */
int nmio_munmap(void *addr, size_t len);

/**
 * nmio_poll - poll(2) over netmap descriptors and any others, mixed
 *
 * Same arguments and result as poll(2); a user-mode descriptor is synced in
 * the calling thread as poll() on /dev/netmap would sync it.
 */
int nmio_poll(struct pollfd *fds, nfds_t nfds, int timeout_ms);

/**
 * nmio_home_of - which home a descriptor lives in
 * Return: NMIO_HOME_KERNEL or NMIO_HOME_USER.
 */
enum nmio_home nmio_home_of(int fd);

/**
 * nmio_region_of - tells apart regions of one number in different servers
 * Return: the same number for descriptors whose regions are the same memory;
 *         0 in the kernel, which has one of each number.
 */
uint64_t nmio_region_of(int fd);

/**
 * nmio_error - one sentence about the last failure in this thread
 * Return: a string that stays valid until the next nmio call of the thread;
 *         empty when there is nothing to add to errno.
 */
const char *nmio_error(void);

#endif /* NM_LIB_NMIO_H */
