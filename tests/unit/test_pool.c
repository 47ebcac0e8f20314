/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Pools and number maps, alone.
 */
#include "tests/unit/nmtest.h"
#include "engine/idmap.h"
#include "engine/os.h"
#include "engine/pool.h"

#define MIB	(1u << 20)

NM_TEST(idmap_runs)
{
	struct nm_idmap m;
	uint32_t i;

	NM_REQUIRE_EQ(nm_idmap_init(&m, 200), 0);
	NM_CHECK_EQ(nm_idmap_take(&m, 1), 0);
	NM_CHECK_EQ(nm_idmap_take(&m, 100), 1);
	NM_CHECK_EQ(nm_idmap_take(&m, 100), NM_ID_NONE);
	NM_CHECK_EQ(nm_idmap_take(&m, 99), 101);
	NM_CHECK_EQ(nm_idmap_take(&m, 1), NM_ID_NONE);
	NM_CHECK_EQ(m.n_used, 200);
	nm_idmap_put(&m, 60, 10);
	nm_idmap_put(&m, 150, 3);
	NM_CHECK_EQ(nm_idmap_take(&m, 11), NM_ID_NONE);
	NM_CHECK_EQ(nm_idmap_take(&m, 4), 60);
	NM_CHECK_EQ(nm_idmap_take(&m, 6), 64);
	NM_CHECK_EQ(nm_idmap_take(&m, 3), 150);
	for (i = 0; i < 200; i++)
		NM_CHECK(nm_idmap_has(&m, i));
	NM_CHECK(!nm_idmap_has(&m, 200));
	nm_idmap_fini(&m);
}

NM_TEST(small_conserves)
{
	static uint32_t idx[2][640];
	struct nm_os_mem mem = { 0 };
	struct nm_pool po;
	uint32_t i, k;

	NM_REQUIRE_EQ(nm_os_mem_create(&mem, 4 * MIB), 0);
	NM_REQUIRE_EQ(nm_pool_init(&po, &mem, 0, 2112, 1280, 2,
				   NM_POOL_SMALL), 0);
	NM_CHECK_EQ(nm_pool_take(&po, idx[0], 640), 0);
	NM_CHECK_EQ(nm_pool_take(&po, idx[1], 639), -ENOSPC);
	NM_CHECK_EQ(nm_pool_take(&po, idx[1], 638), 0);
	NM_CHECK(!nm_pool_has_room(&po, 1));
	NM_CHECK(!nm_pool_put(&po, 0));
	NM_CHECK(!nm_pool_put(&po, 1));
	NM_CHECK(!nm_pool_put(&po, 1280));
	NM_CHECK(!nm_pool_put(&po, 0xffffffff));
	for (k = 0; k < 2; k++) {
		for (i = 0; i < (k ? 638u : 640u); i++) {
			NM_CHECK(idx[k][i] >= 2 && idx[k][i] < 1280);
			NM_CHECK(nm_pool_put(&po, idx[k][i]));
			NM_CHECK(!nm_pool_put(&po, idx[k][i]));
		}
	}
	NM_CHECK_EQ(po.n_used, 0);
	NM_CHECK_EQ(po.n_idle, po.n_backed);
	/* what was freed last comes first */
	NM_CHECK_EQ(nm_pool_take(&po, idx[0], 1), 0);
	NM_CHECK_EQ(idx[0][0] / 64, idx[1][637] / 64);
	nm_pool_fini(&po);
	nm_os_mem_destroy(&mem);
}

NM_TEST(small_gives_memory_back)
{
	struct nm_os_mem mem = { 0 };
	uint32_t *idx = nm_os_alloc(64 * 1024 * sizeof(*idx)), i;
	struct nm_pool po;

	NM_REQUIRE(idx != NULL);
	NM_REQUIRE_EQ(nm_os_mem_create(&mem, 4 * MIB), 0);
	NM_REQUIRE_EQ(nm_pool_init(&po, &mem, 0, 64, 65536, 2,
				   NM_POOL_SMALL), 0);
	NM_CHECK_EQ(nm_pool_take(&po, idx, 65534), 0);
	NM_CHECK_EQ(po.n_backed, 1024);
	for (i = 0; i < 65534; i++)
		nm_pool_put(&po, idx[i]);
	NM_CHECK_EQ(po.n_backed, 1024);
	NM_CHECK_EQ(nm_pool_trim(&po), 1);
	NM_CHECK(po.n_backed >= 1024 - 128);	/* not all at once */
	while (nm_pool_trim(&po))
		;
	NM_CHECK_EQ(po.n_backed, po.n_idle);
	NM_CHECK(po.n_backed <= 128);
	NM_CHECK_EQ(nm_pool_take(&po, idx, 65534), 0);
	nm_pool_fini(&po);
	nm_os_mem_destroy(&mem);
	nm_os_free(idx);
}

NM_TEST(big_has_memory_of_its_own)
{
	struct nm_os_mem mem = { 0 };
	struct nm_pool po;
	uint32_t a, b;
	char *p;

	NM_REQUIRE_EQ(nm_os_mem_create(&mem, 4 * MIB), 0);
	NM_REQUIRE_EQ(nm_pool_init(&po, &mem, MIB, 16384, 64, 1,
				   NM_POOL_BIG), 0);
	NM_CHECK_EQ(nm_pool_take_big(&po, 5000, &a), 0);
	NM_CHECK_EQ(a, 1);
	NM_CHECK_EQ(nm_pool_take_big(&po, 16384, &b), 0);
	p = nm_os_mem_at(&mem, nm_pool_ofs(&po, a));
	NM_REQUIRE(p != NULL);
	memset(p, 1, 5000);
	NM_CHECK(nm_pool_put(&po, a));
	NM_CHECK_EQ(nm_pool_take_big(&po, 5000, &a), 0);
	p = nm_os_mem_at(&mem, nm_pool_ofs(&po, a));
	NM_CHECK(p[0] == 0 && p[4999] == 0);
	NM_CHECK_EQ(po.n_used, 2);
	nm_pool_fini(&po);
	nm_os_mem_destroy(&mem);
}

NM_TEST(set_keeps_what_is_wanted)
{
	static uint64_t want[4];
	static uint32_t idx[100];
	struct nm_os_mem mem = { 0 };
	struct nm_pool po;

	NM_REQUIRE_EQ(nm_os_mem_create(&mem, MIB), 0);
	NM_REQUIRE_EQ(nm_pool_init(&po, &mem, 0, 128, 256, 2,
				   NM_POOL_SMALL), 0);
	NM_CHECK_EQ(nm_pool_take(&po, idx, 100), 0);
	memset(want, 0, sizeof(want));
	want[0] = 1ULL << 10 | 1;
	want[3] = 1;		/* no memory there */
	NM_CHECK_EQ(nm_pool_set(&po, want), 99);
	NM_CHECK_EQ(po.n_used, 1);
	NM_CHECK(nm_pool_is_used(&po, 10));
	NM_CHECK(!nm_pool_is_used(&po, 192));
	NM_CHECK_EQ(nm_pool_take(&po, idx, 100), 0);
	NM_CHECK_EQ(po.n_used, 101);
	nm_pool_fini(&po);
	nm_os_mem_destroy(&mem);
}

NM_TEST_SUITE(pool,
	NM_T(idmap_runs),
	NM_T(small_conserves),
	NM_T(small_gives_memory_back),
	NM_T(big_has_memory_of_its_own),
	NM_T(set_keeps_what_is_wanted));
