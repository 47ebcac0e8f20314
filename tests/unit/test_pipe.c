/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Pipes: names, parents, geometry, and their life.
 */
#include "tests/unit/rig.h"

NM_TEST(frames_both_ways)
{
	static const char *const names[][2] = {
		{ "vale0:a{1", "vale0:a}1" },
		{ "vale0:a{name", "vale0:a}name" },
		{ "lonely{2", "lonely}2" },
		{ "lonely}2{3", "lonely}2}3" },
	};
	struct rig *g = rig_new();
	struct nm_file *a, *b;
	struct rig_usage was;
	size_t i;
	int k;

	NM_REQUIRE(g != NULL);
	a = rig_open(g);
	rig_usage(g, &was);
	nm_file_close(a);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		nm_test_case(names[i][0]);
		a = rig_bind(g, names[i][0]);
		b = rig_bind(g, names[i][1]);
		NM_REQUIRE(a && b);
		NM_CHECK_EQ(rig_ring(a, 1, 0)->slot[3].buf_idx,
			    rig_ring(b, 0, 0)->slot[3].buf_idx);
		for (k = 0; k < 150; k++) {
			NM_CHECK_EQ(rig_send(g, a, k), 0);
			NM_CHECK_EQ(rig_recv(g, b, k), 1);
			NM_CHECK_EQ(rig_send(g, b, k + 1), 0);
			NM_CHECK_EQ(rig_recv(g, a, k + 1), 1);
		}
		nm_file_close(b);
		nm_file_close(a);
		rig_check_same(g, &was);
	}
	nm_test_case(NULL);
	NM_CHECK_EQ(g->e->n_sweeps, 0);
	rig_free(g);
}

NM_TEST(geometry)
{
	struct nmreq_register reg = { .nr_tx_rings = 3, .nr_rx_rings = 2,
		.nr_tx_slots = 32, .nr_rx_slots = 5000 }, peer = { 0 };
	struct rig *g = rig_new();
	struct nm_file *a, *b;

	NM_REQUIRE(g != NULL);
	a = rig_open(g);
	b = rig_open(g);
	/* the wish is the primary's even if the peer comes first */
	NM_CHECK_EQ(rig_register(g, b, "vale0:x}7", &reg), 0);
	NM_CHECK_EQ(reg.nr_tx_rings, 2);
	NM_CHECK_EQ(reg.nr_rx_rings, 3);
	NM_CHECK_EQ(reg.nr_tx_slots, 4096);
	NM_CHECK_EQ(reg.nr_rx_slots, 32);
	NM_CHECK_EQ(rig_register(g, a, "vale0:x{7", &peer), 0);
	NM_CHECK_EQ(peer.nr_tx_rings, 3);
	NM_CHECK_EQ(peer.nr_tx_slots, 32);
	NM_CHECK_EQ(peer.nr_mem_id, reg.nr_mem_id);
	nm_file_close(a);
	nm_file_close(b);
	rig_free(g);
}

/* An end that is closed and opened again goes on where it was. */
NM_TEST(unread_frames_wait)
{
	struct rig *g = rig_new();
	struct nm_file *a, *b;
	int i;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "vale0:a{1");
	NM_REQUIRE(a != NULL);
	for (i = 0; i < 10; i++)
		NM_CHECK_EQ(rig_send(g, a, 42), 0);
	b = rig_bind(g, "vale0:a}1");
	NM_REQUIRE(b != NULL);
	NM_CHECK_EQ(rig_recv(g, b, 42), 10);
	for (i = 0; i < 5; i++)
		NM_CHECK_EQ(rig_send(g, a, 43), 0);
	nm_file_close(b);
	b = rig_bind(g, "vale0:a}1");
	NM_REQUIRE(b != NULL);
	NM_CHECK_EQ(rig_recv(g, b, 43), 5);
	nm_file_close(a);
	nm_file_close(b);
	rig_free(g);
}

/* Buffers that the receiver exchanges with another port are not lost. */
NM_TEST(swapped_buffers_come_back)
{
	struct nmreq_register reg = { .nr_extra_bufs = 64,
		.nr_tx_slots = 64, .nr_rx_slots = 64 };
	struct rig *g = rig_new();
	struct nm_file *a, *b;
	struct netmap_ring *r;
	struct rig_usage was;
	uint32_t i, head;

	NM_REQUIRE(g != NULL);
	a = rig_open(g);
	rig_usage(g, &was);
	b = rig_bind(g, "vale0:a{1");
	NM_REQUIRE(a && b);
	NM_CHECK_EQ(rig_register(g, a, "vale0:a}1", &reg), 0);
	NM_CHECK_EQ(reg.nr_extra_bufs, 64);
	for (i = 0; i < 40; i++)
		NM_CHECK_EQ(rig_send(g, b, 1), 0);
	NM_CHECK_EQ(rig_sync(g, a, 0, 0), 0);
	r = rig_ring(a, 0, 0);
	NM_CHECK_EQ(r->tail, 40);
	for (i = 0; i < 30; i++) {
		head = rig_if(a)->ni_bufs_head;
		rig_if(a)->ni_bufs_head = *(uint32_t *)(void *)rig_buf(a, head);
		*(uint32_t *)(void *)rig_buf(a, r->slot[i].buf_idx) =
			rig_if(a)->ni_bufs_head;
		rig_if(a)->ni_bufs_head = r->slot[i].buf_idx;
		r->slot[i].buf_idx = head;
		r->slot[i].flags |= NS_BUF_CHANGED;
	}
	/* half of the exchanged slots released, half of those taken back */
	r->head = r->cur = 10;
	NM_CHECK_EQ(rig_sync(g, a, 0, 0), 0);
	NM_CHECK_EQ(rig_sync(g, b, 1, 0), 0);
	r->head = r->cur = 20;
	NM_CHECK_EQ(rig_sync(g, a, 0, 0), 0);
	nm_file_close(a);
	nm_file_close(b);
	NM_CHECK_EQ(g->e->n_sweeps, 0);
	rig_check_same(g, &was);
	rig_free(g);
}

NM_TEST(peer_close_is_told)
{
	struct nmreq_register reg = { .nr_flags = NR_PEER_HUP };
	struct rig *g = rig_new();
	struct nm_file *a, *b;
	struct nm_pring *pr;
	uint32_t wakes;

	NM_REQUIRE(g != NULL);
	a = rig_open(g);
	NM_CHECK_EQ(rig_register(g, a, "vale0:a{1", &reg), 0);
	b = rig_bind(g, "vale0:a}1");
	NM_REQUIRE(b != NULL);
	pr = nm_pring_at(&g->e->pl, rig_ring_idx(a, 0, 0));
	NM_CHECK_EQ(pr->hup, 0);
	nm_ring_want(&g->e->pl, rig_ring_idx(a, 0, 0));
	wakes = g->n_wakes;
	nm_file_close(b);
	NM_CHECK_EQ(pr->hup, 1);
	NM_CHECK_EQ(g->n_wakes, wakes + 1);
	b = rig_bind(g, "vale0:a}1");
	NM_CHECK_EQ(pr->hup, 0);
	nm_file_close(a);
	nm_file_close(b);
	rig_free(g);
}

/* The parent lives as long as the pipe, and not longer. */
NM_TEST(parent_is_held)
{
	struct rig *g = rig_new();
	struct nm_file *p, *a;
	struct nmreq_register reg = { .nr_flags = NR_EXCLUSIVE };
	struct nm_file *x;

	NM_REQUIRE(g != NULL);
	p = rig_bind_as(g, "vale0:a", 1000, 0);
	a = rig_bind_as(g, "vale0:a{1", 1000, 0);
	NM_REQUIRE(p && a);
	NM_CHECK_EQ(a->port->region == p->port->region, 1);
	nm_file_close(p);
	NM_CHECK_EQ(g->e->switch_ids.n_used, 1);
	x = rig_open(g);
	NM_CHECK_EQ(rig_register(g, x, "vale0:a{1", &reg), -EBUSY);
	nm_file_close(x);
	nm_file_close(a);
	NM_CHECK_EQ(g->e->switch_ids.n_used, 0);
	NM_CHECK_EQ(g->e->region_ids.n_used, 1);
	rig_free(g);
}

NM_TEST(too_deep)
{
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	struct rig *g = rig_new();
	struct rig_usage was;
	struct nm_file *f;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	rig_usage(g, &was);
	NM_CHECK_EQ(rig_register(g, f, "p{1{1{1{1{1{1{1{1{1{1{1", &reg),
		    -EINVAL);
	rig_check_same(g, &was);
	nm_file_close(f);
	rig_free(g);
}

NM_TEST_SUITE(pipe,
	NM_T(frames_both_ways),
	NM_T(geometry),
	NM_T(unread_frames_wait),
	NM_T(swapped_buffers_come_back),
	NM_T(peer_close_is_told),
	NM_T(parent_is_held),
	NM_T(too_deep));
