/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Pipes: slots change hands, buffers may be exchanged on the way back.
 */
#include "tests/unit/plane_fixture.h"

#define N	8u
#define A	0x020000000002ULL

static struct nm_fix *pipe_new(uint32_t *tx, uint32_t *rx)
{
	struct nm_fix *f = nm_fix_new(64, 256);

	if (f)
		nm_fix_pipe(f, N, tx, rx);
	return f;
}

static void put(struct nm_fix *f, uint32_t tx, uint32_t tag, uint32_t flags)
{
	nm_fix_put(f, tx, NM_FIX_BCAST, A, 60, tag, flags);
}

static uint32_t room(struct nm_fix *f, uint32_t tx)
{
	struct netmap_ring *nr = nm_fix_ring(f, tx);

	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	return nm_dist(nr->head, nr->tail, N);
}

NM_TEST(no_copy_and_no_loss)
{
	uint32_t tx, rx, i;
	struct nm_fix *f = pipe_new(&tx, &rx);

	NM_REQUIRE(f != NULL);
	for (i = 0; i < 3 * N; i++) {
		put(f, tx, i, 0);
		NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
		NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
		NM_CHECK_EQ(nm_fix_slots(f, rx)[i % N].buf_idx,
			    nm_fix_slots(f, tx)[i % N].buf_idx);
		NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), i);
		NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
		NM_CHECK_EQ(room(f, tx), N - 1);
	}
	nm_fix_end(f);
}

NM_TEST(partial_reads)
{
	uint32_t tx, rx, i;
	struct nm_fix *f = pipe_new(&tx, &rx);

	NM_REQUIRE(f != NULL);
	for (i = 0; i < N - 1; i++)
		put(f, tx, i, 0);
	NM_CHECK_EQ(room(f, tx), 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), N - 1);
	NM_CHECK_EQ(nm_ring_has_work(&f->pl, tx), 0);
	for (i = 0; i < 3; i++)
		NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), i);
	NM_CHECK_EQ(room(f, tx), 0);		/* not given back yet */
	NM_CHECK_EQ(nm_fix_waiting(f, rx), N - 4);
	NM_CHECK_EQ(nm_ring_has_work(&f->pl, tx), 1);
	NM_CHECK_EQ(room(f, tx), 3);
	put(f, tx, 100, 0);
	NM_CHECK_EQ(room(f, tx), 2);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), N - 3);
	for (; i < N - 1; i++)
		NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), i);
	NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), 100);
	nm_fix_end(f);
}

NM_TEST(incomplete_packets_are_hidden)
{
	uint32_t tx, rx;
	struct nm_fix *f = pipe_new(&tx, &rx);

	NM_REQUIRE(f != NULL);
	put(f, tx, 1, 0);
	put(f, tx, 2, NS_MOREFRAG);
	put(f, tx, 3, NS_MOREFRAG);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	put(f, tx, 4, 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 4);
	nm_fix_get(f, rx);
	NM_CHECK_EQ(nm_fix_get(f, rx)->flags & NS_MOREFRAG, NS_MOREFRAG);
	NM_CHECK_EQ(nm_fix_get(f, rx)->flags & NS_MOREFRAG, NS_MOREFRAG);
	NM_CHECK_EQ(nm_fix_get(f, rx)->flags & NS_MOREFRAG, 0);
	NM_CHECK_EQ(nm_pring_at(&f->pl, rx)->packets, 2);
	nm_fix_end(f);
}

/* Both sides exchange in every round; each buffer has one holder. */
NM_TEST(exchanged_buffers_come_back)
{
	uint32_t tx, rx, i, k, spare, seen = 0, b;
	struct nm_fix *f = pipe_new(&tx, &rx);
	struct netmap_slot *s;

	NM_REQUIRE(f != NULL);
	spare = nm_fix_take_buf(f);
	for (i = 0; i < 5 * N; i++) {
		put(f, tx, i, 0);
		NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
		NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
		s = nm_fix_get(f, rx);
		NM_CHECK_EQ(nm_fix_tag(f, s), i);
		if (i % 3 != 1) {
			b = s->buf_idx;
			s->buf_idx = spare;
			s->flags |= NS_BUF_CHANGED;
			spare = b;
		}
		NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
		NM_CHECK_EQ(room(f, tx), N - 1);
		NM_CHECK_EQ(!!(nm_fix_slots(f, tx)[i % N].flags & NS_BUF_CHANGED),
			    i % 3 != 1);
	}
	for (k = 0; k < N; k++)
		seen |= 1u << nm_fix_slots(f, tx)[k].buf_idx;
	seen |= 1u << spare;
	NM_CHECK_EQ(seen, ((1u << (N + 1)) - 1) << 2);
	nm_fix_end(f);
}

/* The count of a batch never goes without its slots. */
NM_TEST(count_and_slots_are_one_word)
{
	uint32_t tx, rx, old, new;
	struct nm_fix *f = pipe_new(&tx, &rx);
	struct nm_pring *r;

	NM_REQUIRE(f != NULL);
	r = nm_pring_at(&f->pl, rx);
	put(f, tx, 1, 0);
	put(f, tx, 2, 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 2);
	nm_fix_get(f, rx);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	old = r->rel;
	nm_fix_get(f, rx)->buf_idx = nm_fix_take_buf(f);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
	/* the sender sees the first batch, and only then the second */
	new = r->rel;
	r->rel = old;
	NM_CHECK_EQ(room(f, tx), N - 2);
	r->rel = new;
	NM_CHECK_EQ(room(f, tx), N - 1);
	NM_CHECK_EQ(nm_fix_slots(f, tx)[1].buf_idx, nm_fix_slots(f, rx)[1].buf_idx);
	nm_fix_end(f);
}

NM_TEST(hostile_slots)
{
	uint32_t tx, rx;
	struct nm_fix *f = pipe_new(&tx, &rx);
	struct netmap_slot *s;

	NM_REQUIRE(f != NULL);
	put(f, tx, 1, 0);
	put(f, tx, 2, 0);
	put(f, tx, 3, 0);
	s = nm_fix_slots(f, tx);
	s[0].buf_idx = f->n_bufs;
	s[1].buf_idx = 1;
	s[2].len = 257;
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 3);
	NM_CHECK_EQ(nm_fix_drops(f, rx, NM_DROP_BAD_SLOT), 3);
	s = nm_fix_slots(f, rx);
	NM_CHECK(s[0].len == 0 && s[1].len == 0 && s[2].len == 0);
	/* what a receiver leaves is looked at, too */
	nm_fix_get(f, rx)->buf_idx = ~0u;
	nm_fix_get(f, rx)->buf_idx = 0;
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	NM_CHECK_EQ(room(f, tx), N - 2);
	NM_CHECK(nm_fix_slots(f, tx)[0].buf_idx != ~0u);
	nm_fix_end(f);
}

/* A long pipe, bursts of any size, one slot in a few of another sort. */
NM_TEST(bursts)
{
	static const uint32_t flags[] = { 0, NS_MOREFRAG, NS_REPORT, 0x4100 };
	struct nm_fix *f = nm_fix_new(512, 256);
	uint32_t seed = nm_test_seed(), tx, rx, round, k, n, at, how[100];
	uint64_t packets = 0, bytes = 0, bad = 0;
	struct netmap_slot *s;

	NM_REQUIRE(f != NULL);
	nm_fix_pipe(f, 101, &tx, &rx);
	for (round = 0; round < 100; round++) {
		uint32_t buf[100];

		at = nm_fix_ring(f, tx)->head;
		n = 1 + nm_test_rand(&seed) % 100;
		for (k = 0; k < n; k++) {
			s = &nm_fix_slots(f, tx)[(at + k) % 101];
			how[k] = nm_test_rand(&seed) % 4 ? 0 :
				nm_test_rand(&seed) % 8;
			if (k + 1 == n)
				how[k] = 0;	/* ends a packet */
			put(f, tx, k, flags[how[k] % 4]);
			buf[k] = s->buf_idx;
			if (how[k] == 4)
				s->buf_idx = nm_test_rand(&seed) % 2;
			if (how[k] == 5)
				s->buf_idx = f->n_bufs + nm_test_rand(&seed) % 9;
			if (how[k] == 6)
				s->len = 257 + nm_test_rand(&seed) % 9;
			bad += how[k] >= 4 && how[k] <= 6;
			bytes += how[k] >= 4 && how[k] <= 6 ? 0 : 60;
			packets += how[k] % 4 != 1;
		}
		NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
		NM_REQUIRE_EQ(nm_fix_waiting(f, rx), n);
		for (k = 0; k < n; k++) {
			s = nm_fix_get(f, rx);
			NM_CHECK_EQ(s->flags, flags[how[k] % 4]);
			if (how[k] < 4 || how[k] == 7)
				NM_CHECK_EQ(nm_fix_tag(f, s), k);
			else
				NM_CHECK_EQ(s->len, 0);
			nm_fix_slots(f, tx)[(at + k) % 101].buf_idx = buf[k];
			s->buf_idx = buf[k];
		}
		NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
		NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	}
	NM_CHECK_EQ(nm_fix_drops(f, rx, NM_DROP_BAD_SLOT), bad);
	NM_CHECK_EQ(nm_pring_at(&f->pl, rx)->packets, packets);
	NM_CHECK_EQ(nm_pring_at(&f->pl, rx)->bytes, bytes);
	nm_fix_end(f);
}

/* One buffer exchanged, wherever in a batch of whatever size, comes back. */
NM_TEST(one_exchange_is_seen)
{
	uint32_t tx, rx, n, which, k, spare, at, mine, changed;
	struct nm_fix *f = nm_fix_new(64, 256);

	NM_REQUIRE(f != NULL);
	nm_fix_pipe(f, 13, &tx, &rx);
	spare = nm_fix_take_buf(f);
	for (n = 1; n < 13; n++) {
		/* the last time round nothing is exchanged */
		for (which = 0; which <= n; which++) {
			at = (nm_fix_ring(f, tx)->head + which) % 13;
			for (k = 0; k < n; k++)
				put(f, tx, k, 0);
			NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
			NM_CHECK_EQ(nm_fix_waiting(f, rx), n);
			for (k = 0; k < n; k++)
				nm_fix_get(f, rx);
			mine = nm_fix_slots(f, rx)[at].buf_idx;
			if (which < n)
				nm_fix_slots(f, rx)[at].buf_idx = spare;
			changed = nm_pring_at(&f->pl, rx)->changed;
			NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
			NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
			NM_CHECK_EQ(nm_pring_at(&f->pl, rx)->changed - changed,
				    which < n);
			if (which == n)
				break;
			NM_CHECK_EQ(nm_fix_slots(f, tx)[at].buf_idx, spare);
			spare = mine;
		}
	}
	nm_fix_end(f);
}

/* Words of the peer that make no sense: an error, and nothing moves. */
NM_TEST(peer_garbage)
{
	uint32_t tx, rx, i;
	struct nm_fix *f = pipe_new(&tx, &rx);
	static struct nm_pring good_t, good_r;	/* large for a stack */
	struct nm_pring *t, *r;

	NM_REQUIRE(f != NULL);
	put(f, tx, 1, 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	t = nm_pring_at(&f->pl, tx);
	r = nm_pring_at(&f->pl, rx);
	memcpy(&good_t, t, sizeof(*t));
	memcpy(&good_r, r, sizeof(*r));
	for (i = 0; i < 8; i++) {
		switch (i) {
		case 0: r->rel = N; break;
		case 1: r->rel = 5; break;	/* never shown */
		case 2: t->seen = 0xffff; break;
		case 3: t->peer = tx; break;
		case 4: t->peer = ~0u; break;
		case 5: r->n_slots = N - 1; break;
		case 6: r->kind = NM_PLANE_VALE; break;
		case 7: r->dir = 1; break;
		}
		NM_CHECK_EQ(nm_fix_sync(f, tx), -ENODEV);
		memcpy(t, &good_t, sizeof(*t));
		memcpy(r, &good_r, sizeof(*r));
	}
	t->pub = N;
	NM_CHECK_EQ(nm_fix_sync(f, rx), -ENODEV);
	t->pub = good_t.pub;
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	t->pub = 0;			/* behind what was shown */
	NM_CHECK_EQ(nm_fix_sync(f, rx), -ENODEV);
	nm_fix_end(f);
}

NM_TEST(both_ends_are_woken)
{
	uint32_t tx, rx;
	struct nm_fix *f = pipe_new(&tx, &rx);

	NM_REQUIRE(f != NULL);
	nm_ring_want(&f->pl, rx);
	nm_ring_want(&f->pl, tx);
	put(f, tx, 1, 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(f->wakes, 1);
	NM_CHECK_EQ(f->woken, rx);
	NM_CHECK_EQ(nm_fix_drain(f, rx), 1);
	NM_CHECK_EQ(f->wakes, 2);
	NM_CHECK_EQ(f->woken, tx);
	nm_fix_end(f);
}

NM_TEST_SUITE(pipe_sync,
	NM_T(no_copy_and_no_loss),
	NM_T(partial_reads),
	NM_T(incomplete_packets_are_hidden),
	NM_T(exchanged_buffers_come_back),
	NM_T(count_and_slots_are_one_word),
	NM_T(hostile_slots),
	NM_T(bursts),
	NM_T(one_exchange_is_seen),
	NM_T(peer_garbage),
	NM_T(both_ends_are_woken));
