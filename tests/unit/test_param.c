/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Parameters: the documented defaults, ranges, and that every field of the
 * structure has exactly one entry in the table.
 */
#include "tests/unit/nmtest.h"
#include "engine/param.h"

NM_TEST(defaults)
{
	static const struct { const char *name; int64_t def; } want[] = {
		{ "verbose", 0 }, { "debug", 0 }, { "no_timestamp", 0 },
		{ "no_pendintr", 1 }, { "txsync_retry", 2 }, { "fwd", 0 },
		{ "admode", 0 }, { "generic_hwcsum", 0 },
		{ "generic_mit", 100000 }, { "generic_ringsize", 1024 },
		{ "generic_rings", 1 }, { "generic_txqdisc", 1 },
		{ "ptnet_vnet_hdr", 1 }, { "bridge_batch", 1024 },
		{ "max_bridges", 8 }, { "default_pipes", 0 },
		{ "if_size", 1024 }, { "if_num", 100 },
		{ "ring_size", 36864 }, { "ring_num", 200 },
		{ "buf_size", 2112 }, { "buf_num", 163840 },
		{ "if_curr_size", 0 }, { "buf_curr_num", 0 },
		{ "priv_if_size", 1024 }, { "priv_if_num", 2 },
		{ "priv_ring_size", 20480 }, { "priv_ring_num", 4 },
		{ "priv_buf_size", 2112 }, { "priv_buf_num", 4098 },
		{ "sink_delay_ns", 100 }, { "sink_num", 1 },
		{ "fdb_stations", 65536 }, { "fdb_age_s", 300 },
	};
	struct nm_params p;
	int64_t v;
	size_t i;

	nm_params_defaults(&p);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		nm_test_case(want[i].name);
		v = -1;
		NM_CHECK_EQ(nm_param_get(&p, want[i].name, &v), 0);
		NM_CHECK_EQ(v, want[i].def);
	}
	NM_CHECK_EQ(nm_param_get(&p, "nonsense", &v), -ENOENT);
}

NM_TEST(ranges)
{
	static const struct { const char *name; int64_t v; int error; int64_t now; }
	row[] = {
		{ "if_size", 55, -ERANGE, 1024 }, { "if_size", 56, 0, 56 },
		{ "if_size", 4096, 0, 4096 }, { "if_size", 4097, -ERANGE, 4096 },
		{ "if_num", 9, -ERANGE, 100 }, { "if_num", 10001, -ERANGE, 100 },
		{ "ring_size", 255, -ERANGE, 36864 },
		{ "ring_size", 131073, -ERANGE, 36864 },
		{ "ring_num", 1, -ERANGE, 200 }, { "ring_num", 1025, -ERANGE, 200 },
		{ "buf_size", 63, -ERANGE, 2112 }, { "buf_size", 65537, -ERANGE, 2112 },
		{ "buf_num", 3, -ERANGE, 163840 },
		{ "buf_num", 1000001, -ERANGE, 163840 },
		{ "priv_if_num", 101, -ERANGE, 2 },
		{ "priv_ring_num", 1025, -ERANGE, 4 },
		{ "admode", 1, 0, 1 }, { "admode", 3, 0, 0 },
		{ "admode", 2, 0, 2 }, { "admode", -1, 0, 0 },
		{ "bridge_batch", 16, 0, 16 }, { "bridge_batch", 1025, 0, 1024 },
		{ "bridge_batch", -1, 0, -1 },
		{ "fdb_stations", 1023, -ERANGE, 65536 },
		{ "fdb_stations", 16777216, 0, 16777216 },
		{ "fdb_stations", 16777217, -ERANGE, 16777216 },
		{ "buf_curr_num", 1, -EPERM, 0 },
	};
	struct nm_params p;
	int64_t v;
	size_t i;

	nm_params_defaults(&p);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		nm_test_case(row[i].name);
		NM_CHECK_EQ(nm_param_set(&p, row[i].name, row[i].v), row[i].error);
		NM_CHECK_EQ(nm_param_get(&p, row[i].name, &v), 0);
		NM_CHECK_EQ(v, row[i].now);
	}
	NM_CHECK_EQ(nm_param_set(&p, "nonsense", 1), -ENOENT);
}

NM_TEST(table_covers_struct)
{
	static uint8_t seen[sizeof(struct nm_params) / sizeof(int64_t)];
	const struct nm_param *t;
	uint32_t n, i;

	memset(seen, 0, sizeof(seen));
	t = nm_param_table(&n);
	NM_CHECK_EQ(n, sizeof(seen));
	for (i = 0; i < n; i++) {
		nm_test_case(t[i].name);
		NM_CHECK_EQ(seen[t[i].ofs / sizeof(int64_t)]++, 0);
		NM_CHECK(t[i].min <= t[i].def && t[i].def <= t[i].max);
		NM_CHECK(t[i].what[0] != '\0');
	}
}

NM_TEST_SUITE(param,
	NM_T(defaults),
	NM_T(ranges),
	NM_T(table_covers_struct));
