/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Bursts over VALE: what goes through the tight loops, where they stop, and
 * how they go on behind that.
 */
#include "tests/unit/plane_fixture.h"

#define MAC(n)	(0x020000000002ULL + ((uint64_t)(n) << 8))
#define SLOTS	300u	/* more than a batch; no power of two */

/* Ports 0..n-1 at positions 0..n-1. */
static struct nm_fix *ports(uint32_t n, uint32_t slots)
{
	struct nm_fix *f = nm_fix_new(2 * n * slots + 16, 256);
	uint32_t i;

	if (!f)
		return NULL;
	nm_fix_switch(f, 64);
	for (i = 0; i < n; i++)
		nm_fix_port(f, i, 1, 1, slots);
	return f;
}

/* Port @port says that stations [from, to) are its. */
static void announce(struct nm_fix *f, uint32_t port, uint32_t from, uint32_t to)
{
	uint32_t i;

	for (; from < to; from++) {
		nm_fix_send(f, port, NM_FIX_BCAST, MAC(from), 0);
		for (i = 0; i < f->n_ports; i++)
			nm_fix_drain(f, nm_fix_rx(f, i, 0));
	}
}

/* The frames at a ring are those of @tags, in that order. */
static int got(struct nm_fix *f, uint32_t rx, const uint32_t *tags, uint32_t n)
{
	uint32_t k, fine = NM_CHECK_EQ(nm_fix_waiting(f, rx), n);

	for (k = 0; k < n && fine; k++)
		fine = NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), tags[k]);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
	return fine;
}

/* Whatever the sizes of bursts, packets and rings, and wherever they wrap. */
static void bursts(uint32_t rx_slots)
{
	struct nm_fix *f = nm_fix_new(2048, 256);
	uint32_t seed = nm_test_seed(), tx, rx, round, k, n, frags;
	static uint32_t tag[SLOTS];	/* large for a stack */

	NM_REQUIRE(f != NULL);
	nm_fix_switch(f, 64);
	tx = nm_fix_tx(f, nm_fix_port(f, 0, 1, 1, SLOTS), 0);
	rx = nm_fix_rx(f, nm_fix_port(f, 1, 1, 1, rx_slots), 0);
	announce(f, 1, 1, 2);
	for (round = 0; round < 200; round++) {
		n = 1 + nm_test_rand(&seed) % (rx_slots - 1);
		for (k = 0, frags = 0; k < n; k++) {
			if (!frags)
				frags = nm_test_rand(&seed) % 8 ? 1 :
					1 + nm_test_rand(&seed) % 5;
			if (k + 1 == n)
				frags = 1;
			tag[k] = round << 16 | k;
			nm_fix_put(f, tx, MAC(1), MAC(0),
				   18 + nm_test_rand(&seed) % 239, tag[k],
				   --frags ? NS_MOREFRAG : 0);
		}
		NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
		if (!got(f, rx, tag, n))
			break;
	}
	nm_fix_check(f);
	nm_fix_end(f);
}

NM_TEST(bursts_wrap_anywhere)
{
	bursts(SLOTS);
	bursts(256);
	bursts(13);
	bursts(3);	/* fewer entries than are fetched in advance */
	bursts(2);
}

/* A frame of any length arrives as it is, and nothing behind it is touched. */
NM_TEST(every_length)
{
	struct nm_fix *f = ports(2, 16);
	uint32_t rx, tx, len, i, k;
	const uint8_t *b;
	struct netmap_slot *s;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	rx = nm_fix_rx(f, 1, 0);
	for (len = 14; len <= 256; len++) {
		for (i = 2; i < f->n_bufs; i++)
			memset(nm_fix_buf(f, i), 0xee, 256);
		s = &nm_fix_slots(f, tx)[nm_fix_ring(f, tx)->head];
		nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), len, len, 0);
		/* too short for a tag: has no addresses either */
		if (len < 18)
			memset(nm_fix_buf(f, s->buf_idx), 0xff, 12);
		NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
		NM_REQUIRE_EQ(nm_fix_waiting(f, rx), 1);
		s = nm_fix_get(f, rx);
		NM_CHECK_EQ(s->len, len);
		b = nm_fix_buf(f, s->buf_idx);
		for (k = len < 18 ? 12 : 18; k < 256; k++)
			if (!NM_CHECK_EQ(b[k], k < len ?
					 (uint8_t)(len + k) : 0xee))
				break;
		nm_fix_drain(f, rx);
	}
	nm_fix_end(f);
}

/*
 * Unicast to three ports and broadcast, in any mixture: each port receives
 * what is its own in the order it was sent.
 */
static void alternate(struct nm_fix *f, uint32_t *seed, uint32_t longest)
{
	uint32_t tag[3][64], n[3] = { 0 }, k, to, left = 0, i;

	for (k = 0, to = 0; k < 60; k++) {
		if (!left) {
			to = nm_test_rand(seed) % 4;
			left = 1 + nm_test_rand(seed) % longest;
		}
		left--;
		nm_fix_put(f, nm_fix_tx(f, 0, 0), to == 3 ? NM_FIX_BCAST :
			   MAC(10 * (to + 1) + nm_test_rand(seed) % 10),
			   MAC(nm_test_rand(seed) % 8 ? 0 : 1), 60, k, 0);
		for (i = 0; i < 3; i++)
			if (to == i || to == 3)
				tag[i][n[i]++] = k;
	}
	NM_CHECK_EQ(nm_fix_sync(f, nm_fix_tx(f, 0, 0)), 0);
	for (i = 0; i < 3; i++)
		got(f, nm_fix_rx(f, i + 1, 0), tag[i], n[i]);
}

NM_TEST(alternating_destinations)
{
	struct nm_fix *f = ports(4, 64);
	uint32_t seed = nm_test_seed(), k;

	NM_REQUIRE(f != NULL);
	for (k = 1; k < 4; k++)
		announce(f, k, 10 * k, 10 * k + 10);
	for (k = 0; k < 100; k++)
		alternate(f, &seed, 1 + k % 9);
	nm_fix_check(f);
	nm_fix_end(f);
}

/* In the midst of a burst: a station nobody knows, one that is too old. */
NM_TEST(strangers_in_a_burst)
{
	static const uint32_t all[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	static const uint32_t others[] = { 2, 4, 6 };
	struct nm_fix *f = ports(3, 64);
	uint32_t k, tx;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	announce(f, 1, 20, 22);
	f->actor[0].now_s += 301;
	announce(f, 1, 10, 18);
	for (k = 0; k < 8; k++)
		nm_fix_put(f, tx, k == 2 ? MAC(99) : k == 4 ? MAC(20) :
			   k == 6 ? 0x01005eULL : MAC(10 + k), MAC(0), 60, k, 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	got(f, nm_fix_rx(f, 1, 0), all, 8);
	got(f, nm_fix_rx(f, 2, 0), others, 3);
	nm_fix_check(f);
	nm_fix_end(f);
}

/* Every source of a burst is learned, in whichever byte it differs. */
NM_TEST(sources_in_a_burst)
{
	struct nm_fix *f = ports(3, 64);
	uint32_t k;

	NM_REQUIRE(f != NULL);
	announce(f, 1, 1, 2);
	for (k = 0; k < 48; k++)
		nm_fix_put(f, nm_fix_tx(f, 0, 0), MAC(1),
			   MAC(3) ^ 0x40ULL << 8 * (k / 2 % 6), 60, k, 0);
	NM_CHECK_EQ(nm_fix_sync(f, nm_fix_tx(f, 0, 0)), 0);
	NM_CHECK_EQ(nm_fdb_count(&f->pl, 0), 1 + 6);
	nm_fix_drain(f, nm_fix_rx(f, 1, 0));
	for (k = 0; k < 6; k++) {
		nm_fix_send(f, 1, MAC(3) ^ 0x40ULL << 8 * k, MAC(1), k);
		NM_CHECK_EQ(nm_fix_drain(f, nm_fix_rx(f, 0, 0)), 1);
		NM_CHECK_EQ(nm_fix_drain(f, nm_fix_rx(f, 2, 0)), 0);
	}
	nm_fix_check(f);
	nm_fix_end(f);
}

/* Where a frame to station 9 from port 0 arrives. */
static uint32_t whereabouts(struct nm_fix *f)
{
	uint32_t i, at = 0;

	nm_fix_send(f, 0, MAC(9), MAC(0), 1);
	for (i = 1; i < 4; i++)
		if (nm_fix_drain(f, nm_fix_rx(f, i, 0)))
			at = at * 10 + i;
	return at;
}

/*
 * A station that moves is learned anew at once: also within the second, also
 * when it comes back to a port that saw nobody else in between.
 */
NM_TEST(stations_move)
{
	static const uint32_t path[] = { 1, 2, 1, 2, 3, 1, 3 };
	struct nm_fix *f = ports(4, 64);
	uint32_t i, k;

	NM_REQUIRE(f != NULL);
	for (i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		for (k = 0; k < 5; k++)
			nm_fix_put(f, nm_fix_tx(f, path[i], 0), MAC(0), MAC(9),
				   60, k, 0);
		NM_CHECK_EQ(nm_fix_sync(f, nm_fix_tx(f, path[i], 0)), 0);
		for (k = 0; k < 4; k++)
			nm_fix_drain(f, nm_fix_rx(f, k, 0));
		NM_CHECK_EQ(whereabouts(f), path[i]);
	}
	nm_fix_check(f);
	nm_fix_end(f);
}

/* A station moves to the sender in the midst of what is sent to it. */
NM_TEST(station_moves_within_a_burst)
{
	static const uint32_t before[] = { 0, 1 };
	static const uint32_t after[] = { 4 };
	struct nm_fix *f = ports(3, 64);
	uint32_t tx;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	announce(f, 1, 9, 10);
	announce(f, 2, 20, 21);
	nm_fix_put(f, tx, MAC(9), MAC(0), 60, 0, 0);
	nm_fix_put(f, tx, MAC(9), MAC(0), 60, 1, 0);
	nm_fix_put(f, tx, MAC(9), MAC(9), 60, 2, 0);	/* is here now */
	nm_fix_put(f, tx, MAC(20), MAC(9), 60, 4, 0);
	nm_fix_put(f, tx, MAC(9), MAC(0), 60, 3, 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	got(f, nm_fix_rx(f, 1, 0), before, 2);
	got(f, nm_fix_rx(f, 2, 0), after, 1);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_NO_PORT), 2);
	nm_fix_check(f);
	nm_fix_end(f);
}

/* What can be wrong with a slot; the reason for which it is dropped. */
static uint32_t spoil(struct nm_fix *f, struct netmap_slot *s, uint32_t how)
{
	switch (how) {
	case 0: s->buf_idx = 0; break;
	case 1: s->buf_idx = 1; break;
	case 2: s->buf_idx = f->n_bufs; break;
	case 3: s->buf_idx = ~0u; break;
	case 4: s->len = f->buf_size + 1; break;
	case 5: s->len = 65535; break;
	case 6: s->len = 13; return NM_DROP_SHORT;
	case 7: s->len = 0; return NM_DROP_SHORT;
	case 8: s->flags = NS_INDIRECT; s->ptr = 1; return NM_DROP_INDIRECT;
	case 9: s->flags = 77 << NS_PORT_SHIFT; return NM_DROP_NO_PORT;
	case 10: s->flags = NM_POS_NONE << NS_PORT_SHIFT; return NM_DROP_LOOKUP;
	case 11: s->flags = NS_REPORT; s->len = 13; return NM_DROP_SHORT;
	}
	return NM_DROP_BAD_SLOT;
}

#define SPOILS	12u

/* Every second slot of a burst is bad, each in another way. */
NM_TEST(bad_slots_in_a_burst)
{
	struct nm_fix *f = ports(2, 64);
	uint32_t round, k, tx, rx, n, reason, tag[2 * SPOILS + 1];
	uint32_t expect[32] = { 0 }, was;
	struct netmap_slot *s;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	rx = nm_fix_rx(f, 1, 0);
	announce(f, 1, 1, 2);
	for (round = 0; round < 64; round++) {
		uint32_t buf[2 * SPOILS + 1], at = nm_fix_ring(f, tx)->head;

		for (k = n = 0; k < 2 * SPOILS + 1; k++) {
			s = &nm_fix_slots(f, tx)[(at + k) % 64];
			buf[k] = s->buf_idx;
			nm_fix_put(f, tx, MAC(1), MAC(0), 60, k, 0);
			if (k % 2)
				expect[spoil(f, s, k / 2)]++;
			else
				tag[n++] = k;
		}
		NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
		for (k = 0; k < 2 * SPOILS + 1; k++)
			nm_fix_slots(f, tx)[(at + k) % 64].buf_idx = buf[k];
		if (!got(f, rx, tag, n))
			break;
	}
	for (reason = 0; reason < 32; reason++) {
		was = nm_fix_drops(f, tx, reason);
		NM_CHECK_EQ(was, expect[reason]);
	}
	NM_CHECK_EQ(nm_pring_at(&f->pl, rx)->packets, 64 * (SPOILS + 1));
	nm_fix_check(f);
	nm_fix_end(f);
}

/* Flags that change nothing about where a packet goes. */
NM_TEST(flags_in_a_burst)
{
	static const uint32_t flags[] = {
		0, NS_REPORT, 0, NS_NO_LEARN, NS_FORWARD, 0, NS_BUF_CHANGED,
		2 << NS_PORT_SHIFT, 0,
	};
	struct nm_fix *f = ports(3, 64);
	struct netmap_slot *s;
	uint32_t k, tx, rx;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	announce(f, 2, 9, 10);
	for (k = 0; k < 9; k++)
		nm_fix_put(f, tx, MAC(9), MAC(0), 60, k, flags[k]);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_slots(f, tx)[6].flags, 0);	/* as it was asked */
	rx = nm_fix_rx(f, 2, 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 9);
	for (k = 0; k < 9; k++) {
		s = nm_fix_get(f, rx);
		NM_CHECK_EQ(s->flags, 1 << NS_PORT_SHIFT);
		NM_CHECK_EQ(nm_fix_tag(f, s), k);
	}
	nm_fix_check(f);
	nm_fix_end(f);
}

/* Entries that were given up under a sender's run. */
NM_TEST(voided_in_a_burst)
{
	struct nm_fix *f = ports(2, 64);
	uint32_t seed = nm_test_seed(), round, k, n, tx, rx, tag[40];
	struct nm_pring *r;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	rx = nm_fix_rx(f, 1, 0);
	r = nm_pring_at(&f->pl, rx);
	announce(f, 1, 1, 2);
	for (round = 0; round < 50; round++) {
		for (k = n = 0; k < 40; k++) {
			struct nm_entry *e = &nm_inbox_at(&f->pl, rx)
				[(r->reserved + k) & r->inbox_mask];

			nm_fix_put(f, tx, MAC(1), MAC(0), 60, k, 0);
			if (nm_test_rand(&seed) % 4)
				tag[n++] = k;
			else
				e->word = nm_entry_word(r->reserved + k,
							NM_ENTRY_VOID, 0, 0, 0);
		}
		NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
		if (!got(f, rx, tag, n))
			break;
	}
	nm_fix_check(f);
	nm_fix_end(f);
}

/* As nm_fix_put(), 12 bytes further behind. */
static void put_behind_header(struct nm_fix *f, uint32_t tx, uint32_t station,
			      uint32_t len, uint32_t tag)
{
	struct netmap_ring *nr = nm_fix_ring(f, tx);
	uint8_t *b = nm_fix_buf(f, nm_fix_slots(f, tx)[nr->head].buf_idx);

	nm_fix_put(f, tx, MAC(station), MAC(0), len, tag, 0);
	memmove(b + 12, b, len - 12);
	memset(b, 0, 12);
}

/* A header in front of each frame, and frames too short behind it. */
NM_TEST(headers_in_a_burst)
{
	struct nm_fix *f = ports(3, 64);
	uint32_t k, tag, rx, tx;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	rx = nm_fix_rx(f, 1, 0);
	announce(f, 1, 10, 20);
	announce(f, 2, 20, 30);
	for (k = 0; k < 3; k++)
		nm_pport_at(&f->pl, k)->hdr_len = 12;
	for (k = 0; k < 12; k++)
		put_behind_header(f, tx, k % 4 == 3 ? 20 : 10 + k % 2,
				  k % 5 == 4 ? 25 : 64, k);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_SHORT), 2);
	NM_CHECK_EQ(nm_fix_drain(f, nm_fix_rx(f, 2, 0)), 3);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 7);
	for (k = 0; k < 12; k++) {
		if (k % 4 == 3 || k % 5 == 4)
			continue;
		memcpy(&tag, nm_fix_buf(f, nm_fix_get(f, rx)->buf_idx) + 26, 4);
		NM_CHECK_EQ(tag, k);
	}
	/* a length that only somebody hostile writes */
	nm_pport_at(&f->pl, 0)->hdr_len = 0xfffffff8u;
	for (k = 0; k < 12; k++)
		nm_fix_put(f, tx, MAC(10), MAC(0), 64, k, 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_SHORT), 14);
	nm_fix_check(f);
	nm_fix_end(f);
}

/* Port 1 gets buffers of a region of its own: smaller ones, the last of all. */
static void shrink_buffers(struct nm_fix *f, uint32_t rx, uint32_t n_slots)
{
	struct nm_pregion *g = nm_pregion_at(&f->pl, 1);
	uint32_t i;

	NM_CHECK_EQ(nm_os_table_populate(&f->pl.regions, 1, 1), 0);
	memcpy(g, nm_pregion_at(&f->pl, 0), sizeof(*g));
	g->n_bufs *= 2;
	g->buf_size /= 2;
	f->pl.mem[1] = f->pl.mem[0];
	f->pl.mem_gen[1] = f->pl.mem_gen[0];
	for (i = 0; i < n_slots; i++)
		nm_fix_slots(f, rx)[i].buf_idx = g->n_bufs - 1 - i;
	nm_pring_at(&f->pl, rx)->region = 1;
	nm_ring_setup(&f->pl, rx);
}

NM_TEST(receiver_with_smaller_buffers)
{
	struct nm_fix *f = ports(2, 16);
	uint32_t tx, rx, k, tag;
	struct netmap_slot *s;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	rx = nm_fix_rx(f, 1, 0);
	announce(f, 1, 1, 2);
	shrink_buffers(f, rx, 16);
	for (k = 0; k < 10; k++)
		nm_fix_put(f, tx, MAC(1), MAC(0), k % 3 == 1 ? 129 : 128, k,
			   k == 6 ? NS_MOREFRAG : 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	/* 1 and 4, and 7 with 6 before it */
	NM_CHECK_EQ(nm_fix_drops(f, rx, NM_DROP_TOO_LONG), 3);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 6);
	for (k = 0; k < 10; k++) {
		if (k % 3 == 1 || k == 6)
			continue;
		s = nm_fix_get(f, rx);
		memcpy(&tag, nm_fix_buf(f, 0) + s->buf_idx * 128 + 14, 4);
		NM_CHECK_EQ(tag, k);
		NM_CHECK_EQ(s->len, 128);
	}
	memset(&f->pl.mem[1], 0, sizeof(f->pl.mem[1]));
	nm_fix_end(f);
}

NM_TEST_SUITE(vale_runs,
	NM_T(bursts_wrap_anywhere),
	NM_T(every_length),
	NM_T(alternating_destinations),
	NM_T(strangers_in_a_burst),
	NM_T(sources_in_a_burst),
	NM_T(stations_move),
	NM_T(station_moves_within_a_burst),
	NM_T(bad_slots_in_a_burst),
	NM_T(flags_in_a_burst),
	NM_T(voided_in_a_burst),
	NM_T(headers_in_a_burst),
	NM_T(receiver_with_smaller_buffers));
