/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Persistent ports with interfaces, in a home that makes them: who has the
 * port, its interface or programs, and that nothing is left of either.
 */
#include "tests/unit/rig.h"
#include "engine/nic.h"
#include "engine/plane/feed.h"
#include "engine/plane/wire_sync.h"

#define SLOTS	64u

struct nm_nic {
	uint32_t refs;
	uint32_t exists;	/* vif_new, no vif_free yet */
	uint32_t link;
	uint32_t taken;		/* rings */
	struct nm_geometry geo;
};

static struct nm_nic vif;
static struct {
	int make;		/* errno with which vif_new fails, or 1: may not */
	int info;		/* and info */
	uint32_t drives;
	uint32_t n, last;	/* frames the host got, last byte of the last */
} home;

static int fake_get(struct nm_engine *e, const struct nm_cred *cred,
		    const char *name, uint32_t admode, struct nm_nic **out,
		    char *msg)
{
	/* it was given another name */
	if (strcmp(name, "renamed") || !vif.exists) {
		snprintf(msg, NM_WHY_LEN, "no interface %s", name);
		return -ENXIO;
	}
	vif.refs++;
	*out = &vif;
	return 0;
}

static void fake_put(struct nm_nic *nic)
{
	nic->refs--;
}

static int fake_info(struct nm_nic *nic, struct nm_nic_info *info, char *msg)
{
	if (home.info)
		return home.info;
	memset(info, 0, sizeof(*info));
	info->tx_rings = nic->geo.rx_rings;
	info->rx_rings = nic->geo.tx_rings;
	info->tx_slots = nic->geo.rx_slots;
	info->rx_slots = nic->geo.tx_slots;
	info->mtu = 1500;
	info->hdr_len = 18;
	info->rx_max = 2048;
	info->multi = 1;
	info->class = NM_CLASS_NATIVE;
	return 0;
}

static int fake_mode(struct nm_nic *nic, struct nm_port *p, char *msg)
{
	uint32_t i;

	nic->taken = 0;
	for (i = 0; i < nm_port_n_rings(p); i++)
		nic->taken += nm_ring_is_taken(&p->rings[i]);
	return 0;
}

static int fake_vif_new(struct nm_engine *e, const struct nm_cred *cred,
			const char *name, const struct nm_geometry *geo,
			struct nm_nic **out, char *msg)
{
	*out = NULL;
	if (home.make < 0)
		snprintf(msg, NM_WHY_LEN, "the test refuses %s", name);
	if (home.make)
		return home.make < 0 ? home.make : 0;
	vif.exists++;
	vif.refs++;
	vif.geo = *geo;
	*out = &vif;
	return 0;
}

static void fake_vif_free(struct nm_nic *nic)
{
	NM_CHECK_EQ(nic->link, 0);
	NM_CHECK_EQ(nic->taken, 0);
	nic->exists--;
}

static void fake_vif_link(struct nm_nic *nic, int up)
{
	nic->link = up;
}

static int fake_drive(struct nm_engine *e, uint32_t ring, int on)
{
	home.drives += on ? 1 : (uint32_t)-1;
	return 0;
}

static uint32_t fake_out(struct nm_plane *pl, struct nm_actor *me,
			 uint32_t port, uint32_t i, const struct nm_frames *f)
{
	const struct nm_piece *p = &f->piece[f->frame[f->n - 1].first];

	home.n += f->n;
	home.last = p->buf[p->len - 1];
	return f->n;
}

static uint32_t fake_in_flight(struct nm_plane *pl, uint32_t port, uint32_t i)
{
	return 0;
}

static const struct nm_nic_ops nic_ops = {
	.get = fake_get,
	.put = fake_put,
	.info = fake_info,
	.mode = fake_mode,
	.vif_new = fake_vif_new,
	.vif_free = fake_vif_free,
	.vif_link = fake_vif_link,
};

static const struct nm_host_ops host_ops = {
	.sleepers = rig_sleepers,
	.drive = fake_drive,
	.nic = &nic_ops,
};

static const struct nm_plane_ops plane_ops = {
	.wake = rig_wake,
	.frames_out = fake_out,
	.in_flight = fake_in_flight,
};

/* The engine, and a descriptor that administers. */
struct scene {
	struct rig *g;
	struct nm_file *f;
	struct rig_usage was;
};

static int begin(struct scene *s)
{
	memset(&vif, 0, sizeof(vif));
	memset(&home, 0, sizeof(home));
	s->g = rig_new_with(&host_ops, &plane_ops);
	if (!NM_CHECK(s->g != NULL))
		return 0;
	s->f = rig_open(s->g);
	rig_usage(s->g, &s->was);
	return 1;
}

static int newif(struct scene *s, const char *name)
{
	struct nmreq_vale_newif nif = { .nr_tx_slots = SLOTS,
		.nr_rx_slots = SLOTS, .nr_tx_rings = 2, .nr_rx_rings = 3 };

	return rig_req(s->g, s->f, NETMAP_REQ_VALE_NEWIF, name, &nif,
		       sizeof(nif));
}

static int delif(struct scene *s, const char *name)
{
	return rig_req(s->g, s->f, NETMAP_REQ_VALE_DELIF, name, NULL, 0);
}

static int attach(struct scene *s, const char *name)
{
	struct nmreq_vale_attach att = { .reg.nr_mode = NR_REG_ALL_NIC };

	return rig_req(s->g, s->f, NETMAP_REQ_VALE_ATTACH, name, &att,
		       sizeof(att));
}

static int detach(struct scene *s, const char *name)
{
	struct nmreq_vale_detach det = { 0 };

	return rig_req(s->g, s->f, NETMAP_REQ_VALE_DETACH, name, &det,
		       sizeof(det));
}

static void finish(struct scene *s)
{
	NM_CHECK_EQ(vif.exists, 0);
	NM_CHECK_EQ(vif.refs, 0);
	NM_CHECK_EQ(home.drives, 0);
	nm_engine_tick(s->g->e);
	rig_check_same(s->g, &s->was);
	nm_file_close(s->f);
	rig_free(s->g);
}

static void run_wires(struct rig *g)
{
	uint32_t ring;

	for (ring = 0; ring < 64; ring++)
		while (nm_wire_run(&g->e->pl, &g->me, ring))
			;
}

static int copy_const(const struct nm_feed *f, uint32_t ofs, void *dst,
		      uint32_t len)
{
	memset(dst, 0xff, len);
	return 0;
}

/* The host sends a broadcast frame by queue @q. */
static void host_sends(struct scene *s, uint32_t q)
{
	const struct nm_feed f = { .len = 60, .copy = copy_const };
	struct nm_plane *pl = &s->g->e->pl;
	uint32_t ring = s->g->e->nics->ring0 + q;

	nm_actor_enter(pl, &s->g->me);
	NM_CHECK_EQ(nm_feed_put(pl, ring, &f), 0);
	nm_actor_leave(pl, &s->g->me);
	nm_ring_notify(pl, &s->g->me, ring);
	run_wires(s->g);
}

/* Both ways, through all queues. */
static void talk(struct scene *s, struct nm_file *a)
{
	struct netmap_ring *r = rig_ring(a, 0, 0);
	uint32_t q, n = home.n;

	run_wires(s->g);
	NM_CHECK_EQ(rig_send(s->g, a, 7), 0);
	run_wires(s->g);
	NM_CHECK_EQ(home.n, n + 1);
	NM_CHECK_EQ(home.last, 7);
	for (q = 0; q < 2; q++) {
		host_sends(s, q);
		NM_CHECK_EQ(rig_sync(s->g, a, 0, 0), 0);
		NM_CHECK_EQ(nm_dist(r->head, r->tail, r->num_slots), 1);
		r->head = r->cur = r->tail;
	}
}

NM_TEST(connected_while_on_a_switch)
{
	struct nm_file *a;
	struct scene s;
	uint32_t k;

	NM_REQUIRE(begin(&s));
	NM_CHECK_EQ(newif(&s, "p0"), 0);
	NM_CHECK_EQ(vif.exists, 1);
	NM_CHECK_EQ(vif.link, 0);
	NM_CHECK_EQ(vif.taken, 0);
	a = rig_bind(s.g, "vale0:a");
	NM_REQUIRE(a != NULL);
	for (k = 0; k < 3; k++) {
		NM_CHECK_EQ(attach(&s, "vale0:p0"), 0);
		NM_CHECK_EQ(vif.link, 1);
		NM_CHECK_EQ(vif.taken, 5);
		talk(&s, a);
		NM_CHECK_EQ(delif(&s, "p0"), -EBUSY);
		NM_CHECK_EQ(detach(&s, "vale0:p0"), 0);
		NM_CHECK_EQ(vif.link, 0);
		NM_CHECK_EQ(vif.taken, 0);
		NM_CHECK_EQ(home.drives, 0);
	}
	nm_file_close(a);
	NM_CHECK_EQ(delif(&s, "p0"), 0);
	finish(&s);
}

/* A program takes the interface's place, as often as it likes. */
NM_TEST(programs_come_first)
{
	struct nmreq_register bad = { .nr_mode = NR_REG_ONE_NIC,
		.nr_ringid = 99 };
	struct nm_file *a, *b, *c;
	struct scene s;
	uint32_t k;

	NM_REQUIRE(begin(&s));
	NM_CHECK_EQ(newif(&s, "p0"), 0);
	NM_CHECK_EQ(attach(&s, "vale0:p0"), 0);
	a = rig_bind(s.g, "vale0:a");
	NM_REQUIRE(a != NULL);
	for (k = 0; k < 4; k++) {
		talk(&s, a);
		b = rig_bind(s.g, k % 2 ? "vale0:p0" : "p0");
		NM_REQUIRE(b != NULL);
		NM_CHECK_EQ(vif.link, 0);
		NM_CHECK_EQ(home.drives, 0);
		c = rig_bind(s.g, "p0");
		NM_REQUIRE(c != NULL);
		NM_CHECK_EQ(rig_send(s.g, a, k), 0);
		NM_CHECK_EQ(rig_recv(s.g, b, k), 1);
		nm_file_close(b);
		NM_CHECK_EQ(vif.link, 0);
		nm_file_close(c);
		NM_CHECK_EQ(vif.link, 1);
	}
	/* one that does not come after all */
	b = rig_open(s.g);
	NM_CHECK_EQ(rig_register(s.g, b, "p0", &bad), -EINVAL);
	NM_CHECK_EQ(vif.link, 1);
	nm_file_close(b);
	talk(&s, a);
	nm_file_close(a);
	NM_CHECK_EQ(detach(&s, "vale0:p0"), 0);
	NM_CHECK_EQ(delif(&s, "p0"), 0);
	finish(&s);
}

/* The interface under its own name is not for binding or attaching. */
NM_TEST(the_interface_is_taken)
{
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	struct nm_file *b;
	struct scene s;
	uint32_t on;

	NM_REQUIRE(begin(&s));
	NM_CHECK_EQ(newif(&s, "p0"), 0);
	b = rig_open(s.g);
	for (on = 0; on < 2; on++) {
		if (on)
			NM_CHECK_EQ(attach(&s, "vale0:p0"), 0);
		NM_CHECK_EQ(rig_register(s.g, b, "renamed", &reg), -EBUSY);
		NM_CHECK_EQ(attach(&s, "vale1:renamed"), -EBUSY);
		NM_CHECK_EQ(vif.link, on);
	}
	nm_file_close(b);
	NM_CHECK_EQ(detach(&s, "vale0:p0"), 0);
	NM_CHECK_EQ(delif(&s, "p0"), 0);
	finish(&s);
}

NM_TEST(homes_that_refuse)
{
	struct scene s;

	NM_REQUIRE(begin(&s));
	home.make = -EEXIST;
	NM_CHECK_EQ(newif(&s, "p0"), -EEXIST);
	home.make = 0;
	home.info = -ENXIO;
	NM_CHECK_EQ(newif(&s, "p0"), -ENXIO);
	NM_CHECK_EQ(vif.refs, 0);
	home.info = 0;
	home.make = 1;		/* who may not make one gets a port without */
	NM_CHECK_EQ(newif(&s, "p0"), 0);
	NM_CHECK_EQ(vif.exists, 0);
	NM_CHECK_EQ(attach(&s, "vale0:p0"), 0);
	NM_CHECK_EQ(detach(&s, "vale0:p0"), 0);
	NM_CHECK_EQ(delif(&s, "p0"), 0);
	finish(&s);
}

/* Who stopped in a sync of the port's ring keeps it from the interface. */
NM_TEST(connected_when_it_can_be)
{
	struct nm_pring *r;
	struct nm_file *b;
	struct scene s;
	int id;

	NM_REQUIRE(begin(&s));
	NM_CHECK_EQ(newif(&s, "p0"), 0);
	b = rig_bind(s.g, "p0");
	NM_REQUIRE(b != NULL);
	id = nm_actor_new(s.g->e, 77);
	NM_CHECK(id >= 0);
	r = nm_pring_at(&s.g->e->pl, rig_ring_idx(b, 0, 0));
	nm_pactor_at(&s.g->e->pl, id)->seq++;
	r->busy = id + 1;
	nm_file_close(b);
	NM_CHECK_EQ(attach(&s, "vale0:p0"), 0);
	NM_CHECK_EQ(vif.link, 0);
	NM_CHECK_EQ(nm_engine_tick(s.g->e), 1);
	NM_CHECK_EQ(vif.link, 0);
	r->busy = 0;
	nm_pactor_at(&s.g->e->pl, id)->seq++;
	NM_CHECK_EQ(nm_engine_tick(s.g->e), 0);
	NM_CHECK_EQ(vif.link, 1);
	nm_actor_dead(s.g->e, &(uint32_t){ id }, 1);
	NM_CHECK_EQ(detach(&s, "vale0:p0"), 0);
	NM_CHECK_EQ(delif(&s, "p0"), 0);
	finish(&s);
}

/* Namespace and engine end under it, connected or not. */
NM_TEST(ends_with_its_namespace)
{
	struct scene s;
	uint32_t on;

	for (on = 0; on < 2; on++) {
		NM_REQUIRE(begin(&s));
		NM_CHECK_EQ(newif(&s, "p0"), 0);
		if (on)
			NM_CHECK_EQ(attach(&s, "vale0:p0"), 0);
		nm_engine_ns_gone(s.g->e, s.f->cred.ns_id);
		finish(&s);
	}
}

NM_TEST_SUITE(vif,
	NM_T(connected_while_on_a_switch),
	NM_T(programs_come_first),
	NM_T(the_interface_is_taken),
	NM_T(homes_that_refuse),
	NM_T(connected_when_it_can_be),
	NM_T(ends_with_its_namespace));
