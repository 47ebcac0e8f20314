/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_json: the same figures as a JSON document.
 *
 *	{ "program", "version", "interface", "function", "home", "queues",
 *	  "threads", "cpus", "packet_size", "burst", "rate_pps",
 *	  "started", "intervals": [ { ... } ],
 *	  "final": { ..., "per_thread": [ { ... } ], "latency": { ... },
 *		     "streams": [ { ... } ] } }
 *
 * Times are seconds since the epoch of the wall clock, delays nanoseconds.
 */
#ifndef NM_PKTGEN_REPORT_JSON_H
#define NM_PKTGEN_REPORT_JSON_H

#include "apps/pkt-gen/report.h"

/* json_report_header - everything up to and with "[" of the intervals */
void json_report_header(struct report *r, unsigned int queues);

/**
 * json_report_interval - one element of "intervals"
 * @r: the report
 * @d: what the interval brought
 * @ns: its length
 * @latency: delays measured in it, or NULL
 */
void json_report_interval(struct report *r, const struct counters *d,
		uint64_t ns, const struct hist *latency);

/**
 * json_report_final - "final", with the end of the document
 * @r: the report
 * @t: sums
 * @ns: duration, by the workers' own clocks
 * @status: exit status
 */
void json_report_final(struct report *r, const struct totals *t, uint64_t ns,
		int status);

#endif /* NM_PKTGEN_REPORT_JSON_H */
