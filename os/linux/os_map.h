/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Where mappings of regions are filed, so that released pages can be taken
 * out of them.  A region is at nm_os_mem.base of it.
 */
#ifndef NM_OS_LINUX_OS_MAP_H
#define NM_OS_LINUX_OS_MAP_H

struct address_space;

/* NULL: nobody maps regions here (the unit tests) */
extern struct address_space *nm_os_mem_mapping;

#endif /* NM_OS_LINUX_OS_MAP_H */
