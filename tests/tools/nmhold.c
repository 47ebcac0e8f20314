/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmhold: hold ports open and wait on all of them.
 *
 *	nmhold [-n COUNT] [-r] PORT...
 *
 * "%d" in a name stands for 0 to COUNT-1.  Prints "ready N" once all N ports
 * are open, then sleeps in nmport_poll(POLLIN) for as long as it takes; what is
 * received is thrown away.  When the server dies it prints "lost" and exits 3;
 * with -r it opens everything anew, prints "reopened" and goes on.  SIGTERM
 * closes the ports and ends it with 0.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <libnetmap.h>

static volatile sig_atomic_t stopped;

static void on_term(int sig)
{
	stopped = sig;
}

/* @spec with its first "%d" replaced. */
static void expand(char *out, size_t len, const char *spec, unsigned int i)
{
	const char *at = strstr(spec, "%d");

	if (at)
		snprintf(out, len, "%.*s%u%s", (int)(at - spec), spec, i, at + 2);
	else
		snprintf(out, len, "%s", spec);
}

static int open_all(struct nmport_d **d, unsigned int count, char **specs,
		    unsigned int n_specs)
{
	char name[512];
	unsigned int i;

	for (i = 0; i < count * n_specs; i++) {
		expand(name, sizeof(name), specs[i % n_specs], i / n_specs);
		d[i] = nmport_open(name);
		if (!d[i])
			return -1;
	}
	return 0;
}

static void drain(struct nmport_d *d)
{
	struct netmap_ring *r;
	unsigned int i;

	for (i = 0; i < nmport_rx_rings(d); i++) {
		r = NETMAP_RXRING(d->nifp, d->first_rx_ring + i);
		r->head = r->cur = r->tail;
	}
}

/* Until SIGTERM (0) or the end of the server (1). */
static int wait_all(struct nmport_d **d, struct pollfd *pfd, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		pfd[i].fd = d[i]->fd;
		pfd[i].events = nmport_rx_rings(d[i]) ? POLLIN : 0;
	}
	while (!stopped) {
		if (nmport_poll(pfd, n, -1) < 0 && errno != EINTR)
			return 1;
		for (i = 0; i < n && !stopped; i++) {
			if (pfd[i].revents & (POLLERR | POLLNVAL))
				return 1;
			if (pfd[i].revents & POLLIN)
				drain(d[i]);
		}
	}
	return 0;
}

static void close_all(struct nmport_d **d, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		nmport_close(d[i]);
}

/* All that happens while the ports are open; the exit status. */
static int hold(struct nmport_d **d, struct pollfd *pfd, unsigned int count,
		char **specs, unsigned int n_specs, int reopen)
{
	unsigned int n = count * n_specs;

	if (open_all(d, count, specs, n_specs))
		return 1;
	printf("ready %u\n", n);
	while (wait_all(d, pfd, n)) {
		printf("lost\n");
		close_all(d, n);
		if (!reopen)
			return 3;
		if (open_all(d, count, specs, n_specs))
			return 1;
		printf("reopened\n");
	}
	close_all(d, n);
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_term };
	unsigned int count = 1, n;
	int opt, reopen = 0, ret;
	struct nmport_d **d;
	struct pollfd *pfd;

	while ((opt = getopt(argc, argv, "n:r")) != -1) {
		if (opt == 'n')
			count = strtoul(optarg, NULL, 10);
		else if (opt == 'r')
			reopen = 1;
		else
			return 2;
	}
	n = count * (argc - optind);
	d = calloc(n + 1, sizeof(*d));
	pfd = calloc(n + 1, sizeof(*pfd));
	if (!n || !d || !pfd)
		return 2;
	sigaction(SIGTERM, &sa, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	ret = hold(d, pfd, count, argv + optind, argc - optind, reopen);
	free(d);
	free(pfd);
	return ret;
}
