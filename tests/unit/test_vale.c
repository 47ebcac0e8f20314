/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Switches: many ports, who forwards, persistent ports, listing.
 */
#include "tests/unit/rig.h"

#ifndef __KERNEL__
#define N_PORTS	500u
#else
#define N_PORTS	60u
#endif

static int attach(struct rig *g, struct nm_file *f, const char *name,
		  uint32_t *pos)
{
	struct nmreq_vale_attach att;
	int error;

	memset(&att, 0, sizeof(att));
	att.reg.nr_mode = NR_REG_ALL_NIC;
	error = rig_req(g, f, NETMAP_REQ_VALE_ATTACH, name, &att, sizeof(att));
	if (!error && pos)
		*pos = att.port_index;
	return error;
}

static int detach(struct rig *g, struct nm_file *f, const char *name)
{
	struct nmreq_vale_detach det;

	memset(&det, 0, sizeof(det));
	return rig_req(g, f, NETMAP_REQ_VALE_DETACH, name, &det, sizeof(det));
}

static int newif(struct rig *g, struct nm_file *f, const char *name)
{
	struct nmreq_vale_newif nif;

	memset(&nif, 0, sizeof(nif));
	nif.nr_tx_slots = nif.nr_rx_slots = 64;
	return rig_req(g, f, NETMAP_REQ_VALE_NEWIF, name, &nif, sizeof(nif));
}

static int delif(struct rig *g, struct nm_file *f, const char *name)
{
	return rig_req(g, f, NETMAP_REQ_VALE_DELIF, name, NULL, 0);
}

NM_TEST(many_ports)
{
	struct nm_file **f = nm_os_alloc(N_PORTS * sizeof(*f));
	struct rig *g = rig_new();
	struct rig_usage was;
	char name[24];
	uint32_t i;

	NM_REQUIRE(g && f);
	f[0] = rig_bind(g, "vale0:p0");
	NM_REQUIRE(f[0] != NULL);
	rig_usage(g, &was);
	for (i = 1; i < N_PORTS; i++) {
		snprintf(name, sizeof(name), "vale0:p%u", i);
		f[i] = rig_bind(g, name);
		NM_REQUIRE(f[i] != NULL);
		NM_CHECK(f[i]->port->pos != NM_POS_BROADCAST);
		NM_CHECK(f[i]->port->pos != NM_POS_NONE);
	}
	NM_CHECK_EQ(rig_send(g, f[0], 5), 0);
	for (i = 1; i < N_PORTS; i++)
		NM_CHECK_EQ(rig_recv(g, f[i], 5), 1);
	for (i = 1; i < N_PORTS; i++)
		nm_file_close(f[i]);
	rig_check_same(g, &was);
	nm_file_close(f[0]);
	rig_free(g);
	nm_os_free(f);
}

NM_TEST(positions_are_used_again)
{
	struct rig *g = rig_new();
	struct nm_file *a, *b, *c;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "vale0:a");
	b = rig_bind(g, "vale0:b");
	NM_REQUIRE(a && b);
	NM_CHECK_EQ(a->port->pos, 0);
	NM_CHECK_EQ(b->port->pos, 1);
	nm_file_close(a);
	c = rig_bind(g, "vale0:c");
	NM_REQUIRE(c != NULL);
	NM_CHECK_EQ(c->port->pos, 0);
	nm_file_close(b);
	nm_file_close(c);
	rig_free(g);
}

/* One isolated port makes the senders of its switch isolated, and no others. */
NM_TEST(isolation_follows_the_switch)
{
	struct rig *g = rig_new();
	struct nm_file *a, *b, *c, *d;

	NM_REQUIRE(g != NULL);
	a = rig_bind(g, "vale0:a");
	b = rig_bind(g, "vale0:b");
	d = rig_bind(g, "vale1:d");
	NM_REQUIRE(a && b && d);
	NM_CHECK_EQ(a->port->path, NM_PATH_DIRECT);
	NM_CHECK_EQ(g->n_serve_on, 0);
	c = rig_bind_as(g, "vale0:c", 1000, 0);
	NM_REQUIRE(c != NULL);
	NM_CHECK_EQ(a->port->path, NM_PATH_ISOLATED);
	NM_CHECK_EQ(b->port->path, NM_PATH_ISOLATED);
	NM_CHECK_EQ(c->port->path, NM_PATH_ISOLATED);
	NM_CHECK_EQ(d->port->path, NM_PATH_DIRECT);
	NM_CHECK_EQ(g->n_serve_on, 3);
	NM_CHECK_EQ(nm_pport_at(&g->e->pl, b->port->idx)->path,
		    NM_PATH_ISOLATED);
	nm_file_close(c);
	NM_CHECK_EQ(a->port->path, NM_PATH_DIRECT);
	NM_CHECK_EQ(b->port->path, NM_PATH_DIRECT);
	NM_CHECK_EQ(g->n_serve_off, 3);
	/* a second, isolated, descriptor of a direct port does the same */
	c = rig_bind_as(g, "vale0:a", 1000, 0);
	NM_REQUIRE(c != NULL);
	NM_CHECK_EQ(b->port->path, NM_PATH_ISOLATED);
	nm_file_close(c);
	NM_CHECK_EQ(b->port->path, NM_PATH_DIRECT);
	nm_file_close(a);
	nm_file_close(b);
	nm_file_close(d);
	rig_free(g);
}

NM_TEST(switch_goes_with_last_port)
{
	struct nmreq_vale_list list;
	struct rig *g = rig_new();
	struct nm_file *a, *f;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	memset(&list, 0, sizeof(list));
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_VALE_LIST, "vale0", &list,
			    sizeof(list)), -ENOENT);
	a = rig_bind(g, "vale0:a");
	NM_REQUIRE(a != NULL);
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_VALE_LIST, "vale0:a", &list,
			    sizeof(list)), 0);
	NM_CHECK_EQ(list.nr_port_idx, 0);
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_VALE_LIST, "vale0:zz", &list,
			    sizeof(list)), 0);
	NM_CHECK_EQ(list.nr_port_idx, 255);
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_VALE_LIST, "eth0", &list,
			    sizeof(list)), -EINVAL);
	nm_file_close(a);
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_VALE_LIST, "vale0", &list,
			    sizeof(list)), -ENOENT);
	NM_CHECK_EQ(g->e->switch_ids.n_used, 0);
	NM_CHECK_EQ(g->e->fdb_ids.n_used, 0);
	nm_file_close(f);
	rig_free(g);
}

NM_TEST(list_enumerates)
{
	static const char *const names[] = { "vale0:a", "vale0:b", "vale3:c" };
	struct nmreq_vale_list list;
	struct nm_file *f[3], *q;
	struct rig *g = rig_new();
	int i;

	NM_REQUIRE(g != NULL);
	q = rig_open(g);
	for (i = 0; i < 3; i++) {
		f[i] = rig_bind(g, names[i]);
		NM_REQUIRE(f[i] != NULL);
	}
	memset(&list, 0, sizeof(list));
	for (i = 0; i < 3; i++) {
		NM_CHECK_EQ(rig_req(g, q, NETMAP_REQ_VALE_LIST, "", &list,
				    sizeof(list)), 0);
		NM_CHECK_STR(g->rb.hdr.nr_name, names[i]);
		list.nr_port_idx++;
	}
	NM_CHECK_EQ(rig_req(g, q, NETMAP_REQ_VALE_LIST, "", &list,
			    sizeof(list)), -ENOENT);
	for (i = 0; i < 3; i++)
		nm_file_close(f[i]);
	nm_file_close(q);
	rig_free(g);
}

NM_TEST(persistent_life)
{
	struct rig *g = rig_new();
	struct nm_file *f, *p, *v;
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	struct rig_usage was;
	uint32_t pos = 99;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	rig_usage(g, &was);
	NM_CHECK_EQ(newif(g, f, "valeXY"), -EINVAL);
	NM_CHECK_EQ(newif(g, f, "0123456789abcdef"), -EINVAL);
	NM_CHECK_EQ(newif(g, f, "pv0"), 0);
	NM_CHECK_EQ(newif(g, f, "pv0"), -EEXIST);
	/* unattached it works, and what is sent goes nowhere */
	p = rig_bind(g, "pv0");
	NM_REQUIRE(p != NULL);
	NM_CHECK_EQ(rig_send(g, p, 1), 0);
	NM_CHECK_EQ(delif(g, f, "pv0"), -EBUSY);
	NM_CHECK_EQ(attach(g, f, "vale0:pv0", NULL), -EBUSY);
	nm_file_close(p);
	/* its name on a switch is taken until it is attached */
	NM_CHECK_EQ(rig_register(g, f, "vale0:pv0", &reg), -EINVAL);
	NM_CHECK_EQ(attach(g, f, "vale0:none", NULL), -EINVAL);
	NM_CHECK_EQ(attach(g, f, "pv0", NULL), -EINVAL);
	NM_CHECK_EQ(detach(g, f, "vale0:pv0"), -ENXIO);
	NM_CHECK_EQ(attach(g, f, "vale0:pv0", &pos), 0);
	NM_CHECK_EQ(pos, 0);
	NM_CHECK_EQ(attach(g, f, "vale0:pv0", NULL), -EBUSY);
	NM_CHECK_EQ(delif(g, f, "pv0"), -EBUSY);
	v = rig_bind(g, "vale0:v");
	p = rig_bind(g, "vale0:pv0");
	NM_REQUIRE(v && p);
	NM_CHECK_STR(p->port->name, "pv0");
	NM_CHECK_EQ(rig_send(g, v, 7), 0);
	NM_CHECK_EQ(rig_recv(g, p, 7), 1);
	/* detached while bound it lives on, alone */
	NM_CHECK_EQ(detach(g, f, "vale0:pv0"), 0);
	NM_CHECK_EQ(rig_send(g, v, 8), 0);
	NM_CHECK_EQ(rig_recv(g, p, 8), 0);
	nm_file_close(p);
	nm_file_close(v);
	NM_CHECK_EQ(delif(g, f, "pv0"), 0);
	NM_CHECK_EQ(delif(g, f, "pv0"), -ENXIO);
	rig_check_same(g, &was);
	nm_file_close(f);
	rig_free(g);
}

/* What is left attached goes with the engine. */
NM_TEST(engine_drops_persistent)
{
	struct rig *g = rig_new();
	struct nm_file *f;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	NM_CHECK_EQ(newif(g, f, "pv0"), 0);
	NM_CHECK_EQ(newif(g, f, "pv1"), 0);
	NM_CHECK_EQ(attach(g, f, "vale0:pv0", NULL), 0);
	nm_file_close(f);
	rig_free(g);
}

NM_TEST(header_length)
{
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	struct nmreq_port_hdr hdr = { .nr_hdr_len = 12 };
	struct rig *g = rig_new();
	struct nm_file *a, *f;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_PORT_HDR_SET, "vale0:a", &hdr,
			    sizeof(hdr)), -ENXIO);
	a = rig_bind(g, "vale0:a");
	NM_REQUIRE(a != NULL);
	hdr.nr_hdr_len = 11;
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_PORT_HDR_SET, "vale0:a", &hdr,
			    sizeof(hdr)), -EINVAL);
	hdr.nr_hdr_len = 12;
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_PORT_HDR_SET, "vale0:a", &hdr,
			    sizeof(hdr)), 0);
	NM_CHECK_EQ(rig_register(g, f, "vale0:a", &reg), -EIO);
	reg.nr_flags = NR_ACCEPT_VNET_HDR;
	NM_CHECK_EQ(rig_register(g, f, "vale0:a", &reg), 0);
	hdr.nr_hdr_len = 0;
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_PORT_HDR_GET, "vale0:a", &hdr,
			    sizeof(hdr)), 0);
	NM_CHECK_EQ(hdr.nr_hdr_len, 12);
	nm_file_close(a);
	nm_file_close(f);
	rig_free(g);
}

/* Looking at a port that does not exist leaves nothing and is not seen. */
NM_TEST(info_leaves_nothing)
{
	struct nmreq_port_info_get pi;
	struct nmreq_pools_info po;
	struct rig *g = rig_new();
	struct nm_file *f, *a;
	struct rig_usage was;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	a = rig_bind(g, "vale0:a");
	NM_REQUIRE(f && a);
	rig_usage(g, &was);
	memset(&pi, 0, sizeof(pi));
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_PORT_INFO_GET, "vale0:new", &pi,
			    sizeof(pi)), 0);
	NM_CHECK_EQ(pi.nr_rx_slots, 1024);
	NM_CHECK_EQ(pi.nr_mem_id, 1);
	memset(&po, 0, sizeof(po));
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_POOLS_INFO_GET, "vale0:a", &po,
			    sizeof(po)), 0);
	NM_CHECK_EQ(po.nr_buf_pool_objsize, a->port->region->bufs.size);
	NM_CHECK_EQ(po.nr_memsize, a->port->region->size);
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_POOLS_INFO_GET, "", &po,
			    sizeof(po)), -ENXIO);
	memset(&pi, 0, sizeof(pi));
	NM_CHECK_EQ(rig_req(g, f, NETMAP_REQ_PORT_INFO_GET, "", &pi,
			    sizeof(pi)), 0);
	NM_CHECK_EQ(pi.nr_memsize, a->port->region->size);
	rig_check_same(g, &was);
	nm_file_close(a);
	nm_file_close(f);
	rig_free(g);
}

NM_TEST_SUITE(vale,
	NM_T(many_ports),
	NM_T(positions_are_used_again),
	NM_T(isolation_follows_the_switch),
	NM_T(switch_goes_with_last_port),
	NM_T(list_enumerates),
	NM_T(persistent_life),
	NM_T(engine_drops_persistent),
	NM_T(header_length),
	NM_T(info_leaves_nothing));
