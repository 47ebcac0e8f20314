/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pair - measure netmap between two CPUs
 *
 * Each row of the table is one arrangement of worker processes on two CPUs,
 * the sending side on the first and the receiving side on the second, run
 * once over the direct path and once over the isolated one.  A sample is the
 * rate of 0.7 s after 0.1 s to get going; the workers sleep while the
 * distance of the CPUs is probed before and after it (row.c).
 *
 *   vale 1-to-1, 1-to-3, 3-to-1   one switch; learned unicast, or broadcast
 *   pipe                          both ends in different processes
 *   rtt                           one frame there and back, spinning or asleep
 *   wake-up                       a frame every 2 ms to a sleeping receiver
 *   open                          open, register, map and close a VALE port
 *   idle                          memory and CPU time of 100 unused ports
 *
 * Frame sizes are without CRC.  Every sender writes the first 64 bytes of
 * each frame (all of it when shorter), every receiver reads 8 bytes of each.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <net/netmap.h>

#include "bench/account.h"
#include "bench/clock.h"
#include "bench/cost.h"
#include "bench/crew.h"
#include "bench/ends.h"
#include "bench/machine.h"
#include "bench/row.h"

#define WARM_UP_NS	100000000
#define SAMPLE_NS	700000000
#define IDLE_RUNS	5
#define ROWS_MAX	64
#define ADDRESS_SENDER		0x10
#define ADDRESS_RECEIVER	0x20

struct settings {
	const char *match;	/* rows whose name contains this */
	const char *path;	/* "direct", "isolated" or NULL for both */
	const char *json_path;
	struct row_plan plan;
};

struct results {
	unsigned int n;
	bool failed;
	struct row row[ROWS_MAX];
};

/* An arrangement through which frames stream. */
struct stream {
	const char *name;
	unsigned int n_senders, n_receivers;	/* ports on each side */
	bool pipe;
	uint16_t len;
};

static const struct stream streams[] = {
	{ "vale 1-to-1 60 B", 1, 1, false, 60 },
	{ "vale 1-to-1 1514 B", 1, 1, false, 1514 },
	{ "vale 1-to-3 60 B", 1, 3, false, 60 },
	{ "vale 3-to-1 60 B", 3, 1, false, 60 },
	{ "pipe 60 B", 1, 1, true, 60 },
	{ "pipe 1514 B", 1, 1, true, 1514 },
};

/* An arrangement in which one frame at a time is timed. */
struct delay {
	const char *name;
	bool pipe, blocking, one_way;
};

static const struct delay delays[] = {
	{ "vale rtt spinning", false, false, false },
	{ "vale rtt blocking", false, true, false },
	{ "pipe rtt spinning", true, false, false },
	{ "pipe rtt blocking", true, true, false },
	{ "vale wake-up", false, true, true },
};

static const char *const paths[] = { "direct", "isolated" };

/* What the samplers below work on. */
struct rig {
	struct crew crew;
	unsigned int n_senders;		/* the first workers of the crew */
	bool one_way;
};

/* Counts rows, so that each has a switch of its own. */
static unsigned int serial;

/* Names that no other row and no other run on this machine uses. */
static void name_port(char *spec, size_t size, bool pipe, bool sender, unsigned int i)
{
	int pid = (int)getpid();

	if (pipe)
		snprintf(spec, size, "valeb%d_%u:x%c%u", pid, serial,
			 sender ? '{' : '}', i);
	else
		snprintf(spec, size, "valeb%d_%u:%s%u", pid, serial,
			 sender ? "tx" : "rx", i);
}

static void describe_end(struct ends_arg *arg, bool pipe, bool sender,
			 unsigned int n_ports)
{
	arg->n_ports = n_ports;
	for (unsigned int i = 0; i < n_ports; i++) {
		name_port(arg->spec[i], sizeof(arg->spec[i]), pipe, sender, i);
		arg->src[i] = (uint8_t)((sender ? ADDRESS_SENDER : ADDRESS_RECEIVER) + i);
	}
	arg->dst = sender ? ADDRESS_RECEIVER : ADDRESS_SENDER;
	arg->len = 60;
	arg->path = getenv("NETMAP_DIRECT") ? NM_PATH_ISOLATED : NM_PATH_DIRECT;
}

static uint64_t read_counts(const struct crew *crew, unsigned int from, unsigned int to)
{
	uint64_t sum = 0;

	for (unsigned int i = from; i < to; i++)
		sum += atomic_load_explicit(&crew->posts[i].count, memory_order_relaxed);
	return sum;
}

static int sample_stream(void *context, double *values)
{
	struct rig *rig = context;
	struct crew *crew = &rig->crew;
	uint64_t sent, received, start, ns;

	crew_go(crew);
	clock_sleep_ns(WARM_UP_NS);
	sent = read_counts(crew, 0, rig->n_senders);
	received = read_counts(crew, rig->n_senders, crew->n);
	start = clock_ns();
	clock_sleep_ns(SAMPLE_NS);
	sent = read_counts(crew, 0, rig->n_senders) - sent;
	received = read_counts(crew, rig->n_senders, crew->n) - received;
	ns = clock_ns() - start;
	if (crew_pause(crew))
		return -EIO;
	if (!received) {
		snprintf(crew->error, sizeof(crew->error), "nothing was received");
		return -EIO;
	}
	values[0] = (double)received * 1e3 / (double)ns;
	values[1] = (double)sent * 1e3 / (double)ns;
	return 0;
}

/* The workers publish percentiles of the whole time they worked. */
static int sample_delay(void *context, double *values)
{
	struct rig *rig = context;
	struct crew *crew = &rig->crew;
	const struct crew_post *timer = &crew->posts[rig->one_way ? 1 : 0];
	uint64_t before = atomic_load(&timer->count);

	crew_go(crew);
	clock_sleep_ns(WARM_UP_NS + SAMPLE_NS);
	if (crew_pause(crew))
		return -EIO;
	if (atomic_load(&timer->count) - before < 10) {
		snprintf(crew->error, sizeof(crew->error), "fewer than 10 frames arrived");
		return -EIO;
	}
	values[0] = timer->figures[ENDS_P50_NS] / 1e3;
	values[1] = timer->figures[ENDS_P99_NS] / 1e3;
	values[2] = crew->posts[0].figures[ENDS_SYNC_P50_NS] / 1e3;
	return 0;
}

static int sample_open(void *context, double *values)
{
	struct rig *rig = context;
	struct crew *crew = &rig->crew;

	crew_go(crew);
	clock_sleep_ns(SAMPLE_NS);
	if (crew_pause(crew))
		return -EIO;
	values[0] = crew->posts[0].figures[0] / 1e3;
	values[1] = crew->posts[0].figures[1] / 1e3;
	return 0;
}

/*
 * The server may live in a session of its own, where our precedence does not
 * reach.  On the isolated path it is a third party to each sample.
 */
static pid_t favour_server(pid_t client)
{
	pid_t server = account_server(client, COST_SERVER);

	if (!server || getsid(server) == getsid(0))
		return 0;
	return machine_favour_pid(server, -15) ? server : 0;
}

/* Start the crew, collect, stop; what goes wrong is noted in the row. */
static void collect(struct row *row, const struct settings *set, struct rig *rig,
		    const struct crew_job *jobs, unsigned int n, row_sampler *sample)
{
	int error = crew_start(&rig->crew, jobs, n);
	pid_t server = 0;

	if (!error) {
		server = favour_server(rig->crew.pid[0]);
		error = row_collect(row, &set->plan, sample, rig);
	}
	if (error)
		snprintf(row->skipped, sizeof(row->skipped), "%s", rig->crew.error[0] ?
			 rig->crew.error : strerror(-error));
	for (unsigned int i = 0; i < rig->crew.n; i++) {
		if (rig->crew.posts[i].remark[0])
			snprintf(row->note, sizeof(row->note), "%s",
				 rig->crew.posts[i].remark);
	}
	crew_stop(&rig->crew);
	if (server)
		machine_favour_pid(server, 0);
}

/* Receiving ports share one worker; so do sending ones: there are two CPUs. */
static void run_stream(struct row *row, const struct settings *set,
		       const struct stream *s)
{
	struct rig rig = { .n_senders = 1 };
	struct ends_arg tx = { 0 }, rx = { 0 };
	struct crew_job jobs[2];

	row->n_metrics = 2;
	row->metrics[0] = (struct metric){ "received", "Mpps" };
	row->metrics[1] = (struct metric){ "sent", "Mpps" };
	describe_end(&tx, s->pipe, true, s->n_senders);
	describe_end(&rx, s->pipe, false, s->n_receivers);
	tx.len = rx.len = s->len;
	if (s->n_receivers > 1)
		tx.dst = ENDS_BROADCAST;
	jobs[0] = ends_sender(&tx, set->plan.cpu_a);
	jobs[1] = ends_receiver(&rx, set->plan.cpu_b);
	collect(row, set, &rig, jobs, 2, sample_stream);
	if (s->n_receivers > 1 && !row->note[0])
		snprintf(row->note, sizeof(row->note),
			 "received: the sum over the %u receivers", s->n_receivers);
}

static void run_delay(struct row *row, const struct settings *set,
		      const struct delay *d)
{
	struct rig rig = { .n_senders = 1, .one_way = d->one_way };
	struct ends_arg a = { 0 }, b = { 0 };
	struct crew_job jobs[2];

	row->n_metrics = d->one_way ? 3 : 2;
	row->metrics[0] = (struct metric){ "p50", "us" };
	row->metrics[1] = (struct metric){ "p99", "us" };
	row->metrics[2] = (struct metric){ "sender's sync", "us" };
	describe_end(&a, d->pipe, true, 1);
	describe_end(&b, d->pipe, false, 1);
	a.blocking = b.blocking = d->blocking;
	jobs[0] = d->one_way ? ends_ticker(&a, set->plan.cpu_a) :
			       ends_pinger(&a, set->plan.cpu_a);
	jobs[1] = d->one_way ? ends_sleeper(&b, set->plan.cpu_b) :
			       ends_ponger(&b, set->plan.cpu_b);
	collect(row, set, &rig, jobs, 2, sample_delay);
}

static void run_open(struct row *row, const struct settings *set)
{
	struct rig rig = { .n_senders = 1 };
	struct crew_job job;
	char prefix[32];

	row->n_metrics = 2;
	row->metrics[0] = (struct metric){ "p50", "us" };
	row->metrics[1] = (struct metric){ "p99", "us" };
	snprintf(prefix, sizeof(prefix), "valeb%d_%u:", (int)getpid(), serial);
	job = cost_opener(prefix, set->plan.cpu_a);
	collect(row, set, &rig, &job, 1, sample_open);
}

static void run_idle(struct row *memory, struct row *cpu, const struct settings *set)
{
	char prefix[32];

	memory->n_metrics = cpu->n_metrics = 3;
	memcpy(memory->metrics, cost_memory_metrics, sizeof(cost_memory_metrics));
	memcpy(cpu->metrics, cost_cpu_metrics, sizeof(cost_cpu_metrics));
	snprintf(cpu->note, sizeof(cpu->note), "all %d ports together, over %d s",
		 COST_IDLE_PORTS, COST_IDLE_SECONDS);
	for (unsigned int i = 0; i < IDLE_RUNS; i++) {
		snprintf(prefix, sizeof(prefix), "valeb%d_%u_%u:", (int)getpid(), serial, i);
		if (cost_idle(prefix, set->plan.cpu_a, memory, cpu))
			break;
	}
}

static bool is_wanted(const struct settings *set, const char *name)
{
	return !set->match || strstr(name, set->match);
}

static struct row *new_row(struct results *res, const char *name, const char *path)
{
	struct row *row = &res->row[res->n++];

	serial = res->n;
	snprintf(row->name, sizeof(row->name), "%s", name);
	snprintf(row->variant, sizeof(row->variant), "%s", path);
	return row;
}

static void finish_row(struct results *res, const struct row *row)
{
	res->failed |= row->skipped[0] != 0;
	row_print(row);
}

static void run_path(struct results *res, const struct settings *set, const char *path)
{
	struct row *row, *cpu;

	/* Inherited by the workers, which is where the library looks. */
	if (!strcmp(path, "isolated"))
		setenv("NETMAP_DIRECT", "0", 1);
	else
		unsetenv("NETMAP_DIRECT");
	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		if (!is_wanted(set, streams[i].name))
			continue;
		row = new_row(res, streams[i].name, path);
		run_stream(row, set, &streams[i]);
		finish_row(res, row);
	}
	for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
		if (!is_wanted(set, delays[i].name))
			continue;
		row = new_row(res, delays[i].name, path);
		run_delay(row, set, &delays[i]);
		finish_row(res, row);
	}
	if (is_wanted(set, "open and close")) {
		row = new_row(res, "open and close", path);
		run_open(row, set);
		finish_row(res, row);
	}
	if (is_wanted(set, "idle memory") || is_wanted(set, "idle cpu")) {
		row = new_row(res, "idle memory", path);
		cpu = new_row(res, "idle cpu", path);
		run_idle(row, cpu, set);
		finish_row(res, row);
		finish_row(res, cpu);
	}
}

static int write_json(const struct results *res, const struct settings *set,
		      bool favoured, int argc, char **argv)
{
	struct json j = { .f = fopen(set->json_path, "we") };

	if (!j.f) {
		fprintf(stderr, "pair: cannot write %s: %s\n", set->json_path,
			strerror(errno));
		return -1;
	}
	json_open_object(&j, NULL);
	machine_json(&j);
	json_open_array(&j, "command");
	for (int i = 0; i < argc; i++)
		json_string(&j, NULL, argv[i]);
	json_close_array(&j);
	json_string(&j, "precedence", favoured ? "autogroup -15" : "none");
	json_open_array(&j, "cpus");
	json_integer(&j, NULL, set->plan.cpu_a);
	json_integer(&j, NULL, set->plan.cpu_b);
	json_close_array(&j);
	json_open_array(&j, "rows");
	for (unsigned int i = 0; i < res->n; i++)
		row_json(&res->row[i], &j);
	json_close_array(&j);
	json_close_object(&j);
	if (fclose(j.f)) {
		fprintf(stderr, "pair: cannot write %s: %s\n", set->json_path,
			strerror(errno));
		return -1;
	}
	printf("\nrecorded in %s\n", set->json_path);
	return 0;
}

static void usage(FILE *f)
{
	fprintf(f, "usage: pair [-h] [-r TEXT] [-p direct|isolated] [-n SAMPLES]\n"
		   "            [-t SECONDS] [-o FILE.json]\n"
		   "  -r TEXT     only rows whose name contains TEXT\n"
		   "  -p PATH     only this path (default: both)\n"
		   "  -n SAMPLES  wanted per class that is seen, 1..%d (5)\n"
		   "  -t SECONDS  at most for each row, 1..3600 (40)\n"
		   "  -o FILE     record the results there\n", ROW_SAMPLES);
}

static int parse_number(const char *text, long low, long high, double *out)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (!*text || *end || v < low || v > high) {
		fprintf(stderr, "pair: %s is not a number from %ld to %ld\n", text, low,
			high);
		return -1;
	}
	*out = (double)v;
	return 0;
}

static int parse_options(struct settings *set, int argc, char **argv)
{
	double number;
	int c;

	while ((c = getopt(argc, argv, "hr:p:n:t:o:")) != -1) {
		if (c == 'h') {
			usage(stdout);
			exit(0);
		} else if (c == 'r') {
			set->match = optarg;
		} else if (c == 'p' && (!strcmp(optarg, paths[0]) ||
					!strcmp(optarg, paths[1]))) {
			set->path = optarg;
		} else if (c == 'n' && !parse_number(optarg, 1, ROW_SAMPLES, &number)) {
			set->plan.want = (unsigned int)number;
		} else if (c == 't' && !parse_number(optarg, 1, 3600, &number)) {
			set->plan.budget_s = number;
		} else if (c == 'o') {
			set->json_path = optarg;
		} else {
			return -1;
		}
	}
	return optind == argc ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct settings set = { .plan = { .want = 5, .budget_s = 40 } };
	static struct results res;
	unsigned int cpus[2];
	bool favoured;

	if (parse_options(&set, argc, argv)) {
		usage(stderr);
		return 2;
	}
	favoured = machine_favour();
	if (machine_cpus(cpus, 2) == 2) {
		set.plan.cpu_a = cpus[0];
		set.plan.cpu_b = cpus[1];
	} else {
		set.plan.cpu_a = set.plan.cpu_b = cpus[0];
		printf("One CPU only: both sides share it, and no distance applies.\n");
	}
	machine_print();
	if (!favoured)
		printf("No precedence over other sessions: other work disturbs the figures.\n");
	row_print_heading();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (!set.path || !strcmp(set.path, paths[i]))
			run_path(&res, &set, paths[i]);
	}
	if (set.json_path && write_json(&res, &set, favoured, argc, argv))
		return 1;
	if (!res.n)
		fprintf(stderr, "pair: no row has \"%s\" in its name\n", set.match);
	return res.failed || !res.n ? 1 : 0;
}
