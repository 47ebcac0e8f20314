/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nm_os_types.h, user mode: the types the interface headers and the engine
 * need, from the C library.  Each OS directory has a file of this name; the
 * include path decides which one is found.
 */
#ifndef NM_OS_TYPES_H
#define NM_OS_TYPES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <sys/time.h>
#include <net/if.h>

#endif /* NM_OS_TYPES_H */
