/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Frames that leave by a native transmit ring and are nobody's slots there:
 * from a switch the interface is attached to, or from the host's stack by
 * transparent forwarding.
 *
 *	hwcur        head                hwtail
 *	  | pending   |  free: we put     |
 *	--+-----------+--frames here------+--------
 *
 * They are copied into free slots behind what the ring's user has given, the
 * user's head and cur move on (that is what the interface promises for
 * forwarding), and the driver syncs.  What it did not take is taken out again,
 * and stays with who sent it.
 *
 * Context: a task inside the plane, preemption off.  The ring's owner, if
 * there is one, is on another CPU and will be done soon.
 */
#include "engine/plane/sync.h"
#include "os/linux/native.h"

#define SPIN	100000u		/* looks at a busy ring */

static int own(struct nm_actor *me, u32 ring, struct nm_view *v)
{
	u32 spin;
	int error;

	for (spin = 0; spin < SPIN; spin++) {
		error = nm_ring_own_inside(nm_dev_plane(), me, ring, 1, v);
		if (error != -EBUSY || nm_load32(&nm_pring_at(nm_dev_plane(),
					ring)->state) != NM_RING_RUN)
			return error;
		cpu_relax();
	}
	return -EBUSY;
}

/* Bytes of a frame, piece by piece. */
struct cursor {
	const struct nm_piece *p;
	u32 ofs;
};

static void copy_some(struct cursor *c, u8 *dst, u32 len)
{
	u32 n;

	for (; len > 0; len -= n, dst += n) {
		if (c->ofs == c->p->len) {
			c->p++;
			c->ofs = 0;
		}
		n = min(len, c->p->len - c->ofs);
		memcpy(dst, c->p->buf + c->ofs, n);
		c->ofs += n;
	}
}

/*
 * Frame @i into the slots from @at on.
 * Return: the slot behind it; @at when there is no room; -errno: drop it.
 */
static int put_frame(struct netmap_kring *k, const struct nm_view *v,
		     const struct nm_frames *f, u32 i, u32 at)
{
	const struct nm_out *o = &f->frame[i];
	struct cursor c = { .p = &f->piece[o->first] };
	u32 size = v->bufs.size, n = DIV_ROUND_UP(o->len, size), left, len;
	u32 slot = at;

	if (n > 1 && (!(k->na->na_flags & NAF_MOREFRAG) ||
		      n > NETMAP_MAX_FRAGS || n > v->n - 1))
		return -EMSGSIZE;
	if (n > nm_dist(at, v->hwtail, v->n))
		return at;
	for (left = o->len; left > 0; left -= len) {
		u32 idx = nm_load32(&v->slots[slot].buf_idx);
		u8 *dst = idx < 2 ? NULL : nm_buf_at(&v->bufs, idx);

		if (!dst)
			return -EINVAL;
		len = min(left, size);
		copy_some(&c, dst, len);
		nm_slot_set(&v->slots[slot], idx, len,
			    left > len ? NS_MOREFRAG : 0);
		slot = nm_next(slot, v->n);
	}
	return slot;
}

/* The user's head; one that makes no sense gives nothing. */
static u32 user_head(const struct nm_view *v)
{
	u32 head = nm_load32(&v->ring->head);

	if (head >= v->n ||
	    nm_dist(v->hwcur, head, v->n) > nm_dist(v->hwcur, v->hwtail, v->n))
		return v->hwcur;
	return head;
}

static void show(const struct nm_view *v, u32 head)
{
	nm_store32(&v->r->rhead, head);
	nm_store32(&v->r->rcur, head);
	nm_store32(&v->r->rtail, v->hwtail);
	nm_store32(&v->ring->head, head);
	nm_store32(&v->ring->cur, head);
	nm_store32_rel(&v->ring->tail, v->hwtail);
}

/* The ring is ours, and nothing is pending in it.  Return: frames taken. */
static u32 send(struct nm_nic *nic, u32 queue, struct nm_actor *me,
		struct netmap_kring *k, struct nm_view *v,
		const struct nm_frames *f)
{
	u32 at = v->hwcur, start = at, taken, i;
	u32 end[NM_OUT_FRAMES];
	int next;

	for (i = 0; i < f->n; i++) {
		next = put_frame(k, v, f, i, at);
		if (next == at)
			break;
		if (next < 0)
			nm_nic_drop(nic, queue, next == -EMSGSIZE ?
				    NM_DROP_TOO_LONG : NM_DROP_BAD_SLOT);
		else
			at = next;
		end[i] = at;
	}
	nm_native_sync(nic, queue, NR_TX, me, v, at);
	for (taken = 0; taken < i; taken++)
		if (nm_dist(start, end[taken], v->n) >
		    nm_dist(start, v->hwcur, v->n))
			break;
	show(v, v->hwcur);
	return taken;
}

u32 nm_native_frames_out(struct nm_nic *nic, u32 queue, struct nm_actor *me,
			 const struct nm_frames *f)
{
	struct nm_native *nt = nic->priv;
	struct netmap_kring *k = nm_native_kring(nt, NR_TX, queue);
	struct nm_view v;
	u32 head, taken = 0, i;
	int error;

	error = k ? own(me, k->plane_ring, &v) : -ENODEV;
	if (error == -EBUSY)
		return 0;
	if (error) {
		for (i = 0; i < f->n; i++)
			nm_nic_drop(nic, queue, NM_DROP_RX_OFF);
		return f->n;
	}
	head = user_head(&v);
	if (head != v.hwcur)
		nm_native_sync(nic, queue, NR_TX, me, &v, head);
	if (head == v.hwcur)
		taken = send(nic, queue, me, k, &v, f);
	nm_ring_disown_inside(&v);
	return taken;
}
