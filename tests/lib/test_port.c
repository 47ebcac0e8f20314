/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a port: what goes to the engine, what comes back, and that every
 * failure leaves errno, descriptors, mappings and memory as they should be.
 */
#include "tests/lib/libtest.h"

static void t_open(void)
{
	struct nmport_d *d;

	fake_region(2, 1, 3, 1, "1101110");
	d = nmport_open("netmap:eth0");
	if (!CHECK(d != NULL))
		return;
	CHECK(d->register_done && d->mmap_done && d->fd >= 0);
	CHECK(d->mem && d->mem->mem == fake.region &&
	      d->mem->size == fake.size && d->mem->refcount == 1);
	CHECK((char *)d->nifp == fake.region + FAKE_IF);
	CHECK(d->first_tx_ring == 0 && d->last_tx_ring == 1);
	CHECK(d->first_rx_ring == 0 && d->last_rx_ring == 2);
	CHECK(nmport_tx_rings(d) == 2 && nmport_rx_rings(d) == 3);
	CHECK(d->hdr.nr_options == 0);
	CHECK(!strcmp(nmport_home(d), "kernel"));
	CHECK_ERR(nmport_register(d) == -1, EINVAL);
	CHECK_ERR(nmport_mmap(d) == -1, EINVAL);
	CHECK_ERR(nmport_parse(d, "netmap:x") == -1, EINVAL);
	CHECK_ERR(nmport_extmem(d, d, 1) == -1, EINVAL);
	nmport_undo_mmap(d);
	CHECK(!d->mem && !d->nifp && nmport_tx_rings(d) == 0);
	CHECK(nmport_mmap(d) == 0);
	nmport_close(d);
	nmport_close(NULL);
}

/* Every first run of bound rings, and the empty interval in all its forms. */
static void t_intervals(void)
{
	static const struct {
		int tx, htx, rx, hrx;
		const char *which;
		int ftx, ltx, frx, lrx;
	} c[] = {
		{ 2, 1, 2, 1, "111111", 0, 2, 0, 2 },
		{ 4, 1, 4, 1, "0010000100", 2, 2, 2, 2 },
		{ 2, 1, 2, 1, "001001", 2, 2, 2, 2 },
		{ 4, 1, 1, 1, "0110100", 1, 2, 2, 1 },
		{ 2, 1, 2, 1, "000110", 3, 2, 0, 1 },
		{ 0, 0, 1, 0, "1", 1, 0, 0, 0 },
		{ 0, 0, 0, 0, "", 1, 0, 1, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct nmport_d *d;

		fake_region(c[i].tx, c[i].htx, c[i].rx, c[i].hrx, c[i].which);
		d = nmport_open("netmap:eth0/R");
		if (!CHECK(d != NULL))
			continue;
		libtest_check(d->first_tx_ring == c[i].ftx &&
			d->last_tx_ring == c[i].ltx &&
			d->first_rx_ring == c[i].frx &&
			d->last_rx_ring == c[i].lrx &&
			d->cur_tx_ring == c[i].ftx && d->cur_rx_ring == c[i].frx,
			__FILE__, __LINE__, "%s: tx %u..%u rx %u..%u",
			c[i].which, d->first_tx_ring, d->last_tx_ring,
			d->first_rx_ring, d->last_rx_ring);
		CHECK(nmport_tx_rings(d) ==
		      (unsigned int)(c[i].ltx - c[i].ftx + 1));
		CHECK(nmport_rx_rings(d) ==
		      (unsigned int)(c[i].lrx - c[i].frx + 1));
		nmport_close(d);
	}
}

static void t_errors(void)
{
	struct nmport_d *d = nmport_prepare("netmap:eth0-1@bufs=4");
	struct nmport_d before = *d;

	fake_region(1, 0, 1, 0, "11");
	fake.open_err = EACCES;
	CHECK_ERR(nmport_open_desc(d) == -1, EACCES);
	fake.open_err = 0;
	fake.ioctl_err = EBUSY;
	fake.sentence = "ring 1 is held by process 77";
	CHECK_ERR(nmport_open_desc(d) == -1, EBUSY);
	CHECK(strstr(nmport_last_error(), "eth0: ") &&
	      strstr(nmport_last_error(), "held by process 77"));
	CHECK(fake.opens == 1 && fake.closes == 1);
	fake.ioctl_err = 0;
	CHECK(!memcmp(d, &before, sizeof(before)));
	fake.mmap_err = ENOMEM;
	CHECK_ERR(nmport_open_desc(d) == -1, ENOMEM);
	CHECK(d->fd == -1 && !d->register_done && !d->mem);
	CHECK_ERR(nmport_open("netmap:eth0") == NULL, ENOMEM);
	fake.mmap_err = 0;
	CHECK_ERR(nmport_mmap(d) == -1, EINVAL);
	fake.adopt_err = ENOTTY;
	CHECK_ERR(nmport_open_desc(d) == -1, ENOTTY);
	fake.adopt_err = 0;
	CHECK(!nmport_home(d));
	nmport_close(d);

	tc.ctx.verbose = 0;
	tc.errors = 0;
	CHECK_ERR(nmport_open("eth0") == NULL, EINVAL);
	CHECK(tc.errors == 0 && *nmport_last_error());
}

/* An engine without the error option: asked again, and then no more. */
static void t_old_engine(void)
{
	struct nmport_d *d;
	int n;

	fake_region(1, 0, 1, 0, "11");
	fake.home = NMIO_HOME_USER;
	fake.knows_error = false;
	d = nmport_open("netmap:eth0");
	CHECK(d && fake.ioctls == 2 && d->hdr.nr_options == 0);
	CHECK(fake.hdr.nr_options == 0);
	nmport_close(d);
	n = fake.ioctls;
	d = nmport_open("netmap:eth0");
	CHECK(d && fake.ioctls == n + 1);
	fake.ioctl_err = EINVAL;
	if (d) {
		struct nmreq_counters c;
		struct nmreq_port_status st;

		CHECK_ERR(nmport_counters(d, 0, 0, &c) == -1, EOPNOTSUPP);
		CHECK_ERR(nmport_status(d, &st) == -1, EOPNOTSUPP);
	}
	nmport_close(d);
}

static void t_option_status(void)
{
	struct nmport_d *d = nmport_prepare("vale0:v");
	struct nmreq_option mine = { .nro_reqtype = NETMAP_REQ_OPT_CSB };

	CHECK(nmport_offset(d, 1, 2, 3, 4) == 0);
	nmreq_push_option(&d->hdr, &mine);
	fake.ioctl_err = EINVAL;
	fake.opt_status = EINVAL;
	CHECK_ERR(nmport_open_desc(d) == -1, EINVAL);
	CHECK(tc.errors == 2);
	CHECK(strstr(tc.all, "vale0:v: option offsets: Invalid argument"));
	CHECK(strstr(tc.all, "vale0:v: option csb: Invalid argument"));
	CHECK(!nmreq_find_option(&d->hdr, NETMAP_REQ_OPT_ERROR));
	/* options the engine did not reach do not hide the reason */
	tc.errors = 0;
	fake.ioctl_err = EBUSY;
	fake.opt_status = EOPNOTSUPP;
	CHECK_ERR(nmport_open_desc(d) == -1, EBUSY);
	CHECK(tc.errors == 3 && strstr(nmport_last_error(), "busy"));
	fake.late = true;
	fake.ioctl_err = EMSGSIZE;
	fake.ioctls = 0;
	CHECK_ERR(nmport_register(d) == -1, EMSGSIZE);
	CHECK(fake.ioctls == 2 && d->fd == -1);
	nmport_close(d);
	CHECK(mine.nro_reqtype == NETMAP_REQ_OPT_CSB);
}

static void t_vnet(void)
{
	struct nmport_d *d;

	fake_region(1, 0, 1, 0, "11");
	fake.hdr_len = 99;
	d = nmport_open("vale0:v@vnet=12");
	CHECK(d && fake.hdr_len == 12 && !strcmp(fake.hdr.nr_name, "vale0:v"));
	CHECK(fake.asked.nr_flags == NR_ACCEPT_VNET_HDR);
	nmport_close(d);
	fake.fail_type = NETMAP_REQ_PORT_HDR_SET;
	fake.ioctl_err = EOPNOTSUPP;
	d = nmport_prepare("vale0:v@vnet=10");
	CHECK_ERR(nmport_open_desc(d) == -1, EOPNOTSUPP);
	CHECK(d->fd == -1 && !d->register_done && !d->reg.nr_memsize);
	nmport_close(d);
	d = nmport_open("vale0:v@vnet");
	CHECK(d != NULL);
	nmport_close(d);
}

/* One mapping per region, home and size; recycled ids get their own. */
static void t_regions(void)
{
	struct nmport_d *a, *b, *c, *e;

	fake_region(2, 0, 2, 0, "1111");
	a = nmport_open("netmap:a");
	b = nmport_open("netmap:b");
	if (!CHECK(a && b))
		return;
	CHECK(a->mem == b->mem && fake.maps == 1 && a->mem->refcount == 2);
	fake.home = NMIO_HOME_USER;
	c = nmport_open("netmap:c");
	fake.home = NMIO_HOME_KERNEL;
	CHECK(c && c->mem != a->mem && fake.maps == 2);
	fake.reply.nr_memsize -= 4096;
	e = nmport_open("netmap:e");
	CHECK(e && e->mem != a->mem && e->mem != c->mem && fake.maps == 3);
	nmport_close(e);
	fake.reply.nr_memsize += 4096;
	fake.reply.nr_tx_rings = 9;	/* not what the old memory says */
	e = nmport_open("netmap:e");
	CHECK(e && e->mem != a->mem && fake.maps == 4);
	nmport_close(e);
	nmport_close(a);
	CHECK(b->mem->refcount == 1 && b->mem == tc.ctx.mem_descs->next);
	nmport_close(b);
	CHECK(c && tc.ctx.mem_descs == c->mem);
	nmport_close(c);
}

/* Offsets that lead out of the mapping. */
static void t_bad_reply(void)
{
	struct nmport_d *d = nmport_prepare("netmap:eth0");
	struct netmap_if *nifp;
	struct netmap_ring *ring;
	int i;

	for (i = 0; i < 9; i++) {
		fake_region(1, 0, 1, 0, "11");
		nifp = (struct netmap_if *)(fake.region + FAKE_IF);
		ring = NETMAP_RXRING(nifp, 0);
		switch (i) {
		case 0:
			fake.reply.nr_offset = fake.size;
			break;
		case 1:
			fake.reply.nr_offset = UINT64_MAX - 7;
			break;
		case 2:
			fake.reply.nr_offset = fake.size - 8;
			break;
		case 3:
			*(uint32_t *)&nifp->ni_tx_rings = 60000;
			break;
		case 4:
			*(uint32_t *)&nifp->ni_rx_rings = UINT32_MAX;
			break;
		case 5:
			*(ssize_t *)&nifp->ring_ofs[0] = fake.size;
			break;
		case 6:
			*(ssize_t *)&nifp->ring_ofs[1] = -(1L << 62);
			break;
		case 7:
			*(uint32_t *)&ring->num_slots = UINT32_MAX;
			break;
		case 8:
			*(int64_t *)&ring->buf_ofs = fake.size;
			break;
		}
		CHECK_ERR(nmport_open_desc(d) == -1, EINVAL);
		libtest_check(!d->mem && !d->nifp && d->fd == -1, __FILE__,
			      __LINE__, "case %d", i);
	}
	fake_region(1, 0, 1, 0, "11");
	fake.reply.nr_memsize = 0;
	CHECK_ERR(nmport_open_desc(d) == -1, EINVAL);
	nmport_close(d);
}

static void t_clone(void)
{
	struct nmport_d *d, *c;

	fake_region(2, 0, 2, 0, "1111");
	d = nmport_prepare("netmap:eth0-1/x@bufs=3");
	CHECK(nmport_offset(d, 1, 1, 0, 0) == 0);
	CHECK(nmport_open_desc(d) == 0);
	c = nmport_clone(d);
	if (CHECK(c != NULL)) {
		CHECK(!strcmp(c->hdr.nr_name, "eth0") && !c->hdr.nr_options);
		CHECK(c->hdr.nr_body == (uintptr_t)&c->reg && c->ctx == d->ctx);
		CHECK(!memcmp(&c->reg, &d->reg, sizeof(c->reg)));
		CHECK(c->fd == -1 && !c->register_done && !c->mem && !c->clist);
		c->reg.nr_ringid = 0;
		CHECK(nmport_open_desc(c) == 0 && c->mem == d->mem);
		CHECK(fake.asked.nr_mem_id == 1 && fake.asked.nr_extra_bufs == 3);
		nmport_close(c);
	}
	nmport_close(d);
}

/* External memory is adopted, not mapped, and a clone finds it. */
static void t_extmem_open(void)
{
	struct nmport_d *d = nmport_prepare("vale0:v"), *c;

	fake_region(1, 0, 1, 0, "11");
	CHECK(nmport_extmem(d, fake.region, fake.size) == 0);
	CHECK(nmport_open_desc(d) == 0);
	CHECK(d->mem && d->mem->is_extmem && d->mem->mem == fake.region);
	c = nmport_clone(d);
	CHECK(c && !c->extmem && nmport_open_desc(c) == 0);
	CHECK(c && c->mem == d->mem && fake.maps == 0);
	nmport_close(d);
	nmport_close(c);
}

/* The program binds by itself: only mmap is the library's. */
static void t_fabricated(void)
{
	struct nmport_d *d = nmport_new();

	fake_region(1, 0, 1, 0, "11");
	strcpy(d->hdr.nr_name, "eth0");
	d->reg = fake.reply;
	d->fd = nmio_open(NMIO_HOME_AUTO);
	d->register_done = 1;
	CHECK(nmport_mmap(d) == 0 && nmport_tx_rings(d) == 1);
	nmport_close(d);
}

/* Undo in any state, twice too, and errno stays. */
static void t_undo(void)
{
	int state;

	fake_region(1, 0, 1, 0, "11");
	for (state = 0; state < 4; state++) {
		struct nmport_d *d = nmport_new();

		CHECK(state < 1 || !nmport_parse(d, "vale0:v@vnet=0"));
		CHECK(state < 2 || !nmport_register(d));
		CHECK(state < 3 || !nmport_mmap(d));
		errno = ENOLINK;
		nmport_undo_open_desc(d);
		nmport_undo_mmap(d);
		nmport_undo_register(d);
		nmport_undo_parse(d);
		nmport_undo_parse(d);
		nmport_close(d);
		CHECK(errno == ENOLINK);
	}
}


/* Cleanups run last in first out, whatever the failure came from. */
static void t_cleanup_order(void)
{
	struct nmreq_option *first;
	struct nmport_d *d = nmport_prepare("vale0:v");

	CHECK(nmport_offset(d, 1, 1, 0, 0) == 0);
	first = (void *)(uintptr_t)d->hdr.nr_options;
	CHECK(nmport_extmem(d, d, 4096) == 0);
	CHECK_ERR(nmport_parse(d, "vale1:w@vnet=12@nothing") == -1, EINVAL);
	CHECK(d->extmem && d->hdr.nr_options == (uintptr_t)&d->extmem->nro_opt);
	CHECK(d->extmem->nro_opt.nro_next == (uintptr_t)first);
	CHECK(!strcmp(d->hdr.nr_name, "vale0:v"));
	nmport_close(d);
}

/* Fail the 1st, 2nd, ... allocation of a whole life; nothing may stay. */
static void t_alloc_sweep(void)
{
	struct nmport_d *d, *c;
	int n, done = 0;

	fake_region(1, 0, 1, 0, "11");
	nmport_enable_option("offset");
	for (n = 1; n < 50 && !done; n++) {
		tc.allocs = 0;
		tc.fail_at = n;
		errno = 0;
		d = nmport_open("vale0:v@conf=1@offset=8@vnet=12"
				"@share=netmap:eth0");
		c = d ? nmport_clone(d) : NULL;
		done = c && !nmport_open_desc(c);
		libtest_check(done || errno == ENOMEM, __FILE__, __LINE__,
			"allocation %d: errno %d", n, errno);
		nmport_close(c);
		nmport_close(d);
		libtest_check(tc.live == 0 && fake.opens == fake.closes &&
			fake.maps == fake.unmaps && !tc.ctx.mem_descs,
			__FILE__, __LINE__, "allocation %d leaks", n);
	}
	nmport_disable_option("offset");
	CHECK(done && n > 9);
}

static struct nmctx *locked;
static int depth, locks;

static void count_lock(struct nmctx *ctx, int lock)
{
	locked = ctx;
	locks += lock;
	depth += lock ? 1 : -1;
	CHECK(depth == 0 || depth == 1);
}

static void t_context(void)
{
	struct nmctx *old = nmctx_get();
	struct nmport_d *d;
	char *big;

	CHECK(old == &tc.ctx);
	fake_region(1, 0, 1, 0, "11");
	tc.ctx.lock = count_lock;
	d = nmport_open("vale0:v");
	nmctx_set_threadsafe();
	CHECK(nmctx_get() != &tc.ctx && nmctx_get()->lock &&
	      nmctx_get()->malloc == tc.ctx.malloc && !nmctx_get()->mem_descs);
	old = nmctx_get();
	nmctx_set_threadsafe();
	CHECK(nmctx_get() == old && nmctx_set_default(&tc.ctx) == old);
	nmport_close(d);
	CHECK(locked == &tc.ctx && depth == 0 && locks == 2);

	big = nmctx_malloc(&tc.ctx, 3000);
	memset(big, 'x', 2999);
	big[2999] = '\0';
	errno = ENOLINK;
	nmctx_ferror(&tc.ctx, "%s", big);
	CHECK(errno == ENOLINK);
	CHECK(strlen(nmport_last_error()) < 1000 &&
	      !strchr(nmport_last_error(), 'x'));
	nmctx_free(&tc.ctx, big);
	nmctx_free(&tc.ctx, NULL);
}

const struct libtest tests_port[] = {
	{ "port: open and close", t_open },
	{ "port: ring intervals", t_intervals },
	{ "port: errors of every step", t_errors },
	{ "port: an engine without extensions", t_old_engine },
	{ "port: options that were refused", t_option_status },
	{ "port: header length", t_vnet },
	{ "port: regions are mapped once", t_regions },
	{ "port: replies that cannot be right", t_bad_reply },
	{ "port: clone", t_clone },
	{ "port: external memory", t_extmem_open },
	{ "port: bound by the program", t_fabricated },
	{ "port: undo in any state", t_undo },
	{ "port: a failed parse keeps earlier options", t_cleanup_order },
	{ "port: every allocation fails once", t_alloc_sweep },
	{ "port: contexts", t_context },
	{ NULL, NULL }
};
