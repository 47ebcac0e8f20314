/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar of port specifications: what each one means, and that a wrong
 * one changes nothing and says where it is wrong.
 */
#include "tests/lib/libtest.h"

static const struct {
	const char *spec, *name;
	unsigned int mode, ring;
	uint64_t flags;
	unsigned int mem_id;
} good[] = {
	{ "netmap:eth0", "eth0", 1, 0, 0, 0 },
	{ "netmap:eth0^", "eth0", 2, 0, 0, 0 },
	{ "netmap:eth0^3", "eth0", 8, 3, 0, 0 },
	{ "netmap:eth0*", "eth0", 3, 0, 0, 0 },
	{ "netmap:eth0-3", "eth0", 4, 3, 0, 0 },
	{ "netmap:eth0-4094", "eth0", 4, 4094, 0, 0 },
	{ "netmap:eth0-1/xR@2", "eth0", 4, 1, 0x2800, 2 },
	{ "netmap:eth0-2@3/x", "eth0", 4, 2, 0x800, 3 },
	{ "netmap:eth0@3/x", "eth0", 1, 0, 0x800, 3 },
	{ "netmap:eth0/z@3", "eth0", 1, 0, 0x400, 3 },
	{ "netmap:eth0/xztrRT", "eth0", 1, 0, 0x6f00, 0 },
	{ "netmap:eth0^/x", "eth0", 2, 0, 0x800, 0 },
	{ "netmap:eth0*@9", "eth0", 3, 0, 0, 9 },
	{ "netmap:eth0@3@3", "eth0", 1, 0, 0, 3 },
	{ "netmap:eth0@65535", "eth0", 1, 0, 0, 65535 },
	{ "netmap:eth0{1", "eth0{1", 1, 0, 0, 0 },
	{ "netmap:eth0}x_y", "eth0}x_y", 1, 0, 0, 0 },
	{ "netmap:{1", "{1", 1, 0, 0, 0 },
	{ "netmap:pipe}1/R", "pipe}1", 1, 0, 0x2000, 0 },
	{ "netmap:eth0{a-1", "eth0{a", 4, 1, 0, 0 },
	{ "valeXX:p{3", "valeXX:p{3", 1, 0, 0, 0 },
	{ "vale:1", "vale:1", 1, 0, 0, 0 },
	{ "vale0:v/xz", "vale0:v", 1, 0, 0xc00, 0 },
	{ "netmap:eth0.100", "eth0.100", 1, 0, 0, 0 },
	{ "netmap:eth0+2", "eth0+2", 1, 0, 0, 0 },
	{ "netmap:\"br-lan\"-0", "br-lan", 4, 0, 0, 0 },
	{ "netmap:[br-lan]-7/x", "br-lan", 4, 7, 0x800, 0 },
	{ "netmap:[a@b*c^d/e]", "a@b*c^d/e", 1, 0, 0, 0 },
	{ "netmap:[br-lan]{2", "br-lan{2", 1, 0, 0, 0 },
	{ "vale0:[a-b]", "vale0:a-b", 1, 0, 0, 0 },
	{ "netmap:eth0@conf:", "eth0", 1, 0, 0, 0 },
	{ "netmap:eth0@5@conf:rings=1", "eth0", 1, 0, 0, 5 },
};

static void t_good(void)
{
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct nmport_d *d = nmport_prepare(good[i].spec);

		if (!CHECK(d != NULL)) {
			printf("# %s: %s", good[i].spec, tc.all);
			continue;
		}
		libtest_check(!strcmp(d->hdr.nr_name, good[i].name) &&
			d->reg.nr_mode == good[i].mode &&
			d->reg.nr_ringid == good[i].ring &&
			d->reg.nr_flags == good[i].flags &&
			d->reg.nr_mem_id == good[i].mem_id, __FILE__, __LINE__,
			"%s: name %s mode %u ring %u flags %llx region %u",
			good[i].spec, d->hdr.nr_name, d->reg.nr_mode,
			d->reg.nr_ringid, (unsigned long long)d->reg.nr_flags,
			d->reg.nr_mem_id);
		CHECK(d->hdr.nr_body == (uintptr_t)&d->reg);
		nmport_undo_prepare(d);
	}
	CHECK(tc.errors == 0);
}

#define E "netmap:eth0"

static const struct {
	const char *spec;
	int err;
	const char *says;	/* part of the sentence */
} bad[] = {
	{ "", EINVAL, "column 1" },
	{ "eth0", EINVAL, "netmap:NAME" },
	{ "tap:eth0", EINVAL, "column 1" },
	{ "vale", EINVAL, "column 5" },
	{ "vale-x:1", EINVAL, "column 5" },
	{ "vale0:", EINVAL, "missing" },
	{ "netmap", EINVAL, "column 7" },
	{ "netmapX:eth0", EINVAL, "column 7" },
	{ "netmap:", EINVAL, "column 8" },
	{ E "-", EINVAL, "column 13" },
	{ E "-4095", EINVAL, "0 to 4094" },
	{ E "-99999999999999999999", EINVAL, "0 to 4094" },
	{ E "^4095", EINVAL, "out of range" },
	{ E "*3", EINVAL, "unexpected '3'" },
	{ E "/", EINVAL, "xztrRT" },
	{ E "/q", EINVAL, "unknown flag 'q'" },
	{ E "/x/R", EINVAL, "column 14" },
	{ E "-2^", EINVAL, "unexpected '^'" },
	{ E "@", EINVAL, "conf" },
	{ E "@0", EINVAL, "1 to 65535" },
	{ E "@70000", EINVAL, "1 to 65535" },
	{ E "@3@4", EINVAL, "region 3" },
	{ "netmap:br-lan", EINVAL, "netmap:[NAME]" },
	{ "netmap:[br-lan", EINVAL, "no closing ]" },
	{ "netmap:\"br-lan", EINVAL, "no closing \"" },
	{ "netmap:[]", EINVAL, "empty" },
	{ "netmap:[a]b", EINVAL, "after the quoted name" },
	{ "netmap:[a{1]", EINVAL, "pipe" },
	{ E "{", EINVAL, "identifier" },
	{ E "{a.b", EINVAL, "'.'" },
	{ E "{1}2", EINVAL, "'}'" },
	{ E "@@conf:rings=1", EINVAL, "missing" },
	{ E "@conf", EINVAL, "column 17" },
	{ E "@conf:rings", EINVAL, "needs a value" },
	{ E "@conf:foo=1", EINVAL, "host-tx-rings" },
	{ E "@conf:rings=1,rings=2", EINVAL, "twice" },
	{ E "@conf:tx-rings=1,tx_rings=2", EINVAL, "twice" },
	{ E "@conf:rings=1,", EINVAL, "missing here" },
	{ E "@conf:rings=1@5", EINVAL, "unknown option '5'" },
	{ E "@conf:rings=abc", EINVAL, "key 'rings' of option 'conf'" },
	{ E "@conf:rings=70000", EINVAL, "0 to 65535" },
	{ E "@conf:rings=1k", EINVAL, "not a number" },
	{ E "@conf:slots=-1", EINVAL, "key 'slots'" },
	{ E "@conf:rings=70000,tx-rings=1,rx-rings=1", EINVAL, "'rings'" },
	{ E "@conf:slots=18446744073709551616", EINVAL, "not a number" },
	{ E "@conf:slots=4096M", EINVAL, "out of range" },
	{ E "@cfg=1", EINVAL, "share, extmem, conf" },
	{ E "@foo=1", EINVAL, "column 13" },
	{ E "@extmem:buf-num=1", EINVAL, "'file'" },
	{ E "@extmem=", EINVAL, "'file'" },
	{ E "@extmem=/nonexistent", ENOENT, "/nonexistent" },
	{ E "@extmem=/nonexistent@cfg", ENOENT, "" },
	{ E "@conf:rings=3@extmem:file=/dev/null,buf-num=x", EINVAL, "'buf-num'" },
	{ E "@offset=64", EOPNOTSUPP, "disabled" },
	{ E "@offset:bits=16", EOPNOTSUPP, "disabled" },
	{ E "@bufs", EINVAL, "bufs=VALUE" },
	{ E "@bufs=x", EINVAL, "number" },
	{ E "@vnet=11", EINVAL, "10 or 12" },
	{ E "@poll=1", EINVAL, "no default key" },
	{ E "@poll:no-tx=2", EINVAL, "0 to 1" },
	{ E "@share=eth1", EINVAL, "netmap:NAME" },
	{ E "@3@share=netmap:eth1", EINVAL, "region 7" },
	{ E "@share=netmap:eth1-0", EINVAL, "no meaning" },
	{ "netmap:0123456789012345678901234567890123456789012345678901234567890123",
	  EINVAL, "at most 63" },
};

static void t_bad(void)
{
	struct nmport_d *d = nmport_prepare("netmap:keep{1-2/x");
	struct nmport_d before;
	size_t i;

	if (!CHECK(d != NULL))
		return;
	before = *d;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int rv;

		tc.errors = 0;
		tc.all[0] = '\0';
		errno = 0;
		rv = nmport_parse(d, bad[i].spec);
		libtest_check(rv == -1 && errno == bad[i].err && tc.errors == 1,
			__FILE__, __LINE__, "%s: %d, errno %d, %d messages %s",
			bad[i].spec, rv, errno, tc.errors, tc.all);
		libtest_check(strstr(tc.all, bad[i].says) != NULL, __FILE__,
			__LINE__, "%s: '%s' does not say '%s'", bad[i].spec,
			tc.all, bad[i].says);
		libtest_check(!strncmp(nmport_last_error(), tc.all,
			strlen(tc.all) - 1), __FILE__, __LINE__,
			"%s: last error is %s", bad[i].spec,
			nmport_last_error());
		libtest_check(!memcmp(&before, d, sizeof(before)), __FILE__,
			__LINE__, "%s changed the descriptor", bad[i].spec);
	}
	CHECK(nmport_prepare("eth0") == NULL);
	CHECK_ERR(nmport_parse(d, NULL) == -1, EINVAL);
	nmport_undo_prepare(d);
}

/* A failed option takes back what the ones before it have attached. */
static void t_bad_after_option(void)
{
	struct nmport_d *d = nmport_new(), before = *d;

	nmport_enable_option("offset");
	CHECK_ERR(nmport_parse(d, E "@offset=64@foo=1") == -1, EINVAL);
	nmport_disable_option("offset");
	CHECK(!memcmp(&before, d, sizeof(before)));
	CHECK(tc.live == 1);
	CHECK(nmport_parse(d, "vale0:a") == 0);
	nmport_undo_prepare(d);
}

static void t_decoders(void)
{
	struct nmreq_header hdr;
	struct nmreq_register reg;
	const char *s = "vale1:x-2/x@conf:rings=1";

	memset(&hdr, 0xaa, sizeof(hdr));
	memset(&reg, 0, sizeof(reg));
	CHECK(nmreq_header_decode(&s, &hdr, &tc.ctx) == 0);
	CHECK(!strcmp(s, "-2/x@conf:rings=1") && !strcmp(hdr.nr_name, "vale1:x"));
	CHECK(hdr.nr_reserved == 0xaaaaaaaa && hdr.nr_options != 0);
	reg.nr_extra_bufs = 5;
	CHECK(nmreq_register_decode(&s, &reg, &tc.ctx) == 0);
	CHECK(!strcmp(s, "@conf:rings=1") && reg.nr_extra_bufs == 5);
	CHECK(reg.nr_mode == NR_REG_ONE_NIC && reg.nr_ringid == 2);

	s = "-1@4";
	reg.nr_mem_id = 3;
	CHECK_ERR(nmreq_register_decode(&s, &reg, &tc.ctx) == -1, EINVAL);
	CHECK(!strcmp(s, "-1@4") && reg.nr_ringid == 2);
	s = "@3";
	CHECK(nmreq_register_decode(&s, &reg, &tc.ctx) == 0 && !*s);
	s = "vale1";
	CHECK_ERR(nmreq_header_decode(&s, &hdr, &tc.ctx) == -1, EINVAL);
	CHECK(!strcmp(s, "vale1") && !strcmp(hdr.nr_name, "vale1:x"));
}

const struct libtest tests_parse[] = {
	{ "parse: valid specifications", t_good },
	{ "parse: invalid ones say why and change nothing", t_bad },
	{ "parse: failure takes back attached options", t_bad_after_option },
	{ "parse: the decoders alone", t_decoders },
	{ NULL, NULL }
};
