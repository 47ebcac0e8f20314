/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Dispatch: what every request has in common, options, versions, the
 * sentence; and the communication block's rules that hold without one.
 */
#include "tests/unit/world.h"

/* One engine and a descriptor for a test; run() is its middle. */
static void with_file(void (*run)(struct nm_engine *e, struct nm_file *f))
{
	struct nm_engine *e = nm_world_new();
	struct nm_file *f;

	NM_REQUIRE(e != NULL);
	f = nm_world_file(e, 1);
	if (f) {
		run(e, f);
		nm_file_close(f);
	}
	nm_world_end(e);
}

static void unknown_types(struct nm_engine *e, struct nm_file *f)
{
	static const uint16_t type[] = { 0, 16, 99, 0x4000, 0x4003, 0xffff };
	struct nm_reqbuf *rb;
	size_t i;

	for (i = 0; i < sizeof(type) / sizeof(type[0]); i++) {
		rb = nm_world_req(type[i], "vale0:a");
		NM_CHECK_EQ(nm_file_ctrl(f, rb), -EINVAL);
		NM_CHECK_EQ(rb->error, -EINVAL);
		NM_CHECK(rb->message[0] != '\0');
		NM_CHECK_STR(nm_file_error(f), rb->message);
	}
}

NM_TEST(unknown_types)
{
	with_file(unknown_types);
}

/* A block from a socket can hold anything; none of it is believed. */
static void malformed(struct nm_engine *e, struct nm_file *f)
{
	struct nm_reqbuf *rb = nm_world_req(NETMAP_REQ_REGISTER, "vale0:a");

	rb->n_opts = 0xffffffff;
	NM_CHECK_EQ(nm_file_ctrl(f, rb), -EINVAL);
	NM_CHECK_EQ(rb->n_opts, 0);
	rb = nm_world_req(NETMAP_REQ_REGISTER, "vale0:a");
	rb->body_len = 8;
	rb->data_len = 8;
	NM_CHECK_EQ(nm_file_ctrl(f, rb), -EINVAL);
	rb = nm_world_req(NETMAP_REQ_REGISTER, "vale0:a");
	nm_world_opt(rb, NETMAP_REQ_OPT_CSB);
	rb->opt[0].ofs = 4096 - 8;
	NM_CHECK_EQ(nm_file_ctrl(f, rb), -EINVAL);
}

NM_TEST(malformed)
{
	with_file(malformed);
}

static int bind_with(struct nm_file *f, uint16_t version, uint64_t flags,
		     uint32_t opt, struct nm_reqbuf **out)
{
	struct nm_reqbuf *rb = nm_world_req(NETMAP_REQ_REGISTER, "vale0:a");
	struct nmreq_register *reg = nm_reqbuf_body(rb);

	reg->nr_mode = NR_REG_ALL_NIC;
	reg->nr_flags = flags;
	rb->hdr.nr_version = version;
	if (opt)
		nm_world_opt(rb, opt);
	*out = rb;
	return nm_file_ctrl(f, rb);
}

static void flags_of_api_15(struct nm_engine *e, struct nm_file *f)
{
	struct nm_reqbuf *rb;
	struct nm_file *g;

	NM_CHECK_EQ(bind_with(f, 15, 1ULL << 50, 0, &rb), -EINVAL);
	NM_CHECK_EQ(bind_with(f, 15, 0x1, 0, &rb), -EINVAL);
	NM_CHECK_EQ(bind_with(f, 15, NR_DO_RX_POLL | NR_PEER_HUP | 0x1000, 0, &rb), 0);
	g = nm_world_file(e, 1);
	NM_REQUIRE(g != NULL);
	NM_CHECK_EQ(bind_with(g, 14, 1ULL << 50 | 0x1, 0, &rb), 0);
	nm_file_close(g);
}

NM_TEST(flags_of_api_15)
{
	with_file(flags_of_api_15);
}

/* Options REGISTER does not take: it fails, and everything is undone. */
static void register_options(struct nm_engine *e, struct nm_file *f)
{
	static const uint32_t type[] = {
		NETMAP_REQ_OPT_SYNC_KLOOP_MODE,
		NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS, 77, 0x6e6d0099,
	};
	struct nm_reqbuf *rb;
	struct nm_bound b;
	size_t i;

	for (i = 0; i < sizeof(type) / sizeof(type[0]); i++) {
		NM_CHECK_EQ(bind_with(f, 14, 0, type[i], &rb), -EOPNOTSUPP);
		NM_CHECK_EQ(rb->opt[0].status, EOPNOTSUPP);
		NM_CHECK(rb->message[0] != '\0');
		NM_CHECK_EQ(nm_file_bound(f, &b), -ENXIO);
		/* The port is gone too: nobody can look at it. */
		rb = nm_world_req(NETMAP_REQ_PORT_HDR_GET, "vale0:a");
		NM_CHECK_EQ(nm_file_ctrl(f, rb), -ENXIO);
	}
	NM_CHECK_EQ(bind_with(f, 14, 0, 0, &rb), 0);
}

NM_TEST(register_options)
{
	with_file(register_options);
}

/* Elsewhere the status tells, and the request goes its way. */
static void other_options(struct nm_engine *e, struct nm_file *f)
{
	struct nm_reqbuf *rb = nm_world_req(NETMAP_REQ_PORT_INFO_GET, "");

	NM_CHECK_EQ(nm_world_register(f, "vale0:a", 0), 0);
	rb = nm_world_req(NETMAP_REQ_PORT_INFO_GET, "vale0:a");
	nm_world_opt(rb, NETMAP_REQ_OPT_OFFSETS);
	nm_world_opt(rb, 77);
	nm_world_opt(rb, NETMAP_REQ_OPT_ERROR);
	NM_CHECK_EQ(nm_file_ctrl(f, rb), 0);
	NM_CHECK_EQ(rb->opt[0].status, EOPNOTSUPP);
	NM_CHECK_EQ(rb->opt[1].status, EOPNOTSUPP);
	NM_CHECK_EQ(rb->opt[2].status, 0);
	NM_CHECK_STR(rb->message, "");
}

NM_TEST(other_options)
{
	with_file(other_options);
}

static void error_option(struct nm_engine *e, struct nm_file *f)
{
	struct nm_reqbuf *rb;

	NM_CHECK_EQ(bind_with(f, 14, 0, NETMAP_REQ_OPT_ERROR, &rb), 0);
	NM_CHECK_EQ(rb->opt[0].status, 0);
	NM_CHECK_STR(rb->message, "");
	NM_CHECK_STR(nm_file_error(f), "");
	NM_CHECK_EQ(bind_with(f, 14, 0, NETMAP_REQ_OPT_ERROR, &rb), -EBUSY);
	NM_CHECK_EQ(rb->opt[0].status, 0);
	NM_CHECK(strstr(rb->message, "vale0:a") != NULL);
	NM_CHECK_STR(nm_file_error(f), rb->message);
}

NM_TEST(error_option)
{
	with_file(error_option);
}

/* CSB as option of REGISTER, in the order of its checks. */
static void csb_option(struct nm_engine *e, struct nm_file *f)
{
	struct nm_reqbuf *rb;
	struct nmreq_register *reg;
	struct nmreq_opt_csb *csb;
	struct nm_bound b;
	int i;

	for (i = 0; i < 3; i++) {
		rb = nm_world_req(NETMAP_REQ_REGISTER, "vale0:a");
		reg = nm_reqbuf_body(rb);
		reg->nr_mode = NR_REG_ALL_NIC;
		reg->nr_flags = i ? NR_EXCLUSIVE : 0;
		csb = nm_world_opt(rb, NETMAP_REQ_OPT_CSB);
		csb->csb_atok = 0x10000;
		csb->csb_ktoa = i == 1 ? 0x20020 : 0x20000;
		NM_CHECK_EQ(nm_file_ctrl(f, rb), i < 2 ? -EINVAL : -EOPNOTSUPP);
		NM_CHECK_EQ(rb->opt[0].status, i < 2 ? EINVAL : EOPNOTSUPP);
		NM_CHECK_EQ(nm_file_bound(f, &b), -ENXIO);
	}
	/* Without rings there is nothing to move: accepted. */
	rb = nm_world_req(NETMAP_REQ_REGISTER, "vale0:a");
	reg = nm_reqbuf_body(rb);
	reg->nr_mode = NR_REG_ALL_NIC;
	reg->nr_flags = NR_RX_RINGS_ONLY | NR_TX_RINGS_ONLY;
	nm_world_opt(rb, NETMAP_REQ_OPT_CSB);
	NM_CHECK_EQ(nm_file_ctrl(f, rb), 0);
	NM_CHECK_EQ(rb->opt[0].status, 0);
}

NM_TEST(csb_option)
{
	with_file(csb_option);
}

static void csb_enable(struct nm_engine *e, struct nm_file *f)
{
	struct nm_reqbuf *rb = nm_world_req(NETMAP_REQ_CSB_ENABLE, "");

	NM_CHECK_EQ(nm_file_ctrl(f, rb), -EINVAL);
	rb = nm_world_req(NETMAP_REQ_CSB_ENABLE, "");
	nm_world_opt(rb, NETMAP_REQ_OPT_CSB);
	NM_CHECK_EQ(nm_file_ctrl(f, rb), 0);
	NM_CHECK_EQ(rb->opt[0].status, 0);
	NM_CHECK_EQ(nm_world_register(f, "vale0:a", 0), 0);
	rb = nm_world_req(NETMAP_REQ_CSB_ENABLE, "");
	nm_world_opt(rb, NETMAP_REQ_OPT_CSB);
	NM_CHECK_EQ(nm_file_ctrl(f, rb), -EINVAL);
	NM_CHECK_EQ(rb->opt[0].status, EINVAL);
}

NM_TEST(csb_enable)
{
	with_file(csb_enable);
}

static int kloop_start(struct nm_file *f, uint32_t sleep_us)
{
	struct nm_reqbuf *rb = nm_world_req(NETMAP_REQ_SYNC_KLOOP_START, "");

	((struct nmreq_sync_kloop_start *)nm_reqbuf_body(rb))->sleep_us = sleep_us;
	return nm_file_ctrl(f, rb);
}

static void kloop(struct nm_engine *e, struct nm_file *f)
{
	NM_CHECK_EQ(kloop_start(f, 1000001), -EINVAL);
	NM_CHECK_EQ(kloop_start(f, 1000000), -ENXIO);
	NM_CHECK_EQ(nm_file_ctrl(f, nm_world_req(NETMAP_REQ_SYNC_KLOOP_STOP, "")),
		    -ENXIO);
	NM_CHECK_EQ(nm_world_register(f, "vale0:a", 0), 0);
	NM_CHECK_EQ(kloop_start(f, 1000001), -EINVAL);
	NM_CHECK_EQ(kloop_start(f, 0), -EINVAL);
	NM_CHECK(strstr(nm_file_error(f), "communication block") != NULL);
	NM_CHECK_EQ(nm_file_ctrl(f, nm_world_req(NETMAP_REQ_SYNC_KLOOP_STOP, "")), 0);
}

NM_TEST(kloop)
{
	with_file(kloop);
}

NM_TEST_SUITE(req,
	NM_T(unknown_types),
	NM_T(malformed),
	NM_T(flags_of_api_15),
	NM_T(register_options),
	NM_T(other_options),
	NM_T(error_option),
	NM_T(csb_option),
	NM_T(csb_enable),
	NM_T(kloop));
