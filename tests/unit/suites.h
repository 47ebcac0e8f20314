/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The suites, in the order they run: NM_SUITE(x) is tests/unit/test_x.c.
 * No include guard: included with different meanings of NM_SUITE.  One a line
 * and nothing else on it, because the build reads this list too.
 */
NM_SUITE(os)
NM_SUITE(reqbuf)
NM_SUITE(name)
NM_SUITE(param)
NM_SUITE(req)
NM_SUITE(legacy)
NM_SUITE(stat)
NM_SUITE(show)
NM_SUITE(vale_ops)
NM_SUITE(bind)
NM_SUITE(pool)
NM_SUITE(vale)
NM_SUITE(pipe)
NM_SUITE(nic)
NM_SUITE(vif)
NM_SUITE(repair)
NM_SUITE(hostile)
NM_SUITE(fdb)
NM_SUITE(sync)
NM_SUITE(inbox)
NM_SUITE(vale_fwd)
NM_SUITE(vale_runs)
NM_SUITE(pipe_sync)
