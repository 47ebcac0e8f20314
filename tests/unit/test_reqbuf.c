/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Gathering and scattering, against a user whose memory is an array with one
 * range that cannot be read and one that cannot be written.
 */
#include "tests/unit/nmtest.h"
#include "engine/plane/reqbuf.h"

#define BASE		0x10000u	/* address of mem[0] */
#define MEM		16384u
#define A_HDR		BASE
#define A_BODY		(BASE + 256)
#define A_OPT(i)	(BASE + 1024 + 512u * (i))

static uint8_t mem[MEM];
static struct nm_reqbuf rb;
static uint64_t no_read, no_write;	/* one byte each; 0: none */

static int reachable(uint64_t a, uint32_t len, uint64_t hole)
{
	return a >= BASE && len <= MEM && a - BASE <= MEM - len &&
	       !(hole >= a && hole < a + len);
}

static int user_in(void *ctx, void *dst, uint64_t a, uint32_t len)
{
	if (!reachable(a, len, no_read))
		return -EFAULT;
	memcpy(dst, mem + (a - BASE), len);
	return 0;
}

static int user_out(void *ctx, uint64_t a, const void *src, uint32_t len)
{
	if (!reachable(a, len, no_write))
		return -EFAULT;
	memcpy(mem + (a - BASE), src, len);
	return 0;
}

static const struct nm_uaccess ua = { user_in, user_out, NULL };

static void *at(uint64_t a)
{
	return mem + (a - BASE);
}

static struct nmreq_header *user_hdr(void)
{
	return at(A_HDR);
}

static struct nmreq_option *user_opt(unsigned int i)
{
	return at(A_OPT(i));
}

/* A good REGISTER without options; opts are added by add_opt(). */
static void user_reset(void)
{
	struct nmreq_header *h = user_hdr();

	memset(mem, 0, sizeof(mem));
	no_read = 0;
	no_write = 0;
	h->nr_version = NETMAP_API;
	h->nr_reqtype = NETMAP_REQ_REGISTER;
	memcpy(h->nr_name, "vale0:a", 8);
	h->nr_body = A_BODY;
}

static void add_opt(unsigned int i, uint32_t type, uint64_t size)
{
	if (i)
		user_opt(i - 1)->nro_next = A_OPT(i);
	else
		user_hdr()->nr_options = A_OPT(0);
	user_opt(i)->nro_reqtype = type;
	user_opt(i)->nro_size = size;
	user_opt(i)->nro_status = 0x5555;
}

/* One row of the tables of errors: gather, scatter, look at the statuses. */
static int go(void)
{
	int r = nm_reqbuf_gather(&rb, &ua, A_HDR);

	NM_CHECK_EQ(rb.error, r);
	NM_CHECK(!r == !rb.message[0]);
	if (!r)
		NM_CHECK_EQ(nm_reqbuf_check(&rb), 0);
	return r;
}

NM_TEST(body_sizes)
{
	static const struct { uint32_t type, size; } want[] = {
		{ NETMAP_REQ_REGISTER, 56 },
		{ NETMAP_REQ_PORT_INFO_GET, 32 },
		{ NETMAP_REQ_VALE_ATTACH, 64 },
		{ NETMAP_REQ_VALE_DETACH, 8 },
		{ NETMAP_REQ_VALE_LIST, 8 },
		{ NETMAP_REQ_PORT_HDR_SET, 8 },
		{ NETMAP_REQ_PORT_HDR_GET, 8 },
		{ NETMAP_REQ_VALE_NEWIF, 16 },
		{ NETMAP_REQ_VALE_DELIF, 0 },
		{ NETMAP_REQ_VALE_POLLING_ENABLE, 16 },
		{ NETMAP_REQ_VALE_POLLING_DISABLE, 16 },
		{ NETMAP_REQ_POOLS_INFO_GET, 64 },
		{ NETMAP_REQ_SYNC_KLOOP_START, 8 },
		{ NETMAP_REQ_SYNC_KLOOP_STOP, 0 },
		{ NETMAP_REQ_CSB_ENABLE, 0 },
		{ NETMAP_REQ_COUNTERS_GET, 304 },
		{ NETMAP_REQ_PORT_STATUS_GET, 280 },
		{ 0, 0 }, { 16, 0 }, { 0xffff, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		NM_CHECK_EQ(nm_req_body_size(want[i].type), want[i].size);
}

NM_TEST(option_sizes)
{
	NM_CHECK_EQ(nm_req_opt_size(NETMAP_REQ_OPT_EXTMEM, 0), 24 + 72);
	NM_CHECK_EQ(nm_req_opt_size(NETMAP_REQ_OPT_CSB, 99), 24 + 16);
	NM_CHECK_EQ(nm_req_opt_size(NETMAP_REQ_OPT_SYNC_KLOOP_MODE, 0), 24 + 8);
	NM_CHECK_EQ(nm_req_opt_size(NETMAP_REQ_OPT_OFFSETS, 0), 24 + 32);
	NM_CHECK_EQ(nm_req_opt_size(NETMAP_REQ_OPT_ERROR, 0), 256);
	NM_CHECK_EQ(nm_req_opt_size(NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS, 40), 40);
	NM_CHECK_EQ(nm_req_opt_size(NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS, 3), 24);
	NM_CHECK_EQ(nm_req_opt_size(0, 40), 0);
	NM_CHECK_EQ(nm_req_opt_size(NETMAP_REQ_OPT_MAX, 40), 0);
}

/* What is wrong with the header, and what must come back in it. */
NM_TEST(header_errors)
{
	static const struct {
		const char *what;
		uint16_t version, type;
		uint32_t reserved;
		int has_body;
		uint16_t version_back;
		int error;
	} row[] = {
		{ "api 13", 13, 1, 0, 1, 14, -EINVAL },
		{ "api 16", 16, 1, 0, 1, 14, -EINVAL },
		{ "api 16 wins over reserved", 16, 1, 9, 1, 14, -EINVAL },
		{ "reserved", 14, 1, 9, 1, 14, -EINVAL },
		{ "no body", 14, 1, 0, 0, 14, -EINVAL },
		{ "body for DELIF", 14, 9, 0, 1, 14, -EINVAL },
		{ "body for an unknown type", 14, 99, 0, 1, 14, -EINVAL },
		{ "unknown type is left to dispatch", 14, 99, 0, 0, 14, 0 },
		{ "api 14", 14, 1, 0, 1, 14, 0 },
		{ "api 15", 15, 1, 0, 1, 15, 0 },
	};
	struct nmreq_header *h = user_hdr();
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		nm_test_case(row[i].what);
		user_reset();
		h->nr_version = row[i].version;
		h->nr_reqtype = row[i].type;
		h->nr_reserved = row[i].reserved;
		h->nr_body = row[i].has_body ? A_BODY : 0;
		NM_CHECK_EQ(go(), row[i].error);
		NM_CHECK_EQ(nm_reqbuf_scatter(&rb, &ua, A_HDR), row[i].error);
		NM_CHECK_EQ(h->nr_version, row[i].version_back);
		NM_CHECK_EQ(h->nr_reserved, row[i].reserved);
	}
}

NM_TEST(unreadable_memory)
{
	user_reset();
	no_read = A_HDR + 87;
	NM_CHECK_EQ(go(), -EFAULT);
	user_reset();
	no_read = A_BODY + 55;
	NM_CHECK_EQ(go(), -EFAULT);
	NM_CHECK_EQ(rb.write_status, 0);
	user_reset();
	no_read = A_BODY + 56;
	NM_CHECK_EQ(go(), 0);
}

NM_TEST(name_is_terminated)
{
	user_reset();
	memset(user_hdr()->nr_name, 'x', 64);
	NM_CHECK_EQ(go(), 0);
	NM_CHECK_EQ(strlen(rb.hdr.nr_name), 63);
}

/* Options: what is in the list, the error, each status after scatter. */
NM_TEST(option_errors)
{
	static const struct {
		const char *what;
		uint32_t type[3];
		uint64_t size[3];
		int error;
		uint32_t status[3];
	} row[] = {
		{ "accepted", { 5, 3, 77 }, { 0 }, 0,
		  { EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP } },
		{ "type 0", { 5, 0, 3 }, { 0 }, -EINVAL, { 0, EINVAL, 0x5555 } },
		{ "type 0 after an unknown one", { 77, 0, 3 }, { 0 }, -EINVAL,
		  { EOPNOTSUPP, EINVAL, 0x5555 } },
		{ "twice", { 5, 3, 5 }, { 0 }, -EINVAL, { EINVAL, 0, EINVAL } },
		{ "unknown twice", { 77, 3, 77 }, { 0 }, 0,
		  { EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP } },
		{ "first unknown type", { 6, 3, 1 }, { 0 }, 0,
		  { EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP } },
		{ "nro_size 4097", { 3, 5, 1 }, { 0, 4097 }, -EMSGSIZE,
		  { 0, 0, 0x5555 } },
		{ "nro_size 4097, unknown", { 3, 77, 1 }, { 0, 4097 }, 0,
		  { EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP } },
		{ "4096 in all", { 3, 2, 77 }, { 0, 4096 - 56 - 40 - 24 }, 0,
		  { EOPNOTSUPP, EOPNOTSUPP, EOPNOTSUPP } },
		{ "4097 in all", { 3, 2, 77 }, { 0, 4096 - 56 - 40 - 23 },
		  -EMSGSIZE, { 0, 0, EOPNOTSUPP } },
	};
	size_t i;
	unsigned int k;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		nm_test_case(row[i].what);
		user_reset();
		for (k = 0; k < 3; k++)
			add_opt(k, row[i].type[k], row[i].size[k]);
		NM_CHECK_EQ(go(), row[i].error);
		NM_CHECK_EQ(nm_reqbuf_scatter(&rb, &ua, A_HDR), row[i].error);
		for (k = 0; k < 3; k++)
			NM_CHECK_EQ(user_opt(k)->nro_status, row[i].status[k]);
	}
}

NM_TEST(option_unreadable)
{
	user_reset();
	add_opt(0, NETMAP_REQ_OPT_OFFSETS, 0);
	add_opt(1, NETMAP_REQ_OPT_CSB, 0);
	no_read = A_OPT(1) + 23;
	NM_CHECK_EQ(go(), -EFAULT);
	NM_CHECK_EQ(nm_reqbuf_scatter(&rb, &ua, A_HDR), -EFAULT);
	NM_CHECK_EQ(user_opt(0)->nro_status, 0);
	NM_CHECK_EQ(user_opt(1)->nro_status, 0x5555);

	user_reset();
	add_opt(0, NETMAP_REQ_OPT_OFFSETS, 0);
	add_opt(1, NETMAP_REQ_OPT_CSB, 0);
	no_read = A_OPT(1) + 39;
	NM_CHECK_EQ(go(), -EFAULT);
	NM_CHECK_EQ(nm_reqbuf_scatter(&rb, &ua, A_HDR), -EFAULT);
	NM_CHECK_EQ(user_opt(0)->nro_status, 0);
}

/* A list that contains itself: found as twin, or as endless. */
NM_TEST(cyclic_lists)
{
	user_reset();
	add_opt(0, NETMAP_REQ_OPT_CSB, 0);
	user_opt(0)->nro_next = A_OPT(0);
	NM_CHECK_EQ(go(), -EINVAL);
	NM_CHECK_EQ(nm_reqbuf_scatter(&rb, &ua, A_HDR), -EINVAL);
	NM_CHECK_EQ(user_opt(0)->nro_status, EINVAL);

	user_reset();
	add_opt(0, 77, 0);
	user_opt(0)->nro_next = A_OPT(0);
	NM_CHECK_EQ(go(), -EMSGSIZE);
	NM_CHECK_EQ(nm_reqbuf_scatter(&rb, &ua, A_HDR), -EMSGSIZE);
	NM_CHECK_EQ(user_opt(0)->nro_status, 0x5555);
}

NM_TEST(option_count)
{
	struct nmreq_option *o = at(A_OPT(0));
	unsigned int n, i;

	for (n = 127; n <= 128; n++) {
		user_reset();
		user_hdr()->nr_options = A_OPT(0);
		for (i = 0; i < n; i++) {
			o[i].nro_reqtype = 77;
			o[i].nro_next = i + 1 < n ? A_OPT(0) + 24 * (i + 1) : 0;
		}
		NM_CHECK_EQ(go(), n == 127 ? 0 : -EMSGSIZE);
	}
}

NM_TEST(results_are_written)
{
	struct nmreq_register *reg = at(A_BODY);
	struct nmreq_opt_csb *csb = at(A_OPT(0));
	struct nmreq_opt_offsets *ofs = at(A_OPT(1));

	user_reset();
	add_opt(0, NETMAP_REQ_OPT_CSB, 0);
	add_opt(1, NETMAP_REQ_OPT_OFFSETS, 0);
	NM_REQUIRE_EQ(go(), 0);
	((struct nmreq_register *)nm_reqbuf_body(&rb))->nr_memsize = 4711;
	((struct nmreq_opt_csb *)(rb.data + rb.opt[0].ofs))->csb_atok = 11;
	((struct nmreq_opt_offsets *)(rb.data + rb.opt[1].ofs))->nro_max_offset = 12;
	memcpy(rb.hdr.nr_name, "vale0:b", 8);
	rb.opt[0].status = 0;
	rb.opt[1].status = ENOMEM;

	/* Failure: header and statuses. */
	rb.error = -EBUSY;
	NM_CHECK_EQ(nm_reqbuf_scatter(&rb, &ua, A_HDR), -EBUSY);
	NM_CHECK_STR(user_hdr()->nr_name, "vale0:b");
	NM_CHECK_EQ(user_hdr()->nr_body, A_BODY);
	NM_CHECK_EQ(user_hdr()->nr_options, A_OPT(0));
	NM_CHECK_EQ(reg->nr_memsize, 0);
	NM_CHECK_EQ(csb->csb_atok, 0);
	NM_CHECK_EQ(csb->nro_opt.nro_status, 0);
	NM_CHECK_EQ(ofs->nro_opt.nro_status, ENOMEM);

	/* Success: also the body and the body of the accepted option. */
	rb.error = 0;
	NM_CHECK_EQ(nm_reqbuf_scatter(&rb, &ua, A_HDR), 0);
	NM_CHECK_EQ(reg->nr_memsize, 4711);
	NM_CHECK_EQ(csb->csb_atok, 11);
	NM_CHECK_EQ(csb->nro_opt.nro_next, A_OPT(1));
	NM_CHECK_EQ(ofs->nro_max_offset, 0);
	NM_CHECK_EQ(ofs->nro_opt.nro_status, ENOMEM);
}

NM_TEST(unwritable_results)
{
	static const uint64_t hole[] = {
		A_HDR + 4, A_BODY + 1, A_OPT(0) + 12, A_OPT(0) + 24,
	};
	size_t i;

	for (i = 0; i < sizeof(hole) / sizeof(hole[0]); i++) {
		user_reset();
		add_opt(0, NETMAP_REQ_OPT_CSB, 0);
		NM_REQUIRE_EQ(go(), 0);
		rb.opt[0].status = 0;
		no_write = hole[i];
		NM_CHECK_EQ(nm_reqbuf_scatter(&rb, &ua, A_HDR), -EFAULT);
	}
}

/* Its text arrives on failure too, also when another option is the cause. */
NM_TEST(error_option)
{
	struct nmreq_opt_error *err = at(A_OPT(0));

	user_reset();
	add_opt(0, NETMAP_REQ_OPT_ERROR, 0);
	NM_REQUIRE_EQ(go(), 0);
	memcpy(rb.message, "because", 8);
	rb.opt[0].status = 0;
	rb.error = -EBUSY;
	NM_CHECK_EQ(nm_reqbuf_scatter(&rb, &ua, A_HDR), -EBUSY);
	NM_CHECK_STR(err->nro_msg, "because");

	user_reset();
	add_opt(0, NETMAP_REQ_OPT_ERROR, 0);
	add_opt(1, 0, 0);
	NM_CHECK_EQ(go(), -EINVAL);
	NM_CHECK_EQ(nm_reqbuf_scatter(&rb, &ua, A_HDR), -EINVAL);
	NM_CHECK(err->nro_msg[0] != '\0');
	NM_CHECK_EQ(err->nro_opt.nro_status, 0);
}

/* Nothing that nm_reqbuf_check() lets through points out of the block. */
NM_TEST(check_random)
{
	uint32_t seed = nm_test_seed(), i, k, bad;
	uint32_t *words = (uint32_t *)&rb;
	uint32_t passed = 0;

	for (i = 0; i < 20000; i++) {
		user_reset();
		add_opt(0, 1 + nm_test_rand(&seed) % 7, nm_test_rand(&seed) % 64);
		add_opt(1, NETMAP_REQ_OPT_ERROR, 0);
		NM_REQUIRE_EQ(go(), 0);
		bad = nm_test_rand(&seed) % 3;
		for (k = 0; k < bad; k++)
			words[nm_test_rand(&seed) % 48] ^=
				1u << nm_test_rand(&seed) % 32;
		if (nm_reqbuf_check(&rb))
			continue;
		passed++;
		NM_REQUIRE(rb.n_opts < NM_REQBUF_OPTS);
		NM_REQUIRE(rb.data_len <= NM_REQBUF_DATA);
		for (k = 0; k < rb.n_opts; k++)
			NM_REQUIRE(rb.opt[k].ofs + rb.opt[k].len <= rb.data_len);
	}
	NM_CHECK(passed > 1000);
	NM_CHECK(passed < 20000);
}

NM_TEST_SUITE(reqbuf,
	NM_T(body_sizes),
	NM_T(option_sizes),
	NM_T(header_errors),
	NM_T(unreadable_memory),
	NM_T(name_is_terminated),
	NM_T(option_errors),
	NM_T(option_unreadable),
	NM_T(cyclic_lists),
	NM_T(option_count),
	NM_T(results_are_written),
	NM_T(unwritable_results),
	NM_T(error_option),
	NM_T(check_random));
