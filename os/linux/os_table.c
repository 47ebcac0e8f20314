/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The arrays of a plane: tables that grow by chunks.
 *
 * A chunk holds a power of two of objects and, where objects are small, about
 * NM_OS_CHUNK bytes of them.  A chunk that is not there is represented by one
 * page of zeroes mapped read-only as often as the chunk is long, so that every
 * object of a table can be read at any time.
 *
 * In the kernel nobody maps a plane: the offsets in its header stay 0.
 */
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "engine/os.h"
#include "engine/plane/plane.h"
#include "os/linux/os_fail.h"

#define NM_OS_CHUNK	65536u

static size_t nm_os_chunk_len(const struct nm_os_table *t)
{
	return PAGE_ALIGN((size_t)t->stride << t->shift);
}

/* @len bytes that read as zeroes and cannot be written; free with vunmap(). */
static void *nm_os_map_zeroes(size_t len)
{
	size_t i, n = len >> PAGE_SHIFT;
	struct page **pages;
	void *p;

	pages = kvmalloc_array(n, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return NULL;
	for (i = 0; i < n; i++)
		pages[i] = ZERO_PAGE(0);
	p = vmap(pages, n, VM_MAP, PAGE_KERNEL_RO);
	kvfree(pages);
	return p;
}

/* @n: a power of two.  On error the table is as before. */
static int nm_os_table_create(struct nm_os_table *t, uint32_t n, uint32_t stride)
{
	uint32_t i, n_chunks;

	t->n_objects = n;
	t->stride = stride;
	t->shift = stride < NM_OS_CHUNK ? ilog2(NM_OS_CHUNK / stride) : 0;
	t->shift = min_t(uint32_t, t->shift, ilog2(n));
	n_chunks = n >> t->shift;
	t->none = nm_os_map_zeroes(nm_os_chunk_len(t));
	t->dir = kvmalloc_array(n_chunks, sizeof(*t->dir), GFP_KERNEL_ACCOUNT);
	t->lock = kzalloc(sizeof(*t->lock), GFP_KERNEL_ACCOUNT);
	if (!t->none || !t->dir || !t->lock)
		goto err;
	mutex_init(t->lock);
	for (i = 0; i < n_chunks; i++)
		t->dir[i] = t->none;
	return 0;
err:
	vunmap(t->none);
	kvfree(t->dir);
	kfree(t->lock);
	memset(t, 0, sizeof(*t));
	return -ENOMEM;
}

static void nm_os_table_destroy(struct nm_os_table *t)
{
	uint32_t i;

	if (!t->dir)
		return;
	for (i = 0; i < t->n_objects >> t->shift; i++)
		if (t->dir[i] != t->none)
			kvfree(t->dir[i]);
	kvfree(t->dir);
	vunmap(t->none);
	mutex_destroy(t->lock);
	kfree(t->lock);
	memset(t, 0, sizeof(*t));
}

static bool nm_os_table_has(const struct nm_os_table *t, uint32_t first,
			    uint32_t n)
{
	return first < t->n_objects && n <= t->n_objects - first;
}

int nm_os_table_populate(struct nm_os_table *t, uint32_t first, uint32_t n)
{
	uint32_t c;
	void *chunk;
	int err = 0;

	if (n == 0)
		return 0;
	if (!nm_os_table_has(t, first, n) || nm_os_fail_now())
		return -ENOMEM;
	mutex_lock(t->lock);
	for (c = first >> t->shift; c <= (first + n - 1) >> t->shift; c++) {
		if (t->dir[c] != t->none)
			continue;
		chunk = kvzalloc(nm_os_chunk_len(t),
				 GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
		if (!chunk) {
			err = -ENOMEM;
			break;
		}
		/* Pairs with the dependent load in nm_os_table_at(). */
		smp_store_release(&t->dir[c], chunk);
	}
	mutex_unlock(t->lock);
	return err;
}

/*
 * Whole chunks are given back.  Parts of a chunk are cleared and kept, for
 * their neighbours may be in use.
 */
void nm_os_table_release(struct nm_os_table *t, uint32_t first, uint32_t n)
{
	uint32_t per = 1u << t->shift;
	uint32_t c, part;
	void *chunk;

	if (!nm_os_table_has(t, first, n))
		return;
	mutex_lock(t->lock);
	for (; n > 0; first += part, n -= part) {
		c = first >> t->shift;
		part = min(n, per - (first & (per - 1)));
		chunk = t->dir[c];
		if (chunk == t->none)
			continue;
		if (part < per) {
			memset(nm_os_table_at(t, first), 0,
			       (size_t)part * t->stride);
			continue;
		}
		WRITE_ONCE(t->dir[c], t->none);
		kvfree(chunk);
	}
	mutex_unlock(t->lock);
}

int nm_os_plane_create(struct nm_plane *pl)
{
	int err;

	pl->hdr = kzalloc(sizeof(*pl->hdr), GFP_KERNEL_ACCOUNT);
	if (!pl->hdr)
		return -ENOMEM;
	pl->hdr->magic = NM_PLANE_MAGIC;
	pl->hdr->version = NM_PLANE_VERSION;

	err = nm_os_table_create(&pl->rings, NM_MAX_RINGS,
				 sizeof(struct nm_pring)) ?:
	      nm_os_table_create(&pl->ports, NM_MAX_PORTS,
				 sizeof(struct nm_pport)) ?:
	      nm_os_table_create(&pl->switches, NM_MAX_SWITCHES,
				 sizeof(struct nm_pswitch)) ?:
	      nm_os_table_create(&pl->members, NM_MAX_SWITCHES,
				 NM_SWITCH_MEMBERS * sizeof(uint32_t)) ?:
	      nm_os_table_create(&pl->inboxes, NM_MAX_RINGS,
				 NM_INBOX_ENTRIES * sizeof(struct nm_entry)) ?:
	      nm_os_table_create(&pl->fdb, NM_FDB_MAX_BUCKETS,
				 sizeof(struct nm_bucket)) ?:
	      nm_os_table_create(&pl->regions, NM_MAX_REGIONS,
				 sizeof(struct nm_pregion)) ?:
	      nm_os_table_create(&pl->actors, NM_MAX_ACTORS,
				 sizeof(struct nm_pactor));
	if (err)
		nm_os_plane_destroy(pl);
	return err;
}

void nm_os_plane_destroy(struct nm_plane *pl)
{
	nm_os_table_destroy(&pl->actors);
	nm_os_table_destroy(&pl->regions);
	nm_os_table_destroy(&pl->fdb);
	nm_os_table_destroy(&pl->inboxes);
	nm_os_table_destroy(&pl->members);
	nm_os_table_destroy(&pl->switches);
	nm_os_table_destroy(&pl->ports);
	nm_os_table_destroy(&pl->rings);
	kfree(pl->hdr);
	pl->hdr = NULL;
}
