/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Who was given a buffer, and who has it.
 *
 * Programs exchange buffers between their rings, and between rings and lists
 * of extra buffers, of one region; the engine is not told.  A program that is
 * killed between the two stores of an exchange leaves one buffer in two
 * places.  When the first of them is closed it may not free that buffer:
 * somebody else could get it before the second one is closed, and lose it
 * then.
 *
 * So each buffer has a word in private memory: the number of the ring life or
 * of the list that it was taken from the pool for.  Who gives back a buffer of
 * his own number just does, as nearly all do.  If the number is another's
 * then the rings, lists and quarantined entries of the region are looked
 * through once: what one of them has, too, stays in use, and the region is
 * short of what got lost instead, which the sweep finds.
 *
 * Of two places that have the same buffer at least one sees another's number,
 * and the other one sees his own: either the first to be closed leaves it to
 * the second, or the second finds that it is somebody's by now.
 */
#ifndef NM_ENGINE_OWNER_H
#define NM_ENGINE_OWNER_H

#include <nm_os_types.h>

struct nm_engine;
struct nm_region;
struct nm_ring;

/* A bit per buffer of a region. */
struct nm_marks {
	uint64_t *bits;		/* NULL: no memory */
	uint32_t n;
};

/** nm_marks_init - none; 0 or -ENOMEM */
int nm_marks_init(struct nm_marks *m, const struct nm_region *rg);
void nm_marks_fini(struct nm_marks *m);

/** nm_marks_rings - what rings, all but @but, and the quarantine have */
void nm_marks_rings(struct nm_marks *m, struct nm_region *rg,
		    const struct nm_ring *but);

/** nm_marks_list - a list of extra buffers, at most @n, as far as it makes sense */
void nm_marks_list(struct nm_marks *m, const struct nm_region *rg,
		   uint32_t idx, uint32_t n);

/** nm_owner_new - a number that nobody had */
uint32_t nm_owner_new(struct nm_engine *e);

/** nm_owner_set - @n buffers that were just taken are @owner's */
void nm_owner_set(struct nm_region *rg, const uint32_t *idx, uint32_t n,
		  uint32_t owner);

/* Somebody who gives buffers back. */
struct nm_giver {
	struct nm_region *rg;
	const struct nm_ring *ring;	/* or NULL */
	uint32_t owner;
	uint32_t looked;		/* others is valid */
	struct nm_marks others;
};

/**
 * nm_giver_init - @ring, or a list that no descriptor has any more, ends
 * @owner: its number
 */
void nm_giver_init(struct nm_giver *g, struct nm_region *rg,
		   const struct nm_ring *ring, uint32_t owner);
void nm_giver_fini(struct nm_giver *g);

/** nm_giver_give - 1; 0 when @buf is not in use, or somebody else has it */
int nm_giver_give(struct nm_giver *g, uint32_t buf);

#endif /* NM_ENGINE_OWNER_H */
