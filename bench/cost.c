/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Costs of ports that carry nothing.
 *
 * Memory and CPU time are those of the client that holds the ports and of the
 * server together, the difference between one open port and 101.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/account.h"
#include "bench/clock.h"
#include "bench/cost.h"
#include "bench/port.h"
#include "bench/stats.h"

#define SETTLE_NS	300000000
#define OPEN_LIMIT_NS	(20 * 1000000000ull)

const struct metric cost_memory_metrics[3] = {
	{ "per port", "KiB" },
	{ "private", "KiB" },
	{ "shared", "KiB" },
};

const struct metric cost_cpu_metrics[3] = {
	{ "client", "us" },
	{ "server", "us" },
	{ "wake-ups", "" },
};

struct cost_state {
	struct port first;
	struct port idle[COST_IDLE_PORTS];
	unsigned int n_idle;
	struct histogram time;
};

static int open_named(struct crew_worker *w, struct port *p, const char *name)
{
	char spec[64];

	snprintf(spec, sizeof(spec), "%s%s", (const char *)w->arg, name);
	if (port_open(p, spec))
		return crew_fail(w, "cannot open %s: %s", spec, strerror(errno));
	return 0;
}

static int open_first(struct crew_worker *w)
{
	struct cost_state *s = calloc(1, sizeof(*s));

	if (!s)
		return crew_fail(w, "out of memory");
	w->state = s;
	return open_named(w, &s->first, "first");
}

static void close_all(struct crew_worker *w)
{
	struct cost_state *s = w->state;

	for (unsigned int i = 0; i < s->n_idle; i++)
		port_close(&s->idle[i]);
	port_close(&s->first);
	free(s);
}

static int work_open(struct crew_worker *w)
{
	struct cost_state *s = w->state;
	struct port p;

	s->time = (struct histogram){ .n = 0 };
	while (!crew_is_over(w)) {
		uint64_t start = clock_ns();

		if (open_named(w, &p, "again"))
			return -1;
		port_close(&p);
		histogram_add(&s->time, clock_ns() - start);
	}
	crew_publish(w, s->time.n);
	w->post->figures[0] = histogram_percentile(&s->time, 50);
	w->post->figures[1] = histogram_percentile(&s->time, 99);
	return 0;
}

static int work_idle(struct crew_worker *w)
{
	struct cost_state *s = w->state;
	char name[16];

	while (s->n_idle < COST_IDLE_PORTS) {
		snprintf(name, sizeof(name), "idle%u", s->n_idle);
		if (open_named(w, &s->idle[s->n_idle], name))
			return -1;
		s->n_idle++;
	}
	crew_publish(w, s->n_idle);
	crew_doze(w);
	return 0;
}

struct crew_job cost_opener(const char *prefix, unsigned int cpu)
{
	return (struct crew_job){
		.open = open_first, .work = work_open, .close = close_all,
		.arg = prefix, .cpu = cpu,
	};
}

static int await_ports(struct crew *crew)
{
	uint64_t end = clock_ns() + OPEN_LIMIT_NS;

	while (atomic_load(&crew->posts[0].count) < COST_IDLE_PORTS) {
		if (atomic_load(&crew->posts[0].phase) == CREW_FAILED ||
		    clock_ns() > end) {
			snprintf(crew->error, sizeof(crew->error), "%d ports: %s",
				 COST_IDLE_PORTS, crew->posts[0].error[0] ?
				 crew->posts[0].error : "not open within 20 s");
			return -1;
		}
		clock_sleep_ns(1000000);
	}
	clock_sleep_ns(SETTLE_NS);
	return 0;
}

static void add_memory(struct row *row, const struct account_memory *before,
		       const struct account_memory *after)
{
	static const struct distance none = { .class = DISTANCE_NONE };
	double unit = 1024.0 * COST_IDLE_PORTS;
	double values[3];

	values[1] = ((double)after->private_bytes - (double)before->private_bytes) / unit;
	values[2] = ((double)after->shared_bytes - (double)before->shared_bytes) / unit;
	values[0] = values[1] + values[2];
	row_add(row, &none, &none, values);
}

static void measure_cpu(struct row *row, const pid_t pids[2])
{
	static const struct distance none = { .class = DISTANCE_NONE };
	struct account_cpu before[2], after[2];
	double values[3];

	for (int i = 0; i < 2; i++)
		before[i] = account_cpu(pids[i]);
	clock_sleep_ns(COST_IDLE_SECONDS * 1000000000ull);
	for (int i = 0; i < 2; i++)
		after[i] = account_cpu(pids[i]);
	values[0] = (double)(after[0].ns - before[0].ns) / 1000;
	values[1] = (double)(after[1].ns - before[1].ns) / 1000;
	values[2] = (double)(after[0].switches - before[0].switches +
			     after[1].switches - before[1].switches);
	row_add(row, &none, &none, values);
}

static int measure_idle(struct crew *crew, struct row *memory, struct row *cpu)
{
	struct account_memory before, after;
	pid_t pids[2];

	clock_sleep_ns(SETTLE_NS);
	pids[0] = crew->pid[0];
	pids[1] = account_server(pids[0], COST_SERVER);
	before = account_memory(pids, 2);
	crew_go(crew);
	if (await_ports(crew))
		return -1;
	after = account_memory(pids, 2);
	add_memory(memory, &before, &after);
	measure_cpu(cpu, pids);
	return crew_pause(crew);
}

int cost_idle(const char *prefix, unsigned int cpu_nr, struct row *memory,
	      struct row *cpu)
{
	struct crew_job job = {
		.open = open_first, .work = work_idle, .close = close_all,
		.arg = prefix, .cpu = cpu_nr,
	};
	struct crew crew;
	int error;

	error = crew_start(&crew, &job, 1);
	if (!error)
		error = measure_idle(&crew, memory, cpu);
	crew_stop(&crew);
	if (error) {
		snprintf(memory->skipped, sizeof(memory->skipped), "%s", crew.error);
		snprintf(cpu->skipped, sizeof(cpu->skipped), "%s", crew.error);
	}
	return error;
}
