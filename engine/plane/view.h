/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A checked view of a ring: the one place where words of the plane and of a
 * region become addresses.
 *
 * Everything a view holds is private memory: loaded once from the shared
 * arrays, checked against the region as it is mapped here, and used from then
 * on.  Whoever scribbles over the plane can make a view fail, or make it show
 * other memory of the same region, and nothing else.
 */
#ifndef NM_PLANE_VIEW_H
#define NM_PLANE_VIEW_H

#include "engine/plane/plane.h"

/* The buffers of a region, as reachable here. */
struct nm_bufs {
	const struct nm_os_mem *mem;
	uint8_t *flat;		/* address of buffer 0 where all are contiguous */
	uint64_t ofs;		/* of buffer 0 */
	uint32_t n;		/* buffers, including 0 and 1 */
	uint32_t size;		/* bytes of each, 64..65536 */
};

struct nm_view {
	struct nm_pring *r;
	struct netmap_ring *ring;	/* shared with the user, untrusted */
	struct netmap_slot *slots;	/* likewise; n of them */
	struct nm_bufs bufs;
	uint32_t id;
	uint32_t kind;
	uint32_t n;			/* slots, 2..NM_MAX_SLOTS */
	/* of the ring's owner only, < n; whoever moves one stores it in *r too */
	uint32_t hwcur;
	uint32_t hwtail;
};

/* The first word of a slot: index, length and flags in one load. */
struct nm_slot_head {
	uint32_t buf_idx;
	uint16_t len;
	uint16_t flags;
};

/**
 * nm_bufs_init - reach the buffers of a region
 * Return: 0; -ENODEV no such region, or not reachable from here.
 */
int nm_bufs_init(struct nm_plane *pl, uint32_t region, struct nm_bufs *b);

/**
 * nm_view_init - check a ring and reach its memory
 * @id: index of the ring
 * Return: 0; -ENODEV not in use, or its description makes no sense.
 */
int nm_view_init(struct nm_plane *pl, uint32_t id, struct nm_view *v);

/**
 * nm_view_reinit - make every slot of a ring harmless
 *
 * Indices that name no buffer become 0, impossible lengths become 0.
 */
void nm_view_reinit(const struct nm_view *v);

/*
 * Address of a buffer whose index was checked; NULL when memory is short.
 * @flat: whether b->flat is there, for loops that are made for either case
 */
static inline uint8_t *nm_buf_in(const struct nm_bufs *b, int flat,
				 uint32_t idx)
{
	if (flat)
		return b->flat + (uint64_t)idx * b->size;
	return nm_os_mem_at(b->mem, b->ofs + (uint64_t)idx * b->size);
}

/* Address of a buffer; NULL when the index names none or memory is short. */
static inline uint8_t *nm_buf_at(const struct nm_bufs *b, uint32_t idx)
{
	if (__builtin_expect(idx >= b->n, 0))
		return NULL;
	return nm_buf_in(b, b->flat != NULL, idx);
}

/* Buffers 0 and 1 are reserved: no slot has them. */
static inline int nm_buf_is_usable(const struct nm_bufs *b, uint32_t idx)
{
	return idx - 2 < b->n - 2;	/* n is at least 2 */
}

/* Index, length and flags as one word, to be taken apart by nm_slot_*_of(). */
static inline uint64_t nm_slot_word(const struct netmap_slot *s)
{
	uint64_t w = nm_load64((const uint64_t *)(const void *)s);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = w >> 32 | (w & 0xffff0000) << 16 | w << 48;
#endif
	return w;
}

static inline uint32_t nm_slot_idx_of(uint64_t w)
{
	return w;
}

static inline uint32_t nm_slot_len_of(uint64_t w)
{
	return w >> 32 & 0xffff;
}

static inline uint32_t nm_slot_flags_of(uint64_t w)
{
	return w >> 48;
}

static inline struct nm_slot_head nm_slot_load(const struct netmap_slot *s)
{
	uint64_t w = nm_slot_word(s);

	return (struct nm_slot_head) {
		nm_slot_idx_of(w), nm_slot_len_of(w), nm_slot_flags_of(w)
	};
}

static inline uint64_t nm_slot_pack(uint32_t buf_idx, uint32_t len,
				    uint32_t flags)
{
	return (uint64_t)(flags << 16 | len) << 32 | buf_idx;
}

/* A word as of nm_slot_word() in one store. */
static inline void nm_slot_put(struct netmap_slot *s, uint64_t w)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = w << 32 | (w >> 16 & 0xffff0000) | w >> 48;
#endif
	nm_store64((uint64_t *)(void *)s, w);
}

/* Index, length and flags in one store. */
static inline void nm_slot_set(struct netmap_slot *s, uint32_t buf_idx,
			       uint32_t len, uint32_t flags)
{
	nm_slot_put(s, nm_slot_pack(buf_idx, len, flags));
}

static inline void nm_slot_store(struct netmap_slot *s, struct nm_slot_head h)
{
	nm_slot_set(s, h.buf_idx, h.len, h.flags);
}

static inline uint32_t nm_next(uint32_t i, uint32_t n)
{
	return i + 1 == n ? 0 : i + 1;
}

static inline uint32_t nm_prev(uint32_t i, uint32_t n)
{
	return i == 0 ? n - 1 : i - 1;
}

/* Slots in [from, to), modulo n; both must be < n. */
static inline uint32_t nm_dist(uint32_t from, uint32_t to, uint32_t n)
{
	return to >= from ? to - from : to + n - from;
}

#endif /* NM_PLANE_VIEW_H */
