/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A process's (or the kernel's) own view of a plane, and the two calls that
 * move packets: nm_sync_tx() and nm_sync_rx().
 *
 * struct nm_plane is private memory.  It holds where the arrays and regions
 * are mapped here, and the few things the plane cannot do by itself and asks
 * its host for: waking a sleeper, reaching a region that is not mapped yet,
 * reading a user address, running a plug-in lookup.
 *
 * Whoever calls a sync is an actor: it has a number (for busy words and grace
 * periods) and scratch memory for one batch.  One actor runs one sync at a
 * time.
 */
#ifndef NM_PLANE_PLANE_H
#define NM_PLANE_PLANE_H

#include <nm_os_types.h>
#include <net/netmap.h>
#include "engine/plane/atomic.h"
#include "engine/plane/label.h"
#include "engine/plane/layout.h"

struct nm_plane;
struct nm_actor;
struct nm_batch;
struct nm_frame;
struct nm_frames;
struct nm_view;

/*
 * What the host does for the plane.  All are called without the plane holding
 * anything but the busy word of the ring being synced.
 */
struct nm_plane_ops {
	/* Wake everybody who sleeps on ring @ring.  Must not block. */
	void (*wake)(struct nm_plane *pl, struct nm_actor *me, uint32_t ring);
	/*
	 * Make region @region reachable: set pl->mem[region] and
	 * pl->mem_gen[region].  May block.
	 * Return 0, or -errno when it cannot be reached from here.
	 */
	int (*map_region)(struct nm_plane *pl, uint32_t region);
	/*
	 * Copy @len bytes from address @uaddr of the process on whose behalf
	 * @me runs.  Return 0 or -EFAULT; -EOPNOTSUPP where that makes no
	 * sense.
	 */
	int (*copy_in)(struct nm_plane *pl, struct nm_actor *me, void *dst,
		       uint64_t uaddr, uint32_t len);
	/*
	 * Plug-in lookup of switch @sw for one frame.  Return a position,
	 * NM_POS_BROADCAST, or anything else to drop; *@dst_ring may be
	 * changed.  NULL where plug-ins cannot run.
	 */
	uint32_t (*lookup)(struct nm_plane *pl, uint32_t sw,
			   const struct nm_frame *f, uint8_t *dst_ring,
			   uint32_t src_port);
	/*
	 * The last four belong to interfaces; NULL where there are none.
	 *
	 * Frames leave port @port by its transmit ring @i: to the interface or,
	 * if it is one of the host's (they come last), to the host's stack.
	 * They are copied before this returns.
	 * Return how many of @f were taken, from the first on: sent, or dropped
	 * and counted at that ring.  The others stay where they are; whoever
	 * did not take them sees to it that nm_ring_notify() is called for the
	 * ring when it is worth another try.
	 */
	uint32_t (*frames_out)(struct nm_plane *pl, struct nm_actor *me,
			       uint32_t port, uint32_t i,
			       const struct nm_frames *f);
	/*
	 * How many frames of hardware transmit ring @i were taken and are still
	 * on their way; as many slots of it are not free.  Must not block.  When
	 * the number goes down by much, or to 0, nm_ring_notify() is called.
	 */
	uint32_t (*in_flight)(struct nm_plane *pl, uint32_t port, uint32_t i);
	/*
	 * A sync of an NM_PLANE_DEV ring.  Takes the slots [v->hwcur, head),
	 * and leaves v->hwcur and v->hwtail, and their copies in *v->r, where
	 * the device stands.  me->flags has NM_SYNC_*.  Must not block.
	 * Return 0; -EAGAIN the ring is to be re-initialised (a released slot
	 * without a buffer); other -errno, shown to the program as -EIO.
	 */
	int (*dev_tx)(struct nm_plane *pl, struct nm_actor *me,
		      struct nm_view *v, uint32_t head);
	int (*dev_rx)(struct nm_plane *pl, struct nm_actor *me,
		      struct nm_view *v, uint32_t head);
};

struct nm_plane {
	struct nm_plane_hdr *hdr;
	struct nm_os_table rings;	/* of struct nm_pring */
	struct nm_os_table ports;	/* of struct nm_pport */
	struct nm_os_table switches;	/* of struct nm_pswitch */
	struct nm_os_table members;	/* of rows of NM_SWITCH_MEMBERS uint32_t,
					 * each 0 or a port index + 1 */
	struct nm_os_table inboxes;	/* of rows of NM_INBOX_ENTRIES entries */
	struct nm_os_table fdb;		/* of struct nm_bucket */
	struct nm_os_table regions;	/* of struct nm_pregion */
	struct nm_os_table actors;	/* of struct nm_pactor */
	struct nm_os_mem mem[NM_MAX_REGIONS]; /* regions as mapped here, */
	uint32_t mem_gen[NM_MAX_REGIONS];     /* and nm_pregion.gen then */
	const struct nm_plane_ops *ops;
	void *host;			/* the host's own */
};

struct nm_actor {
	uint32_t id;		/* index into actors */
	uint32_t now_s;		/* coarse seconds, refreshed by the caller */
	uint32_t flags;		/* NM_SYNC_*, likewise */
	struct nm_batch *batch;	/* scratch, nm_batch_size() bytes */
	void *host;		/* the host's own */
};

/* What the lookup function of a switch is shown of a packet. */
struct nm_frame {
	const uint8_t *buf;	/* first slot's bytes, after the vnet header */
	uint32_t len;		/* bytes in the first slot, after the header */
	uint16_t flags;		/* NS_* of the first slot */
	uint16_t frags;		/* slots of the packet */
	uint8_t ring;		/* source ring */
};

static inline struct nm_pring *nm_pring_at(const struct nm_plane *pl, uint32_t i)
{
	return nm_os_table_at(&pl->rings, i & (NM_MAX_RINGS - 1));
}

static inline struct nm_pport *nm_pport_at(const struct nm_plane *pl, uint32_t i)
{
	return nm_os_table_at(&pl->ports, i & (NM_MAX_PORTS - 1));
}

static inline struct nm_pswitch *nm_pswitch_at(const struct nm_plane *pl, uint32_t i)
{
	return nm_os_table_at(&pl->switches, i & (NM_MAX_SWITCHES - 1));
}

/* The row of positions of a switch: NM_SWITCH_MEMBERS words. */
static inline uint32_t *nm_members_at(const struct nm_plane *pl, uint32_t sw)
{
	return nm_os_table_at(&pl->members, sw & (NM_MAX_SWITCHES - 1));
}

/* The inbox of a ring: NM_INBOX_ENTRIES entries. */
static inline struct nm_entry *nm_inbox_at(const struct nm_plane *pl, uint32_t ring)
{
	return nm_os_table_at(&pl->inboxes, ring & (NM_MAX_RINGS - 1));
}

static inline struct nm_bucket *nm_bucket_at(const struct nm_plane *pl, uint32_t i)
{
	return nm_os_table_at(&pl->fdb, i & (NM_FDB_MAX_BUCKETS - 1));
}

static inline struct nm_pregion *nm_pregion_at(const struct nm_plane *pl, uint32_t i)
{
	return nm_os_table_at(&pl->regions, i & (NM_MAX_REGIONS - 1));
}

static inline struct nm_pactor *nm_pactor_at(const struct nm_plane *pl, uint32_t i)
{
	return nm_os_table_at(&pl->actors, i & (NM_MAX_ACTORS - 1));
}

#define NM_SYNC_FORCE	1u	/* NIOC*SYNC: reclaim, look for packets */
#define NM_SYNC_DOWN	2u	/* who syncs has all hardware transmit rings of
				 * the port: host packets may be forwarded */
#define NM_SYNC_FWD	4u	/* parameter fwd: forward without being asked */

/**
 * nm_sync_tx - take slots from the user of a transmit ring and forward them
 * @pl: the plane
 * @me: who runs this; me->now_s is current to a second
 * @ring: index of the ring
 * @head: the user's head and
 * @cur:  cur, read once by the caller from wherever the user keeps them
 * @tail: out: what the user may be shown as tail
 *
 * VALE rings are forwarded, pipes published, null rings only validated.
 * Everything between hwcur and @head is taken unless the ring is a pipe that
 * ends in an incomplete packet.  Never blocks (ops->copy_in and
 * ops->map_region may).
 *
 * Return: 0; -EBUSY somebody else is syncing or the ring is locked (*@tail
 *         untouched); -EIO stopped for good; -ERANGE the pointers were
 *         impossible: the ring was re-initialised, the caller must show the
 *         user head = cur = *@hwcur (nm_ring_positions()) and tail = *@tail;
 *         -ENODEV the index is not a transmit ring in use.
 */
int nm_sync_tx(struct nm_plane *pl, struct nm_actor *me, uint32_t ring,
	       uint32_t head, uint32_t cur, uint32_t *tail);

/**
 * nm_sync_rx - give released slots back and show received packets
 *
 * Arguments and results as for nm_sync_tx().  Slots before @head are posted
 * to the ring's inbox (or given back to the pipe's sender), then packets that
 * arrived are put into slots.
 */
int nm_sync_rx(struct nm_plane *pl, struct nm_actor *me, uint32_t ring,
	       uint32_t head, uint32_t cur, uint32_t *tail);

/**
 * nm_ring_positions - the engine's position in a ring, for who must show it
 * @hwcur: out: first slot the engine has not taken
 * @hwtail: out: first slot that is not the user's
 * Return: 0; -ENODEV.
 */
int nm_ring_positions(struct nm_plane *pl, uint32_t ring, uint32_t *hwcur,
		      uint32_t *hwtail);

/**
 * nm_ring_has_work - whether a receive sync would show something new, or a
 * transmit sync would free something
 *
 * Reads only; used after want was set and before sleeping.
 */
int nm_ring_has_work(struct nm_plane *pl, uint32_t ring);

/**
 * nm_ring_want - say that somebody is going to sleep on a ring
 *
 * Sets want and passes a full fence (F1, pairs with F2 in nm_ring_notify): the
 * caller must look with nm_ring_has_work() afterwards, and sleep only if that
 * is still false.
 */
void nm_ring_want(struct nm_plane *pl, uint32_t ring);

/**
 * nm_ring_notify - wake who sleeps on a ring, if somebody said so
 *
 * To be called after something was published on it.  Contains F2.
 */
void nm_ring_notify(struct nm_plane *pl, struct nm_actor *me, uint32_t ring);

/**
 * nm_ring_setup - make a ring of the plane ready (control plane)
 * @ring: index; its nm_pring has kind, dir, n_slots, region and ring_ofs set
 *
 * Sets positions, and for a VALE receive ring posts the buffers found in the
 * slots of the shared ring, all n_slots of them.
 */
void nm_ring_setup(struct nm_plane *pl, uint32_t ring);

/**
 * nm_ring_sync_user - validate, sync and publish on the shared ring itself
 * @tx: whether it is a transmit ring
 *
 * For homes in which the user's pointers are those of struct netmap_ring
 * (kernel, direct path): loads head and cur once, syncs, stores tail, and
 * head and cur too when the ring had to be re-initialised.
 *
 * Return: as nm_sync_tx().
 */
int nm_ring_sync_user(struct nm_plane *pl, struct nm_actor *me, uint32_t ring,
		      int tx);

/**
 * nm_batch_size - bytes of scratch memory an actor needs; zeroed by the caller
 */
uint32_t nm_batch_size(void);

/* An actor enters and leaves a sync: seq is odd inside. */
static inline void nm_actor_enter(struct nm_plane *pl, struct nm_actor *me)
{
	struct nm_pactor *a = nm_pactor_at(pl, me->id);

	/*
	 * G1: before we look whether a ring can receive, and before any
	 * reservation; pairs with G2, nm_grace_begin()
	 */
	nm_store32(&a->seq, nm_load32(&a->seq) + 1);
	nm_fence_full();
	NM_LABEL("G1");
}

static inline void nm_actor_leave(struct nm_plane *pl, struct nm_actor *me)
{
	struct nm_pactor *a = nm_pactor_at(pl, me->id);

	nm_store32_rel(&a->seq, nm_load32(&a->seq) + 1);
}

/*
 * What a pipe's receiver gives back, in one word: how far, and how often it
 * had exchanged buffers (low 16 bits).  In two words the sender could see the
 * count of a batch and not yet its slots, and never look at them.
 */
static inline uint32_t nm_pipe_rel(uint32_t head, uint32_t changed)
{
	return changed << 16 | head;
}

static inline uint32_t nm_pipe_rel_head(uint32_t rel)
{
	return rel & 0xffff;
}

static inline void nm_drop(struct nm_pring *r, unsigned int reason, uint64_t n)
{
	nm_add64(&r->drops[reason & 31], n);
}

#endif /* NM_PLANE_PLANE_H */
