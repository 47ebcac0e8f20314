/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine - cost of the engine alone, per packet, in one thread
 *
 * One thread sends a batch of 256 frames of 60 bytes, receives it, and starts
 * again: no second process, no hand-over between cores, no wake-up.  What is
 * timed are the calls into the engine (the transmit sync and the receive
 * syncs), not the writing and reading of frames around them.
 *
 * Time depends on the machine; instructions do not.  They are counted by
 * callgrind inside nm_ring_sync_user() in runs of two lengths, and the
 * difference is divided by the packets that the longer run had more.  That is
 * done twice: the two results must be equal.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/engine_rig.h"
#include "bench/machine.h"
#include "bench/row.h"

#define N_PLANS		(sizeof(plans) / sizeof(plans[0]))
#define SAMPLES		11
#define BATCHES		2000	/* per sample */
#define WARM_UP		40
/* Multiples of four: batches of 256 in a ring of 1024. */
#define COUNT_SHORT	40
#define COUNT_LONG	80

static const struct rig_plan plans[] = {
	{ "vale 1 station", false, 1, 1 },
	{ "vale 10000 stations", false, 1, 10000 },
	{ "vale broadcast to 3", false, 3, 0 },
	{ "pipe", true, 1, 0 },
	{ "vale 2 ports in turn", false, 2, 2 },
};

static struct row rows[2 * N_PLANS];

/* The run that callgrind looks at: no clock decides how much is done. */
static int run_counted(unsigned int plan, unsigned int n_batches)
{
	struct engine_rig *rig = rig_create(&plans[plan]);
	struct rig_time time = { 0 };
	int error;

	if (!rig)
		return 1;
	error = rig_run(rig, n_batches, &time);
	rig_destroy(rig);
	return error ? 1 : 0;
}

static int measure_time(struct row *row, const struct rig_plan *plan)
{
	static const struct distance none = { .class = DISTANCE_NONE };
	struct engine_rig *rig = rig_create(plan);
	struct rig_time time = { 0 };
	const double n = (double)BATCHES * RIG_BATCH;
	int error;

	if (!rig)
		return -1;
	error = rig_run(rig, WARM_UP, &time);
	for (int i = 0; !error && i < SAMPLES; i++) {
		double values[3];

		time = (struct rig_time){ 0 };
		error = rig_run(rig, BATCHES, &time);
		values[0] = (double)(time.send_ns + time.receive_ns) / n;
		values[1] = (double)time.send_ns / n;
		values[2] = (double)time.receive_ns / n;
		if (!error)
			row_add(row, &none, &none, values);
	}
	rig_destroy(rig);
	return error;
}

/* The number after "totals:" in what callgrind wrote. */
static int read_total(const char *path, uint64_t *total)
{
	unsigned long long value;
	FILE *f = fopen(path, "re");
	char line[256];
	bool found = false;

	if (!f)
		return -1;
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "totals: %llu", &value) == 1;
	fclose(f);
	if (!found)
		return -1;
	*total = value;
	return 0;
}

static int count_run(unsigned int plan, unsigned int n_batches, uint64_t *total)
{
	char self[512], out[] = "/tmp/engine-count.XXXXXX", command[1024];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int fd, error;

	if (n < 0 || strchr(self, '\''))
		return -1;
	self[n] = 0;
	fd = mkstemp(out);
	if (fd < 0)
		return -1;
	close(fd);
	snprintf(command, sizeof(command),
		 "valgrind --tool=callgrind --toggle-collect=nm_ring_sync_user "
		 "--callgrind-out-file='%s' '%s' -c %u -b %u >/dev/null 2>&1",
		 out, self, plan, n_batches);
	error = system(command) ? -1 : read_total(out, total);
	unlink(out);
	return error;
}

static void measure_count(struct row *row, unsigned int plan)
{
	static const struct distance none = { .class = DISTANCE_NONE };
	const double n = (double)(COUNT_LONG - COUNT_SHORT) * RIG_BATCH;

	if (system("valgrind --version >/dev/null 2>&1")) {
		snprintf(row->skipped, sizeof(row->skipped),
			 "valgrind is missing: install the package valgrind");
		return;
	}
	for (int i = 0; i < 2; i++) {
		uint64_t low, high;
		double value;

		if (count_run(plan, COUNT_SHORT, &low) ||
		    count_run(plan, COUNT_LONG, &high)) {
			snprintf(row->skipped, sizeof(row->skipped),
				 "the run under callgrind failed");
			return;
		}
		value = (double)(high - low) / n;
		row_add(row, &none, &none, &value);
	}
	if (row->classes[DISTANCE_NONE].value[0][0] != row->classes[DISTANCE_NONE].value[0][1])
		snprintf(row->skipped, sizeof(row->skipped), "the count did not repeat");
}

static struct row *new_row(unsigned int i, const char *name, const char *variant)
{
	snprintf(rows[i].name, sizeof(rows[i].name), "engine %s", name);
	snprintf(rows[i].variant, sizeof(rows[i].variant), "%s", variant);
	return &rows[i];
}

static bool measure_plan(unsigned int p)
{
	struct row *time = new_row(2 * p, plans[p].name, "time");
	struct row *count = new_row(2 * p + 1, plans[p].name, "callgrind");

	time->n_metrics = 3;
	time->metrics[0] = (struct metric){ "both syncs", "ns" };
	time->metrics[1] = (struct metric){ "send", "ns" };
	time->metrics[2] = (struct metric){ "receive", "ns" };
	if (measure_time(time, &plans[p]))
		snprintf(time->skipped, sizeof(time->skipped), "it failed, see above");
	row_print(time);
	count->n_metrics = 1;
	count->metrics[0] = (struct metric){ "instructions", "" };
	measure_count(count, p);
	row_print(count);
	return !time->skipped[0] && !count->skipped[0];
}

static int write_json(const char *path)
{
	struct json j = { .f = fopen(path, "we") };

	if (!j.f)
		return -1;
	json_open_object(&j, NULL);
	machine_json(&j);
	json_open_array(&j, "rows");
	for (unsigned int i = 0; i < 2 * N_PLANS; i++)
		row_json(&rows[i], &j);
	json_close_array(&j);
	json_close_object(&j);
	return fclose(j.f);
}

int main(int argc, char **argv)
{
	const char *json_path = NULL;
	unsigned int cpu, batches = COUNT_SHORT;
	int plan = -1, c;
	bool good = true;

	while ((c = getopt(argc, argv, "o:c:b:")) != -1) {
		if (c == 'o') {
			json_path = optarg;
		} else if (c == 'c') {
			plan = atoi(optarg);
		} else if (c == 'b') {
			batches = (unsigned int)atoi(optarg);
		} else {
			fprintf(stderr, "usage: engine [-o FILE.json]\n"
					"       engine -c ROW [-b BATCHES]   (for callgrind)\n");
			return 2;
		}
	}
	if (plan >= 0 && plan < (int)N_PLANS)
		return run_counted((unsigned int)plan, batches);
	machine_favour();
	if (machine_cpus(&cpu, 1) == 1)
		machine_pin(cpu);
	machine_print();
	printf("per packet, one thread, 60 B, batches of %u, %d x %d batches\n",
	       RIG_BATCH, SAMPLES, BATCHES);
	row_print_heading();
	for (unsigned int p = 0; p < N_PLANS; p++)
		good &= measure_plan(p);
	if (json_path && write_json(json_path)) {
		fprintf(stderr, "engine: cannot write %s: %s\n", json_path, strerror(errno));
		return 1;
	}
	return good ? 0 : 1;
}
