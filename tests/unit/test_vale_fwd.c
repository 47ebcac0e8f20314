/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Forwarding: who receives what, who does not, in which order, and what is
 * dropped and where that is counted.
 */
#include "tests/unit/plane_fixture.h"

#define N	16u
#define MAC(n)	(0x020000000002ULL + ((uint64_t)(n) << 8))

/* Ports 0..n-1 at positions 0..n-1, each with rings of @slots slots. */
static struct nm_fix *ports(uint32_t n, uint32_t rings, uint32_t slots)
{
	struct nm_fix *f = nm_fix_new(2 * n * rings * slots + 16, 256);
	uint32_t i;

	if (!f)
		return NULL;
	nm_fix_switch(f, 64);
	for (i = 0; i < n; i++)
		nm_fix_port(f, i, rings, rings, slots);
	return f;
}

/* What arrived at ring 0 of ports 0..3: four digits. */
static uint32_t arrived(struct nm_fix *f)
{
	uint32_t i, sum = 0;

	for (i = 0; i < 4; i++)
		sum = sum * 10 + nm_fix_drain(f, nm_fix_rx(f, i, 0));
	return sum;
}

NM_TEST(learning_and_flooding)
{
	struct nm_fix *f = ports(4, 1, N);

	NM_REQUIRE(f != NULL);
	nm_fix_send(f, 0, MAC(1), MAC(0), 1);		/* unknown */
	NM_CHECK_EQ(arrived(f), 111);
	nm_fix_send(f, 1, MAC(0), MAC(1), 2);
	NM_CHECK_EQ(arrived(f), 1000);
	nm_fix_send(f, 0, MAC(1), MAC(0), 3);
	NM_CHECK_EQ(arrived(f), 100);
	nm_fix_send(f, 2, NM_FIX_BCAST, MAC(2), 4);
	NM_CHECK_EQ(arrived(f), 1101);
	nm_fix_send(f, 3, 0x01005eULL, MAC(3), 5);	/* multicast */
	NM_CHECK_EQ(arrived(f), 1110);
	nm_fix_send(f, 3, MAC(2), MAC(1), 6);		/* station 1 moves */
	NM_CHECK_EQ(arrived(f), 10);
	nm_fix_send(f, 0, MAC(1), MAC(0), 7);
	NM_CHECK_EQ(arrived(f), 1);
	NM_CHECK_EQ(nm_pport_at(&f->pl, 0)->learned, 1);
	nm_fix_check(f);
	nm_fix_end(f);
}

NM_TEST(group_sources_and_no_learn)
{
	struct nm_fix *f = ports(4, 1, N);

	NM_REQUIRE(f != NULL);
	nm_fix_send(f, 0, NM_FIX_BCAST, MAC(0) | 1, 1);
	nm_fix_put(f, nm_fix_tx(f, 1, 0), NM_FIX_BCAST, MAC(1), 60, 1,
		   NS_NO_LEARN);
	NM_CHECK_EQ(nm_fix_sync(f, nm_fix_tx(f, 1, 0)), 0);
	NM_CHECK_EQ(nm_fdb_count(&f->pl, 0), 0);
	NM_CHECK_EQ(nm_pport_at(&f->pl, 1)->learned, 0);
	arrived(f);
	nm_fix_send(f, 2, MAC(1), MAC(2), 1);
	NM_CHECK_EQ(arrived(f), 1101);
	nm_fix_end(f);
}

static void send_forced(struct nm_fix *f, uint32_t pos)
{
	nm_fix_put(f, nm_fix_tx(f, 0, 0), NM_FIX_BCAST, MAC(0), 60, pos,
		   pos << NS_PORT_SHIFT);
	NM_CHECK_EQ(nm_fix_sync(f, nm_fix_tx(f, 0, 0)), 0);
}

NM_TEST(forced_destination)
{
	struct nm_fix *f = ports(4, 1, N);
	uint32_t tx;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	send_forced(f, 2);
	NM_CHECK_EQ(arrived(f), 10);
	send_forced(f, 9);			/* an empty position */
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_NO_PORT), 1);
	send_forced(f, NM_POS_BROADCAST);
	send_forced(f, NM_POS_NONE);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_LOOKUP), 2);
	NM_CHECK_EQ(arrived(f), 0);
	nm_fix_end(f);
}

NM_TEST(nowhere_to_go)
{
	struct nm_fix *f = ports(4, 1, N);
	struct nm_pring *r;
	uint32_t tx;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	nm_fix_send(f, 0, NM_FIX_BCAST, MAC(0), 1);
	nm_fix_send(f, 0, NM_FIX_BCAST, MAC(9), 1);
	arrived(f);
	nm_fix_send(f, 0, MAC(9), MAC(0), 1);		/* to itself */
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_NO_PORT), 1);
	nm_fix_send(f, 1, NM_FIX_BCAST, MAC(1), 1);
	arrived(f);
	r = nm_pring_at(&f->pl, nm_fix_rx(f, 1, 0));
	r->users = 0;
	nm_fix_send(f, 0, MAC(1), MAC(0), 1);
	r->users = 1;
	r->state = NM_RING_STOPPED;
	nm_fix_send(f, 0, MAC(1), MAC(0), 1);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_RX_OFF), 2);
	r->state = NM_RING_RUN;
	nm_members_at(&f->pl, 0)[1] = 0;		/* left the switch */
	nm_fix_send(f, 0, MAC(1), MAC(0), 1);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_NO_PORT), 2);
	NM_CHECK_EQ(arrived(f), 0);
	nm_pport_at(&f->pl, 0)->sw = NM_MAX_SWITCHES;	/* not attached */
	nm_fix_send(f, 0, NM_FIX_BCAST, MAC(0), 1);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_NO_PORT), 3);
	NM_CHECK_EQ(arrived(f), 0);
	nm_fix_end(f);
}

/* Unicast and broadcast in one sync: original order, and rings alike. */
NM_TEST(order_of_merged_broadcast)
{
	struct nm_fix *f = ports(4, 1, 300);
	uint32_t i, rx, tx, want = 0, seed = nm_test_seed();
	uint8_t kind[290];

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	rx = nm_fix_rx(f, 1, 0);
	nm_fix_send(f, 1, NM_FIX_BCAST, MAC(1), 0);
	nm_fix_send(f, 2, NM_FIX_BCAST, MAC(2), 0);
	arrived(f);
	for (i = 0; i < 290; i++) {
		kind[i] = nm_test_rand(&seed) % 3;	/* 1, 2: that port */
		nm_fix_put(f, tx, kind[i] ? MAC(kind[i]) : NM_FIX_BCAST, MAC(0),
			   60, i, 0);
		want += kind[i] != 2;
	}
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), want);
	for (i = 0; i < 290; i++)
		if (kind[i] != 2)
			NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), i);
	nm_fix_end(f);
}

NM_TEST(tail_drop)
{
	struct nm_fix *f = ports(2, 1, N);
	uint32_t i, tx, rx;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	rx = nm_fix_rx(f, 1, 0);
	for (i = 0; i < N + 5; i++)		/* N fit the inbox */
		nm_fix_send(f, 0, NM_FIX_BCAST, MAC(0), i);
	NM_CHECK_EQ(nm_fix_drops(f, rx, NM_DROP_NO_ROOM), 5);
	NM_CHECK_EQ(nm_fix_ring(f, tx)->tail,
		    nm_prev(nm_fix_ring(f, tx)->head, N));
	NM_CHECK_EQ(nm_fix_waiting(f, rx), N - 1);
	for (i = 0; i < N - 1; i++)
		NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), i);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), N - 1);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
	nm_fix_check(f);
	nm_fix_end(f);
}

NM_TEST(whole_packets_fit_or_not)
{
	struct nm_fix *f = ports(2, 1, 64);
	uint32_t i, tx, rx, k;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	rx = nm_fix_rx(f, 1, 0);
	for (i = 0; i < 9; i++)			/* 63 of 64 entries */
		for (k = 0; k < 7; k++)
			nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, i,
				   k < 6 ? NS_MOREFRAG : 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	for (k = 0; k < 2; k++)			/* does not fit */
		nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, 98, !k ? NS_MOREFRAG : 0);
	nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, 99, 0);	/* would */
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_drops(f, rx, NM_DROP_NO_ROOM), 2);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 63);
	for (i = 0; i < 63; i++) {
		struct netmap_slot *s = nm_fix_get(f, rx);

		NM_CHECK_EQ(s->flags, 7 << NS_PORT_SHIFT |
			    (i % 7 < 6 ? NS_MOREFRAG : 0));
		NM_CHECK_EQ(s->len, 60);
	}
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
	nm_fix_check(f);
	nm_fix_end(f);
}

static void put_run(struct nm_fix *f, uint32_t n, uint32_t last_flags)
{
	uint32_t tx = nm_fix_tx(f, 0, 0), k;

	for (k = 0; k < n; k++)
		nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, k,
			   k + 1 < n ? NS_MOREFRAG : last_flags);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
}

NM_TEST(fragment_limit)
{
	struct nm_fix *f = ports(2, 1, 1024);
	uint32_t tx, rx;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	rx = nm_fix_rx(f, 1, 0);
	put_run(f, 64, 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 64);
	NM_CHECK_EQ(nm_fix_get(f, rx)->flags, 64 << NS_PORT_SHIFT | NS_MOREFRAG);
	nm_fix_drain(f, rx);
	put_run(f, 65, 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
	put_run(f, 1023, NS_MOREFRAG);		/* the whole ring */
	put_run(f, 1023, 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_FRAGS), 3);
	put_run(f, 1, 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	nm_fix_check(f);
	nm_fix_end(f);
}

/* A packet of as many slots as the receiver's ring has would block it. */
NM_TEST(packets_larger_than_the_ring)
{
	struct nm_fix *f = nm_fix_new(300, 256);
	uint32_t rx, tx, k;

	NM_REQUIRE(f != NULL);
	nm_fix_switch(f, 64);
	tx = nm_fix_tx(f, nm_fix_port(f, 0, 1, 1, 64), 0);
	rx = nm_fix_rx(f, nm_fix_port(f, 1, 1, 0, 4), 0);
	nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, 7, 0);
	for (k = 0; k < 4; k++)
		nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, k, k < 3 ? NS_MOREFRAG : 0);
	for (k = 0; k < 3; k++)
		nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, k, k < 2 ? NS_MOREFRAG : 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_drops(f, rx, NM_DROP_TOO_LONG), 1);
	NM_CHECK_EQ(nm_fix_drops(f, rx, NM_DROP_NO_ROOM), 0);
	NM_CHECK_EQ(nm_fix_drain(f, rx), 4);
	nm_fix_send(f, 0, NM_FIX_BCAST, MAC(0), 8);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	nm_fix_check(f);
	nm_fix_end(f);
}

NM_TEST(cut_short_by_its_sender)
{
	struct nm_fix *f = ports(2, 1, N);
	uint32_t rx;

	NM_REQUIRE(f != NULL);
	rx = nm_fix_rx(f, 1, 0);
	put_run(f, 3, NS_MOREFRAG);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 3);
	nm_fix_get(f, rx);
	nm_fix_get(f, rx);
	NM_CHECK_EQ(nm_fix_get(f, rx)->flags, 3 << NS_PORT_SHIFT);
	nm_fix_end(f);
}

NM_TEST(bad_slots)
{
	struct nm_fix *f = ports(2, 1, N);
	uint32_t tx, i;
	struct netmap_slot *s;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	s = nm_fix_slots(f, tx);
	for (i = 0; i < 8; i++)
		nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, i, 0);
	s[0].buf_idx = 0;
	s[1].buf_idx = 1;
	s[2].buf_idx = f->n_bufs;
	s[3].buf_idx = ~0u;
	s[4].len = 257;
	s[5].len = 65535;
	s[6].len = 13;
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_BAD_SLOT), 6);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_SHORT), 1);
	NM_CHECK_EQ(nm_fix_waiting(f, nm_fix_rx(f, 1, 0)), 1);
	NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, nm_fix_rx(f, 1, 0))), 7);
	/* one bad slot spoils its packet and no other */
	put_run(f, 2, 0);
	nm_fix_drain(f, nm_fix_rx(f, 1, 0));
	for (i = 0; i < 4; i++)
		nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, i, i < 2 ? NS_MOREFRAG : 0);
	s[11].len = 300;
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_BAD_SLOT), 7);
	NM_CHECK_EQ(nm_fix_waiting(f, nm_fix_rx(f, 1, 0)), 1);
	nm_fix_end(f);
}

NM_TEST(several_rings)
{
	struct nm_fix *f = nm_fix_new(400, 256);
	uint32_t i;

	NM_REQUIRE(f != NULL);
	nm_fix_switch(f, 64);
	nm_fix_port(f, 0, 4, 4, N);
	nm_fix_port(f, 1, 3, 1, N);
	nm_fix_send(f, 1, NM_FIX_BCAST, MAC(1), 0);
	NM_CHECK_EQ(nm_fix_drain(f, nm_fix_rx(f, 0, 0)), 1);
	for (i = 0; i < 4; i++) {	/* same index, modulo what there is */
		uint32_t tx = nm_fix_tx(f, 0, i);

		nm_fix_put(f, tx, MAC(1), MAC(0), 60, i, 0);
		nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, i + 10, 0);
		NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
		NM_CHECK_EQ(nm_fix_waiting(f, nm_fix_rx(f, 1, i % 3)),
			    i % 3 ? 1 : 2);
		NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, nm_fix_rx(f, 1, i % 3))), i);
		nm_fix_drain(f, nm_fix_rx(f, 1, i % 3));
		NM_CHECK_EQ(nm_fix_drain(f, nm_fix_rx(f, 1, 0)), i % 3 ? 1 : 0);
	}
	nm_fix_check(f);
	nm_fix_end(f);
}

NM_TEST(virtio_headers)
{
	struct nm_fix *f = ports(2, 1, N);
	uint32_t tx, rx;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	rx = nm_fix_rx(f, 1, 0);
	nm_pport_at(&f->pl, 0)->hdr_len = 12;
	nm_fix_send(f, 0, NM_FIX_BCAST, MAC(0), 1);
	NM_CHECK_EQ(nm_fix_drops(f, rx, NM_DROP_VNET), 1);
	nm_pport_at(&f->pl, 1)->hdr_len = 12;
	nm_fix_put(f, tx, 0, 0, 25, 1, 0);		/* 13 after the header */
	nm_fix_put(f, tx, 0, 0, 12, 1, 0);		/* header alone */
	nm_fix_put(f, tx, 0, 0, 11, 1, NS_MOREFRAG);	/* and not even that */
	nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, 1, 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_SHORT), 3);
	nm_fix_put(f, tx, 0, 0, 12, 1, NS_MOREFRAG);
	nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, 5, 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 2);
	NM_CHECK_EQ(nm_fix_get(f, rx)->len, 12);
	NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), 5);
	/* a length only somebody hostile writes */
	nm_pport_at(&f->pl, 0)->hdr_len = 0xfffffff8u;
	nm_fix_send(f, 0, NM_FIX_BCAST, MAC(0), 1);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_SHORT), 4);
	nm_fix_end(f);
}

NM_TEST(indirect)
{
	struct nm_fix *f = ports(2, 1, N);
	uint32_t tx, rx, i;
	struct netmap_slot *s;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	rx = nm_fix_rx(f, 1, 0);
	f->user_len = 100;
	f->user = nm_os_alloc(f->user_len);
	NM_REQUIRE(f->user != NULL);
	memset(f->user, 0xff, 12);
	f->user[6] = 2;
	for (i = 12; i < 100; i++)
		f->user[i] = i;
	s = nm_fix_slots(f, tx);
	for (i = 0; i < 3; i++) {
		nm_fix_put(f, tx, 0, 0, 100, i, NS_INDIRECT);
		s[i].ptr = 0x1000;
	}
	s[1].ptr = 0x1001;			/* one byte too far */
	s[2].ptr = ~0ULL;
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_INDIRECT), 2);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	s = nm_fix_get(f, rx);
	NM_CHECK_EQ(s->len, 100);
	NM_CHECK_EQ(memcmp(nm_fix_buf(f, s->buf_idx), f->user, 100), 0);
	NM_CHECK_EQ(s->flags, 1 << NS_PORT_SHIFT);
	nm_fix_end(f);
}

NM_TEST(plugin_lookup)
{
	struct nm_fix *f = ports(4, 1, N);
	uint32_t tx;

	NM_REQUIRE(f != NULL);
	tx = nm_fix_tx(f, 0, 0);
	nm_pswitch_at(&f->pl, 0)->plugin = 1;
	f->lookup_pos = 3;
	nm_fix_send(f, 0, NM_FIX_BCAST, MAC(0), 1);
	NM_CHECK_EQ(arrived(f), 1);
	f->lookup_pos = NM_POS_BROADCAST;
	nm_fix_send(f, 0, MAC(9), MAC(0), 1);
	NM_CHECK_EQ(arrived(f), 111);
	f->lookup_pos = NM_POS_NONE;
	nm_fix_send(f, 0, NM_FIX_BCAST, MAC(0), 1);
	f->lookup_pos = ~0u;
	nm_fix_send(f, 0, NM_FIX_BCAST, MAC(0), 1);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_LOOKUP), 2);
	f->lookup_pos = 0;			/* itself */
	nm_fix_send(f, 0, NM_FIX_BCAST, MAC(0), 1);
	NM_CHECK_EQ(nm_fix_drops(f, tx, NM_DROP_NO_PORT), 1);
	NM_CHECK_EQ(arrived(f), 0);
	nm_fix_end(f);
}

/* The largest buffers: 65536 is more than a length can say. */
NM_TEST(largest_buffers)
{
	struct nm_fix *f = nm_fix_new(40, 65536);
	uint32_t tx, rx;

	NM_REQUIRE(f != NULL);
	nm_fix_switch(f, 64);
	tx = nm_fix_tx(f, nm_fix_port(f, 0, 0, 1, 8), 0);
	rx = nm_fix_rx(f, nm_fix_port(f, 1, 1, 0, 8), 0);
	nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 65535, 3, 0);
	nm_pport_at(&f->pl, 0)->hdr_len = 0;
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), 3);
	/* two slots, the second empty */
	nm_fix_put(f, tx, NM_FIX_BCAST, MAC(0), 60, 4, NS_MOREFRAG);
	nm_fix_put(f, tx, 0, 0, 0, 4, 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 2);
	NM_CHECK_EQ(nm_fix_get(f, rx)->flags, 2 << NS_PORT_SHIFT | NS_MOREFRAG);
	NM_CHECK_EQ(nm_fix_get(f, rx)->flags, 2 << NS_PORT_SHIFT);
	nm_fix_end(f);
}

static void random_step(struct nm_fix *f, uint32_t *seed)
{
	uint32_t k = nm_test_rand(seed) % 12, port = nm_test_rand(seed) % 4;
	uint32_t ring = nm_test_rand(seed) % 2;

	for (; k; k--)
		nm_fix_put(f, nm_fix_tx(f, port, ring),
			   nm_test_rand(seed) % 3 ?
			   MAC(nm_test_rand(seed) % 8) : NM_FIX_BCAST,
			   MAC(nm_test_rand(seed) % 8),
			   nm_test_rand(seed) % 257, k,
			   nm_test_rand(seed) % 4 ? 0 : NS_MOREFRAG);
	NM_CHECK_EQ(nm_fix_sync(f, nm_fix_tx(f, port, ring)), 0);
	port = nm_test_rand(seed) % 4;
	k = nm_fix_waiting(f, nm_fix_rx(f, port, ring));
	for (k = k ? nm_test_rand(seed) % (k + 1) : 0; k; k--)
		nm_fix_get(f, nm_fix_rx(f, port, ring));
}

NM_TEST(random_traffic_loses_no_buffer)
{
	struct nm_fix *f = ports(4, 2, 13);
	uint32_t i, seed = nm_test_seed();

	NM_REQUIRE(f != NULL);
	for (i = 0; i < 3000; i++) {
		random_step(f, &seed);
		if (i % 50 == 0 && !nm_fix_check(f))
			break;
	}
	nm_fix_check(f);
	nm_fix_end(f);
}

NM_TEST_SUITE(vale_fwd,
	NM_T(learning_and_flooding),
	NM_T(group_sources_and_no_learn),
	NM_T(forced_destination),
	NM_T(nowhere_to_go),
	NM_T(order_of_merged_broadcast),
	NM_T(tail_drop),
	NM_T(whole_packets_fit_or_not),
	NM_T(fragment_limit),
	NM_T(packets_larger_than_the_ring),
	NM_T(cut_short_by_its_sender),
	NM_T(bad_slots),
	NM_T(several_rings),
	NM_T(virtio_headers),
	NM_T(indirect),
	NM_T(plugin_lookup),
	NM_T(largest_buffers),
	NM_T(random_traffic_loses_no_buffer));
