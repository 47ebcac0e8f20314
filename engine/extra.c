/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Extra buffers, out and home; see extra.h.
 */
#include "engine/extra.h"
#include "engine/engine_priv.h"
#include "engine/owner.h"
#include "engine/plane/extra.h"
#include "engine/port.h"
#include "engine/repair.h"

/* A list on its way home. */
struct nm_homing {
	struct nm_homing *next;		/* e->homing */
	struct nm_region *rg;		/* a reference, once in e->homing */
	uint32_t idx;			/* the next buffer, as its program said */
	uint32_t had;			/* buffers the program was given, */
	uint32_t left;			/* and those that did not come yet */
	uint32_t owner;
	uint32_t lost;			/* somebody else's, or there twice */
};

/*
 * Put a batch of extra buffers, as runs, in front of the list.  Buffers are
 * promised, and get memory when they are touched, as the first of each run is
 * here: those for which there is none go back.  Returns how many were linked.
 */
static uint32_t link_runs(struct nm_region *rg, const uint32_t *idx,
			  uint32_t n, uint32_t *head)
{
	uint32_t left = n, len;
	void *at;

	for (; left > 0; left -= len) {
		for (len = 1; len < left; len++)
			if (idx[left - len - 1] + 1 != idx[left - len])
				break;
		at = nm_region_at(rg, nm_pool_ofs(&rg->bufs, idx[left - len]));
		if (!at)
			break;
		nm_extra_run(at, *head, len);
		*head = idx[left - len];
	}
	n -= left;
	while (left > 0)
		nm_pool_put(&rg->bufs, idx[--left]);
	return n;
}

uint32_t nm_extra_take(struct nm_region *rg, uint32_t want, uint32_t owner,
		       uint32_t *head)
{
	uint32_t *scratch = rg->e->scratch, n, linked, got = 0;

	if (want > NM_EXTRA_MAX)
		want = NM_EXTRA_MAX;
	while (got < want) {
		n = want - got < NM_MAX_SLOTS ? want - got : NM_MAX_SLOTS;
		while (n && nm_pool_take(&rg->bufs, scratch, n))
			n /= 2;
		if (!n)
			break;
		nm_owner_set(rg, scratch, n, owner);
		linked = link_runs(rg, scratch, n, head);
		got += linked;
		if (linked < n)
			break;
	}
	rg->n_extra += got;
	return got;
}

uint32_t nm_extra_next(const struct nm_region *rg, uint32_t idx)
{
	const uint32_t *at = nm_region_at(rg, nm_pool_ofs(&rg->bufs, idx));

	return at ? nm_load32(at) : 0;
}

/*
 * Follow a list for at most @step buffers.  It ends at the first number that
 * names no buffer in use, so a loop ends where it began; and when as many came
 * back as were given, because what follows is somebody else's.  Return whether
 * it has ended.
 */
static int follow(struct nm_homing *h, uint32_t step)
{
	struct nm_region *rg = h->rg;
	struct nm_giver g;
	uint32_t next;

	nm_giver_init(&g, rg, NULL, h->owner);
	for (; step && h->left && nm_pool_is_used(&rg->bufs, h->idx); step--) {
		next = nm_extra_next(rg, h->idx);
		h->lost += !nm_giver_give(&g, h->idx);
		h->idx = next;
		h->left--;
	}
	nm_giver_fini(&g);
	return step > 0;
}

static void arrive(struct nm_homing *h)
{
	struct nm_region *rg = h->rg;

	if (h->left || h->lost || nm_pool_is_used(&rg->bufs, h->idx))
		rg->is_short = 1;
	rg->n_extra -= h->had;
	nm_pool_trim(&rg->bufs);
}

void nm_extra_give(struct nm_region *rg, uint32_t head, uint32_t had,
		   uint32_t owner)
{
	struct nm_homing now = {
		.rg = rg, .idx = head, .had = had, .left = had, .owner = owner,
	}, *h;

	if (follow(&now, NM_EXTRA_STEP)) {
		arrive(&now);
		return;
	}
	h = nm_os_alloc(sizeof(*h));
	if (!h) {
		follow(&now, had + 1);
		arrive(&now);
		return;
	}
	*h = now;
	nm_region_get(rg);
	h->next = rg->e->homing;
	rg->e->homing = h;
}

/* The list has ended, or its region with it. */
static void homing_free(struct nm_homing *h)
{
	struct nm_region *rg = h->rg;

	nm_os_free(h);
	if (rg->is_short && rg->refs > 1)
		nm_region_sweep(rg);
	nm_region_put(rg);
}

int nm_extra_tick(struct nm_engine *e)
{
	struct nm_homing **pp = &e->homing, *h;

	while ((h = *pp)) {
		/* nobody else has the region: it goes, and all that is in it */
		if (h->rg->refs > 1) {
			if (!follow(h, NM_EXTRA_STEP)) {
				pp = &h->next;
				continue;
			}
			arrive(h);
		}
		*pp = h->next;
		homing_free(h);
	}
	return e->homing != NULL;
}

void nm_extra_mark(struct nm_marks *m, const struct nm_region *rg)
{
	const struct nm_homing *h;

	for (h = rg->e->homing; h; h = h->next)
		if (h->rg == rg)
			nm_marks_list(m, rg, h->idx, h->left);
}

void nm_extra_fini(struct nm_engine *e)
{
	struct nm_homing *h;

	while ((h = e->homing)) {
		e->homing = h->next;
		homing_free(h);
	}
}
