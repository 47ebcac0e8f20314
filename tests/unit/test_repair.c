/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Death and stopping at every point of a hand-over, one actor playing both
 * the victim and the survivors.
 */
#include "tests/unit/rig.h"

/* Two ports and a second actor that is about to get into trouble. */
struct scene {
	struct rig *g;
	struct nm_file *a, *b;
	struct nm_plane *pl;
	struct nm_pring *rx;		/* of b */
	struct nm_entry *inbox;
	struct rig_usage was;
	uint32_t victim;
};

static int scene_new(struct scene *s)
{
	int id;

	s->g = rig_new();
	if (!s->g)
		return 0;
	s->a = rig_bind(s->g, "vale0:a");
	rig_usage(s->g, &s->was);
	s->b = rig_bind(s->g, "vale0:b");
	id = nm_actor_new(s->g->e, 77);
	if (!NM_CHECK(s->a && s->b && id >= 0))
		return 0;
	s->victim = id;
	s->pl = nm_engine_plane(s->g->e);
	s->rx = nm_pring_at(s->pl, rig_ring_idx(s->b, 0, 0));
	s->inbox = nm_inbox_at(s->pl, rig_ring_idx(s->b, 0, 0));
	return 1;
}

/* Everything is back but what belongs to port a. */
static void scene_end(struct scene *s, uint32_t sweeps)
{
	if (s->b)
		nm_file_close(s->b);
	NM_CHECK_EQ(nm_engine_tick(s->g->e), 0);
	rig_check_same(s->g, &s->was);
	NM_CHECK_EQ(s->g->e->n_sweeps, sweeps);
	nm_file_close(s->a);
	rig_free(s->g);
}

static struct nm_entry *entry(struct scene *s, uint64_t i)
{
	return &s->inbox[i & nm_inbox_mask(s->rx)];
}

/* The victim enters a sync and reserves @n entries; the first of them. */
static uint64_t reserve(struct scene *s, uint32_t n)
{
	nm_pactor_at(s->pl, s->victim)->seq++;
	s->rx->reserved += n;
	return s->rx->reserved - n;
}

NM_TEST(dead_sender_voids)
{
	struct scene s;
	uint64_t i;

	NM_REQUIRE(scene_new(&s));
	i = reserve(&s, 3);
	nm_inbox_commit(entry(&s, i), i, 1, 1, 60);
	NM_CHECK_EQ(rig_send(s.g, s.a, 4), 0);
	nm_ring_want(s.pl, rig_ring_idx(s.b, 0, 0));
	nm_actor_dead(s.g->e, &s.victim, 1);
	NM_CHECK_EQ(s.g->n_wakes, 1);
	NM_CHECK_EQ(nm_entry_state(entry(&s, i)->word), NM_ENTRY_COMMITTED);
	NM_CHECK_EQ(nm_entry_state(entry(&s, i + 1)->word), NM_ENTRY_VOID);
	NM_CHECK_EQ(nm_entry_state(entry(&s, i + 2)->word), NM_ENTRY_VOID);
	NM_CHECK_EQ(s.rx->drops[NM_DROP_VOIDED], 2);
	NM_CHECK_EQ(rig_sync(s.g, s.b, 0, 0), 0);
	NM_CHECK_EQ(rig_ring(s.b, 0, 0)->tail, 2);
	NM_CHECK_EQ(nm_engine_tick(s.g->e), 0);
	scene_end(&s, 0);
}

/* Round after round: a voided buffer is as good as any. */
NM_TEST(voided_entries_go_round)
{
	struct scene s;
	uint32_t k;
	int id;

	NM_REQUIRE(scene_new(&s));
	for (k = 0; k < 200; k++) {
		reserve(&s, 5);
		nm_actor_dead(s.g->e, &s.victim, 1);
		NM_CHECK_EQ(rig_send(s.g, s.a, k), 0);
		NM_CHECK_EQ(rig_recv(s.g, s.b, k), 1);
		id = nm_actor_new(s.g->e, 77);
		NM_REQUIRE(id >= 0);
		s.victim = id;
	}
	scene_end(&s, 0);
}

NM_TEST(stopped_sender_quarantines)
{
	struct scene s;
	uint32_t buf;
	uint64_t i;

	NM_REQUIRE(scene_new(&s));
	i = reserve(&s, 1);
	buf = entry(&s, i)->buf_idx;
	nm_ring_stalled(s.g->e, rig_ring_idx(s.b, 0, 0));
	NM_CHECK_EQ(nm_entry_state(entry(&s, i)->word), NM_ENTRY_VOID_KEPT);
	NM_CHECK_EQ(s.rx->drops[NM_DROP_VOIDED], 1);
	NM_CHECK_EQ(nm_engine_tick(s.g->e), 1);
	NM_CHECK(nm_pool_is_used(&s.b->port->region->bufs, buf));
	NM_CHECK_EQ(rig_send(s.g, s.a, 6), 0);
	NM_CHECK_EQ(rig_recv(s.g, s.b, 6), 1);
	NM_CHECK_EQ(nm_engine_tick(s.g->e), 1);
	/* it goes on, too late, and the buffer comes back */
	nm_inbox_commit(entry(&s, i), i, 1, 1, 60);
	nm_pactor_at(s.pl, s.victim)->seq++;
	NM_CHECK_EQ(nm_engine_tick(s.g->e), 0);
	NM_CHECK_EQ(s.rx->posted - s.rx->taken, 64);
	NM_CHECK_EQ(rig_recv(s.g, s.b, 0), 0);
	scene_end(&s, 0);
}

/* The victim is stopped before S4, its entry is voided, @n frames go round. */
static uint64_t stop_before_commit(struct scene *s, uint32_t n)
{
	uint64_t i = reserve(s, 1);

	nm_ring_stalled(s->g->e, rig_ring_idx(s->b, 0, 0));
	for (; n; n--) {
		NM_CHECK_EQ(rig_send(s->g, s->a, n), 0);
		NM_CHECK_EQ(rig_recv(s->g, s->b, n), 1);
	}
	return i;
}

/* And goes on: the word lands wherever its entry is by now. */
static void commit_late(struct scene *s, uint64_t i)
{
	nm_inbox_commit(entry(s, i), i, 1, 1, 60);
	nm_pactor_at(s->pl, s->victim)->seq++;
}

/* Every frame arrives from here on, and every buffer is there. */
static void all_is_well(struct scene *s)
{
	uint32_t k;

	NM_CHECK_EQ(nm_engine_tick(s->g->e), 0);
	for (k = 0; k < 150; k++) {
		NM_CHECK_EQ(rig_send(s->g, s->a, k), 0);
		NM_CHECK_EQ(rig_recv(s->g, s->b, k), 1);
	}
	NM_CHECK_EQ(s->rx->posted - s->rx->taken, 64);
	NM_CHECK_EQ(s->rx->drops[NM_DROP_BAD_SLOT], 0);
	scene_end(s, 0);
}

/* Voided, and not passed by the receiver yet: its buffer stays where it is. */
NM_TEST(late_word_before_the_receiver)
{
	struct scene s;
	uint32_t buf;
	uint64_t i;

	NM_REQUIRE(scene_new(&s));
	buf = entry(&s, s.rx->reserved)->buf_idx;
	i = stop_before_commit(&s, 0);
	NM_CHECK_EQ(entry(&s, i)->buf_idx, 0);
	commit_late(&s, i);
	NM_CHECK_EQ(rig_recv(s.g, s.b, 0), 0);
	NM_CHECK_EQ(s.rx->taken, i + 1);
	NM_CHECK(nm_pool_is_used(&s.b->port->region->bufs, buf));
	all_is_well(&s);
}

/* The entry was posted again, or reserved as well: nothing is lost. */
NM_TEST(late_word_on_a_posted_entry)
{
	uint32_t lap, frames;
	struct scene s;
	uint64_t i;

	for (lap = 0; lap < 2; lap++) {
		NM_REQUIRE(scene_new(&s));
		frames = lap ? 100 : 20;
		i = stop_before_commit(&s, frames);
		commit_late(&s, i);
		NM_CHECK_EQ(s.rx->drops[NM_DROP_VOIDED], 1);
		all_is_well(&s);
	}
}

/* It hides a frame that was there: that one is lost, and counted. */
NM_TEST(late_word_on_a_frame)
{
	struct scene s;
	uint64_t i;

	NM_REQUIRE(scene_new(&s));
	i = stop_before_commit(&s, 64);
	NM_CHECK_EQ(s.rx->reserved, i + 65);	/* one lap, less one buffer */
	while (((s.rx->reserved ^ i) & nm_inbox_mask(s.rx)) != 0) {
		NM_CHECK_EQ(rig_send(s.g, s.a, 1), 0);
		NM_CHECK_EQ(rig_recv(s.g, s.b, 1), 1);
	}
	NM_CHECK_EQ(rig_send(s.g, s.a, 2), 0);
	NM_CHECK_EQ(rig_send(s.g, s.a, 3), 0);
	commit_late(&s, i);
	NM_CHECK_EQ(rig_recv(s.g, s.b, 0), 0);
	NM_CHECK_EQ(nm_inbox_pending(s.pl, rig_ring_idx(s.b, 0, 0)), 1);
	nm_ring_stalled(s.g->e, rig_ring_idx(s.b, 0, 0));
	NM_CHECK_EQ(rig_recv(s.g, s.b, 3), 1);
	NM_CHECK_EQ(s.rx->drops[NM_DROP_VOIDED], 2);
	all_is_well(&s);
}

/* The ring has another owner by now. */
NM_TEST(late_word_on_another_life)
{
	struct scene s;
	uint64_t i;

	NM_REQUIRE(scene_new(&s));
	i = stop_before_commit(&s, 3);
	nm_file_close(s.b);
	nm_inbox_commit(entry(&s, i), i, 1, 1, 60);
	nm_pactor_at(s.pl, s.victim)->seq++;
	NM_CHECK_EQ(nm_engine_tick(s.g->e), 0);
	s.b = rig_bind(s.g, "vale0:b");
	NM_REQUIRE(s.b != NULL);
	s.rx = nm_pring_at(s.pl, rig_ring_idx(s.b, 0, 0));
	s.inbox = nm_inbox_at(s.pl, rig_ring_idx(s.b, 0, 0));
	nm_inbox_commit(entry(&s, i), i, 1, 1, 60);
	all_is_well(&s);
}

/* The ring is gone when the stopped one moves, or dies. */
NM_TEST(quarantine_outlives_ring)
{
	struct scene s;
	uint32_t dies;

	for (dies = 0; dies < 2; dies++) {
		NM_REQUIRE(scene_new(&s));
		reserve(&s, 2);
		nm_ring_stalled(s.g->e, rig_ring_idx(s.b, 0, 0));
		nm_file_close(s.b);
		s.b = NULL;
		NM_CHECK_EQ(nm_engine_tick(s.g->e), 1);
		if (dies)
			nm_actor_dead(s.g->e, &s.victim, 1);
		else
			nm_pactor_at(s.pl, s.victim)->seq++;
		scene_end(&s, 0);
	}
}

/* A port closed under a stopped sender keeps its memory until that moves. */
NM_TEST(close_waits_for_stopped)
{
	struct nmreq_register reg = { .nr_tx_slots = 64, .nr_rx_slots = 64 };
	struct rig_usage u;
	struct nm_file *f;
	struct scene s;

	NM_REQUIRE(scene_new(&s));
	reserve(&s, 1);
	nm_file_close(s.b);
	s.b = NULL;
	rig_usage(s.g, &u);
	NM_CHECK(u.bufs > s.was.bufs);
	NM_CHECK(u.ports > s.was.ports);
	NM_CHECK_EQ(nm_engine_tick(s.g->e), 1);
	/* the name is free all the same */
	f = rig_open(s.g);
	NM_CHECK_EQ(rig_register(s.g, f, "vale0:b", &reg), 0);
	NM_CHECK_EQ(rig_send(s.g, s.a, 2), 0);
	NM_CHECK_EQ(rig_recv(s.g, f, 2), 1);
	nm_file_close(f);
	nm_pactor_at(s.pl, s.victim)->seq++;
	scene_end(&s, 0);
}

/* The engine goes while something is still dying. */
NM_TEST(engine_destroyed_under_stopped)
{
	struct scene s;

	NM_REQUIRE(scene_new(&s));
	reserve(&s, 3);
	nm_ring_stalled(s.g->e, rig_ring_idx(s.b, 0, 0));
	nm_file_close(s.b);
	nm_file_close(s.a);
	rig_free(s.g);
}

/* Died after an entry was taken into a slot, before hwtail moved. */
NM_TEST(dead_receiver_importing)
{
	struct scene s;
	struct netmap_ring *r;
	uint64_t i;

	NM_REQUIRE(scene_new(&s));
	NM_CHECK_EQ(rig_send(s.g, s.a, 11), 0);
	NM_CHECK_EQ(rig_send(s.g, s.a, 11), 0);
	r = rig_ring(s.b, 0, 0);
	i = s.rx->taken;
	r->slot[0].buf_idx = entry(&s, i)->buf_idx;
	r->slot[0].len = 60;
	s.rx->taken++;
	s.rx->busy = s.victim + 1;
	nm_pactor_at(s.pl, s.victim)->seq++;
	NM_CHECK_EQ(rig_sync(s.g, s.b, 0, 0), -EBUSY);
	nm_actor_dead(s.g->e, &s.victim, 1);
	NM_CHECK_EQ(s.rx->busy, 0);
	NM_CHECK_EQ(rig_recv(s.g, s.b, 11), 2);
	scene_end(&s, 0);
}

/* Died after a slot was posted, before hwcur moved. */
NM_TEST(dead_receiver_posting)
{
	struct netmap_ring *r;
	struct scene s;
	uint64_t i;
	int k;

	NM_REQUIRE(scene_new(&s));
	for (k = 0; k < 3; k++)
		NM_CHECK_EQ(rig_send(s.g, s.a, 12), 0);
	NM_CHECK_EQ(rig_sync(s.g, s.b, 0, 0), 0);
	r = rig_ring(s.b, 0, 0);
	NM_CHECK_EQ(r->tail, 3);
	i = s.rx->posted;
	nm_inbox_fill(entry(&s, i), i, r->slot[0].buf_idx);
	nm_inbox_publish(s.rx, i + 1);
	s.rx->busy = s.victim + 1;
	nm_actor_dead(s.g->e, &s.victim, 1);
	NM_CHECK_EQ(s.rx->hwcur, 1);
	r->head = r->cur = 1;
	NM_CHECK_EQ(rig_recv(s.g, s.b, 12), 2);
	NM_CHECK_EQ(s.rx->posted - s.rx->taken, 64);
	scene_end(&s, 0);
}

/* The dead left nonsense: the ring works again, and nothing is lost. */
NM_TEST(dead_receiver_nonsense)
{
	struct netmap_ring *r;
	struct scene s;
	int k;

	NM_REQUIRE(scene_new(&s));
	for (k = 0; k < 5; k++)
		NM_CHECK_EQ(rig_send(s.g, s.a, 12), 0);
	NM_CHECK_EQ(rig_sync(s.g, s.b, 0, 0), 0);
	r = rig_ring(s.b, 0, 0);
	r->slot[1].buf_idx = r->slot[2].buf_idx;
	r->slot[3].buf_idx = 0xfffffff0;
	entry(&s, s.rx->taken)->buf_idx = 1;
	s.rx->hwcur = 0x80000001;
	s.rx->busy = s.victim + 1;
	nm_actor_dead(s.g->e, &s.victim, 1);
	NM_CHECK_EQ(s.rx->busy, 0);
	r->head = r->cur = r->tail = s.rx->hwtail;
	NM_CHECK_EQ(rig_sync(s.g, s.b, 0, 0), 0);
	NM_CHECK_EQ(rig_send(s.g, s.a, 13), 0);
	NM_CHECK_EQ(rig_recv(s.g, s.b, 13), 1);
	nm_file_close(s.b);
	s.b = NULL;
	scene_end(&s, 1);
}

/* The sender itself died inside its own transmit ring. */
NM_TEST(dead_owner_of_transmit_ring)
{
	struct nm_pring *tx;
	struct scene s;

	NM_REQUIRE(scene_new(&s));
	NM_CHECK_EQ(rig_send(s.g, s.a, 1), 0);
	tx = nm_pring_at(s.pl, rig_ring_idx(s.a, 1, 0));
	tx->busy = s.victim + 1;
	tx->rhead = 1;
	tx->hwcur = 0;
	nm_actor_dead(s.g->e, &s.victim, 1);
	NM_CHECK_EQ(tx->busy, 0);
	NM_CHECK_EQ(tx->hwcur, 1);
	NM_CHECK_EQ(tx->hwtail, 0);
	NM_CHECK_EQ(rig_send(s.g, s.a, 1), 0);
	NM_CHECK_EQ(rig_recv(s.g, s.b, 1), 2);
	scene_end(&s, 0);
}

NM_TEST_SUITE(repair,
	NM_T(dead_sender_voids),
	NM_T(voided_entries_go_round),
	NM_T(stopped_sender_quarantines),
	NM_T(late_word_before_the_receiver),
	NM_T(late_word_on_a_posted_entry),
	NM_T(late_word_on_a_frame),
	NM_T(late_word_on_another_life),
	NM_T(quarantine_outlives_ring),
	NM_T(close_waits_for_stopped),
	NM_T(engine_destroyed_under_stopped),
	NM_T(dead_receiver_importing),
	NM_T(dead_receiver_posting),
	NM_T(dead_receiver_nonsense),
	NM_T(dead_owner_of_transmit_ring));
