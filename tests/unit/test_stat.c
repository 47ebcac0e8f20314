/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * COUNTERS_GET and PORT_STATUS_GET.
 */
#include "tests/unit/world.h"

static void with_port(void (*run)(struct nm_engine *e, struct nm_file *f))
{
	struct nm_engine *e = nm_world_new();
	struct nm_file *f;

	NM_REQUIRE(e != NULL);
	f = nm_world_file(e, 1);
	if (f && NM_CHECK_EQ(nm_world_register(f, "vale0:a", 0), 0))
		run(e, f);
	if (f)
		nm_file_close(f);
	nm_world_end(e);
}

static struct nmreq_counters *counters(struct nm_file *f, const char *name,
				       uint16_t dir, uint16_t ringid, int want)
{
	struct nm_reqbuf *rb = nm_world_req(NETMAP_REQ_COUNTERS_GET, name);
	struct nmreq_counters *c = nm_reqbuf_body(rb);

	c->nr_dir = dir;
	c->nr_ringid = ringid;
	NM_CHECK_EQ(nm_file_ctrl(f, rb), want);
	NM_CHECK(!want == !rb->message[0]);
	return c;
}

static void errors(struct nm_engine *e, struct nm_file *f)
{
	struct nm_bound b;

	counters(f, "vale0:a", 2, 0, -EINVAL);
	counters(f, "vale0:a", 0, 1, -EINVAL);
	counters(f, "vale0:a", 1, 1, -EINVAL);
	counters(f, "vale0:b", 0, 0, -ENXIO);
	counters(f, "vale0:a{1", 0, 0, -ENODEV);
	counters(f, "vale0", 0, 0, -EINVAL);
	/* Looking made nothing. */
	counters(f, "vale0:b", 0, 0, -ENXIO);
	NM_CHECK_EQ(nm_file_bound(f, &b), 0);
}

NM_TEST(counter_errors)
{
	with_port(errors);
}

static void counts(struct nm_engine *e, struct nm_file *f)
{
	struct nm_plane *pl = nm_engine_plane(e);
	struct nmreq_counters *c;
	struct nm_pring *pr;
	struct nm_bound b;

	NM_REQUIRE_EQ(nm_file_bound(f, &b), 0);
	pr = nm_pring_at(pl, b.ring0 + b.n_rx);
	pr->packets = 5;
	pr->bytes = 300;
	pr->syncs = 2;
	nm_drop(pr, NM_DROP_NO_PORT, 7);
	pr = nm_pring_at(pl, b.ring0);
	nm_drop(pr, NM_DROP_NO_ROOM, 3);
	nm_add64(&pr->wakeups, 1);

	c = counters(f, "vale0:a", 1, 0, 0);
	NM_CHECK_EQ(c->nr_dir, 1);
	NM_CHECK_EQ(c->nr_packets, 5);
	NM_CHECK_EQ(c->nr_bytes, 300);
	NM_CHECK_EQ(c->nr_syncs, 2);
	NM_CHECK_EQ(c->nr_wakeups, 0);
	NM_CHECK_EQ(c->nr_drops[NM_DROP_NO_PORT], 7);
	NM_CHECK_EQ(c->nr_drops[NM_DROP_NO_ROOM], 0);
	NM_CHECK_EQ(c->nr_tx_rings, 1);
	NM_CHECK_EQ(c->nr_rx_rings, 1);
	c = counters(f, "vale0:a", 0, 0, 0);
	NM_CHECK_EQ(c->nr_packets, 0);
	NM_CHECK_EQ(c->nr_wakeups, 1);
	NM_CHECK_EQ(c->nr_drops[NM_DROP_NO_ROOM], 3);
}

NM_TEST(counters)
{
	with_port(counts);
}

static struct nmreq_port_status *status(struct nm_file *f, const char *name,
					int want)
{
	struct nm_reqbuf *rb = nm_world_req(NETMAP_REQ_PORT_STATUS_GET, name);

	NM_CHECK_EQ(nm_file_ctrl(f, rb), want);
	return nm_reqbuf_body(rb);
}

static void port_status(struct nm_engine *e, struct nm_file *f)
{
	struct nm_file *more[17];
	struct nmreq_port_status *s;
	int i;

	status(f, "vale0:b", -ENXIO);
	s = status(f, "vale0:a", 0);
	NM_CHECK_EQ(s->nr_home, NM_HOME_USER);
	NM_CHECK_EQ(s->nr_path, NM_PATH_DIRECT);
	NM_CHECK_EQ(s->nr_class, NM_CLASS_VIRTUAL);
	NM_CHECK_EQ(s->nr_n_holders, 1);
	NM_CHECK_EQ(s->nr_holders[0], 1001);
	NM_CHECK_EQ(s->nr_holders[1], 0);
	NM_CHECK_STR(s->nr_kind, "vale");
	NM_CHECK_STR(s->nr_path_reason, "a test says so");
	NM_CHECK(s->nr_class_reason[0] != '\0');

	/* More holders than there is room for: the count is right. */
	for (i = 0; i < 17; i++) {
		more[i] = nm_world_file(e, 1);
		NM_REQUIRE(more[i] != NULL);
		NM_CHECK_EQ(nm_world_register(more[i], "vale0:a", 0), 0);
	}
	s = status(f, "vale0:a", 0);
	NM_CHECK_EQ(s->nr_n_holders, 18);
	NM_CHECK_EQ(s->nr_holders[15], 1001);
	for (i = 0; i < 17; i++)
		nm_file_close(more[i]);
	s = status(f, "vale0:a", 0);
	NM_CHECK_EQ(s->nr_n_holders, 1);
}

NM_TEST(port_status)
{
	with_port(port_status);
}

NM_TEST_SUITE(stat,
	NM_T(counter_errors),
	NM_T(counters),
	NM_T(port_status));
