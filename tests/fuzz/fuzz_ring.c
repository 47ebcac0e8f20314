/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Hostile users of the data plane, from arbitrary bytes.
 *
 * Ports 0 and 1 of a switch, and a pipe, belong to somebody hostile; ports 2
 * and 3 to somebody honest, with rings of other sizes.  The first byte says
 * what the hostile one can do; the rest is a program of steps:
 *
 *	slots	he writes slots, head and cur between syncs.  Then the honest
 *		must be able to send to each other, see whole frames of
 *		lengths that are possible, and keep all of their buffers.
 *	plane	he also writes words of rings, ports, the switch, inboxes,
 *		the learning table and the region's description.  Then
 *		only the memory must hold: nothing outside of plane and region
 *		is touched, nothing runs for ever.
 *
 * Plane and region lie in the midst of address space that nobody may touch.
 * After each input they are put back to what they were.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/unit/plane_fixture.h"

#define GUARD		(8ULL << 30)	/* bytes on either side */
#define BUF_SIZE	256u
#define N_BUFS		400u
#define HONEST_A	0x020000000002ULL
#define HONEST_B	0x020000000102ULL
#define STEPS_MAX	200u
#define N_PARTS		10u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct nm_fix *f;
static uint32_t pipe_tx, pipe_rx;

/* His rings as they were made; the plane may say other things later. */
static struct {
	struct netmap_ring *nr;
	uint32_t n;
} made[NM_FIX_RINGS];

/* What is put back: address, bytes, how it was. */
static struct part {
	void *at;
	size_t len;
	void *copy;
} part[N_PARTS];
static uint32_t n_parts;

/* Checks of the fixture: one that fails is a finding. */
int nm_test_check(int ok, const char *file, int line, const char *text)
{
	if (!ok) {
		fprintf(stderr, "%s:%d: %s\n", file, line, text);
		abort();
	}
	return ok;
}

int nm_test_check_eq(long long a, long long b, const char *file, int line,
		     const char *text)
{
	return nm_test_check(a == b, file, line, text);
}

/* Address space around @len bytes at @old, which move into its midst. */
static char *move_into_guards(char *old, size_t len)
{
	char *p = mmap(NULL, len + 2 * GUARD, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED ||
	    mremap(old, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, p + GUARD) ==
	    MAP_FAILED) {
		perror("fuzz_ring: address space");
		exit(2);
	}
	return p + GUARD;
}

static void guard_plane(struct nm_plane *pl)
{
	struct nm_os_table *t[] = {
		&pl->rings, &pl->ports, &pl->switches, &pl->members,
		&pl->inboxes, &pl->fdb, &pl->regions, &pl->actors,
	};
	char *old = (char *)pl->hdr, *p = move_into_guards(old, pl->hdr->size);
	size_t i;

	pl->hdr = (struct nm_plane_hdr *)p;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		t[i]->base = p + (t[i]->base - old);
	pl->mem[0].base = move_into_guards(pl->mem[0].base, pl->mem[0].size);
}

static void keep(void *at, size_t len)
{
	struct part *p = &part[n_parts++];

	p->at = at;
	p->len = len;
	p->copy = malloc(len);
	if (n_parts > N_PARTS || !p->copy)
		exit(2);
	memcpy(p->copy, at, len);
}

/* Frames in all slots that can be sent, so that giving them away is enough. */
static void fill_slots(uint32_t ring)
{
	struct netmap_ring *nr = nm_fix_ring(f, ring);
	uint32_t i;

	for (i = 0; i < nr->num_slots; i++)
		nm_fix_put(f, ring, i % 3 ? HONEST_A : NM_FIX_BCAST,
			   0x020000000202ULL + 256 * (i % 5), 60, i, 0);
	nr->head = nr->cur = 0;
}

static void setup(void)
{
	struct nm_plane *pl;
	uint32_t i;

	f = nm_fix_new(N_BUFS, BUF_SIZE);
	pl = &f->pl;
	guard_plane(pl);
	nm_fix_switch(f, 16);
	nm_fix_port(f, 0, 2, 2, 32);
	nm_fix_port(f, 1, 1, 1, 7);
	nm_fix_port(f, 2, 1, 1, 16);
	nm_fix_port(f, 3, 1, 1, 48);
	nm_fix_pipe(f, 12, &pipe_tx, &pipe_rx);
	for (i = 0; i < f->n_rings; i++) {
		made[i].nr = nm_fix_ring(f, i);
		made[i].n = made[i].nr->num_slots;
		if (made[i].nr->dir)
			fill_slots(i);
	}
	f->user_len = 300;
	f->user = calloc(1, f->user_len);
	keep(nm_pring_at(pl, 0), NM_FIX_RINGS * sizeof(struct nm_pring));
	keep(nm_pport_at(pl, 0), 8 * sizeof(struct nm_pport));
	keep(nm_pswitch_at(pl, 0), sizeof(struct nm_pswitch));
	keep(nm_members_at(pl, 0), NM_SWITCH_MEMBERS * sizeof(uint32_t));
	keep(nm_inbox_at(pl, 0), 12 * NM_INBOX_ENTRIES * sizeof(struct nm_entry));
	keep(nm_bucket_at(pl, 0), 16 * sizeof(struct nm_bucket));
	keep(nm_pregion_at(pl, 0), sizeof(struct nm_pregion));
	for (i = 0; i < NM_FIX_ACTORS; i++)
		f->actor[i].now_s = 1000 + i;
	keep(nm_fix_buf(f, 0), N_BUFS * BUF_SIZE);
	keep(pl->mem[0].base, f->ring_end);	/* the last: honest_buffers() */
}

/* The input, from the front; zeroes after its end. */
struct input {
	const uint8_t *p;
	size_t left;
};

static void get(struct input *in, void *dst, size_t len)
{
	size_t n = len < in->left ? len : in->left;

	memset(dst, 0, len);
	memcpy(dst, in->p, n);
	in->p += n;
	in->left -= n;
}

static uint32_t get8(struct input *in)
{
	uint8_t v;

	get(in, &v, 1);
	return v;
}

static uint32_t get32(struct input *in)
{
	uint32_t v;

	get(in, &v, 4);
	return v;
}

/* A ring of the hostile one. */
static uint32_t his_ring(struct input *in)
{
	uint32_t k = get8(in) % 8;

	return k == 6 ? pipe_tx : k == 7 ? pipe_rx : k;
}

static void write_slot(struct input *in)
{
	uint32_t ring = his_ring(in);
	struct netmap_slot *s = (struct netmap_slot *)(made[ring].nr + 1);
	struct netmap_slot raw;

	s += get8(in) % made[ring].n;
	get(in, &raw, sizeof(raw));
	if (!(raw.len & 0x8000)) {	/* mostly nearly right */
		raw.len %= BUF_SIZE + 2;
		raw.buf_idx = s->buf_idx;
	}
	*s = raw;
}

static void write_pointers(struct input *in)
{
	uint32_t ring = his_ring(in), n = made[ring].n, how = get8(in);
	struct netmap_ring *nr = made[ring].nr;

	if (how & 1) {
		nr->head = get32(in);
		nr->cur = get32(in);
	} else {
		nr->head = nr->cur = (nr->head + (how >> 1) % n) % n;
	}
}

static void write_plane(struct input *in)
{
	uint32_t what = get8(in), i = get8(in), ofs = get8(in), v;
	struct nm_plane *pl = &f->pl;
	uint32_t *w;

	switch (what % 8) {
	case 0:
	case 1:
		w = (uint32_t *)nm_pring_at(pl, i % 12) + ofs % 80;
		break;
	case 2:
		w = (uint32_t *)nm_pport_at(pl, i % 8) + ofs % 16;
		break;
	case 3:
		w = (uint32_t *)nm_pswitch_at(pl, 0) + ofs % 16;
		break;
	case 4:
		w = nm_members_at(pl, 0) + i % 8;
		break;
	case 5:
		w = (uint32_t *)nm_inbox_at(pl, i % 12) + ofs;
		break;
	case 6:
		w = (uint32_t *)nm_bucket_at(pl, i % 16) + ofs % 16;
		break;
	default:
		w = (uint32_t *)nm_pregion_at(pl, 0) + ofs % 10;
		break;
	}
	v = get32(in);
	*w = what & 0x80 ? v : *w + (int8_t)v;
}

static void sync_any(struct input *in, uint32_t n_rings)
{
	uint32_t k = get8(in), ring = n_rings == 8 ? his_ring(in) : k % n_rings;

	nm_ring_sync_user(&f->pl, &f->actor[0], ring,
			  nm_pring_at(&f->pl, ring)->dir != 0);
	nm_ring_has_work(&f->pl, ring);
	nm_inbox_pending(&f->pl, ring);
}

/* Slots of a ring of his are given away, and what comes is looked at. */
static void fire(struct input *in)
{
	uint32_t ring = his_ring(in), n = made[ring].n;
	struct netmap_ring *nr = made[ring].nr;

	nr->head = nr->cur = (nr->head % n + get8(in) % n) % n;
	nm_ring_sync_user(&f->pl, &f->actor[0], ring, nr->dir);
}

/* The honest read what is there; lengths are possible, all goes back. */
static void honest_read(uint32_t port)
{
	uint32_t rx = nm_fix_rx(f, port, 0), n;

	while ((n = nm_fix_waiting(f, rx)))
		while (n--)
			NM_CHECK(nm_fix_get(f, rx)->len <= BUF_SIZE);
}

/* They can send to each other, whatever the others do. */
static void honest_exchange(uint32_t tag)
{
	uint32_t rx = nm_fix_rx(f, 3, 0);
	struct netmap_slot *s;

	honest_read(3);
	nm_fix_send(f, 3, NM_FIX_BCAST, HONEST_B, tag);
	nm_fix_send(f, 2, HONEST_B, HONEST_A, tag);
	NM_CHECK_EQ(nm_fix_waiting(f, rx), 1);
	s = nm_fix_get(f, rx);
	NM_CHECK_EQ(nm_fix_tag(f, s), tag);
	NM_CHECK_EQ(s->flags, 1 << NS_PORT_SHIFT);
	honest_read(2);
}

/* Each buffer of an honest receive ring is in one place, and was always his. */
static void honest_buffers(uint32_t ring, const struct part *region)
{
	struct nm_pring *r = nm_pring_at(&f->pl, ring);
	struct nm_entry *e = nm_inbox_at(&f->pl, ring);
	const char *was = (const char *)region->copy + r->ring_ofs +
		sizeof(struct netmap_ring);
	uint8_t his[N_BUFS] = { 0 };
	uint32_t i, n = 0;
	uint64_t k;

	for (i = 0; i < r->n_slots; i++)
		his[((const struct netmap_slot *)(const void *)was)[i].buf_idx] = 1;
	for (i = r->hwcur; i != r->hwtail; i = nm_next(i, r->n_slots))
		n += his[nm_fix_slots(f, ring)[i].buf_idx]--;
	for (k = r->taken; k != r->posted; k++)
		n += his[e[k & r->inbox_mask].buf_idx]--;
	NM_CHECK_EQ(n, r->n_slots);
}

static void hostile_slots(struct input *in)
{
	uint32_t step;

	for (step = 0; in->left && step < STEPS_MAX; step++) {
		switch (get8(in) % 6) {
		case 5:
			fire(in);
			break;
		case 0:
			write_slot(in);
			break;
		case 1:
			write_pointers(in);
			break;
		case 2:
		case 3:
			sync_any(in, 8);
			break;
		default:
			honest_exchange(step);
			break;
		}
	}
	honest_exchange(step);
	honest_buffers(nm_fix_rx(f, 2, 0), &part[n_parts - 1]);
	honest_buffers(nm_fix_rx(f, 3, 0), &part[n_parts - 1]);
}

static void hostile_plane(struct input *in)
{
	uint32_t step;

	for (step = 0; in->left && step < STEPS_MAX; step++) {
		switch (get8(in) % 8) {
		case 0:
			write_slot(in);
			break;
		case 1:
			write_pointers(in);
			break;
		case 6:
		case 7:
			fire(in);
			break;
		case 2:
		case 3:
			write_plane(in);
			break;
		default:
			sync_any(in, 12);
			break;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint32_t i;

	if (!f)
		setup();
	if (get8(&in) & 1)
		hostile_plane(&in);
	else
		hostile_slots(&in);
	for (i = 0; i < n_parts; i++)
		memcpy(part[i].at, part[i].copy, part[i].len);
	f->pl.mem_gen[0] = 1;
	return 0;
}
