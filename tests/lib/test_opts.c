/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options: what each does to the request, the public extension point, the
 * lists of options, and external memory.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/lib/libtest.h"

static const struct {
	const char *opts;
	unsigned int tx, rx, txs, rxs, htx, hrx, bufs;
	uint64_t flags;
} confs[] = {
	{ "@conf:rings=2,tx-rings=4,slots=256,host-rings=3",
	  4, 2, 256, 256, 3, 3, 0, 0 },
	{ "@conf:tx-rings=4,rings=2", 4, 2, 0, 0, 0, 0, 0, 0 },
	{ "@conf:slots=8192", 0, 0, 8192, 8192, 0, 0, 0, 0 },
	{ "@conf:slots=2k,rx-slots=0x10", 0, 0, 2048, 16, 0, 0, 0, 0 },
	{ "@conf=2", 2, 2, 0, 0, 0, 0, 0, 0 },
	{ "@conf:rings=", 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "@conf:rings=65535", 65535, 65535, 0, 0, 0, 0, 0, 0 },
	{ "@conf:host_tx_rings=1,host-rx-rings=2", 0, 0, 0, 0, 1, 2, 0, 0 },
	{ "@conf=2@conf:slots=64", 2, 2, 64, 64, 0, 0, 0, 0 },
	{ "@bufs=16", 0, 0, 0, 0, 0, 0, 16, 0 },
	{ "@extra-bufs=1k", 0, 0, 0, 0, 0, 0, 1024, 0 },
	{ "@vnet", 0, 0, 0, 0, 0, 0, 0, NR_ACCEPT_VNET_HDR },
	{ "@vnet=12", 0, 0, 0, 0, 0, 0, 0, NR_ACCEPT_VNET_HDR },
	{ "@poll:no-tx", 0, 0, 0, 0, 0, 0, 0, NR_NO_TX_POLL },
	{ "@poll:no_tx,do-rx", 0, 0, 0, 0, 0, 0, 0,
	  NR_NO_TX_POLL | NR_DO_RX_POLL },
	{ "@poll:no-tx=0,do-rx=1", 0, 0, 0, 0, 0, 0, 0, NR_DO_RX_POLL },
};

static void t_conf(void)
{
	char spec[128];
	size_t i;

	for (i = 0; i < sizeof(confs) / sizeof(confs[0]); i++) {
		struct nmport_d *d;
		struct nmreq_register *r;

		snprintf(spec, sizeof(spec), "vale0:v%s", confs[i].opts);
		d = nmport_prepare(spec);
		if (!CHECK(d != NULL)) {
			printf("# %s: %s", spec, tc.all);
			continue;
		}
		r = &d->reg;
		libtest_check(r->nr_tx_rings == confs[i].tx &&
			r->nr_rx_rings == confs[i].rx &&
			r->nr_tx_slots == confs[i].txs &&
			r->nr_rx_slots == confs[i].rxs &&
			r->nr_host_tx_rings == confs[i].htx &&
			r->nr_host_rx_rings == confs[i].hrx &&
			r->nr_extra_bufs == confs[i].bufs &&
			r->nr_flags == confs[i].flags, __FILE__, __LINE__,
			"%s", spec);
		nmport_close(d);
	}
}

static void t_share(void)
{
	struct nmport_d *d = nmport_prepare("vale0:v@share=netmap:eth1");
	const char *s = "netmap:eth1-3";

	CHECK(d && d->reg.nr_mem_id == 7);
	CHECK(!strcmp(fake.hdr.nr_name, "eth1"));
	nmport_close(d);
	d = nmport_prepare("vale0:v@7@share=netmap:eth1");
	CHECK(d && d->reg.nr_mem_id == 7);
	nmport_close(d);
	CHECK(nmreq_get_mem_id(&s, &tc.ctx) == 7 && !strcmp(s, "-3"));
	fake.ioctl_err = ENXIO;
	CHECK_ERR(nmreq_get_mem_id(&s, &tc.ctx) == -1, EINVAL);
	s = "netmap:eth1-3";
	CHECK_ERR(nmreq_get_mem_id(&s, &tc.ctx) == -1, ENXIO);
	CHECK(!strcmp(s, "netmap:eth1-3"));
	fake.open_err = EACCES;
	CHECK_ERR(nmreq_get_mem_id(&s, &tc.ctx) == -1, EACCES);
}

static void t_offset(void)
{
	struct nmreq_opt_offsets *o;
	struct nmport_d *d;

	CHECK_ERR(nmport_enable_option("offsets") == -1, EOPNOTSUPP);
	nmport_disable_option("nothing");
	CHECK(nmport_enable_option("offset") == 0);
	d = nmport_prepare("vale0:v@offset:initial=64,bits=16");
	nmport_disable_option("offset");
	if (!CHECK(d != NULL))
		return;
	o = (void *)nmreq_find_option(&d->hdr, NETMAP_REQ_OPT_OFFSETS);
	CHECK(o && o->nro_initial_offset == 64 && o->nro_max_offset == 64 &&
	      o->nro_offset_bits == 16 && o->nro_min_gap == 0);
	CHECK(nmport_offset(d, 1, 2, 3, 4) == 0);
	CHECK_ERR(nmport_offset(d, 1, 2, 65, 4) == -1, EINVAL);
	o = (void *)nmreq_find_option(&d->hdr, NETMAP_REQ_OPT_OFFSETS);
	CHECK(o && o->nro_min_gap == 4 && o->nro_max_offset == 2);
	nmport_close(d);
	nmport_disable_option("conf");
	CHECK_ERR(nmport_prepare("vale0:v@conf=1") == NULL, EOPNOTSUPP);
	CHECK(nmport_enable_option("conf") == 0);
}

static void t_extmem(void)
{
	char name[] = "/tmp/libtest.XXXXXX", spec[128];
	struct nmreq_pools_info *pi;
	struct nmport_d *d;
	int fd = mkstemp(name);

	if (!CHECK(fd >= 0) || !CHECK(ftruncate(fd, 8192) == 0))
		return;
	close(fd);
	snprintf(spec, sizeof(spec),
		 "vale0:v@extmem:file=%s,buf-num=100,buf-size=2k", name);
	d = nmport_prepare(spec);
	if (CHECK(d != NULL)) {
		pi = nmport_extmem_getinfo(d);
		CHECK(pi && pi->nr_memsize == 8192 &&
		      pi->nr_buf_pool_objtotal == 100 &&
		      pi->nr_buf_pool_objsize == 2048);
		((volatile char *)(uintptr_t)d->extmem->nro_usrptr)[8191] = 1;
		CHECK_ERR(nmport_extmem(d, d, 1) == -1, EINVAL);
		CHECK_ERR(nmport_extmem_from_file(d, name) == -1, EINVAL);
		CHECK_ERR(nmport_clone(d) == NULL, EINVAL);
		nmport_undo_parse(d);
		CHECK(!d->extmem && !d->hdr.nr_options && !d->clist);
		CHECK(d->hdr.nr_version == NETMAP_API && d->hdr.nr_body);
		CHECK(nmport_parse(d, spec) == 0);
		nmport_close(d);
	}
	CHECK(truncate(name, 0) == 0);
	d = nmport_new();
	CHECK_ERR(nmport_extmem_from_file(d, name) == -1, EINVAL);
	CHECK_ERR(nmport_extmem_from_file(d, "/nonexistent") == -1, ENOENT);
	CHECK(!nmport_extmem_getinfo(d) && !d->clist);
	nmport_delete(d);
	unlink(name);
}

/* A parser list of a program. */
static const char *got_a, *got_b;
static int cb_result, cb_errno;

static int cb(struct nmreq_parse_ctx *p)
{
	static char a[32], b[32];

	CHECK(p->token == &got_a && p->ctx == &tc.ctx);
	got_a = p->keys[3] ? strcpy(a, p->keys[3]) : NULL;
	got_b = p->keys[15] ? strcpy(b, p->keys[15]) : NULL;
	errno = cb_errno;
	return cb_result;
}

static struct nmreq_opt_parser own = {
	.prefix = "own", .parse = cb, .default_key = 3, .nr_keys = 2,
	.flags = NMREQ_OPTF_ALLOWEMPTY,
	.keys = { { "a-key", 3, NMREQ_OPTK_DEFAULT },
		  { "b", 15, NMREQ_OPTK_ALLOWEMPTY } },
};

static void t_own_parser(void)
{
	cb_result = 0;
	cb_errno = 0;
	CHECK(nmreq_options_decode("@own", &own, &got_a, &tc.ctx) == 0);
	CHECK(!got_a && !got_b);
	CHECK(nmreq_options_decode("@own=x,y:z=1", &own, &got_a, &tc.ctx) == 0);
	CHECK(got_a && !strcmp(got_a, "x,y:z=1"));
	CHECK(!nmreq_options_decode("@own:b,a_key=q", &own, &got_a, &tc.ctx));
	CHECK(got_a && !strcmp(got_a, "q") && got_b && !strcmp(got_b, "b"));
	CHECK(nmreq_options_decode("", NULL, NULL, &tc.ctx) == 0);
	CHECK_ERR(nmreq_options_decode("x", &own, &got_a, &tc.ctx) == -1, EINVAL);
	CHECK_ERR(nmreq_options_decode("@other", &own, &got_a, &tc.ctx) == -1,
		  EINVAL);
	cb_result = -1;
	CHECK_ERR(nmreq_options_decode("@own", &own, &got_a, &tc.ctx) == -1,
		  EINVAL);
	cb_errno = ENOSPC;
	CHECK_ERR(nmreq_options_decode("@own", &own, &got_a, &tc.ctx) == -1,
		  ENOSPC);
	tc.fail_at = tc.allocs + 1;
	CHECK_ERR(nmreq_options_decode("@own", &own, &got_a, &tc.ctx) == -1,
		  ENOMEM);
}

static void t_lists(void)
{
	struct nmreq_option *a = calloc(1, sizeof(*a));
	struct nmreq_option *b = calloc(1, sizeof(*b)), *o;
	struct nmreq_header hdr;
	int n = 0;

	memset(&hdr, 0xff, sizeof(hdr));
	nmreq_header_init(&hdr, NETMAP_REQ_VALE_LIST, &n);
	CHECK(hdr.nr_version == NETMAP_API && !hdr.nr_options && !hdr.nr_name[0]);
	CHECK(hdr.nr_reqtype == NETMAP_REQ_VALE_LIST &&
	      hdr.nr_body == (uintptr_t)&n);
	a->nro_reqtype = NETMAP_REQ_OPT_CSB;
	b->nro_reqtype = NETMAP_REQ_OPT_EXTMEM;
	nmreq_push_option(&hdr, a);
	nmreq_push_option(&hdr, b);
	CHECK(hdr.nr_options == (uintptr_t)b);
	nmreq_foreach_option(&hdr, o)
		n++;
	CHECK(n == 2);
	CHECK(nmreq_find_option(&hdr, NETMAP_REQ_OPT_CSB) == a);
	CHECK(!nmreq_find_option(&hdr, NETMAP_REQ_OPT_OFFSETS));
	nmreq_remove_option(&hdr, a);
	CHECK(!nmreq_find_option(&hdr, NETMAP_REQ_OPT_CSB) && !a->nro_next);
	nmreq_remove_option(&hdr, a);
	nmreq_push_option(&hdr, a);
	nmreq_free_options(&hdr);
	CHECK(hdr.nr_options == 0);
	CHECK(!strcmp(nmreq_option_name(NETMAP_REQ_OPT_EXTMEM), "extmem"));
	CHECK(!strcmp(nmreq_option_name(2), "sync-kloop-eventfds"));
	CHECK(!strcmp(nmreq_option_name(3), "csb"));
	CHECK(!strcmp(nmreq_option_name(4), "sync-kloop-mode"));
	CHECK(!strcmp(nmreq_option_name(5), "offsets"));
	CHECK(!strcmp(nmreq_option_name(6), "unknown"));
}

const struct libtest tests_opts[] = {
	{ "opts: what each asks for", t_conf },
	{ "opts: share", t_share },
	{ "opts: offset, enabling and disabling", t_offset },
	{ "opts: external memory", t_extmem },
	{ "opts: parsers of a program", t_own_parser },
	{ "opts: lists", t_lists },
	{ NULL, NULL }
};
