/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * speed: as many frames of one size as possible from left to right.
 */
#ifndef NM_DEMO_SPEED_H
#define NM_DEMO_SPEED_H

#include "apps/demo/crew.h"

/**
 * struct rate - a measurement
 * @pps: frames received per second
 * @bps: bits received per second
 * @lost: share of the frames sent that did not arrive, 0 to 1
 */
struct rate {
	double pps;
	double bps;
	double lost;
};

/**
 * speed_work - what a worker does: left sends, right receives
 * @b: the board
 * @job: JOB_VALE or JOB_PIPE
 * @side: LEFT or RIGHT
 * @d: the port of this side
 * Return: 0; -1 with errno.
 */
int speed_work(struct board *b, enum job job, int side, struct nmport_d *d);

/**
 * speed_measure - what the leader does: measure one size
 * @c: the crew, at work on @job
 * @job: JOB_VALE or JOB_PIPE
 * @size: bytes of a frame
 * @ns: how long
 * @r: out
 * Return: 0; -1 after an error was told.
 */
int speed_measure(struct crew *c, enum job job, unsigned int size, uint64_t ns,
		struct rate *r);

#endif /* NM_DEMO_SPEED_H */
