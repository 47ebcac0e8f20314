/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report: what the demonstration prints.
 *
 * A size S counts the 4 bytes of the CRC, as sizes on a line do, and slots
 * of S bytes are sent, as if the CRC had to be carried too.  On a line such a
 * frame takes S + 20 bytes: preamble 8, gap 12.
 */
#include <stdio.h>

#include "apps/demo/report.h"

#define LINE_OVERHEAD	20	/* bytes per frame on a line */

const unsigned int report_sizes[N_SIZES] = {
	60, 64, 128, 256, 512, 1024, 1514,
};

static const unsigned int lines_gbit[] = { 1, 10, 40, 100 };

void report_live(enum job job, unsigned int size, const struct rate *r)
{
	printf("  %-5s %5u bytes %8.3f Mpps %8.3f Gbit/s", link_name(job),
			size, r->pps / 1e6, r->bps / 1e9);
	if (r->lost > 0)
		printf("   dropped %.1f %% of what was sent", r->lost * 100);
	printf("\n");
}

static void print_row(const struct speeds *s, unsigned int i)
{
	unsigned int size = report_sizes[i], k;

	printf("%6u |%8.3f %8.3f |%8.3f %8.3f |", size,
			s->rate[0][i].pps / 1e6, s->rate[0][i].bps / 1e9,
			s->rate[1][i].pps / 1e6, s->rate[1][i].bps / 1e9);
	for (k = 0; k < sizeof(lines_gbit) / sizeof(lines_gbit[0]); k++)
		printf(" %8.3f", lines_gbit[k] * 1e3 /
				(8.0 * (size + LINE_OVERHEAD)));
	printf("\n");
}

static void print_drops(enum job job, const struct drops *d)
{
	unsigned int i, n = 0;

	printf("Dropped over %s:", link_name(job));
	for (i = 0; i < NM_DROP_REASONS; i++) {
		if (!d->reason[i])
			continue;
		printf("%s %s %llu", n++ ? "," : "", nm_drop_name(i),
				(unsigned long long)d->reason[i]);
	}
	printf("%s\n", n ? "" : " nothing");
}

void report_table(const struct speeds *s)
{
	unsigned int i;

	printf("\n bytes |       VALE       |       pipe       | "
			"what a line carries, Mpps\n"
			"       |    Mpps   Gbit/s |    Mpps   Gbit/s | "
			"     1G      10G      40G     100G\n"
			"-------+------------------+------------------+-"
			"-----------------------------------\n");
	for (i = 0; i < N_SIZES; i++)
		print_row(s, i);
	printf("bytes: with the CRC of 4; on a line a frame takes %d more.\n",
			LINE_OVERHEAD);
	print_drops(JOB_VALE, &s->drops[0]);
	print_drops(JOB_PIPE, &s->drops[1]);
	printf("A switch copies frames, and drops those the receiver has no "
			"room for; a pipe hands\nover the buffers themselves, "
			"and makes the sender wait.\n");
}

void report_census(const struct census *c)
{
	printf("  %u frames, %llu bytes: ARP %u, DNS %u, HTTP %u, ssh-like "
			"%u;\n  of all: IPv6 %u, VLAN-tagged %u, jumbo %u, "
			"longest %u bytes\n", c->frames,
			(unsigned long long)c->bytes, c->arp, c->dns, c->http,
			c->ssh, c->ipv6, c->vlan, c->jumbo, c->longest);
}

void report_verdict(const struct census *c, const struct verdict *v, bool ok)
{
	if (ok) {
		printf("  All %u frames arrived, in order, and each of their "
				"%llu bytes is the same.\n", c->frames,
				(unsigned long long)c->bytes);
		return;
	}
	fprintf(stderr, "netmap-demo: what arrived is NOT what was sent: %u "
			"of %u frames arrived, %u of them different, %u too "
			"many; first trouble at frame %u\n", v->arrived,
			c->frames, v->different, v->extra, v->first);
}
