/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crew: the two processes that exchange packets, and how they are led.
 *
 * They go through the jobs in order.  The leader gives an order by raising
 * the number of the job; each worker opens its port, says that it is ready,
 * works until the next order, and closes the port.  What they have to tell
 * each other and the leader is in memory they share: no packet passes there.
 */
#ifndef NM_DEMO_CREW_H
#define NM_DEMO_CREW_H

#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <libnetmap.h>

#include "apps/demo/pcapfile.h"

enum job {
	JOB_NONE,
	JOB_VALE,		/* speed over a switch */
	JOB_PIPE,		/* speed over a pipe */
	JOB_REPLAY,		/* a capture over a switch */
	JOB_END,
};

#define LEFT	0
#define RIGHT	1

#define ARENA_BYTES	(CAPTURE_MAX_BYTES + 4 * CAPTURE_MAX_FRAMES)

/**
 * struct board - what is shared
 * @order: the job to do, enum job
 * @ready: per worker: the job it is ready for
 * @failed: per worker: it gave up
 * @size: bytes of the frames to send now; 0: pause
 * @packets: received
 * @bytes: theirs
 * @sum: of what was read in them, so that reading is not optimised away
 * @path: capture to replay
 * @corrupt: flip one bit of it on the way
 * @go: both ports are there, begin to replay
 * @at: per worker: the frame of the capture it is at
 * @finished: per worker: has come to the end of the capture
 * @extra: frames that came although none was sent
 * @arrived: frames in @arena
 * @arena_used: bytes used in it
 * @arena: what has arrived, in this order: 4 bytes of length, then the frame
 */
struct board {
	_Atomic uint32_t order;
	_Atomic uint32_t ready[2];
	_Atomic uint32_t failed[2];
	_Atomic uint32_t size;
	_Alignas(128) _Atomic uint64_t packets;
	_Atomic uint64_t bytes;
	_Atomic uint64_t sum;
	char path[PATH_MAX];
	bool corrupt;
	_Atomic uint32_t go;
	_Atomic uint32_t at[2];
	_Atomic uint32_t finished[2];
	_Atomic uint32_t extra;
	_Atomic uint32_t arrived;
	_Atomic uint32_t arena_used;
	uint8_t arena[ARENA_BYTES];
};

/**
 * struct crew - the two processes
 * @board: shared with them
 * @pid: of each; 0 once it has ended
 */
struct crew {
	struct board *board;
	pid_t pid[2];
};

/* Set when the user wants to end the program. */
extern volatile sig_atomic_t stop_asked;

/**
 * crew_start - make the two processes
 * @c: out
 * Return: 0; -1 after telling why.
 */
int crew_start(struct crew *c);

/**
 * crew_order - give the order and wait until both are ready
 * @c: the crew
 * @job: the next job
 * Return: 0; -1 when a worker has failed, which has told why, or the user
 *	wants to end.
 */
int crew_order(struct crew *c, enum job job);

/**
 * crew_sleep - let them work for a while
 * @c: the crew
 * @ns: nanoseconds
 * Return: as crew_order().
 */
int crew_sleep(struct crew *c, uint64_t ns);

/* crew_end - end both processes; may be called at any time after the start */
void crew_end(struct crew *c);

/* crew_is_over - for workers: has the order changed from @job? */
static inline bool crew_is_over(const struct board *b, enum job job)
{
	return atomic_load_explicit(&b->order, memory_order_relaxed) != job;
}

#endif /* NM_DEMO_CREW_H */
