/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options_settle: what the options mean together.
 *
 * Each step completes or checks one matter (port name, addresses, sizes,
 * threads, CPUs) and says what is wrong with it.
 */
#include <libnetmap.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/clock.h"
#include "apps/common/complain.h"
#include "apps/pkt-gen/options_settle.h"
#include "apps/pkt-gen/stamp.h"

#define DEFAULT_SIZE	60
#define DEFAULT_BURST	512

void options_defaults(struct options *o, const char *prog)
{
	size_t len = strlen(prog);

	memset(o, 0, sizeof(*o));
	o->prog = prog;
	o->func = FUNC_RX;
	o->family = AF_INET;
	o->size = o->size_min = DEFAULT_SIZE;
	o->frags = 1;
	o->threads = 1;
	o->affinity = -1;
	o->n_cpus = 1;
	o->report_ns = NS_PER_SEC;
	o->flow.dst_mac.first = o->flow.dst_mac.last = 0xffffffffffffULL;
	o->seed = clock_read_ns(CLOCK_REALTIME) ^ (uint64_t)getpid() << 40;
	o->busy = len > 2 && !strcmp(prog + len - 2, "-b");
}

bool options_is_sender(const struct options *o)
{
	return o->func == FUNC_TX || o->func == FUNC_TXSEQ ||
		o->func == FUNC_PING;
}

const char *options_verb(const struct options *o)
{
	switch (o->func) {
	case FUNC_TX:
	case FUNC_TXSEQ:
		return "Sending on";
	case FUNC_RX:
	case FUNC_RXSEQ:
		return "Receiving from";
	default:
		return "Working on";
	}
}

static bool starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static int settle_port(struct raw_options *r)
{
	struct options *o = r->o;
	bool complete;

	if (!r->port)
		return complain_usage(o->prog, "no port: -i is missing");
	if (strlen(r->port) > MAX_PORT_NAME)
		return complain_usage(o->prog, "-i: the name is longer than "
				"%d characters", MAX_PORT_NAME);
	complete = starts_with(r->port, "netmap:") ||
		starts_with(r->port, "vale") || starts_with(r->port, "tap") ||
		starts_with(r->port, "pcap:") || !strcmp(r->port, "null");
	snprintf(o->port, sizeof(o->port), "%s%s", complete ? "" : "netmap:",
			r->port);
	if (!r->wait_given)
		o->wait_ns = starts_with(o->port, "vale") ||
			!strcmp(o->port, "null") ? 0 : 2 * NS_PER_SEC;
	return -1;
}

static int settle_range(struct raw_options *r, const char *option,
		const char *text, struct addr_range *range)
{
	char first[ADDR_TEXT_LEN], last[ADDR_TEXT_LEN];
	const char *why;

	if (addr_parse(text, r->o->family, range, &why))
		return complain_usage(r->o->prog, "%s: '%s': %s", option, text,
				why);
	if (options_is_sender(r->o))
		D("range is %s:%d to %s:%d",
			addr_format(range, range->first, first),
			range->port_first,
			addr_format(range, range->last, last),
			range->port_last);
	return -1;
}

/* The prefixes set aside for documentation when nothing is given for IPv6. */
static int settle_addresses(struct raw_options *r)
{
	bool v4 = r->o->family == AF_INET;
	const char *src = r->src ? r->src : v4 ? "10.0.0.1" : "2001:db8::1";
	const char *dst = r->dst ? r->dst : v4 ? "10.1.0.1" : "2001:db8:1::1";
	struct flow_spec *flow = &r->o->flow;
	int status = settle_range(r, "-s", src, &flow->src);

	return status < 0 ? settle_range(r, "-d", dst, &flow->dst) : status;
}

/* Bytes that the function writes into the payload; 0 when it writes none. */
static unsigned int payload_needed(const struct options *o)
{
	if (o->func == FUNC_TXSEQ)
		return SEQ_LEN;
	return o->func == FUNC_PING || (o->func == FUNC_TX && o->latency) ?
		STAMP_LEN : 0;
}

static int check_payload_room(const struct raw_options *r)
{
	struct options *o = r->o;
	struct packet_spec spec = { .flow = &o->flow, .n_tags = o->n_tags };
	unsigned int payload = payload_needed(o);
	unsigned int least = packet_overhead(&spec) + payload;

	if (payload && o->pcap_file)
		return complain_usage(o->prog, "-P cannot be combined with "
				"functions that write into the packet");
	/* without a wish, not less than what makes a whole packet */
	if (!r->n_sizes && !o->mix.n && o->size < least)
		o->size = o->size_min = least;
	if (!payload || o->size_min >= least)
		return -1;
	return complain_usage(o->prog, "-l: %u bytes are too small for "
			"%s%s, which needs %u", o->size_min,
			options_function(o),
			o->latency ? " with --latency" : "", least);
}

static int settle_sizes(struct raw_options *r)
{
	struct options *o = r->o;

	if (o->mix.n && r->n_sizes)
		return complain_usage(o->prog,
				"-l and --sizes exclude each other");
	if (o->mix.n) {
		o->size = sizes_max(&o->mix);
		o->size_min = sizes_min(&o->mix);
		o->flags |= OPT_COPY | OPT_UPDATE_CSUM;
	}
	if (r->n_sizes > 2 || o->size_min > o->size)
		return complain_usage(o->prog, "-l: at most two sizes, the "
				"second not above the first");
	if (o->size_min < o->size && (o->flags & OPT_UPDATE_CSUM))
		o->flags |= OPT_COPY;
	if (!flow_is_fixed(&o->flow) ||
	    (o->flags & (OPT_RANDOM_SRC | OPT_RANDOM_DST)) || o->latency)
		o->flags |= OPT_COPY;
	return check_payload_room(r);
}

static int settle_threads(struct raw_options *r)
{
	struct options *o = r->o;
	bool single = o->func == FUNC_PING || o->func == FUNC_PONG ||
		o->func == FUNC_TXSEQ;

	if (single && o->threads > 1)
		return complain_usage(o->prog, "-p: %s runs in one thread",
				options_function(o));
	if (o->rate && o->rate_total)
		return complain_usage(o->prog,
				"-R and --rate-total exclude each other");
	if (o->rate_total && o->rate_total < o->threads)
		return complain_usage(o->prog, "--rate-total: less than one "
				"packet per second and thread");
	if (!o->burst)
		o->burst = o->func == FUNC_PING || o->func == FUNC_PONG ?
			1 : DEFAULT_BURST;
	if (o->must_count && !o->count)
		return complain_usage(o->prog, "--require-count needs -n");
	if (o->latency && (o->func == FUNC_TXSEQ || o->func == FUNC_RXSEQ ||
			   o->func == FUNC_PONG))
		return complain_usage(o->prog, "--latency does not go with %s",
				options_function(o));
	return -1;
}

static int settle_cpus(struct raw_options *r)
{
	struct options *o = r->o;
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	if (o->cpus_given && o->n_cpus > (unsigned long)online)
		return complain_usage(o->prog, "-c: %u CPUs asked for, %ld "
				"online", o->n_cpus, online);
	if (o->cpus_given && !o->n_cpus)
		o->n_cpus = (unsigned int)online;
	if (o->n_cpu_list && (o->affinity >= 0 || o->cpus_given))
		return complain_usage(o->prog,
				"--cpus takes the place of -a and -c");
	if (o->n_cpu_list)
		o->n_cpus = o->n_cpu_list;
	return -1;
}

static int settle_backend(struct raw_options *r)
{
	struct options *o = r->o;
	bool rings = starts_with(o->port, "netmap:") ||
		starts_with(o->port, "vale");

	if (rings)
		return -1;
	if (o->func != FUNC_TX && o->func != FUNC_RX)
		return complain_usage(o->prog, "-f %s needs a netmap or vale "
				"port", options_function(o));
	if (o->threads > 1)
		return complain_usage(o->prog, "-p needs a netmap or vale "
				"port, which has rings to share out");
	return -1;
}

int options_settle(struct raw_options *r)
{
	static int (*const step[])(struct raw_options *) = {
		settle_port, settle_addresses, settle_sizes, settle_threads,
		settle_cpus, settle_backend,
	};
	unsigned int i;
	int status = -1;

	for (i = 0; status < 0 && i < sizeof(step) / sizeof(step[0]); i++)
		status = step[i](r);
	return status;
}
