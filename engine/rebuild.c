/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Rings whose sync was cut off half-way.
 *
 * The plane moves a position after what it stands for, so a cut leaves one of
 * few pictures, and each can be told from the numbers of buffers.  A receive
 * ring of n slots with an inbox has n buffers, in slots [hwcur, hwtail) and in
 * entries [taken, posted):
 *
 *   too many   slots were posted, hwcur did not follow: they are the first
 *              of the slots, and in an entry as well
 *   too few    entries were taken, hwtail did not follow: they are in the
 *              slots from hwtail on
 *
 * What the numbers cannot explain (somebody wrote nonsense) is replaced with
 * buffers from the pool.
 *
 * Whoever shares the plane may write to it meanwhile.  So the description of
 * the ring is that of the control plane, positions are loaded once and worked
 * on in private, and what results is stored at the end.
 */
#include "engine/repair.h"
#include "engine/engine_priv.h"
#include "engine/owner.h"
#include "engine/port.h"
#include "engine/plane/inbox.h"
#include "engine/plane/view.h"

/* The ring being rebuilt, and a bit for each buffer found in it. */
struct rebuild {
	struct nm_ring *r;
	struct nm_pring *pr;
	struct netmap_slot *slots;
	struct nm_entry *entries;
	uint32_t n;			/* slots */
	uint32_t mask;			/* of the inbox */
	uint32_t hwcur, hwtail;		/* < n */
	uint64_t taken, posted;
	uint64_t *seen;
};

static int is_seen(const struct rebuild *b, uint32_t buf)
{
	return b->seen[buf / 64] >> (buf % 64) & 1;
}

static int is_used(const struct rebuild *b, uint32_t buf)
{
	return nm_pool_is_used(&b->r->port->region->bufs, buf);
}

/* Does @buf name a buffer in use that was not met before?  Now it was. */
static int meet(struct rebuild *b, uint32_t buf)
{
	if (!is_used(b, buf) || is_seen(b, buf))
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
	nm_owner_set(b->r->port->region, &buf, 1,
		     (b->r->n_bufs ? b->r : b->r->peer)->owner);
	b->seen[buf / 64] |= 1ULL << (buf % 64);
	return buf;
}

/*
 * Entries [taken, posted): each must have a buffer of its own, but those whose
 * buffer is kept: voided, and perhaps hidden by a late word.  Return how many
 * have one.
 */
static uint32_t fix_entries(struct rebuild *b)
{
	uint64_t i, reserved = nm_load64(&b->pr->reserved);
	uint32_t n = 0;

	if (b->posted - b->taken > b->mask + 1)
		b->posted = b->taken;
	if (reserved - b->taken > b->posted - b->taken)
		nm_store64(&b->pr->reserved, b->posted);
	for (i = b->taken; i != b->posted; i++) {
		struct nm_entry *e = &b->entries[i & b->mask];
		uint32_t buf = nm_load32(&e->buf_idx);

		if (!buf || nm_entry_state(nm_load64(&e->word)) ==
		    NM_ENTRY_VOID_KEPT)
			continue;
		if (!meet(b, buf))
			nm_store32(&e->buf_idx, fresh(b));
		n++;
	}
	return n;
}

static uint32_t slot_buf(const struct rebuild *b, uint32_t i)
{
	return nm_load32(&b->slots[i].buf_idx);
}

/* The user's slots: drop those that were posted, make the others good. */
static uint32_t fix_slots(struct rebuild *b)
{
	uint32_t i;

	while (b->hwcur != b->hwtail) {
		uint32_t buf = slot_buf(b, b->hwcur);

		if (!is_used(b, buf) || !is_seen(b, buf))
			break;
		b->hwcur = nm_next(b->hwcur, b->n);
	}
	for (i = b->hwcur; i != b->hwtail; i = nm_next(i, b->n))
		if (!meet(b, slot_buf(b, i)))
			nm_store32(&b->slots[i].buf_idx, fresh(b));
	return nm_dist(b->hwcur, b->hwtail, b->n);
}

/* @missing buffers are neither in slots nor in entries. */
static void fix_missing(struct rebuild *b, uint32_t missing)
{
	uint32_t buf;

	for (; missing && nm_next(b->hwtail, b->n) != b->hwcur; missing--) {
		if (!meet(b, slot_buf(b, b->hwtail)))
			break;
		b->hwtail = nm_next(b->hwtail, b->n);
	}
	for (; missing && b->posted - b->taken <= b->mask; missing--) {
		buf = fresh(b);
		if (!buf)
			break;
		nm_inbox_fill(&b->entries[b->posted & b->mask], b->posted, buf);
		b->posted++;
	}
}

static void rebuild_inbox(struct rebuild *b)
{
	struct nm_region *rg = b->r->port->region;
	uint32_t have;

	b->entries = nm_inbox_at(&rg->e->pl, b->r->idx);
	b->mask = nm_ring_inbox_mask(b->r);
	b->taken = nm_load64(&b->pr->taken);
	b->posted = nm_load64(&b->pr->posted);
	b->seen = nm_os_alloc((rg->bufs.n + 63) / 64 * sizeof(*b->seen));
	if (!b->seen) {
		rg->is_short = 1;
		return;
	}
	have = fix_entries(b);
	have += fix_slots(b);
	have += b->r->n_kept;
	if (have < b->n)
		fix_missing(b, b->n - have);
	nm_store64(&b->pr->taken, b->taken);
	nm_inbox_publish(b->pr, b->posted);
	nm_os_free(b->seen);
}

/* Everything up to the head that was accepted counts as sent. */
static void rebuild_copied(struct rebuild *b)
{
	b->hwcur = nm_load32(&b->pr->rhead) % b->n;
	b->hwtail = nm_prev(b->hwcur, b->n);
}

/* hwcur leads and pub or rel follows; see nm_pipe_send(), nm_pipe_receive(). */
static void rebuild_pipe(struct rebuild *b)
{
	struct nm_engine *e = b->r->port->e;
	struct nm_pring *pr = b->pr;
	uint32_t changed;

	if (b->r->dir) {
		b->hwtail = nm_prev(nm_pipe_rel_head(nm_load32(&pr->seen)) %
				    b->n, b->n);
		nm_store32_rel(&pr->pub, b->hwcur);
	} else {
		changed = nm_load32(&pr->changed) + 1;
		nm_store32(&pr->changed, changed);
		nm_store32_rel(&pr->rel, nm_pipe_rel(b->hwcur, changed));
	}
	nm_ring_notify(&e->pl, &e->self, b->r->peer->idx);
}

void nm_ring_rebuild(struct nm_ring *r)
{
	struct nm_pring *pr = nm_pring_at(&r->port->e->pl, r->idx);
	struct rebuild b = {
		.r = r,
		.pr = pr,
		.slots = (struct netmap_slot *)(nm_ring_object(r) + 1),
		.n = r->n_slots,
		.hwcur = nm_load32(&pr->hwcur) % r->n_slots,
		.hwtail = nm_load32(&pr->hwtail) % r->n_slots,
	};

	nm_ring_describe(r);
	if (r->peer)
		rebuild_pipe(&b);
	else if (nm_ring_has_inbox(r))
		rebuild_inbox(&b);
	else if (r->dir && r->plane != NM_PLANE_NULL &&
		 r->plane != NM_PLANE_DEV)
		rebuild_copied(&b);
	nm_store32(&pr->hwcur, b.hwcur);
	nm_store32(&pr->hwtail, b.hwtail);
	nm_store32(&pr->rhead, b.hwcur);
	nm_store32(&pr->rcur, b.hwcur);
	nm_store32(&pr->rtail, b.hwtail);
}
