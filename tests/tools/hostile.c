/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hostile: a client that lies in everything it shares with the engine.
 *
 *	hostile [-n ROUNDS] [-t SECONDS] [-S SEED] [-a ATTACK] [-x] [-u UID] PORT
 *
 * Each round takes an attack from the table at random and syncs; a session that
 * the server has ended is opened anew.  Attacks stay in our own rings; with -x
 * (for a region of our own: isolated path) also rings, interface and extra
 * buffer list are overwritten with noise.  Prints the seed, then per attack how
 * often it ran and how often the port had to be opened anew.  -u: as that
 * user, whose memory nobody else's is in.  It ends after
 * ROUNDS or SECONDS, whatever comes first.  Exit 0 unless the
 * port cannot be opened again.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libnetmap.h>
#include "tests/tools/frame.h"

#define SLOTS	1024u		/* the default geometry */

static uint64_t rng_state;

static uint32_t rnd(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state >> 16;
}

/* Numbers that like to break things. */
static uint32_t nasty(uint32_t near)
{
	switch (rnd() % 8) {
	case 0: return 0;
	case 1: return UINT32_MAX;
	case 2: return 0x80000000u;
	case 3: return near;
	case 4: return near - 1;
	case 5: return near + 1;
	case 6: return near + rnd() % 64;
	default: return rnd();
	}
}

static void bad_head(struct netmap_ring *r)
{
	r->head = nasty(r->num_slots);
}

static void bad_cur(struct netmap_ring *r)
{
	r->cur = nasty(r->num_slots);
}

static void cur_before_head(struct netmap_ring *r)
{
	r->head = r->tail;
	r->cur = (r->tail + r->num_slots - 1) % r->num_slots;
}

static void beyond_tail(struct netmap_ring *r)
{
	r->head = r->cur = (r->tail + 1 + rnd() % 16) % r->num_slots;
}

/* Fill some slots with @change of each, then offer them. */
static void offer(struct netmap_ring *r, void (*change)(struct netmap_slot *))
{
	uint32_t n = 1 + rnd() % 100, i = r->head, space = nm_ring_space(r);

	if (n > space)
		n = space;
	while (n-- > 0) {
		struct netmap_slot *s = &r->slot[i];

		change(s);
		i = nm_ring_next(r, i);
	}
	r->head = r->cur = i;
}

static void huge_len(struct netmap_slot *s)
{
	s->len = nasty(2048);
	s->flags = 0;
}

static void wild_buf(struct netmap_slot *s)
{
	s->buf_idx = nasty(rnd() % 2 ? 1u << 20 : 163840);
	s->len = 60;
	s->flags = NS_BUF_CHANGED;
}

static void wild_flags(struct netmap_slot *s)
{
	s->flags = rnd();
	s->len = rnd() % 2000;
}

static void endless_packet(struct netmap_slot *s)
{
	s->flags = NS_MOREFRAG;
	s->len = rnd() % 2048;
}

static void wild_pointer(struct netmap_slot *s)
{
	s->flags = rnd() % 2 ? NS_INDIRECT : 0;
	s->ptr = (uint64_t)rnd() << 32 | rnd();
	s->len = 60;
}

static void empty_packet(struct netmap_slot *s)
{
	s->len = rnd() % 14;
	s->flags = 0;
}

static void slots_len(struct netmap_ring *r) { offer(r, huge_len); }
static void slots_buf(struct netmap_ring *r) { offer(r, wild_buf); }
static void slots_flags(struct netmap_ring *r) { offer(r, wild_flags); }
static void slots_frag(struct netmap_ring *r) { offer(r, endless_packet); }
static void slots_ptr(struct netmap_ring *r) { offer(r, wild_pointer); }
static void slots_empty(struct netmap_ring *r) { offer(r, empty_packet); }

static void twice_the_same(struct netmap_ring *r)
{
	uint32_t i = r->head, k = nm_ring_next(r, i);

	r->slot[k].buf_idx = r->slot[i].buf_idx;
	r->slot[k].flags = r->slot[i].flags = NS_BUF_CHANGED;
	r->slot[k].len = r->slot[i].len = 60;
	r->head = r->cur = nm_ring_next(r, k);
}

static void noise(void *at, size_t len)
{
	uint8_t *p = at;
	size_t i, k = 1 + rnd() % 64;

	while (k-- > 0) {
		i = rnd() % len;
		p[i] = rnd();
	}
}

/*
 * Not where our own library looks for buffers, buf_ofs and nr_buf_size: there
 * the noise would only bring down ourselves.
 */
static void noise_header(struct netmap_ring *r)
{
	noise((char *)r + 16, 112);
	if (rnd() % 4 == 0)
		noise((char *)r + 8, 4);	/* num_slots */
}

static void noise_slots(struct netmap_ring *r)
{
	noise(r->slot, SLOTS * sizeof(r->slot[0]));
}

/* The block behind the slots, in which the two sides of a ring talk. */
static void noise_block(struct netmap_ring *r)
{
	size_t at = sizeof(*r) + SLOTS * sizeof(r->slot[0]);

	noise((char *)r + at, 256);
}

static const struct {
	const char *name;
	void (*run)(struct netmap_ring *r);
	int own_region;		/* only where the region is ours alone */
} attacks[] = {
	{ "head", bad_head, 0 },
	{ "cur", bad_cur, 0 },
	{ "cur-before-head", cur_before_head, 0 },
	{ "beyond-tail", beyond_tail, 0 },
	{ "len", slots_len, 0 },
	{ "buf-idx", slots_buf, 1 },
	{ "flags", slots_flags, 0 },
	{ "endless-packet", slots_frag, 0 },
	{ "pointer", slots_ptr, 1 },
	{ "empty", slots_empty, 0 },
	{ "same-buffer", twice_the_same, 1 },
	{ "noise-header", noise_header, 1 },
	{ "noise-slots", noise_slots, 1 },
	{ "noise-block", noise_block, 1 },
};

#define N_ATTACKS	(sizeof(attacks) / sizeof(attacks[0]))

static void quiet(struct nmctx *ctx, const char *msg)
{
	/* complaints are what we are here for */
}

/*
 * What our frames look like when an attack happens to be a valid one: not like
 * those of others, whose remains may be in the buffers we were given.
 */
static void stamp(struct netmap_ring *r)
{
	static const uint8_t head[14] = { [12] = 0x88, 0xb6 };
	uint32_t i;

	for (i = 0; i < r->num_slots; i++)
		memcpy(NETMAP_BUF(r, r->slot[i].buf_idx), head, sizeof(head));
}

/* Attack a ring whose address cannot be forged: computed before the noise. */
static int strike(struct nmport_d *d, struct netmap_ring *tx,
		  struct netmap_ring *rx, unsigned int a)
{
	struct pollfd pfd = { .fd = d->fd, .events = POLLIN | POLLOUT };
	struct netmap_ring *r = rnd() % 2 ? tx : rx;

	/* our own noise must not lead our own hands astray */
	*(uint32_t *)(uintptr_t)&r->num_slots = SLOTS;
	if (r->head >= SLOTS || r->tail >= SLOTS)
		r->head = r->cur = r->tail = 0;
	attacks[a].run(r);
	if (nmport_sync_tx(d) || nmport_sync_rx(d))
		return -1;
	if (nmport_poll(&pfd, 1, 0) < 0)
		return -1;
	return pfd.revents & (POLLERR | POLLNVAL) ? -1 : 0;
}

int main(int argc, char **argv)
{
	unsigned int ran[N_ATTACKS] = { 0 }, reopened[N_ATTACKS] = { 0 };
	unsigned int rounds = 10000, seconds = 3600, i, a, own_region = 0;
	struct netmap_ring *tx = NULL, *rx = NULL;
	const char *only = NULL;
	struct nmport_d *d = NULL;
	uint64_t seed = 1;
	uid_t uid = 0;
	int opt, ret = 0;
	int64_t end;

	while ((opt = getopt(argc, argv, "n:t:S:a:xu:")) != -1) {
		switch (opt) {
		case 'n': rounds = strtoul(optarg, NULL, 10); break;
		case 't': seconds = strtoul(optarg, NULL, 10); break;
		case 'S': seed = strtoull(optarg, NULL, 10); break;
		case 'a': only = optarg; break;
		case 'x': own_region = 1; break;
		case 'u': uid = strtoul(optarg, NULL, 10); break;
		default: return 2;
		}
	}
	if (optind + 1 != argc)
		return 2;
	if (uid && setuid(uid))
		return 2;
	rng_state = seed * 2 + 1;
	printf("seed %llu\n", (unsigned long long)seed);
	nmctx_get()->error = quiet;
	end = frame_now_ms() + seconds * 1000LL;
	for (i = 0; i < rounds && frame_now_ms() < end; i++) {
		if (!d) {
			d = nmport_open(argv[optind]);
			if (!d) {
				ret = 1;
				break;
			}
			tx = NETMAP_TXRING(d->nifp, d->first_tx_ring);
			rx = NETMAP_RXRING(d->nifp, d->first_rx_ring);
			stamp(tx);
		}
		a = rnd() % N_ATTACKS;
		if ((attacks[a].own_region && !own_region) ||
		    (only && strcmp(only, attacks[a].name)))
			continue;
		ran[a]++;
		/* now and then a fresh port, or noise would pile up */
		if (strike(d, tx, rx, a) || rnd() % 256 == 0) {
			reopened[a]++;
			nmport_close(d);
			d = NULL;
		}
	}
	for (a = 0; a < N_ATTACKS; a++)
		if (ran[a])
			printf("%s %u reopened %u\n", attacks[a].name, ran[a],
			       reopened[a]);
	if (ret)
		printf("cannot open: %s\n", nmport_last_error());
	nmport_close(d);
	return ret;
}
