/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * link: which ports a job uses, and what the engine knows about them.
 */
#include <errno.h>
#include <string.h>

#include "apps/demo/link.h"

static const char *const ports[][2] = {
	[JOB_VALE] = { "vale0:left", "vale0:right" },
	[JOB_PIPE] = { "netmap:demo{1", "netmap:demo}1" },
	[JOB_REPLAY] = { "vale1:left", "vale1:right" },
};

const char *link_port(enum job job, int side)
{
	return ports[job][side];
}

const char *link_name(enum job job)
{
	return job == JOB_PIPE ? "pipe" : "VALE";
}

static int ask(enum job job, int side, uint16_t reqtype, void *body)
{
	const char *name = ports[job][side];
	struct nmreq_header hdr;

	nmreq_header_init(&hdr, reqtype, body);
	strcpy(hdr.nr_name, name + (strncmp(name, "netmap:", 7) ? 0 : 7));
	return nmreq_ctrl(&hdr);
}

static int add_rings(enum job job, int side, uint16_t dir, struct drops *d)
{
	struct nmreq_counters c;
	uint16_t ring = 0, n;
	unsigned int i;

	do {
		memset(&c, 0, sizeof(c));
		c.nr_dir = dir;
		c.nr_ringid = ring;
		if (ask(job, side, NETMAP_REQ_COUNTERS_GET, &c) < 0)
			return -1;
		n = dir ? c.nr_tx_rings : c.nr_rx_rings;
		for (i = 0; i < NM_DROP_REASONS; i++)
			d->reason[i] += c.nr_drops[i];
	} while (++ring < n);
	return 0;
}

int link_drops(enum job job, struct drops *d)
{
	int side, dir;

	memset(d, 0, sizeof(*d));
	for (side = LEFT; side <= RIGHT; side++)
		for (dir = 0; dir <= 1; dir++)
			if (add_rings(job, side, (uint16_t)dir, d) < 0)
				return -1;
	return 0;
}

uint64_t link_drops_total(const struct drops *d)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < NM_DROP_REASONS; i++)
		sum += d->reason[i];
	return sum;
}

const char *link_path(enum job job)
{
	struct nmreq_port_status st = { .nr_path = 0 };

	if (ask(job, LEFT, NETMAP_REQ_PORT_STATUS_GET, &st) < 0)
		return "unknown";
	return st.nr_path == NM_PATH_DIRECT ? "direct" :
		st.nr_path == NM_PATH_ISOLATED ? "isolated" : "kernel";
}
