/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * VALE switches and their ports.
 *
 * A switch is made by the first port that names it and goes with the last.
 * Its name is the text before the colon, "vale" included; each network
 * namespace has its own.  Positions are the lowest free ones, without the two
 * that mean something else to lookup functions.
 *
 * Ports: ephemeral ones are made by REGISTER and live while somebody holds
 * them; persistent ones are made by NEWIF, live until DELIF, and are on a
 * switch between ATTACH and DETACH.
 */
#ifndef NM_ENGINE_VALE_H
#define NM_ENGINE_VALE_H

#include "engine/port.h"

/* All fields: the engine's lock. */
struct nm_switch {
	struct nm_switch *next;		/* e->switches, ascending idx, or
					 * e->dying_switches */
	struct nm_engine *e;
	char name[NM_IFNAMSIZ];		/* "vale...", without the colon */
	uint64_t ns_id;
	uint32_t idx;			/* in the plane */
	uint32_t refs;			/* ports, and who else keeps it */
	struct nm_port **at;		/* by position; n_at of them */
	uint32_t n_at;
	uint32_t n_isolated;		/* ports that are isolated themselves */
	uint32_t fdb_first, fdb_units;	/* in units of NM_FDB_UNIT buckets */
	uint32_t plugin;		/* 1: its lookup is code */
	const void *token;		/* NULL, or exclusive: only who has it
					 * attaches; vale_ops.c */
	uint64_t period;		/* grace period after the last put */
};

/** nm_switch_find - NULL when there is none; no reference */
struct nm_switch *nm_switch_find(struct nm_engine *e, uint64_t ns_id,
				 const char *name);

/**
 * nm_switch_get - find or make a switch; a reference is taken
 * @name: "vale" included, without the colon
 * Return: 0; -ENOMEM.
 */
int nm_switch_get(struct nm_engine *e, uint64_t ns_id, const char *name,
		  struct nm_switch **out);
void nm_switch_put(struct nm_switch *sw);

/** nm_switches_tick - as nm_ports_tick() */
int nm_switches_tick(struct nm_engine *e);

/**
 * nm_switch_may - whether programs may change what is on a switch
 * @sw:   NULL is fine
 * @verb: "attaches", for the sentence
 * Return: 0; -EACCES a plug-in has it to itself.
 */
int nm_switch_may(struct nm_file *f, const struct nm_switch *sw,
		  const char *verb);

/** nm_switch_set_plugin - its lookup is (1), is not (0) code */
void nm_switch_set_plugin(struct nm_switch *sw, int on);

/**
 * nm_switch_join - put a port on a switch
 *
 * Takes over the caller's reference to the switch on success.
 * Return: 0; -ENOMEM when there is no memory or no free position.
 */
int nm_switch_join(struct nm_switch *sw, struct nm_port *p);

/** nm_switch_leave - take it off; its reference to the switch is dropped */
void nm_switch_leave(struct nm_port *p);

/** nm_switch_recount - a port's own isolation changed; update all paths */
void nm_switch_recount(struct nm_switch *sw, int change);

/**
 * nm_vale_lookup - the port vale<X>:<Y>, ephemeral or attached; no reference
 * @name: of kind NM_NAME_VALE
 */
struct nm_port *nm_vale_lookup(struct nm_file *f, const struct nm_name *name);

/**
 * nm_vale_port_new - a port of either kind, on no switch, not published
 * @w: geometry and region; what it does not say is the default
 * Return: 0; -ENOMEM; as nm_region_choose().
 */
int nm_vale_port_new(struct nm_file *f, const struct nm_want *w,
		     const struct nm_port_kind *kind, const char *name,
		     struct nm_port **out);

/** nm_vale_hide - nm_port_kind.hide of both kinds */
void nm_vale_hide(struct nm_port *p);

/**
 * nm_persistent_new - make a persistent port
 * @how: 1: by NEWIF, 2: as parent of a pipe
 *
 * For NEWIF the port holds a reference to itself until DELIF; the caller's
 * reference is extra.
 * Return: 0; -ENOMEM; as nm_region_choose().
 */
int nm_persistent_new(struct nm_file *f, const struct nm_want *w, int how,
		      struct nm_port **out);

#endif /* NM_ENGINE_VALE_H */
