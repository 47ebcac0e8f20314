/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * One sync: who may, which pointers are possible, and what happens to a ring
 * whose pointers were not.
 */
#include "tests/unit/plane_fixture.h"

#define A	0x020000000002ULL
#define B	0x020000000004ULL

/* Two ports on a switch; *rx of port 1, *tx of port 0. */
static struct nm_fix *pair(uint32_t n_slots, uint32_t *tx, uint32_t *rx)
{
	struct nm_fix *f = nm_fix_new(5 * n_slots + 64, 256);

	if (!f)
		return NULL;
	nm_fix_switch(f, 64);
	nm_fix_port(f, 0, 1, 1, n_slots);
	nm_fix_port(f, 1, 1, 1, n_slots);
	*tx = nm_fix_tx(f, 0, 0);
	*rx = nm_fix_rx(f, 1, 0);
	return f;
}

NM_TEST(only_the_owner_syncs)
{
	uint32_t tx, rx, tail = 77;
	struct nm_fix *f = pair(8, &tx, &rx);
	struct nm_pring *r;

	NM_REQUIRE(f != NULL);
	r = nm_pring_at(&f->pl, tx);
	r->busy = 3;
	NM_CHECK_EQ(nm_sync_tx(&f->pl, &f->actor[0], tx, 0, 0, &tail), -EBUSY);
	r->busy = 0;
	r->state = NM_RING_LOCKED;
	NM_CHECK_EQ(nm_sync_tx(&f->pl, &f->actor[0], tx, 0, 0, &tail), -EBUSY);
	r->state = NM_RING_STOPPED;
	NM_CHECK_EQ(nm_sync_tx(&f->pl, &f->actor[0], tx, 0, 0, &tail), -EIO);
	NM_CHECK_EQ(tail, 77);
	NM_CHECK_EQ(r->busy, 0);
	r->state = NM_RING_RUN;
	NM_CHECK_EQ(nm_sync_rx(&f->pl, &f->actor[0], tx, 0, 0, &tail), -ENODEV);
	NM_CHECK_EQ(nm_sync_tx(&f->pl, &f->actor[0], NM_MAX_RINGS, 0, 0, &tail),
		    -ENODEV);
	NM_CHECK_EQ(nm_sync_tx(&f->pl, &f->actor[0], 63, 0, 0, &tail), -ENODEV);
	NM_CHECK_EQ(nm_sync_tx(&f->pl, &f->actor[0], tx, 0, 0, &tail), 0);
	NM_CHECK_EQ(r->busy, 0);
	NM_CHECK_EQ(nm_pactor_at(&f->pl, 0)->seq & 1, 0);
	nm_fix_end(f);
}

/* A ring whose description makes no sense, word by word. */
NM_TEST(bad_descriptions_are_refused)
{
	uint32_t tx, rx, tail, i;
	struct nm_fix *f = pair(8, &tx, &rx);
	static struct nm_pring good;	/* large for a stack */
	struct nm_pring *r;
	struct nm_pregion *g, good_g;

	NM_REQUIRE(f != NULL);
	r = nm_pring_at(&f->pl, tx);
	g = nm_pregion_at(&f->pl, 0);
	memcpy(&good, r, sizeof(good));
	memcpy(&good_g, g, sizeof(good_g));
	for (i = 0; i < 12; i++) {
		switch (i) {
		case 0: r->n_slots = 1; break;
		case 1: r->n_slots = NM_MAX_SLOTS + 1; break;
		case 2: r->region = NM_MAX_REGIONS; break;
		case 3: r->region = 5; break;
		case 4: r->ring_ofs += 64; break;
		case 5: r->ring_ofs = 0xffffffc0u; break;
		case 6: g->buf_ofs = ~0ULL; break;
		case 7: g->n_bufs = ~0u; break;
		case 8: g->buf_size = 65537; break;
		case 9: g->buf_size = 0; break;
		case 10: g->n_bufs = 1; break;
		case 11: g->gen++; break;
		}
		NM_CHECK_EQ(nm_sync_tx(&f->pl, &f->actor[0], tx, 1, 1, &tail),
			    -ENODEV);
		NM_CHECK_EQ(r->busy, 0);
		memcpy(r, &good, sizeof(good));
		memcpy(g, &good_g, sizeof(good_g));
	}
	nm_fix_end(f);
}

/* head, cur, and whether they are possible with 3 slots in the user's hands */
struct pointers {
	uint32_t head, cur;
	int error;
};

static void check_pointers(struct nm_fix *f, uint32_t ring,
			   const struct pointers *p, uint32_t n)
{
	struct netmap_ring *nr = nm_fix_ring(f, ring);
	struct nm_pring *r = nm_pring_at(&f->pl, ring);
	uint32_t hwcur = r->hwcur, hwtail = r->hwtail;

	for (; n; n--, p++) {
		nr->head = p->head;
		nr->cur = p->cur;
		NM_CHECK_EQ(nm_fix_sync(f, ring), p->error);
		if (p->error) {
			NM_CHECK_EQ(nr->head, hwcur);
			NM_CHECK_EQ(nr->cur, hwcur);
			NM_CHECK_EQ(nr->tail, hwtail);
		}
	}
}

NM_TEST(receive_pointers)
{
	static const struct pointers p[] = {
		{ 0, 0, 0 }, { 0, 3, 0 }, { 0, 4, -ERANGE }, { 1, 0, -ERANGE },
		{ 4, 4, -ERANGE }, { 8, 8, -ERANGE }, { ~0u, 0, -ERANGE },
		{ 0, ~0u, -ERANGE }, { 7, 7, -ERANGE }, { 2, 1, -ERANGE },
		{ 0, 1, 0 },
	};
	uint32_t tx, rx, i;
	struct nm_fix *f = pair(8, &tx, &rx);

	NM_REQUIRE(f != NULL);
	for (i = 0; i < 3; i++)
		nm_fix_send(f, 0, NM_FIX_BCAST, A, i);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 3);
	check_pointers(f, rx, p, sizeof(p) / sizeof(p[0]));
	/* the port is none the worse, and nobody else has noticed */
	NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), 0);
	NM_CHECK_EQ(nm_fix_drain(f, rx), 2);
	nm_fix_send(f, 0, NM_FIX_BCAST, A, 9);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), 9);
	nm_fix_check(f);
	nm_fix_end(f);
}

NM_TEST(transmit_pointers)
{
	static const struct pointers p[] = {
		{ 0, 0, 0 }, { 0, 7, 0 }, { 0, 8, -ERANGE }, { 8, 0, -ERANGE },
		{ ~0u, ~0u, -ERANGE }, { 3, 2, -ERANGE },
	};
	uint32_t tx, rx;
	struct nm_fix *f = pair(8, &tx, &rx);

	NM_REQUIRE(f != NULL);
	check_pointers(f, tx, p, sizeof(p) / sizeof(p[0]));
	nm_fix_send(f, 0, NM_FIX_BCAST, A, 9);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	nm_fix_check(f);
	nm_fix_end(f);
}

/* Re-initialising makes indices and lengths harmless. */
NM_TEST(reinit_repairs_slots)
{
	uint32_t tx, rx;
	struct nm_fix *f = pair(8, &tx, &rx);
	struct netmap_slot *s;

	NM_REQUIRE(f != NULL);
	s = nm_fix_slots(f, tx);
	s[1].buf_idx = f->n_bufs;
	s[2].buf_idx = 1;
	s[3].len = 257;
	s[4].len = 256;
	nm_fix_ring(f, tx)->head = 99;
	NM_CHECK_EQ(nm_fix_sync(f, tx), -ERANGE);
	NM_CHECK_EQ(s[1].buf_idx, 0);
	NM_CHECK_EQ(s[2].buf_idx, 0);
	NM_CHECK_EQ(s[3].len, 0);
	NM_CHECK(s[3].buf_idx >= 2);
	NM_CHECK_EQ(s[4].len, 256);
	nm_fix_end(f);
}

/* Positions in the plane that no ring can have. */
NM_TEST(impossible_positions)
{
	uint32_t tx, rx, i, *w;
	struct nm_fix *f = pair(8, &tx, &rx);

	NM_REQUIRE(f != NULL);
	for (i = 0; i < 10; i++) {
		struct nm_pring *r = nm_pring_at(&f->pl, i < 5 ? tx : rx);

		w = i % 5 == 0 ? &r->hwcur : i % 5 == 1 ? &r->hwtail :
			i % 5 == 2 ? &r->rhead : i % 5 == 3 ? &r->rcur :
			&r->rtail;
		*w = 0x80000000u + i;
		nm_fix_sync(f, i < 5 ? tx : rx);
		NM_CHECK(r->hwcur < 8 && r->hwtail < 8);
		NM_CHECK_EQ(nm_fix_sync(f, i < 5 ? tx : rx), 0);
	}
	nm_fix_end(f);
}

static void one_size(uint32_t n)
{
	uint32_t tx, rx, i, k, got, tag = 0;
	struct nm_fix *f = nm_fix_new(2 * n + 64, 256);
	struct netmap_ring *nr;

	NM_REQUIRE(f != NULL);
	nm_fix_switch(f, 1);
	tx = nm_fix_tx(f, nm_fix_port(f, 0, 0, 1, 7), 0);
	rx = nm_fix_rx(f, nm_fix_port(f, 1, 1, 0, n), 0);
	nr = nm_fix_ring(f, rx);
	/* enough to go round the ring and its inbox */
	for (i = 0; i < 2 * n + 20; i += k) {
		k = 1 + i % 6;
		for (got = 0; got < k; got++)
			nm_fix_put(f, tx, NM_FIX_BCAST, A, 60, i + got, 0);
		NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
		got = nm_fix_waiting(f, rx);
		NM_CHECK(got == k || got == n - 1);
		while (got--)
			NM_CHECK(nm_fix_tag(f, nm_fix_get(f, rx)) >= tag++);
		nm_fix_drain(f, rx);
		tag = i + k;
	}
	NM_CHECK(nr->head < n && nr->tail < n);
	nm_fix_check(f);
	nm_fix_end(f);
}

NM_TEST(all_sizes)
{
	static const uint32_t n[] = {
		2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 63, 64, 65, 100, 255, 256,
		257, 1000, 1024, 2047, 2048, 2049, 4095, 4096,
	};
	uint32_t i;

	for (i = 0; i < sizeof(n) / sizeof(n[0]); i++)
		one_size(n[i]);
}

NM_TEST(null_never_completes)
{
	uint32_t tx, rx;
	struct nm_fix *f = pair(8, &tx, &rx);

	NM_REQUIRE(f != NULL);
	nm_pring_at(&f->pl, tx)->kind = NM_PLANE_NULL;
	nm_pring_at(&f->pl, rx)->kind = NM_PLANE_NULL;
	nm_fix_send(f, 0, NM_FIX_BCAST, A, 1);
	NM_CHECK_EQ(nm_fix_ring(f, tx)->tail, 7);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
	NM_CHECK_EQ(nm_ring_has_work(&f->pl, rx), 0);
	nm_fix_end(f);
}

NM_TEST(sleepers_are_woken_once)
{
	uint32_t tx, rx;
	struct nm_fix *f = pair(8, &tx, &rx);

	NM_REQUIRE(f != NULL);
	nm_fix_send(f, 0, NM_FIX_BCAST, A, 1);
	NM_CHECK_EQ(f->wakes, 0);
	NM_CHECK_EQ(nm_ring_has_work(&f->pl, rx), 1);
	NM_CHECK_EQ(nm_fix_drain(f, rx), 1);
	NM_CHECK_EQ(nm_ring_has_work(&f->pl, rx), 0);
	nm_ring_want(&f->pl, rx);
	nm_fix_send(f, 0, NM_FIX_BCAST, A, 1);
	nm_fix_send(f, 0, NM_FIX_BCAST, A, 1);
	NM_CHECK_EQ(f->wakes, 1);
	NM_CHECK_EQ(f->woken, rx);
	nm_fix_end(f);
}

NM_TEST_SUITE(sync,
	NM_T(only_the_owner_syncs),
	NM_T(bad_descriptions_are_refused),
	NM_T(receive_pointers),
	NM_T(transmit_pointers),
	NM_T(reinit_repairs_slots),
	NM_T(impossible_positions),
	NM_T(all_sizes),
	NM_T(null_never_completes),
	NM_T(sleepers_are_woken_once));
