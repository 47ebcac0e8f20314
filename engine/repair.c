/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Repair after a death, and around somebody who has stopped.
 *
 *   1. rings that the dead were syncing become ours
 *   2. a grace period: every reservation made before is committed after it,
 *      or belongs to the dead, or to somebody who stopped
 *   3. entries that were reserved before it and are still open are voided,
 *      by who holds their ring; if somebody stopped, their buffers go into the
 *      quarantine
 *   4. our rings are rebuilt and let go
 */
#include "engine/repair.h"
#include "engine/engine_priv.h"
#include "engine/extra.h"
#include "engine/port.h"
#include "engine/vale.h"
#include "engine/vif.h"
#include "engine/plane/inbox.h"

#define GRAB_POLL_US	50u
#define GRAB_US		2000u	/* for a ring with entries to void */

static struct nm_pring *pring_of(const struct nm_ring *r)
{
	return nm_pring_at(&r->port->e->pl, r->idx);
}

int nm_ring_grab(struct nm_ring *r, uint32_t us)
{
	uint32_t *busy = &pring_of(r)->busy;
	uint32_t me = r->port->e->self.id + 1;
	uint64_t end = 0;

	while (!nm_cas32(busy, 0, me)) {
		uint32_t who = nm_load32_acq(busy);

		/* nobody's number: somebody wrote it there */
		if (who && !nm_ring_holder(r) && nm_cas32(busy, who, me))
			break;
		if (!end)
			end = nm_os_now_ns() + (uint64_t)us * 1000;
		if (nm_os_now_ns() >= end)
			return 0;
		nm_os_usleep(GRAB_POLL_US);
	}
	r->repair = 1;
	return 1;
}

void nm_ring_ungrab(struct nm_ring *r)
{
	r->repair = 0;
	nm_store32_rel(&pring_of(r)->busy, 0);
}

struct nm_ring *nm_ring_by_index(struct nm_engine *e, uint32_t idx)
{
	struct nm_region *rg;
	struct nm_ring *r;

	for (rg = e->regions; rg; rg = rg->next)
		for (r = rg->rings_list; r; r = r->region_next)
			if (r->idx == idx && r->life == NM_RING_OPEN)
				return r;
	return NULL;
}

static int has_inbox(const struct nm_ring *r)
{
	return r->life == NM_RING_OPEN && nm_ring_has_inbox(r);
}

static void snapshot(struct nm_ring *r)
{
	if (has_inbox(r))
		r->snap = nm_load64_acq(&pring_of(r)->reserved);
}

/*
 * Void entry @i if it is still open; @keep: its buffer is not safe yet, and is
 * taken from the entry: should the sender's late word hide that it is void,
 * the receiver finds no buffer in it.
 */
static int void_entry(struct nm_ring *r, struct nm_entry *e, uint64_t i,
		      int keep, uint64_t period)
{
	uint32_t buf = nm_load32(&e->buf_idx);

	if (!nm_entry_is_open(nm_load64_acq(&e->word), nm_entry_free(i)))
		return 0;
	if (!keep || !buf)	/* 0: taken before, and then a late word */
		return nm_entry_close(e, i, NM_ENTRY_VOID);
	/* more than it has: somebody writes to the entries */
	if (r->n_kept >= r->n_slots || nm_kept_add(r, buf, period))
		return 0;
	if (nm_entry_close(e, i, NM_ENTRY_VOID_KEPT)) {
		nm_store32(&e->buf_idx, 0);
		return 1;
	}
	/* committed after all: the buffer is the receiver's as ever */
	nm_kept_undo(r);
	return 0;
}

/*
 * The first entry of [taken, snap) that is open; snap when none is, or the
 * positions make no sense.
 */
static uint64_t first_open(const struct nm_ring *r)
{
	struct nm_entry *entry = nm_inbox_at(&r->port->e->pl, r->idx);
	uint32_t mask = nm_ring_inbox_mask(r);
	uint64_t i = nm_load64(&pring_of(r)->taken);

	if (r->snap - i > mask + 1)
		return r->snap;
	while (i != r->snap &&
	       !nm_entry_is_open(nm_load64_acq(&entry[i & mask].word),
				 nm_entry_free(i)))
		i++;
	return i;
}

/*
 * After the grace period: entries [taken, snap) that nobody will commit.  The
 * ring is ours; each entry is a packet lost, or a slot of one.
 */
static void void_entries(struct nm_ring *r, int keep, uint64_t period)
{
	struct nm_engine *e = r->port->e;
	struct nm_entry *entry = nm_inbox_at(&e->pl, r->idx);
	uint32_t mask = nm_ring_inbox_mask(r), n = 0;
	uint64_t i;

	for (i = first_open(r); i != r->snap; i++)
		n += void_entry(r, &entry[i & mask], i, keep, period);
	if (!n)
		return;
	nm_drop(pring_of(r), NM_DROP_VOIDED, n);
	nm_ring_notify(&e->pl, &e->self, r->idx);
}

/*
 * The same for a ring that may be in use.  Who holds it for long has stopped
 * in a sync, or has not seen the entries yet: it reports them when it waits
 * for them.
 */
static void void_shared(struct nm_ring *r, int keep, uint64_t period)
{
	if (!has_inbox(r) || first_open(r) == r->snap)
		return;
	if (r->repair) {
		void_entries(r, keep, period);
	} else if (nm_ring_grab(r, GRAB_US)) {
		void_entries(r, keep, period);
		nm_ring_ungrab(r);
	}
}

/* Step 1: the busy words of the dead become ours. */
static void take_over(struct nm_engine *e, const uint32_t *ids, uint32_t n)
{
	struct nm_region *rg;
	struct nm_ring *r;
	uint32_t i, busy;

	for (rg = e->regions; rg; rg = rg->next) {
		for (r = rg->rings_list; r; r = r->region_next) {
			snapshot(r);
			busy = nm_load32_acq(&pring_of(r)->busy);
			for (i = 0; busy && i < n; i++)
				if (busy == ids[i] + 1)
					r->repair = nm_cas32(&pring_of(r)->busy,
							     busy,
							     e->self.id + 1);
		}
	}
}

/* Steps 3 and 4 for every ring. */
static void repair_rings(struct nm_engine *e, int keep, uint64_t period)
{
	struct nm_region *rg;
	struct nm_ring *r;

	for (rg = e->regions; rg; rg = rg->next) {
		for (r = rg->rings_list; r; r = r->region_next) {
			void_shared(r, keep, period);
			if (!r->repair)
				continue;
			if (r->life == NM_RING_OPEN)
				nm_ring_rebuild(r);
			nm_ring_ungrab(r);
		}
	}
}

void nm_actor_dead(struct nm_engine *e, const uint32_t *ids, uint32_t n)
{
	uint64_t period;
	uint32_t i;
	int over;

	nm_os_mutex_lock(&e->lock);
	/* the dead hold up nothing, and their numbers stay taken meanwhile */
	for (i = 0; i < n; i++)
		if (nm_actor_is_live(e, ids[i]))
			e->actors.v[ids[i]].dead = 1;
	take_over(e, ids, n);
	period = nm_grace_begin(e);
	over = nm_grace_wait(e, period, NM_REPAIR_US);
	repair_rings(e, !over, period);
	for (i = 0; i < n; i++)
		nm_actor_free_locked(e, ids[i]);
	nm_os_mutex_unlock(&e->lock);
}

void nm_ring_stalled(struct nm_engine *e, uint32_t ring)
{
	struct nm_ring *r;
	uint64_t period;
	int over;

	nm_os_mutex_lock(&e->lock);
	r = nm_ring_by_index(e, ring);
	if (r && has_inbox(r)) {
		snapshot(r);
		period = nm_grace_begin(e);
		over = nm_grace_wait(e, period, NM_REPAIR_US);
		void_shared(r, !over, period);
	}
	nm_os_mutex_unlock(&e->lock);
}

int nm_engine_tick(struct nm_engine *e)
{
	struct nm_region *rg;
	int more;

	nm_os_mutex_lock(&e->lock);
	more = nm_rings_tick(e);
	more |= nm_ports_tick(e);
	more |= nm_switches_tick(e);
	more |= nm_kept_tick(e);
	more |= nm_extra_tick(e);
	more |= nm_vifs_tick(e);
	for (rg = e->regions; rg; rg = rg->next)
		more |= nm_pool_trim(&rg->bufs);
	nm_os_mutex_unlock(&e->lock);
	return more;
}
