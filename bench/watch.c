/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watch - class the rates that programs print which we cannot change
 *
 * The programs run all the time, spin on two CPUs and print their rate once
 * per second into a file.  A sample is: stop all of them, probe the distance,
 * let them continue, skip the report of the second in which they were
 * stopped, take the next one, stop them again and probe.  From there on it is
 * a row like those of pair.
 *
 *   watch -r ROW -v VARIANT -l LOG -m MARK -P PID[,PID...]
 *         [-k N] [-c CPU,CPU] [-n SAMPLES] [-t SECONDS] [-o FILE]
 *
 * A report is N marks (default 1), each followed by a number in packets per
 * second; the rates of one report are added up.  The row is appended to FILE
 * as one line of JSON.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/clock.h"
#include "bench/row.h"

#define PIDS_MAX	8
#define LOOK_NS		20000000
#define REPORT_LIMIT_NS	(10 * 1000000000ull)

struct watch {
	const char *log, *mark;
	unsigned int n_marks;
	unsigned int n_pids;
	pid_t pid[PIDS_MAX];
	const char *json_path;
	struct row_plan plan;
	char error[160];
};

static struct watch watch = {
	.n_marks = 1,
	.plan = { .cpu_a = 0, .cpu_b = 1, .want = 5, .budget_s = 60 },
};
static struct row row = {
	.n_metrics = 1, .metrics = { { "received", "Mpps" } },
};

static int signal_all(struct watch *w, int sig)
{
	for (unsigned int i = 0; i < w->n_pids; i++) {
		if (kill(w->pid[i], sig)) {
			snprintf(w->error, sizeof(w->error), "process %d: %s",
				 (int)w->pid[i], strerror(errno));
			return -errno;
		}
	}
	return 0;
}

/* kill() returns before the target stands still: wait until all threads do. */
static bool is_stopped(pid_t pid)
{
	char path[64], text[256], *p;
	char state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f && fgets(text, sizeof(text), f) && (p = strrchr(text, ')')) && p[1])
		state = p[2];
	if (f)
		fclose(f);
	return state == 'T';
}

static int stop_all(struct watch *w)
{
	int error = signal_all(w, SIGSTOP);

	for (unsigned int i = 0; !error && i < w->n_pids; i++) {
		for (int k = 0; !is_stopped(w->pid[i]); k++) {
			if (k == 1000) {
				snprintf(w->error, sizeof(w->error),
					 "process %d does not stop", (int)w->pid[i]);
				return -ETIMEDOUT;
			}
			clock_sleep_ns(1000000);
		}
	}
	return error;
}

/* Read on from where the file was left; add the numbers after the marks. */
static int next_marks(struct watch *w, FILE *f, double *sum)
{
	uint64_t end = clock_ns() + REPORT_LIMIT_NS;
	unsigned int n = 0;
	char line[512];
	char *p;

	*sum = 0;
	while (n < w->n_marks) {
		if (!fgets(line, sizeof(line), f)) {
			if (clock_ns() > end) {
				snprintf(w->error, sizeof(w->error),
					 "no \"%s\" in %s for 10 s", w->mark, w->log);
				return -ETIMEDOUT;
			}
			clearerr(f);
			clock_sleep_ns(LOOK_NS);
			continue;
		}
		p = strstr(line, w->mark);
		if (p) {
			*sum += strtod(p + strlen(w->mark), NULL);
			n++;
		}
	}
	return 0;
}

static int read_rate(struct watch *w, FILE *f, double *value)
{
	double rate = 0;
	int error;

	if (fseek(f, 0, SEEK_END))
		return -errno;
	error = signal_all(w, SIGCONT);
	if (!error)
		error = next_marks(w, f, &rate);
	if (!error)
		error = next_marks(w, f, &rate);
	if (!error)
		error = stop_all(w);
	if (!error && rate == 0) {
		snprintf(w->error, sizeof(w->error), "nothing was received");
		error = -ENODATA;
	}
	*value = rate / 1e6;
	return error;
}

static int sample(void *context, double *values)
{
	struct watch *w = context;
	FILE *f = fopen(w->log, "re");
	int error;

	if (!f) {
		snprintf(w->error, sizeof(w->error), "%s: %s", w->log, strerror(errno));
		return -errno;
	}
	error = read_rate(w, f, &values[0]);
	fclose(f);
	return error;
}

static int parse_pids(struct watch *w, char *text)
{
	for (char *p = strtok(text, ","); p; p = strtok(NULL, ",")) {
		if (w->n_pids == PIDS_MAX || atoi(p) <= 1)
			return -1;
		w->pid[w->n_pids++] = (pid_t)atoi(p);
	}
	return w->n_pids ? 0 : -1;
}

static int parse_option(struct watch *w, int c, char *arg)
{
	switch (c) {
	case 'r':
		snprintf(row.name, sizeof(row.name), "%s", arg);
		return 0;
	case 'v':
		snprintf(row.variant, sizeof(row.variant), "%s", arg);
		return 0;
	case 'l':
		w->log = arg;
		return 0;
	case 'm':
		w->mark = arg;
		return 0;
	case 'k':
		w->n_marks = (unsigned int)atoi(arg);
		return w->n_marks >= 1 && w->n_marks <= 64 ? 0 : -1;
	case 'P':
		return parse_pids(w, arg);
	case 'c':
		return sscanf(arg, "%u,%u", &w->plan.cpu_a, &w->plan.cpu_b) == 2 ? 0 : -1;
	case 'n':
		w->plan.want = (unsigned int)atoi(arg);
		return w->plan.want >= 1 && w->plan.want <= ROW_SAMPLES ? 0 : -1;
	case 't':
		w->plan.budget_s = atof(arg);
		return w->plan.budget_s > 0 ? 0 : -1;
	case 'o':
		w->json_path = arg;
		return 0;
	default:
		return -1;
	}
}

static int append_row(const struct watch *w)
{
	struct json j = { .f = fopen(w->json_path, "ae"), .one_line = true };

	if (!j.f)
		return -errno;
	row_json(&row, &j);
	return fclose(j.f) ? -errno : 0;
}

int main(int argc, char **argv)
{
	int error = 0;
	int c;

	while (!error && (c = getopt(argc, argv, "r:v:l:m:k:P:c:n:t:o:")) != -1)
		error = parse_option(&watch, c, optarg);
	if (error || optind != argc || !row.name[0] || !watch.log || !watch.mark ||
	    !watch.n_pids) {
		fprintf(stderr, "usage: watch -r ROW -v VARIANT -l LOG -m MARK -P PIDS\n"
				"             [-k MARKS] [-c CPU,CPU] [-n SAMPLES] [-t SECONDS]\n"
				"             [-o FILE]\n");
		return 2;
	}
	error = stop_all(&watch);
	if (!error)
		error = row_collect(&row, &watch.plan, sample, &watch);
	signal_all(&watch, SIGCONT);
	if (error)
		snprintf(row.skipped, sizeof(row.skipped), "%s", watch.error[0] ?
			 watch.error : strerror(-error));
	row_print(&row);
	if (watch.json_path && append_row(&watch)) {
		fprintf(stderr, "watch: cannot append to %s\n", watch.json_path);
		return 1;
	}
	return error ? 1 : 0;
}
