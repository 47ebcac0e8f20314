/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The data plane as data: every word that forwarding needs, in flat arrays.
 *
 * No pointer, no function pointer and no lock that a dead process could hold
 * for ever.  The arrays are addressed by index, so forwarding can run wherever
 * they are mapped: in the kernel, in the server, or in the sending client
 * itself.  Everything here may be written by any process of the trust domain;
 * plane/view.h is the one place that turns it into checked, private values.
 *
 *   rings     one nm_pring per ring of any kind; a port's rings are adjacent:
 *             receive, host receive, transmit, host transmit
 *   ports     one nm_pport per port
 *   switches  one nm_pswitch per VALE switch, and a row of NM_SWITCH_MEMBERS
 *             positions each: position -> port
 *   inboxes   one row of NM_INBOX_ENTRIES per ring, used by receive rings
 *   fdb       buckets of the learning tables, a run per switch
 *   regions   geometry of the memory regions
 *   actors    who may be inside a sync: client processes and engine threads
 *
 * The inbox of a receive ring (its owner is whoever holds the busy word):
 *
 *     taken               reserved              posted
 *       |  committed, void   |   free buffers      |
 *       |  or being filled   |   for senders       |
 *   ----+--------------------+---------------------+----   free-running
 *       owner takes          senders reserve       owner posts
 *
 * I1: taken <= reserved <= posted <= taken + entries.
 * I2: entry i & mask belongs to index i once posted > i; its word carries i.
 * I3: every buffer of a ring is in exactly one of: a slot its user owns, an
 *     entry in [taken, posted), the quarantine list.
 */
#ifndef NM_PLANE_LAYOUT_H
#define NM_PLANE_LAYOUT_H

#include <nm_os_types.h>

#define NM_LINE			64u
#define NM_PLANE_MAGIC		0x6e6d706c616e6531ULL
#define NM_PLANE_VERSION	1u

#define NM_MAX_RINGS		65536u
#define NM_MAX_PORTS		32768u
#define NM_MAX_SWITCHES		4096u
#define NM_SWITCH_MEMBERS	4096u	/* positions per switch */
#define NM_MAX_REGIONS		1024u
#define NM_MAX_ACTORS		16384u
#define NM_MAX_SLOTS		4096u	/* per ring */
#define NM_INBOX_ENTRIES	4096u	/* >= NM_MAX_SLOTS, power of two */
#define NM_FDB_WAYS		5u	/* stations per bucket, one cache line */
#define NM_FDB_MAX_BUCKETS	(1u << 21)

/* Positions that mean something else, in the published lookup API. */
#define NM_POS_BROADCAST	254u
#define NM_POS_NONE		255u

enum nm_plane_kind {		/* what nm_sync_tx() and nm_sync_rx() do */
	NM_PLANE_NONE = 0,	/* ring not in use */
	NM_PLANE_NULL = 1,
	NM_PLANE_VALE = 2,
	NM_PLANE_PIPE = 3,
	NM_PLANE_NIC = 4,	/* hardware ring, frame by frame */
	NM_PLANE_HOST = 5,	/* to and from the host's stack */
	NM_PLANE_DEV = 6,	/* hardware ring whose slots the device uses */
};

/* Others send to receive rings of this kind: they have an inbox. */
static inline int nm_plane_has_inbox(uint32_t kind)
{
	return kind == NM_PLANE_VALE || kind == NM_PLANE_NIC ||
		kind == NM_PLANE_HOST;
}

enum nm_ring_state {
	NM_RING_RUN = 0,
	NM_RING_LOCKED = 1,	/* short stop: callers come back later */
	NM_RING_STOPPED = 2,	/* for good: callers get -EIO */
};

enum nm_sink {
	NM_SINK_NONE = 0,
	NM_SINK_SWITCH,		/* as if sent by that ring, of a switch's port */
	NM_SINK_OUT,		/* by that ring, of an interface */
};

/*
 * One entry of an inbox.  Word: [63:26] low 38 bits of the index,
 * [25:24] state, [23] first slot of a packet, [22:16] slots of the packet,
 * [15:0] length.
 */
struct nm_entry {
	uint64_t word;		/* [a] see above */
	uint32_t buf_idx;	/* owner writes before posting, sender reads */
	uint32_t pad;
};

#define NM_ENTRY_FREE		0u	/* posted; reserved or not */
#define NM_ENTRY_COMMITTED	1u	/* frame is in the buffer */
#define NM_ENTRY_VOID		2u	/* given up; buffer can be used again */
#define NM_ENTRY_VOID_KEPT	3u	/* given up; buffer is in quarantine */

#define NM_ENTRY_SEQ_SHIFT	26
#define NM_ENTRY_STATE_SHIFT	24
#define NM_ENTRY_FIRST		(1u << 23)
#define NM_ENTRY_FRAGS_SHIFT	16

/*
 * A ring.  Groups of fields are on lines of their own, by who writes them:
 *   [C] control plane, while the ring is locked or unused
 *   [B] holder of busy      [a] atomic, anybody
 */
struct nm_pring {
	/* read by everybody, written rarely */
	uint32_t kind;		/* [C] enum nm_plane_kind */
	uint32_t dir;		/* [C] 0 receive, 1 transmit (as ring->dir) */
	uint32_t port;		/* [C] index into ports */
	uint32_t idx;		/* [C] index within port and direction */
	uint32_t n_slots;	/* [C] 2..NM_MAX_SLOTS */
	uint32_t region;	/* [C] index into regions */
	uint32_t ring_ofs;	/* [C] byte offset of the netmap_ring */
	uint32_t inbox_mask;	/* [C] entries in use - 1, power of two - 1 */
	uint32_t peer;		/* [C] pipes: the linked ring */
	uint32_t users;		/* [C] descriptors bound to this ring */
	uint32_t state;		/* [a] enum nm_ring_state */
	uint32_t wake_gen;	/* [a] changes when the set of sleepers does */
	uint32_t gen;		/* [C] changes when the index is used anew */
	uint32_t hup;		/* [a] pipes: the peer closed (counts) */
	uint32_t sink;		/* [C] enum nm_sink: nobody reads this ring but
				 * nm_wire_run(), which moves on what it gets */
	uint32_t sink_ring;	/* [C] where to: a transmit ring of the plane */

	/* owner */
	uint32_t busy __attribute__((aligned(64))); /* [a] actor + 1, or 0 */
	uint32_t hwcur;		/* [B] first slot not yet taken from the user */
	uint32_t hwtail;	/* [B] first slot that is not the user's */
	uint32_t rhead;		/* [B] pointers of the last valid sync */
	uint32_t rcur;		/* [B] */
	uint32_t rtail;		/* [B] tail last shown to the user */
	uint64_t taken;		/* [B] inbox index */
	uint64_t n_posted;	/* [B] owner's copy of posted */
	uint32_t seen;		/* [B] pipe tx: the peer's rel already reclaimed */
	uint32_t changed;	/* [B] pipe rx: counts batches with swapped buffers */
	uint32_t pad1[2];

	/* owner's counters */
	uint64_t packets __attribute__((aligned(64))); /* [B] moved */
	uint64_t bytes;		/* [B] */
	uint64_t syncs;		/* [B] */
	uint64_t wakeups;	/* [a] signals sent on behalf of this ring */
	uint64_t stall_idx;	/* [B] rx: index that keeps us waiting */
	uint64_t pad2[3];

	/* senders */
	uint64_t reserved __attribute__((aligned(64))); /* [a] inbox index */

	/* owner to the other side */
	uint64_t posted __attribute__((aligned(64))); /* [a] inbox index */
	uint32_t pub;		/* [a] pipe tx: slots before this are the peer's */
	uint32_t rel;		/* [a] pipe rx: nm_pipe_rel(), what is given back */
	uint32_t pad3;
	uint32_t want;		/* [a] 1: somebody sleeps on this ring */

	/* drops, by reason (enum nm_drop), counted at this ring */
	uint64_t drops[32] __attribute__((aligned(64))); /* [a] */
} __attribute__((aligned(64)));

/* A port, as far as forwarding cares. */
struct nm_pport {
	uint32_t kind;		/* [C] enum nm_plane_kind */
	uint32_t sw;		/* [C] switch, or NM_MAX_SWITCHES: none */
	uint32_t pos;		/* [C] position in the switch */
	uint32_t ring0;		/* [C] index of receive ring 0 */
	uint32_t n_rx;		/* [C] receive rings, the host's not counted */
	uint32_t n_tx;		/* [C] transmit rings, likewise */
	uint32_t hdr_len;	/* [a] virtio-net header length: 0, 10, 12 */
	uint32_t path;		/* [a] NM_PATH_DIRECT or NM_PATH_ISOLATED: who
				 * forwards what this port sends */
	uint32_t learned;	/* [a] 1 once a station was learned here */
	uint32_t gen;		/* [C] */
	uint32_t n_host_rx;	/* [C] host rings, after the others of their */
	uint32_t n_host_tx;	/* [C] direction */
	uint32_t pad[4];
} __attribute__((aligned(64)));

/* A VALE switch. */
struct nm_pswitch {
	uint32_t live;		/* [C] */
	uint32_t n_pos;		/* [a] 1 + highest position in use */
	uint32_t n_active;	/* [a] positions in use */
	uint32_t plugin;	/* [a] 1: lookup is code, run by the engine only */
	uint32_t fdb_first;	/* [C] first bucket */
	uint32_t fdb_mask;	/* [C] buckets - 1 */
	uint32_t age_s;		/* [a] stations live this long, seconds; 0 = ever */
	uint32_t gen;		/* [C] */
	uint32_t seed;		/* [C] of the hash, random */
	uint32_t pad[7];
} __attribute__((aligned(64)));

/*
 * A bucket of a learning table.  A station is one word, [63:16] MAC address
 * (first byte lowest), [15:0] position + 1, so that learning, moving and
 * forgetting are single stores.  0 = empty.
 */
struct nm_bucket {
	uint64_t station[NM_FDB_WAYS];	/* [a] */
	uint32_t stamp[NM_FDB_WAYS];	/* [a] seconds, when last seen as source */
	uint32_t pad;
} __attribute__((aligned(64)));

/* A memory region. */
struct nm_pregion {
	uint32_t live;		/* [C] */
	uint32_t gen;		/* [C] */
	uint64_t size;		/* [C] bytes */
	uint64_t buf_ofs;	/* [C] byte offset of buffer 0 */
	uint32_t n_bufs;	/* [C] including the reserved 0 and 1 */
	uint32_t buf_size;	/* [C] bytes per buffer, and the stride */
	uint32_t mem_id;	/* [C] nr_mem_id */
	uint32_t pad[7];
} __attribute__((aligned(64)));

/*
 * Somebody who runs syncs: a client process or an engine thread.  seq is odd
 * while it is inside one; a repair waits for it to change (a grace period)
 * before it decides that a reservation has no owner.
 */
struct nm_pactor {
	uint32_t live;		/* [C] */
	uint32_t pid;		/* [C] process id as the server sees it */
	uint32_t seq;		/* [a] its owner writes */
	uint32_t gen;		/* [C] */
	uint32_t pad[12];
} __attribute__((aligned(64)));

/* The first page of a plane that is shared. */
struct nm_plane_hdr {
	uint64_t magic;
	uint32_t version;
	uint32_t mode_gen;	/* [a] changes with any path, port or region */
	uint64_t ofs_rings, ofs_ports, ofs_switches, ofs_members;
	uint64_t ofs_inboxes, ofs_fdb, ofs_regions, ofs_actors;
	uint64_t size;
};

#endif /* NM_PLANE_LAYOUT_H */
