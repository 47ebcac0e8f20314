/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Buffers nobody has: the sweep of a region, and the quarantine.
 *
 * The quarantine holds buffers of entries that were voided while the sender
 * may still write into them.  Each waits for a grace period; then it goes
 * back to its ring, or to the pool if the ring is gone.
 */
#include "engine/repair.h"
#include "engine/engine_priv.h"
#include "engine/owner.h"
#include "engine/port.h"
#include "engine/plane/inbox.h"

#define GRAB_US		2000u	/* per ring */
#define SETTLE_US	200u	/* a program exchanging two buffers is done */

/* A buffer in quarantine. */
struct nm_kept {
	struct nm_kept *next;
	struct nm_region *region;
	uint32_t ring;		/* in the plane, */
	uint32_t gen;		/* and which use of that number */
	uint32_t buf;
	uint64_t period;
};

int nm_kept_add(struct nm_ring *r, uint32_t buf, uint64_t period)
{
	struct nm_engine *e = r->port->e;
	struct nm_kept *k = nm_os_alloc(sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->region = r->port->region;
	k->ring = r->idx;
	k->gen = r->gen;
	k->buf = buf;
	k->period = period;
	k->next = e->kept;
	e->kept = k;
	r->n_kept++;
	return 0;
}

void nm_kept_undo(struct nm_ring *r)
{
	struct nm_engine *e = r->port->e;
	struct nm_kept *k = e->kept;

	e->kept = k->next;
	nm_os_free(k);
	r->n_kept--;
}

/* Post a buffer to the inbox of a ring that we own. */
static int inbox_give(struct nm_ring *r, uint32_t buf)
{
	struct nm_plane *pl = &r->port->e->pl;
	struct nm_pring *pr = nm_pring_at(pl, r->idx);
	uint32_t mask = nm_ring_inbox_mask(r);
	uint64_t i = nm_load64(&pr->posted);

	if (i - nm_load64(&pr->taken) > mask)
		return -ENOSPC;
	nm_inbox_fill(&nm_inbox_at(pl, r->idx)[i & mask], i, buf);
	nm_inbox_publish(pr, i + 1);
	return 0;
}

/* Back to the ring or to the pool; 0 when it has to wait. */
static int kept_release(struct nm_engine *e, struct nm_kept *k)
{
	struct nm_ring *r;
	int error;

	if (!nm_grace_is_over(e, k->period))
		return 0;
	r = nm_ring_by_index(e, k->ring);
	if (!r || r->gen != k->gen) {
		nm_region_buf_put(k->region, k->buf);
		return 1;
	}
	if (!nm_ring_grab(r, 0))
		return 0;
	error = inbox_give(r, k->buf);
	nm_ring_ungrab(r);
	if (error)	/* the receiver has not passed the voided entry yet */
		return 0;
	r->n_kept--;
	return 1;
}

int nm_kept_tick(struct nm_engine *e)
{
	struct nm_kept **pp = &e->kept, *k;

	while ((k = *pp)) {
		if (!kept_release(e, k)) {
			pp = &k->next;
			continue;
		}
		*pp = k->next;
		nm_os_free(k);
	}
	return e->kept != NULL;
}

void nm_kept_bufs(struct nm_region *rg, void (*fn)(void *ctx, uint32_t buf),
		  void *ctx)
{
	struct nm_kept *k;

	for (k = rg->e->kept; k; k = k->next)
		if (k->region == rg)
			fn(ctx, k->buf);
}

void nm_kept_region_gone(struct nm_region *rg)
{
	struct nm_kept **pp = &rg->e->kept, *k;

	while ((k = *pp)) {
		if (k->region != rg) {
			pp = &k->next;
			continue;
		}
		*pp = k->next;
		nm_os_free(k);
	}
}

void nm_kept_fini(struct nm_engine *e)
{
	struct nm_kept *k;

	while ((k = e->kept)) {
		e->kept = k->next;
		nm_os_free(k);
	}
}

/* Own every open ring of a region; 0 when one cannot be had. */
static int grab_all(struct nm_region *rg)
{
	struct nm_ring *r;

	for (r = rg->rings_list; r; r = r->region_next)
		if (r->life == NM_RING_OPEN && !nm_ring_grab(r, GRAB_US))
			return 0;
	return 1;
}

static void ungrab_all(struct nm_region *rg)
{
	struct nm_ring *r;

	for (r = rg->rings_list; r; r = r->region_next)
		if (r->repair)
			nm_ring_ungrab(r);
}

void nm_region_sweep(struct nm_region *rg)
{
	struct nm_engine *e = rg->e;
	struct nm_marks m;
	uint32_t freed;

	nm_os_assert_held(&e->lock);
	if (rg->n_extra)
		return;
	if (nm_marks_init(&m, rg))
		return;
	if (grab_all(rg)) {
		/*
		 * Twice: without syncs no program gets other slots, but one
		 * may be exchanging the buffers of two of its own.
		 */
		nm_marks_rings(&m, rg, NULL);
		if (rg->rings_list) {
			nm_os_usleep(SETTLE_US);
			nm_marks_rings(&m, rg, NULL);
		}
		freed = nm_pool_set(&rg->bufs, m.bits);
		rg->is_short = 0;
		e->n_sweeps++;
		if (freed)
			nm_os_log(NM_LOG_INFO,
				  "region %u: found %u lost buffers", rg->id,
				  freed);
	}
	ungrab_all(rg);
	nm_marks_fini(&m);
}
