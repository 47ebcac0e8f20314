/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replay: send a capture of two hosts through a switch.
 *
 * Each worker is one of the hosts: it sends the frames that this host sent,
 * and takes down those of the other.  The leader compares.
 */
#ifndef NM_DEMO_REPLAY_H
#define NM_DEMO_REPLAY_H

#include "apps/demo/crew.h"

/**
 * replay_work - what a worker does
 * @b: the board
 * @side: LEFT or RIGHT
 * @d: the port of this side
 * Return: 0; -1 with errno.
 */
int replay_work(struct board *b, int side, struct nmport_d *d);

/**
 * struct verdict - how it went
 * @arrived: frames that arrived
 * @different: of those, how many are not what was sent, or not in order
 * @first: number of the first different or missing frame, from 1; 0: none
 * @extra: frames that arrived and were not sent
 */
struct verdict {
	unsigned int arrived, different, first, extra;
};

/**
 * replay_run - what the leader does: have it sent, wait, compare
 * @c: the crew, at work on JOB_REPLAY
 * @capture: the capture
 * @v: out
 * Return: 0 when every byte of every frame arrived, in order; 1 when not; -1
 *	when it could not be tried, after telling why.
 */
int replay_run(struct crew *c, const struct capture *capture,
		struct verdict *v);

#endif /* NM_DEMO_REPLAY_H */
