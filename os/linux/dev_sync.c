/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * NIOCTXSYNC, NIOCRXSYNC and poll: syncs in the context of who asks for them.
 *
 * A sync runs with preemption off, by an actor of its CPU (actor.c).  It reads
 * user memory (NS_INDIRECT) only where that is present; dev_fault_in() sees to
 * that before.
 *
 * Sleeping is W1-F1-W2 of doc/user-mode.md, section 6, with a wait queue:
 *
 *	poll_wait()		on the descriptor's queue, first of all
 *	look			sync the rings; anything there is returned
 *	nm_ring_want()		W1 and F1
 *	look again		W2
 *
 * epoll hangs itself on the queue once, and later asks without saying so
 * (poll_does_not_wait()); with edges it does not even ask again after it was
 * told that there is something.  Then want comes before the first look.
 */
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "engine/os.h"
#include "engine/param.h"
#include "engine/vale_ops.h"
#include "os/linux/actor.h"
#include "os/linux/compat.h"
#include "os/linux/dev.h"
#include "os/linux/nic.h"

#define RD_EVENTS	(EPOLLIN | EPOLLRDNORM)
#define WR_EVENTS	(EPOLLOUT | EPOLLWRNORM)

/* Rings that somebody skipped because they were busy, and sleeps on now. */
static DECLARE_BITMAP(nm_skipped, NM_MAX_RINGS);

/* --- what the plane asks of us --------------------------------------------- */

static void dev_wake(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
	/* the control plane also tells of ends that went away */
	nm_wait_wake(ring, !me->host);
	nm_wire_wake(ring);
}

/*
 * The address is one of who bound the descriptor.  Somebody else may run the
 * sync, a child or who was passed the descriptor: his memory it is not.
 */
static int dev_copy_in(struct nm_plane *pl, struct nm_actor *me, void *dst,
		       uint64_t uaddr, uint32_t len)
{
	struct nm_kactor *ka = me->host;

	if (!ka || !ka->kf || !current->mm || current->mm != ka->kf->mm)
		return -EFAULT;
	WRITE_ONCE(ka->kf->indirect, 1);
	if (copy_from_user_nofault(dst, u64_to_user_ptr(uaddr), len))
		return -EFAULT;
	return 0;
}

const struct nm_plane_ops nm_dev_plane_ops = {
	.wake = dev_wake,
	.copy_in = dev_copy_in,
	.lookup = nm_vale_ops_lookup,
	.frames_out = nm_nic_frames_out,
	.in_flight = nm_nic_in_flight,
	.dev_tx = nm_nic_dev_tx,
	.dev_rx = nm_nic_dev_rx,
};

/* --- one ring ---------------------------------------------------------------- */

static struct netmap_ring *dev_ring(const struct nm_kfile *kf, uint32_t ring)
{
	struct nm_plane *pl = nm_dev_plane();

	return nm_os_mem_at(&pl->mem[kf->b.region],
			    nm_pring_at(pl, ring)->ring_ofs);
}

/* Have what NS_INDIRECT slots point to in memory, as far as it exists. */
static void dev_fault_in(struct nm_kfile *kf, uint32_t ring)
{
	uint32_t n = READ_ONCE(nm_pring_at(nm_dev_plane(), ring)->n_slots);
	struct netmap_ring *r = dev_ring(kf, ring);
	uint32_t i, tail, head;

	if (!r || current->mm != kf->mm ||
	    nm_ring_positions(nm_dev_plane(), ring, &i, &tail))
		return;
	head = READ_ONCE(r->head);
	for (; i < n && head < n && i != head; i = i + 1 == n ? 0 : i + 1) {
		struct netmap_slot *s = &r->slot[i];

		if (READ_ONCE(s->flags) & NS_INDIRECT)
			fault_in_readable(u64_to_user_ptr(READ_ONCE(s->ptr)),
					  READ_ONCE(s->len));
	}
}

/* Who found the ring busy and went to sleep missed what we have shown. */
static void dev_tell_skipped(uint32_t ring)
{
	smp_mb();	/* pairs with the one in set_skipped() */
	if (unlikely(test_bit(ring, nm_skipped)) &&
	    test_and_clear_bit(ring, nm_skipped))
		nm_wait_wake(ring, false);
}

static void set_skipped(uint32_t ring)
{
	set_bit(ring, nm_skipped);
	smp_mb__after_atomic();	/* before the ring is tried once more */
}

/* NM_SYNC_* of a sync; @force: the program asked for it by ioctl. */
static uint32_t dev_sync_flags(const struct nm_kfile *kf, bool force)
{
	const struct nm_bound *b = &kf->b;
	uint32_t n_tx = READ_ONCE(nm_pport_at(nm_dev_plane(), b->port_idx)->n_tx);
	uint32_t flags = force ? NM_SYNC_FORCE : 0;

	if (!b->tx_first && b->tx_n >= n_tx)
		flags |= NM_SYNC_DOWN;
	if (READ_ONCE(nm_engine_params(nm_dev_engine)->fwd))
		flags |= NM_SYNC_FWD;
	return flags;
}

/*
 * A port of a switch that has nothing new to send has all its slots back
 * already, and has been shown them: a sync would change nothing.  Who syncs
 * the ring at this moment does it for us.
 */
static bool dev_is_drained(const struct nm_kfile *kf, uint32_t ring)
{
	const struct nm_pring *pr = nm_pring_at(nm_dev_plane(), ring);
	uint32_t hwcur = READ_ONCE(pr->hwcur), tail = READ_ONCE(pr->hwtail);
	const struct netmap_ring *r;

	if (READ_ONCE(pr->kind) != NM_PLANE_VALE ||
	    READ_ONCE(pr->state) != NM_RING_RUN ||
	    (tail + 1 != hwcur && (hwcur || tail + 1 != pr->n_slots)))
		return false;
	r = dev_ring(kf, ring);
	return r && READ_ONCE(r->head) == hwcur && READ_ONCE(r->cur) == hwcur &&
		READ_ONCE(r->tail) == tail;
}

/* Return: as nm_ring_sync_user(). */
static int dev_sync_ring(struct nm_kfile *kf, uint32_t ring, bool tx,
			 bool force)
{
	struct nm_kactor *ka;
	int error;

	if (tx && dev_is_drained(kf, ring))
		return 0;
	if (tx && unlikely(READ_ONCE(kf->indirect)))
		dev_fault_in(kf, ring);
	ka = nm_task_actor_get();
	ka->kf = kf;
	ka->a.flags = dev_sync_flags(kf, force);
	error = nm_ring_sync_user(nm_dev_plane(), &ka->a, ring, tx);
	ka->kf = NULL;
	nm_task_actor_put(ka);
	if (error != -EBUSY)
		dev_tell_skipped(ring);
	return error;
}

int nm_dev_sync(struct nm_kfile *kf, bool tx)
{
	int result = 0, error;
	uint32_t i;

	if (!nm_kfile_is_bound(kf))
		return -ENXIO;
	for (i = 0; i < nm_kfile_n_rings(kf, tx); i++) {
		error = dev_sync_ring(kf, nm_kfile_ring(kf, tx, i), tx, true);
		/* busy: skipped; impossible pointers: put right, no error */
		if (error && error != -EBUSY && error != -ERANGE)
			result = -EIO;
		if (i)	/* after the last one we leave the kernel anyway */
			cond_resched();
	}
	nm_wait_give_way(true);
	return result;
}

/* --- poll -------------------------------------------------------------------- */

/* One look at the rings of a descriptor. */
struct nm_look {
	__poll_t events;	/* asked for */
	bool want;		/* 1: say that we sleep, before looking */
	bool skipped;		/* some ring was busy */
	__poll_t found;
};

static bool dev_ready(struct netmap_ring *r)
{
	return r && READ_ONCE(r->cur) != READ_ONCE(r->tail);
}

/* The program has moved head since the last sync. */
static bool dev_pending(struct netmap_ring *r, uint32_t ring)
{
	uint32_t hwcur, hwtail;

	return r && !nm_ring_positions(nm_dev_plane(), ring, &hwcur, &hwtail) &&
		READ_ONCE(r->head) != hwcur;
}

static void look_ring(struct nm_kfile *kf, uint32_t ring, bool tx,
		      struct nm_look *l)
{
	__poll_t bits = tx ? WR_EVENTS : RD_EVENTS;
	struct netmap_ring *r = dev_ring(kf, ring);
	int error;

	/* not asked for, or satisfied: only what is to be sent counts */
	if (tx && (!(l->events & bits) || (l->found & bits)) &&
	    !dev_pending(r, ring))
		return;
	if (l->want && (l->events & bits)) {
		nm_ring_want(nm_dev_plane(), ring);
		if (l->skipped)
			set_skipped(ring);
	}
	error = dev_sync_ring(kf, ring, tx, false);
	if (error == -EBUSY)
		l->skipped = true;
	else if (error)
		l->found |= EPOLLERR;
	if (dev_ready(r))
		l->found |= l->events & bits;
	cond_resched();
}

static void look_at_rings(struct nm_kfile *kf, struct nm_look *l)
{
	uint64_t flags = kf->b.nr_flags;
	uint32_t i;

	if ((l->events & WR_EVENTS) || !(flags & NR_NO_TX_POLL))
		for (i = 0; i < nm_kfile_n_rings(kf, true); i++)
			look_ring(kf, nm_kfile_ring(kf, true, i), true, l);
	if ((l->events & RD_EVENTS) || (flags & NR_DO_RX_POLL))
		for (i = 0; i < nm_kfile_n_rings(kf, false); i++)
			look_ring(kf, nm_kfile_ring(kf, false, i), false, l);
}

/* A pipe's peer closed, and who bound asked to be told. */
static bool has_hung_up(const struct nm_kfile *kf, bool want)
{
	uint32_t i;
	bool hup = false;

	if (!(kf->b.nr_flags & NR_PEER_HUP))
		return false;
	for (i = 0; i < kf->b.n_rx; i++) {
		if (want)
			nm_ring_want(nm_dev_plane(), kf->b.ring0 + i);
		if (READ_ONCE(nm_pring_at(nm_dev_plane(),
					  kf->b.ring0 + i)->hup))
			hup = true;
	}
	return hup;
}

__poll_t nm_dev_poll(struct file *file, struct poll_table_struct *pt)
{
	struct nm_kfile *kf = file->private_data;
	struct nm_look l = {
		.events = poll_requested_events(pt) & (RD_EVENTS | WR_EVENTS),
		.want = nm_poll_only_looks(pt),
	};

	WRITE_ONCE(kf->cpu, raw_smp_processor_id());
	poll_wait(file, &kf->wq, pt);
	if (!nm_kfile_is_bound(kf))
		return EPOLLERR;
	look_at_rings(kf, &l);
	if (!l.found && (!l.want || l.skipped)) {
		l.want = true;
		look_at_rings(kf, &l);
	}
	if (has_hung_up(kf, true))
		l.found |= EPOLLHUP;
	nm_wait_give_way(l.found);
	return l.found;
}
