/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The engine itself: one lock, the plane, and lists of everything.
 *
 * The control plane keeps its own copy of all it decides by; the plane holds
 * published copies, which any client of the domain can overwrite.  What is
 * read back from the plane (positions, counters) is checked at each use.
 *
 * Who holds what:
 *   file -> port          while bound
 *   pipe end -> parent    while the pipe exists
 *   NEWIF -> port         until DELIF
 *   dying ring -> port    until its grace period is over
 *   port -> region, port -> switch
 *
 * One lock, taken by the public functions of engine.h; everything whose
 * declaration does not say otherwise is called with it held.
 */
#ifndef NM_ENGINE_PRIV_H
#define NM_ENGINE_PRIV_H

#include "engine/os.h"
#include "engine/engine.h"
#include "engine/actor.h"
#include "engine/idmap.h"
#include "engine/param.h"

#define NM_PORT_HASH	1024u	/* buckets, a power of two */
#define NM_FDB_UNIT	64u	/* buckets of a learning table come in these */
#define NM_GRACE_US	20000u	/* who takes longer has stopped */
/*
 * The same where it costs those a frame who are only kept from running: on a
 * busy machine that is tens of milliseconds.  A receiver that waits for them
 * has waited 5 ms before, and waits no longer than 100 in all.
 */
#define NM_REPAIR_US	70000u

struct nm_homing;
struct nm_kept;
struct nm_region;
struct nm_ring;
struct nm_switch;
struct nm_vale_ext;

/* All fields but the first group: e->lock. */
struct nm_engine {
	struct nm_os_mutex lock;
	const struct nm_host_ops *ops;	/* immutable; may be NULL */
	void *host;			/* immutable */
	int home;			/* immutable: NM_HOME_* */

	struct nm_plane pl;
	struct nm_params params;
	struct nm_idmap ring_ids, port_ids, switch_ids, region_ids, actor_ids;
	struct nm_idmap fdb_ids;	/* units of NM_FDB_UNIT buckets */
	struct nm_actors actors;
	struct nm_actor self;		/* for wake-ups by the control plane */

	struct nm_file *files;
	struct nm_port *ports[NM_PORT_HASH];	/* by name */
	struct nm_switch *switches;		/* by number */
	struct nm_region *regions;
	struct nm_port *nics;		/* ports of interfaces */
	struct nm_ring *dying_rings;	/* wait for their grace period */
	struct nm_port *dying_ports;	/* likewise */
	struct nm_switch *dying_switches;	/* likewise */
	struct nm_kept *kept;		/* the quarantine */
	struct nm_homing *homing;	/* lists of extra buffers; extra.c */
	uint32_t n_sweeps;		/* regions that were swept, ever */
	uint32_t gen;			/* last generation number given out */
	uint32_t last_owner;		/* owner.h */
	uint16_t last_mem_id;
	struct nm_vale_ext **vale_ext;		/* by switch; vale_ops.c */
	uint32_t *scratch;		/* NM_MAX_SLOTS buffer numbers */
};

/* nm_actor_new(), nm_actor_free() with the lock held */
int nm_actor_new_locked(struct nm_engine *e, uint32_t pid);
void nm_actor_free_locked(struct nm_engine *e, uint32_t id);

/** nm_engine_mode_changed - some path, port or region is not what it was */
static inline void nm_engine_mode_changed(struct nm_engine *e)
{
	nm_add32(&e->pl.hdr->mode_gen, 1);
}

#endif /* NM_ENGINE_PRIV_H */
