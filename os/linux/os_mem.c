/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A region's memory: pieces of pages behind a two-level directory.
 *
 *   m->leaf[2 MiB number] -> leaf->page[page number] -> address, or NULL
 *                            leaf->piece[page number] -> what it is part of
 *
 * A piece is a run of adjacent pages that come and go together.  What is
 * promised for now gets one piece with memory for each stretch that had none;
 * what is promised for later gets a piece without memory per unit, and the
 * first who asks for an address in it, a sync or a page fault, has memory put
 * behind it (nm_os_mem_touch()).  New memory is zero, and is accounted to who
 * asked.  A piece of one page is that page; longer ones are mapped by vmalloc.
 *
 * Mappings by programs are in dev_map.c.  A page leaves them before it leaves
 * the region; the region's lock is held for both, and while one is put in.
 *
 * M1: leaf->page[i] is set iff leaf->piece[i] is and has memory.
 * M2: nm_os_mem_promised is the sum of the lengths of all pieces.
 */
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "engine/os.h"
#include "os/linux/os_fail.h"
#include "os/linux/os_map.h"
#include "os/linux/os_pin.h"

#define NM_OS_MEM_GFP	(GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN | \
			 __GFP_RETRY_MAYFAIL)

DEFINE_PER_CPU(struct task_struct *, nm_os_pinned);
struct address_space *nm_os_mem_mapping;

#define NM_OS_LATE_LEN	(1u << 20)

/*
 * Pages that regions promise, with memory or without.  Most of what is promised
 * is never touched, so it may be more than the machine has, but not out of all
 * proportion.
 */
#define NM_OS_OVERCOMMIT	4

static atomic_long_t nm_os_mem_promised;

/* Regions that were ever made: each has a place of its own in the mapping. */
static atomic64_t nm_os_mem_count;

/* All fields: the region's lock. */
struct nm_os_piece {
	char *addr;		/* NULL: no memory yet */
	uint64_t first;		/* page number in the region */
	uint32_t n_pages;
	uint32_t n_left;	/* pages that are still in the region */
};

/*
 * Regions of which somebody who cannot sleep has asked for memory; nm_os_late()
 * puts it there.
 */
struct nm_os_late {
	struct work_struct work;
	struct nm_os_mem *m;
	unsigned long pg;	/* + 1; 0: nothing is asked for */
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

static void nm_os_late(struct work_struct *work);

int nm_os_mem_create(struct nm_os_mem *m, uint64_t size)
{
	size_t i, n = nm_os_mem_leaves(size);

	m->leaf = kvmalloc_array(n, sizeof(*m->leaf), GFP_KERNEL_ACCOUNT);
	m->lock = kzalloc(sizeof(*m->lock), GFP_KERNEL_ACCOUNT);
	m->late = kzalloc(sizeof(*m->late), GFP_KERNEL_ACCOUNT);
	if (!m->leaf || !m->lock || !m->late) {
		kvfree(m->leaf);
		kfree(m->lock);
		kfree(m->late);
		memset(m, 0, sizeof(*m));
		return -ENOMEM;
	}
	mutex_init(m->lock);
	INIT_WORK(&m->late->work, nm_os_late);
	m->late->m = m;
	for (i = 0; i < n; i++)
		m->leaf[i] = &nm_os_no_leaf;
	m->base = (uint64_t)atomic64_inc_return(&nm_os_mem_count) <<
		NM_OS_MEM_SHIFT;
	m->size = size;
	return 0;
}

static void nm_os_piece_free(struct nm_os_piece *piece)
{
	if (is_vmalloc_addr(piece->addr))
		vfree(piece->addr);
	else if (piece->addr)
		free_page((unsigned long)piece->addr);
	atomic_long_sub(piece->n_pages, &nm_os_mem_promised);
	kfree(piece);
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
	WRITE_ONCE(leaf->piece[i], NULL);
	if (--piece->n_left == 0)
		nm_os_piece_free(piece);
}

void nm_os_mem_destroy(struct nm_os_mem *m)
{
	uint64_t pg;
	size_t i;

	if (m->size == 0)
		return;
	cancel_work_sync(&m->late->work);
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
	kfree(m->late);
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

/* Put memory behind a piece. */
static int nm_os_piece_back(struct nm_os_mem *m, struct nm_os_piece *piece)
{
	struct nm_os_leaf *leaf;
	uint32_t i, k;

	if (piece->addr)
		return 0;
	piece->addr = piece->n_pages == 1 ?
		(void *)__get_free_page(NM_OS_MEM_GFP) :
		__vmalloc((size_t)piece->n_pages << PAGE_SHIFT, NM_OS_MEM_GFP);
	if (!piece->addr)
		return -ENOMEM;
	for (k = 0; k < piece->n_pages; k++) {
		leaf = nm_os_leaf_of(m, piece->first + k);
		i = (piece->first + k) % NM_OS_LEAF_PAGES;
		/* Pairs with the dependent load in nm_os_mem_at(). */
		if (leaf->piece[i] == piece)
			smp_store_release(&leaf->page[i],
					  piece->addr + k * PAGE_SIZE);
	}
	return 0;
}

/* Promise the pages [@pg, @end), which have none, as one piece. */
static int nm_os_mem_piece(struct nm_os_mem *m, uint64_t pg, uint64_t end,
			   bool now)
{
	struct nm_os_piece *piece;
	uint64_t i;

	piece = kzalloc(sizeof(*piece), GFP_KERNEL_ACCOUNT);
	if (!piece)
		return -ENOMEM;
	piece->first = pg;
	piece->n_pages = piece->n_left = end - pg;
	if (atomic_long_add_return(piece->n_pages, &nm_os_mem_promised) >
	    (long)(NM_OS_OVERCOMMIT * totalram_pages()))
		goto err_piece;
	for (i = pg; i < end; i++)
		WRITE_ONCE(nm_os_leaf_of(m, i)->piece[i % NM_OS_LEAF_PAGES],
			   piece);
	if (!now || !nm_os_piece_back(m, piece))
		return 0;
	for (i = pg; i < end; i++)
		WRITE_ONCE(nm_os_leaf_of(m, i)->piece[i % NM_OS_LEAF_PAGES],
			   NULL);
err_piece:
	nm_os_piece_free(piece);
	return -ENOMEM;
}

static bool nm_os_mem_present(const struct nm_os_mem *m, uint64_t pg)
{
	return nm_os_leaf_of(m, pg)->piece[pg % NM_OS_LEAF_PAGES] != NULL;
}

/*
 * What was there stays as it is; on error, stretches that were added stay too
 * and are freed with the region, or by the release that follows.
 */
int nm_os_mem_populate(struct nm_os_mem *m, uint64_t ofs, uint64_t len,
		       uint64_t unit)
{
	uint64_t pg, last, end, stop, first = ofs >> PAGE_SHIFT;
	int err;

	if (len == 0)
		return 0;
	if (ofs >= m->size || len > m->size - ofs || nm_os_fail_now())
		return -ENOMEM;
	pg = first;
	last = (ofs + len - 1) >> PAGE_SHIFT;
	unit >>= PAGE_SHIFT;

	mutex_lock(m->lock);
	err = nm_os_mem_leaf(m, pg, last + 1);
	while (!err && pg <= last) {
		if (nm_os_mem_present(m, pg)) {
			pg++;
			continue;
		}
		stop = unit ? min(last + 1, pg + unit - (pg - first) % unit) :
			last + 1;
		end = pg + 1;
		while (end < stop && !nm_os_mem_present(m, end))
			end++;
		err = nm_os_mem_piece(m, pg, end, !unit);
		pg = end;
	}
	mutex_unlock(m->lock);
	return err;
}

void *nm_os_mem_back(struct nm_os_mem *m, uint64_t ofs, uint64_t *first,
		     uint64_t *n)
{
	uint64_t pg = ofs >> PAGE_SHIFT;
	struct nm_os_piece *piece;

	lockdep_assert_held(m->lock);
	if (ofs >= m->size)
		return NULL;
	piece = nm_os_leaf_of(m, pg)->piece[pg % NM_OS_LEAF_PAGES];
	if (!piece || nm_os_piece_back(m, piece))
		return NULL;
	*first = piece->first << PAGE_SHIFT;
	*n = piece->n_pages;
	return piece->addr + (pg - piece->first) * PAGE_SIZE +
		offset_in_page(ofs);
}

/* Memory for the piece at @ofs. */
static void *nm_os_mem_get(struct nm_os_mem *m, uint64_t ofs)
{
	uint64_t first, n;
	void *p;

	mutex_lock(m->lock);
	p = nm_os_mem_back(m, ofs, &first, &n);
	mutex_unlock(m->lock);
	return p;
}

/*
 * Who asks without sleeping asks for the beginning of something: what follows
 * will be asked for next.
 */
static void nm_os_late(struct work_struct *work)
{
	struct nm_os_late *late = container_of(work, struct nm_os_late, work);
	unsigned long pg = xchg(&late->pg, 0);
	uint64_t ofs, end, first, n;

	if (!pg)
		return;
	ofs = (uint64_t)(pg - 1) << PAGE_SHIFT;
	mutex_lock(late->m->lock);
	for (end = ofs + NM_OS_LATE_LEN; ofs < end; ofs = first + n * PAGE_SIZE)
		if (!nm_os_mem_back(late->m, ofs, &first, &n))
			break;
	mutex_unlock(late->m->lock);
}

void *nm_os_mem_touch(const struct nm_os_mem *cm, uint64_t ofs)
{
	struct nm_os_mem *m = (struct nm_os_mem *)cm;
	unsigned long pg = ofs >> PAGE_SHIFT;
	bool pinned;
	void *p;

	if (!READ_ONCE(nm_os_leaf_of(m, pg)->piece[pg % NM_OS_LEAF_PAGES]))
		return NULL;
	if (in_interrupt() || irqs_disabled()) {
		if (!cmpxchg(&m->late->pg, 0, pg + 1))
			schedule_work(&m->late->work);
		return NULL;
	}
	pinned = nm_os_unpin_self();
	p = nm_os_mem_get(m, ofs);
	if (pinned)
		nm_os_pin();
	return p;
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
		if (part == PAGE_SIZE) {
			nm_os_mem_drop(m, ofs >> PAGE_SHIFT);
			continue;
		}
		p = nm_os_mem_present_at(m, ofs);
		if (p)
			memset(p, 0, part);
	}
	mutex_unlock(m->lock);
}
