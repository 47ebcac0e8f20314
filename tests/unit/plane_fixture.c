/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A plane made by hand; see plane_fixture.h.
 */
#include "tests/unit/plane_fixture.h"

#define RING_AREA	(1u << 20)
#define USER_ADDR	0x1000u
#define TAG_OFS		14u

static struct nm_fix *host(struct nm_plane *pl)
{
	return pl->host;
}

static void fix_wake(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
	nm_add32(&host(pl)->wakes, 1);
	nm_store32(&host(pl)->woken, ring);
}

static int fix_map_region(struct nm_plane *pl, uint32_t region)
{
	return -ENODEV;
}

static int fix_copy_in(struct nm_plane *pl, struct nm_actor *me, void *dst,
		       uint64_t uaddr, uint32_t len)
{
	struct nm_fix *f = host(pl);

	if (!f->user || uaddr < USER_ADDR ||
	    uaddr - USER_ADDR + len > f->user_len)
		return -EFAULT;
	memcpy(dst, f->user + (uaddr - USER_ADDR), len);
	return 0;
}

static uint32_t fix_lookup(struct nm_plane *pl, uint32_t sw,
			   const struct nm_frame *fr, uint8_t *dst_ring,
			   uint32_t src_port)
{
	return host(pl)->lookup_pos;
}

static const struct nm_plane_ops fix_ops = {
	.wake = fix_wake,
	.map_region = fix_map_region,
	.copy_in = fix_copy_in,
	.lookup = fix_lookup,
};

static int fix_region(struct nm_fix *f)
{
	uint64_t size = RING_AREA + (uint64_t)f->n_bufs * f->buf_size;
	struct nm_pregion *g = nm_pregion_at(&f->pl, 0);

	size = (size + 65535) & ~65535ULL;
	if (nm_os_mem_create(&f->pl.mem[0], size))
		return -ENOMEM;
	if (nm_os_mem_populate(&f->pl.mem[0], 0, size, 0))
		return -ENOMEM;
	g->live = 1;
	g->gen = f->pl.mem_gen[0] = 1;
	g->size = size;
	g->buf_ofs = RING_AREA;
	g->n_bufs = f->n_bufs;
	g->buf_size = f->buf_size;
	return 0;
}

static int fix_tables(struct nm_fix *f)
{
	struct nm_plane *pl = &f->pl;

	if (nm_os_table_populate(&pl->regions, 0, 1) ||
	    nm_os_table_populate(&pl->actors, 0, NM_FIX_ACTORS) ||
	    nm_os_table_populate(&pl->rings, 0, NM_FIX_RINGS) ||
	    nm_os_table_populate(&pl->ports, 0, NM_FIX_RINGS))
		return -ENOMEM;
	return fix_region(f);
}

struct nm_fix *nm_fix_new(uint32_t n_bufs, uint32_t buf_size)
{
	struct nm_fix *f = nm_os_alloc(sizeof(*f));
	uint32_t i;

	if (!NM_CHECK(f != NULL))
		return NULL;
	f->n_bufs = n_bufs;
	f->buf_size = buf_size;
	f->next_buf = 2;
	f->lookup_pos = NM_POS_NONE;
	f->pl.ops = &fix_ops;
	f->pl.host = f;
	f->seen = nm_os_alloc((n_bufs + 63) / 64 * 8);
	if (!NM_CHECK(f->seen && !nm_os_plane_create(&f->pl))) {
		nm_os_free(f->seen);
		nm_os_free(f);
		return NULL;
	}
	for (i = 0; i < NM_FIX_ACTORS; i++) {
		f->actor[i].id = i;
		f->actor[i].now_s = 1000;
		f->actor[i].batch = nm_os_alloc(nm_batch_size());
	}
	if (!NM_CHECK(f->actor[NM_FIX_ACTORS - 1].batch && !fix_tables(f))) {
		nm_fix_end(f);
		return NULL;
	}
	return f;
}

void nm_fix_end(struct nm_fix *f)
{
	uint32_t i;

	for (i = 0; i < NM_FIX_ACTORS; i++)
		nm_os_free(f->actor[i].batch);
	if (nm_os_mem_size(&f->pl.mem[0]))
		nm_os_mem_destroy(&f->pl.mem[0]);
	nm_os_plane_destroy(&f->pl);
	nm_os_free(f->user);
	nm_os_free(f->seen);
	nm_os_free(f);
}

void nm_fix_switch(struct nm_fix *f, uint32_t buckets)
{
	struct nm_pswitch *s;

	if (!NM_CHECK(!nm_os_table_populate(&f->pl.switches, 0, 1) &&
		      !nm_os_table_populate(&f->pl.members, 0, 1) &&
		      !nm_os_table_populate(&f->pl.fdb, 0, buckets)))
		return;
	s = nm_pswitch_at(&f->pl, 0);
	s->live = 1;
	s->fdb_mask = buckets - 1;
	s->seed = 12345;
	s->age_s = 300;
}

uint32_t nm_fix_take_buf(struct nm_fix *f)
{
	NM_CHECK(f->next_buf < f->n_bufs);
	return f->next_buf < f->n_bufs ? f->next_buf++ : 0;
}

/* A ring object in the region, and the ring in the plane. */
static uint32_t fix_ring(struct nm_fix *f, uint32_t kind, uint32_t dir,
			 uint32_t port, uint32_t idx, uint32_t n_slots,
			 int own_bufs)
{
	uint32_t i, ring = f->n_rings++;
	struct nm_pring *r = nm_pring_at(&f->pl, ring);
	struct netmap_ring *nr = nm_os_mem_at(&f->pl.mem[0], f->ring_end);

	nr->num_slots = n_slots;
	nr->nr_buf_size = f->buf_size;
	nr->buf_ofs = (int64_t)(RING_AREA - f->ring_end);
	nr->dir = dir;
	nr->tail = dir ? n_slots - 1 : 0;
	for (i = 0; i < n_slots && own_bufs; i++)
		((struct netmap_slot *)(nr + 1))[i].buf_idx = nm_fix_take_buf(f);
	r->dir = dir;
	r->port = port;
	r->idx = idx;
	r->n_slots = n_slots;
	r->ring_ofs = f->ring_end;
	r->users = 1;
	r->gen = ring;
	r->kind = kind;
	f->ring_end += sizeof(*nr) + n_slots * sizeof(struct netmap_slot);
	f->ring_end = (f->ring_end + 127) & ~127ULL;
	NM_CHECK(f->ring_end <= RING_AREA && f->n_rings <= NM_FIX_RINGS);
	if (kind == NM_PLANE_VALE && !dir)
		NM_CHECK_EQ(nm_os_table_populate(&f->pl.inboxes, ring, 1), 0);
	return ring;
}

uint32_t nm_fix_port(struct nm_fix *f, uint32_t pos, uint32_t n_rx,
		     uint32_t n_tx, uint32_t n_slots)
{
	uint32_t i, idx = f->n_ports++;
	struct nm_pport *p = nm_pport_at(&f->pl, idx);
	struct nm_pswitch *s = nm_pswitch_at(&f->pl, 0);

	p->kind = NM_PLANE_VALE;
	p->pos = pos;
	p->ring0 = f->n_rings;
	p->n_rx = n_rx;
	p->n_tx = n_tx;
	for (i = 0; i < n_rx + n_tx; i++)
		nm_ring_setup(&f->pl, fix_ring(f, NM_PLANE_VALE, i >= n_rx, idx,
					       i < n_rx ? i : i - n_rx,
					       n_slots, 1));
	nm_members_at(&f->pl, 0)[pos] = idx + 1;
	if (pos >= s->n_pos)
		s->n_pos = pos + 1;
	s->n_active++;
	return idx;
}

void nm_fix_pipe(struct nm_fix *f, uint32_t n_slots, uint32_t *tx, uint32_t *rx)
{
	*tx = fix_ring(f, NM_PLANE_PIPE, 1, 0, 0, n_slots, 1);
	*rx = fix_ring(f, NM_PLANE_PIPE, 0, 0, 0, n_slots, 0);
	nm_pring_at(&f->pl, *tx)->peer = *rx;
	nm_pring_at(&f->pl, *rx)->peer = *tx;
	nm_ring_setup(&f->pl, *tx);
	nm_ring_setup(&f->pl, *rx);
}

uint32_t nm_fix_rx(struct nm_fix *f, uint32_t port, uint32_t i)
{
	return nm_pport_at(&f->pl, port)->ring0 + i;
}

uint32_t nm_fix_tx(struct nm_fix *f, uint32_t port, uint32_t i)
{
	struct nm_pport *p = nm_pport_at(&f->pl, port);

	return p->ring0 + p->n_rx + i;
}

struct netmap_ring *nm_fix_ring(struct nm_fix *f, uint32_t ring)
{
	return nm_os_mem_at(&f->pl.mem[0], nm_pring_at(&f->pl, ring)->ring_ofs);
}

struct netmap_slot *nm_fix_slots(struct nm_fix *f, uint32_t ring)
{
	return (struct netmap_slot *)(nm_fix_ring(f, ring) + 1);
}

uint8_t *nm_fix_buf(struct nm_fix *f, uint32_t idx)
{
	return nm_os_mem_at(&f->pl.mem[0],
			    RING_AREA + (uint64_t)idx * f->buf_size);
}

static void put_mac(uint8_t *p, uint64_t mac)
{
	uint32_t i;

	for (i = 0; i < 6; i++)
		p[i] = (uint8_t)(mac >> 8 * i);
}

void nm_fix_put(struct nm_fix *f, uint32_t ring, uint64_t dst, uint64_t src,
		uint32_t len, uint32_t tag, uint32_t flags)
{
	struct netmap_ring *nr = nm_fix_ring(f, ring);
	struct netmap_slot *s = &nm_fix_slots(f, ring)[nr->head];
	uint8_t *b = nm_fix_buf(f, s->buf_idx);
	uint32_t i;

	for (i = 0; i < len; i++)
		b[i] = (uint8_t)(tag + i);
	if (len >= TAG_OFS + 4) {
		put_mac(b, dst);
		put_mac(b + 6, src);
		memcpy(b + TAG_OFS, &tag, 4);
	}
	s->len = len;
	s->flags = flags;
	nr->head = nr->cur = nm_next(nr->head, nr->num_slots);
}

int nm_fix_sync(struct nm_fix *f, uint32_t ring)
{
	return nm_ring_sync_user(&f->pl, &f->actor[0], ring,
				 nm_pring_at(&f->pl, ring)->dir);
}

void nm_fix_send(struct nm_fix *f, uint32_t port, uint64_t dst, uint64_t src,
		 uint32_t tag)
{
	nm_fix_put(f, nm_fix_tx(f, port, 0), dst, src, 60, tag, 0);
	NM_CHECK_EQ(nm_fix_sync(f, nm_fix_tx(f, port, 0)), 0);
}

uint32_t nm_fix_waiting(struct nm_fix *f, uint32_t ring)
{
	struct netmap_ring *nr = nm_fix_ring(f, ring);

	NM_CHECK_EQ(nm_fix_sync(f, ring), 0);
	return nm_dist(nr->head, nr->tail, nr->num_slots);
}

struct netmap_slot *nm_fix_get(struct nm_fix *f, uint32_t ring)
{
	struct netmap_ring *nr = nm_fix_ring(f, ring);
	struct netmap_slot *s = &nm_fix_slots(f, ring)[nr->head];

	nr->head = nr->cur = nm_next(nr->head, nr->num_slots);
	return s;
}

uint32_t nm_fix_tag(struct nm_fix *f, const struct netmap_slot *s)
{
	const uint8_t *b = nm_fix_buf(f, s->buf_idx);
	uint32_t tag = ~0u, i;

	if (s->len < TAG_OFS + 4)
		return ~0u;
	memcpy(&tag, b + TAG_OFS, 4);
	for (i = TAG_OFS + 4; i < s->len; i++)
		if (b[i] != (uint8_t)(tag + i))
			return ~0u;
	return tag;
}

uint32_t nm_fix_drain(struct nm_fix *f, uint32_t ring)
{
	uint32_t n, all = 0;

	while ((n = nm_fix_waiting(f, ring))) {
		all += n;
		while (n--)
			nm_fix_get(f, ring);
	}
	return all;
}

uint64_t nm_fix_drops(struct nm_fix *f, uint32_t ring, uint32_t reason)
{
	return nm_load64(&nm_pring_at(&f->pl, ring)->drops[reason]);
}

static void meet(struct nm_fix *f, uint32_t buf, uint32_t *n)
{
	if (!NM_CHECK(buf >= 2 && buf < f->next_buf) ||
	    !NM_CHECK(!(f->seen[buf / 64] >> (buf % 64) & 1)))
		return;
	f->seen[buf / 64] |= 1ULL << (buf % 64);
	++*n;
}

static void meet_slots(struct nm_fix *f, uint32_t ring, uint32_t from,
		       uint32_t to, uint32_t *n)
{
	for (; from != to; from = nm_next(from, nm_pring_at(&f->pl, ring)->n_slots))
		meet(f, nm_fix_slots(f, ring)[from].buf_idx, n);
}

static void meet_inbox(struct nm_fix *f, uint32_t ring, uint32_t *n)
{
	struct nm_pring *r = nm_pring_at(&f->pl, ring);
	struct nm_entry *e = nm_inbox_at(&f->pl, ring);
	uint64_t i;

	NM_CHECK(r->reserved - r->taken <= r->posted - r->taken);
	NM_CHECK(r->posted - r->taken <= (uint64_t)r->inbox_mask + 1);
	for (i = r->taken; i != r->posted; i++) {
		struct nm_entry *k = &e[i & r->inbox_mask];

		NM_CHECK(nm_entry_seq(k->word) == (i & NM_ENTRY_SEQ_MASK));
		if (nm_entry_state(k->word) != NM_ENTRY_VOID_KEPT)
			meet(f, k->buf_idx, n);
	}
}

int nm_fix_check(struct nm_fix *f)
{
	uint32_t i, k, n = 2;

	memset(f->seen, 0, (f->n_bufs + 63) / 64 * 8);
	for (i = 0; i < f->n_rings; i++) {
		struct nm_pring *r = nm_pring_at(&f->pl, i);

		if (r->kind != NM_PLANE_VALE)
			continue;
		if (r->dir) {
			for (k = 0; k < r->n_slots; k++)
				meet(f, nm_fix_slots(f, i)[k].buf_idx, &n);
			continue;
		}
		meet_slots(f, i, r->hwcur, r->hwtail, &n);
		meet_inbox(f, i, &n);
	}
	return NM_CHECK_EQ(n, f->next_buf);
}
