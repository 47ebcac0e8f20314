/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An engine of our own, and a program's part of the work around its syncs.
 *
 * Everything that could differ between two runs is pinned down, so that
 * instruction counts repeat: the seed of the learning table, the clock that
 * the plane sees, and the order of stations.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <net/netmap_user.h>

#include "bench/clock.h"
#include "bench/engine_rig.h"
#include "engine/engine.h"
#include "engine/os.h"

#define FRAME		60
#define SEED		0x5eed5eedu
#define SENDER_STATION	0xffffffu

struct rig_port {
	struct nm_file *file;
	struct nm_bound bound;
	uint32_t rx_idx, tx_idx;	/* in the plane */
	struct netmap_ring *rx, *tx;
};

struct engine_rig {
	const struct rig_plan *plan;
	struct nm_engine *engine;
	struct nm_plane *plane;
	struct nm_actor actor;
	struct rig_port sender, receiver[RIG_RECEIVERS];
	uint32_t next_station;
	uint64_t sum;
};

static void wake_nobody(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
}

static int map_nothing(struct nm_plane *pl, uint32_t region)
{
	return -ENOENT;
}

static int copy_nothing(struct nm_plane *pl, struct nm_actor *me, void *dst,
			uint64_t uaddr, uint32_t len)
{
	return -EOPNOTSUPP;
}

static const struct nm_plane_ops plane_ops = {
	.wake = wake_nobody,
	.map_region = map_nothing,
	.copy_in = copy_nothing,
};

static int read_own(void *ctx, void *dst, uint64_t addr, uint32_t len)
{
	memcpy(dst, (const void *)(uintptr_t)addr, len);
	return 0;
}

static int write_own(void *ctx, uint64_t addr, const void *src, uint32_t len)
{
	memcpy((void *)(uintptr_t)addr, src, len);
	return 0;
}

static int bind_port(struct nm_file *file, const char *name)
{
	static const struct nm_uaccess own = { read_own, write_own, NULL };
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	struct nmreq_header hdr = {
		.nr_version = NETMAP_API,
		.nr_reqtype = NETMAP_REQ_REGISTER,
		.nr_body = (uintptr_t)&reg,
	};
	struct nm_reqbuf *rb = calloc(1, sizeof(*rb));
	int error;

	if (!rb)
		return -ENOMEM;
	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "%s", name);
	error = nm_reqbuf_gather(rb, &own, (uintptr_t)&hdr);
	if (!error)
		error = nm_file_ctrl(file, rb);
	free(rb);
	return error;
}

static struct netmap_ring *ring_at(struct engine_rig *rig, uint32_t idx)
{
	const struct nm_pring *r = nm_pring_at(rig->plane, idx);

	return nm_os_mem_at(&rig->plane->mem[r->region], r->ring_ofs);
}

static int open_port(struct engine_rig *rig, struct rig_port *p, const char *name)
{
	struct nm_cred cred = {
		.uid = (uint32_t)geteuid(),
		.pid = (uint32_t)getpid(),
		.direct = 1,
		.why = "same process",
	};
	int error;

	error = nm_file_open(rig->engine, &cred, &p->file);
	if (!error)
		error = bind_port(p->file, name);
	if (!error)
		error = nm_file_bound(p->file, &p->bound);
	if (error) {
		fprintf(stderr, "engine: cannot bind %s: %s\n", name, strerror(-error));
		return -1;
	}
	p->rx_idx = p->bound.ring0;
	p->tx_idx = p->bound.ring0 + p->bound.n_rx;
	p->rx = ring_at(rig, p->rx_idx);
	p->tx = ring_at(rig, p->tx_idx);
	return 0;
}

static int sync_ring(struct engine_rig *rig, uint32_t idx, int tx)
{
	int error = nm_ring_sync_user(rig->plane, &rig->actor, idx, tx);

	if (error)
		fprintf(stderr, "engine: sync of ring %u: %s\n", idx, strerror(-error));
	return error ? -1 : 0;
}

/* Address of a station: 02:00:00 and its number. */
static void put_address(uint8_t *to, uint32_t station)
{
	to[0] = 0x02;
	to[1] = to[2] = 0;
	to[3] = (uint8_t)(station >> 16);
	to[4] = (uint8_t)(station >> 8);
	to[5] = (uint8_t)station;
}

static void put_frame(struct netmap_ring *ring, uint32_t i, bool broadcast,
		      uint32_t dst, uint32_t src)
{
	struct netmap_slot *slot = &ring->slot[i];
	uint8_t *buf = (uint8_t *)NETMAP_BUF(ring, slot->buf_idx);

	if (broadcast)
		memset(buf, 0xff, 6);
	else
		put_address(buf, dst);
	put_address(buf + 6, src);
	buf[12] = 0x88;
	buf[13] = 0xb5;
	memset(buf + 14, 0x5a, FRAME - 14);
	slot->len = FRAME;
	slot->flags = 0;
}

/* Consume all that a receive ring shows; returns how many frames. */
static uint32_t take_all(struct engine_rig *rig, struct rig_port *p)
{
	struct netmap_ring *ring = p->rx;
	uint32_t n = nm_ring_space(ring), i = ring->head;

	for (uint32_t k = 0; k < n; k++) {
		uint64_t word;

		memcpy(&word, NETMAP_BUF(ring, ring->slot[i].buf_idx), sizeof(word));
		rig->sum += word;
		i = nm_ring_next(ring, i);
	}
	ring->head = ring->cur = i;
	return n;
}

/* Everybody throws away what has come so far. */
static int drain(struct engine_rig *rig)
{
	for (int round = 0; round < 2; round++) {
		if (sync_ring(rig, rig->sender.rx_idx, 0))
			return -1;
		take_all(rig, &rig->sender);
		for (unsigned int k = 0; k < rig->plan->n_receivers; k++) {
			if (sync_ring(rig, rig->receiver[k].rx_idx, 0))
				return -1;
			take_all(rig, &rig->receiver[k]);
		}
	}
	return 0;
}

static int announce_port(struct engine_rig *rig, unsigned int k)
{
	const struct rig_plan *plan = rig->plan;
	struct rig_port *p = &rig->receiver[k];
	uint32_t n = 0;

	for (uint32_t s = k; s < plan->n_stations; s += plan->n_receivers) {
		put_frame(p->tx, p->tx->head, true, 0, s);
		p->tx->head = p->tx->cur = nm_ring_next(p->tx, p->tx->head);
		if (++n % RIG_BATCH && s + plan->n_receivers < plan->n_stations)
			continue;
		if (sync_ring(rig, p->tx_idx, 1) || drain(rig))
			return -1;
	}
	return 0;
}

/* The receivers speak once for each of their stations. */
static int announce(struct engine_rig *rig)
{
	for (unsigned int k = 0; k < rig->plan->n_receivers; k++) {
		if (announce_port(rig, k))
			return -1;
	}
	return 0;
}

static void fill_batch(struct engine_rig *rig)
{
	const struct rig_plan *plan = rig->plan;
	struct netmap_ring *ring = rig->sender.tx;
	uint32_t i = ring->head;

	for (uint32_t k = 0; k < RIG_BATCH; k++) {
		put_frame(ring, i, !plan->n_stations, rig->next_station, SENDER_STATION);
		if (++rig->next_station >= plan->n_stations)
			rig->next_station = 0;
		i = nm_ring_next(ring, i);
	}
	ring->head = ring->cur = i;
}

static int run_batch(struct engine_rig *rig, struct rig_time *time)
{
	const struct rig_plan *plan = rig->plan;
	uint32_t share = plan->n_stations ? RIG_BATCH / plan->n_receivers : RIG_BATCH;
	uint64_t start, sent, received;

	if (nm_ring_space(rig->sender.tx) < RIG_BATCH) {
		fprintf(stderr, "engine: %s: only %u free slots before a batch\n",
			plan->name, nm_ring_space(rig->sender.tx));
		return -1;
	}
	fill_batch(rig);
	start = clock_ns();
	if (sync_ring(rig, rig->sender.tx_idx, 1))
		return -1;
	sent = clock_ns();
	for (unsigned int k = 0; k < plan->n_receivers; k++) {
		if (sync_ring(rig, rig->receiver[k].rx_idx, 0))
			return -1;
	}
	received = clock_ns();
	time->send_ns += sent - start;
	time->receive_ns += received - sent;
	for (unsigned int k = 0; k < plan->n_receivers; k++) {
		uint32_t n = take_all(rig, &rig->receiver[k]);

		if (n == share)
			continue;
		fprintf(stderr, "engine: %s: receiver %u got %u of %u frames\n",
			plan->name, k, n, share);
		return -1;
	}
	return 0;
}

int rig_run(struct engine_rig *rig, unsigned int n_batches, struct rig_time *time)
{
	for (unsigned int b = 0; b < n_batches; b++) {
		if (run_batch(rig, time))
			return -1;
	}
	return 0;
}

static int open_ports(struct engine_rig *rig)
{
	const struct rig_plan *plan = rig->plan;
	char name[32];

	if (open_port(rig, &rig->sender, plan->pipe ? "valebench:p{0" : "valebench:tx"))
		return -1;
	for (unsigned int k = 0; k < plan->n_receivers; k++) {
		if (plan->pipe)
			snprintf(name, sizeof(name), "valebench:p}%u", k);
		else
			snprintf(name, sizeof(name), "valebench:rx%u", k);
		if (open_port(rig, &rig->receiver[k], name))
			return -1;
	}
	return 0;
}

static int create_actor(struct engine_rig *rig)
{
	size_t size = (nm_batch_size() + 127) & ~(size_t)127;
	int id = nm_actor_new(rig->engine, (uint32_t)getpid());

	if (id < 0) {
		fprintf(stderr, "engine: no actor: %s\n", strerror(-id));
		return -1;
	}
	rig->actor.id = (uint32_t)id;
	rig->actor.now_s = nm_os_now_s();
	rig->actor.batch = aligned_alloc(128, size);
	if (!rig->actor.batch)
		return -1;
	memset(rig->actor.batch, 0, size);
	return 0;
}

static int build(struct engine_rig *rig)
{
	int error = nm_engine_create(NULL, &plane_ops, NULL, NM_HOME_USER, &rig->engine);

	if (error) {
		fprintf(stderr, "engine: cannot create an engine: %s\n", strerror(-error));
		return -1;
	}
	rig->plane = nm_engine_plane(rig->engine);
	if (create_actor(rig) || open_ports(rig))
		return -1;
	if (rig->plan->pipe)
		return 0;
	nm_pswitch_at(rig->plane, nm_pport_at(rig->plane, rig->sender.bound.port_idx)->sw)
		->seed = SEED;
	return announce(rig);
}

struct engine_rig *rig_create(const struct rig_plan *plan)
{
	struct engine_rig *rig = calloc(1, sizeof(*rig));

	if (!rig)
		return NULL;
	rig->plan = plan;
	if (!build(rig))
		return rig;
	rig_destroy(rig);
	return NULL;
}

void rig_destroy(struct engine_rig *rig)
{
	for (unsigned int k = 0; k < RIG_RECEIVERS; k++) {
		if (rig->receiver[k].file)
			nm_file_close(rig->receiver[k].file);
	}
	if (rig->sender.file)
		nm_file_close(rig->sender.file);
	if (rig->actor.batch) {
		nm_actor_free(rig->engine, rig->actor.id);
		free(rig->actor.batch);
	}
	if (rig->engine)
		nm_engine_destroy(rig->engine);
	free(rig);
}
