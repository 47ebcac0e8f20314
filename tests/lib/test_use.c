/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Using an open port: packets into rings, extra buffers, syncs and questions.
 */
#include <limits.h>
#include <stdlib.h>

#include "tests/lib/libtest.h"

static char packet[65536];

static struct nmport_d *use_open(const char *which)
{
	size_t i;

	for (i = 0; i < sizeof(packet); i++)
		packet[i] = i * 7;
	fake_region(2, 0, 1, 0, which);
	return nmport_open("vale0:v");
}

static void t_inject_one(void)
{
	struct nmport_d *d = use_open("111");
	struct netmap_ring *r = NETMAP_TXRING(d->nifp, 0);

	CHECK(nmport_inject(d, packet, 60) == 60);
	CHECK(r->head == 1 && r->cur == 1 && d->cur_tx_ring == 0);
	CHECK(r->slot[0].len == 60 && r->slot[0].flags == 0);
	CHECK(!memcmp(NETMAP_BUF(r, r->slot[0].buf_idx), packet, 60));
	CHECK(fake.sync == 0);
	/* exactly one buffer, then one byte more */
	CHECK(nmport_inject(d, packet, FAKE_BUF) == FAKE_BUF && r->head == 2);
	CHECK(r->slot[1].len == FAKE_BUF && r->slot[1].flags == 0);
	CHECK(nmport_inject(d, packet, FAKE_BUF + 1) == FAKE_BUF + 1);
	CHECK(r->head == 4 && r->slot[2].len == FAKE_BUF &&
	      r->slot[2].flags == NS_MOREFRAG);
	CHECK(r->slot[3].len == 1 && r->slot[3].flags == 0);
	CHECK(*NETMAP_BUF(r, r->slot[3].buf_idx) == packet[FAKE_BUF]);
	nmport_close(d);
}

/* From one ring to the next, round the end, and none left. */
static void t_inject_full(void)
{
	struct nmport_d *d = use_open("111");
	struct netmap_ring *r0 = NETMAP_TXRING(d->nifp, 0);
	struct netmap_ring *r1 = NETMAP_TXRING(d->nifp, 1);
	int i;

	for (i = 0; i < 2 * (FAKE_SLOTS - 1); i++)
		CHECK(nmport_inject(d, packet, 60) == 60);
	CHECK(r0->head == r0->tail && r1->head == r1->tail);
	CHECK(d->cur_tx_ring == 1);
	CHECK_ERR(nmport_inject(d, packet, 60) == 0, EAGAIN);
	CHECK(d->cur_tx_ring == 1);
	/* two slots come back in ring 0, across its end */
	r0->tail = 1;
	CHECK_ERR(nmport_inject(d, packet, 3 * FAKE_BUF) == 0, EAGAIN);
	CHECK(r0->head == FAKE_SLOTS - 1);
	CHECK(nmport_inject(d, packet, 2 * FAKE_BUF) == 2 * FAKE_BUF);
	CHECK(r0->head == 1 && r0->cur == 1 && d->cur_tx_ring == 0);
	CHECK(tc.errors == 0);
	nmport_close(d);
}

static void t_inject_errors(void)
{
	struct nmport_d *d = use_open("111");
	struct netmap_ring *r0 = NETMAP_TXRING(d->nifp, 0);
	struct netmap_ring *r1 = NETMAP_TXRING(d->nifp, 1);
	struct nmport_d *e = nmport_new();
	int room = (FAKE_SLOTS - 1) * FAKE_BUF;

	CHECK_ERR(nmport_inject(e, packet, 60) == 0, EINVAL);
	nmport_delete(e);
	CHECK_ERR(nmport_inject(d, packet, 0) == 0, EINVAL);
	CHECK_ERR(nmport_inject(d, NULL, 1) == 0, EINVAL);
	CHECK_ERR(nmport_inject(d, packet, (size_t)INT_MAX + 1) == 0, EMSGSIZE);
	CHECK_ERR(nmport_inject(d, packet, room + 1) == 0, EMSGSIZE);
	r0->cur = r0->head = 3;
	CHECK_ERR(nmport_inject(d, packet, room + 1) == 0, EMSGSIZE);
	r0->cur = r0->head = 0;
	CHECK(nmport_inject(d, packet, room) == room);
	CHECK(r0->head == r0->tail);
	r0->tail = r0->head = r0->cur = 0;
	/* cur, not head, is where it starts */
	r0->tail = 7;
	r0->cur = 2;
	d->cur_tx_ring = 0;
	CHECK(nmport_inject(d, packet, 1) == 1 && r0->head == 3);
	/* damaged rings are passed over */
	r0->cur = FAKE_SLOTS;
	CHECK(nmport_inject(d, packet, 1) == 1 && d->cur_tx_ring == 1);
	r1->slot[1].buf_idx = 0x7fffffff;
	CHECK_ERR(nmport_inject(d, packet, 1) == 0, EINVAL);
	CHECK(r1->head == 1);
	nmport_close(d);

	d = use_open("001");
	CHECK_ERR(nmport_inject(d, packet, 60) == 0, EINVAL);
	nmport_close(d);
}

/* Offsets make the slot smaller and the packet start later. */
static void t_inject_offsets(void)
{
	struct nmport_d *d = use_open("111");
	struct netmap_ring *r = NETMAP_TXRING(d->nifp, 0);

	*(uint64_t *)&r->offset_mask = 0xffff;
	r->slot[0].ptr = 0xabcd000000000040ULL;
	CHECK(nmport_inject(d, packet, FAKE_BUF) == FAKE_BUF && r->head == 2);
	CHECK(r->slot[0].len == FAKE_BUF - 64 && r->slot[1].len == 64);
	CHECK(!memcmp(NETMAP_BUF(r, r->slot[0].buf_idx) + 64, packet,
		      FAKE_BUF - 64));
	nmport_close(d);
}

static void t_extra(void)
{
	struct nmport_d *d = use_open("001");
	struct netmap_ring *r = NETMAP_RXRING(d->nifp, 0);
	uint32_t link[2] = { 101, 0 };

	CHECK(nmport_extra_take(d) == 0);
	nmport_extra_give(d, 1);
	nmport_extra_give(d, 0x7fffffff);
	CHECK(d->nifp->ni_bufs_head == 0);
	nmport_extra_give(d, 30);
	nmport_extra_give(d, 31);
	memcpy(&link[0], NETMAP_BUF(r, 31), 4);
	memcpy(&link[1], NETMAP_BUF(r, 30), 4);
	CHECK(d->nifp->ni_bufs_head == 31 && link[0] == 30 && link[1] == 0);
	CHECK(nmport_extra_take(d) == 31 && nmport_extra_take(d) == 30);
	CHECK(nmport_extra_take(d) == 0 && d->nifp->ni_bufs_head == 0);
	d->nifp->ni_bufs_head = 0x7fffffff;
	CHECK_ERR(nmport_extra_take(d) == 0, EINVAL);
	nmport_close(d);
}

static void t_questions(void)
{
	struct nmport_d *d = nmport_prepare("vale0:v");
	struct nmreq_port_status st;
	struct nmreq_counters c;
	struct nmreq_header hdr;
	struct nmreq_port_hdr ph = { .nr_hdr_len = 10 };
	struct pollfd pfd[3];

	fake_region(1, 0, 1, 0, "11");
	CHECK_ERR(nmport_status(d, &st) == -1, EINVAL);
	CHECK(nmport_open_desc(d) == 0);
	CHECK(nmport_sync_tx(d) == 0 && fake.sync == NIOCTXSYNC);
	CHECK(nmport_sync_rx(d) == 0 && fake.sync == NIOCRXSYNC);
	CHECK(nmport_poll(pfd, 3, 0) == 3);
	CHECK(nmport_counters(d, 1, 0, &c) == 0 && c.nr_packets == 42 &&
	      c.nr_dir == 1 && !strcmp(fake.hdr.nr_name, "vale0:v"));
	CHECK(nmport_status(d, &st) == 0);
	CHECK_ERR(nmport_counters(d, 2, 0, &c) == -1, EINVAL);
	CHECK_ERR(nmport_counters(d, 0, 70000, &c) == -1, EINVAL);
	fake.ioctl_err = EINVAL;
	fake.sentence = "there is no ring 5";
	CHECK_ERR(nmport_counters(d, 0, 5, &c) == -1, EINVAL);
	CHECK(strstr(nmport_last_error(), "no ring 5"));
	fake.ioctl_err = ENXIO;
	CHECK_ERR(nmport_sync_tx(d) == -1, ENXIO);
	fake.home = NMIO_HOME_USER;
	CHECK(!strcmp(nmport_home(d), "user"));
	fake.home = NMIO_HOME_KERNEL;
	fake.ioctl_err = 0;
	nmport_close(d);

	nmreq_header_init(&hdr, NETMAP_REQ_PORT_HDR_SET, &ph);
	strcpy(hdr.nr_name, "vale0:v");
	CHECK(nmreq_ctrl(&hdr) == 0 && fake.hdr_len == 10);
	fake.ioctl_err = ENXIO;
	CHECK_ERR(nmreq_ctrl(&hdr) == -1, ENXIO);
	CHECK(hdr.nr_options == 0);
	fake.open_err = ENOENT;
	CHECK_ERR(nmreq_ctrl(&hdr) == -1, ENOENT);
	CHECK(nmport_version() == LIBNETMAP_VERSION);
}

const struct libtest tests_use[] = {
	{ "use: inject into slots", t_inject_one },
	{ "use: inject into full rings", t_inject_full },
	{ "use: inject what cannot be", t_inject_errors },
	{ "use: inject with offsets", t_inject_offsets },
	{ "use: extra buffers", t_extra },
	{ "use: syncs and questions", t_questions },
	{ NULL, NULL }
};
