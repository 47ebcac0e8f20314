/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * One frame from outside into an inbox; see feed.h.
 *
 * The sender's half of doc/user-mode.md, section 4, for a frame whose bytes
 * have to be asked for: S1 and S2 reserve, S3 copies, S4 commits, the last
 * entry first, so that a committed first entry is a whole packet.
 */
#include "engine/plane/feed.h"
#include "engine/plane/inbox.h"
#include "engine/plane/view.h"

#define ETH_LEN		14u

/* The ring a frame goes to, checked. */
struct target {
	struct nm_pring *r;
	struct nm_entry *e;
	struct nm_bufs bufs;
	uint32_t part;		/* bytes of all entries of a frame but the last */
	uint32_t mask;
	uint64_t idx;		/* first entry that was reserved */
	uint32_t n;		/* how many */
};

static int drop(struct nm_pring *r, uint32_t why)
{
	nm_drop(r, why, 1);
	return -ENOSPC;
}

/* The state comes first, as in vale_fwd.c: the rest belongs to it. */
int nm_feed_is_open(struct nm_plane *pl, uint32_t ring)
{
	struct nm_pring *r = nm_pring_at(pl, ring);

	return nm_load32_acq(&r->state) == NM_RING_RUN &&
		!nm_load32(&r->dir) && nm_load32(&r->users) &&
		nm_plane_has_inbox(nm_load32(&r->kind));
}

static int target_init(struct nm_plane *pl, uint32_t ring, struct target *t)
{
	if (!nm_feed_is_open(pl, ring))
		return -ENODEV;
	t->r = nm_pring_at(pl, ring);
	t->e = nm_inbox_at(pl, ring);
	t->mask = nm_inbox_mask(t->r);
	if (nm_bufs_init(pl, nm_load32(&t->r->region), &t->bufs))
		return -ENODEV;
	/* the length of a slot has 16 bits */
	t->part = t->bufs.size < 0xffff ? t->bufs.size : 0xffff;
	return 0;
}

/* S1, S2 */
static int reserve(struct target *t)
{
	do {
		t->idx = nm_load64(&t->r->reserved);
		if (nm_inbox_room(t->r, t->idx, t->mask) < t->n)
			return -ENOSPC;
	} while (!nm_cas64(&t->r->reserved, t->idx, t->idx + t->n));
	return 0;
}

/* Bytes of entry @k of a frame of @len bytes. */
static uint32_t part_len(const struct target *t, uint32_t len, uint32_t k)
{
	return k + 1 < t->n ? t->part : len - k * t->part;
}

/* S3; 0, -ENOMEM, -EAGAIN: voided, and counted by who did that. */
static int fill(struct target *t, const struct nm_feed *f)
{
	uint32_t k, buf_idx;
	uint8_t *buf;

	for (k = 0; k < t->n; k++) {
		buf_idx = nm_inbox_buf(&t->e[(t->idx + k) & t->mask],
				       t->idx + k);
		if (buf_idx < 2)
			return -EAGAIN;
		buf = nm_buf_at(&t->bufs, buf_idx);
		if (!buf || f->copy(f, k * t->part, buf,
				    part_len(t, f->len, k)))
			return -ENOMEM;
	}
	return 0;
}

/* S4 */
static void commit(struct target *t, uint32_t len)
{
	uint32_t k;

	for (k = t->n; k-- > 0;)
		nm_inbox_commit(&t->e[(t->idx + k) & t->mask], t->idx + k,
				k == 0, t->n, part_len(t, len, k));
}

int nm_feed_put(struct nm_plane *pl, uint32_t ring, const struct nm_feed *f)
{
	struct target t;
	uint32_t max;
	int error;

	if (target_init(pl, ring, &t))
		return -ENODEV;
	if (f->len < ETH_LEN)
		return drop(t.r, NM_DROP_SHORT);
	max = nm_load32(&t.r->n_slots) - 1;
	max = max < NETMAP_MAX_FRAGS ? max : NETMAP_MAX_FRAGS;
	t.n = f->len / t.part + (f->len % t.part != 0);
	if (t.n > max)
		return drop(t.r, NM_DROP_TOO_LONG);
	if (reserve(&t))
		return drop(t.r, NM_DROP_NO_ROOM);
	error = fill(&t, f);
	if (error) {
		nm_inbox_void(t.e, t.mask, t.idx, t.n);
		return error == -ENOMEM ? drop(t.r, NM_DROP_NO_MEM) : -ENOSPC;
	}
	commit(&t, f->len);
	return 0;
}
