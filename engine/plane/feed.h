/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Frames that come from outside the plane (an interface, the host's stack)
 * and go into the inbox of a receive ring; and frames on their way out.
 */
#ifndef NM_PLANE_FEED_H
#define NM_PLANE_FEED_H

#include "engine/plane/plane.h"

/* A frame in somebody else's memory, to be embedded in what tells where. */
struct nm_feed {
	uint32_t len;		/* bytes, Ethernet header and tags included */
	/* Copy bytes [ofs, ofs + len) of the frame; 0, or it is dropped. */
	int (*copy)(const struct nm_feed *f, uint32_t ofs, void *dst,
		    uint32_t len);
};

/**
 * nm_feed_put - put a frame into the inbox of a receive ring
 * @ring: index; that of a ring with an inbox, or of nothing any more
 *
 * The caller is an actor inside a sync (nm_actor_enter()).
 *
 * A frame longer than a buffer takes several slots.  Frames shorter than an
 * Ethernet header, longer than the ring could ever show, or that find no room,
 * are dropped and counted at the ring.  Does not notify: call
 * nm_ring_notify() after the last of a batch.
 *
 * Context: any; never blocks.
 * Return: 0; -ENODEV the ring does not receive: nothing was counted, the frame
 *         is the caller's; -ENOSPC dropped and counted.
 */
int nm_feed_put(struct nm_plane *pl, uint32_t ring, const struct nm_feed *f);

/** nm_feed_is_open - whether nm_feed_put() would take a frame or drop it */
int nm_feed_is_open(struct nm_plane *pl, uint32_t ring);

/* One buffer of a frame that leaves: private, checked copies. */
struct nm_piece {
	const uint8_t *buf;
	uint32_t len;		/* > 0 */
};

/* One frame: pieces [first, first + n). */
struct nm_out {
	uint32_t first, n;	/* n is 1..NETMAP_MAX_FRAGS */
	uint32_t len;		/* of all pieces, >= 14 */
	uint32_t at;		/* its first slot in the ring it is in */
};

#define NM_OUT_FRAMES	32u	/* per call of frames_out */
#define NM_OUT_PIECES	(NM_OUT_FRAMES + NETMAP_MAX_FRAGS)

/* Frames that leave, for nm_plane_ops.frames_out. */
struct nm_frames {
	uint32_t n;
	uint32_t n_pieces;
	struct nm_out frame[NM_OUT_FRAMES];
	struct nm_piece piece[NM_OUT_PIECES];
};

#endif /* NM_PLANE_FEED_H */
