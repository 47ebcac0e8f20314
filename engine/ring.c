/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The control side of rings; see ring.h.
 */
#include "engine/ring.h"
#include "engine/bind.h"
#include "engine/engine_priv.h"
#include "engine/repair.h"
#include "engine/port.h"
#include "engine/plane/inbox.h"
#include "engine/plane/view.h"

static struct nm_pring *pring_of(const struct nm_ring *r)
{
	return nm_pring_at(&r->port->e->pl, r->idx);
}

uint32_t nm_ring_block_ofs(uint32_t n_slots)
{
	uint32_t len = sizeof(struct netmap_ring) +
		n_slots * sizeof(struct netmap_slot);

	return (len + NM_CACHE_ALIGN - 1) / NM_CACHE_ALIGN * NM_CACHE_ALIGN;
}

uint32_t nm_ring_len(uint32_t n_slots)
{
	return nm_ring_block_ofs(n_slots) + NM_RING_BLOCK;
}

uint32_t nm_ring_ofs(const struct nm_ring *r)
{
	return nm_pool_ofs(&r->port->region->rings, r->obj);
}

struct netmap_ring *nm_ring_object(const struct nm_ring *r)
{
	return nm_region_at(r->port->region, nm_ring_ofs(r));
}

/* Buffers of a new ring: its own, or those of the transmit ring it mirrors. */
static int ring_take_bufs(struct nm_ring *r, uint32_t *idx)
{
	struct netmap_ring *nr;
	uint32_t i;
	int error;

	if (!r->peer || r->dir) {
		error = nm_pool_take(&r->port->region->bufs, idx, r->n_slots);
		if (!error)
			r->n_bufs = r->n_slots;
		return error;
	}
	nr = nm_ring_object(r->peer);
	for (i = 0; i < r->n_slots; i++)
		idx[i] = nm_load32(&nr->slot[i].buf_idx);
	r->n_bufs = 0;
	return 0;
}

/* What a program sees of the ring at first. */
static void ring_fill(struct nm_ring *r, const uint32_t *idx)
{
	struct nm_region *rg = r->port->region;
	struct netmap_ring *nr = nm_ring_object(r);
	uint32_t len = rg->bufs.size > 0xffff ? 0xffff : rg->bufs.size;
	struct nm_csb_atok *atok;
	struct nm_csb_ktoa *ktoa;
	uint32_t i;

	memset(nr, 0, nm_ring_len(r->n_slots));
	nr->buf_ofs = (int64_t)rg->bufs.ofs - nm_ring_ofs(r);
	nr->num_slots = r->n_slots;
	nr->nr_buf_size = rg->bufs.size;
	nr->ringid = r->i;
	nr->dir = r->dir;
	nr->tail = r->dir ? r->n_slots - 1 : 0;
	for (i = 0; i < r->n_slots; i++) {
		nr->slot[i].buf_idx = idx[i];
		nr->slot[i].len = len;
	}
	atok = (void *)((char *)nr + nm_ring_block_ofs(r->n_slots));
	ktoa = (void *)(atok + 1);
	ktoa->hwtail = nr->tail;
	ktoa->kern_need_kick = 1;
}

uint32_t nm_ring_inbox_mask(const struct nm_ring *r)
{
	uint32_t n = 2;

	while (n < r->n_slots)
		n *= 2;
	return n - 1;
}

void nm_ring_describe(const struct nm_ring *r)
{
	struct nm_pring *pr = pring_of(r);

	nm_store32(&pr->dir, r->dir);
	nm_store32(&pr->port, r->port->idx);
	nm_store32(&pr->idx, r->i);
	nm_store32(&pr->n_slots, r->n_slots);
	nm_store32(&pr->region, r->port->region->idx);
	nm_store32(&pr->ring_ofs, nm_ring_ofs(r));
	nm_store32(&pr->inbox_mask,
		   nm_ring_has_inbox(r) ? nm_ring_inbox_mask(r) : 0);
	nm_store32(&pr->peer, r->peer ? r->peer->idx : 0);
	nm_store32(&pr->gen, r->gen);
	nm_store32_rel(&pr->kind, r->plane);
}

/* The ring's place in the plane; running, but used by nobody yet. */
static void ring_publish(struct nm_ring *r)
{
	struct nm_pring *pr = pring_of(r);
	size_t at = offsetof(struct nm_pring, state), end = at + sizeof(pr->state);

	/* senders look at the state at any time, and at the rest after it */
	nm_store32(&pr->state, NM_RING_LOCKED);
	memset(pr, 0, at);
	memset((char *)pr + end, 0, sizeof(*pr) - end);
	pr->dir = r->dir;
	pr->port = r->port->idx;
	pr->idx = r->i;
	pr->n_slots = r->n_slots;
	pr->region = r->port->region->idx;
	pr->ring_ofs = nm_ring_ofs(r);
	pr->inbox_mask = nm_ring_has_inbox(r) ? nm_ring_inbox_mask(r) : 0;
	pr->peer = r->peer ? r->peer->idx : 0;
	pr->gen = r->gen = ++r->port->e->gen;
	nm_store32_rel(&pr->kind, r->plane);
	nm_ring_setup(&r->port->e->pl, r->idx);
	nm_store32_rel(&pr->state, NM_RING_RUN);
}

int nm_ring_open(struct nm_ring *r)
{
	struct nm_port *p = r->port;
	struct nm_region *rg = p->region;
	struct nm_plane *pl = &p->e->pl;
	int error;

	error = nm_pool_take_big(&rg->rings, nm_ring_len(r->n_slots), &r->obj);
	if (error)
		return error;
	error = ring_take_bufs(r, p->e->scratch);
	if (error)
		goto err_obj;
	error = nm_ring_has_inbox(r) ? nm_os_table_populate(&pl->inboxes, r->idx, 1) : 0;
	if (error)
		goto err_bufs;
	ring_fill(r, p->e->scratch);
	ring_publish(r);
	r->life = NM_RING_OPEN;
	r->region_next = rg->rings_list;
	rg->rings_list = r;
	return 0;
err_bufs:
	while (r->n_bufs > 0)
		nm_region_buf_put(rg, p->e->scratch[--r->n_bufs]);
err_obj:
	nm_pool_put(&rg->rings, r->obj);
	return error;
}

void nm_ring_stop(struct nm_ring *r)
{
	struct nm_pring *pr = pring_of(r);

	r->life = NM_RING_DYING;
	nm_store32(&pr->users, 0);
	nm_store32_rel(&pr->state, NM_RING_STOPPED);
}

/* Slots [from, to) of a ring object, modulo its length. */
static void slots_each(const struct nm_ring *r, uint32_t from, uint32_t to,
		       void (*fn)(void *ctx, uint32_t buf), void *ctx)
{
	struct netmap_ring *nr = nm_ring_object(r);

	from %= r->n_slots;
	to %= r->n_slots;
	for (; from != to; from = nm_next(from, r->n_slots))
		fn(ctx, nm_load32(&nr->slot[from].buf_idx));
}

static void slots_all(const struct nm_ring *r,
		      void (*fn)(void *ctx, uint32_t buf), void *ctx)
{
	struct netmap_ring *nr = nm_ring_object(r);
	uint32_t i;

	for (i = 0; i < r->n_slots; i++)
		fn(ctx, nm_load32(&nr->slot[i].buf_idx));
}

/* I3: the slots its user owns, and the inbox. */
static void inbox_bufs(struct nm_ring *r, void (*fn)(void *ctx, uint32_t buf),
			 void *ctx)
{
	struct nm_pring *pr = pring_of(r);
	struct nm_entry *e = nm_inbox_at(&r->port->e->pl, r->idx);
	uint32_t mask = nm_ring_inbox_mask(r);
	uint64_t i = nm_load64(&pr->taken), n = nm_load64(&pr->posted) - i;

	slots_each(r, nm_load32(&pr->hwcur), nm_load32(&pr->hwtail), fn, ctx);
	for (n = n > mask + 1 ? mask + 1 : n; n > 0; n--, i++)
		if (nm_entry_state(nm_load64(&e[i & mask].word)) !=
		    NM_ENTRY_VOID_KEPT)
			fn(ctx, nm_load32(&e[i & mask].buf_idx));
}

/*
 * Slot k of the pair is in the receiver's hands from the moment it was shown
 * there until the sender has taken it back; otherwise in the sender's.
 */
static void pipe_bufs(struct nm_ring *tx, void (*fn)(void *ctx, uint32_t buf),
		      void *ctx)
{
	uint32_t n = tx->n_slots;
	uint32_t from = nm_pipe_rel_head(nm_load32(&pring_of(tx)->seen)) % n;
	uint32_t to = nm_load32(&pring_of(tx->peer)->hwtail) % n;

	slots_each(tx->peer, from, to, fn, ctx);
	if (from == to)
		slots_all(tx, fn, ctx);
	else
		slots_each(tx, to, from, fn, ctx);
}

void nm_ring_bufs(struct nm_ring *r, void (*fn)(void *ctx, uint32_t buf),
		  void *ctx)
{
	if (r->peer) {
		if (r->dir)
			pipe_bufs(r, fn, ctx);
	} else if (nm_ring_has_inbox(r)) {
		inbox_bufs(r, fn, ctx);
	} else {
		slots_all(r, fn, ctx);
	}
}

struct give_back {
	struct nm_region *rg;
	uint32_t n;
};

static void give_back_one(void *ctx, uint32_t buf)
{
	struct give_back *g = ctx;

	g->n += nm_region_buf_put(g->rg, buf);
}

void nm_ring_free(struct nm_ring *r)
{
	struct nm_port *p = r->port;
	struct give_back g = { .rg = p->region };
	struct nm_pring *pr = pring_of(r);
	struct nm_ring **pp;

	nm_ring_bufs(r, give_back_one, &g);
	if (g.n + r->n_kept < r->n_bufs)
		p->region->is_short = 1;
	for (pp = &p->region->rings_list; *pp != r; pp = &(*pp)->region_next)
		;
	*pp = r->region_next;
	nm_store32_rel(&pr->kind, NM_PLANE_NONE);
	memset(pr, 0, sizeof(*pr));
	pr->gen = r->gen;
	if (nm_ring_has_inbox(r))
		nm_os_table_release(&p->e->pl.inboxes, r->idx, 1);
	nm_pool_put(&p->region->rings, r->obj);
	r->life = NM_RING_CLOSED;
	r->n_bufs = 0;
	r->n_kept = 0;
	nm_pool_trim(&p->region->bufs);
}

uint32_t nm_ring_holder(const struct nm_ring *r)
{
	const struct nm_engine *e = r->port->e;
	uint32_t busy = nm_load32_acq(&pring_of(r)->busy);

	if (!busy || !nm_actor_is_known(e, busy - 1))
		return 0;
	return busy - 1 == e->self.id && !r->repair ? 0 : busy;
}

/* Has everybody who might touch the ring left it? */
static int is_quiet(struct nm_ring *r)
{
	uint32_t busy = nm_ring_holder(r);

	if (busy && nm_actor_is_live(r->port->e, busy - 1))
		return 0;
	return nm_grace_is_over(r->port->e, r->period);
}

void nm_ring_bury(struct nm_ring *r, uint64_t period)
{
	struct nm_engine *e = r->port->e;

	r->period = period;
	if (is_quiet(r)) {
		nm_ring_free(r);
		return;
	}
	nm_port_ref(r->port);
	r->dying_next = e->dying_rings;
	e->dying_rings = r;
}

int nm_rings_tick(struct nm_engine *e)
{
	struct nm_ring **pp = &e->dying_rings, *r;

	while ((r = *pp)) {
		if (!is_quiet(r)) {
			pp = &r->dying_next;
			continue;
		}
		*pp = r->dying_next;
		nm_ring_free(r);
		if (r->port->region->is_short)
			nm_region_sweep(r->port->region);
		nm_port_put(r->port);
	}
	return e->dying_rings != NULL;
}

/* Who sleeps on a ring has changed. */
static void ring_sleepers(struct nm_ring *r)
{
	struct nm_engine *e = r->port->e;

	nm_add32(&pring_of(r)->wake_gen, 1);
	if (e->ops && e->ops->sleepers)
		e->ops->sleepers(e, r->idx);
}

void nm_ring_use(struct nm_ring *r)
{
	r->users++;
	nm_store32_rel(&pring_of(r)->users, r->users);
	ring_sleepers(r);
}

void nm_ring_unuse(struct nm_ring *r)
{
	r->users--;
	if (!r->users)
		r->exclusive = 0;
	nm_store32_rel(&pring_of(r)->users, r->users);
	ring_sleepers(r);
}
