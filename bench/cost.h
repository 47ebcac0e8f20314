/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ports cost while nothing goes through them: time to open and close
 * one, memory, and CPU time of many idle ones.
 */
#ifndef NM_BENCH_COST_H
#define NM_BENCH_COST_H

#include "bench/crew.h"
#include "bench/row.h"

#define COST_SERVER		"netmapd"	/* its name in /proc/PID/comm */
#define COST_IDLE_PORTS		100
#define COST_IDLE_SECONDS	3

/**
 * cost_opener - a worker that opens and closes a port again and again
 * @prefix: of its port names, "valebench:"; one port is kept open under it,
 *          so that neither the switch nor the server comes and goes
 *
 * Leaves p50 and p99 in ns as figures 0 and 1 at each pause.
 */
struct crew_job cost_opener(const char *prefix, unsigned int cpu);

/**
 * cost_idle - measure COST_IDLE_PORTS idle ports once
 * @memory: a row of the metrics cost_memory_metrics
 * @cpu:    a row of the metrics cost_cpu_metrics
 * Return: 0; -1 with the reason in both rows' "skipped"
 */
int cost_idle(const char *prefix, unsigned int cpu_nr, struct row *memory,
	      struct row *cpu);

extern const struct metric cost_memory_metrics[3];
extern const struct metric cost_cpu_metrics[3];

#endif /* NM_BENCH_COST_H */
