/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Pools; see pool.h.
 *
 * A small pool finds memory in three places, in this order: the list, chunks
 * that never had memory or lost it (the lowest stretch of them, as many
 * chunks in one call as are needed), and nowhere.  A big pool uses the same
 * bits and list, with all its chunks in the list from the start: there memory
 * belongs to the object and not to the chunk.
 */
#include "engine/pool.h"
#include "engine/os.h"

#define CHUNK		64u	/* objects; of any size, whole pages */
#define PAGE		4096u

/* States of a chunk. */
#define CHUNK_BARE	0u	/* no memory, nothing used */
#define CHUNK_LISTED	1u	/* something free, in the list */
#define CHUNK_FULL	2u	/* nothing free, in no list */

int nm_pool_init(struct nm_pool *po, struct nm_os_mem *mem, uint64_t ofs,
		 uint32_t size, uint32_t n, uint32_t n_reserved,
		 enum nm_pool_sort sort)
{
	uint32_t c;

	memset(po, 0, sizeof(*po));
	po->mem = mem;
	po->ofs = ofs;
	po->size = size;
	po->n = n;
	po->n_chunks = n / CHUNK;
	po->n_reserved = n_reserved;
	po->sort = sort;
	po->list = NM_POOL_NONE;
	po->idle_max = NM_POOL_IDLE_MAX;
	po->used = nm_os_alloc(po->n_chunks * sizeof(*po->used));
	po->next = nm_os_alloc(po->n_chunks * sizeof(*po->next));
	po->state = nm_os_alloc(po->n_chunks);
	if (!po->used || !po->next || !po->state) {
		nm_pool_fini(po);
		return -ENOMEM;
	}
	po->used[0] = (1ULL << n_reserved) - 1;
	if (sort == NM_POOL_SMALL)
		return 0;
	for (c = po->n_chunks; c-- > 0; ) {
		po->state[c] = CHUNK_LISTED;
		po->next[c] = po->list;
		po->list = c;
	}
	return 0;
}

void nm_pool_fini(struct nm_pool *po)
{
	nm_os_free(po->used);
	nm_os_free(po->next);
	nm_os_free(po->state);
	memset(po, 0, sizeof(*po));
}

static uint64_t chunk_reserved(const struct nm_pool *po, uint32_t c)
{
	return c ? 0 : (1ULL << po->n_reserved) - 1;
}

static int chunk_is_idle(const struct nm_pool *po, uint32_t c)
{
	return po->used[c] == chunk_reserved(po, c);
}

static void chunk_list(struct nm_pool *po, uint32_t c)
{
	po->state[c] = CHUNK_LISTED;
	po->next[c] = po->list;
	po->list = c;
}

/* The shortest run of objects that ends where a page does. */
static uint64_t pool_unit(const struct nm_pool *po)
{
	uint64_t len = po->size;

	while (len % PAGE)
		len *= 2;
	return len;
}

/* Have memory behind the lowest stretch of at most @want bare chunks. */
static int pool_back(struct nm_pool *po, uint32_t want)
{
	uint64_t len = (uint64_t)CHUNK * po->size;
	uint32_t c, end;
	int error;

	while (po->bare < po->n_chunks && po->state[po->bare] != CHUNK_BARE)
		po->bare++;
	c = po->bare;
	if (c >= po->n_chunks)
		return -ENOSPC;
	for (end = c; end < po->n_chunks && end - c < want; end++)
		if (po->state[end] != CHUNK_BARE)
			break;
	error = nm_os_mem_populate(po->mem, po->ofs + c * len,
				   (end - c) * len, pool_unit(po));
	if (error) {
		nm_os_mem_release(po->mem, po->ofs + c * len, (end - c) * len);
		return error;
	}
	po->n_backed += end - c;
	po->n_idle += end - c;
	po->bare = end;
	/* the lowest comes first */
	while (end-- > c)
		chunk_list(po, end);
	return 0;
}

/* Take one object of the first chunk in the list. */
static uint32_t pool_pop(struct nm_pool *po)
{
	uint32_t c = po->list, bit;

	if (po->sort == NM_POOL_SMALL && chunk_is_idle(po, c))
		po->n_idle--;
	bit = __builtin_ctzll(~po->used[c]);
	po->used[c] |= 1ULL << bit;
	po->n_used++;
	if (!~po->used[c]) {
		po->state[c] = CHUNK_FULL;
		po->list = po->next[c];
	}
	return c * CHUNK + bit;
}

int nm_pool_take(struct nm_pool *po, uint32_t *idx, uint32_t n)
{
	uint32_t i;
	int error;

	if (!nm_pool_has_room(po, n))
		return -ENOSPC;
	for (i = 0; i < n; i++) {
		if (po->list == NM_POOL_NONE) {
			error = pool_back(po, (n - i + CHUNK - 1) / CHUNK);
			if (error)
				goto err_put;
		}
		idx[i] = pool_pop(po);
	}
	return 0;
err_put:
	while (i-- > 0)
		nm_pool_put(po, idx[i]);
	return error;
}

int nm_pool_take_big(struct nm_pool *po, uint32_t len, uint32_t *idx)
{
	uint32_t i;
	int error;

	if (po->list == NM_POOL_NONE)
		return -ENOSPC;
	i = pool_pop(po);
	error = nm_os_mem_populate(po->mem, nm_pool_ofs(po, i), len, 0);
	if (error) {
		nm_pool_put(po, i);
		return error;
	}
	*idx = i;
	return 0;
}

int nm_pool_is_used(const struct nm_pool *po, uint32_t idx)
{
	if (idx < po->n_reserved || idx >= po->n)
		return 0;
	return po->used[idx / CHUNK] >> (idx % CHUNK) & 1;
}

int nm_pool_put(struct nm_pool *po, uint32_t idx)
{
	uint32_t c = idx / CHUNK;

	if (!nm_pool_is_used(po, idx))
		return 0;
	if (po->sort == NM_POOL_BIG)
		nm_os_mem_release(po->mem, nm_pool_ofs(po, idx), po->size);
	po->used[c] &= ~(1ULL << (idx % CHUNK));
	po->n_used--;
	if (po->state[c] == CHUNK_FULL)
		chunk_list(po, c);
	if (po->sort == NM_POOL_SMALL && chunk_is_idle(po, c))
		po->n_idle++;
	return 1;
}

/* Make the list anew from the states, lowest chunk first. */
static void pool_relist(struct nm_pool *po)
{
	uint32_t c;

	po->list = NM_POOL_NONE;
	for (c = po->n_chunks; c-- > 0; )
		if (po->state[c] == CHUNK_LISTED)
			chunk_list(po, c);
}

void nm_pool_trim(struct nm_pool *po)
{
	uint64_t len = (uint64_t)CHUNK * po->size;
	uint32_t c, first = NM_POOL_NONE, kept = 0;

	if (po->sort != NM_POOL_SMALL || po->n_idle <= po->idle_max)
		return;
	for (c = 0; c <= po->n_chunks; c++) {
		int drop = c < po->n_chunks && po->state[c] == CHUNK_LISTED &&
			chunk_is_idle(po, c) && kept++ >= po->idle_max / 4;

		if (drop) {
			if (first == NM_POOL_NONE)
				first = c;
			po->state[c] = CHUNK_BARE;
			po->n_backed--;
			po->n_idle--;
			if (c < po->bare)
				po->bare = c;
		} else if (first != NM_POOL_NONE) {
			nm_os_mem_release(po->mem, po->ofs + first * len,
					  (c - first) * len);
			first = NM_POOL_NONE;
		}
	}
	pool_relist(po);
}

/* A kernel has no library behind __builtin_popcountll(). */
static uint32_t count_bits(uint64_t v)
{
	uint32_t n;

	for (n = 0; v; n++)
		v &= v - 1;
	return n;
}

uint32_t nm_pool_set(struct nm_pool *po, const uint64_t *want)
{
	uint32_t c, freed = 0;

	po->n_used = 0;
	po->n_idle = 0;
	for (c = 0; c < po->n_chunks; c++) {
		uint64_t fixed = chunk_reserved(po, c), v;

		if (po->state[c] == CHUNK_BARE)
			continue;
		v = want[c] | fixed;
		freed += count_bits(po->used[c] & ~v);
		po->used[c] = v;
		po->n_used += count_bits(v & ~fixed);
		po->state[c] = ~v ? CHUNK_LISTED : CHUNK_FULL;
		if (po->sort == NM_POOL_SMALL && v == fixed)
			po->n_idle++;
	}
	pool_relist(po);
	return freed;
}
