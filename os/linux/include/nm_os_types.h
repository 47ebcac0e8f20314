/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nm_os_types.h, kernel mode: the types the interface headers and the engine
 * need, from Linux, and the three concrete types behind engine/os.h.
 *
 * A kernel module cannot reserve address space and fill it later, so tables
 * and regions are reached through directories:
 *
 *   table    dir[i >> shift] -> chunk of 1 << shift objects.  What was never
 *            populated points to one shared chunk of read-only zeroes: a read
 *            needs no test, a stray write stops at once.
 *   region   leaf[ofs >> 21] -> page[(ofs >> 12) & 511] -> address.  The pages
 *            of one populate call are adjacent, so an object in them is, too.
 *            What was never populated has a shared leaf without pages; what
 *            was promised for later has no page until somebody asks for it.
 *
 * Directories change by single pointer stores (release); the loads here are
 * ordered after them by their address dependency.  Both kinds of lookup may
 * run at any time beside populate; release and destroy need that nobody is
 * inside a sync that uses what goes away, which the engine sees to.
 */
#ifndef NM_OS_TYPES_H
#define NM_OS_TYPES_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/if.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>

#ifndef INT32_MAX
#define INT32_MAX	S32_MAX
#endif
#ifndef UINT8_MAX
#define UINT8_MAX	U8_MAX
#endif
#ifndef UINT16_MAX
#define UINT16_MAX	U16_MAX
#endif
#ifndef UINT32_MAX
#define UINT32_MAX	U32_MAX
#endif
#ifndef UINT64_MAX
#define UINT64_MAX	U64_MAX
#endif

/* As programs know it; the kernel has dropped the name. */
struct timeval {
	long tv_sec;	/* seconds */
	long tv_usec;	/* microseconds, 0..999999 */
};

/* A sleeping lock.  Each has a lock class of its own. */
struct nm_os_mutex {
	struct mutex lock;
	struct lock_class_key key;
};

/* An array of objects; see above.  All fields but the chunks are immutable. */
struct nm_os_table {
	void **dir;		/* (n_objects >> shift) chunks */
	void *none;		/* chunk of read-only zeroes */
	struct mutex *lock;	/* populate and release */
	uint32_t n_objects;	/* a multiple of 1 << shift */
	uint32_t shift;		/* log2 of objects per chunk */
	uint32_t stride;	/* bytes per object */
};

/**
 * nm_os_table_at - address of object @i
 * @i: less than the length of the table
 */
static inline void *nm_os_table_at(const struct nm_os_table *t, uint32_t i)
{
	char *chunk = READ_ONCE(t->dir[i >> t->shift]);

	return chunk + (size_t)(i & ((1u << t->shift) - 1)) * t->stride;
}

#define NM_OS_LEAF_SHIFT	21
#define NM_OS_MEM_SHIFT		31	/* a region has at most 2 GiB */
#define NM_OS_LEAF_PAGES	(1u << (NM_OS_LEAF_SHIFT - PAGE_SHIFT))

struct nm_os_late;
struct nm_os_piece;

/* Addresses of the pages of 2 MiB of a region, and what each is part of. */
struct nm_os_leaf {
	void *page[NM_OS_LEAF_PAGES];
	struct nm_os_piece *piece[NM_OS_LEAF_PAGES];
};

/* A region's memory.  All zeroes: no memory at all. */
struct nm_os_mem {
	struct nm_os_leaf **leaf;	/* one per 2 MiB */
	struct mutex *lock;		/* populate, release, faults */
	struct nm_os_late *late;	/* memory for who cannot sleep */
	uint64_t size;			/* bytes; 0: not created */
	uint64_t base;			/* of all mappings; see dev_map.c */
};

/* Bytes of a region; 0 when there is none. */
static inline uint64_t nm_os_mem_size(const struct nm_os_mem *m)
{
	return m->size;
}

/* Address of byte @ofs of a region if there is memory, else NULL. */
static inline void *nm_os_mem_present_at(const struct nm_os_mem *m,
					 uint64_t ofs)
{
	const struct nm_os_leaf *leaf;
	char *page;

	if (ofs >= m->size)
		return NULL;
	leaf = READ_ONCE(m->leaf[ofs >> NM_OS_LEAF_SHIFT]);
	page = READ_ONCE(leaf->page[(ofs >> PAGE_SHIFT) & (NM_OS_LEAF_PAGES - 1)]);
	return page ? page + offset_in_page(ofs) : NULL;
}

/**
 * nm_os_mem_touch - have memory behind what was promised for byte @ofs
 * @ofs: less than the size of the region
 *
 * Context: any; where one can sleep it may (see os/linux/os_pin.h).  Where one
 *          cannot, the memory is asked for, and will be there soon.
 * Return:  the address; NULL when nothing was promised there, there is no
 *          memory, or it has to be waited for.
 */
void *nm_os_mem_touch(const struct nm_os_mem *m, uint64_t ofs);

/**
 * nm_os_mem_at - address of the object at byte @ofs of a region
 *
 * Context: as nm_os_mem_touch().
 * Return: NULL when @ofs lies outside, or no memory can be had.
 */
static inline void *nm_os_mem_at(const struct nm_os_mem *m, uint64_t ofs)
{
	void *p = nm_os_mem_present_at(m, ofs);

	if (likely(p))
		return p;
	return ofs < m->size ? nm_os_mem_touch(m, ofs) : NULL;
}

/* Memory here is not known to be contiguous. */
static inline uint8_t *nm_os_mem_flat(const struct nm_os_mem *m)
{
	return NULL;
}

/*
 * Copy @len bytes, more than 128, that do not overlap.
 *
 * The kernel's own copies bytes where the processor says that it does so as
 * fast as words.  For some that is not so, and where a machine is emulated
 * each byte is a step.  Words are never slower; the last one overlaps.
 */
static inline void nm_os_copy(void *d, const void *s, uint32_t len)
{
#if defined(CONFIG_X86_64) && !defined(CONFIG_KASAN)
	unsigned long words = len / 8;
	const void *last = s + len - 8;
	void *to = d + len - 8;

	asm volatile("rep movsq" : "+D" (d), "+S" (s), "+c" (words) : : "memory");
	__builtin_memcpy(to, last, 8);
#else
	memcpy(d, s, len);
#endif
}

#endif /* NM_OS_TYPES_H */
