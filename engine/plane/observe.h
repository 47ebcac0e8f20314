/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The points at which a monitor sees a ring's frames.
 *
 * Every sync passes through exactly one of them, with the ring's busy word
 * held: transmit before the slots are taken, receive after slots were filled
 * and before the user is shown them.  Observers are explicit: they will hang
 * on the ring as a list walked here; no other code needs to know of them.
 */
#ifndef NM_PLANE_OBSERVE_H
#define NM_PLANE_OBSERVE_H

#include "engine/plane/view.h"

/* Slots [from, to) of a transmit ring are about to be taken. */
static inline void nm_observe_tx(const struct nm_view *v, uint32_t from,
				 uint32_t to)
{
}

/* Slots [from, to) of a receive ring were filled. */
static inline void nm_observe_rx(const struct nm_view *v, uint32_t from,
				 uint32_t to)
{
}

#endif /* NM_PLANE_OBSERVE_H */
