/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Where mappings of regions are filed, so that released pages can be taken
 * out of them.  A region is at nm_os_mem.base of it.
 */
#ifndef NM_OS_LINUX_OS_MAP_H
#define NM_OS_LINUX_OS_MAP_H

#include <nm_os_types.h>

struct address_space;

/* NULL: nobody maps regions here (the unit tests) */
extern struct address_space *nm_os_mem_mapping;

/**
 * nm_os_mem_back - have memory behind what was promised for @ofs
 * @first: out: offset of the pages that came or were there together
 * @n:     out: how many they are; some may have left the region since
 *
 * Context: m->lock is held; may sleep.
 * Return:  address for @ofs; NULL when nothing was promised there, or there is
 *          no memory.
 */
void *nm_os_mem_back(struct nm_os_mem *m, uint64_t ofs, uint64_t *first,
		     uint64_t *n);

#endif /* NM_OS_LINUX_OS_MAP_H */
