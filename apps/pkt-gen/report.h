/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report: what the user gets to read.
 *
 * The lines on stderr every interval and on stdout at the end are in a format
 * that scripts know, to the letter.  With --json the same and more goes into
 * one JSON document; when that is written to stdout, the lines that would go
 * there go to stderr.
 */
#ifndef NM_PKTGEN_REPORT_H
#define NM_PKTGEN_REPORT_H

#include "apps/common/json.h"
#include "apps/pkt-gen/worker.h"

#define PPS_WINDOW	15

/**
 * struct totals - counters of all workers at one time
 * @ns: monotonic time
 * @c: sums; min_space is the minimum
 */
struct totals {
	uint64_t ns;
	struct counters c;
};

/**
 * struct report - the state between two reports
 * @run: what is reported on
 * @text: stream for the lines of stdout
 * @json_file: where JSON goes; NULL without
 * @json: the document
 * @began_ns: wall clock time of the first report
 * @last: totals at the last report
 * @window: -A: rates of the last PPS_WINDOW reports
 * @n_window: reports so far
 * @latency: all values up to the last report; NULL without
 */
struct report {
	struct run *run;
	FILE *text;
	FILE *json_file;
	struct json json;
	uint64_t began_ns;
	struct totals last;
	double window[PPS_WINDOW];
	unsigned int n_window;
	struct hist *latency;
};

/**
 * report_open - before anything is reported
 * @r: written from scratch
 * @run: what is reported on
 * Return: 0; -errno when the JSON file cannot be written or memory is short.
 */
int report_open(struct report *r, struct run *run);

/* report_header - ports, threads and addresses, once the port is open */
void report_header(struct report *r, unsigned int queues);

/* report_start - the workers are running now */
void report_start(struct report *r);

/* report_interval - what has happened since the last time */
void report_interval(struct report *r);

/* report_now - the summary up to now, for SIGUSR1; on stderr */
void report_now(struct report *r);

/**
 * report_final - the summary
 * @r: the report
 * @status: exit status of the program
 */
void report_final(struct report *r, int status);

/* report_close - end the JSON document */
void report_close(struct report *r);

#endif /* NM_PKTGEN_REPORT_H */
