/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What there is, as text; and what a namespace leaves behind.
 */
#include "tests/unit/world.h"
#include "engine/plane/fdb.h"

struct text {
	char at[4096];
	size_t len;
};

static void put(void *ctx, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void put(void *ctx, const char *fmt, ...)
{
	struct text *t = ctx;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->at + t->len, sizeof(t->at) - t->len, fmt, ap);
	va_end(ap);
	if (n > 0 && t->len + n < sizeof(t->at))
		t->len += n;
}

static void show(struct nm_engine *e, enum nm_show_what what, struct text *t)
{
	const struct nm_show s = { .put = put, .ctx = t };

	t->len = 0;
	t->at[0] = '\0';
	nm_show(e, what, &s);
}

static int has(const struct text *t, const char *line)
{
	return NM_CHECK(strstr(t->at, line) != NULL);
}

static struct nm_file *file_in(struct nm_engine *e, uint64_t ns_id)
{
	const struct nm_cred cred = {
		.uid = 7, .pid = 4711, .ns_id = ns_id, .direct = 1,
	};
	struct nm_file *f = NULL;

	NM_CHECK_EQ(nm_file_open(e, &cred, &f), 0);
	return f;
}

static void with_port(struct nm_engine *e, struct nm_file *f, struct text *t)
{
	struct nm_bound b;
	struct nm_fdb fdb;

	NM_REQUIRE_EQ(nm_file_bound(f, &b), 0);
	nm_drop(nm_pring_at(nm_engine_plane(e), b.ring0), NM_DROP_NO_ROOM, 3);
	show(e, NM_SHOW_PORTS, t);
	has(t, "port vale0:a ns 5 kind vale region 1 rx-rings 1 tx-rings 1 rx-slots 1024 tx-slots 1024 holders 1\n");
	has(t, " holder 4711 uid 7\n");
	has(t, " rx 0 packets 0 bytes 0 syncs 0 wakeups 0 drop-no-room 3\n");
	has(t, " tx 0 packets 0 bytes 0 syncs 0 wakeups 0\n");
	NM_REQUIRE_EQ(nm_fdb_init(nm_engine_plane(e), 0, nm_os_now_s(), &fdb), 0);
	nm_fdb_learn(&fdb, 0x060504030200, 0);
	show(e, NM_SHOW_SWITCHES, t);
	has(t, "switch vale0 ns 5 index 0 ports 1 stations 1 age 300\n");
	has(t, " port vale0:a position 0\n");
	show(e, NM_SHOW_STATIONS, t);
	has(t, "station 00:02:03:04:05:06 switch vale0 ns 5 port vale0:a seen 0\n");
}

NM_TEST(ports_switches_stations)
{
	struct nm_engine *e = nm_world_new();
	struct text *t = nm_os_alloc(sizeof(*t));
	struct nm_file *f;

	NM_REQUIRE(e && t);
	f = file_in(e, 5);
	show(e, NM_SHOW_PORTS, t);
	NM_CHECK_STR(t->at, "");
	if (f && NM_CHECK_EQ(nm_world_register(f, "vale0:a", 0), 0))
		with_port(e, f, t);
	if (f)
		nm_file_close(f);
	show(e, NM_SHOW_PORTS, t);
	NM_CHECK_STR(t->at, "");
	show(e, NM_SHOW_STATIONS, t);
	NM_CHECK_STR(t->at, "");
	nm_os_free(t);
	nm_world_end(e);
}

static void new_port(struct nm_engine *e, uint64_t ns_id, const char *name)
{
	struct nm_file *f = file_in(e, ns_id);
	char attach[32];

	NM_REQUIRE(f != NULL);
	NM_CHECK_EQ(nm_file_ctrl(f, nm_world_req(NETMAP_REQ_VALE_NEWIF, name)),
		    0);
	snprintf(attach, sizeof(attach), "vale0:%s", name);
	if (name[0] == 'a')
		NM_CHECK_EQ(nm_file_ctrl(f, nm_world_req(NETMAP_REQ_VALE_ATTACH,
							 attach)), 0);
	nm_file_close(f);
}

NM_TEST(namespace_takes_its_ports_along)
{
	struct nm_engine *e = nm_world_new();
	struct text *t = nm_os_alloc(sizeof(*t));

	NM_REQUIRE(e && t);
	new_port(e, 5, "a");
	new_port(e, 5, "b");
	new_port(e, 6, "a");
	nm_engine_ns_gone(e, 7);
	show(e, NM_SHOW_PORTS, t);
	has(t, "port a ns 5 ");
	has(t, "port b ns 5 ");
	nm_engine_ns_gone(e, 5);
	show(e, NM_SHOW_PORTS, t);
	NM_CHECK(!strstr(t->at, "ns 5"));
	has(t, "port a ns 6 ");
	show(e, NM_SHOW_SWITCHES, t);
	NM_CHECK(!strstr(t->at, "ns 5"));
	has(t, "switch vale0 ns 6 ");
	nm_os_free(t);
	nm_world_end(e);
}

NM_TEST_SUITE(show,
	NM_T(ports_switches_stations),
	NM_T(namespace_takes_its_ports_along));
