/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The door: what engine/os.h promises, checked in every home.
 *
 * The plane and region under test are private to each test.  struct nm_plane
 * is too large for a stack, in a kernel above all.
 */
#include "tests/unit/nmtest.h"
#include "engine/os.h"
#include "engine/plane/plane.h"

#define PAGE	4096u

static int is_zero(const void *p, size_t len)
{
	const uint8_t *b = p;
	size_t i;

	for (i = 0; i < len; i++)
		if (b[i])
			return 0;
	return 1;
}

NM_TEST(alloc_is_zeroed)
{
	static const size_t len[] = { 1, 64, PAGE, 70000, 3 << 20 };
	size_t i;
	void *p;

	for (i = 0; i < sizeof(len) / sizeof(len[0]); i++) {
		p = nm_os_alloc(len[i]);
		NM_REQUIRE(p != NULL);
		NM_CHECK(is_zero(p, len[i]));
		memset(p, 0xff, len[i]);
		nm_os_free(p);
	}
	nm_os_free(NULL);
}

NM_TEST(mutexes_nest)
{
	struct nm_os_mutex *m = nm_os_alloc(2 * sizeof(*m));

	NM_REQUIRE(m != NULL);
	nm_os_mutex_init(&m[0]);
	nm_os_mutex_init(&m[1]);
	nm_os_mutex_lock(&m[0]);
	nm_os_mutex_lock(&m[1]);
	nm_os_assert_held(&m[0]);
	nm_os_assert_held(&m[1]);
	nm_os_mutex_unlock(&m[1]);
	nm_os_mutex_unlock(&m[0]);
	nm_os_mutex_fini(&m[1]);
	nm_os_mutex_fini(&m[0]);
	nm_os_free(m);
}

NM_TEST(clocks_go_forward)
{
	uint64_t t0 = nm_os_now_ns(), t1;
	uint32_t s0 = nm_os_now_s();
	struct timeval tv;

	nm_os_usleep(0);
	nm_os_usleep(2000);
	t1 = nm_os_now_ns();
	NM_CHECK(t1 - t0 >= 1000000);
	NM_CHECK(nm_os_now_s() >= s0);
	nm_os_walltime(&tv);
	NM_CHECK(tv.tv_usec >= 0 && tv.tv_usec < 1000000);
}

NM_TEST(loopback_exists)
{
	NM_CHECK_EQ(nm_os_if_exists("lo", NULL), 1);
	NM_CHECK_EQ(nm_os_if_exists("no-such-if", NULL), 0);
}

static void plane_checks(struct nm_plane *pl)
{
	uint32_t i;

	NM_REQUIRE_EQ(nm_os_table_populate(&pl->rings, 0, 100), 0);
	for (i = 0; i < 100; i++) {
		NM_CHECK(is_zero(nm_pring_at(pl, i), sizeof(struct nm_pring)));
		nm_pring_at(pl, i)->port = i + 1;
	}
	NM_CHECK_EQ(nm_os_table_populate(&pl->rings, 50, 100), 0);
	for (i = 0; i < 100; i++)
		NM_CHECK_EQ(nm_pring_at(pl, i)->port, i + 1);

	nm_os_table_release(&pl->rings, 10, 1);
	NM_CHECK(is_zero(nm_pring_at(pl, 10), sizeof(struct nm_pring)));
	NM_CHECK_EQ(nm_pring_at(pl, 9)->port, 10);
	NM_CHECK_EQ(nm_pring_at(pl, 11)->port, 12);

	nm_os_table_release(&pl->rings, 0, 150);
	NM_CHECK_EQ(nm_os_table_populate(&pl->rings, 0, 150), 0);
	for (i = 0; i < 150; i++)
		NM_CHECK(is_zero(nm_pring_at(pl, i), sizeof(struct nm_pring)));
}

NM_TEST(tables_populate_and_release)
{
	struct nm_plane *pl = nm_os_alloc(sizeof(*pl));

	NM_REQUIRE(pl != NULL);
	if (NM_CHECK_EQ(nm_os_plane_create(pl), 0)) {
		plane_checks(pl);
		nm_os_plane_destroy(pl);
	}
	nm_os_free(pl);
}

static void reach_checks(struct nm_plane *pl)
{
	struct nm_entry *e;

	/* Never populated: reads as zeroes, at both ends of every table. */
	NM_CHECK_EQ(nm_pring_at(pl, NM_MAX_RINGS - 1)->kind, 0);
	NM_CHECK_EQ(nm_pport_at(pl, NM_MAX_PORTS - 1)->kind, 0);
	NM_CHECK_EQ(nm_pswitch_at(pl, NM_MAX_SWITCHES - 1)->live, 0);
	NM_CHECK_EQ(nm_members_at(pl, 0)[NM_SWITCH_MEMBERS - 1], 0);
	NM_CHECK_EQ(nm_inbox_at(pl, 0)[NM_INBOX_ENTRIES - 1].word, 0);
	NM_CHECK_EQ(nm_bucket_at(pl, NM_FDB_MAX_BUCKETS - 1)->stamp[0], 0);
	NM_CHECK_EQ(nm_pregion_at(pl, NM_MAX_REGIONS - 1)->live, 0);
	NM_CHECK_EQ(nm_pactor_at(pl, NM_MAX_ACTORS - 1)->live, 0);

	/* The far end can be used without the near one. */
	NM_REQUIRE_EQ(nm_os_table_populate(&pl->inboxes, NM_MAX_RINGS - 1, 1), 0);
	e = nm_inbox_at(pl, NM_MAX_RINGS - 1);
	NM_CHECK(is_zero(e, NM_INBOX_ENTRIES * sizeof(*e)));
	e[NM_INBOX_ENTRIES - 1].word = 7;
	NM_CHECK_EQ(nm_inbox_at(pl, NM_MAX_RINGS - 2)[0].word, 0);
	nm_os_table_release(&pl->inboxes, NM_MAX_RINGS - 1, 1);
	NM_CHECK_EQ(nm_inbox_at(pl, NM_MAX_RINGS - 1)[NM_INBOX_ENTRIES - 1].word, 0);
}

NM_TEST(tables_read_as_zeroes)
{
	struct nm_plane *pl = nm_os_alloc(sizeof(*pl));

	NM_REQUIRE(pl != NULL);
	if (NM_CHECK_EQ(nm_os_plane_create(pl), 0)) {
		reach_checks(pl);
		nm_os_plane_destroy(pl);
	}
	nm_os_free(pl);
}

NM_TEST(memory_is_adjacent)
{
	/* Across the 2 MiB that a directory may be divided by. */
	const uint64_t ofs = (2 << 20) - 8 * PAGE, len = 64 * PAGE;
	struct nm_os_mem m = { 0 };
	char *p;

	NM_CHECK(nm_os_mem_at(&m, 0) == NULL);
	NM_REQUIRE_EQ(nm_os_mem_create(&m, 2048ull << 20), 0);
	NM_CHECK_EQ(nm_os_mem_populate(&m, ofs, len, 0), 0);
	p = nm_os_mem_at(&m, ofs);
	if (NM_CHECK(p != NULL)) {
		NM_CHECK(is_zero(p, len));
		memset(p, 0x5a, len);
		NM_CHECK(nm_os_mem_at(&m, ofs + len - 1) == p + len - 1);
		NM_CHECK(nm_os_mem_at(&m, ofs + 5001) == p + 5001);
	}
	NM_CHECK(nm_os_mem_at(&m, 2048ull << 20) == NULL);
	nm_os_mem_destroy(&m);
}

NM_TEST(memory_released_is_zero)
{
	struct nm_os_mem m = { 0 };
	char *p;

	NM_REQUIRE_EQ(nm_os_mem_create(&m, 16 << 20), 0);
	NM_CHECK_EQ(nm_os_mem_populate(&m, 0, 16 * PAGE, 0), 0);
	p = nm_os_mem_at(&m, 0);
	if (NM_CHECK(p != NULL))
		memset(p, 0x5a, 16 * PAGE);
	nm_os_mem_release(&m, 4 * PAGE, 4 * PAGE);
	NM_CHECK_EQ(nm_os_mem_populate(&m, 4 * PAGE, 4 * PAGE, 4 * PAGE),
		    0);
	p = nm_os_mem_at(&m, 4 * PAGE);
	if (NM_CHECK(p != NULL))
		NM_CHECK(is_zero(p, 4 * PAGE));
	p = nm_os_mem_at(&m, 3 * PAGE);
	if (NM_CHECK(p != NULL))
		NM_CHECK_EQ(p[PAGE - 1], 0x5a);
	p = nm_os_mem_at(&m, 8 * PAGE);
	if (NM_CHECK(p != NULL))
		NM_CHECK_EQ(p[0], 0x5a);
	nm_os_mem_release(&m, 0, 16 * PAGE);
	nm_os_mem_destroy(&m);
}

/* What is only promised comes by units, each adjacent, zero, and for itself. */
NM_TEST(memory_comes_by_units)
{
	const uint64_t ofs = (2 << 20) - 33 * PAGE, unit = 33 * PAGE;
	struct nm_os_mem m = { 0 };
	char *p;
	int i;

	NM_REQUIRE_EQ(nm_os_mem_create(&m, 16 << 20), 0);
	NM_CHECK_EQ(nm_os_mem_populate(&m, ofs, 4 * unit, unit), 0);
	for (i = 3; i >= 0; i--) {
		p = nm_os_mem_at(&m, ofs + i * unit + 2112);
		if (NM_CHECK(p != NULL)) {
			NM_CHECK(is_zero(p, unit - 2112));
			memset(p, i + 1, unit - 2112);
		}
		NM_CHECK(nm_os_mem_at(&m, ofs + (i + 1) * unit - 1) ==
			 p + unit - 2112 - 1);
	}
	/* a unit goes, its neighbours stay */
	nm_os_mem_release(&m, ofs + unit, unit);
	p = nm_os_mem_at(&m, ofs + 2 * unit - 64);
	NM_CHECK(!p || is_zero(p, 64));
	for (i = 0; i < 4; i++) {
		p = nm_os_mem_at(&m, ofs + i * unit + 5000);
		if (i != 1 && NM_CHECK(p != NULL))
			NM_CHECK_EQ(p[0], i + 1);
	}
	nm_os_mem_destroy(&m);
}

/* One of everything that can fail; undone before it returns an error. */
static int some_of_each(void *ctx)
{
	struct nm_os_mem *m = ctx;
	void *p = nm_os_alloc(100);
	int err = p ? 0 : -ENOMEM;

	if (!err)
		err = nm_os_mem_populate(m, 0, PAGE, 0);
	if (!err)
		err = nm_os_mem_populate(m, 4 * PAGE, PAGE, PAGE);
	if (err)
		nm_os_mem_release(m, 0, 8 * PAGE);
	nm_os_free(p);
	return err;
}

NM_TEST(allocations_fail_on_demand)
{
	struct nm_os_mem m = { 0 };
	int n;

	NM_REQUIRE_EQ(nm_os_mem_create(&m, 1 << 20), 0);
	n = nm_test_sweep(some_of_each, NULL, &m);
#ifdef NM_HAVE_FAIL_AFTER
	NM_CHECK_EQ(n, 3);
#else
	NM_CHECK_EQ(n, 0);
#endif
	nm_os_mem_destroy(&m);
}

NM_TEST_SUITE(os,
	NM_T(alloc_is_zeroed),
	NM_T(mutexes_nest),
	NM_T(clocks_go_forward),
	NM_T(loopback_exists),
	NM_T(tables_populate_and_release),
	NM_T(tables_read_as_zeroes),
	NM_T(memory_is_adjacent),
	NM_T(memory_released_is_zero),
	NM_T(memory_comes_by_units),
	NM_T(allocations_fail_on_demand));
