/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A region's memory: pieces of pages behind a two-level directory.
 *
 *   m->leaf[2 MiB number] -> leaf->page[page number] -> address
 *                            leaf->piece[page number] -> what to free
 *
 * One populate call makes one piece of adjacent pages for each stretch that
 * had none, so whoever populates object by object or chunk by chunk finds
 * objects in one piece.  A piece is freed with the last of its pages.  Pages
 * are real from the start and zero: a page fault in a mapping, or a sync,
 * never has to find memory.
 *
 * Mappings by programs are in dev_map.c.  A page leaves them before it leaves
 * the region; the region's lock is held for both, and while one is put in.
 */
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "engine/os.h"
#include "os/linux/os_fail.h"
#include "os/linux/os_map.h"

struct address_space *nm_os_mem_mapping;

/* Regions that were ever made: each has a place of its own in the mapping. */
static atomic64_t nm_os_mem_count;

struct nm_os_piece {
	void *addr;		/* from vmalloc */
	uint32_t n_pages;	/* pages of it that are still in the region */
};

/* Stands for 2 MiB without memory; never written. */
static struct nm_os_leaf nm_os_no_leaf;

static size_t nm_os_mem_leaves(uint64_t size)
{
	return DIV_ROUND_UP_ULL(size, 1u << NM_OS_LEAF_SHIFT);
}

static struct nm_os_leaf *nm_os_leaf_of(const struct nm_os_mem *m, uint64_t pg)
{
	return m->leaf[pg / NM_OS_LEAF_PAGES];
}

int nm_os_mem_create(struct nm_os_mem *m, uint64_t size)
{
	size_t i, n = nm_os_mem_leaves(size);

	m->leaf = kvmalloc_array(n, sizeof(*m->leaf), GFP_KERNEL_ACCOUNT);
	m->lock = kzalloc(sizeof(*m->lock), GFP_KERNEL_ACCOUNT);
	if (!m->leaf || !m->lock) {
		kvfree(m->leaf);
		kfree(m->lock);
		memset(m, 0, sizeof(*m));
		return -ENOMEM;
	}
	mutex_init(m->lock);
	for (i = 0; i < n; i++)
		m->leaf[i] = &nm_os_no_leaf;
	m->base = (uint64_t)atomic64_inc_return(&nm_os_mem_count) <<
		NM_OS_MEM_SHIFT;
	m->size = size;
	return 0;
}

/* Take page @pg out of the directory, and free what it was the last page of. */
static void nm_os_mem_drop(struct nm_os_mem *m, uint64_t pg)
{
	struct nm_os_leaf *leaf = nm_os_leaf_of(m, pg);
	uint32_t i = pg % NM_OS_LEAF_PAGES;
	struct nm_os_piece *piece = leaf->piece[i];

	if (!piece)
		return;
	WRITE_ONCE(leaf->page[i], NULL);
	leaf->piece[i] = NULL;
	if (--piece->n_pages > 0)
		return;
	vfree(piece->addr);
	kfree(piece);
}

void nm_os_mem_destroy(struct nm_os_mem *m)
{
	uint64_t pg;
	size_t i;

	if (m->size == 0)
		return;
	for (i = 0; i < nm_os_mem_leaves(m->size); i++) {
		if (m->leaf[i] == &nm_os_no_leaf)
			continue;
		pg = (uint64_t)i * NM_OS_LEAF_PAGES;
		for (; pg < (i + 1) * (uint64_t)NM_OS_LEAF_PAGES; pg++)
			nm_os_mem_drop(m, pg);
		kvfree(m->leaf[i]);
	}
	kvfree(m->leaf);
	mutex_destroy(m->lock);
	kfree(m->lock);
	memset(m, 0, sizeof(*m));
}

/* Have a leaf of our own for every page in [@pg, @end). */
static int nm_os_mem_leaf(struct nm_os_mem *m, uint64_t pg, uint64_t end)
{
	struct nm_os_leaf *leaf;
	uint64_t i;

	for (i = pg / NM_OS_LEAF_PAGES; i <= (end - 1) / NM_OS_LEAF_PAGES; i++) {
		if (m->leaf[i] != &nm_os_no_leaf)
			continue;
		leaf = kvzalloc(sizeof(*leaf), GFP_KERNEL_ACCOUNT);
		if (!leaf)
			return -ENOMEM;
		/* Pairs with the dependent load in nm_os_mem_at(). */
		smp_store_release(&m->leaf[i], leaf);
	}
	return 0;
}

/* Put one new piece behind the pages [@pg, @end), which have none. */
static int nm_os_mem_piece(struct nm_os_mem *m, uint64_t pg, uint64_t end)
{
	struct nm_os_piece *piece;
	struct nm_os_leaf *leaf;
	uint32_t i;
	char *addr;

	piece = kzalloc(sizeof(*piece), GFP_KERNEL_ACCOUNT);
	if (!piece)
		return -ENOMEM;
	piece->n_pages = end - pg;
	addr = __vmalloc((end - pg) << PAGE_SHIFT, GFP_KERNEL_ACCOUNT |
			 __GFP_ZERO | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
	if (!addr) {
		kfree(piece);
		return -ENOMEM;
	}
	piece->addr = addr;
	for (; pg < end; pg++, addr += PAGE_SIZE) {
		leaf = nm_os_leaf_of(m, pg);
		i = pg % NM_OS_LEAF_PAGES;
		leaf->piece[i] = piece;
		/* Pairs with the dependent load in nm_os_mem_at(). */
		smp_store_release(&leaf->page[i], addr);
	}
	return 0;
}

static bool nm_os_mem_present(const struct nm_os_mem *m, uint64_t pg)
{
	return nm_os_leaf_of(m, pg)->piece[pg % NM_OS_LEAF_PAGES] != NULL;
}

/*
 * What was there stays as it is; on error, stretches that were added stay too
 * and are freed with the region, or by the release that follows.
 */
int nm_os_mem_populate(struct nm_os_mem *m, uint64_t ofs, uint64_t len, int now)
{
	uint64_t pg, last, end;
	int err;

	if (len == 0)
		return 0;
	if (ofs >= m->size || len > m->size - ofs || nm_os_fail_now())
		return -ENOMEM;
	pg = ofs >> PAGE_SHIFT;
	last = (ofs + len - 1) >> PAGE_SHIFT;

	mutex_lock(m->lock);
	err = nm_os_mem_leaf(m, pg, last + 1);
	while (!err && pg <= last) {
		if (nm_os_mem_present(m, pg)) {
			pg++;
			continue;
		}
		end = pg + 1;
		while (end <= last && !nm_os_mem_present(m, end))
			end++;
		err = nm_os_mem_piece(m, pg, end);
		pg = end;
	}
	mutex_unlock(m->lock);
	return err;
}

/* Take whole pages of [@ofs, @end) out of the mappings of programs. */
static void nm_os_mem_unmap(struct nm_os_mem *m, uint64_t ofs, uint64_t end)
{
	ofs = PAGE_ALIGN(ofs);
	end = end & PAGE_MASK;
	if (nm_os_mem_mapping && end > ofs)
		unmap_mapping_range(nm_os_mem_mapping, m->base + ofs,
				    end - ofs, 1);
}

/* Pages that lie in the range only in part are kept; their part is cleared. */
void nm_os_mem_release(struct nm_os_mem *m, uint64_t ofs, uint64_t len)
{
	uint64_t end, part;
	char *p;

	if (ofs >= m->size || len > m->size - ofs)
		return;
	mutex_lock(m->lock);
	nm_os_mem_unmap(m, ofs, ofs + len);
	for (end = ofs + len; ofs < end; ofs += part) {
		part = min_t(uint64_t, end - ofs, PAGE_SIZE - offset_in_page(ofs));
		p = nm_os_mem_at(m, ofs);
		if (!p)
			continue;
		if (part < PAGE_SIZE)
			memset(p, 0, part);
		else
			nm_os_mem_drop(m, ofs >> PAGE_SHIFT);
	}
	mutex_unlock(m->lock);
}
