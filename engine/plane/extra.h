/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Lists of extra buffers, as they are handed over.
 *
 * A program finds the number of the next extra buffer in the first word of
 * each.  Writing half a million such words brings in as many pages, and the
 * control plane does not do that with its lock held.  It writes runs: in the
 * first buffer of consecutive numbers the number of the next run, and how many
 * there are.  Whoever gives the list to the program spreads it: the kernel
 * after the request, in user mode the client's library.
 */
#ifndef NM_PLANE_EXTRA_H
#define NM_PLANE_EXTRA_H

#include "engine/plane/view.h"

/**
 * nm_extra_run - write a run of @len buffers
 * @at:   its first buffer
 * @next: first of the next run, or 0
 */
static inline void nm_extra_run(void *at, uint32_t next, uint32_t len)
{
	uint32_t *w = at;

	nm_store32(&w[0], next);
	nm_store32(&w[1], len);
}

/**
 * nm_extra_spread - make a list of buffers of a list of runs
 * @head: first buffer
 * @n:    buffers
 *
 * What makes no sense ends it.
 */
void nm_extra_spread(const struct nm_bufs *b, uint32_t head, uint32_t n);

#endif /* NM_PLANE_EXTRA_H */
