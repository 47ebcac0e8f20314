/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The home that tests give an engine: it counts wake-ups, has every region
 * mapped (the engine made them), and runs plug-ins.
 */
#include "tests/unit/world.h"
#include "engine/vale_ops.h"

uint32_t nm_world_wakes;
static struct nm_reqbuf req;

static void world_wake(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
	nm_add32(&nm_world_wakes, 1);
}

static int world_map_region(struct nm_plane *pl, uint32_t region)
{
	return -ENODEV;
}

static int world_copy_in(struct nm_plane *pl, struct nm_actor *me, void *dst,
			 uint64_t uaddr, uint32_t len)
{
	return -EOPNOTSUPP;
}

static const struct nm_plane_ops world_ops = {
	.wake = world_wake,
	.map_region = world_map_region,
	.copy_in = world_copy_in,
	.lookup = nm_vale_ops_lookup,
};

struct nm_engine *nm_world_new(void)
{
	struct nm_engine *e = NULL;

	NM_CHECK_EQ(nm_engine_create(NULL, &world_ops, NULL, NM_HOME_USER, &e), 0);
	return e;
}

void nm_world_end(struct nm_engine *e)
{
	nm_engine_destroy(e);
}

struct nm_file *nm_world_file(struct nm_engine *e, uint32_t uid)
{
	struct nm_cred cred = {
		.uid = uid,
		.pid = 1000 + uid,
		.direct = 1,
		.why = "a test says so",
	};
	struct nm_file *f = NULL;

	NM_CHECK_EQ(nm_file_open(e, &cred, &f), 0);
	return f;
}

struct nm_reqbuf *nm_world_req(uint16_t type, const char *name)
{
	size_t len = strnlen(name, NETMAP_REQ_IFNAMSIZ - 1);

	memset(&req, 0, sizeof(req));
	req.hdr.nr_version = NETMAP_API;
	req.hdr.nr_reqtype = type;
	memcpy(req.hdr.nr_name, name, len);
	req.body_len = nm_req_body_size(type);
	req.data_len = req.body_len;
	req.hdr.nr_body = req.body_len ? 1 : 0;
	return &req;
}

void *nm_world_opt(struct nm_reqbuf *rb, uint32_t type)
{
	uint64_t len = nm_req_opt_size(type, 0);
	struct nm_reqopt *o = &rb->opt[rb->n_opts++];
	struct nmreq_option *hdr;

	if (!len)
		len = sizeof(*hdr);
	o->type = type;
	o->ofs = rb->data_len;
	o->len = (uint32_t)len;
	rb->data_len += (uint32_t)len;
	hdr = (struct nmreq_option *)(rb->data + o->ofs);
	hdr->nro_reqtype = type;
	return hdr;
}

int nm_world_register(struct nm_file *f, const char *name, uint64_t flags)
{
	struct nm_reqbuf *rb = nm_world_req(NETMAP_REQ_REGISTER, name);
	struct nmreq_register *reg = nm_reqbuf_body(rb);

	reg->nr_mode = NR_REG_ALL_NIC;
	reg->nr_flags = flags;
	return nm_file_ctrl(f, rb);
}
