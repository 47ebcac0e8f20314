/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bridge: forward packets between two netmap ports.
 *
 * One loop for both directions.  A direction without packets waits for its
 * source (POLLIN), one with packets waits for its destination (POLLOUT);
 * waiting also syncs the rings, so what was moved in one round goes out in
 * the next.
 *
 * With a single port there are two ways: its hardware rings are bridged to
 * its host rings, or (-L) what it receives is sent back on the same port.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/bridge/bridge.h"
#include "apps/common/clock.h"
#include "apps/common/complain.h"

#define POLL_TIMEOUT_MS	2500
#define LINK_WAIT	4	/* seconds, for hardware */
#define DRAIN_MS	100	/* to get out what was moved, at the end */

static volatile sig_atomic_t stop_asked;
static volatile sig_atomic_t stats_asked;

/**
 * struct bridge - the program
 * @o: options
 * @port: the ports; with -L both are the same
 * @flow: from port 0 to port 1, and back
 * @n_flows: 2; 1 with -L
 */
struct bridge {
	struct options o;
	struct nmport_d *port[2];
	struct flow flow[2];
	unsigned int n_flows;
};

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		stats_asked = 1;
	else
		stop_asked = 1;
}

/* A second SIGINT or SIGTERM kills. */
static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &sa, NULL);
	sa.sa_flags = (int)SA_RESETHAND;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

static struct nmport_d *open_port(const char *name)
{
	struct nmport_d *d = nmport_open(name);
	int err = errno;

	if (!d) {
		fprintf(stderr, "cannot open %s\n", name);
		complain_open(PROG, name, err, nmport_last_error());
	}
	return d;
}

static int open_ports(struct bridge *b)
{
	char host[MAX_PORT_NAME + 2];
	const char *first = b->o.port[0], *second = b->o.port[1];

	if (!second[0] && !b->o.loop) {
		D("same interface, endpoint 0 goes to host");
		snprintf(host, sizeof(host), "%s^", first);
		second = first;
		first = host;
	}
	b->port[0] = open_port(first);
	if (!b->port[0])
		return EXIT_STATUS_FAILED;
	b->port[1] = b->o.loop ? b->port[0] : open_port(second);
	return b->port[1] ? EXIT_STATUS_OK : EXIT_STATUS_FAILED;
}

static int start_flows(struct bridge *b)
{
	bool zerocopy = !b->o.copy && b->port[0]->mem == b->port[1]->mem;
	unsigned int i;

	b->n_flows = b->o.loop ? 1 : 2;
	for (i = 0; i < b->n_flows; i++) {
		struct flow *f = &b->flow[i];

		f->src = b->port[i];
		f->dst = b->port[!i];
		f->zerocopy = zerocopy;
		f->burst = b->o.burst;
		f->verbose = b->o.verbose > 1;
		f->state = calloc(nmport_rx_rings(f->src) + 1,
				sizeof(*f->state));
		if (!f->state)
			return EXIT_STATUS_FAILED;
	}
	D("------- zerocopy %ssupported", zerocopy ? "" : "NOT ");
	return EXIT_STATUS_OK;
}

static void close_all(struct bridge *b)
{
	free(b->flow[0].state);
	free(b->flow[1].state);
	if (b->port[1] != b->port[0])
		nmport_close(b->port[1]);
	nmport_close(b->port[0]);
}

static bool is_software(struct nmport_d *d)
{
	struct nmreq_port_status st;

	if (!nmport_status(d, &st))
		return st.nr_class == NM_CLASS_VIRTUAL;
	return !strncmp(d->hdr.nr_name, "vale", 4) ||
		strpbrk(d->hdr.nr_name, "{}");
}

/* Cards need time to bring their link up; software does not. */
static void wait_for_link(struct bridge *b)
{
	int seconds = b->o.wait;

	if (seconds == WAIT_AUTO)
		seconds = is_software(b->port[0]) && is_software(b->port[1]) ?
			0 : LINK_WAIT;
	if (!seconds)
		return;
	D("Wait %d secs for link to come up...", seconds);
	while (!stop_asked && seconds)
		seconds = (int)sleep((unsigned int)seconds);
}

static void log_poll(const struct pollfd *fds, unsigned int n, int ready)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		D("poll %s [%u] ev %x %x", ready > 0 ? "ok" : "timeout", i,
				(unsigned int)fds[i].events,
				(unsigned int)fds[i].revents);
}

/* What to wait for; with -L the only port has one entry. */
static void choose_events(struct bridge *b, struct pollfd *fds)
{
	unsigned int i, last = b->n_flows - 1;

	fds[0].events = fds[last].events = 0;
	for (i = 0; i < b->n_flows; i++) {
		if (flow_has_packets(&b->flow[i]))
			fds[last - i].events |= POLLOUT;
		else
			fds[i].events |= POLLIN;
	}
}

/* One wait and what follows from it. */
static int step(struct bridge *b, struct pollfd *fds)
{
	unsigned int i, last = b->n_flows - 1;
	int ready;

	choose_events(b, fds);
	ready = nmport_poll(fds, b->n_flows, POLL_TIMEOUT_MS);
	if (ready < 0 && errno == EINTR)
		return EXIT_STATUS_OK;
	if (ready < 0) {
		fprintf(stderr, PROG ": cannot wait: %s\n", strerror(errno));
		return EXIT_STATUS_FAILED;
	}
	if (!ready || b->o.verbose)
		log_poll(fds, b->n_flows, ready);
	for (i = 0; i < b->n_flows; i++) {
		if (fds[i].revents & (POLLERR | POLLNVAL)) {
			fprintf(stderr, PROG ": %s is in error: its ring was "
				"misused or the engine has gone\n",
				b->port[i]->hdr.nr_name);
			return EXIT_STATUS_FAILED;
		}
		if (fds[last - i].revents & POLLOUT)
			flow_move(&b->flow[i]);
	}
	return EXIT_STATUS_OK;
}

static bool is_pending(const struct nmport_d *d)
{
	unsigned int i, n = nmport_tx_rings(d);

	for (i = 0; i < n; i++)
		if (nm_tx_pending(NETMAP_TXRING(d->nifp, d->first_tx_ring + i)))
			return true;
	return false;
}

/* Send what was moved last; a pipe that nobody reads keeps it. */
static void drain(struct bridge *b)
{
	uint64_t end = clock_read_ns(CLOCK_MONOTONIC) + DRAIN_MS * NS_PER_MS;
	unsigned int i;

	for (i = 0; i < b->n_flows; i++) {
		struct nmport_d *d = b->flow[i].dst;

		nmport_sync_tx(d);
		while (is_pending(d) && clock_read_ns(CLOCK_MONOTONIC) < end) {
			usleep(100);
			nmport_sync_tx(d);
		}
	}
}

static int run(struct bridge *b)
{
	struct pollfd fds[2] = {
		{ .fd = b->port[0]->fd }, { .fd = b->port[1]->fd },
	};
	uint64_t start = clock_read_ns(CLOCK_MONOTONIC);
	int status = EXIT_STATUS_OK, err;

	while (!stop_asked && status == EXIT_STATUS_OK) {
		status = step(b, fds);
		if (stats_asked) {
			stats_asked = 0;
			stats_text(b->flow, b->n_flows, stdout);
		}
	}
	drain(b);
	if (b->o.verbose)
		stats_text(b->flow, b->n_flows, stderr);
	if (!b->o.json)
		return status;
	err = stats_json(&b->o, b->flow, b->n_flows,
			(double)(clock_read_ns(CLOCK_MONOTONIC) - start) /
			(double)NS_PER_SEC);
	return status ? status : err;
}

int main(int argc, char **argv)
{
	struct bridge b = { .n_flows = 0 };
	int status = options_parse(&b.o, argc, argv);

	if (status >= 0)
		return status;
	nmctx_get()->verbose = 0;
	catch_signals();
	status = open_ports(&b);
	if (!status)
		status = start_flows(&b);
	if (!status) {
		wait_for_link(&b);
		D("Ready to go, %s 0x%x/%u <-> %s 0x%x/%u.",
			b.port[0]->hdr.nr_name, b.port[0]->first_rx_ring,
			b.port[0]->reg.nr_rx_rings, b.port[1]->hdr.nr_name,
			b.port[1]->first_rx_ring, b.port[1]->reg.nr_rx_rings);
		status = run(&b);
	}
	close_all(&b);
	return status;
}
