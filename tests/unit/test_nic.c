/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Ports of interfaces, with a home that has one: fake0, two queues each way.
 *
 * What leaves is kept; how much is taken, and how much is on its way, is up to
 * the test.
 */
#include "tests/unit/rig.h"
#include "engine/nic.h"
#include "engine/plane/feed.h"
#include "engine/plane/wire_sync.h"

#define SLOTS	64u
#define KEPT	256u	/* frames */

struct nm_nic {
	uint32_t refs, n_mode;
	uint32_t rx, tx;	/* rings taken, as bits; host rings from 2 on */
	int refuse;		/* errno with which mode refuses to take */
	uint32_t mtu, own_slots;
};

/* Slots between head and tail. */
static uint32_t space(const struct netmap_ring *r)
{
	return nm_dist(r->head, r->tail, r->num_slots);
}

static struct nm_nic fake;
static struct {
	uint32_t room;		/* frames that will still be taken */
	uint32_t flying;
	uint32_t n;
	uint32_t i[KEPT], len[KEPT];	/* transmit ring, length */
	uint8_t last[KEPT];		/* last byte */
	uint32_t drives;
	uint32_t polls, poll_left;	/* threads; how many can still be made */
} wire;

static int fake_get(struct nm_engine *e, const struct nm_cred *cred,
		    const char *name, uint32_t admode, struct nm_nic **out,
		    char *msg)
{
	if (strcmp(name, "fake0")) {
		snprintf(msg, NM_WHY_LEN, "no interface %s", name);
		return -ENXIO;
	}
	fake.refs++;
	*out = &fake;
	return 0;
}

static void fake_put(struct nm_nic *nic)
{
	nic->refs--;
}

static int fake_info(struct nm_nic *nic, struct nm_nic_info *info, char *msg)
{
	memset(info, 0, sizeof(*info));
	info->tx_rings = info->rx_rings = 2;
	info->tx_slots = info->rx_slots = SLOTS;
	info->host_rings = 1;
	info->own_slots = nic->own_slots;
	info->mtu = nic->mtu;
	info->hdr_len = 18;
	info->rx_max = 32768;
	info->class = NM_CLASS_EMULATED;
	snprintf(info->why, sizeof(info->why), "a test");
	return 0;
}

static uint32_t taken(const struct nm_port *p, uint32_t dir)
{
	uint32_t i, bits = 0, n = dir ? nm_port_n_tx(p) : nm_port_n_rx(p);

	for (i = 0; i < n; i++)
		if (nm_ring_is_taken(dir ? nm_port_tx(p, i) : nm_port_rx(p, i)))
			bits |= 1u << i;
	return bits;
}

static int fake_mode(struct nm_nic *nic, struct nm_port *p, char *msg)
{
	uint32_t rx = taken(p, 0), tx = taken(p, 1);

	nic->n_mode++;
	if (nic->refuse && ((rx & ~nic->rx) || (tx & ~nic->tx))) {
		snprintf(msg, NM_WHY_LEN, "the test refuses");
		return nic->refuse;
	}
	nic->rx = rx;
	nic->tx = tx;
	return 0;
}

static int fake_drive(struct nm_engine *e, uint32_t ring, int on)
{
	wire.drives += on ? 1 : (uint32_t)-1;
	return 0;
}

static int fake_poll_start(struct nm_engine *e, uint32_t cpu, uint32_t first,
			   uint32_t n, struct nm_poller **out)
{
	if (!wire.poll_left)
		return -ENOMEM;
	wire.poll_left--;
	wire.polls++;
	*out = (struct nm_poller *)&wire;
	return 0;
}

static void fake_poll_stop(struct nm_poller *t)
{
	wire.polls--;
}

static uint32_t fake_n_cpus(struct nm_engine *e)
{
	return 4;
}

static uint32_t fake_out(struct nm_plane *pl, struct nm_actor *me,
			 uint32_t port, uint32_t i, const struct nm_frames *f)
{
	const struct nm_piece *p;
	uint32_t k;

	for (k = 0; k < f->n && wire.room; k++, wire.room--) {
		p = &f->piece[f->frame[k].first + f->frame[k].n - 1];
		if (!NM_CHECK(wire.n < KEPT))
			break;
		wire.i[wire.n] = i;
		wire.len[wire.n] = f->frame[k].len;
		wire.last[wire.n++] = p->buf[p->len - 1];
	}
	return k;
}

static uint32_t fake_in_flight(struct nm_plane *pl, uint32_t port, uint32_t i)
{
	return wire.flying;
}

static const struct nm_nic_ops fake_ops = {
	.get = fake_get,
	.put = fake_put,
	.info = fake_info,
	.mode = fake_mode,
};

static const struct nm_host_ops host_ops = {
	.sleepers = rig_sleepers,
	.drive = fake_drive,
	.poll_start = fake_poll_start,
	.poll_stop = fake_poll_stop,
	.n_cpus = fake_n_cpus,
	.nic = &fake_ops,
};

static const struct nm_plane_ops plane_ops = {
	.wake = rig_wake,
	.frames_out = fake_out,
	.in_flight = fake_in_flight,
};

static struct rig *start(void)
{
	memset(&fake, 0, sizeof(fake));
	memset(&wire, 0, sizeof(wire));
	fake.mtu = 1500;
	wire.room = KEPT;
	return rig_new_with(&host_ops, &plane_ops);
}

static void end(struct rig *g)
{
	nm_engine_detach_nics(g->e);
	NM_CHECK_EQ(g->e->nics == NULL, 1);
	NM_CHECK_EQ(fake.refs, 0);
	NM_CHECK_EQ(fake.rx | fake.tx, 0);
	NM_CHECK_EQ(wire.drives, 0);
	rig_free(g);
}

static struct nm_file *bind_mode(struct rig *g, uint32_t mode, uint32_t ringid)
{
	struct nmreq_register reg = { .nr_mode = mode, .nr_ringid = ringid };
	struct nm_file *f = rig_open(g);

	if (!f || NM_CHECK_EQ(rig_register(g, f, "fake0", &reg), 0))
		return f;
	nm_test_printf("# %s\n", nm_file_error(f));
	nm_file_close(f);
	return NULL;
}

/* --- binding ----------------------------------------------------------------- */

/* Which modes take which rings, and what a program finds. */
NM_TEST(modes)
{
	static const struct {
		uint32_t mode, ringid, flags, rx, tx;
	} t[] = {
		{ NR_REG_ALL_NIC, 0, 0, 3, 3 },
		{ NR_REG_ONE_NIC, 1, 0, 2, 2 },
		{ NR_REG_SW, 0, 0, 4, 4 },
		{ NR_REG_NIC_SW, 0, 0, 7, 7 },
		{ NR_REG_ONE_SW, 0, 0, 4, 4 },
		{ NR_REG_NIC_SW, 0, NR_RX_RINGS_ONLY, 7, 0 },
		{ NR_REG_ALL_NIC, 0, NR_TX_RINGS_ONLY, 0, 3 },
	};
	struct rig *g = start();
	struct rig_usage was;
	uint32_t k, i;

	NM_REQUIRE(g != NULL);
	for (k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
		struct nmreq_register reg = {
			.nr_mode = t[k].mode, .nr_ringid = t[k].ringid,
			.nr_flags = t[k].flags,
		};
		struct nm_file *f = rig_open(g);

		NM_REQUIRE(f != NULL);
		NM_CHECK_EQ(rig_register(g, f, "fake0", &reg), 0);
		NM_CHECK_EQ(reg.nr_tx_rings, 2);
		NM_CHECK_EQ(reg.nr_host_tx_rings, 1);
		NM_CHECK_EQ(reg.nr_host_rx_rings, 1);
		NM_CHECK_EQ(fake.rx, t[k].rx);
		NM_CHECK_EQ(fake.tx, t[k].tx);
		NM_CHECK_EQ(rig_if(f)->ni_host_tx_rings, 1);
		for (i = 0; i < 3; i++) {
			NM_CHECK_EQ(rig_ring(f, 0, i) != NULL, t[k].rx >> i & 1);
			NM_CHECK_EQ(rig_ring(f, 1, i) != NULL, t[k].tx >> i & 1);
			if (rig_ring(f, 1, i))
				NM_CHECK_EQ(rig_ring(f, 1, i)->ringid, i);
		}
		nm_file_close(f);
		NM_CHECK_EQ(fake.rx | fake.tx, 0);
		if (!k)		/* the first one made the region */
			rig_usage(g, &was);
	}
	rig_check_same(g, &was);
	end(g);
}

NM_TEST(host_rings_are_asked_for)
{
	struct nmreq_register reg = {
		.nr_mode = NR_REG_ONE_SW, .nr_ringid = 2,
		.nr_host_tx_rings = 3, .nr_host_rx_rings = 3,
	};
	struct rig *g = start();
	struct nm_file *f;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	NM_REQUIRE(f != NULL);
	NM_CHECK_EQ(rig_register(g, f, "fake0", &reg), 0);
	NM_CHECK_EQ(reg.nr_host_rx_rings, 3);
	NM_CHECK_EQ(fake.rx, 1 << 4);
	NM_CHECK(rig_ring(f, 0, 4) != NULL);
	nm_file_close(f);
	end(g);
}

NM_TEST(errors)
{
	static const struct {
		const char *name;
		struct nmreq_register reg;
		int error;
	} t[] = {
		{ "fake1", { .nr_mode = NR_REG_ALL_NIC }, -ENXIO },
		{ "fake0", { .nr_mode = NR_REG_NULL }, -EINVAL },
		{ "fake0", { .nr_mode = NR_REG_ONE_NIC, .nr_ringid = 2 }, -EINVAL },
		{ "fake0", { .nr_mode = NR_REG_ONE_SW, .nr_ringid = 1 }, -EINVAL },
	};
	struct rig *g = start();
	struct rig_usage was;
	struct nm_file *f;
	uint32_t k;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	NM_REQUIRE(f != NULL);
	rig_usage(g, &was);
	for (k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
		struct nmreq_register reg = t[k].reg;

		if (reg.nr_mode == NR_REG_NULL)
			reg.nr_mem_id = 0;
		NM_CHECK_EQ(rig_register(g, f, t[k].name, &reg), t[k].error);
		rig_check_same(g, &was);
	}
	fake.mtu = 9000;
	NM_CHECK_EQ(rig_register(g, f, "fake0", &(struct nmreq_register){ 0 }),
		    -EINVAL);
	NM_CHECK_EQ(rig_register(g, f, "fake0", &(struct nmreq_register){
			.nr_flags = NR_TX_RINGS_ONLY }), 0);
	nm_file_close(f);
	end(g);
}

/* The home says no: nothing has changed, and the next attempt is as the first. */
NM_TEST(home_refuses)
{
	struct nmreq_register reg = { .nr_mode = NR_REG_NIC_SW };
	struct rig *g = start();
	struct nm_file *a, *b;
	struct rig_usage was;

	NM_REQUIRE(g != NULL);
	b = rig_open(g);
	NM_REQUIRE(b != NULL);
	rig_usage(g, &was);
	fake.refuse = -EBUSY;
	NM_CHECK_EQ(rig_register(g, b, "fake0", &reg), -EBUSY);
	NM_CHECK(strstr(nm_file_error(b), "refuses") != NULL);
	NM_CHECK_EQ(fake.refs, 0);
	rig_check_same(g, &was);
	fake.refuse = 0;
	a = bind_mode(g, NR_REG_ONE_NIC, 0);
	NM_REQUIRE(a != NULL);
	rig_usage(g, &was);
	fake.refuse = -EBUSY;
	NM_CHECK_EQ(rig_register(g, b, "fake0", &reg), -EBUSY);
	NM_CHECK_EQ(fake.rx, 1);
	rig_check_same(g, &was);
	fake.refuse = 0;
	NM_CHECK_EQ(rig_register(g, b, "fake0", &reg), 0);
	NM_CHECK_EQ(fake.rx, 7);
	nm_file_close(a);
	NM_CHECK_EQ(fake.rx, 7);
	nm_file_close(b);
	end(g);
}

NM_TEST(interface_goes)
{
	struct rig *g = start();
	struct nm_file *f;
	uint32_t idx;

	NM_REQUIRE(g != NULL);
	f = bind_mode(g, NR_REG_ALL_NIC, 0);
	NM_REQUIRE(f != NULL);
	idx = rig_ring_idx(f, 0, 0);
	nm_ring_want(&g->e->pl, idx);
	nm_nic_rings_state(&g->e->pl, &g->me, idx, 1, NM_RING_LOCKED);
	NM_CHECK_EQ(g->n_wakes, 1);
	NM_CHECK_EQ(rig_sync(g, f, 0, 0), -EBUSY);
	nm_nic_rings_state(&g->e->pl, &g->me, idx, 1, NM_RING_RUN);
	NM_CHECK_EQ(rig_sync(g, f, 0, 0), 0);
	nm_nic_rings_state(&g->e->pl, &g->me, idx, 1, NM_RING_STOPPED);
	NM_CHECK_EQ(rig_sync(g, f, 0, 0), -EIO);
	nm_file_close(f);
	end(g);
}

/* --- sending ----------------------------------------------------------------- */

/* Fill the next slot of transmit ring @i. */
static void put(struct nm_file *f, uint32_t i, uint32_t len, uint16_t flags,
		uint8_t fill)
{
	struct netmap_ring *r = rig_ring(f, 1, i);
	struct netmap_slot *s = &r->slot[r->head];

	memset(rig_buf(f, s->buf_idx), fill, len);
	s->len = len;
	s->flags = flags;
	r->head = r->cur = nm_next(r->head, r->num_slots);
}

static uint32_t room(struct nm_file *f, uint32_t i)
{
	return space(rig_ring(f, 1, i));
}

NM_TEST(frames_leave)
{
	struct rig *g = start();
	struct nm_file *f;
	uint32_t k;

	NM_REQUIRE(g != NULL);
	f = bind_mode(g, NR_REG_NIC_SW, 0);
	NM_REQUIRE(f != NULL);
	put(f, 0, 60, 0, 1);
	put(f, 0, 100, NS_MOREFRAG, 2);
	put(f, 0, 0, NS_MOREFRAG, 2);
	put(f, 0, 50, NS_REPORT, 3);
	put(f, 0, 10, 0, 9);		/* too short */
	put(f, 0, 60, 0, 4);
	put(f, 0, 60, NS_MOREFRAG, 9);	/* not whole */
	NM_CHECK_EQ(rig_sync(g, f, 1, 0), 0);
	NM_CHECK_EQ(wire.n, 3);
	NM_CHECK_EQ(wire.len[1], 150);
	NM_CHECK_EQ(wire.last[1], 3);
	NM_CHECK_EQ(wire.last[2], 4);
	NM_CHECK_EQ(rig_ring(f, 1, 0)->slot[1].flags, 0);
	NM_CHECK_EQ(rig_ring(f, 1, 0)->slot[3].flags, 0);
	NM_CHECK_EQ(nm_pring_at(&g->e->pl, rig_ring_idx(f, 1, 0))->
		    drops[NM_DROP_SHORT], 1);
	NM_CHECK_EQ(room(f, 0), SLOTS - 2);
	put(f, 0, 60, 0, 5);
	NM_CHECK_EQ(rig_sync(g, f, 1, 0), 0);
	NM_CHECK_EQ(wire.n, 4);
	NM_CHECK_EQ(wire.len[3], 120);
	/* one ring of several, and the host's */
	put(f, 1, 60, 0, 6);
	put(f, 2, 60, 0, 7);
	NM_CHECK_EQ(rig_sync(g, f, 1, 1), 0);
	NM_CHECK_EQ(rig_sync(g, f, 1, 2), 0);
	NM_CHECK_EQ(wire.i[4], 1);
	NM_CHECK_EQ(wire.i[5], 2);
	/* a packet without an end is dropped when it fills the ring */
	for (k = 0; k < SLOTS - 1; k++)
		put(f, 0, 60, NS_MOREFRAG, 8);
	NM_CHECK_EQ(rig_sync(g, f, 1, 0), 0);
	NM_CHECK_EQ(room(f, 0), SLOTS - 1);
	NM_CHECK_EQ(wire.n, 6);
	nm_file_close(f);
	end(g);
}

NM_TEST(interface_is_full)
{
	struct rig *g = start();
	struct nm_file *f;
	uint32_t k;

	NM_REQUIRE(g != NULL);
	f = bind_mode(g, NR_REG_ALL_NIC, 0);
	NM_REQUIRE(f != NULL);
	wire.room = 40;
	for (k = 0; k < SLOTS - 1; k++)
		put(f, 0, 60, 0, k);
	NM_CHECK_EQ(rig_sync(g, f, 1, 0), 0);
	NM_CHECK_EQ(wire.n, 40);
	NM_CHECK_EQ(room(f, 0), 40);	/* none of them is on its way */
	wire.room = 3;
	wire.flying = 43;
	NM_CHECK_EQ(rig_sync(g, f, 1, 0), 0);
	NM_CHECK_EQ(wire.n, 43);
	NM_CHECK_EQ(room(f, 0), 40);	/* what was free stays free */
	wire.room = KEPT;
	wire.flying = SLOTS - 1;
	NM_CHECK_EQ(rig_sync(g, f, 1, 0), 0);
	NM_CHECK_EQ(wire.n, SLOTS - 1);
	for (k = 0; k < SLOTS - 1; k++)
		NM_CHECK_EQ(wire.last[k], k);
	wire.flying = 5;
	NM_CHECK_EQ(rig_sync(g, f, 1, 0), 0);
	NM_CHECK_EQ(room(f, 0), SLOTS - 1 - 5);
	wire.flying = 0;
	NM_CHECK_EQ(rig_sync(g, f, 1, 0), 0);
	NM_CHECK_EQ(room(f, 0), SLOTS - 1);
	nm_file_close(f);
	end(g);
}

NM_TEST(hostile_slots)
{
	struct rig *g = start();
	struct netmap_ring *r;
	struct nm_file *f;

	NM_REQUIRE(g != NULL);
	f = bind_mode(g, NR_REG_ALL_NIC, 0);
	NM_REQUIRE(f != NULL);
	r = rig_ring(f, 1, 0);
	put(f, 0, 60, 0, 1);
	r->slot[0].buf_idx = 0xffffffff;
	put(f, 0, 60, 0, 2);
	r->slot[1].buf_idx = 1;
	put(f, 0, 60, 0, 3);
	r->slot[2].len = 0xffff;	/* what fits is sent */
	NM_CHECK_EQ(rig_sync(g, f, 1, 0), 0);
	NM_CHECK_EQ(wire.n, 1);
	NM_CHECK_EQ(wire.len[0], r->nr_buf_size);
	NM_CHECK_EQ(nm_pring_at(&g->e->pl, rig_ring_idx(f, 1, 0))->
		    drops[NM_DROP_BAD_SLOT], 2);
	nm_file_close(f);
	end(g);
}

/* --- receiving --------------------------------------------------------------- */

struct bytes {
	struct nm_feed f;
	uint8_t fill;
	int fails;
};

static int bytes_copy(const struct nm_feed *f, uint32_t ofs, void *dst,
		      uint32_t len)
{
	const struct bytes *b = (const void *)f;
	uint8_t *d = dst;
	uint32_t i;

	if (b->fails)
		return -EFAULT;
	for (i = 0; i < len; i++)
		d[i] = b->fill + ofs + i;
	return 0;
}

static int feed(struct rig *g, uint32_t ring, uint32_t len, uint8_t fill)
{
	struct bytes b = { { len, bytes_copy }, fill, 0 };
	int error;

	nm_actor_enter(&g->e->pl, &g->me);
	error = nm_feed_put(&g->e->pl, ring, &b.f);
	nm_actor_leave(&g->e->pl, &g->me);
	return error;
}

NM_TEST(frames_arrive)
{
	struct rig *g = start();
	struct netmap_ring *r;
	struct nm_pring *pr;
	struct nm_file *f;
	uint32_t idx, k;

	NM_REQUIRE(g != NULL);
	f = bind_mode(g, NR_REG_NIC_SW, 0);
	NM_REQUIRE(f != NULL);
	r = rig_ring(f, 0, 2);
	idx = rig_ring_idx(f, 0, 2);
	pr = nm_pring_at(&g->e->pl, idx);
	NM_CHECK_EQ(feed(g, idx, 60, 0), 0);
	NM_CHECK_EQ(feed(g, idx, 2 * r->nr_buf_size + 1, 7), 0);
	NM_CHECK_EQ(feed(g, idx, 13, 0), -ENOSPC);
	NM_CHECK_EQ(pr->drops[NM_DROP_SHORT], 1);
	NM_CHECK_EQ(feed(g, idx, SLOTS * r->nr_buf_size, 0), -ENOSPC);
	NM_CHECK_EQ(pr->drops[NM_DROP_TOO_LONG], 1);
	NM_CHECK_EQ(rig_sync(g, f, 0, 2), 0);
	NM_CHECK_EQ(space(r), 4);
	NM_CHECK_EQ(r->slot[0].len, 60);
	NM_CHECK_EQ(rig_buf(f, r->slot[0].buf_idx)[59], 59);
	NM_CHECK(r->slot[1].flags & NS_MOREFRAG);
	NM_CHECK(r->slot[2].flags & NS_MOREFRAG);
	NM_CHECK(!(r->slot[3].flags & NS_MOREFRAG));
	NM_CHECK_EQ(r->slot[3].len, 1);
	NM_CHECK_EQ(rig_buf(f, r->slot[3].buf_idx)[0],
		    (uint8_t)(7 + 2 * r->nr_buf_size));
	for (k = 0; k < SLOTS; k++)
		feed(g, idx, 60, k);
	NM_CHECK_EQ(pr->drops[NM_DROP_NO_ROOM], 4);
	NM_CHECK_EQ(rig_sync(g, f, 0, 2), 0);
	NM_CHECK_EQ(space(r), SLOTS - 1);
	nm_file_close(f);
	NM_CHECK_EQ(feed(g, idx, 60, 0), -ENODEV);
	NM_CHECK(!nm_feed_is_open(&g->e->pl, idx));
	end(g);
}

/* Who cannot read a frame half-way leaves a ring that goes on working. */
NM_TEST(copy_fails)
{
	struct bytes b = { { 60, bytes_copy }, 0, 1 };
	struct rig *g = start();
	struct nm_file *f;
	uint32_t idx;

	NM_REQUIRE(g != NULL);
	f = bind_mode(g, NR_REG_ALL_NIC, 0);
	NM_REQUIRE(f != NULL);
	idx = rig_ring_idx(f, 0, 0);
	NM_CHECK_EQ(nm_feed_put(&g->e->pl, idx, &b.f), -ENOSPC);
	NM_CHECK_EQ(feed(g, idx, 60, 0), 0);
	NM_CHECK_EQ(rig_sync(g, f, 0, 0), 0);
	NM_CHECK_EQ(space(rig_ring(f, 0, 0)), 1);
	nm_file_close(f);
	end(g);
}

/* --- transparent mode -------------------------------------------------------- */

static void release_all(struct netmap_ring *r)
{
	r->head = r->cur = r->tail;
}

NM_TEST(forwarding)
{
	struct rig *g = start();
	struct netmap_ring *nic, *host;
	struct nm_file *f;
	uint32_t k;

	NM_REQUIRE(g != NULL);
	f = bind_mode(g, NR_REG_NIC_SW, 0);
	NM_REQUIRE(f != NULL);
	nic = rig_ring(f, 0, 1);
	host = rig_ring(f, 0, 2);
	for (k = 0; k < 4; k++) {
		NM_CHECK_EQ(feed(g, rig_ring_idx(f, 0, 1), 60 + k, 0), 0);
		NM_CHECK_EQ(feed(g, rig_ring_idx(f, 0, 2), 70 + k, 0), 0);
	}
	NM_CHECK_EQ(rig_sync(g, f, 0, 1), 0);
	NM_CHECK_EQ(rig_sync(g, f, 0, 2), 0);
	for (k = 0; k < 4; k += 2)
		nic->slot[k].flags |= NS_FORWARD;
	host->slot[3].flags |= NS_FORWARD;
	nic->flags |= NR_FORWARD;
	host->flags |= NR_FORWARD;
	release_all(nic);
	release_all(host);
	NM_CHECK_EQ(rig_sync(g, f, 0, 1), 0);
	NM_CHECK_EQ(wire.n, 2);
	NM_CHECK_EQ(wire.i[0], 2);	/* the host's ring */
	NM_CHECK_EQ(wire.len[1], 62);
	NM_CHECK(!(nic->slot[0].flags & NS_FORWARD));
	/* down only for who has all hardware transmit rings */
	g->me.flags = NM_SYNC_DOWN;
	NM_CHECK_EQ(rig_sync(g, f, 0, 2), 0);
	NM_CHECK_EQ(wire.n, 3);
	NM_CHECK_EQ(wire.i[2], 0);
	NM_CHECK_EQ(wire.len[2], 73);

	/* the parameter: everything, and what finds no room is counted */
	for (k = 0; k < 4; k++)
		feed(g, rig_ring_idx(f, 0, 2), 60, 0);
	NM_CHECK_EQ(rig_sync(g, f, 0, 2), 0);
	release_all(host);
	host->flags = 0;
	wire.room = 1;
	g->me.flags = NM_SYNC_DOWN | NM_SYNC_FWD;
	NM_CHECK_EQ(rig_sync(g, f, 0, 2), 0);
	NM_CHECK_EQ(wire.n, 4);
	NM_CHECK_EQ(nm_pring_at(&g->e->pl, rig_ring_idx(f, 0, 2))->
		    drops[NM_DROP_NO_ROOM], 3);
	g->me.flags = 0;
	nm_file_close(f);
	end(g);
}

/* --- on a switch ------------------------------------------------------------- */

static int attach(struct rig *g, struct nm_file *f, const char *name,
		  uint32_t mode)
{
	struct nmreq_vale_attach att;

	memset(&att, 0, sizeof(att));
	att.reg.nr_mode = mode;
	return rig_req(g, f, NETMAP_REQ_VALE_ATTACH, name, &att, sizeof(att));
}

static int detach(struct rig *g, struct nm_file *f, const char *name)
{
	struct nmreq_vale_detach det;

	memset(&det, 0, sizeof(det));
	return rig_req(g, f, NETMAP_REQ_VALE_DETACH, name, &det, sizeof(det));
}

/* Run every wire as often as it asks for. */
static void run_wires(struct rig *g)
{
	uint32_t ring;

	for (ring = 0; ring < 64; ring++)
		while (nm_wire_run(&g->e->pl, &g->me, ring))
			;
}

NM_TEST(attached)
{
	struct rig *g = start();
	struct rig_usage was, before;
	struct nm_file *a, *f;
	uint32_t idx, k;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	a = rig_bind(g, "vale0:first");
	NM_REQUIRE(a && f);
	nm_file_close(a);
	rig_usage(g, &before);
	a = rig_bind(g, "vale0:a");
	NM_REQUIRE(a != NULL);
	rig_usage(g, &was);
	NM_CHECK_EQ(attach(g, f, "vale0:nosuch", NR_REG_ALL_NIC), -EINVAL);
	NM_CHECK_EQ(attach(g, f, "vale0:fake0", NR_REG_ONE_NIC), -EINVAL);
	fake.refuse = -EBUSY;
	NM_CHECK_EQ(attach(g, f, "vale0:fake0", NR_REG_NIC_SW), -EBUSY);
	fake.refuse = 0;
	rig_check_same(g, &was);
	NM_CHECK_EQ(attach(g, f, "vale0:fake0", NR_REG_NIC_SW), 0);
	NM_CHECK_EQ(fake.rx, 7);
	NM_CHECK_EQ(attach(g, f, "vale0:fake0", NR_REG_NIC_SW), -EBUSY);
	NM_CHECK_EQ(attach(g, f, "vale1:fake0", NR_REG_NIC_SW), -EBUSY);
	NM_CHECK_EQ(rig_register(g, f, "fake0", &(struct nmreq_register){ 0 }),
		    -EBUSY);
	NM_CHECK_EQ(rig_register(g, f, "vale0:fake0",
				 &(struct nmreq_register){ 0 }), -EBUSY);
	run_wires(g);
	/* from the switch to the wire and to the host */
	NM_CHECK_EQ(rig_send(g, a, 5), 0);
	NM_CHECK_EQ(g->n_wakes, 2);
	run_wires(g);
	NM_CHECK_EQ(wire.n, 2);
	NM_CHECK_EQ(wire.last[0], 5);
	NM_CHECK_EQ(wire.i[0] + wire.i[1], 2);
	/* from the wire to the switch and to the host */
	idx = g->e->nics->ring0;
	for (k = 0; k < 300; k++) {
		struct netmap_ring *r = rig_ring(a, 0, 0);

		wire.n = 0;
		wire.room = KEPT;
		NM_CHECK_EQ(feed(g, idx + 1, 60, 0xff), 0);
		nm_ring_notify(&g->e->pl, &g->me, idx + 1);
		run_wires(g);
		NM_CHECK_EQ(wire.n, 1);
		NM_CHECK_EQ(wire.i[0], 2);
		NM_CHECK_EQ(rig_sync(g, a, 0, 0), 0);
		NM_CHECK_EQ(space(r), 1);
		release_all(r);
	}
	NM_CHECK_EQ(detach(g, f, "vale0:fake0"), 0);
	NM_CHECK_EQ(detach(g, f, "vale0:fake0"), -ENXIO);
	NM_CHECK_EQ(fake.rx | fake.tx, 0);
	rig_check_same(g, &was);
	NM_CHECK_EQ(attach(g, f, "vale0:fake0", NR_REG_ALL_NIC), 0);
	nm_file_close(a);
	nm_file_close(f);
	nm_engine_detach_nics(g->e);
	rig_check_same(g, &before);
	end(g);
}

/* What the interface has no room for waits, and what the switch has no room
 * for then is dropped. */
NM_TEST(attached_and_full)
{
	struct rig *g = start();
	struct nm_file *a, *f;
	uint32_t k;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	a = rig_bind(g, "vale0:a");
	NM_REQUIRE(a && f);
	NM_CHECK_EQ(attach(g, f, "vale0:fake0", NR_REG_ALL_NIC), 0);
	run_wires(g);
	wire.room = 10;
	for (k = 0; k < SLOTS + 20; k++) {
		NM_CHECK_EQ(rig_send(g, a, k), 0);
		run_wires(g);
	}
	NM_CHECK_EQ(wire.n, 10);
	wire.room = KEPT;
	run_wires(g);
	NM_CHECK(wire.n >= 10 + SLOTS - 1 && wire.n <= 10 + SLOTS);
	for (k = 0; k < wire.n; k++)
		NM_CHECK_EQ(wire.last[k], k);
	nm_file_close(a);
	nm_file_close(f);
	end(g);
}

static int poll_on(struct rig *g, struct nm_file *f, const char *name,
		   uint32_t mode, uint32_t first, uint32_t n)
{
	struct nmreq_vale_polling pol = {
		.nr_mode = mode, .nr_first_cpu_id = first,
		.nr_num_polling_cpus = n,
	};

	return rig_req(g, f, NETMAP_REQ_VALE_POLLING_ENABLE, name, &pol,
		       sizeof(pol));
}

static int poll_off(struct rig *g, struct nm_file *f, const char *name)
{
	struct nmreq_vale_polling pol = { 0 };

	return rig_req(g, f, NETMAP_REQ_VALE_POLLING_DISABLE, name, &pol,
		       sizeof(pol));
}

NM_TEST(polling)
{
	const uint32_t one = NETMAP_POLLING_MODE_SINGLE_CPU;
	const uint32_t many = NETMAP_POLLING_MODE_MULTI_CPU;
	struct rig *g = start();
	struct nm_file *a, *f;

	NM_REQUIRE(g != NULL);
	f = rig_open(g);
	a = rig_bind(g, "vale0:a");
	NM_REQUIRE(a && f);
	wire.poll_left = 1;
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0", one, 0, 1), -ENXIO);
	NM_CHECK_EQ(attach(g, f, "vale0:fake0", NR_REG_NIC_SW), 0);
	NM_CHECK_EQ(poll_on(g, f, "vale0:a", one, 0, 1), -EOPNOTSUPP);
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0^", one, 0, 1), -EOPNOTSUPP);
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0", one, 0, 0), -EINVAL);
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0", one, 0, 2), -EINVAL);
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0", one, 4, 1), -EINVAL);
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0", many, 0, 4), -EINVAL);
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0", many, 1, 2), -EINVAL);
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0", 3, 0, 1), -EINVAL);
	NM_CHECK_EQ(poll_off(g, f, "vale0:fake0"), -EFAULT);
	/* the second thread cannot be made: the first one ends */
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0", many, 0, 2), -EFAULT);
	NM_CHECK_EQ(wire.polls, 0);
	wire.poll_left = 9;
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0", many, 0, 2), 0);
	NM_CHECK_EQ(wire.polls, 2);
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0", one, 0, 1), -EFAULT);
	NM_CHECK_EQ(detach(g, f, "vale0:fake0"), -EBUSY);
	NM_CHECK_EQ(detach(g, f, "vale0:fake0^"), -EBUSY);
	NM_CHECK_EQ(poll_off(g, f, "vale0:fake0"), 0);
	NM_CHECK_EQ(wire.polls, 0);
	NM_CHECK_EQ(poll_on(g, f, "vale0:fake0", one, 0, 1), 0);
	nm_file_close(a);
	nm_file_close(f);
	nm_engine_detach_nics(g->e);
	NM_CHECK_EQ(wire.polls, 0);
	end(g);
}

/* --- without memory ---------------------------------------------------------- */

struct attempt {
	struct rig *g;
	struct nm_file *f;
	struct rig_usage was;
};

static int attempt_bind(void *ctx)
{
	struct attempt *t = ctx;
	struct nmreq_register reg = { .nr_mode = NR_REG_NIC_SW };

	return rig_register(t->g, t->f, "fake0", &reg);
}

static int attempt_attach(void *ctx)
{
	struct attempt *t = ctx;

	return attach(t->g, t->f, "vale9:fake0", NR_REG_NIC_SW);
}

static void attempt_undone(void *ctx)
{
	struct attempt *t = ctx;

	NM_CHECK_EQ(fake.refs, 0);
	NM_CHECK_EQ(fake.rx | fake.tx, 0);
	NM_CHECK_EQ(wire.drives, 0);
	rig_check_same(t->g, &t->was);
}

NM_TEST(allocation_sweep)
{
	struct attempt t = { .g = start() };
	struct nm_file *keep;

	NM_REQUIRE(t.g != NULL);
	keep = rig_bind(t.g, "valekeep:k");
	t.f = rig_open(t.g);
	NM_REQUIRE(keep && t.f);
	rig_usage(t.g, &t.was);
	NM_CHECK(nm_test_sweep(attempt_attach, attempt_undone, &t) >= 0);
	NM_CHECK_EQ(detach(t.g, t.f, "vale9:fake0"), 0);
	attempt_undone(&t);
	NM_CHECK(nm_test_sweep(attempt_bind, attempt_undone, &t) >= 0);
	nm_file_close(t.f);
	attempt_undone(&t);
	nm_file_close(keep);
	end(t.g);
}

NM_TEST_SUITE(nic,
	NM_T(modes),
	NM_T(host_rings_are_asked_for),
	NM_T(errors),
	NM_T(home_refuses),
	NM_T(interface_goes),
	NM_T(frames_leave),
	NM_T(interface_is_full),
	NM_T(hostile_slots),
	NM_T(frames_arrive),
	NM_T(copy_fails),
	NM_T(forwarding),
	NM_T(attached),
	NM_T(attached_and_full),
	NM_T(polling),
	NM_T(allocation_sweep));
