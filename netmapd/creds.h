/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is at the other end, and may he run the plane himself?
 */
#ifndef NM_NETMAPD_CREDS_H
#define NM_NETMAPD_CREDS_H

#include <stdint.h>

/**
 * nmd_pidfd - a descriptor of a process
 * @sock: a connection, whose peer it is if the kernel can tell; or -1
 * Return: a pidfd, close-on-exec; -errno.
 */
int nmd_pidfd(int sock, uint32_t pid);

/**
 * nmd_creds_direct - whether a process belongs to the server's trust domain
 * @pidfd: of the process
 * @why: out: static text, in both cases
 * Return: 1 or 0.
 */
int nmd_creds_direct(uint32_t pid, uint32_t uid, int pidfd, const char **why);

/** nmd_user_ns - number of a process's user namespace; 0: cannot be seen */
uint64_t nmd_user_ns(uint32_t pid);

/** nmd_pid_is_dying - its memory is gone, or all of it */
int nmd_pid_is_dying(uint32_t pid);

#endif /* NM_NETMAPD_CREDS_H */
