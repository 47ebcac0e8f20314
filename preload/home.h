/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which home a program that opens /dev/netmap gets.
 *
 * NETMAP_HOME decides (kernel, user, auto).  The constructor moves it to
 * NETMAP_PRELOAD_HOME: libnetmap in the program is to find /dev/netmap, which
 * is us, and not a way of its own around us.
 */
#ifndef NM_PRELOAD_HOME_H
#define NM_PRELOAD_HOME_H

#include <stdbool.h>

/** pl_is_device - is this the path of the netmap device? */
bool pl_is_device(const char *path);

/** pl_try_kernel - shall the real device be tried first? */
bool pl_try_kernel(void);

/** pl_try_user - shall user mode be tried, the real device having failed? */
bool pl_try_user(int err);

/** pl_complain - one line on stderr about why something could not be had */
void pl_complain(const char *what);

/** pl_verbose - were failures of requests asked for, too? */
bool pl_verbose(void);

#endif /* NM_PRELOAD_HOME_H */
