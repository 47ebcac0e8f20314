/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Requests from arbitrary bytes, against a live engine.
 *
 * The input is a program: each step begins with a byte that says what to do
 * and with which of four descriptors.
 *
 *	0  a well-formed request: type, name and body from the input, gathered
 *	   from a user whose memory is the input (so pointers point into it)
 *	1  a block as it comes from a socket: the input laid over a good one
 *	2  a legacy request
 *	3  close the descriptor and open it again
 *	4  NIOCCONFIG
 *
 * Two ports and a pipe exist from the start and are held by descriptors the
 * program cannot close.  After each input every other descriptor is closed;
 * what the engine then uses must be what it used at the start.
 */
#include <stdlib.h>

#include "engine/engine_priv.h"
#include "engine/file.h"
#include "engine/name.h"
#include "engine/region.h"
#include "engine/vale.h"
#include "engine/vale_ops.h"

#define N_FILES		4u
#define BASE		0x1000u		/* address of the input's first byte */
#define STEPS_MAX	64u
#define REGION_SIZE	(64 << 20)	/* bytes */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct nm_engine *e;
static struct nm_file *keep[3];
static struct nm_file *file[N_FILES];
static struct nm_usage at_start;
static struct nm_reqbuf rb;

/* The input, read from the front; the user's memory is a copy of it. */
struct input {
	const uint8_t *p;
	size_t left;
	uint8_t *mem;
	size_t mem_len;
};

static const struct {
	uint16_t type;
	const char *name;
} menu[] = {
	{ NETMAP_REQ_REGISTER, "vale0:a" },
	{ NETMAP_REQ_REGISTER, "vale0:c" },
	{ NETMAP_REQ_REGISTER, "vale1:z" },
	{ NETMAP_REQ_REGISTER, "vale0:a{1" },
	{ NETMAP_REQ_REGISTER, "vale0:a}1" },
	{ NETMAP_REQ_REGISTER, "vale0:b{x" },
	{ NETMAP_REQ_REGISTER, "p0" },
	{ NETMAP_REQ_REGISTER, "q0{7" },
	{ NETMAP_REQ_PORT_INFO_GET, "vale0:a" },
	{ NETMAP_REQ_PORT_INFO_GET, "" },
	{ NETMAP_REQ_POOLS_INFO_GET, "vale2:new" },
	{ NETMAP_REQ_VALE_ATTACH, "vale0:p0" },
	{ NETMAP_REQ_VALE_DETACH, "vale0:p0" },
	{ NETMAP_REQ_VALE_LIST, "" },
	{ NETMAP_REQ_VALE_LIST, "vale0:a" },
	{ NETMAP_REQ_PORT_HDR_SET, "vale0:b" },
	{ NETMAP_REQ_PORT_HDR_GET, "vale0:b" },
	{ NETMAP_REQ_VALE_NEWIF, "p0" },
	{ NETMAP_REQ_VALE_DELIF, "p0" },
	{ NETMAP_REQ_VALE_POLLING_ENABLE, "vale0:p0" },
	{ NETMAP_REQ_VALE_POLLING_DISABLE, "vale0:p0" },
	{ NETMAP_REQ_SYNC_KLOOP_START, "" },
	{ NETMAP_REQ_SYNC_KLOOP_STOP, "" },
	{ NETMAP_REQ_CSB_ENABLE, "" },
	{ NETMAP_REQ_COUNTERS_GET, "vale0:a" },
	{ NETMAP_REQ_PORT_STATUS_GET, "vale0:a" },
};

static void fuzz_wake(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
}

static int fuzz_map_region(struct nm_plane *pl, uint32_t region)
{
	return -ENODEV;
}

static int fuzz_copy_in(struct nm_plane *pl, struct nm_actor *me, void *dst,
			uint64_t uaddr, uint32_t len)
{
	return -EOPNOTSUPP;
}

static const struct nm_plane_ops plane_ops = {
	.wake = fuzz_wake,
	.map_region = fuzz_map_region,
	.copy_in = fuzz_copy_in,
	.lookup = nm_vale_ops_lookup,
};

static int user_in(void *ctx, void *dst, uint64_t a, uint32_t len)
{
	const struct input *in = ctx;

	if (a < BASE || len > in->mem_len || a - BASE > in->mem_len - len)
		return -EFAULT;
	memcpy(dst, in->mem + (a - BASE), len);
	return 0;
}

static int user_out(void *ctx, uint64_t a, const void *src, uint32_t len)
{
	const struct input *in = ctx;

	if (a < BASE || len > in->mem_len || a - BASE > in->mem_len - len)
		return -EFAULT;
	memcpy(in->mem + (a - BASE), src, len);
	return 0;
}

static uint8_t take(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static void take_bytes(struct input *in, void *dst, size_t len)
{
	size_t n = len < in->left ? len : in->left;

	memcpy(dst, in->p, n);
	in->p += n;
	in->left -= n;
}

static struct nm_file *open_file(uint32_t uid)
{
	struct nm_cred cred = { .uid = uid, .pid = 100 + uid, .direct = uid & 1,
				.why = "fuzzing" };
	struct nm_file *f;

	if (nm_file_open(e, &cred, &f))
		abort();
	return f;
}

static void reset(uint16_t type, const char *name)
{
	memset(&rb, 0, sizeof(rb));
	rb.hdr.nr_version = NETMAP_API;
	rb.hdr.nr_reqtype = type;
	strncpy(rb.hdr.nr_name, name, sizeof(rb.hdr.nr_name) - 1);
	rb.body_len = nm_req_body_size(type);
	rb.data_len = rb.body_len;
	rb.hdr.nr_body = rb.body_len ? BASE : 0;
}

static struct nm_file *start_port(const char *name)
{
	struct nm_file *f = open_file(1);
	struct nmreq_register *reg = nm_reqbuf_body(&rb);

	reset(NETMAP_REQ_REGISTER, name);
	reg->nr_mode = NR_REG_ALL_NIC;
	if (nm_file_ctrl(f, &rb))
		abort();
	return f;
}

/* Let everything that waits for a grace period be freed; count the rest. */
static void usage(struct nm_usage *sum)
{
	struct nm_region *rg;
	struct nm_usage u;

	memset(sum, 0, sizeof(*sum));
	nm_engine_tick(e);
	nm_engine_lock(e);
	for (rg = e->regions; rg; rg = rg->next) {
		nm_region_usage(rg, &u);
		sum->ifs += u.ifs;
		sum->rings += u.rings;
		sum->bufs += u.bufs;
	}
	nm_engine_unlock(e);
}

static void start(void)
{
	if (nm_engine_create(NULL, &plane_ops, NULL, NM_HOME_USER, &e))
		abort();
	/* Small regions: extra buffers run out before the machine does. */
	if (nm_param_set(nm_engine_params(e), "region_size", REGION_SIZE))
		abort();
	keep[0] = start_port("vale0:a");
	keep[1] = start_port("vale0:b");
	keep[2] = start_port("vale0:b{k");
	usage(&at_start);
}

/* A request of the menu; body from the input, mostly small numbers. */
static void step_menu(struct input *in, struct nm_file *f)
{
	uint32_t i = take(in) % (sizeof(menu) / sizeof(menu[0]));
	uint32_t n = take(in) % 8, at;
	struct nmreq_register *reg = nm_reqbuf_body(&rb);

	reset(menu[i].type, menu[i].name);
	if (menu[i].type == NETMAP_REQ_REGISTER)
		reg->nr_mode = NR_REG_ALL_NIC;
	while (n-- && rb.body_len) {
		at = take(in) % rb.body_len;
		rb.data[at] = take(in);
	}
	nm_file_ctrl(f, &rb);
}

/* Gather from the input as memory, dispatch, scatter. */
static void step_user(struct input *in, struct nm_file *f)
{
	struct nm_uaccess ua = { user_in, user_out, in };
	uint64_t hdr = BASE + take(in) * 8u;

	if (!nm_reqbuf_gather(&rb, &ua, hdr)) {
		if (nm_reqbuf_check(&rb))
			abort();
		nm_file_ctrl(f, &rb);
	}
	nm_reqbuf_scatter(&rb, &ua, hdr);
}

/* A block that never was gathered. */
static void step_block(struct input *in, struct nm_file *f)
{
	uint32_t i = take(in) % (sizeof(menu) / sizeof(menu[0]));
	uint32_t n = take(in) % 16, at;

	reset(menu[i].type, menu[i].name);
	while (n--) {
		at = take(in) % 192u;
		((uint8_t *)&rb)[at] = take(in);
	}
	nm_file_ctrl(f, &rb);
}

static void step_legacy(struct input *in, struct nm_file *f)
{
	struct nmreq nmr, before;
	int getinfo = take(in) & 1;

	memset(&nmr, 0, sizeof(nmr));
	take_bytes(in, &nmr, sizeof(nmr));
	nmr.nr_version = NETMAP_API;
	before = nmr;
	if (nm_file_legacy(f, getinfo, &nmr) && memcmp(&nmr, &before, sizeof(nmr)))
		abort();
}

static void step(struct input *in)
{
	uint8_t what = take(in);
	uint32_t i = (what >> 4) % N_FILES;
	struct nm_ifreq ifr;

	if (!file[i])
		file[i] = open_file(i / 2);
	switch (what % 6) {
	case 0:
		step_menu(in, file[i]);
		break;
	case 1:
		step_user(in, file[i]);
		break;
	case 2:
		step_block(in, file[i]);
		break;
	case 3:
		step_legacy(in, file[i]);
		break;
	case 4:
		nm_file_close(file[i]);
		file[i] = NULL;
		break;
	default:
		take_bytes(in, &ifr.nifr_name, sizeof(ifr.nifr_name));
		memset(ifr.data, 0, sizeof(ifr.data));
		nm_file_config(file[i], &ifr);
		break;
	}
}

/* Some persistent port; its name, and its switch if it is on one. */
static int find_persistent(char *name, char *sw, size_t len)
{
	struct nm_port *p = NULL;
	uint32_t i;

	nm_engine_lock(e);
	for (i = 0; i < NM_PORT_HASH && !p; i++)
		for (p = e->ports[i]; p && p->persistent != 1; p = p->hash_next)
			;
	if (p) {
		snprintf(name, len, "%s", p->name);
		snprintf(sw, len, "%s", p->sw ? p->sw->name : "");
	}
	nm_engine_unlock(e);
	return p != NULL;
}

/* Take away what requests made and no descriptor holds. */
static void drop_persistent(void)
{
	char name[NM_NAME_LEN], sw[NM_NAME_LEN], full[2 * NM_NAME_LEN];
	struct nm_file *f = open_file(0);

	while (find_persistent(name, sw, sizeof(name))) {
		/* Whoever made it may take it away again. */
		f->cred.uid = f->cred.uid ? 0 : 1;
		if (sw[0]) {
			snprintf(full, sizeof(full), "%s:%s", sw, name);
			reset(NETMAP_REQ_VALE_DETACH, full);
			nm_file_ctrl(f, &rb);
		}
		reset(NETMAP_REQ_VALE_DELIF, name);
		nm_file_ctrl(f, &rb);
	}
	nm_file_close(f);
}

static void finish(void)
{
	struct nm_usage now;
	uint32_t i;

	for (i = 0; i < N_FILES; i++) {
		if (file[i])
			nm_file_close(file[i]);
		file[i] = NULL;
	}
	drop_persistent();
	/* long lists of extra buffers come home step by step */
	while (nm_engine_tick(e))
		;
	usage(&now);
	if (memcmp(&now, &at_start, sizeof(now)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { .p = data, .left = size, .mem_len = size };
	uint32_t n;

	if (!e)
		start();
	in.mem = malloc(size ? size : 1);
	if (!in.mem)
		abort();
	memcpy(in.mem, data, size);
	for (n = 0; in.left && n < STEPS_MAX; n++)
		step(&in);
	finish();
	free(in.mem);
	return 0;
}
