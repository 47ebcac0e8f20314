/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pkt-gen: send, receive and measure packets.
 *
 * main() goes through a run from top to bottom: options, port, one worker per
 * thread, start, wait, summary.  The main thread then sleeps in sigtimedwait():
 * all its events are signals (stop, show statistics, a worker has ended) or the
 * next report being due.  Signals are blocked from before the port is opened,
 * so one that comes early is acted upon as soon as things are in place.
 *
 * Files, in reading order:
 *
 *	options, options_settle	the command line
 *	addr, packet, sizes	which packets
 *	port, port_pcap		where to
 *	worker, source, pace	what all threads need
 *	tx, rx, pingpong, seq	what they do
 *	hist, report, report_json	what comes out
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/complain.h"
#include "apps/pkt-gen/pace.h"
#include "apps/pkt-gen/port_pcap.h"
#include "apps/pkt-gen/report.h"
#include "apps/pkt-gen/worker.h"

/* Kicks to workers that have been asked to stop come this often. */
#define KICK_NS		(20 * NS_PER_MS)

/* The signals the main thread waits for. */
static sigset_t main_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIG_DONE);
	return set;
}

static void block_signals(void)
{
	sigset_t set = main_signals();

	sigaddset(&set, SIG_KICK);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static int load_file_packet(struct run *run, struct options *o)
{
	const char *why;
	int n;

	run->file_packet = malloc(PACKET_MAX_SIZE);
	if (!run->file_packet)
		return EXIT_STATUS_FAILED;
	n = pcap_first_packet(o->pcap_file, run->file_packet, PACKET_MAX_SIZE,
			&why);
	if (n < 0) {
		fprintf(stderr, "%s: -P %s: %s\n", o->prog, o->pcap_file, why);
		return EXIT_STATUS_FAILED;
	}
	run->file_packet_len = o->size = o->size_min = (unsigned int)n;
	return 0;
}

/* Threads beyond the rings fail when they open theirs; say why beforehand. */
static int open_ports(struct run *run, const struct options *o)
{
	unsigned int i, queues;
	int status = port_open(&run->worker[0].port, o);

	if (status)
		return status;
	queues = port_queues(&run->worker[0].port, o);
	if (o->threads > queues)
		D("bad nthreads %u, have %u queues", o->threads, queues);
	for (i = 1; i < run->n && !status; i++)
		status = port_open_thread(&run->worker[i].port, o,
				&run->worker[0].port, i);
	return status;
}

/* What the options left to the port: MAC address, MTU, virtio header. */
static int settle_with_port(struct run *run, struct options *o)
{
	const struct port *port = &run->worker[0].port;
	unsigned int mtu = port_mtu(port);
	uint64_t mac;

	if ((o->func == FUNC_TX || o->func == FUNC_TXSEQ) && o->size > mtu) {
		D("pkt_size (%u) must be <= mtu (%u)", o->size, mtu);
		return EXIT_STATUS_USAGE;
	}
	if (!o->src_mac_given && port_mac(port, &mac))
		o->flow.src_mac.first = o->flow.src_mac.last = mac;
	run->vnet = port_vnet(port, o);
	return 0;
}

static void print_rings(const struct run *run)
{
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		const struct nmport_d *d = run->worker[i].port.d;

		if (!d)
			continue;
		D("thread %u: %s, %s, region %u (%llu bytes), tx rings %u-%u "
			"of %u slots, rx rings %u-%u of %u slots", i,
			d->hdr.nr_name, nmport_home(run->worker[i].port.d),
			d->reg.nr_mem_id,
			(unsigned long long)d->reg.nr_memsize,
			d->first_tx_ring, d->last_tx_ring, d->reg.nr_tx_slots,
			d->first_rx_ring, d->last_rx_ring, d->reg.nr_rx_slots);
	}
}

static bool measures(const struct options *o)
{
	return o->func == FUNC_PING || (o->func == FUNC_RX && o->latency);
}

static int init_workers(struct run *run, const struct options *o)
{
	unsigned int i;

	run->n = o->threads;
	run->worker = aligned_alloc(64, o->threads * sizeof(*run->worker));
	if (!run->worker)
		return EXIT_STATUS_FAILED;
	memset(run->worker, 0, o->threads * sizeof(*run->worker));
	for (i = 0; i < run->n; i++) {
		struct worker *w = &run->worker[i];

		w->run = run;
		w->index = i;
		w->port.fd = -1;
		w->c.min_space = MIN_SPACE_UNKNOWN;
		/* the first threads take what does not divide evenly */
		w->limit = o->count / run->n + (i < o->count % run->n);
		if (!measures(o))
			continue;
		w->latency = malloc(sizeof(*w->latency));
		if (!w->latency)
			return EXIT_STATUS_FAILED;
		hist_init(w->latency);
		if (o->func != FUNC_RX)
			continue;
		w->streams = calloc(STAMP_SENDERS, sizeof(*w->streams));
		if (!w->streams)
			return EXIT_STATUS_FAILED;
	}
	return 0;
}

static void fini_workers(struct run *run)
{
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		port_close(&run->worker[i].port);
		free(run->worker[i].latency);
		free(run->worker[i].streams);
	}
	free(run->worker);
	free(run->file_packet);
}

static void (*body_of(const struct run *run))(struct worker *)
{
	bool rings = run->worker[0].port.kind == PORT_NETMAP;

	switch (run->o->func) {
	case FUNC_TX:
		return rings ? tx_body : tx_frames_body;
	case FUNC_RX:
		return rings ? rx_body : rx_frames_body;
	case FUNC_PING:
		return ping_body;
	case FUNC_PONG:
		return pong_body;
	case FUNC_TXSEQ:
		return txseq_body;
	default:
		return rxseq_body;
	}
}

static void stop(struct run *run)
{
	__atomic_store_n(&run->stop, true, __ATOMIC_RELAXED);
}

/* Returns how many workers are still at work; kicks them if they should not. */
static unsigned int still_running(struct run *run)
{
	unsigned int i, n = 0;

	for (i = 0; i < run->n; i++) {
		struct worker *w = &run->worker[i];

		if (!w->started || __atomic_load_n(&w->done, __ATOMIC_ACQUIRE))
			continue;
		n++;
		if (run->stop)
			pthread_kill(w->thread, SIG_KICK);
	}
	return n;
}

/* Sleep until a signal or a time, and act on the signal. */
static void next_event(struct run *run, struct report *r, uint64_t until_ns)
{
	uint64_t now = clock_read_ns(CLOCK_MONOTONIC);
	struct timespec ts = clock_to_timespec(until_ns > now ?
			until_ns - now : 0);
	sigset_t set = main_signals();
	int sig = sigtimedwait(&set, NULL, &ts);

	if (sig == SIGINT || sig == SIGTERM)
		stop(run);
	else if (sig == SIGUSR1 && r)
		report_now(r);
}

/* -w: give the link, or the others, time; a signal ends it. */
static void wait_for_link(struct run *run)
{
	const struct options *o = run->o;
	uint64_t end = clock_read_ns(CLOCK_MONOTONIC) + o->wait_ns;

	D("Wait %g secs for phy reset", (double)o->wait_ns / NS_PER_SEC);
	while (!run->stop && clock_read_ns(CLOCK_MONOTONIC) < end)
		next_event(run, NULL, end);
	D("Ready...");
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Report every interval until all workers have ended. */
static void watch(struct run *run, struct report *r)
{
	const struct options *o = run->o;
	uint64_t start = clock_read_ns(CLOCK_MONOTONIC);
	uint64_t report_at = start + o->report_ns;
	uint64_t end = o->duration_ns ? start + o->duration_ns : UINT64_MAX;

	while (still_running(run)) {
		uint64_t now = clock_read_ns(CLOCK_MONOTONIC);

		if (now >= end)
			stop(run);
		if (now >= report_at && !run->stop) {
			report_interval(r);
			report_at += o->report_ns;
			if (report_at <= now)
				report_at = now + o->report_ns;
			continue;
		}
		next_event(run, r, run->stop ? now + KICK_NS :
				earlier(report_at, end));
	}
}

static int start_workers(struct run *run)
{
	void (*body)(struct worker *) = body_of(run);
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		int err = worker_start(&run->worker[i], body);

		if (err) {
			D("cannot start thread %u: %s", i, strerror(-err));
			stop(run);
			return EXIT_STATUS_FAILED;
		}
	}
	return 0;
}

/* Wait for the end of all threads and see whether they did their work. */
static int join_workers(struct run *run)
{
	const struct options *o = run->o;
	int status = EXIT_STATUS_OK;
	uint64_t total = 0;
	unsigned int i;

	for (i = 0; i < run->n; i++) {
		struct worker *w = &run->worker[i];

		if (w->started)
			pthread_join(w->thread, NULL);
		total += w->c.pkts;
		if (w->failed) {
			D("ouch, thread %u exited with error", i);
			status = EXIT_STATUS_FAILED;
		}
	}
	if (o->must_count && total < o->count) {
		D("only %llu of %llu packets", (unsigned long long)total,
				(unsigned long long)o->count);
		status = EXIT_STATUS_FAILED;
	}
	return status;
}

static int run_workers(struct run *run, struct report *r)
{
	int status, joined;

	report_header(r, port_queues(&run->worker[0].port, run->o));
	wait_for_link(run);
	report_start(r);
	status = start_workers(run);
	watch(run, r);
	joined = join_workers(run);
	if (joined)
		status = joined;
	report_final(r, status);
	return status;
}

static int prepare(struct run *run, struct options *o)
{
	int status = init_workers(run, o);

	if (status) {
		fprintf(stderr, "%s: out of memory\n", o->prog);
		return status;
	}
	if (o->pcap_file)
		status = load_file_packet(run, o);
	if (!status)
		status = open_ports(run, o);
	if (!status)
		status = settle_with_port(run, o);
	return status;
}

int main(int argc, char **argv)
{
	struct options o;
	struct run run = { .o = &o, .main_thread = pthread_self() };
	struct report report;
	int status = options_parse(&o, argc, argv), err;

	if (status >= 0)
		return status;
	/* what the library says is printed with the name of the port */
	nmctx_get()->verbose = 0;
	block_signals();
	worker_install_kick();
	status = prepare(&run, &o);
	if (!status && o.verbose)
		print_rings(&run);
	if (!status) {
		err = report_open(&report, &run);
		if (err) {
			fprintf(stderr, "%s: --json: %s\n", o.prog,
					strerror(-err));
			status = EXIT_STATUS_FAILED;
		} else {
			status = run_workers(&run, &report);
		}
		report_close(&report);
	}
	fini_workers(&run);
	return status;
}
