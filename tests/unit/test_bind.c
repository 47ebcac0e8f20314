/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Binding: modes, flags, sharing, extra buffers, and that everything comes
 * back.
 */
#include "tests/unit/rig.h"
#include "engine/extra.h"
#include "engine/plane/extra.h"

NM_TEST(vale_default_geometry)
{
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	struct rig *g = rig_new();
	struct netmap_ring *tx, *rx;
	struct nm_file *f;
	struct rig_usage was;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	rig_usage(g, &was);
	NM_CHECK_EQ(rig_register(g, f, "vale0:a", &reg), 0);
	NM_CHECK_EQ(reg.nr_tx_rings, 1);
	NM_CHECK_EQ(reg.nr_rx_rings, 1);
	NM_CHECK_EQ(reg.nr_tx_slots, 1024);
	NM_CHECK_EQ(reg.nr_rx_slots, 1024);
	NM_CHECK_EQ(reg.nr_mem_id, 1);
	NM_CHECK_STR(rig_if(f)->ni_name, "vale0:a");
	NM_CHECK_EQ(rig_if(f)->ni_flags, 0);
	tx = rig_ring(f, 1, 0);
	rx = rig_ring(f, 0, 0);
	NM_REQUIRE(tx && rx);
	/* the arithmetic that programs use */
	NM_CHECK_EQ(f->bound.nifp_ofs + rig_if(f)->ring_ofs[0] + tx->buf_ofs,
		    f->port->region->bufs.ofs);
	NM_CHECK_EQ(f->bound.nifp_ofs + rig_if(f)->ring_ofs[2] + rx->buf_ofs,
		    f->port->region->bufs.ofs);
	NM_CHECK_EQ(tx->tail, 1023);
	NM_CHECK_EQ(tx->dir, 1);
	NM_CHECK_EQ(rx->tail, 0);
	NM_CHECK_EQ(rx->dir, 0);
	NM_CHECK_EQ(rx->slot[5].len, rx->nr_buf_size);
	NM_CHECK(rig_ring(f, 1, 1) == NULL);
	nm_file_close(f);
	rig_check_same(g, &was);
	rig_free(g);
}

NM_TEST(buffers_are_distinct)
{
	struct rig *g = rig_new();
	struct nm_file *f[2];
	uint64_t *seen;
	uint32_t k, d, i, n = 0;

	NM_REQUIRE(g != NULL);
	seen = nm_os_alloc(1 << 20);
	f[0] = rig_bind(g, "vale0:a");
	f[1] = rig_bind(g, "vale0:b");
	NM_REQUIRE(seen && f[0] && f[1]);
	for (k = 0; k < 2; k++) {
		for (d = 0; d < 2; d++) {
			struct netmap_ring *r = rig_ring(f[k], d, 0);

			for (i = 0; i < r->num_slots; i++) {
				uint32_t b = r->slot[i].buf_idx;

				NM_CHECK(b >= 2);
				NM_CHECK(!(seen[b / 64] >> (b % 64) & 1));
				seen[b / 64] |= 1ULL << (b % 64);
				n++;
			}
		}
	}
	NM_CHECK_EQ(n, 4 * 64);
	nm_os_free(seen);
	nm_file_close(f[0]);
	nm_file_close(f[1]);
	rig_free(g);
}

NM_TEST(frames_arrive)
{
	struct rig *g = rig_new();
	struct nm_file *a, *b;
	int i;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "vale0:a");
	b = rig_bind(g, "vale0:b");
	NM_REQUIRE(a && b);
	for (i = 0; i < 200; i++) {
		NM_CHECK_EQ(rig_send(g, a, i), 0);
		NM_CHECK_EQ(rig_recv(g, b, i), 1);
	}
	NM_CHECK_EQ(rig_recv(g, a, 0), 0);
	nm_file_close(a);
	nm_file_close(b);
	rig_free(g);
}

/* Errors, each with its errno and without a change. */
NM_TEST(errors)
{
	static const struct {
		const char *name;
		struct nmreq_register reg;
		int error;
	} t[] = {
		{ "vale0:x", { .nr_mode = 99 }, -EINVAL },
		{ "vale0:x", { .nr_mode = NR_REG_SW }, -EINVAL },
		{ "vale0:x", { .nr_mode = NR_REG_NIC_SW }, -EINVAL },
		{ "vale0:x", { .nr_mode = NR_REG_PIPE_MASTER }, -EINVAL },
		{ "vale0:x", { .nr_mode = NR_REG_ONE_NIC, .nr_ringid = 1 },
			-EINVAL },
		{ "vale0:x", { .nr_mem_id = 77 }, -EINVAL },
		{ "vale0:x", { .nr_flags = NR_MONITOR_RX }, -EOPNOTSUPP },
		{ "nosuchif0", { .nr_mode = NR_REG_ALL_NIC }, -ENXIO },
		{ "vale0:x{", { .nr_mode = NR_REG_ALL_NIC }, -EINVAL },
		{ "vale0:x{1", { .nr_mode = NR_REG_SW }, -EINVAL },
		{ "label", { .nr_mode = NR_REG_NULL }, -EINVAL },
		{ "label", { .nr_mode = NR_REG_NULL, .nr_mem_id = 1,
			.nr_tx_rings = 1, .nr_tx_slots = 5000 }, -EINVAL },
		{ "label", { .nr_mode = NR_REG_NULL, .nr_mem_id = 1,
			.nr_rx_rings = 300, .nr_rx_slots = 16 }, -EINVAL },
		{ "label", { .nr_mode = NR_REG_NULL, .nr_mem_id = 1,
			.nr_rx_rings = 1 }, -EINVAL },
	};
	struct rig *g = rig_new();
	struct rig_usage was;
	struct nm_file *f;
	size_t i;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	rig_usage(g, &was);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct nmreq_register reg = t[i].reg;

		nm_test_case(t[i].name);
		NM_CHECK_EQ(rig_register(g, f, t[i].name, &reg), t[i].error);
		rig_check_same(g, &was);
	}
	nm_test_case(NULL);
	nm_file_close(f);
	rig_free(g);
}

NM_TEST(second_bind_is_busy)
{
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	struct rig *g = rig_new();
	struct nm_file *f;

	NM_REQUIRE(g != NULL);
	f = rig_bind(g, "vale0:a");
	NM_REQUIRE(f != NULL);
	NM_CHECK_EQ(rig_register(g, f, "vale0:b", &reg), -EBUSY);
	NM_CHECK_STR(f->port->name, "vale0:a");
	nm_file_close(f);
	rig_free(g);
}

NM_TEST(exclusive)
{
	struct nmreq_register reg = { .nr_flags = NR_EXCLUSIVE,
		.nr_tx_rings = 2, .nr_rx_rings = 2,
		.nr_mode = NR_REG_ONE_NIC, .nr_ringid = 1 }, again;
	struct rig *g = rig_new();
	struct nm_file *a, *b;

	NM_REQUIRE(g != NULL);
	a = rig_open(g);
	b = rig_open(g);
	NM_REQUIRE(a && b);
	again = reg;
	NM_CHECK_EQ(rig_register(g, a, "vale0:a", &again), 0);
	again = reg;
	NM_CHECK_EQ(rig_register(g, b, "vale0:a", &again), -EBUSY);
	again.nr_flags = 0;
	NM_CHECK_EQ(rig_register(g, b, "vale0:a", &again), -EBUSY);
	again.nr_mode = NR_REG_ALL_NIC;
	NM_CHECK_EQ(rig_register(g, b, "vale0:a", &again), -EBUSY);
	again = reg;
	again.nr_ringid = 0;
	NM_CHECK_EQ(rig_register(g, b, "vale0:a", &again), 0);
	nm_file_close(a);
	a = rig_open(g);
	again = reg;
	NM_CHECK_EQ(rig_register(g, a, "vale0:a", &again), 0);
	nm_file_close(a);
	nm_file_close(b);
	rig_free(g);
}

NM_TEST(one_ring_and_directions)
{
	struct nmreq_register reg = { .nr_tx_rings = 3, .nr_rx_rings = 2,
		.nr_tx_slots = 32, .nr_rx_slots = 16,
		.nr_mode = NR_REG_ONE_NIC, .nr_ringid = 2 };
	struct nmreq_register only = { .nr_mode = NR_REG_ALL_NIC,
		.nr_flags = NR_RX_RINGS_ONLY };
	struct nmreq_register none = { .nr_mode = NR_REG_ALL_NIC,
		.nr_flags = NR_RX_RINGS_ONLY | NR_TX_RINGS_ONLY };
	struct rig *g = rig_new();
	struct nm_file *a, *b, *c;

	NM_REQUIRE(g != NULL);
	a = rig_open(g);
	b = rig_open(g);
	c = rig_open(g);
	NM_REQUIRE(a && b && c);
	NM_CHECK_EQ(rig_register(g, a, "vale0:a", &reg), 0);
	NM_CHECK(rig_ring(a, 1, 0) == NULL);
	NM_CHECK(rig_ring(a, 1, 2) != NULL);
	NM_CHECK(rig_ring(a, 0, 0) != NULL);
	NM_CHECK(rig_ring(a, 0, 1) == NULL);
	NM_CHECK_EQ(rig_register(g, b, "vale0:a", &only), 0);
	NM_CHECK_EQ(only.nr_tx_slots, 32);
	NM_CHECK(rig_ring(b, 1, 0) == NULL);
	NM_CHECK(rig_ring(b, 0, 0) == rig_ring(a, 0, 0));
	NM_CHECK(rig_ring(b, 0, 1) != NULL);
	NM_CHECK_EQ(rig_register(g, c, "vale0:a", &none), 0);
	NM_CHECK(rig_ring(c, 0, 0) == NULL);
	nm_file_close(a);
	NM_CHECK_EQ(b->port->n_files, 2);
	nm_file_close(b);
	nm_file_close(c);
	rig_free(g);
}

static uint32_t list_len(struct nm_file *f)
{
	uint32_t n = 0, i = rig_if(f)->ni_bufs_head;

	for (; i >= 2 && n < 100000; n++)
		i = *(uint32_t *)(void *)rig_buf(f, i);
	return n;
}

NM_TEST(extra_buffers_are_conserved)
{
	struct nmreq_register reg = { .nr_extra_bufs = 500,
		.nr_tx_slots = 64, .nr_rx_slots = 64 };
	struct rig *g = rig_new();
	struct nm_file *f;
	struct rig_usage was;
	struct netmap_ring *r;
	uint32_t head, i;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	rig_usage(g, &was);
	NM_CHECK_EQ(rig_register(g, f, "vale0:a", &reg), 0);
	NM_CHECK_EQ(reg.nr_extra_bufs, 500);
	NM_CHECK_EQ(list_len(f), 500);
	/* swap the first ten with buffers of the ring */
	r = rig_ring(f, 1, 0);
	for (i = 0; i < 10; i++) {
		head = rig_if(f)->ni_bufs_head;
		rig_if(f)->ni_bufs_head = *(uint32_t *)(void *)rig_buf(f, head);
		*(uint32_t *)(void *)rig_buf(f, r->slot[i].buf_idx) =
			rig_if(f)->ni_bufs_head;
		rig_if(f)->ni_bufs_head = r->slot[i].buf_idx;
		r->slot[i].buf_idx = head;
	}
	NM_CHECK_EQ(list_len(f), 500);
	nm_file_close(f);
	rig_check_same(g, &was);
	NM_CHECK_EQ(g->e->n_sweeps, 0);
	rig_free(g);
}

/* A long list does not hold everybody up when it comes home. */
NM_TEST(extra_buffers_come_home_in_steps)
{
	const uint32_t n = 3 * NM_EXTRA_STEP + 10;
	struct nmreq_register reg = { .nr_extra_bufs = n,
		.nr_tx_slots = 64, .nr_rx_slots = 64 };
	struct rig *g = rig_new();
	struct rig_usage was, u;
	struct nm_file *f, *a;
	uint32_t k;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "vale0:a");
	rig_usage(g, &was);
	f = rig_open(g);
	NM_CHECK_EQ(rig_register(g, f, "vale0:b", &reg), 0);
	NM_CHECK_EQ(reg.nr_extra_bufs, n);
	nm_file_close(f);
	for (k = 3; k > 0; k--) {
		rig_usage(g, &u);
		NM_CHECK_EQ(u.bufs, was.bufs + (k - 1) * NM_EXTRA_STEP + 10);
		/* who comes meanwhile gets others */
		f = rig_bind(g, "vale0:c");
		NM_REQUIRE(f != NULL);
		NM_CHECK_EQ(rig_send(g, a, k), 0);
		NM_CHECK_EQ(rig_recv(g, f, k), 1);
		nm_file_close(f);
		NM_CHECK_EQ(nm_engine_tick(g->e), k > 1);
	}
	rig_check_same(g, &was);
	NM_CHECK_EQ(g->e->n_sweeps, 0);
	nm_file_close(a);
	rig_free(g);
}

/* Cut off behind the first step: the sweep finds the others. */
NM_TEST(extra_buffers_lost_on_their_way)
{
	struct nmreq_register reg = { .nr_extra_bufs = 2 * NM_EXTRA_STEP,
		.nr_tx_slots = 64, .nr_rx_slots = 64 };
	struct rig *g = rig_new();
	struct rig_usage was;
	struct nm_file *f;
	uint32_t k, idx;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	rig_usage(g, &was);
	NM_CHECK_EQ(rig_register(g, f, "vale0:a", &reg), 0);
	idx = rig_if(f)->ni_bufs_head;
	for (k = 0; k < NM_EXTRA_STEP + 100; k++)
		idx = *(uint32_t *)(void *)rig_buf(f, idx);
	*(uint32_t *)(void *)rig_buf(f, idx) = 0;
	nm_file_close(f);
	NM_CHECK_EQ(g->e->n_sweeps, 0);
	while (nm_engine_tick(g->e))
		;
	NM_CHECK_EQ(g->e->n_sweeps, 1);
	rig_check_same(g, &was);
	rig_free(g);
}

/* The engine, or a private region, ends under a list. */
NM_TEST(extra_buffers_of_a_region_that_goes)
{
	struct nmreq_register reg = { .nr_extra_bufs = 5 * NM_EXTRA_STEP,
		.nr_tx_slots = 64, .nr_rx_slots = 64 };
	struct nm_cred other = { .uid = 1000, .pid = 9 };
	struct rig *g = rig_new();
	struct nm_file *f;

	NM_REQUIRE(g != NULL);
	NM_CHECK_EQ(nm_file_open(g->e, &other, &f), 0);
	NM_CHECK_EQ(rig_register(g, f, "vale0:a", &reg), 0);
	NM_CHECK_EQ(reg.nr_extra_bufs, 5 * NM_EXTRA_STEP);
	NM_CHECK(g->e->regions->next != NULL);
	nm_file_close(f);
	NM_CHECK_EQ(nm_engine_tick(g->e), 0);
	NM_CHECK(g->e->regions->next == NULL);
	f = rig_open(g);
	reg.nr_mem_id = 0;
	reg.nr_extra_bufs = 5 * NM_EXTRA_STEP;
	NM_CHECK_EQ(rig_register(g, f, "vale0:b", &reg), 0);
	nm_file_close(f);
	rig_free(g);
}

/* Whoever hands them over to a program has a list of runs, or spreads it. */
NM_TEST(extra_buffers_are_spread)
{
	struct nmreq_register reg = { .nr_extra_bufs = 3000 };
	static struct nm_host_ops ops = { .client_spreads = 1 };
	const struct nm_host_ops *was;
	struct rig *g = rig_new();
	struct nm_bufs bufs;
	struct nm_file *f;
	uint32_t idx, n, words;

	NM_REQUIRE(g != NULL);
	was = g->e->ops;
	g->e->ops = &ops;
	f = rig_open(g);
	NM_REQUIRE(rig_register(g, f, "vale0:a", &reg) == 0);
	g->e->ops = was;
	NM_CHECK_EQ(f->bound.n_extra, 3000);
	NM_REQUIRE(!nm_bufs_init(&g->e->pl, f->bound.region, &bufs));
	/* consecutive buffers cost one word pair */
	idx = nm_bound_if(f)->ni_bufs_head;
	for (n = words = 0; idx; words++) {
		n += ((uint32_t *)(void *)nm_buf_at(&bufs, idx))[1];
		idx = ((uint32_t *)(void *)nm_buf_at(&bufs, idx))[0];
	}
	NM_CHECK_EQ(n, 3000);
	NM_CHECK(words < 100);
	nm_extra_spread(&bufs, nm_bound_if(f)->ni_bufs_head, 3000);
	idx = nm_bound_if(f)->ni_bufs_head;
	for (n = 0; idx && n <= 3000; n++)
		idx = *(uint32_t *)(void *)nm_buf_at(&bufs, idx);
	NM_CHECK_EQ(n, 3000);
	/* nonsense is not followed */
	((uint32_t *)(void *)nm_buf_at(&bufs, 2))[0] = 2;
	((uint32_t *)(void *)nm_buf_at(&bufs, 2))[1] = 0xffffffff;
	nm_extra_spread(&bufs, 2, 3000);
	nm_extra_spread(&bufs, 0xffffffff, 3000);
	nm_file_close(f);
	rig_free(g);
}

/* A list that was cut, or bent into a circle, or that names nonsense. */
NM_TEST(extra_buffers_lost_are_found)
{
	static const uint32_t end[] = { 0, 1, 0xffffffff, 7 };
	struct rig *g = rig_new();
	struct rig_usage was;
	size_t i;

	NM_REQUIRE(g != NULL);
	for (i = 0; i < sizeof(end) / sizeof(end[0]); i++) {
		struct nmreq_register reg = { .nr_extra_bufs = 50,
			.nr_tx_slots = 64, .nr_rx_slots = 64 };
		struct nm_file *f = rig_open(g);

		NM_REQUIRE(f != NULL);
		rig_usage(g, &was);
		NM_CHECK_EQ(rig_register(g, f, "vale0:a", &reg), 0);
		*(uint32_t *)(void *)rig_buf(f, rig_if(f)->ni_bufs_head) =
			end[i] == 7 ? rig_if(f)->ni_bufs_head : end[i];
		nm_file_close(f);
		rig_check_same(g, &was);
	}
	NM_CHECK_EQ(g->e->n_sweeps, 4);
	rig_free(g);
}

/* A ring whose slots all name one buffer; another port goes on. */
NM_TEST(duplicate_buffers_are_swept)
{
	struct rig *g = rig_new();
	struct nm_file *a, *b, *c;
	struct rig_usage was;
	struct netmap_ring *r;
	uint32_t i;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "vale0:a");
	c = rig_bind(g, "vale0:c");
	NM_REQUIRE(a && c);
	rig_usage(g, &was);
	b = rig_bind(g, "vale0:b");
	NM_REQUIRE(b != NULL);
	r = rig_ring(b, 1, 0);
	for (i = 0; i < r->num_slots; i++)
		r->slot[i].buf_idx = r->slot[0].buf_idx;
	nm_file_close(b);
	NM_CHECK_EQ(g->e->n_sweeps, 1);
	rig_check_same(g, &was);
	NM_CHECK_EQ(rig_send(g, a, 9), 0);
	NM_CHECK_EQ(rig_recv(g, c, 9), 1);
	nm_file_close(a);
	nm_file_close(c);
	rig_free(g);
}

/* One operation of the sweep of allocations. */
struct attempt {
	struct rig *g;
	struct nm_file *f;
	const char *name;
	struct nmreq_register reg;
	struct rig_usage was;
};

static int attempt_register(void *ctx)
{
	struct attempt *t = ctx;
	struct nmreq_register reg = t->reg;

	return rig_register(t->g, t->f, t->name, &reg);
}

static void attempt_undone(void *ctx)
{
	struct attempt *t = ctx;

	NM_CHECK(t->f->port == NULL);
	rig_check_same(t->g, &t->was);
}

static void sweep(const char *name, struct nmreq_register reg, uint32_t direct)
{
	struct attempt t = { .g = rig_new(), .name = name, .reg = reg };
	struct nm_file *keep;

	NM_REQUIRE(t.g != NULL);
	/* a first port, so that region 1 is there */
	keep = rig_bind(t.g, "valekeep:k");
	t.f = rig_open_as(t.g, 1000, direct);
	NM_REQUIRE(keep && t.f);
	rig_usage(t.g, &t.was);
	nm_test_case(name);
	NM_CHECK(nm_test_sweep(attempt_register, attempt_undone, &t) >= 0);
	nm_test_case(NULL);
	NM_CHECK(t.f->port != NULL);
	nm_file_close(t.f);
	rig_check_same(t.g, &t.was);
	nm_file_close(keep);
	rig_free(t.g);
}

NM_TEST(allocation_sweep)
{
	struct nmreq_register reg = { .nr_tx_slots = 64, .nr_rx_slots = 64,
		.nr_tx_rings = 2, .nr_rx_rings = 2 };
	struct nmreq_register null = { .nr_tx_slots = 64, .nr_rx_slots = 64,
		.nr_tx_rings = 2, .nr_rx_rings = 1, .nr_mode = NR_REG_NULL,
		.nr_mem_id = 1 };

	sweep("vale7:a", reg, 1);
	sweep("vale7:a", reg, 0);
	sweep("vale7:a{x", reg, 1);
	sweep("noport}4", reg, 0);
	sweep("label", null, 1);
}

NM_TEST(open_close_does_not_grow)
{
#ifndef __KERNEL__
	const int rounds = 10000;
#else
	const int rounds = 300;
#endif
	struct rig *g = rig_new();
	struct rig_usage was;
	struct nm_file *f;
	int i;

	NM_REQUIRE(g != NULL);
	f = rig_bind(g, "vale0:keep");
	NM_REQUIRE(f != NULL);
	rig_usage(g, &was);
	for (i = 0; i < rounds; i++) {
		struct nm_file *p = rig_bind(g, i % 3 ? "vale0:a" : "vale0:a{1");

		NM_REQUIRE(p != NULL);
		nm_file_close(p);
	}
	rig_check_same(g, &was);
	nm_file_close(f);
	rig_free(g);
}

NM_TEST(full_region_opens_another)
{
	struct nmreq_register reg;
	struct rig *g = rig_new();
	struct nm_file *f[12];
	struct rig_usage was;
	uint32_t i, last = 0;
	char name[16];

	NM_REQUIRE(g != NULL);
	f[0] = rig_bind(g, "vale0:first");
	NM_REQUIRE(f[0] != NULL);
	rig_usage(g, &was);
	for (i = 1; i < 12; i++) {
		memset(&reg, 0, sizeof(reg));
		reg.nr_tx_slots = 2000;
		reg.nr_rx_slots = 2000;
		snprintf(name, sizeof(name), "vale0:p%u", i);
		f[i] = rig_open(g);
		NM_REQUIRE(f[i] != NULL);
		NM_CHECK_EQ(rig_register(g, f[i], name, &reg), 0);
		last = reg.nr_mem_id;
	}
	NM_CHECK(last > 1);
	NM_CHECK(last < 12);
	/* frames between regions are copied like any other */
	NM_CHECK_EQ(rig_send(g, f[11], 3), 0);
	NM_CHECK_EQ(rig_recv(g, f[0], 3), 1);
	for (i = 11; i > 0; i--)
		nm_file_close(f[i]);
	rig_check_same(g, &was);
	nm_file_close(f[0]);
	rig_free(g);
}

NM_TEST(foreign_memory_is_refused)
{
	struct nmreq_register reg = { .nr_tx_slots = 64, .nr_rx_slots = 64 };
	struct rig *g = rig_new();
	struct nm_file *a, *b;

	NM_REQUIRE(g != NULL);
	a = rig_bind_as(g, "vale0:a", 1000, 1);
	b = rig_open_as(g, 2000, 0);
	NM_REQUIRE(a && b);
	NM_CHECK_EQ(rig_register(g, b, "vale0:a", &reg), -EPERM);
	NM_CHECK_EQ(rig_register(g, b, "vale0:a{1", &reg), -EPERM);
	reg.nr_mem_id = 1;
	NM_CHECK_EQ(rig_register(g, b, "vale0:b", &reg), -EPERM);
	reg.nr_mem_id = 0;
	NM_CHECK_EQ(rig_register(g, b, "vale0:b", &reg), 0);
	NM_CHECK(reg.nr_mem_id > 1);
	NM_CHECK_EQ(rig_if(b)->ni_flags, NI_PRIV_MEM);
	nm_file_close(a);
	nm_file_close(b);
	rig_free(g);
}

NM_TEST_SUITE(bind,
	NM_T(vale_default_geometry),
	NM_T(buffers_are_distinct),
	NM_T(frames_arrive),
	NM_T(errors),
	NM_T(second_bind_is_busy),
	NM_T(exclusive),
	NM_T(one_ring_and_directions),
	NM_T(extra_buffers_are_conserved),
	NM_T(extra_buffers_come_home_in_steps),
	NM_T(extra_buffers_lost_on_their_way),
	NM_T(extra_buffers_of_a_region_that_goes),
	NM_T(extra_buffers_are_spread),
	NM_T(extra_buffers_lost_are_found),
	NM_T(duplicate_buffers_are_swept),
	NM_T(allocation_sweep),
	NM_T(open_close_does_not_grow),
	NM_T(full_region_opens_another),
	NM_T(foreign_memory_is_refused));
