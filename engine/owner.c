/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Owners of buffers; see owner.h.
 */
#include "engine/owner.h"
#include "engine/bind.h"
#include "engine/engine_priv.h"
#include "engine/extra.h"
#include "engine/file.h"
#include "engine/port.h"
#include "engine/repair.h"

int nm_marks_init(struct nm_marks *m, const struct nm_region *rg)
{
	m->n = rg->bufs.n;
	m->bits = nm_os_alloc(m->n / 64 * sizeof(*m->bits));
	return m->bits ? 0 : -ENOMEM;
}

void nm_marks_fini(struct nm_marks *m)
{
	nm_os_free(m->bits);
	m->bits = NULL;
}

static void mark(void *ctx, uint32_t buf)
{
	struct nm_marks *m = ctx;

	if (buf < m->n)
		m->bits[buf / 64] |= 1ULL << (buf % 64);
}

void nm_marks_rings(struct nm_marks *m, struct nm_region *rg,
		    const struct nm_ring *but)
{
	struct nm_ring *r;

	for (r = rg->rings_list; r; r = r->region_next)
		if (r != but)
			nm_ring_bufs(r, mark, m);
	nm_kept_bufs(rg, mark, m);
}

void nm_marks_list(struct nm_marks *m, const struct nm_region *rg,
		   uint32_t idx, uint32_t n)
{
	for (; n && nm_pool_is_used(&rg->bufs, idx); n--) {
		mark(m, idx);
		idx = nm_extra_next(rg, idx);
	}
}

/* The lists of bound descriptors, and those of others on their way home. */
static void marks_lists(struct nm_marks *m, struct nm_region *rg)
{
	const struct nm_file *f;

	for (f = rg->e->files; f; f = f->next)
		if (f->n_extra && f->port && f->port->region == rg)
			nm_marks_list(m, rg,
				      nm_load32(&nm_bound_if(f)->ni_bufs_head),
				      f->n_extra);
	nm_extra_mark(m, rg);
}

uint32_t nm_owner_new(struct nm_engine *e)
{
	if (!++e->last_owner)	/* that of buffers nobody ever had */
		e->last_owner = 1;
	return e->last_owner;
}

void nm_owner_set(struct nm_region *rg, const uint32_t *idx, uint32_t n,
		  uint32_t owner)
{
	while (n-- > 0)
		rg->owner[idx[n]] = owner;
}

void nm_giver_init(struct nm_giver *g, struct nm_region *rg,
		   const struct nm_ring *ring, uint32_t owner)
{
	memset(g, 0, sizeof(*g));
	g->rg = rg;
	g->ring = ring;
	g->owner = owner;
}

void nm_giver_fini(struct nm_giver *g)
{
	nm_marks_fini(&g->others);
}

/* Without memory to find out: perhaps.  The sweep will know. */
static int others_have(struct nm_giver *g, uint32_t buf)
{
	if (!g->looked) {
		g->looked = 1;
		if (!nm_marks_init(&g->others, g->rg)) {
			nm_marks_rings(&g->others, g->rg, g->ring);
			marks_lists(&g->others, g->rg);
		}
	}
	if (!g->others.bits)
		return 1;
	return g->others.bits[buf / 64] >> (buf % 64) & 1;
}

int nm_giver_give(struct nm_giver *g, uint32_t buf)
{
	if (!nm_pool_is_used(&g->rg->bufs, buf))
		return 0;
	if (g->rg->owner[buf] != g->owner && others_have(g, buf))
		return 0;
	return nm_region_buf_put(g->rg, buf);
}
