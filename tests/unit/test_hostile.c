/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What a program that shares the plane can write there, and what one that has
 * stopped can hold up: the control plane neither believes it nor waits for it.
 */
#include "tests/unit/rig.h"

#define MS	1000000ull

static struct nm_pring *ring_of(struct rig *g, struct nm_file *f, int tx)
{
	return nm_pring_at(&g->e->pl, rig_ring_idx(f, tx, 0));
}

/* An actor that is inside a sync. */
static uint32_t stopped_actor(struct rig *g)
{
	int id = nm_actor_new(g->e, 77);

	NM_CHECK(id >= 0);
	nm_pactor_at(&g->e->pl, id)->seq++;
	return id;
}

/* A persistent port "per0", and a descriptor bound to it. */
static struct nm_file *bind_persistent(struct rig *g)
{
	struct nmreq_vale_newif nif = { .nr_tx_slots = 64, .nr_rx_slots = 64 };
	struct nmreq_register reg = { 0 };
	struct nm_file *f = rig_open(g);

	if (f && NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_VALE_NEWIF, "per0", &nif,
				     sizeof(nif)), 0) &&
	    NM_CHECK_EQ(rig_register(g, f, "per0", &reg), 0))
		return f;
	return NULL;
}

/* The description of a ring is the control plane's, whatever stands there. */
NM_TEST(rebuild_believes_no_description)
{
	struct rig *g = rig_new();
	struct nm_pregion *pr;
	struct rig_usage was;
	struct nm_pring *rx;
	struct nm_file *a, *b;
	uint32_t victim, n_bufs;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "vale0:a");
	rig_usage(g, &was);
	b = rig_bind(g, "vale0:b");
	NM_REQUIRE(a && b);
	victim = stopped_actor(g);
	rx = ring_of(g, b, 0);
	pr = nm_pregion_at(&g->e->pl, b->bound.region);
	n_bufs = pr->n_bufs;
	pr->n_bufs = 2;
	rx->n_slots = 4096;
	rx->inbox_mask = 4095;
	rx->ring_ofs = 0;
	rx->hwcur = rx->hwtail = 0xfffffff0;
	rx->busy = victim + 1;
	nm_actor_dead(g->e, &victim, 1);
	pr->n_bufs = n_bufs;
	NM_CHECK_EQ(rx->n_slots, 64);
	NM_CHECK_EQ(rx->inbox_mask, 63);
	NM_CHECK_EQ(rx->busy, 0);
	NM_CHECK(rx->hwcur < 64 && rx->hwtail < 64);
	NM_CHECK_EQ(rx->posted - rx->taken, 64);
	rig_ring(b, 0, 0)->head = rig_ring(b, 0, 0)->cur = rx->hwcur;
	NM_CHECK_EQ(rig_send(g, a, 5), 0);
	NM_CHECK_EQ(rig_recv(g, b, 5), 1);
	nm_file_close(b);
	rig_check_same(g, &was);
	nm_file_close(a);
	rig_free(g);
}

/* What it takes to bind and to close, some times. */
static uint64_t time_of_binds(struct rig *g)
{
	uint64_t t = nm_os_now_ns();
	struct nm_file *f;
	uint32_t k;

	for (k = 0; k < 20; k++) {
		f = rig_bind(g, "vale0:a");
		if (!NM_CHECK(f != NULL))
			break;
		nm_file_close(f);
	}
	return nm_os_now_ns() - t;
}

/*
 * One who has stopped costs the others one grace time, and not one each, which
 * would be 400 ms.  On a busy machine a round may take that long by itself, but
 * hardly all of them.
 */
NM_TEST(stopped_is_waited_for_once)
{
	struct rig *g = rig_new();
	struct rig_usage was;
	uint64_t t, alone;
	uint32_t id, k;

	NM_REQUIRE(g != NULL);
	nm_file_close(rig_open(g));	/* makes region 1 */
	rig_usage(g, &was);
	alone = time_of_binds(g);
	id = stopped_actor(g);
	for (k = 0; k < 5; k++) {
		t = time_of_binds(g);
		if (t < 2 * alone + 100 * MS)
			break;
	}
	NM_CHECK(t < 2 * alone + 100 * MS);
	NM_CHECK_EQ(nm_engine_tick(g->e), 1);
	/* it moves and is stopped again: it gets its time again */
	nm_pactor_at(&g->e->pl, id)->seq += 2;
	NM_CHECK_EQ(nm_engine_tick(g->e), 0);
	t = nm_os_now_ns();
	NM_CHECK_EQ(nm_grace_wait(g->e, nm_grace_begin(g->e), NM_GRACE_US), 0);
	NM_CHECK(nm_os_now_ns() - t >= 20 * MS);
	nm_actor_free(g->e, id);
	NM_CHECK_EQ(nm_engine_tick(g->e), 0);
	rig_check_same(g, &was);
	rig_free(g);
}

/* A ring whose last user went can be had as soon as the stopped one moves. */
NM_TEST(dying_ring_is_looked_at_again)
{
	struct nmreq_register reg = { 0 };
	struct rig *g = rig_new();
	struct nm_file *f;
	uint32_t id;

	NM_REQUIRE(g != NULL);
	f = bind_persistent(g);
	NM_REQUIRE(f != NULL);
	id = stopped_actor(g);
	nm_file_close(f);
	f = rig_open(g);
	NM_CHECK_EQ(rig_register(g, f, "per0", &reg), -EBUSY);
	nm_pactor_at(&g->e->pl, id)->seq++;
	NM_CHECK_EQ(rig_register(g, f, "per0", &reg), 0);
	nm_file_close(f);
	rig_free(g);
}

/* What ends because nobody uses it any more has no name while it waits. */
NM_TEST(dying_pipe_has_no_name)
{
	struct nmreq_register x = { .nr_flags = NR_EXCLUSIVE };
	struct rig *g = rig_new();
	struct nm_file *a, *b, *c;
	struct rig_usage was;
	uint32_t id;

	NM_REQUIRE(g != NULL);
	nm_file_close(rig_bind(g, "vale0:a"));
	rig_usage(g, &was);
	a = rig_bind(g, "a{1");
	b = rig_bind(g, "vale1:b");
	c = rig_bind(g, "vale1:b{1{2");
	NM_REQUIRE(a && b && c);
	id = stopped_actor(g);
	nm_file_close(a);
	nm_file_close(c);
	nm_file_close(b);
	NM_CHECK_EQ(nm_engine_tick(g->e), 1);
	/* neither pipes nor what they hung off can be found */
	a = rig_open(g);
	NM_CHECK_EQ(rig_register(g, a, "vale0:a", &x), 0);
	b = rig_open(g);
	NM_CHECK_EQ(rig_register(g, b, "vale1:b", &x), 0);
	c = rig_open(g);
	NM_CHECK_EQ(rig_register(g, c, "vale1:b{1{2", &x), 0);
	nm_file_close(a);
	nm_file_close(b);
	nm_file_close(c);
	nm_pactor_at(&g->e->pl, id)->seq++;
	NM_CHECK_EQ(nm_engine_tick(g->e), 0);
	nm_actor_free(g->e, id);
	rig_check_same(g, &was);
	rig_free(g);
}

struct seen {
	const struct nm_pool *pool;
	uint64_t bits[4096];
	uint32_t n;
};

static void see(void *ctx, uint32_t buf)
{
	struct seen *s = ctx;

	if (!nm_pool_is_used(s->pool, buf) || buf / 64 >= 4096 ||
	    s->bits[buf / 64] >> (buf % 64) & 1)
		return;
	s->bits[buf / 64] |= 1ULL << (buf % 64);
	s->n++;
}

/* Every buffer of a port's rings is in use, and is there once. */
static void check_has_bufs(struct rig *g, struct nm_file *f)
{
	struct seen *s = nm_os_alloc(sizeof(*s));
	struct nm_port *p = f->port;
	uint32_t i, want = 0;

	NM_REQUIRE(s != NULL);
	s->pool = &p->region->bufs;
	for (i = 0; i < nm_port_n_rings(p); i++) {
		want += p->rings[i].n_slots;
		nm_ring_bufs(&p->rings[i], see, s);
	}
	NM_CHECK_EQ(s->n, want);
	nm_os_free(s);
}

/*
 * A program is killed between the two stores of an exchange, and somebody
 * opens a port between the two closes: what he gets stays his.
 */
static void cut_off_exchange(struct rig *g, int first)
{
	struct nm_file *f[2], *c, *d;
	struct rig_usage was;

	nm_file_close(rig_bind(g, "vale0:a"));
	rig_usage(g, &was);
	f[0] = rig_bind(g, "vale0:a");
	f[1] = rig_bind(g, "vale0:b");
	NM_REQUIRE(f[0] && f[1]);
	rig_ring(f[0], 1, 0)->slot[3].buf_idx =
		rig_ring(f[1], 1, 0)->slot[5].buf_idx;
	nm_file_close(f[first]);
	c = rig_bind(g, "vale0:c");
	NM_REQUIRE(c != NULL);
	nm_file_close(f[1 - first]);
	check_has_bufs(g, c);
	d = rig_bind(g, "vale0:d");
	NM_REQUIRE(d != NULL);
	check_has_bufs(g, d);
	nm_file_close(c);
	check_has_bufs(g, d);
	nm_file_close(d);
	rig_check_same(g, &was);
}

NM_TEST(cut_off_exchange_takes_nothing)
{
	struct rig *g = rig_new();

	NM_REQUIRE(g != NULL);
	cut_off_exchange(g, 0);
	cut_off_exchange(g, 1);
	rig_free(g);
}

/* The same between a ring and a list of extra buffers. */
NM_TEST(cut_off_extra_takes_nothing)
{
	struct nmreq_register reg = { .nr_extra_bufs = 8 };
	struct nm_file *a, *b, *c;
	struct rig *g = rig_new();
	struct rig_usage was;
	int first;

	NM_REQUIRE(g != NULL);
	nm_file_close(rig_bind(g, "vale0:a"));
	rig_usage(g, &was);
	for (first = 0; first < 2; first++) {
		a = rig_bind(g, "vale0:a");
		b = rig_open(g);
		NM_REQUIRE(a && b);
		NM_REQUIRE(rig_register(g, b, "vale0:b", &reg) == 0);
		NM_CHECK_EQ(reg.nr_extra_bufs, 8);
		rig_ring(a, 1, 0)->slot[3].buf_idx =
			nm_bound_if(b)->ni_bufs_head;
		nm_file_close(first ? b : a);
		c = rig_bind(g, "vale0:c");
		NM_REQUIRE(c != NULL);
		nm_file_close(first ? a : b);
		check_has_bufs(g, c);
		nm_file_close(c);
		rig_check_same(g, &was);
	}
	rig_free(g);
}

/* Complete exchanges, between ports and with extra buffers, cost no sweep. */
NM_TEST(exchanges_are_legal)
{
	struct nmreq_register reg = { .nr_extra_bufs = 8 };
	struct netmap_ring *ra, *rb;
	struct rig *g = rig_new();
	struct nm_file *a, *b;
	struct netmap_if *nifp;
	struct rig_usage was;
	uint32_t i, idx, *head;

	NM_REQUIRE(g != NULL);
	nm_file_close(rig_bind(g, "vale0:a"));
	rig_usage(g, &was);
	a = rig_bind(g, "vale0:a");
	b = rig_open(g);
	NM_REQUIRE(a && b);
	NM_REQUIRE(rig_register(g, b, "vale0:b", &reg) == 0);
	ra = rig_ring(a, 1, 0);
	rb = rig_ring(b, 1, 0);
	for (i = 0; i < 32; i++) {
		idx = ra->slot[i].buf_idx;
		ra->slot[i].buf_idx = rb->slot[i].buf_idx;
		rb->slot[i].buf_idx = idx;
	}
	nifp = nm_bound_if(b);
	idx = nifp->ni_bufs_head;
	head = nm_region_at(b->port->region,
			    nm_pool_ofs(&b->port->region->bufs, idx));
	i = ra->slot[40].buf_idx;
	*(uint32_t *)nm_region_at(b->port->region,
				  nm_pool_ofs(&b->port->region->bufs, i)) = *head;
	nifp->ni_bufs_head = i;
	ra->slot[40].buf_idx = idx;
	nm_file_close(a);
	a = rig_bind(g, "vale0:c");
	NM_REQUIRE(a != NULL);
	check_has_bufs(g, a);
	nm_file_close(b);
	check_has_bufs(g, a);
	nm_file_close(a);
	NM_CHECK_EQ(g->e->n_sweeps, 0);
	rig_check_same(g, &was);
	rig_free(g);
}

/* Busy words that name nobody, or the control plane itself, hold nothing up. */
NM_TEST(busy_of_nobody)
{
	static const uint32_t word[] = { 1, 0xffffffff, 12345 };
	struct rig *g = rig_new();
	struct rig_usage was;
	struct nm_file *a, *b;
	uint32_t i;

	NM_REQUIRE(g != NULL);
	NM_CHECK_EQ(g->e->self.id, 0);
	a = rig_bind(g, "vale0:a");
	NM_REQUIRE(a != NULL);
	rig_usage(g, &was);
	for (i = 0; i < 3; i++) {
		b = rig_bind(g, "vale0:b");
		NM_REQUIRE(b != NULL);
		ring_of(g, b, 0)->busy = word[i];
		/* the sweep can stop it too */
		ring_of(g, a, 0)->busy = word[i];
		rig_ring(b, 1, 0)->slot[0].buf_idx = 0;
		nm_file_close(b);
		NM_CHECK_EQ(nm_engine_tick(g->e), 0);
		NM_CHECK_EQ(ring_of(g, a, 0)->busy, 0);
		rig_check_same(g, &was);
	}
	nm_file_close(a);
	rig_free(g);
}

/* The same entries again and again: no more than a ring has buffers is kept. */
NM_TEST(quarantine_is_bounded)
{
	struct rig *g = rig_new();
	struct nm_pring *rx;
	struct nm_entry *e;
	struct nm_file *a;
	uint32_t id, k, i;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "vale0:a");
	NM_REQUIRE(a != NULL);
	id = stopped_actor(g);
	rx = ring_of(g, a, 0);
	e = nm_inbox_at(&g->e->pl, rig_ring_idx(a, 0, 0));
	rx->reserved = rx->posted;
	for (k = 0; k < 5; k++) {
		for (i = 0; i < 64; i++)
			e[(rx->taken + i) & 63].word =
				nm_entry_word(rx->taken + i, NM_ENTRY_FREE,
					      0, 0, 0);
		nm_ring_stalled(g->e, rig_ring_idx(a, 0, 0));
	}
	NM_CHECK_EQ(nm_port_rx(a->port, 0)->n_kept, 64);
	nm_actor_free(g->e, id);
	nm_file_close(a);
	nm_engine_tick(g->e);
	rig_free(g);
}

/* A list of extra buffers that goes on into somebody else's. */
NM_TEST(extra_list_of_others)
{
	struct nmreq_register reg = {
		.nr_tx_slots = 64, .nr_rx_slots = 64, .nr_extra_bufs = 4,
	};
	struct rig *g = rig_new();
	struct rig_usage was;
	struct nm_file *a, *b;
	struct nm_pool *bufs;
	uint32_t theirs, idx, i;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "vale0:a");
	NM_REQUIRE(a != NULL);
	bufs = &a->port->region->bufs;
	rig_usage(g, &was);
	b = rig_open(g);
	NM_CHECK_EQ(rig_register(g, b, "vale0:b", &reg), 0);
	NM_CHECK_EQ(reg.nr_extra_bufs, 4);
	theirs = rig_ring(a, 1, 0)->slot[9].buf_idx;
	idx = rig_if(b)->ni_bufs_head;
	for (i = 1; i < 4; i++)
		idx = *(uint32_t *)(void *)rig_buf(b, idx);
	*(uint32_t *)(void *)rig_buf(b, idx) = theirs;
	*(uint32_t *)(void *)rig_buf(b, theirs) = idx;
	nm_file_close(b);
	NM_CHECK(nm_pool_is_used(bufs, theirs));
	rig_check_same(g, &was);
	nm_file_close(a);
	rig_free(g);
}

/* As many as there can be, for any kind of port. */
NM_TEST(extra_buffers_are_limited)
{
	struct nmreq_register reg = {
		.nr_tx_slots = 64, .nr_rx_slots = 64,
		.nr_extra_bufs = 0xffffffff,
	};
	struct rig *g = rig_new();
	struct rig_usage was;
	struct nm_file *f;
	uint32_t i;

	NM_REQUIRE(g != NULL);
	nm_engine_params(g->e)->buf_size = 64;
	nm_engine_params(g->e)->region_size = 64 << 20;
	f = rig_open(g);
	rig_usage(g, &was);
	nm_file_close(f);
	for (i = 0; i < 2; i++) {
		f = rig_open(g);
		reg.nr_extra_bufs = 0xffffffff;
		reg.nr_mem_id = 0;
		NM_CHECK_EQ(rig_register(g, f, i ? "p{1" : "vale0:a", &reg), 0);
		NM_CHECK_EQ(reg.nr_extra_bufs, NM_EXTRA_MAX);
		nm_file_close(f);
		while (nm_engine_tick(g->e))
			;
		rig_check_same(g, &was);
		/* and their memory does not stay */
		NM_CHECK(g->e->regions->bufs.n_backed < 1024);
	}
	rig_free(g);
}

/* Rights: the owner's user id in his user namespace; user id 0 administers. */
NM_TEST(rights)
{
	struct nmreq_register reg = { .nr_tx_slots = 64, .nr_rx_slots = 64 };
	struct nm_cred other = { .uid = 1000, .pid = 9, .user_ns = 5 };
	struct nmreq_port_hdr hdr = { .nr_hdr_len = 12 };
	struct nmreq_vale_detach det = { 0 };
	struct nmreq_counters c = { 0 };
	struct nmreq_port_status st = { 0 };
	struct rig *g = rig_new();
	struct nm_file *a, *f;
	uint32_t uid;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "vale0:a");
	NM_REQUIRE(a != NULL);
	for (uid = 0; uid <= 2000; uid += 2000) {
		int want = uid ? -EPERM : 0;

		f = rig_open_as(g, uid, 0);
		NM_REQUIRE(f != NULL);
		NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_PORT_HDR_SET, "vale0:a",
				    &hdr, sizeof(hdr)), want);
		NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_VALE_DETACH, "vale0:a",
				    &det, sizeof(det)), want);
		NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_COUNTERS_GET, "vale0:a",
				    &c, sizeof(c)), want);
		NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_PORT_STATUS_GET, "vale0:a",
				    &st, sizeof(st)), want);
		reg.nr_flags = NR_ACCEPT_VNET_HDR;
		NM_CHECK_EQ(rig_register(g, f, "vale0:a", &reg), -EPERM);
		nm_file_close(f);
	}
	/* the same number, but of a container's */
	NM_CHECK_EQ(nm_file_open(g->e, &other, &f), 0);
	NM_CHECK_EQ(rig_register(g, f, "vale0:a", &reg), -EPERM);
	reg.nr_mem_id = 1;
	NM_CHECK_EQ(rig_register(g, f, "vale0:b", &reg), -EPERM);
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_PORT_HDR_SET, "vale0:a", &hdr,
			    sizeof(hdr)), -EPERM);
	reg.nr_mem_id = 0;
	NM_CHECK_EQ(rig_register(g, f, "vale0:b", &reg), 0);
	nm_file_close(f);
	nm_file_close(a);
	rig_free(g);
}

/* What a plug-in owns, programs do not change. */
NM_TEST(exclusive_switch)
{
	struct nmreq_port_hdr hdr = { .nr_hdr_len = 12 };
	struct nmreq_vale_newif nif = { .nr_tx_slots = 64, .nr_rx_slots = 64 };
	struct nmreq_vale_attach att = { .reg = { .nr_mode = NR_REG_ALL_NIC } };
	struct rig *g = rig_new();
	struct nm_file *a;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "vale0:a");
	NM_REQUIRE(a != NULL);
	a->port->sw->token = g;
	NM_CHECK_EQ(rig_req(g, a, NETMAP_REQ_PORT_HDR_SET, "vale0:a", &hdr,
			    sizeof(hdr)), -EACCES);
	NM_CHECK_EQ(a->port->hdr_len, 0);
	NM_CHECK_EQ(rig_req(g, a, NETMAP_REQ_VALE_NEWIF, "per0", &nif,
			    sizeof(nif)), 0);
	NM_CHECK_EQ(rig_req(g, a, NETMAP_REQ_VALE_ATTACH, "vale0:per0", &att,
			    sizeof(att)), -EACCES);
	a->port->sw->token = NULL;
	nm_file_close(a);
	rig_free(g);
}

/* The number of the linked ring is not taken from the plane. */
NM_TEST(counters_of_a_pipe)
{
	struct nmreq_counters c = { .nr_dir = 1 };
	struct rig *g = rig_new();
	struct nm_file *a, *b;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "p{1");
	b = rig_bind(g, "p}1");
	NM_REQUIRE(a && b);
	ring_of(g, b, 0)->packets = 7;
	ring_of(g, a, 1)->peer = 0xfffff;
	NM_CHECK_EQ(rig_req(g, a, NETMAP_REQ_COUNTERS_GET, "p{1", &c,
			    sizeof(c)), 0);
	NM_CHECK_EQ(c.nr_packets, 7);
	nm_file_close(a);
	nm_file_close(b);
	rig_free(g);
}

/* The engine goes while a ring of a persistent port is still held. */
NM_TEST(destroyed_under_a_busy_word)
{
	struct rig *g = rig_new();
	struct nm_file *f;
	int id;

	NM_REQUIRE(g != NULL);
	f = bind_persistent(g);
	NM_REQUIRE(f != NULL);
	id = nm_actor_new(g->e, 77);
	NM_REQUIRE(id >= 0);
	/* not inside a sync, as far as seq tells */
	ring_of(g, f, 0)->busy = id + 1;
	nm_file_close(f);
	NM_CHECK_EQ(nm_engine_tick(g->e), 1);
	rig_free(g);
}

NM_TEST_SUITE(hostile,
	NM_T(rebuild_believes_no_description),
	NM_T(stopped_is_waited_for_once),
	NM_T(dying_ring_is_looked_at_again),
	NM_T(dying_pipe_has_no_name),
	NM_T(cut_off_exchange_takes_nothing),
	NM_T(cut_off_extra_takes_nothing),
	NM_T(exchanges_are_legal),
	NM_T(busy_of_nobody),
	NM_T(quarantine_is_bounded),
	NM_T(extra_list_of_others),
	NM_T(extra_buffers_are_limited),
	NM_T(rights),
	NM_T(exclusive_switch),
	NM_T(counters_of_a_pipe),
	NM_T(destroyed_under_a_busy_word));
