/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Actors and grace periods.
 *
 * An actor is a thread that runs syncs; its word `seq' in the plane is odd
 * while it is inside one.  The control plane takes something away in three
 * steps: say so in the plane, begin a grace period, and free it when the
 * period is over, which is when every actor that was inside a sync at its
 * beginning has left it.
 *
 * Periods are numbered.  Of each actor found inside a sync the table keeps
 * the value of seq and the first period that saw it: as long as seq is the
 * same, that actor holds up this period and all later ones, and no earlier
 * one.  So any number of things can wait, each with nothing but a number,
 * and waiting needs no memory.
 *
 * The engine's lock is held while somebody waits, so an actor that did not
 * move in the time it was given is waited for only once: until it moves,
 * everything that it holds up is left to nm_engine_tick().
 */
#ifndef NM_ENGINE_ACTOR_H
#define NM_ENGINE_ACTOR_H

#include <nm_os_types.h>

struct nm_engine;

/* What the control plane itself knows about an actor. */
struct nm_actor_state {
	uint32_t live;
	uint32_t pid;
	uint32_t dead;		/* its process is gone, repair is under way */
	uint32_t seen;		/* 1: found inside a sync ... */
	uint32_t seq;		/* ... with this seq ... */
	uint64_t since;		/* ... first by this period */
	uint32_t stopped;	/* ... and waited for in vain with this seq */
};

/* All fields: the engine's lock. */
struct nm_actors {
	struct nm_actor_state *v;
	uint32_t len;		/* of v */
	uint32_t end;		/* 1 + highest number in use */
	uint64_t period;
};

/** nm_actors_fini - forget them all */
void nm_actors_fini(struct nm_actors *a);

/**
 * nm_grace_begin - what was taken out of the plane before must not be found
 * by a sync that starts from now on; wait for the others
 * Return: number of the period.
 */
uint64_t nm_grace_begin(struct nm_engine *e);

/** nm_grace_is_over - whether period @period has ended */
int nm_grace_is_over(struct nm_engine *e, uint64_t period);

/**
 * nm_grace_wait - wait for the end of a period
 * @us: microseconds at most
 * Return: 1 when it is over, 0 when somebody has stopped inside a sync; at
 *         once when that is known already.
 */
int nm_grace_wait(struct nm_engine *e, uint64_t period, uint32_t us);

/**
 * nm_grace_culprit - process id of an actor that holds a period up, 0: none
 */
uint32_t nm_grace_culprit(struct nm_engine *e, uint64_t period);

/** nm_actor_is_live - whether a number names a live actor */
int nm_actor_is_live(const struct nm_engine *e, uint32_t id);

/** nm_actor_is_known - ... or one that is dead and being repaired */
int nm_actor_is_known(const struct nm_engine *e, uint32_t id);

#endif /* NM_ENGINE_ACTOR_H */
