/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Frames on their way out of rings of interfaces; see nic_sync.h.
 *
 *   gather    slots, each loaded once and checked, become frames
 *   out       the home copies them, or says how many it had room for
 *   settle    positions move, flags of what was taken are cleared
 *
 * Bad packets are consumed and counted when they are the first of a batch: a
 * batch ends before one, so that what the home did not take is not looked at
 * twice.
 */
#include "engine/plane/nic_sync.h"
#include "engine/plane/feed.h"
#include "engine/plane/vale_fwd.h"

#define ETH_LEN		14u
#define FLAGS_SPENT	(NS_BUF_CHANGED | NS_REPORT | NS_MOREFRAG)

/* Which packets of a ring are meant. */
enum gather_what {
	GATHER_WHOLE,	/* all; one that is not whole yet stays */
	GATHER_ALL,	/* all; the last may be cut short */
	GATHER_MARKED,	/* those whose first slot has NS_FORWARD */
};

/* A walk over slots [at, to) of a ring. */
struct gather {
	struct nm_view *v;
	struct nm_frames *f;
	enum gather_what what;
	uint32_t at, to;
};

/* Scratch of the actor, beside that of VALE, which outlives a batch. */
static struct nm_frames *frames_of(struct nm_actor *me)
{
	return &me->batch->out;
}

/* One slot becomes a piece, or nothing.  0, or 1 + the reason of a drop. */
static uint32_t gather_slot(const struct gather *g, struct nm_slot_head h,
			    struct nm_out *o)
{
	const struct nm_bufs *b = &g->v->bufs;
	struct nm_piece *p = &g->f->piece[o->first + o->n];

	if (o->n >= NETMAP_MAX_FRAGS)
		return 1 + NM_DROP_FRAGS;
	p->len = h.len < b->size ? h.len : b->size;
	if (!p->len)
		return 0;
	if (h.buf_idx < 2 || h.buf_idx >= b->n)
		return 1 + NM_DROP_BAD_SLOT;
	p->buf = nm_buf_at(b, h.buf_idx);
	if (!p->buf)
		return 1 + NM_DROP_NO_MEM;
	o->len += p->len;
	o->n++;
	return 0;
}

/* The ring is full of one packet, or there are too many slots of it. */
static int is_endless(const struct gather *g, uint32_t slots)
{
	return slots >= NETMAP_MAX_FRAGS || slots == g->v->n - 1;
}

/* What to do with the packet that starts at g->at, slots [g->at, end). */
enum verdict { V_TAKE, V_PASS, V_WAIT, V_DROP };

static enum verdict gather_packet(struct gather *g, struct nm_out *o,
				  uint32_t *end, uint32_t *why)
{
	uint32_t i = g->at, slots = 0, bad = 0, marked = 0;
	struct nm_slot_head h;

	*o = (struct nm_out){ .first = g->f->n_pieces, .at = g->at };
	*why = 0;
	do {
		h = nm_slot_load(&g->v->slots[i]);
		if (!slots++)
			marked = h.flags & NS_FORWARD;
		bad = gather_slot(g, h, o);
		if (bad && !*why)
			*why = bad;
		i = nm_next(i, g->v->n);
	} while ((h.flags & NS_MOREFRAG) && i != g->to);
	*end = i;
	if (g->what == GATHER_MARKED && !marked)
		return V_PASS;
	if (!*why && o->len < ETH_LEN)
		*why = 1 + NM_DROP_SHORT;
	if ((h.flags & NS_MOREFRAG) && g->what == GATHER_WHOLE) {
		if (!is_endless(g, slots))
			return V_WAIT;
		*why = 1 + NM_DROP_FRAGS;
	}
	return *why ? V_DROP : V_TAKE;
}

/* Fill a batch; return 0 when the walk is over with it. */
static int gather(struct gather *g)
{
	struct nm_frames *f = g->f;
	uint32_t end, why;

	f->n = 0;
	f->n_pieces = 0;
	while (g->at != g->to && f->n < NM_OUT_FRAMES &&
	       f->n_pieces <= NM_OUT_PIECES - NETMAP_MAX_FRAGS) {
		struct nm_out *o = &f->frame[f->n];

		switch (gather_packet(g, o, &end, &why)) {
		case V_TAKE:
			f->n++;
			f->n_pieces += o->n;
			break;
		case V_PASS:
			break;
		case V_WAIT:
			return 0;
		case V_DROP:
			if (f->n)
				return 1;
			nm_drop(g->v->r, why - 1, 1);
			break;
		}
		g->at = end;
	}
	return g->at != g->to;
}

/* Slots [from, to) were taken. */
static void spend(const struct nm_view *v, uint32_t from, uint32_t to)
{
	for (; from != to; from = nm_next(from, v->n)) {
		uint16_t flags = nm_load16(&v->slots[from].flags);

		if (__builtin_expect(flags & FLAGS_SPENT, 0))
			nm_store16(&v->slots[from].flags, flags & ~FLAGS_SPENT);
	}
}

/*
 * Slots before @hwcur were taken, and @flying frames are on their way: as many
 * slots before hwcur are not free.  What was free stays free.
 */
static void settle(struct nm_view *v, uint32_t hwcur, uint32_t flying)
{
	uint32_t was = nm_dist(hwcur, v->hwtail, v->n);
	uint32_t now = flying < v->n - 1 ? v->n - 1 - flying : 0;

	spend(v, v->hwcur, hwcur);
	v->hwcur = hwcur;
	v->hwtail = (hwcur + (now > was ? now : was)) % v->n;
	nm_store32(&v->r->hwcur, v->hwcur);
	nm_store32_rel(&v->r->hwtail, v->hwtail);
}

static void count(struct nm_pring *r, const struct nm_frames *f, uint32_t n)
{
	uint64_t bytes = 0;
	uint32_t k;

	for (k = 0; k < n; k++)
		bytes += f->frame[k].len;
	nm_count64(&r->packets, n);
	nm_count64(&r->bytes, bytes);
}

/*
 * Frames of the walk leave by transmit ring @i of port @port, and are counted
 * at @r.  Return the first slot that did not leave.
 */
static uint32_t leave(struct nm_plane *pl, struct nm_actor *me, uint32_t port,
		     uint32_t i, struct gather *g, struct nm_pring *r)
{
	uint32_t at, taken;
	int more;

	do {
		more = gather(g);
		taken = g->f->n ?
			pl->ops->frames_out(pl, me, port, i, g->f) : 0;
		count(r, g->f, taken);
		at = taken < g->f->n ? g->f->frame[taken].at : g->at;
	} while (more && taken == g->f->n);
	return at;
}

int nm_nic_send(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		uint32_t head)
{
	struct gather g = {
		.v = v, .f = frames_of(me), .what = GATHER_WHOLE,
		.at = v->hwcur, .to = head,
	};
	uint32_t port = nm_load32(&v->r->port), i = nm_load32(&v->r->idx);
	uint32_t hwcur, flying = 0;

	if (!pl->ops->frames_out)
		return -EIO;
	hwcur = leave(pl, me, port, i, &g, v->r);
	if (v->kind == NM_PLANE_NIC)
		flying = pl->ops->in_flight(pl, port, i);
	settle(v, hwcur, flying);
	return 0;
}

uint32_t nm_nic_move(struct nm_plane *pl, struct nm_actor *me,
		     struct nm_view *v, uint32_t to, uint32_t sink)
{
	struct nm_pring *r = nm_pring_at(pl, sink);
	struct gather g = {
		.v = v, .f = frames_of(me), .what = GATHER_ALL,
		.at = v->hwcur, .to = to,
	};
	uint32_t port = nm_load32(&r->port), i = nm_load32(&r->idx), at;

	if (!pl->ops->frames_out)
		return to;
	at = leave(pl, me, port, i, &g, r);
	if (nm_load32(&r->kind) == NM_PLANE_NIC)
		pl->ops->in_flight(pl, port, i);	/* says when to wake */
	return at;
}

/* Packets of a receive ring leave by transmit ring @i of its port. */
static void forward(struct nm_plane *pl, struct nm_actor *me, uint32_t port,
		    uint32_t i, struct gather *g)
{
	uint32_t taken;
	int more;

	do {
		more = gather(g);
		if (!g->f->n)
			continue;
		taken = pl->ops->frames_out(pl, me, port, i, g->f);
		if (taken < g->f->n)
			nm_drop(g->v->r, NM_DROP_NO_ROOM, g->f->n - taken);
	} while (more);
}

static void unmark(const struct nm_view *v, uint32_t from, uint32_t to)
{
	for (; from != to; from = nm_next(from, v->n)) {
		uint16_t flags = nm_load16(&v->slots[from].flags);

		if (flags & NS_FORWARD)
			nm_store16(&v->slots[from].flags, flags & ~NS_FORWARD);
	}
}

void nm_nic_forward(struct nm_plane *pl, struct nm_actor *me,
		    struct nm_view *v, uint32_t head)
{
	uint32_t port = nm_load32(&v->r->port), i = nm_load32(&v->r->idx);
	struct nm_pport *pp = nm_pport_at(pl, port);
	uint32_t n_rx = nm_load32(&pp->n_rx), n_tx = nm_load32(&pp->n_tx);
	uint32_t n_host = nm_load32(&pp->n_host_tx);
	struct gather g = {
		.v = v, .f = frames_of(me), .what = GATHER_MARKED,
		.at = v->hwcur, .to = head,
	};

	if (me->flags & NM_SYNC_FWD)
		g.what = GATHER_ALL;
	else if (!(nm_load32(&v->ring->flags) & NR_FORWARD))
		return;
	if (head == v->hwcur || !pl->ops->frames_out || !n_host || !n_tx)
		return;
	if (v->kind != NM_PLANE_HOST)
		forward(pl, me, port, n_tx + i % n_host, &g);
	else if (me->flags & NM_SYNC_DOWN)
		forward(pl, me, port, (i - n_rx) % n_tx, &g);
	else
		return;
	unmark(v, v->hwcur, head);
}
