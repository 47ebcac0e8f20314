/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmio_kernel: the kernel home, a real /dev/netmap.
 *
 * Nothing here needs a table: the kernel knows its own descriptors.
 */
#ifndef NM_LIB_NMIO_KERNEL_H
#define NM_LIB_NMIO_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <poll.h>
#include <sys/types.h>

/**
 * nmio_kernel_open - open /dev/netmap
 * @why: takes one sentence about a failure; NULL when nobody will read it
 * @len: its size
 *
 * Return: a close-on-exec descriptor; -1 with errno of open(2).
 */
int nmio_kernel_open(char *why, size_t len);

/**
 * nmio_kernel_owns - is @fd an open /dev/netmap?
 *
 * Asks the kernel; never changes errno.
 */
bool nmio_kernel_owns(int fd);

int nmio_kernel_close(int fd);
int nmio_kernel_ioctl(int fd, unsigned long request, void *arg);
void *nmio_kernel_mmap(void *addr, size_t len, int prot, int flags, int fd,
		       off_t ofs);
int nmio_kernel_munmap(void *addr, size_t len);
int nmio_kernel_poll(struct pollfd *fds, nfds_t nfds, int timeout_ms);

#endif /* NM_LIB_NMIO_KERNEL_H */
