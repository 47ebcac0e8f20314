/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The sync of a wire; see wire_sync.h.
 *
 * Whoever runs it is the ring's user: its head is where the sink has got to,
 * and what was shown is used at once.
 *
 *	show		as on any receive ring
 *	move		slots go to the sink, as if they were a sender's
 *	release		and come back, or stay if the sink is full
 *
 * Before it ends it says that it sleeps (want, F1) and looks once more, as any
 * sleeper does; if the sink was full, it also sleeps on that.
 */
#include "engine/plane/wire_sync.h"
#include "engine/plane/nic_sync.h"
#include "engine/plane/sync.h"
#include "engine/plane/vale_fwd.h"

#define ROUNDS	4u	/* per run: then others get a chance */

/* Show what arrived; slots before @head come back. */
static int show(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		uint32_t head)
{
	if (v->kind == NM_PLANE_DEV)
		return pl->ops->dev_rx ? pl->ops->dev_rx(pl, me, v, head) :
			-EIO;
	nm_vale_receive(pl, v, head);
	return 0;
}

/* What a receiver is told in the flags means something else to a switch. */
static void clean_flags(const struct nm_view *v)
{
	uint32_t i;

	for (i = v->hwcur; i != v->hwtail; i = nm_next(i, v->n))
		nm_store16(&v->slots[i].flags,
			   nm_load16(&v->slots[i].flags) & NS_MOREFRAG);
}

/*
 * All that is shown enters the switch.  The sender is the port of the switch:
 * what moves and is counted is its ring, which has no slots of its own.
 */
static uint32_t move_switch(struct nm_plane *pl, struct nm_actor *me,
			    const struct nm_view *v, uint32_t sink)
{
	struct nm_view as = *v;

	clean_flags(v);
	as.r = nm_pring_at(pl, sink);
	nm_vale_forward(pl, me, &as, v->hwtail);
	return v->hwtail;
}

/* One round; 1 when all that was shown has been moved. */
static int move(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		uint32_t *head)
{
	uint32_t sink = nm_load32(&v->r->sink_ring) & (NM_MAX_RINGS - 1);
	struct nm_view rest = *v;

	if (nm_load32(&v->r->sink) == NM_SINK_SWITCH) {
		*head = move_switch(pl, me, v, sink);
		return 1;
	}
	*head = nm_nic_move(pl, me, v, v->hwtail, sink);
	if (*head == v->hwtail)
		return 1;
	/* full: try once more when the sink knows that we wait */
	nm_ring_want(pl, sink);
	rest.hwcur = *head;
	*head = nm_nic_move(pl, me, &rest, v->hwtail, sink);
	return *head == v->hwtail;
}

/* Return: 1 there is more; 0 nothing more is there; -EAGAIN the sink is full. */
static int run(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v)
{
	uint32_t head = v->hwcur, round;
	int error, all;

	for (round = 0; round < ROUNDS; round++) {
		error = show(pl, me, v, head);
		if (error)
			return error;
		if (v->hwcur == v->hwtail)
			return 0;
		head = v->hwcur;
		all = move(pl, me, v, &head);
		if (!all) {
			show(pl, me, v, head);
			return -EAGAIN;
		}
	}
	error = show(pl, me, v, head);
	return error ? error : 1;
}

/*
 * Something came since we looked last.  Only the device knows what waits
 * behind its own slots, so there it is shown.
 */
static int has_more(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
	struct nm_view v;
	int more;

	if (nm_load32(&nm_pring_at(pl, ring)->kind) != NM_PLANE_DEV)
		return nm_ring_has_work(pl, ring);
	if (nm_ring_own(pl, me, ring, 0, &v))
		return 0;
	more = !show(pl, me, &v, v.hwcur) && v.hwcur != v.hwtail;
	nm_ring_disown(pl, me, &v);
	return more;
}

int nm_wire_run(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
	struct nm_view v;
	int more;

	if (nm_load32(&nm_pring_at(pl, ring)->sink) == NM_SINK_NONE ||
	    nm_ring_own(pl, me, ring, 0, &v))
		return 0;
	more = run(pl, me, &v);
	nm_count64(&v.r->syncs, 1);
	nm_ring_disown(pl, me, &v);
	if (more)
		return more > 0;
	nm_ring_want(pl, ring);
	return has_more(pl, me, ring);
}
