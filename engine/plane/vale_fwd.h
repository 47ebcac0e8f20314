/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Forwarding of what a VALE port sends, in stages:
 *
 *   collect    slots of the source ring become packets with checked addresses
 *   classify   each packet gets a destination, or is dropped with its reason
 *   group      packets for the same receive ring become one list
 *   deliver    per list: reserve, copy, commit (inbox.h), then notify
 *
 * A batch is at most NM_BATCH slots and ends at a packet boundary.  All state
 * of a batch is in the actor's scratch memory.
 *
 * What is nearly always there goes through each stage in one tight loop over
 * slots that lie one after the other; a loop stops at anything else, which is
 * then handled by the code that knows all cases, and goes on behind it.
 */
#ifndef NM_PLANE_VALE_FWD_H
#define NM_PLANE_VALE_FWD_H

#include "engine/plane/feed.h"
#include "engine/plane/view.h"

#define NM_BATCH	256u
#define NM_BATCH_SLOTS	(NM_BATCH + NETMAP_MAX_FRAGS)
#define NM_BATCH_MAP	512u	/* power of two > NM_BATCH */
#define NM_END		0xffffu	/* end of a list */

/*
 * One slot, checked.  What: [15:0] length, [31:16] flags, as in the upper half
 * of nm_slot_word(); [47:32] in the first one: how many more the packet has.
 */
struct nm_bslot {
	const uint8_t *buf;
	uint64_t what;
};

static inline uint32_t nm_bslot_len(const struct nm_bslot *s)
{
	return s->what & 0xffff;
}

static inline uint32_t nm_bslot_flags(const struct nm_bslot *s)
{
	return s->what >> 16 & 0xffff;
}

/* Slots of the packet of which this is the first one. */
static inline uint32_t nm_bslot_n(const struct nm_bslot *s)
{
	return (s->what >> 32) + 1;
}

/* Slots [first, end): packets of one slot each, or one of several. */
struct nm_brun {
	uint16_t first, end;
	uint16_t next;		/* run of the same list, NM_END */
};

/* A receive ring that packets of this batch go to. */
struct nm_bdst {
	uint32_t ring;		/* in the plane */
	uint16_t map_idx;	/* its place in the map */
	uint16_t head, tail;	/* list of runs, in order */
	uint16_t n_slots;	/* in all of them */
};

struct nm_batch {
	uint32_t n_slots;
	uint32_t n_pkts;
	uint32_t n_runs;
	uint32_t n_dsts;
	uint32_t max_n;		/* most slots of a packet of the batch */
	struct nm_bdst bcast;	/* packets for everybody; ring unused */
	struct nm_bslot slot[NM_BATCH_SLOTS];
	struct nm_brun run[NM_BATCH];
	struct nm_bdst dst[NM_BATCH];
	uint16_t map[NM_BATCH_MAP];	/* ring -> dst + 1 */
	struct nm_frames out;		/* nic_sync.c, not for VALE */
};

static inline uint32_t nm_brun_packets(const struct nm_batch *b,
				       const struct nm_brun *r)
{
	return nm_bslot_n(&b->slot[r->first]) > 1 ? 1 : r->end - r->first;
}

/* The source of a batch, private copies. */
struct nm_vsrc {
	struct nm_view *v;
	uint32_t *members;	/* positions of the switch */
	uint32_t plugin;	/* the lookup is code */
	uint32_t port;
	uint32_t sw;
	uint32_t pos;
	uint32_t hdr_len;
	uint32_t ring_idx;	/* of the source ring within its port */
};

/**
 * nm_vale_forward - forward [v->hwcur, head)
 * @head: checked
 * Return: 0.  All slots have been taken.
 */
int nm_vale_forward(struct nm_plane *pl, struct nm_actor *me,
		    struct nm_view *v, uint32_t head);

/**
 * nm_vale_deliver - put packets into a receive ring's inbox
 * @d: list for that ring, or NULL
 * @m: a second list, merged with the first in order of the batch, or NULL
 *
 * What finds no room is dropped and counted at the receiving ring.
 */
void nm_vale_deliver(struct nm_plane *pl, struct nm_actor *me,
		     struct nm_vsrc *src, uint32_t ring,
		     const struct nm_bdst *d, const struct nm_bdst *m);

/**
 * nm_vale_receive - post released slots, import what was committed
 * @head: checked; slots [hwcur, head) were released
 */
void nm_vale_receive(struct nm_plane *pl, struct nm_view *v, uint32_t head);

#endif /* NM_PLANE_VALE_FWD_H */
