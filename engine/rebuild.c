/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Rings whose sync was cut off half-way.
 *
 * The plane moves a position after what it stands for, so a cut leaves one of
 * few pictures, and each can be told from the numbers of buffers.  A VALE
 * receive ring of n slots has n buffers, in slots [hwcur, hwtail) and in
 * entries [taken, posted):
 *
 *   too many   slots were posted, hwcur did not follow: they are the first
 *              of the slots, and in an entry as well
 *   too few    entries were taken, hwtail did not follow: they are in the
 *              slots from hwtail on
 *
 * What the numbers cannot explain (somebody wrote nonsense) is replaced with
 * buffers from the pool.
 */
#include "engine/repair.h"
#include "engine/engine_priv.h"
#include "engine/port.h"
#include "engine/plane/inbox.h"
#include "engine/plane/view.h"

/* The ring being rebuilt, and a bit for each buffer found in it. */
struct rebuild {
	struct nm_ring *r;
	struct nm_view v;
	struct nm_entry *entries;
	uint32_t mask;
	uint64_t *seen;
};

static int is_seen(const struct rebuild *b, uint32_t buf)
{
	return b->seen[buf / 64] >> (buf % 64) & 1;
}

/* Does @buf name a buffer in use that was not met before?  Now it was. */
static int meet(struct rebuild *b, uint32_t buf)
{
	if (!nm_pool_is_used(&b->r->port->region->bufs, buf) || is_seen(b, buf))
		return 0;
	b->seen[buf / 64] |= 1ULL << (buf % 64);
	return 1;
}

/* A buffer from the pool; 0, which is nobody's, when there is none. */
static uint32_t fresh(struct rebuild *b)
{
	uint32_t buf;

	b->r->port->region->is_short = 1;
	if (nm_pool_take(&b->r->port->region->bufs, &buf, 1))
		return 0;
	b->seen[buf / 64] |= 1ULL << (buf % 64);
	return buf;
}

/* Entries [taken, posted): each must have a buffer of its own. */
static uint32_t fix_entries(struct rebuild *b)
{
	struct nm_pring *pr = b->v.r;
	uint64_t i, posted = nm_load64(&pr->posted);
	uint64_t taken = nm_load64(&pr->taken);

	if (posted - taken > b->mask + 1) {
		posted = taken;
		nm_store64(&pr->reserved, taken);
	}
	if (nm_load64(&pr->reserved) - taken > posted - taken)
		nm_store64(&pr->reserved, posted);
	for (i = taken; i != posted; i++) {
		struct nm_entry *e = &b->entries[i & b->mask];

		if (nm_entry_state(nm_load64(&e->word)) != NM_ENTRY_VOID_KEPT &&
		    !meet(b, nm_load32(&e->buf_idx)))
			e->buf_idx = fresh(b);
	}
	nm_inbox_publish(pr, posted);
	return posted - taken;
}

static uint32_t slot_buf(const struct rebuild *b, uint32_t i)
{
	return nm_load32(&b->v.slots[i].buf_idx);
}

/* The user's slots: drop those that were posted, make the others good. */
static uint32_t fix_slots(struct rebuild *b)
{
	struct nm_pring *pr = b->v.r;
	uint32_t n = b->v.n, i, owned;

	pr->hwcur %= n;
	pr->hwtail %= n;
	while (pr->hwcur != pr->hwtail && slot_buf(b, pr->hwcur) < b->v.bufs.n &&
	       is_seen(b, slot_buf(b, pr->hwcur)))
		pr->hwcur = nm_next(pr->hwcur, n);
	owned = nm_dist(pr->hwcur, pr->hwtail, n);
	for (i = pr->hwcur; i != pr->hwtail; i = nm_next(i, n)) {
		if (!meet(b, slot_buf(b, i)))
			nm_store32(&b->v.slots[i].buf_idx, fresh(b));
	}
	return owned;
}

/* @missing buffers are neither in slots nor in entries. */
static void fix_missing(struct rebuild *b, uint32_t missing)
{
	struct nm_pring *pr = b->v.r;
	uint32_t n = b->v.n;
	uint64_t i = pr->posted;
	uint32_t buf;

	for (; missing && nm_next(pr->hwtail, n) != pr->hwcur; missing--) {
		if (!meet(b, slot_buf(b, pr->hwtail)))
			break;
		pr->hwtail = nm_next(pr->hwtail, n);
	}
	for (; missing && i - pr->taken <= b->mask; missing--, i++) {
		buf = fresh(b);
		if (!buf)
			break;
		nm_inbox_fill(&b->entries[i & b->mask], i, buf);
	}
	nm_inbox_publish(pr, i);
}

static void rebuild_vale_rx(struct rebuild *b)
{
	struct nm_ring *r = b->r;
	uint32_t have;

	b->entries = nm_inbox_at(&r->port->e->pl, r->idx);
	b->mask = nm_inbox_mask(b->v.r);
	b->seen = nm_os_alloc((b->v.bufs.n + 63) / 64 * sizeof(*b->seen));
	if (!b->seen) {
		r->port->region->is_short = 1;
		return;
	}
	have = fix_entries(b);
	have += fix_slots(b);
	have += r->n_kept;
	if (have < b->v.n)
		fix_missing(b, b->v.n - have);
	nm_os_free(b->seen);
}

/* Everything up to the head that was accepted counts as sent. */
static void rebuild_vale_tx(struct rebuild *b)
{
	struct nm_pring *pr = b->v.r;

	pr->hwcur = pr->rhead % b->v.n;
	pr->hwtail = nm_prev(pr->hwcur, b->v.n);
}

/* hwcur leads and pub or rel follows; see nm_pipe_send(), nm_pipe_receive(). */
static void rebuild_pipe(struct rebuild *b)
{
	struct nm_pring *pr = b->v.r;

	pr->hwcur %= b->v.n;
	if (b->r->dir) {
		pr->hwtail = nm_prev(nm_pipe_rel_head(pr->seen) % b->v.n,
				     b->v.n);
		nm_store32_rel(&pr->pub, pr->hwcur);
	} else {
		nm_store32(&pr->changed, pr->changed + 1);
		nm_store32_rel(&pr->rel, nm_pipe_rel(pr->hwcur, pr->changed));
	}
	nm_ring_notify(&b->r->port->e->pl, &b->r->port->e->self,
		       b->r->peer->idx);
}

void nm_ring_rebuild(struct nm_ring *r)
{
	struct rebuild b = { .r = r };

	if (nm_view_init(&r->port->e->pl, r->idx, &b.v))
		return;
	if (r->peer)
		rebuild_pipe(&b);
	else if (b.v.kind == NM_PLANE_VALE && r->dir)
		rebuild_vale_tx(&b);
	else if (b.v.kind == NM_PLANE_VALE)
		rebuild_vale_rx(&b);
	b.v.r->rhead = b.v.r->rcur = b.v.r->hwcur;
	b.v.r->rtail = b.v.r->hwtail;
}
