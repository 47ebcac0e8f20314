/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A pool: objects of one size, side by side in a range of a region.
 *
 *   range   | chunk 0          | chunk 1          | chunk 2 ...
 *           | 64 objects, one bit each            | without memory
 *
 * There are two sorts:
 *
 *   NM_POOL_SMALL  buffers.  Memory comes and goes by chunks of 64 objects
 *                  (whole pages, since a size is a multiple of 64).  Chunks in
 *                  which nothing is used are kept up to a limit, so that who
 *                  opens and closes all day does not ask the OS all day.
 *   NM_POOL_BIG    ring and netmap_if objects.  Each has memory of its own,
 *                  as much as its user asks for, from allocation to release.
 *
 * Chunks with free objects and with memory are in a list, last freed first:
 * what was used last is still in a cache.
 *
 * P1: a bit is set iff the object is used (reserved objects count as used).
 * P2: a chunk is in the list iff it has memory and a clear bit.
 */
#ifndef NM_ENGINE_POOL_H
#define NM_ENGINE_POOL_H

#include <nm_os_types.h>

#define NM_POOL_NONE		0xffffffffu
#define NM_POOL_IDLE_MAX	512u

enum nm_pool_sort {
	NM_POOL_SMALL,
	NM_POOL_BIG,
};

struct nm_os_mem;

/* All fields: the engine's lock. */
struct nm_pool {
	struct nm_os_mem *mem;
	uint64_t ofs;		/* of object 0, whole pages */
	uint32_t size;		/* bytes per object */
	uint32_t n;		/* objects, a multiple of 64 */
	uint32_t n_chunks;
	uint32_t n_reserved;	/* objects 0..n_reserved-1 are never given out */
	uint32_t n_used;	/* without the reserved ones */
	uint32_t n_backed;	/* small: chunks with memory */
	uint32_t n_idle;	/* small: of these, with nothing used */
	uint32_t idle_max;	/* more of them are trimmed to a quarter of it */
	uint32_t list;		/* first chunk with something free */
	uint32_t bare;		/* no chunk below is without memory */
	enum nm_pool_sort sort;
	uint64_t *used;		/* per chunk */
	uint32_t *next;		/* per chunk: the list */
	uint8_t *state;		/* per chunk: CHUNK_* of pool.c */
};

/**
 * nm_pool_init - a pool without memory
 * @mem:  of the region
 * @ofs:  first byte, a multiple of the page size
 * @size: bytes per object, a multiple of 64
 * @n:    objects, a multiple of 64
 * @n_reserved: at the low end, fewer than 64
 * Return: 0; -ENOMEM.
 */
int nm_pool_init(struct nm_pool *po, struct nm_os_mem *mem, uint64_t ofs,
		 uint32_t size, uint32_t n, uint32_t n_reserved,
		 enum nm_pool_sort sort);

/** nm_pool_fini - memory of the region goes away with the region */
void nm_pool_fini(struct nm_pool *po);

/**
 * nm_pool_take - take @n objects of a small pool
 * @idx: out: their numbers
 *
 * All or nothing.
 * Return: 0; -ENOSPC when the pool is used up; -ENOMEM when there is no
 *         memory.
 */
int nm_pool_take(struct nm_pool *po, uint32_t *idx, uint32_t n);

/**
 * nm_pool_take_big - take one object of a big pool
 * @len: bytes that must have memory, at most the size of an object
 * @idx: out: its number
 * Return: 0; -ENOSPC; -ENOMEM.
 */
int nm_pool_take_big(struct nm_pool *po, uint32_t len, uint32_t *idx);

/**
 * nm_pool_put - give one object back
 *
 * Return: 1 when it was in use; 0 when it is none, reserved or free, in which
 *         case nothing happens.
 */
int nm_pool_put(struct nm_pool *po, uint32_t idx);

/** nm_pool_trim - give memory of unused chunks back when there are many */
void nm_pool_trim(struct nm_pool *po);

/**
 * nm_pool_set - make exactly the objects in @want be in use
 * @want: a bit per object, n / 64 words; reserved objects do not matter
 *
 * What is wanted and has no memory is left out.
 * Return: objects that became free.
 */
uint32_t nm_pool_set(struct nm_pool *po, const uint64_t *want);

/** nm_pool_is_used - 0 for numbers that are none or reserved */
int nm_pool_is_used(const struct nm_pool *po, uint32_t idx);

static inline uint64_t nm_pool_ofs(const struct nm_pool *po, uint32_t idx)
{
	return po->ofs + (uint64_t)idx * po->size;
}

/** nm_pool_has_room - whether @n more could be taken, memory permitting */
static inline int nm_pool_has_room(const struct nm_pool *po, uint64_t n)
{
	return n <= po->n - po->n_reserved - po->n_used;
}

#endif /* NM_ENGINE_POOL_H */
