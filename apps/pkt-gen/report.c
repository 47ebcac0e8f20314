/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report: what the user gets to read.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/numbers.h"
#include "apps/pkt-gen/loss.h"
#include "apps/pkt-gen/report.h"
#include "apps/pkt-gen/report_json.h"

/* Preamble, gap and CRC of a frame on the wire. */
#define FRAMING_BYTES	24

#define TEXT_LEN	40

int report_open(struct report *r, struct run *run)
{
	const struct options *o = run->o;

	memset(r, 0, sizeof(*r));
	r->run = run;
	r->text = stdout;
	r->began_ns = clock_read_ns(CLOCK_REALTIME);
	if (run->worker[0].latency) {
		r->latency = malloc(sizeof(*r->latency));
		if (!r->latency)
			return -ENOMEM;
		hist_init(r->latency);
	}
	if (!o->json)
		return 0;
	r->json_file = o->json_file ? fopen(o->json_file, "we") : stdout;
	if (!r->json_file)
		return -errno;
	if (!o->json_file)
		r->text = stderr;
	json_start(&r->json, r->json_file);
	return 0;
}

static char *mac_text(uint64_t mac, char *buf)
{
	uint8_t b[6];

	mac_to_bytes(mac, b);
	sprintf(buf, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3],
			b[4], b[5]);
	return buf;
}

void report_header(struct report *r, unsigned int queues)
{
	const struct options *o = r->run->o;
	const struct flow_spec *f = &o->flow;
	char src[ADDR_TEXT_LEN], dst[ADDR_TEXT_LEN], smac[18], dmac[18];

	fprintf(r->text, "%s %s: %u queues, %u threads and %u cpus.\n",
			options_verb(o), o->port, queues, o->threads,
			o->n_cpus);
	if (options_is_sender(o))
		fprintf(r->text, "%s -> %s (%s -> %s)\n",
			addr_format(&f->src, f->src.first, src),
			addr_format(&f->dst, f->dst.first, dst),
			mac_text(f->src_mac.first, smac),
			mac_text(f->dst_mac.first, dmac));
	fflush(r->text);
	if (r->json_file)
		json_report_header(r, queues);
}

/* Sums over the workers; with reset, min_space starts again. */
static struct totals look(const struct run *run, bool reset)
{
	struct totals t = {
		.ns = clock_read_ns(CLOCK_MONOTONIC),
		.c.min_space = MIN_SPACE_UNKNOWN,
	};
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		struct counters *c = &run->worker[i].c;
		uint32_t space = __atomic_load_n(&c->min_space,
				__ATOMIC_RELAXED);

		t.c.pkts += __atomic_load_n(&c->pkts, __ATOMIC_RELAXED);
		t.c.bytes += __atomic_load_n(&c->bytes, __ATOMIC_RELAXED);
		t.c.events += __atomic_load_n(&c->events, __ATOMIC_RELAXED);
		t.c.drops += __atomic_load_n(&c->drops, __ATOMIC_RELAXED);
		if (space < t.c.min_space)
			t.c.min_space = space;
		/* a minimum found at this very moment may be forgotten */
		if (reset)
			__atomic_store_n(&c->min_space, MIN_SPACE_UNKNOWN,
					__ATOMIC_RELAXED);
	}
	return t;
}

void report_start(struct report *r)
{
	r->last = look(r->run, false);
}

/* -A: "[avg/std 1.000 M/2.000 K pps]" over the last reports, or nothing. */
static const char *window_text(struct report *r, double pps, char *buf,
		size_t size)
{
	unsigned int i, n;
	double sum = 0, square = 0, avg, std;
	char a[TEXT_LEN], s[TEXT_LEN];

	if (!(r->run->o->flags & OPT_PPS_STATS))
		return "";
	r->window[r->n_window++ % PPS_WINDOW] = pps;
	n = r->n_window < PPS_WINDOW ? r->n_window : PPS_WINDOW;
	for (i = 0; i < n; i++)
		sum += r->window[i];
	avg = sum / n;
	for (i = 0; i < n; i++)
		square += (r->window[i] - avg) * (r->window[i] - avg);
	std = sqrt(square / n);
	snprintf(buf, size, "[avg/std %s/%s pps]",
		num_normalise(a, sizeof(a), avg, "", r->run->o->raw_numbers),
		num_normalise(s, sizeof(s), std, "", r->run->o->raw_numbers));
	return buf;
}

/* Delays since the last report; NULL without.  The caller frees it. */
static struct hist *latency_since(struct report *r)
{
	struct hist *now, *since;
	unsigned int i;

	if (!r->latency)
		return NULL;
	now = malloc(2 * sizeof(*now));
	if (!now)
		return NULL;
	since = now + 1;
	hist_init(now);
	for (i = 0; i < r->run->n; i++)
		hist_merge(now, r->run->worker[i].latency);
	hist_since(since, now, r->latency);
	*r->latency = *now;
	*now = *since;
	return now;
}

static void percentiles(const struct hist *h, const char *what)
{
	D("%s p50 %llu p90 %llu p99 %llu p99.9 %llu max %llu ns", what,
		(unsigned long long)hist_percentile(h, 50),
		(unsigned long long)hist_percentile(h, 90),
		(unsigned long long)hist_percentile(h, 99),
		(unsigned long long)hist_percentile(h, 99.9),
		(unsigned long long)h->max);
}

/* Values per power of two, from the first to the last that has some. */
static void octave_lines(const struct hist *h)
{
	uint64_t octave[64];
	unsigned int low = 0, high = 63, k;
	char line[64 * 24] = "", *p = line;

	hist_octaves(h, octave);
	while (low < 63 && !octave[low])
		low++;
	while (high > low && !octave[high])
		high--;
	for (k = low; k <= high; k++)
		p += sprintf(p, "%5llu ", (unsigned long long)octave[k]);
	D("k: %llu .. %llu\n\t%s", 1ULL << low, 2 * (1ULL << high), line);
}

static void ping_lines(const struct hist *h)
{
	if (!h->count)
		return;
	D("count %llu RTT: min %llu av %.0f ns", (unsigned long long)h->count,
		(unsigned long long)h->min, hist_mean(h));
	octave_lines(h);
}

/* The function is named for the prefix of its line, which is well known. */
static void main_thread(struct report *r, const struct counters *d, uint64_t ns)
{
	const struct options *o = r->run->o;
	double s = (double)ns / NS_PER_SEC, pps = (double)d->pkts / s;
	double bits = 8 * ((double)d->bytes +
			(o->framing ? FRAMING_BYTES * (double)d->pkts : 0));
	char t1[TEXT_LEN], t2[TEXT_LEN], t3[TEXT_LEN], win[3 * TEXT_LEN];

	D("%s %s(%s %s in %llu usec) %.2f avg_batch %u min_space",
		num_normalise(t1, sizeof(t1), pps, "pps", o->raw_numbers),
		window_text(r, pps, win, sizeof(win)),
		num_normalise(t2, sizeof(t2), (double)d->pkts, "pkts",
			o->raw_numbers),
		num_normalise(t3, sizeof(t3), bits / s, "bps", o->raw_numbers),
		(unsigned long long)(ns / 1000),
		d->events ? (double)d->pkts / (double)d->events : 0.0,
		d->min_space);
}

void report_interval(struct report *r)
{
	struct totals now = look(r->run, true);
	struct counters d = now.c;
	uint64_t ns = now.ns - r->last.ns;
	struct hist *latency = latency_since(r);

	d.pkts -= r->last.c.pkts;
	d.bytes -= r->last.c.bytes;
	d.events -= r->last.c.events;
	d.drops -= r->last.c.drops;
	if (!ns)
		ns = 1;
	main_thread(r, &d, ns);
	if (latency && r->run->o->func == FUNC_PING)
		ping_lines(latency);
	else if (latency && latency->count)
		percentiles(latency, "delay");
	if (r->json_file)
		json_report_interval(r, &d, ns, latency);
	free(latency);
	r->last = now;
}

/* From the first start to the last end (or now); 0 if none has started. */
static uint64_t elapsed(const struct run *run)
{
	uint64_t start = 0, end = 0, now = clock_read_ns(CLOCK_MONOTONIC);
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		const struct worker *w = &run->worker[i];
		bool done = __atomic_load_n(&w->done, __ATOMIC_ACQUIRE);
		uint64_t e = done && w->end_ns ? w->end_ns : now;

		if (!w->start_ns)
			continue;
		if (!start || w->start_ns < start)
			start = w->start_ns;
		if (e > end)
			end = e;
	}
	return end > start ? end - start : 0;
}

static void summary(const struct report *r, FILE *f, const struct totals *t,
		uint64_t ns)
{
	const struct options *o = r->run->o;
	const char *verb = options_is_sender(o) ? "Sent" : "Received";
	double s = ns ? (double)ns / NS_PER_SEC : 1e-9;
	double bits = 8 * (double)t->c.bytes;
	double raw = bits + (o->framing ?
			8 * FRAMING_BYTES * (double)t->c.pkts : 0);
	char t1[TEXT_LEN], t2[TEXT_LEN], t3[TEXT_LEN];

	if (!t->c.pkts) {
		fprintf(f, "%s nothing.\n", verb);
		return;
	}
	fprintf(f, "%s %llu packets %llu bytes %llu events %llu bytes each "
		"in %.2f seconds.\n", verb, (unsigned long long)t->c.pkts,
		(unsigned long long)t->c.bytes,
		(unsigned long long)t->c.events,
		(unsigned long long)(t->c.bytes / t->c.pkts), s);
	fprintf(f, "Speed: %s Bandwidth: %s (raw %s). Average batch: "
		"%.2f pkts\n",
		num_normalise(t1, sizeof(t1), (double)t->c.pkts / s, "pps",
			o->raw_numbers),
		num_normalise(t2, sizeof(t2), bits / s, "bps", o->raw_numbers),
		num_normalise(t3, sizeof(t3), raw / s, "bps", o->raw_numbers),
		t->c.events ? (double)t->c.pkts / (double)t->c.events : 0.0);
}

static bool has_summary(const struct options *o)
{
	return o->func != FUNC_PING && o->func != FUNC_PONG;
}

void report_now(struct report *r)
{
	struct totals t = look(r->run, false);

	summary(r, stderr, &t, elapsed(r->run));
	if (r->latency) {
		free(latency_since(r));
		percentiles(r->latency, "delay so far");
	}
}

static void loss_lines(const struct run *run)
{
	unsigned int i;

	for (i = 0; i < STAMP_SENDERS; i++) {
		struct stream s = loss_merge(run, i);

		if (s.count)
			D("sender %u: %llu of %llu packets lost", i,
				(unsigned long long)loss_lost(&s),
				(unsigned long long)loss_expected(&s));
	}
}

static void latency_lines(struct report *r)
{
	const struct hist *h = r->latency;

	if (r->run->o->func == FUNC_PING) {
		D("RTT over %llu packets: min %llu av %.0f ns",
			(unsigned long long)h->count,
			(unsigned long long)(h->count ? h->min : 0),
			hist_mean(h));
		if (h->count)
			octave_lines(h);
	}
	if (h->count)
		percentiles(h, r->run->o->func == FUNC_PING ? "RTT" : "delay");
}

void report_final(struct report *r, int status)
{
	struct totals t = look(r->run, false);
	uint64_t ns = elapsed(r->run);

	if (r->latency) {
		free(latency_since(r));
		latency_lines(r);
	}
	if (r->run->worker[0].streams)
		loss_lines(r->run);
	if (t.c.drops)
		D("%llu %s", (unsigned long long)t.c.drops,
			r->run->o->func == FUNC_RXSEQ ?
			"slots out of sequence" : "packets not taken");
	if (has_summary(r->run->o))
		summary(r, r->text, &t, ns);
	fflush(r->text);
	if (r->json_file)
		json_report_final(r, &t, ns, status);
}

void report_close(struct report *r)
{
	if (r->json_file && r->json_file != stdout)
		fclose(r->json_file);
	r->json_file = NULL;
	free(r->latency);
	r->latency = NULL;
}
