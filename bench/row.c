/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A row of the report and the rule that makes it valid.
 *
 * A sample counts only if the CPUs were equally far apart before and after
 * it; it is then filed under that distance, and the classes are never added
 * up.  A row is complete when each class that turned up has enough samples.
 * Which classes turn up is the host's choice, so the time is bounded and a
 * class may stay short: n is printed next to every figure.
 */
#include <stdio.h>

#include "bench/clock.h"
#include "bench/row.h"
#include "bench/stats.h"

static void note_hop(struct row_class *c, double hop_ns)
{
	if (!c->n || hop_ns < c->hop_min_ns)
		c->hop_min_ns = hop_ns;
	if (!c->n || hop_ns > c->hop_max_ns)
		c->hop_max_ns = hop_ns;
}

void row_add(struct row *row, const struct distance *before,
	     const struct distance *after, const double *values)
{
	enum distance_class class = distance_of_pair(before, after);
	struct row_class *c = &row->classes[class];

	if (class == DISTANCE_MIXED) {
		row->n_discarded++;
		return;
	}
	if (c->n == ROW_SAMPLES)
		return;
	note_hop(c, before->hop_ns);
	for (unsigned int m = 0; m < row->n_metrics; m++)
		c->value[m][c->n] = values[m];
	c->n++;
	note_hop(c, after->hop_ns);
}

bool row_is_complete(const struct row *row, unsigned int want)
{
	bool complete = false;

	for (unsigned int k = 0; k < DISTANCE_N_CLASSES; k++) {
		unsigned int n = row->classes[k].n;

		if (n && n < want)
			return false;
		complete |= n >= want;
	}
	return complete;
}

int row_collect(struct row *row, const struct row_plan *plan,
		row_sampler *sample, void *context)
{
	uint64_t end = clock_ns() + (uint64_t)(plan->budget_s * 1e9);
	struct distance before, after;
	double values[ROW_METRICS];
	int error;

	error = distance_probe(plan->cpu_a, plan->cpu_b, &before);
	while (!error && !row_is_complete(row, plan->want) && clock_ns() < end) {
		error = sample(context, values);
		if (!error)
			error = distance_probe(plan->cpu_a, plan->cpu_b, &after);
		if (!error) {
			row_add(row, &before, &after, values);
			before = after;
		}
	}
	return error;
}

void row_print_heading(void)
{
	printf("%-26s %-10s %-5s %3s  %-16s %10s %10s %10s %-5s %s\n", "row", "path",
	       "class", "n", "figure", "min", "median", "max", "unit", "probe ns");
}

static void print_metric(const struct row *row, unsigned int k, unsigned int m)
{
	const struct row_class *c = &row->classes[k];
	struct spread s = stats_spread(c->value[m], c->n);

	printf("%-26s %-10s %-5s %3u  %-16s %10.4g %10.4g %10.4g %-5s", row->name,
	       row->variant, distance_name(k), c->n, row->metrics[m].name,
	       s.min, s.median, s.max, row->metrics[m].unit);
	if (k == DISTANCE_NONE)
		printf(" -\n");
	else
		printf(" %.0f-%.0f\n", c->hop_min_ns, c->hop_max_ns);
}

void row_print(const struct row *row)
{
	bool any = false;

	for (unsigned int k = 0; k < DISTANCE_N_CLASSES; k++) {
		for (unsigned int m = 0; row->classes[k].n && m < row->n_metrics; m++) {
			print_metric(row, k, m);
			any = true;
		}
	}
	if (row->skipped[0])
		printf("%-26s %-10s skipped: %s\n", row->name, row->variant, row->skipped);
	else if (!any)
		printf("%-26s %-10s no valid sample: the CPUs moved during all %u\n",
		       row->name, row->variant, row->n_discarded);
	if (row->note[0])
		printf("%-26s %-10s (%s)\n", "", "", row->note);
	fflush(stdout);
}

static void class_json(const struct row *row, unsigned int k, struct json *j)
{
	const struct row_class *c = &row->classes[k];

	json_open_object(j, NULL);
	json_string(j, "class", k == DISTANCE_NONE ? "none" : distance_name(k));
	json_integer(j, "n", c->n);
	if (k != DISTANCE_NONE) {
		json_number(j, "probe_min_ns", c->hop_min_ns);
		json_number(j, "probe_max_ns", c->hop_max_ns);
	}
	json_open_array(j, "figures");
	for (unsigned int m = 0; m < row->n_metrics; m++) {
		struct spread s = stats_spread(c->value[m], c->n);

		json_open_object(j, NULL);
		json_string(j, "name", row->metrics[m].name);
		json_string(j, "unit", row->metrics[m].unit);
		json_number(j, "min", s.min);
		json_number(j, "median", s.median);
		json_number(j, "max", s.max);
		json_open_array(j, "samples");
		for (unsigned int i = 0; i < c->n; i++)
			json_number(j, NULL, c->value[m][i]);
		json_close_array(j);
		json_close_object(j);
	}
	json_close_array(j);
	json_close_object(j);
}

void row_json(const struct row *row, struct json *j)
{
	json_open_object(j, NULL);
	json_string(j, "row", row->name);
	json_string(j, "path", row->variant);
	if (row->note[0])
		json_string(j, "note", row->note);
	if (row->skipped[0])
		json_string(j, "skipped", row->skipped);
	json_integer(j, "discarded", row->n_discarded);
	json_open_array(j, "classes");
	for (unsigned int k = 0; k < DISTANCE_N_CLASSES; k++) {
		if (row->classes[k].n)
			class_json(row, k, j);
	}
	json_close_array(j);
	json_close_object(j);
}
