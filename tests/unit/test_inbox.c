/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The inbox: voided entries, senders that come late, the end of the sequence
 * numbers, and, in user mode, three senders at a time.
 */
#include "tests/unit/plane_fixture.h"

#define N	8u
#define A	0x020000000002ULL

/* Port 0 sends, port 1 receives. */
static struct nm_fix *pair(uint32_t *tx, uint32_t *rx)
{
	struct nm_fix *f = nm_fix_new(256, 256);

	if (!f)
		return NULL;
	nm_fix_switch(f, 64);
	*tx = nm_fix_tx(f, nm_fix_port(f, 0, 1, 1, 32), 0);
	*rx = nm_fix_rx(f, nm_fix_port(f, 1, 1, 1, N), 0);
	return f;
}

static struct nm_entry *entry(struct nm_fix *f, uint32_t rx, uint64_t i)
{
	return &nm_inbox_at(&f->pl, rx)[i & nm_pring_at(&f->pl, rx)->inbox_mask];
}

static int set_void(struct nm_fix *f, uint32_t rx, uint64_t i, uint32_t state)
{
	return nm_cas64(&entry(f, rx, i)->word,
			nm_entry_word(i, NM_ENTRY_FREE, 0, 0, 0),
			nm_entry_word(i, state, 0, 0, 0));
}

NM_TEST(words)
{
	uint64_t w = nm_entry_word(0x3fffffffffULL, NM_ENTRY_VOID_KEPT, 1, 64,
				   65535);

	NM_CHECK(nm_entry_seq(w) == 0x3fffffffffULL);
	NM_CHECK_EQ(nm_entry_state(w), NM_ENTRY_VOID_KEPT);
	NM_CHECK_EQ(nm_entry_frags(w), 64);
	NM_CHECK_EQ(nm_entry_len(w), 65535);
	NM_CHECK(w & NM_ENTRY_FIRST);
	w = nm_entry_word(1ULL << 38, NM_ENTRY_FREE, 0, 0, 0);
	NM_CHECK(w == 0);
}

NM_TEST(voided_entries_are_skipped)
{
	uint32_t tx, rx, buf;
	struct nm_fix *f = pair(&tx, &rx);
	struct nm_pring *r;
	uint64_t i;

	NM_REQUIRE(f != NULL);
	r = nm_pring_at(&f->pl, rx);
	i = r->reserved;
	r->reserved += 2;		/* somebody who died */
	nm_fix_send(f, 0, NM_FIX_BCAST, A, 5);
	NM_CHECK_EQ(nm_inbox_pending(&f->pl, rx), 1);
	NM_CHECK_EQ(nm_ring_has_work(&f->pl, rx), 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
	buf = entry(f, rx, i + 1)->buf_idx;
	NM_CHECK(set_void(f, rx, i, NM_ENTRY_VOID));
	NM_CHECK_EQ(nm_ring_has_work(&f->pl, rx), 1);
	NM_CHECK(set_void(f, rx, i + 1, NM_ENTRY_VOID_KEPT));
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), 5);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 0);
	NM_CHECK_EQ(r->posted - r->taken, N - 1);	/* one in quarantine */
	/* it comes back */
	nm_inbox_fill(entry(f, rx, r->posted), r->posted, buf);
	nm_inbox_publish(r, r->posted + 1);
	nm_fix_check(f);
	nm_fix_end(f);
}

/* The first entry of a packet is void, or its second one: no half packets. */
NM_TEST(orphans_are_skipped)
{
	uint32_t tx, rx;
	struct nm_fix *f = pair(&tx, &rx);
	struct nm_pring *r;
	uint64_t i;

	NM_REQUIRE(f != NULL);
	r = nm_pring_at(&f->pl, rx);
	i = r->reserved;
	r->reserved += 4;
	NM_CHECK(set_void(f, rx, i, NM_ENTRY_VOID));
	nm_inbox_commit(entry(f, rx, i + 1), i + 1, 0, 2, 60);
	nm_inbox_commit(entry(f, rx, i + 2), i + 2, 1, 2, 60);
	NM_CHECK(set_void(f, rx, i + 3, NM_ENTRY_VOID));
	nm_fix_send(f, 0, NM_FIX_BCAST, A, 5);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), 5);
	nm_fix_check(f);
	nm_fix_end(f);
}

/* Words only a hostile sender writes. */
NM_TEST(impossible_words_are_skipped)
{
	static const uint32_t frags[] = { 0, N, 64, 127, 3 };
	uint32_t tx, rx, k;
	struct nm_fix *f = pair(&tx, &rx);
	struct nm_pring *r;

	NM_REQUIRE(f != NULL);
	r = nm_pring_at(&f->pl, rx);
	for (k = 0; k < sizeof(frags) / sizeof(frags[0]); k++) {
		uint64_t i = r->reserved++;

		nm_inbox_commit(entry(f, rx, i), i, 1, frags[k], 60);
		nm_fix_send(f, 0, NM_FIX_BCAST, A, k);
		NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
		NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), k);
	}
	/* longer than a buffer: shown empty */
	r->reserved++;
	nm_inbox_commit(entry(f, rx, r->reserved - 1), r->reserved - 1, 1, 1,
			257);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	NM_CHECK_EQ(nm_fix_get(f, rx)->len, 0);
	nm_fix_check(f);
	nm_fix_end(f);
}

/*
 * A sender whose entry was voided, and used again, keeps his hands off, but for
 * the word that he was about to write; test_repair.c has what becomes of that.
 */
NM_TEST(late_senders)
{
	uint32_t tx, rx, k;
	struct nm_fix *f = pair(&tx, &rx);
	struct nm_pring *r;
	uint64_t i;

	NM_REQUIRE(f != NULL);
	r = nm_pring_at(&f->pl, rx);
	i = r->reserved++;
	NM_CHECK(nm_inbox_buf(entry(f, rx, i), i) >= 2);
	NM_CHECK(set_void(f, rx, i, NM_ENTRY_VOID));
	NM_CHECK_EQ(nm_inbox_buf(entry(f, rx, i), i), 0);
	for (k = 0; k < 2 * N; k++) {
		nm_fix_send(f, 0, NM_FIX_BCAST, A, k);
		NM_CHECK_EQ(nm_fix_drain(f, rx), 1);
		NM_CHECK_EQ(nm_inbox_buf(entry(f, rx, i), i), 0);
		NM_CHECK(!set_void(f, rx, i, NM_ENTRY_VOID));
		NM_CHECK(!nm_entry_close(entry(f, rx, i), i, NM_ENTRY_VOID));
	}
	nm_fix_check(f);
	nm_fix_end(f);
}

/*
 * Entries voided under a sender between reserving and copying: their packets
 * are left out.  Who voids them counts.
 */
NM_TEST(voided_packets_are_left_out)
{
	uint32_t tx, rx, k;
	struct nm_fix *f = pair(&tx, &rx);
	struct nm_pring *r;
	uint64_t i;

	NM_REQUIRE(f != NULL);
	r = nm_pring_at(&f->pl, rx);
	i = r->reserved;
	NM_CHECK(set_void(f, rx, i, NM_ENTRY_VOID));
	NM_CHECK(set_void(f, rx, i + 3, NM_ENTRY_VOID));
	nm_fix_put(f, tx, NM_FIX_BCAST, A, 60, 0, 0);	/* voided */
	nm_fix_put(f, tx, NM_FIX_BCAST, A, 60, 1, 0);
	nm_fix_put(f, tx, NM_FIX_BCAST, A, 60, 2, NS_MOREFRAG);	/* voided */
	nm_fix_put(f, tx, NM_FIX_BCAST, A, 60, 3, NS_MOREFRAG);
	nm_fix_put(f, tx, NM_FIX_BCAST, A, 60, 4, 0);
	nm_fix_put(f, tx, NM_FIX_BCAST, A, 60, 5, 0);
	NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
	NM_CHECK_EQ(nm_fix_drops(f, rx, NM_DROP_VOIDED), 0);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 2);
	NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), 1);
	NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), 5);
	for (k = 0; k < 2 * N; k++) {
		nm_fix_send(f, 0, NM_FIX_BCAST, A, k);
		NM_CHECK_EQ(nm_fix_drain(f, rx), 1);
	}
	nm_fix_check(f);
	nm_fix_end(f);
}

/* The word carries 38 bits of an index that has 64. */
NM_TEST(sequence_wraps)
{
	uint32_t tx, rx, k, n;
	struct nm_fix *f = pair(&tx, &rx);
	struct nm_pring *r;
	uint64_t base = (1ULL << 38) - 20, i;

	NM_REQUIRE(f != NULL);
	r = nm_pring_at(&f->pl, rx);
	for (i = 0; i < N; i++)
		nm_inbox_fill(entry(f, rx, base + i), base + i,
			      nm_fix_slots(f, rx)[i].buf_idx);
	r->taken = r->reserved = base;
	nm_inbox_publish(r, base + N);
	for (k = 0; k < 60; k += n) {
		n = 1 + k % (N - 1);
		for (i = 0; i < n; i++)
			nm_fix_put(f, tx, NM_FIX_BCAST, A, 60, k + i, 0);
		NM_CHECK_EQ(nm_fix_sync(f, tx), 0);
		NM_CHECK_EQ(nm_fix_waiting(f, rx), n);
		for (i = 0; i < n; i++)
			NM_CHECK_EQ(nm_fix_tag(f, nm_fix_get(f, rx)), k + i);
	}
	NM_CHECK(r->taken > 1ULL << 38);
	NM_CHECK_EQ(nm_fix_drops(f, rx, NM_DROP_NO_ROOM), 0);
	nm_fix_check(f);
	nm_fix_end(f);
}

#ifndef __KERNEL__
#define FRAMES	20000u
#define SENDERS	3u

static struct {
	struct nm_fix *f;
	uint32_t running;
} mt;

static void *send_many(void *arg)
{
	uint32_t me = (uint32_t)(uintptr_t)arg, k, seed = me + 1, frags;
	uint32_t tx = nm_fix_tx(mt.f, me, 0);

	for (k = 0; k < FRAMES;) {
		frags = 1 + nm_test_rand(&seed) % 4;
		for (; frags && k < FRAMES; frags--, k++)
			nm_fix_put(mt.f, tx, NM_FIX_BCAST, A + 256 * me,
				   40 + k % 200, me << 24 | k,
				   frags > 1 && k + 1 < FRAMES && k % 5 == 0 ?
				   NS_MOREFRAG : 0);
		NM_CHECK_EQ(nm_ring_sync_user(&mt.f->pl, &mt.f->actor[me], tx,
					      1), 0);
	}
	__atomic_sub_fetch(&mt.running, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* Frames of a sender arrive whole and in order; returns how many. */
static uint32_t receive_some(uint32_t rx, uint32_t *last)
{
	uint32_t tag, me, n, all;

	NM_CHECK_EQ(nm_ring_sync_user(&mt.f->pl, &mt.f->actor[SENDERS], rx, 0),
		    0);
	n = all = nm_dist(nm_fix_ring(mt.f, rx)->head,
			  nm_fix_ring(mt.f, rx)->tail,
			  nm_fix_ring(mt.f, rx)->num_slots);
	while (n--) {
		tag = nm_fix_tag(mt.f, nm_fix_get(mt.f, rx));
		me = tag >> 24;
		if (!NM_CHECK(me < SENDERS))
			continue;
		tag &= 0xffffff;
		NM_CHECK(tag + 1 > last[me]);
		last[me] = tag + 1;
	}
	return all;
}

NM_TEST(three_senders_at_a_time)
{
	pthread_t t[SENDERS];
	uint32_t i, rx, last[SENDERS] = { 0 };
	uint64_t got = 0, dropped;
	int end;

	mt.f = nm_fix_new(1024, 512);
	NM_REQUIRE(mt.f != NULL);
	nm_fix_switch(mt.f, 64);
	for (i = 0; i < SENDERS; i++)
		nm_fix_port(mt.f, i, 0, 1, 64);
	rx = nm_fix_rx(mt.f, nm_fix_port(mt.f, SENDERS, 1, 0, 48), 0);
	mt.running = SENDERS;
	for (i = 0; i < SENDERS; i++)
		NM_CHECK_EQ(pthread_create(&t[i], NULL, send_many,
					   (void *)(uintptr_t)i), 0);
	do {
		end = !__atomic_load_n(&mt.running, __ATOMIC_ACQUIRE);
		i = receive_some(rx, last);
		got += i;
		if (!i)
			nm_os_usleep(0);
	} while (!end || i);
	for (i = 0; i < SENDERS; i++)
		pthread_join(t[i], NULL);
	dropped = nm_fix_drops(mt.f, rx, NM_DROP_NO_ROOM);
	NM_CHECK(got > 0);
	NM_CHECK_EQ(nm_pring_at(&mt.f->pl, rx)->packets + dropped,
		    nm_pring_at(&mt.f->pl, nm_fix_tx(mt.f, 0, 0))->packets +
		    nm_pring_at(&mt.f->pl, nm_fix_tx(mt.f, 1, 0))->packets +
		    nm_pring_at(&mt.f->pl, nm_fix_tx(mt.f, 2, 0))->packets);
	nm_fix_check(mt.f);
	nm_fix_end(mt.f);
}
#endif

NM_TEST_SUITE(inbox,
#ifndef __KERNEL__
	NM_T(three_senders_at_a_time),
#endif
	NM_T(words),
	NM_T(voided_entries_are_skipped),
	NM_T(orphans_are_skipped),
	NM_T(impossible_words_are_skipped),
	NM_T(late_senders),
	NM_T(voided_packets_are_left_out),
	NM_T(sequence_wraps));
