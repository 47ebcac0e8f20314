/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NM_BENCH_DISTANCE_H
#define NM_BENCH_DISTANCE_H

#include <stdbool.h>
#include <stdint.h>

/* How far apart two CPUs are, judged by one hand-off of a cache line. */
enum distance_class {
	DISTANCE_SMT,		/* below 35 ns: two threads of one core */
	DISTANCE_NEAR,		/* below 120 ns: two cores under one L3 */
	DISTANCE_FAR,		/* 120 ns and more: different L3 */
	DISTANCE_MIXED,		/* it changed while we looked */
	DISTANCE_NONE,		/* does not apply: one CPU only */
	DISTANCE_N_CLASSES,
};

struct distance {
	enum distance_class class;
	double hop_ns;		/* one way, of the fastest burst; 0 for NONE */
};

/**
 * distance_probe - how far apart are two CPUs right now?
 * @cpu_a, @cpu_b: CPU numbers; the calling thread's affinity is untouched
 * @out: the result; DISTANCE_NONE when @cpu_a equals @cpu_b
 *
 * Takes about 5 ms when near and 20 ms when far.  Nothing else of ours may
 * spin on the two CPUs meanwhile; a preemption by others is tolerated.
 *
 * Return: 0; -errno when a thread cannot be created or pinned.
 */
int distance_probe(unsigned int cpu_a, unsigned int cpu_b, struct distance *out);

/**
 * distance_of_pair - the class of a sample from the probes around it
 * Return: their common class; DISTANCE_MIXED when they differ.
 */
enum distance_class distance_of_pair(const struct distance *before,
				     const struct distance *after);

/** distance_name - "smt", "near", "far", "mixed" or "-" */
const char *distance_name(enum distance_class class);

#endif /* NM_BENCH_DISTANCE_H */
