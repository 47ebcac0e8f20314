/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Extra buffers: handed out with a bind, and followed home.
 *
 * What comes home is a list in the program's hands, as long as half a million
 * buffers.  Following it maps each of their pages, at about a microsecond a
 * buffer, so it is done a piece at a time: the first at once, and the others
 * by the engine's tick, with the lock free in between.  Until then the buffers
 * are in use, of nobody, and their region stays.
 */
#ifndef NM_ENGINE_EXTRA_H
#define NM_ENGINE_EXTRA_H

#include <nm_os_types.h>

struct nm_engine;
struct nm_marks;
struct nm_region;

#define NM_EXTRA_STEP	4096u	/* buffers followed while the lock is held */

/**
 * nm_extra_take - as many extra buffers as can be had; fewer are no error
 * @want:  how many; more than NM_EXTRA_MAX are not given
 * @owner: whose they are (owner.h)
 * @head:  out: the first one, of a list of runs (plane/extra.h)
 * Return: how many.
 */
uint32_t nm_extra_take(struct nm_region *rg, uint32_t want, uint32_t owner,
		       uint32_t *head);

/**
 * nm_extra_give - a list that a program had comes home
 * @head: its first buffer, as the program left it
 * @had:  how many buffers it was given, not 0
 *
 * Buffers that are not in the list are found by a sweep.
 */
void nm_extra_give(struct nm_region *rg, uint32_t head, uint32_t had,
		   uint32_t owner);

/**
 * nm_extra_next - the buffer after @idx, which is in use, in a list
 * Return: 0, which ends a list, too when it was never touched and so was not
 *         linked by us.
 */
uint32_t nm_extra_next(const struct nm_region *rg, uint32_t idx);

/** nm_extra_tick - follow the lists that are under way; 1: some still are */
int nm_extra_tick(struct nm_engine *e);

/** nm_extra_mark - mark what the lists under way hold of a region */
void nm_extra_mark(struct nm_marks *m, const struct nm_region *rg);

/** nm_extra_fini - forget about them all */
void nm_extra_fini(struct nm_engine *e);

#endif /* NM_ENGINE_EXTRA_H */
