/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A switch whose lookup is a module's (examples/vale-lookup): who gets what.
 *
 * Run by lookup_guest.sh, with a part of a test's name, when the module is in
 * the state that the test is for.  Every frame sent is looked for at every
 * port, and carries a number, so that what must not arrive would be seen.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "examples/vale-lookup/vale_lookup.h"
#include "tests/preload/pt.h"

#define N_PORTS		3
#define FRAME		60u
#define IPV4		0x0800
#define ARP		0x0806

static struct pt_port port[N_PORTS];
static uint32_t number;

static void open_ports(const char *fmt)
{
	char name[32];
	int i;

	for (i = 0; i < N_PORTS; i++) {
		snprintf(name, sizeof(name), fmt, i);
		pt_ctrl(&port[i], name, NR_REG_ALL_NIC, 0, 0, NULL);
	}
}

static void close_ports(void)
{
	int i;

	for (i = 0; i < N_PORTS; i++)
		pt_close(&port[i]);
}

static void send_one(int from, uint16_t type)
{
	struct netmap_ring *r = NETMAP_TXRING(port[from].nifp, 0);
	struct netmap_slot *s = &r->slot[r->head];
	uint8_t *buf = (uint8_t *)NETMAP_BUF(r, s->buf_idx);

	CHECK(nm_ring_space(r) > 0);
	memset(buf, 0, FRAME);
	buf[0] = 0x02;			/* a station nobody knows */
	buf[5] = 0xff;
	buf[6] = 0x02;
	buf[11] = (uint8_t)(1 + from);
	buf[12] = (uint8_t)(type >> 8);
	buf[13] = (uint8_t)type;
	number++;
	memcpy(buf + 14, &number, sizeof(number));
	s->len = FRAME;
	s->flags = 0;
	r->head = r->cur = nm_ring_next(r, r->head);
	CHECK(ioctl(port[from].fd, NIOCTXSYNC, NULL) == 0);
}

/* Frames at port @i, all of which must be the last that was sent. */
static uint32_t received(int i)
{
	struct netmap_ring *r = NETMAP_RXRING(port[i].nifp, 0);
	uint32_t n = 0, is;

	CHECK(ioctl(port[i].fd, NIOCRXSYNC, NULL) == 0);
	for (; !nm_ring_empty(r); n++) {
		struct netmap_slot *s = &r->slot[r->head];

		CHECK(s->len == FRAME);
		memcpy(&is, NETMAP_BUF(r, s->buf_idx) + 14, sizeof(is));
		CHECK(is == number);
		r->head = r->cur = nm_ring_next(r, r->head);
	}
	CHECK(ioctl(port[i].fd, NIOCRXSYNC, NULL) == 0);
	return n;
}

static void expect(int from, uint16_t type, uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t got[N_PORTS];
	int i;

	send_one(from, type);
	for (i = 0; i < N_PORTS; i++)
		got[i] = received(i);
	if (got[0] != a || got[1] != b || got[2] != c) {
		printf("# from %d, type %#x: %u %u %u, not %u %u %u\n", from,
		       type, got[0], got[1], got[2], a, b, c);
		CHECK(!"delivered as the rule says");
	}
}

static void expect_rule(void)
{
	expect(0, IPV4, 0, 1, 0);
	expect(1, IPV4, 0, 0, 1);
	expect(2, IPV4, 0, 0, 0);	/* position 3 is empty */
	expect(0, ARP, 0, 1, 1);
	expect(1, ARP, 1, 0, 1);
	expect(2, ARP, 1, 1, 0);
}

/* The last port is an interface; netmap:v1 is the other end of its wire. */
static void uplink_rule(void)
{
	struct netmap_ring *r;
	struct pt_port far;
	uint32_t is;
	int i;

	open_ports("vale7:vl%d");
	pt_ctrl(&far, "v1", NR_REG_ALL_NIC, 0, 0, NULL);
	/* out: IPv4 from position 2 goes to position 3 */
	send_one(2, IPV4);
	pt_wait(&far, POLLIN, PT_POLL);
	r = NETMAP_RXRING(far.nifp, far.rx0);
	CHECK(r->slot[r->head].len == FRAME);
	memcpy(&is, NETMAP_BUF(r, r->slot[r->head].buf_idx) + 14, sizeof(is));
	CHECK(is == number);
	for (i = 0; i < N_PORTS; i++)
		CHECK(received(i) == 0);
	/* in: what is no IPv4 goes to all others */
	pt_send(&far, 0, 1, PT_POLL);
	for (i = 0; i < N_PORTS; i++) {
		pt_wait(&port[i], POLLIN, PT_POLL);
		pt_close(&port[i]);
	}
	pt_close(&far);
}

static int configure(const char *sw, uint16_t src, uint16_t dst, int command)
{
	struct vale_lookup_conf conf = {
		.src = src, .dst = dst, .command = command,
	};
	struct nm_ifreq ifr;
	int fd = pt_dev(), error;

	memset(&ifr, 0, sizeof(ifr));
	snprintf(ifr.nifr_name, sizeof(ifr.nifr_name), "%s", sw);
	memcpy(ifr.data, &conf, sizeof(conf));
	error = ioctl(fd, NIOCCONFIG, &ifr) ? errno : 0;
	close(fd);
	return error;
}

/* The module's own switch, ports attached by it. */
static void own_rule(void)
{
	open_ports("vale7:vl%d");
	expect_rule();
	close_ports();
}

static void own_config(void)
{
	open_ports("vale7:vl%d");
	CHECK(configure("vale7:", 0, 2, VALE_LOOKUP_ADD) == 0);
	expect(0, IPV4, 0, 0, 1);
	expect(0, ARP, 0, 1, 1);
	expect(1, IPV4, 0, 0, 1);
	CHECK(configure("vale7", 2, 0, VALE_LOOKUP_ADD) == 0);
	expect(2, IPV4, 1, 0, 0);
	CHECK(configure("vale7", 0, 0, VALE_LOOKUP_ADD) == 0);
	expect(0, IPV4, 0, 0, 0);	/* to itself */
	CHECK(configure("vale7", 0, 0, VALE_LOOKUP_DEL) == 0);
	CHECK(configure("vale7", 2, 0, VALE_LOOKUP_DEL) == 0);
	expect_rule();
	CHECK(configure("vale7", 0, 1, 77) == EINVAL);
	CHECK(configure("vale7", 254, 1, VALE_LOOKUP_ADD) == ERANGE);
	CHECK(configure("vale8", 0, 1, VALE_LOOKUP_ADD) == EINVAL);
	expect_rule();
	close_ports();
}

static int request(uint16_t type, const char *name, void *body)
{
	struct nmreq_header hdr;
	int fd = pt_dev(), error;

	memset(&hdr, 0, sizeof(hdr));
	hdr.nr_version = NETMAP_API;
	hdr.nr_reqtype = type;
	hdr.nr_body = (uintptr_t)body;
	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "%s", name);
	error = ioctl(fd, NIOCCTRL, &hdr) ? errno : 0;
	close(fd);
	return error;
}

/* Programs can use an exclusive switch and not change what is on it. */
static void own_exclusive(void)
{
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	struct nmreq_vale_attach att = { .reg.nr_mode = NR_REG_ALL_NIC };
	struct nmreq_vale_detach det = { 0 };
	struct nmreq_vale_newif nif = { 0 };

	CHECK(request(NETMAP_REQ_REGISTER, "vale7:more", &reg) == EACCES);
	CHECK(request(NETMAP_REQ_VALE_NEWIF, "mine", &nif) == 0);
	CHECK(request(NETMAP_REQ_VALE_ATTACH, "vale7:mine", &att) == EACCES);
	CHECK(request(NETMAP_REQ_VALE_DETACH, "vale7:vl1", &det) == EACCES);
	CHECK(request(NETMAP_REQ_VALE_DELIF, "vl1", NULL) == EBUSY);
	CHECK(request(NETMAP_REQ_VALE_DELIF, "mine", NULL) == 0);
	CHECK(request(NETMAP_REQ_REGISTER, "vale7:vl1", &reg) == 0);
}

/* After the module: nothing is left of its switch and its ports. */
static void after_own(void)
{
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	struct nmreq_vale_newif nif = { 0 };

	CHECK(request(NETMAP_REQ_VALE_NEWIF, "vl0", &nif) == 0);
	CHECK(request(NETMAP_REQ_VALE_DELIF, "vl0", NULL) == 0);
	CHECK(request(NETMAP_REQ_REGISTER, "vale7:more", &reg) == 0);
	open_ports("vale7:x%d");
	expect(0, IPV4, 0, 1, 1);
	close_ports();
}

/* After a module that went without a word: the ports are there, for all. */
static void forgotten_own(void)
{
	struct nmreq_vale_detach det = { 0 };
	char name[32];
	int i;

	open_ports("vale7:vl%d");
	expect(0, IPV4, 0, 1, 1);
	CHECK(configure("vale7", 0, 1, VALE_LOOKUP_ADD) == EINVAL);
	close_ports();
	for (i = 0; i < N_PORTS; i++) {
		snprintf(name, sizeof(name), "vale7:vl%d", i);
		CHECK(request(NETMAP_REQ_VALE_DETACH, name, &det) == 0);
		CHECK(request(NETMAP_REQ_VALE_DELIF, name + 6, NULL) == 0);
	}
}

/* A switch of programs.  The test's shell loads and unloads the module. */
static void shell(const char *command)
{
	int status = system(command);

	if (status)
		printf("# '%s' ended with %#x\n", command, status);
	CHECK(status == 0);
}

static void others_switch(void)
{
	open_ports("vale0:x%d");
	expect(0, IPV4, 0, 1, 1);
	shell("insmod $EXAMPLE switch=vale0");
	expect_rule();
	CHECK(configure("vale0", 0, 2, VALE_LOOKUP_ADD) == 0);
	expect(0, IPV4, 0, 0, 1);
	/* the port leaves and the route with it (dtor) */
	pt_close(&port[0]);
	pt_ctrl(&port[0], "vale0:x0", NR_REG_ALL_NIC, 0, 0, NULL);
	expect_rule();
	shell("rmmod vale_lookup");
	expect(0, IPV4, 0, 1, 1);
	shell("insmod $EXAMPLE switch=vale0 forget=1");
	expect_rule();
	shell("rmmod vale_lookup");
	expect(0, IPV4, 0, 1, 1);
	close_ports();
}

/* Operations go with the switch, not with its name. */
static void others_switch_gone(void)
{
	open_ports("vale0:x%d");
	shell("insmod $EXAMPLE switch=vale0:");
	expect_rule();
	close_ports();
	open_ports("vale0:x%d");
	expect(0, IPV4, 0, 1, 1);
	shell("rmmod vale_lookup");
	expect(0, IPV4, 0, 1, 1);
	close_ports();
}

static void flood(void *arg)
{
	struct netmap_ring *r;
	struct pt_port p;
	uint32_t i;

	pt_ctrl(&p, "vale0:flood", NR_REG_ALL_NIC, 0, 0, NULL);
	r = NETMAP_TXRING(p.nifp, 0);
	for (i = 0; i < r->num_slots; i++) {
		uint8_t *buf = (uint8_t *)NETMAP_BUF(r, r->slot[i].buf_idx);

		memset(buf, 0x02, FRAME);
		buf[12] = 0x08;
		buf[13] = 0x00;
		r->slot[i].len = FRAME;
	}
	pt_ready();
	for (;;) {
		r->head = r->cur = r->tail;
		CHECK(ioctl(p.fd, NIOCTXSYNC, NULL) == 0);
	}
}

/* Loaded and unloaded, with and without a word, while lookups run. */
static void others_under_load(void)
{
	pid_t pid;
	int i;

	pid = pt_fork(flood, NULL);
	open_ports("vale0:x%d");
	for (i = 0; i < 6; i++) {
		shell(i % 2 ? "insmod $EXAMPLE switch=vale0 forget=1" :
		      "insmod $EXAMPLE switch=vale0");
		usleep(20000);
		shell("rmmod vale_lookup");
	}
	CHECK(kill(pid, SIGKILL) == 0);
	close_ports();
}

static const struct pt_test tests[] = {
	{ "own_rule", own_rule },
	{ "own_config", own_config },
	{ "own_exclusive", own_exclusive },
	{ "after_own", after_own },
	{ "forgotten_own", forgotten_own },
	{ "uplink_rule", uplink_rule },
	{ "others_switch", others_switch },
	{ "others_switch_gone", others_switch_gone },
	{ "others_under_load", others_under_load },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	return pt_main(argc, argv, "lookup", tests);
}
