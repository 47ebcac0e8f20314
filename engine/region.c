/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Regions; see region.h.
 *
 * Netmap_if object 0 is reserved and its first page always has memory: that
 * is how somebody who maps a region can tell that it is there.
 */
#include "engine/region.h"
#include "engine/engine_priv.h"
#include "engine/repair.h"
#include "engine/bind.h"
#include "engine/file.h"

#define BIG_MAX		4096u	/* ring and netmap_if objects of a region */
#define PIPES_ROOM	16u	/* pipes a private region has room for */
#define PRIVATE_IFS	256u	/* descriptors, pipes included */

/* Objects of the three pools. */
struct region_layout {
	uint64_t ifs, rings, bufs;
	uint32_t buf_size;
};

static uint64_t round_up64(uint64_t v, uint64_t to)
{
	return (v + to - 1) / to * to;
}

static uint64_t layout_size(const struct region_layout *l)
{
	return round_up64(l->ifs * NM_IF_LEN + l->rings * NM_RING_LEN +
			  l->bufs * l->buf_size, NM_PAGE);
}

static uint32_t buf_stride(uint64_t size)
{
	size = round_up64(size, 64);
	return size < 64 ? 64 : size > 65536 ? 65536 : size;
}

/* A shared region: few big objects, and buffers in what is left of @size. */
static void layout_shared(const struct nm_engine *e, struct region_layout *l)
{
	uint64_t size = e->params.region_size, n;

	if (size > NM_REGION_SIZE)
		size = NM_REGION_SIZE;
	l->buf_size = buf_stride(e->params.buf_size);
	n = size / 8 / NM_RING_LEN / 64 * 64;
	n = n < 64 ? 64 : n > BIG_MAX ? BIG_MAX : n;
	l->rings = n;
	l->ifs = n;
	l->bufs = 0;
	n = layout_size(l);
	l->bufs = size > n ? (size - n) / l->buf_size / 64 * 64 : 0;
	if (!l->bufs)
		l->bufs = 64;
}

/* A private one: what the port needs, its pipes, and no more than 2 GiB. */
static void layout_private(const struct nm_engine *e, const struct nm_need *need,
			   struct region_layout *l)
{
	uint64_t per_pipe = need->tx_slots + need->rx_slots, fixed;

	l->buf_size = buf_stride(e->params.priv_buf_size);
	l->ifs = PRIVATE_IFS;
	l->rings = round_up64(need->n_tx + need->n_rx + 2 + 8 * PIPES_ROOM, 64);
	l->bufs = (uint64_t)(need->n_rx + 1) * need->rx_slots +
		(uint64_t)(need->n_tx + 1) * need->tx_slots +
		4 * PIPES_ROOM * per_pipe + 2 + need->n_extra;
	if ((int64_t)l->bufs < e->params.priv_buf_num)
		l->bufs = e->params.priv_buf_num;
	l->bufs = round_up64(l->bufs, 64);
	fixed = l->ifs * NM_IF_LEN + l->rings * NM_RING_LEN;
	if (fixed + l->bufs * l->buf_size > NM_REGION_SIZE)
		l->bufs = (NM_REGION_SIZE - fixed) / l->buf_size / 64 * 64;
}

static int region_pools(struct nm_region *rg, const struct region_layout *l)
{
	struct nm_os_mem *mem = &rg->e->pl.mem[rg->idx];
	uint64_t ofs = l->ifs * NM_IF_LEN;
	int error;

	error = nm_pool_init(&rg->ifs, mem, 0, NM_IF_LEN, l->ifs, 1,
			     NM_POOL_BIG);
	if (error)
		return error;
	error = nm_pool_init(&rg->rings, mem, ofs, NM_RING_LEN, l->rings, 0,
			     NM_POOL_BIG);
	if (error)
		goto err_ifs;
	ofs += l->rings * NM_RING_LEN;
	error = nm_pool_init(&rg->bufs, mem, ofs, l->buf_size, l->bufs, 2,
			     NM_POOL_SMALL);
	if (error)
		goto err_rings;
	/* a promise costs nothing there, so nothing is kept */
	if (rg->e->home == NM_HOME_KERNEL)
		rg->bufs.idle_max = 0;
	return 0;
err_rings:
	nm_pool_fini(&rg->rings);
err_ifs:
	nm_pool_fini(&rg->ifs);
	return error;
}

/* The next id after the newest that is free; never 0. */
static uint16_t region_new_id(struct nm_engine *e)
{
	struct nm_region *rg;
	uint16_t id = e->last_mem_id;

	do {
		id++;
		if (!id)
			id = 1;
		for (rg = e->regions; rg && rg->id != id; rg = rg->next)
			;
	} while (rg);
	e->last_mem_id = id;
	return id;
}

static void region_publish(struct nm_region *rg)
{
	struct nm_pregion *pr = nm_pregion_at(&rg->e->pl, rg->idx);

	memset(pr, 0, sizeof(*pr));
	pr->gen = ++rg->e->gen;
	pr->size = rg->size;
	pr->buf_ofs = rg->bufs.ofs;
	pr->n_bufs = rg->bufs.n;
	pr->buf_size = rg->bufs.size;
	pr->mem_id = rg->id;
	rg->e->pl.mem_gen[rg->idx] = pr->gen;
	nm_store32_rel(&pr->live, 1);
	nm_engine_mode_changed(rg->e);
}

/* Reserve a region for @f's domain, NULL: nobody's yet; make it known. */
static int region_new(struct nm_engine *e, const struct region_layout *l,
		      const struct nm_file *f, int is_private,
		      struct nm_region **out)
{
	struct nm_region *rg, **end;
	int error = -ENOMEM;

	rg = nm_os_alloc(sizeof(*rg));
	if (!rg)
		return -ENOMEM;
	rg->e = e;
	rg->uid = f ? f->cred.uid : NM_UID_NOBODY;
	rg->user_ns = f ? f->cred.user_ns : 0;
	rg->is_private = is_private;
	rg->refs = 1;
	rg->size = layout_size(l);
	rg->idx = nm_idmap_take(&e->region_ids, 1);
	if (rg->idx == NM_ID_NONE)
		goto err_rg;
	error = nm_os_table_populate(&e->pl.regions, rg->idx, 1);
	if (error)
		goto err_idx;
	error = nm_os_mem_create(&e->pl.mem[rg->idx], rg->size);
	if (error)
		goto err_idx;
	error = nm_os_mem_populate(&e->pl.mem[rg->idx], 0, NM_PAGE, 0);
	if (error)
		goto err_mem;
	error = region_pools(rg, l);
	if (error)
		goto err_mem;
	rg->id = region_new_id(e);
	for (end = &e->regions; *end; end = &(*end)->next)
		;
	*end = rg;
	region_publish(rg);
	*out = rg;
	return 0;
err_mem:
	nm_os_mem_destroy(&e->pl.mem[rg->idx]);
	memset(&e->pl.mem[rg->idx], 0, sizeof(e->pl.mem[rg->idx]));
err_idx:
	nm_idmap_put(&e->region_ids, rg->idx, 1);
err_rg:
	nm_os_free(rg);
	return error;
}

static void region_destroy(struct nm_region *rg)
{
	struct nm_engine *e = rg->e;
	struct nm_region **pp;

	for (pp = &e->regions; *pp != rg; pp = &(*pp)->next)
		;
	*pp = rg->next;
	nm_store32_rel(&nm_pregion_at(&e->pl, rg->idx)->live, 0);
	nm_engine_mode_changed(e);
	if (e->ops && e->ops->region_gone)
		e->ops->region_gone(e, rg->idx);
	nm_kept_region_gone(rg);
	nm_pool_fini(&rg->ifs);
	nm_pool_fini(&rg->rings);
	nm_pool_fini(&rg->bufs);
	nm_os_mem_destroy(&e->pl.mem[rg->idx]);
	memset(&e->pl.mem[rg->idx], 0, sizeof(e->pl.mem[rg->idx]));
	nm_idmap_put(&e->region_ids, rg->idx, 1);
	nm_os_free(rg);
}

void nm_region_get(struct nm_region *rg)
{
	rg->refs++;
}

void nm_region_put(struct nm_region *rg)
{
	if (--rg->refs == 0)
		region_destroy(rg);
}

int nm_region_first(struct nm_engine *e)
{
	struct region_layout l;
	struct nm_region *rg;
	int error;

	layout_shared(e, &l);
	error = region_new(e, &l, NULL, 0, &rg);
	if (error)
		return error;
	e->params.if_curr_size = NM_IF_LEN;
	e->params.if_curr_num = rg->ifs.n;
	e->params.ring_curr_size = NM_RING_LEN;
	e->params.ring_curr_num = rg->rings.n;
	e->params.buf_curr_size = rg->bufs.size;
	e->params.buf_curr_num = rg->bufs.n;
	return 0;
}

/* May the domain of @f take objects from @rg?  Region 1 waits to be claimed. */
static int region_is_ours(const struct nm_file *f, const struct nm_region *rg)
{
	if (rg->uid == NM_UID_NOBODY)
		return f->cred.direct;
	return rg->uid == f->cred.uid && rg->user_ns == f->cred.user_ns;
}

/* In the kernel the superuser may look into everybody's memory anyway. */
int nm_region_may(const struct nm_file *f, const struct nm_region *rg)
{
	return region_is_ours(f, rg) ||
	       (f->e->home == NM_HOME_KERNEL && !f->cred.uid);
}

static void region_claim(struct nm_file *f, struct nm_region *rg)
{
	if (rg->uid == NM_UID_NOBODY) {
		rg->uid = f->cred.uid;
		rg->user_ns = f->cred.user_ns;
	}
	rg->refs++;
}

static int region_has_room(const struct nm_region *rg, const struct nm_need *need)
{
	uint64_t bufs = (uint64_t)need->n_tx * need->tx_slots +
		(uint64_t)need->n_rx * need->rx_slots + need->n_extra;

	/* one ring more: the next binding may want a netmap_if and rings */
	return nm_pool_has_room(&rg->ifs, 2) &&
		nm_pool_has_room(&rg->rings, need->n_tx + need->n_rx) &&
		nm_pool_has_room(&rg->bufs, bufs);
}

int nm_region_shared(struct nm_file *f, const struct nm_need *need,
		     struct nm_region **out)
{
	struct nm_engine *e = f->e;
	struct region_layout l;
	struct nm_region *rg;
	int error;

	for (rg = e->regions; rg; rg = rg->next) {
		if (!rg->is_private && region_is_ours(f, rg) &&
		    region_has_room(rg, need)) {
			region_claim(f, rg);
			*out = rg;
			return 0;
		}
	}
	layout_shared(e, &l);
	error = region_new(e, &l, f, 0, out);
	if (error)
		return nm_fail(f, -error,
			       "no memory or address space for another region");
	return 0;
}

int nm_region_private(struct nm_file *f, const struct nm_need *need,
		      struct nm_region **out)
{
	struct region_layout l;
	int error;

	layout_private(f->e, need, &l);
	error = region_new(f->e, &l, f, 1, out);
	if (error)
		return nm_fail(f, -error,
			       "no memory or address space for a private region");
	return 0;
}

int nm_region_by_id(struct nm_file *f, uint16_t id, struct nm_region **out)
{
	struct nm_region *rg;

	for (rg = f->e->regions; rg && rg->id != id; rg = rg->next)
		;
	if (!rg)
		return nm_fail(f, EINVAL,
			       "there is no memory region %u: use the nr_mem_id of an open port, or 0",
			       id);
	if (!nm_region_may(f, rg))
		return nm_fail(f, EPERM,
			       "memory region %u belongs to another user or user namespace, or to direct clients of the server: use 0 to get one of your own",
			       id);
	region_claim(f, rg);
	*out = rg;
	return 0;
}

int nm_region_choose(struct nm_file *f, uint16_t id, const struct nm_need *need,
		     struct nm_region **out)
{
	if (id)
		return nm_region_by_id(f, id, out);
	if (f->cred.direct)
		return nm_region_shared(f, need, out);
	return nm_region_private(f, need, out);
}

void *nm_region_at(const struct nm_region *rg, uint64_t ofs)
{
	return nm_os_mem_at(&rg->e->pl.mem[rg->idx], ofs);
}

void nm_region_info(const struct nm_region *rg, struct nmreq_pools_info *pi)
{
	memset(pi, 0, sizeof(*pi));
	pi->nr_memsize = rg->size;
	pi->nr_mem_id = rg->id;
	pi->nr_if_pool_offset = rg->ifs.ofs;
	pi->nr_if_pool_objtotal = rg->ifs.n;
	pi->nr_if_pool_objsize = rg->ifs.size;
	pi->nr_ring_pool_offset = rg->rings.ofs;
	pi->nr_ring_pool_objtotal = rg->rings.n;
	pi->nr_ring_pool_objsize = rg->rings.size;
	pi->nr_buf_pool_offset = rg->bufs.ofs;
	pi->nr_buf_pool_objtotal = rg->bufs.n;
	pi->nr_buf_pool_objsize = rg->bufs.size;
}

void nm_region_usage(const struct nm_region *rg, struct nm_usage *u)
{
	u->ifs = rg->ifs.n_used;
	u->rings = rg->rings.n_used;
	u->bufs = rg->bufs.n_used;
}
