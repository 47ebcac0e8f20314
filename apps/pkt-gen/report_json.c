/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_json: the same figures as a JSON document.
 */
#include "apps/pkt-gen/loss.h"
#include "apps/pkt-gen/pace.h"
#include "apps/pkt-gen/report_json.h"

static double seconds(uint64_t ns)
{
	return (double)ns / NS_PER_SEC;
}

static void wall_time(struct json *j, const char *key, uint64_t ns)
{
	/* microseconds: more digits than a double prints with %.9g */
	char text[40];

	snprintf(text, sizeof(text), "%llu.%06llu",
			(unsigned long long)(ns / NS_PER_SEC),
			(unsigned long long)(ns % NS_PER_SEC / 1000));
	json_number(j, key, text);
}

void json_report_header(struct report *r, unsigned int queues)
{
	const struct options *o = r->run->o;
	struct port *port = &r->run->worker[0].port;
	struct json *j = &r->json;

	json_object(j, NULL);
	json_string(j, "program", "pkt-gen");
	json_u64(j, "version", (uint64_t)nmport_version());
	json_string(j, "interface", o->port);
	json_string(j, "function", options_function(o));
	if (port->kind == PORT_NETMAP)
		json_string(j, "home", nmport_home(port->d));
	json_u64(j, "queues", queues);
	json_u64(j, "threads", o->threads);
	json_u64(j, "cpus", o->n_cpus);
	json_u64(j, "packet_size", o->size);
	json_u64(j, "burst", o->burst);
	json_u64(j, "rate_pps", o->rate_total ? o->rate_total :
			o->rate * o->threads);
	wall_time(j, "started", r->began_ns);
	json_array(j, "intervals");
}

static void counters_json(struct json *j, const struct counters *c)
{
	json_u64(j, "packets", c->pkts);
	json_u64(j, "bytes", c->bytes);
	json_u64(j, "events", c->events);
	json_u64(j, "drops", c->drops);
}

static void rates_json(struct json *j, const struct counters *c, uint64_t ns)
{
	double s = seconds(ns);

	json_double(j, "seconds", s);
	json_double(j, "pps", s > 0 ? (double)c->pkts / s : 0);
	json_double(j, "bps", s > 0 ? 8 * (double)c->bytes / s : 0);
	json_double(j, "avg_batch", c->events ?
			(double)c->pkts / (double)c->events : 0);
}

static void latency_json(struct json *j, const struct hist *h)
{
	static const struct {
		const char *key;
		double percent;
	} points[] = {
		{ "p50", 50 }, { "p90", 90 }, { "p99", 99 },
		{ "p99_9", 99.9 }, { "p99_99", 99.99 },
	};
	unsigned int i;

	json_object(j, "latency");
	json_u64(j, "count", h->count);
	if (h->count) {
		json_u64(j, "min_ns", h->min);
		json_double(j, "mean_ns", hist_mean(h));
		for (i = 0; i < sizeof(points) / sizeof(points[0]); i++)
			json_u64(j, points[i].key,
				hist_percentile(h, points[i].percent));
		json_u64(j, "max_ns", h->max);
	}
	json_end(j);
}

void json_report_interval(struct report *r, const struct counters *d,
		uint64_t ns, const struct hist *latency)
{
	struct json *j = &r->json;

	json_object(j, NULL);
	wall_time(j, "end", clock_read_ns(CLOCK_REALTIME));
	counters_json(j, d);
	rates_json(j, d, ns);
	if (d->min_space != MIN_SPACE_UNKNOWN)
		json_u64(j, "min_space", d->min_space);
	if (latency)
		latency_json(j, latency);
	json_end(j);
}

static void threads_json(struct report *r)
{
	struct json *j = &r->json;
	unsigned int i;

	json_array(j, "per_thread");
	for (i = 0; i < r->run->n; i++) {
		const struct worker *w = &r->run->worker[i];

		json_object(j, NULL);
		json_u64(j, "thread", i);
		counters_json(j, &w->c);
		rates_json(j, &w->c, w->start_ns && w->end_ns > w->start_ns ?
				w->end_ns - w->start_ns : 0);
		json_bool(j, "failed", w->failed);
		json_end(j);
	}
	json_end(j);
}

static void streams_json(struct report *r)
{
	struct json *j = &r->json;
	unsigned int i;

	json_array(j, "streams");
	for (i = 0; i < STAMP_SENDERS; i++) {
		struct stream s = loss_merge(r->run, i);

		if (!s.count)
			continue;
		json_object(j, NULL);
		json_u64(j, "sender", i);
		json_u64(j, "received", s.count);
		json_u64(j, "expected", loss_expected(&s));
		json_u64(j, "lost", loss_lost(&s));
		json_end(j);
	}
	json_end(j);
}

void json_report_final(struct report *r, const struct totals *t, uint64_t ns,
		int status)
{
	struct json *j = &r->json;

	json_end(j);
	json_object(j, "final");
	wall_time(j, "end", clock_read_ns(CLOCK_REALTIME));
	counters_json(j, &t->c);
	rates_json(j, &t->c, ns);
	threads_json(r);
	if (r->latency)
		latency_json(j, r->latency);
	if (r->run->worker[0].streams)
		streams_json(r);
	json_u64(j, "exit_status", (uint64_t)status);
	json_end(j);
	json_end(j);
}
