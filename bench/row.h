/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NM_BENCH_ROW_H
#define NM_BENCH_ROW_H

#include "bench/distance.h"
#include "bench/json.h"

#define ROW_METRICS	4
#define ROW_SAMPLES	128	/* kept per class; later ones are not counted */

struct metric {
	const char *name;	/* "received", "rtt p50" */
	const char *unit;	/* "Mpps", "ns" */
};

/* Samples of one class, with the probes they were taken between. */
struct row_class {
	unsigned int n;
	double value[ROW_METRICS][ROW_SAMPLES];
	double hop_min_ns, hop_max_ns;
};

/*
 * A line of the report: one thing measured many times, each sample filed
 * under the distance of the two CPUs while it was taken.
 */
struct row {
	char name[48];
	char variant[32];		/* "direct", "isolated", "copy", ... */
	char note[128];			/* printed under the row; may be empty */
	char skipped[240];		/* why there is no figure; else empty */
	unsigned int n_metrics;
	struct metric metrics[ROW_METRICS];
	unsigned int n_discarded;	/* samples during which the CPUs moved */
	struct row_class classes[DISTANCE_N_CLASSES];
};

/* Takes one sample of at most a second into values[n_metrics]; 0 or -errno. */
typedef int row_sampler(void *context, double *values);

/**
 * row_add - file one sample
 * @values: one per metric
 */
void row_add(struct row *row, const struct distance *before,
	     const struct distance *after, const double *values);

/** row_is_complete - does every class that was seen have @want samples? */
bool row_is_complete(const struct row *row, unsigned int want);

struct row_plan {
	unsigned int cpu_a, cpu_b;	/* the two that the samples use */
	unsigned int want;		/* samples per class seen */
	double budget_s;		/* stop then, whatever is still missing */
};

/**
 * row_collect - probe, sample, probe, until the row is complete
 *
 * The two CPUs must be idle on our part whenever @sample is not running.
 *
 * Return: 0; the sampler's or the probe's error.
 */
int row_collect(struct row *row, const struct row_plan *plan,
		row_sampler *sample, void *context);

/** row_print_heading, row_print - the table on stdout */
void row_print_heading(void);
void row_print(const struct row *row);

/** row_json - the row as an object, a member of the open array */
void row_json(const struct row *row, struct json *j);

#endif /* NM_BENCH_ROW_H */
