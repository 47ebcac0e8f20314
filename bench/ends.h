/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ends of a measurement: what the workers do with their netmap ports.
 */
#ifndef NM_BENCH_ENDS_H
#define NM_BENCH_ENDS_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/crew.h"

#define ENDS_PORTS	8
#define ENDS_BATCH	256	/* frames per sync */
#define ENDS_SPEC	64

/* What a worker is told; lives in the controller and is inherited by fork. */
struct ends_arg {
	unsigned int n_ports;
	char spec[ENDS_PORTS][ENDS_SPEC];
	uint8_t src[ENDS_PORTS];	/* last byte of each port's address */
	uint8_t dst;			/* last byte, or ENDS_BROADCAST */
	uint16_t len;			/* bytes per frame, without CRC */
	bool blocking;			/* sleep in poll instead of spinning */
	uint16_t path;			/* NM_PATH_* that is to be measured */
};

#define ENDS_BROADCAST	0xff

/* Figures that the latency ends leave at each pause. */
enum ends_figure {
	ENDS_P50_NS,
	ENDS_P99_NS,
	ENDS_SYNC_P50_NS,	/* the sender's own time in the sync; ticks only */
};

/*
 * Each end leaves a remark in its post when its port turns out to run on
 * another path than it was told.
 *
 * sender:   batches of ENDS_BATCH frames from each port in turn, the first 64
 *           bytes of each frame written; counts frames that left the ring
 * receiver: takes what is there from each port in turn, reads 8 bytes of each
 *           frame; counts frames; announces its addresses first
 * pinger:   one frame out, wait for it to come back; counts round trips
 * ponger:   sends each frame back
 * ticker:   one frame with the time in it every 2 ms
 * sleeper:  sleeps in poll; takes the frame's age when it runs again
 */
struct crew_job ends_sender(const struct ends_arg *arg, unsigned int cpu);
struct crew_job ends_receiver(const struct ends_arg *arg, unsigned int cpu);
struct crew_job ends_pinger(const struct ends_arg *arg, unsigned int cpu);
struct crew_job ends_ponger(const struct ends_arg *arg, unsigned int cpu);
struct crew_job ends_ticker(const struct ends_arg *arg, unsigned int cpu);
struct crew_job ends_sleeper(const struct ends_arg *arg, unsigned int cpu);

#endif /* NM_BENCH_ENDS_H */
