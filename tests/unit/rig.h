/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * An engine to test with: descriptors, requests, and what they leave behind.
 *
 * Regions are small (32 MiB of address space) so that a test can fill one.
 * The host counts what it is told; wake-ups are counted and go nowhere.
 */
#ifndef NM_TEST_RIG_H
#define NM_TEST_RIG_H

#include "tests/unit/nmtest.h"
#include "engine/bind.h"
#include "engine/engine_priv.h"
#include "engine/repair.h"
#include "engine/vale.h"
#include "engine/plane/inbox.h"
#include "engine/plane/view.h"

struct rig {
	struct nm_engine *e;
	struct nm_actor me;
	struct nm_reqbuf rb;
	uint32_t n_serve_on, n_serve_off, n_sleepers, n_wakes;
};

/* What must be the same before and after. */
struct rig_usage {
	uint32_t rings, ports, switches, regions, fdb;
	uint32_t ifs, ring_objs, bufs;
};

static inline struct rig *rig_of(struct nm_plane *pl)
{
	return pl->host;
}

static inline void rig_serve(struct nm_engine *e, struct nm_port *p, int on)
{
	struct rig *g = nm_engine_host(e);

	if (on)
		g->n_serve_on++;
	else
		g->n_serve_off++;
}

static inline void rig_sleepers(struct nm_engine *e, uint32_t ring)
{
	((struct rig *)nm_engine_host(e))->n_sleepers++;
}

static inline void rig_wake(struct nm_plane *pl, struct nm_actor *me,
			    uint32_t ring)
{
	rig_of(pl)->n_wakes++;
}

static const struct nm_host_ops rig_host_ops = {
	.serve = rig_serve,
	.sleepers = rig_sleepers,
};

static const struct nm_plane_ops rig_plane_ops = {
	.wake = rig_wake,
};

static inline struct rig *rig_new_with(const struct nm_host_ops *host_ops,
				       const struct nm_plane_ops *plane_ops)
{
	struct rig *g = nm_os_alloc(sizeof(*g));
	int id;

	if (!NM_CHECK(g != NULL))
		return NULL;
	if (!NM_CHECK_EQ(nm_engine_create(host_ops, plane_ops, g,
					  NM_HOME_USER, &g->e), 0))
		goto err;
	nm_engine_params(g->e)->region_size = 32 << 20;
	nm_engine_params(g->e)->fdb_stations = 1024;
	id = nm_actor_new(g->e, 1);
	if (!NM_CHECK(id >= 0))
		goto err_engine;
	g->me.id = id;
	g->me.batch = nm_os_alloc(nm_batch_size());
	if (NM_CHECK(g->me.batch != NULL))
		return g;
err_engine:
	nm_engine_destroy(g->e);
err:
	nm_os_free(g);
	return NULL;
}

static inline struct rig *rig_new(void)
{
	return rig_new_with(&rig_host_ops, &rig_plane_ops);
}

static inline void rig_free(struct rig *g)
{
	nm_engine_destroy(g->e);
	nm_os_free(g->me.batch);
	nm_os_free(g);
}

static inline struct nm_file *rig_open_as(struct rig *g, uint32_t uid,
					  uint32_t direct)
{
	struct nm_cred cred = {
		.uid = uid, .pid = 100 + uid, .direct = direct, .why = "a test",
	};
	struct nm_file *f;

	return NM_CHECK_EQ(nm_file_open(g->e, &cred, &f), 0) ? f : NULL;
}

static inline struct nm_file *rig_open(struct rig *g)
{
	return rig_open_as(g, 1000, 1);
}

/* One request with a body that is copied in and out. */
static inline int rig_req(struct rig *g, struct nm_file *f, uint16_t type,
			  const char *name, void *body, uint32_t len)
{
	struct nm_reqbuf *rb = &g->rb;
	int error;

	memset(rb, 0, sizeof(*rb));
	rb->hdr.nr_version = NETMAP_API;
	rb->hdr.nr_reqtype = type;
	snprintf(rb->hdr.nr_name, sizeof(rb->hdr.nr_name), "%s", name);
	rb->body_len = rb->data_len = len;
	if (len)
		memcpy(rb->data, body, len);
	if (len)
		rb->hdr.nr_body = 4096;	/* as if it had been gathered */
	error = nm_file_ctrl(f, rb);
	if (!error && len)
		memcpy(body, rb->data, len);
	/* a failure has its sentence, a success has none */
	NM_CHECK((error != 0) == (nm_file_error(f)[0] != '\0'));
	return error;
}

static inline int rig_register(struct rig *g, struct nm_file *f,
			       const char *name, struct nmreq_register *reg)
{
	if (!reg->nr_mode)
		reg->nr_mode = NR_REG_ALL_NIC;
	return rig_req(g, f, NETMAP_REQ_REGISTER, name, reg, sizeof(*reg));
}

/* Open and bind with defaults and small rings; NULL after a failed check. */
static inline struct nm_file *rig_bind_as(struct rig *g, const char *name,
					  uint32_t uid, uint32_t direct)
{
	struct nmreq_register reg = { .nr_tx_slots = 64, .nr_rx_slots = 64 };
	struct nm_file *f = rig_open_as(g, uid, direct);

	if (!f || NM_CHECK_EQ(rig_register(g, f, name, &reg), 0))
		return f;
	nm_test_printf("# %s: %s\n", name, nm_file_error(f));
	nm_file_close(f);
	return NULL;
}

static inline struct nm_file *rig_bind(struct rig *g, const char *name)
{
	return rig_bind_as(g, name, 1000, 1);
}

static inline struct netmap_if *rig_if(struct nm_file *f)
{
	return nm_region_at(f->port->region, f->bound.nifp_ofs);
}

/* Ring @i of a direction as the program finds it; NULL if not bound. */
static inline struct netmap_ring *rig_ring(struct nm_file *f, int tx, uint32_t i)
{
	struct netmap_if *nifp = rig_if(f);
	int64_t ofs;

	if (!tx)
		i += nifp->ni_tx_rings + nifp->ni_host_tx_rings;
	ofs = nifp->ring_ofs[i];
	return ofs ? nm_region_at(f->port->region, f->bound.nifp_ofs + ofs) :
		NULL;
}

static inline uint32_t rig_ring_idx(struct nm_file *f, int tx, uint32_t i)
{
	return f->bound.ring0 + (tx ? f->bound.n_rx : 0) + i;
}

/* Objects are reached one by one: a kernel has no region in one piece. */
static inline uint8_t *rig_buf(struct nm_file *f, uint32_t idx)
{
	struct nm_region *rg = f->port->region;

	return nm_region_at(rg, nm_pool_ofs(&rg->bufs, idx));
}

static inline int rig_sync(struct rig *g, struct nm_file *f, int tx, uint32_t i)
{
	g->me.now_s = nm_os_now_s();
	return nm_ring_sync_user(nm_engine_plane(g->e), &g->me,
				 rig_ring_idx(f, tx, i), tx);
}

/* Send one broadcast frame of 60 bytes on transmit ring 0. */
static inline int rig_send(struct rig *g, struct nm_file *f, uint8_t fill)
{
	struct netmap_ring *r = rig_ring(f, 1, 0);
	struct netmap_slot *s = &r->slot[r->head];
	uint8_t *b = rig_buf(f, s->buf_idx);

	if (!NM_CHECK(!nm_ring_empty(r)))
		return -1;
	memset(b, fill, 60);
	memset(b, 0xff, 6);
	memset(b + 6, 2, 6);
	s->len = 60;
	s->flags = 0;
	r->head = r->cur = nm_next(r->head, r->num_slots);
	return rig_sync(g, f, 1, 0);
}

/* Receive on ring 0 and release; frames, whose last byte must be @fill. */
static inline int rig_recv(struct rig *g, struct nm_file *f, uint8_t fill)
{
	struct netmap_ring *r = rig_ring(f, 0, 0);
	int n = 0;

	NM_CHECK_EQ(rig_sync(g, f, 0, 0), 0);
	while (!nm_ring_empty(r)) {
		struct netmap_slot *s = &r->slot[r->head];

		NM_CHECK_EQ(s->len, 60);
		NM_CHECK_EQ(rig_buf(f, s->buf_idx)[59], fill);
		r->head = r->cur = nm_next(r->head, r->num_slots);
		n++;
	}
	NM_CHECK_EQ(rig_sync(g, f, 0, 0), 0);
	return n;
}

static inline void rig_usage(struct rig *g, struct rig_usage *u)
{
	struct nm_region *rg;
	struct nm_usage ru;

	memset(u, 0, sizeof(*u));
	u->rings = g->e->ring_ids.n_used;
	u->ports = g->e->port_ids.n_used;
	u->switches = g->e->switch_ids.n_used;
	u->regions = g->e->region_ids.n_used;
	u->fdb = g->e->fdb_ids.n_used;
	for (rg = g->e->regions; rg; rg = rg->next) {
		nm_region_usage(rg, &ru);
		u->ifs += ru.ifs;
		u->ring_objs += ru.rings;
		u->bufs += ru.bufs;
	}
}

static inline void rig_check_same(struct rig *g, const struct rig_usage *was)
{
	struct rig_usage u;

	rig_usage(g, &u);
	NM_CHECK_EQ(u.rings, was->rings);
	NM_CHECK_EQ(u.ports, was->ports);
	NM_CHECK_EQ(u.switches, was->switches);
	NM_CHECK_EQ(u.regions, was->regions);
	NM_CHECK_EQ(u.fdb, was->fdb);
	NM_CHECK_EQ(u.ifs, was->ifs);
	NM_CHECK_EQ(u.ring_objs, was->ring_objs);
	NM_CHECK_EQ(u.bufs, was->bufs);
}

#endif /* NM_TEST_RIG_H */
