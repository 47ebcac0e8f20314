/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The learning table.
 */
#include "tests/unit/plane_fixture.h"

#define MAC(n)	(0x020000000002ULL + ((uint64_t)(n) << 8))

static struct nm_fix *table(uint32_t buckets, struct nm_fdb *t)
{
	struct nm_fix *f = nm_fix_new(64, 256);

	if (!f)
		return NULL;
	nm_fix_switch(f, buckets);
	NM_CHECK_EQ(nm_fdb_init(&f->pl, 0, 1000, t), 0);
	return f;
}

static uint32_t where(const struct nm_fdb *t, uint64_t mac)
{
	return nm_fdb_lookup(t, nm_fdb_bucket(t, mac), mac);
}

NM_TEST(learns_moves_forgets)
{
	struct nm_fdb t;
	struct nm_fix *f = table(64, &t);
	uint32_t i;

	NM_REQUIRE(f != NULL);
	NM_CHECK_EQ(where(&t, MAC(1)), NM_POS_BROADCAST);
	for (i = 0; i < 60; i++)
		nm_fdb_learn(&t, MAC(i), i);
	nm_fdb_learn(&t, MAC(7), 4095);
	NM_CHECK_EQ(where(&t, MAC(7)), 4095);
	NM_CHECK_EQ(where(&t, MAC(6)), 6);
	NM_CHECK_EQ(nm_fdb_count(&f->pl, 0), 60);
	nm_fdb_flush(&f->pl, 0, 4095);
	NM_CHECK_EQ(where(&t, MAC(7)), NM_POS_BROADCAST);
	NM_CHECK_EQ(nm_fdb_count(&f->pl, 0), 59);
	nm_fdb_flush(&f->pl, 0, ~0u);
	NM_CHECK_EQ(nm_fdb_count(&f->pl, 0), 0);
	nm_fix_end(f);
}

NM_TEST(address_zero_is_an_address)
{
	struct nm_fdb t;
	struct nm_fix *f = table(1, &t);

	NM_REQUIRE(f != NULL);
	NM_CHECK_EQ(where(&t, 0), NM_POS_BROADCAST);
	nm_fdb_learn(&t, 0, 3);
	nm_fdb_learn(&t, MAC(1), 4);
	NM_CHECK_EQ(where(&t, 0), 3);
	NM_CHECK_EQ(where(&t, MAC(1)), 4);
	nm_fix_end(f);
}

NM_TEST(ages)
{
	struct nm_fdb t;
	struct nm_fix *f = table(8, &t);

	NM_REQUIRE(f != NULL);
	nm_fdb_learn(&t, MAC(1), 1);
	t.now_s += 300;
	NM_CHECK_EQ(where(&t, MAC(1)), 1);
	t.now_s++;
	NM_CHECK_EQ(where(&t, MAC(1)), NM_POS_BROADCAST);
	nm_fdb_learn(&t, MAC(1), 1);
	NM_CHECK_EQ(where(&t, MAC(1)), 1);
	/* at an age of 0 they live for ever */
	nm_pswitch_at(&f->pl, 0)->age_s = 0;
	NM_CHECK_EQ(nm_fdb_init(&f->pl, 0, 1301 + (1u << 30), &t), 0);
	NM_CHECK_EQ(where(&t, MAC(1)), 1);
	nm_pswitch_at(&f->pl, 0)->age_s = ~0u;
	NM_CHECK_EQ(nm_fdb_init(&f->pl, 0, 1301 + (1u << 30), &t), 0);
	NM_CHECK_EQ(where(&t, MAC(1)), 1);
	nm_fix_end(f);
}

/* Another sender's clock may be a second ahead of ours. */
NM_TEST(is_not_old_when_learned_ahead)
{
	struct nm_fdb t;
	struct nm_fix *f = table(8, &t);

	NM_REQUIRE(f != NULL);
	t.now_s = 1001;
	nm_fdb_learn(&t, MAC(1), 1);
	t.now_s = 1000;
	NM_CHECK_EQ(where(&t, MAC(1)), 1);
	nm_fix_end(f);
}

NM_TEST(full_bucket_gives_up_the_oldest)
{
	struct nm_fdb t;
	struct nm_fix *f = table(1, &t);
	uint32_t i;

	NM_REQUIRE(f != NULL);
	for (i = 0; i < NM_FDB_WAYS; i++) {
		t.now_s = 1000 + (i == 2 ? 0 : i + 1);
		nm_fdb_learn(&t, MAC(i), i);
	}
	t.now_s = 1010;
	nm_fdb_learn(&t, MAC(9), 9);
	for (i = 0; i < NM_FDB_WAYS; i++)
		NM_CHECK_EQ(where(&t, MAC(i)), i == 2 ? NM_POS_BROADCAST : i);
	NM_CHECK_EQ(where(&t, MAC(9)), 9);
	/* what is ahead of our clock is not the oldest */
	t.now_s = 999;
	nm_fdb_learn(&t, MAC(10), 10);
	NM_CHECK_EQ(where(&t, MAC(10)), 10);
	nm_fix_end(f);
}

/* Stations that differ in one byte only, whichever, share the buckets fairly. */
NM_TEST(spreads)
{
	static const char *const names[] = {
		"byte 0", "byte 1", "byte 2", "byte 3", "byte 4", "byte 5",
	};
	struct nm_fdb t;
	struct nm_fix *f = table(64, &t);
	uint32_t byte, i, n;

	NM_REQUIRE(f != NULL);
	for (byte = 0; byte < 6; byte++) {
		nm_test_case(names[byte]);
		nm_fdb_flush(&f->pl, 0, ~0u);
		for (i = 0; i < 128; i++)
			nm_fdb_learn(&t, 0x0200aa00cc02ULL ^
				     (uint64_t)(2 * i) << 8 * byte, 1);
		n = nm_fdb_count(&f->pl, 0);
		NM_CHECK(n >= 115 && n <= 128);
	}
	nm_test_case(NULL);
	nm_fix_end(f);
}

NM_TEST(refuses_nonsense)
{
	struct nm_fdb t;
	struct nm_fix *f = table(8, &t);
	struct nm_pswitch *s;

	NM_REQUIRE(f != NULL);
	s = nm_pswitch_at(&f->pl, 0);
	s->fdb_mask = 6;
	NM_CHECK_EQ(nm_fdb_init(&f->pl, 0, 1, &t), -ENODEV);
	s->fdb_mask = 7;
	s->fdb_first = NM_FDB_MAX_BUCKETS - 7;
	NM_CHECK_EQ(nm_fdb_init(&f->pl, 0, 1, &t), -ENODEV);
	s->fdb_first = ~0u;
	NM_CHECK_EQ(nm_fdb_init(&f->pl, 0, 1, &t), -ENODEV);
	s->fdb_first = 0;
	s->fdb_mask = ~0u;
	NM_CHECK_EQ(nm_fdb_init(&f->pl, 0, 1, &t), -ENODEV);
	nm_fix_end(f);
}

NM_TEST_SUITE(fdb,
	NM_T(learns_moves_forgets),
	NM_T(address_zero_is_an_address),
	NM_T(ages),
	NM_T(is_not_old_when_learned_ahead),
	NM_T(full_bucket_gives_up_the_oldest),
	NM_T(spreads),
	NM_T(refuses_nonsense));
