/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report: what the demonstration prints.
 */
#ifndef NM_DEMO_REPORT_H
#define NM_DEMO_REPORT_H

#include "apps/demo/link.h"
#include "apps/demo/replay.h"
#include "apps/demo/speed.h"

#define N_SIZES	7

/* Bytes of a frame, with its CRC. */
extern const unsigned int report_sizes[N_SIZES];

/**
 * struct speeds - everything measured
 * @rate: by link (0: VALE, 1: pipe) and size
 * @drops: by link
 */
struct speeds {
	struct rate rate[2][N_SIZES];
	struct drops drops[2];
};

/* report_live - one line, when it has been measured */
void report_live(enum job job, unsigned int size, const struct rate *r);

/* report_table - all of them, and what lines could carry */
void report_table(const struct speeds *s);

/* report_census - what is in a capture, on one line */
void report_census(const struct census *c);

/**
 * report_verdict - how the replay went
 * @c: the capture
 * @v: what was found
 * @ok: every byte has arrived
 */
void report_verdict(const struct census *c, const struct verdict *v, bool ok);

#endif /* NM_DEMO_REPORT_H */
