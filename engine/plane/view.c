/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Checked views of rings and buffers; see view.h.
 */
#include "engine/plane/view.h"

int nm_bufs_init(struct nm_plane *pl, uint32_t region, struct nm_bufs *b)
{
	struct nm_pregion *g;
	uint64_t size;

	if (region >= NM_MAX_REGIONS)
		return -ENODEV;
	g = nm_pregion_at(pl, region);
	if (!nm_load32(&g->live))
		return -ENODEV;
	b->mem = &pl->mem[region];
	if ((pl->mem_gen[region] != nm_load32(&g->gen) ||
	     !nm_os_mem_size(b->mem)) &&
	    (!pl->ops->map_region || pl->ops->map_region(pl, region)))
		return -ENODEV;
	b->ofs = nm_load64(&g->buf_ofs);
	b->n = nm_load32(&g->n_bufs);
	b->size = nm_load32(&g->buf_size);
	size = nm_os_mem_size(b->mem);
	if (b->n < 2 || b->size < 64 || b->size > 65536 || b->ofs > size ||
	    (uint64_t)b->n * b->size > size - b->ofs)
		return -ENODEV;
	b->flat = nm_os_mem_flat(b->mem);
	if (b->flat)
		b->flat += b->ofs;
	return 0;
}

int nm_view_init(struct nm_plane *pl, uint32_t id, struct nm_view *v)
{
	uint64_t size, ofs;
	int error;

	if (id >= NM_MAX_RINGS)
		return -ENODEV;
	v->id = id;
	v->r = nm_pring_at(pl, id);
	v->kind = nm_load32(&v->r->kind);
	if (v->kind == NM_PLANE_NONE)
		return -ENODEV;
	v->n = nm_load32(&v->r->n_slots);
	if (v->n < 2 || v->n > NM_MAX_SLOTS)
		return -ENODEV;
	error = nm_bufs_init(pl, nm_load32(&v->r->region), &v->bufs);
	if (error)
		return error;
	size = sizeof(struct netmap_ring) +
		(uint64_t)v->n * sizeof(struct netmap_slot);
	ofs = nm_load32(&v->r->ring_ofs);
	if (ofs % NM_CACHE_ALIGN || ofs + size > v->bufs.ofs)
		return -ENODEV;
	v->ring = nm_os_mem_at(v->bufs.mem, ofs);
	if (!v->ring)
		return -ENODEV;
	v->slots = (struct netmap_slot *)(v->ring + 1);
	return 0;
}

void nm_view_reinit(const struct nm_view *v)
{
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		struct nm_slot_head h = nm_slot_load(&v->slots[i]);

		if (h.buf_idx < 2 || h.buf_idx >= v->bufs.n) {
			h.buf_idx = 0;
			h.len = 0;
			nm_slot_store(&v->slots[i], h);
		} else if (h.len > v->bufs.size) {
			h.len = 0;
			nm_slot_store(&v->slots[i], h);
		}
	}
}
