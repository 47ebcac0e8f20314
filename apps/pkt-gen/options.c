/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options: the command line as a structure.
 *
 * One table has it all: letter, long name, what sets it, what --help says.
 * Setters only read their argument; what depends on several options, or on
 * their order, is left to options_settle() at the end.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <libnetmap.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/clock.h"
#include "apps/common/complain.h"
#include "apps/common/home.h"
#include "apps/common/numbers.h"
#include "apps/common/version.h"
#include "apps/pkt-gen/options.h"
#include "apps/pkt-gen/options_settle.h"

#define DAY_NS		(86400 * NS_PER_SEC)

/* Keys of options that have no letter. */
enum {
	KEY_FIRST = 256,
	KEY_HELP = KEY_FIRST,
	KEY_VERSION,
	KEY_JSON,
	KEY_LATENCY,
	KEY_DURATION,
	KEY_CPUS,
	KEY_RATE_TOTAL,
	KEY_SIZES,
	KEY_VLAN,
	KEY_SEED,
	KEY_BUSY,
	KEY_MUST_COUNT,
	KEY_HOME,
};

/**
 * struct opt_def - an option
 * @key: letter or KEY_*
 * @name: long name
 * @arg: what the argument is called in the help; NULL: takes none; one that
 *	starts with '[' may be left out
 * @help: what it does
 * @set: takes the argument; returns 0, or the exit status after having said
 *	what is wrong
 */
struct opt_def {
	int key;
	const char *name;
	const char *arg;
	const char *help;
	int (*set)(struct raw_options *r, const char *arg);
};

static int bad(const struct raw_options *r, const char *option,
		const char *arg, const char *why)
{
	return complain_usage(r->o->prog, "%s: '%s' %s", option, arg, why);
}

/* The number in arg, or a complaint about option. */
static int number(const struct raw_options *r, const char *option,
		const char *arg, uint64_t min, uint64_t max, uint64_t *out)
{
	int err = num_parse(arg, min, max, out);
	char why[80];

	if (!err)
		return 0;
	if (err != -ERANGE)
		return bad(r, option, arg, num_error(err));
	snprintf(why, sizeof(why), "is out of range (%llu to %llu)",
			(unsigned long long)min, (unsigned long long)max);
	return bad(r, option, arg, why);
}

static int number_u32(const struct raw_options *r, const char *option,
		const char *arg, uint32_t min, uint32_t max, unsigned int *out)
{
	uint64_t value;
	int status = number(r, option, arg, min, max, &value);

	if (!status)
		*out = (unsigned int)value;
	return status;
}

static int duration(const struct raw_options *r, const char *option,
		const char *arg, uint64_t unit, uint64_t *out)
{
	int err = num_parse_duration(arg, unit, 1000 * DAY_NS, out);

	return err ? bad(r, option, arg, num_error(err)) : 0;
}

static int set_port(struct raw_options *r, const char *arg)
{
	r->port = arg;
	return 0;
}

static const char *const function_names[] = {
	[FUNC_RX] = "rx",
	[FUNC_TX] = "tx",
	[FUNC_PING] = "ping",
	[FUNC_PONG] = "pong",
	[FUNC_TXSEQ] = "txseq",
	[FUNC_RXSEQ] = "rxseq",
};

static int set_function(struct raw_options *r, const char *arg)
{
	unsigned int i;

	for (i = 0; i < sizeof(function_names) / sizeof(*function_names); i++) {
		if (!strcmp(arg, function_names[i])) {
			r->o->func = (enum function)i;
			return 0;
		}
	}
	return bad(r, "-f", arg, "is none of rx, tx, ping, pong, txseq, rxseq");
}

static int set_count(struct raw_options *r, const char *arg)
{
	return number(r, "-n", arg, 0, UINT64_MAX, &r->o->count);
}

static int set_size(struct raw_options *r, const char *arg)
{
	unsigned int size;
	int status = number_u32(r, "-l", arg, PACKET_MIN_SIZE, PACKET_MAX_SIZE,
			&size);

	if (status)
		return status;
	if (r->n_sizes++)
		r->o->size_min = size;
	else
		r->o->size = r->o->size_min = size;
	return 0;
}

static int set_sizes(struct raw_options *r, const char *arg)
{
	int err = sizes_parse(arg, &r->o->mix);

	if (err == -ERANGE)
		return bad(r, "--sizes", arg,
			"has a size or weight out of range");
	return err ? bad(r, "--sizes", arg,
			"is neither imix nor SIZE[-SIZE][:WEIGHT],...") : 0;
}

static int set_burst(struct raw_options *r, const char *arg)
{
	return number_u32(r, "-b", arg, 0, 1 << 20, &r->o->burst);
}

static int set_ipv4(struct raw_options *r, const char *arg)
{
	r->o->family = AF_INET;
	return 0;
}

static int set_ipv6(struct raw_options *r, const char *arg)
{
	r->o->family = AF_INET6;
	return 0;
}

static int set_src(struct raw_options *r, const char *arg)
{
	r->src = arg;
	return 0;
}

static int set_dst(struct raw_options *r, const char *arg)
{
	r->dst = arg;
	return 0;
}

static int set_src_mac(struct raw_options *r, const char *arg)
{
	r->o->src_mac_given = true;
	return mac_parse(arg, &r->o->flow.src_mac) ?
		bad(r, "-S", arg, "is not a MAC address or range") : 0;
}

static int set_dst_mac(struct raw_options *r, const char *arg)
{
	return mac_parse(arg, &r->o->flow.dst_mac) ?
		bad(r, "-D", arg, "is not a MAC address or range") : 0;
}

/* ID[:PRIORITY], cut up in place */
static int parse_tag(struct raw_options *r, char *item)
{
	char *colon = strchr(item, ':');
	unsigned int id, priority = 0;
	int status = 0;

	if (r->o->n_tags == PACKET_MAX_TAGS)
		return bad(r, "--vlan", item, "is one tag too many (2 at most)");
	if (colon) {
		*colon = '\0';
		status = number_u32(r, "--vlan", colon + 1, 0, 7, &priority);
	}
	if (!status)
		status = number_u32(r, "--vlan", item, 0, 4095, &id);
	if (!status)
		r->o->tag[r->o->n_tags++] = (uint16_t)(priority << 13 | id);
	return status;
}

static int set_vlan(struct raw_options *r, const char *arg)
{
	char copy[64], *next = copy;
	int status = 0;

	if (strlen(arg) >= sizeof(copy))
		return bad(r, "--vlan", arg, "is too long");
	strcpy(copy, arg);
	while (next && !status)
		status = parse_tag(r, strsep(&next, ","));
	return status;
}

static int set_affinity(struct raw_options *r, const char *arg)
{
	unsigned int cpu;
	int status;

	if (!strcmp(arg, "-1")) {
		r->o->affinity = -1;
		return 0;
	}
	status = number_u32(r, "-a", arg, 0, 65535, &cpu);
	if (!status)
		r->o->affinity = (int)cpu;
	return status;
}

static int set_n_cpus(struct raw_options *r, const char *arg)
{
	r->o->cpus_given = true;
	return number_u32(r, "-c", arg, 0, 65535, &r->o->n_cpus);
}

static int set_cpus(struct raw_options *r, const char *arg)
{
	int n = num_parse_cpus(arg, r->o->cpu_list, MAX_CPUS);

	if (n < 0)
		return bad(r, "--cpus", arg, n == -ERANGE ? num_error(n) :
				"is not a list of CPUs such as 2-5,8");
	r->o->n_cpu_list = (unsigned int)n;
	return 0;
}

static int set_threads(struct raw_options *r, const char *arg)
{
	return number_u32(r, "-p", arg, 1, MAX_THREADS, &r->o->threads);
}

static int set_report(struct raw_options *r, const char *arg)
{
	int status = duration(r, "-T", arg, NS_PER_MS, &r->o->report_ns);

	if (!status && r->o->report_ns < NS_PER_MS)
		return bad(r, "-T", arg, "is less than 1 ms");
	return status;
}

static int set_wait(struct raw_options *r, const char *arg)
{
	r->wait_given = true;
	return duration(r, "-w", arg, NS_PER_SEC, &r->o->wait_ns);
}

static int set_duration(struct raw_options *r, const char *arg)
{
	return duration(r, "--duration", arg, NS_PER_SEC, &r->o->duration_ns);
}

static int set_rate(struct raw_options *r, const char *arg)
{
	return number(r, "-R", arg, 0, NS_PER_SEC, &r->o->rate);
}

static int set_rate_total(struct raw_options *r, const char *arg)
{
	return number(r, "--rate-total", arg, 0, NS_PER_SEC * MAX_THREADS,
			&r->o->rate_total);
}

static int set_vnet(struct raw_options *r, const char *arg)
{
	int status = number_u32(r, "-H", arg, 0, 12, &r->o->vnet);

	r->o->vnet_given = true;
	if (!status && r->o->vnet != 0 && r->o->vnet != 10 && r->o->vnet != 12)
		return bad(r, "-H", arg, "is none of 0, 10, 12");
	return status;
}

static int set_pcap(struct raw_options *r, const char *arg)
{
	r->o->pcap_file = arg;
	return 0;
}

static int set_frags(struct raw_options *r, const char *arg)
{
	return number_u32(r, "-F", arg, 1, MAX_FRAGS, &r->o->frags);
}

static int set_max_frag(struct raw_options *r, const char *arg)
{
	return number_u32(r, "-M", arg, 1, 65535, &r->o->max_frag);
}

static int set_flags(struct raw_options *r, const char *arg)
{
	unsigned int flags;
	int status = number_u32(r, "-o", arg, 0, UINT32_MAX, &flags);

	if (!status && (flags & ~(unsigned int)OPT_KNOWN))
		return bad(r, "-o", arg, "has bits that mean nothing");
	if (!status)
		r->o->flags |= flags;
	return status;
}

static int set_geometry(struct raw_options *r, const char *arg)
{
	int n = geometry_parse(arg, &r->o->geometry);

	if (n < 0)
		return bad(r, "-C", arg, "is not tx_slots[,rx_slots"
				"[,tx_rings[,rx_rings]]]");
	r->o->geometry_items = n;
	return 0;
}

static int set_seed(struct raw_options *r, const char *arg)
{
	return number(r, "--seed", arg, 0, UINT64_MAX, &r->o->seed);
}

static int set_json(struct raw_options *r, const char *arg)
{
	r->o->json = true;
	r->o->json_file = arg;
	return 0;
}

static int set_latency(struct raw_options *r, const char *arg)
{
	r->o->latency = true;
	if (!arg || !strcmp(arg, "mono"))
		r->o->wall_clock = false;
	else if (!strcmp(arg, "real"))
		r->o->wall_clock = true;
	else
		return bad(r, "--latency", arg, "is neither mono nor real");
	return 0;
}

static int set_random_src(struct raw_options *r, const char *arg)
{
	r->o->flags |= OPT_RANDOM_SRC;
	return 0;
}

static int set_random_dst(struct raw_options *r, const char *arg)
{
	r->o->flags |= OPT_RANDOM_DST;
	return 0;
}

static int set_indirect(struct raw_options *r, const char *arg)
{
	r->o->flags |= OPT_INDIRECT;
	return 0;
}

static int set_rubbish(struct raw_options *r, const char *arg)
{
	r->o->flags |= OPT_RUBBISH;
	return 0;
}

static int set_dump(struct raw_options *r, const char *arg)
{
	r->o->flags |= OPT_DUMP;
	return 0;
}

static int set_average(struct raw_options *r, const char *arg)
{
	r->o->flags |= OPT_PPS_STATS;
	return 0;
}

static int set_framing(struct raw_options *r, const char *arg)
{
	r->o->framing = true;
	return 0;
}

static int set_raw_numbers(struct raw_options *r, const char *arg)
{
	r->o->raw_numbers = true;
	return 0;
}

static int set_exit_idle(struct raw_options *r, const char *arg)
{
	r->o->exit_idle = true;
	return 0;
}

static int set_must_count(struct raw_options *r, const char *arg)
{
	r->o->must_count = true;
	return 0;
}

static int set_busy(struct raw_options *r, const char *arg)
{
	r->o->busy = true;
	return 0;
}

static int set_home(struct raw_options *r, const char *arg)
{
	return home_choose(r->o->prog, arg);
}

static int set_verbose(struct raw_options *r, const char *arg)
{
	r->o->verbose++;
	return 0;
}

static const struct opt_def defs[] = {
	{ 'i', "interface", "PORT", "netmap:..., vale..., an interface name, "
		"tap:NAME, pcap:NAME or null", set_port },
	{ 'f', "function", "FUNC", "rx (default), tx, ping, pong, txseq, "
		"rxseq", set_function },
	{ 'n', "count", "N", "packets or transactions; 0: no limit",
		set_count },
	{ KEY_MUST_COUNT, "require-count", NULL, "exit with 1 if there were "
		"fewer than -n", set_must_count },
	{ KEY_DURATION, "duration", "S", "stop after this time (seconds, or "
		"ms, s, m, h)", set_duration },
	{ 'l', "size", "BYTES", "packet size without CRC (60); a second -l is "
		"the smallest size", set_size },
	{ KEY_SIZES, "sizes", "MIX", "sizes by packet: imix, or "
		"SIZE[-SIZE][:WEIGHT],...", set_sizes },
	{ 'b', "burst", "N", "packets per ring and turn (512; ping and pong "
		"1)", set_burst },
	{ 'R', "rate", "PPS", "packets per second of each thread; 0: no "
		"limit", set_rate },
	{ KEY_RATE_TOTAL, "rate-total", "PPS", "packets per second of all "
		"threads together", set_rate_total },
	{ '4', "ipv4", NULL, "send IPv4 (default)", set_ipv4 },
	{ '6', "ipv6", NULL, "send IPv6", set_ipv6 },
	{ 's', "src", "RANGE", "source A[:P][-B[:Q]]; IPv6 [G@]A or "
		"[G@][A]:P, G: group that varies", set_src },
	{ 'd', "dst", "RANGE", "destination, likewise", set_dst },
	{ 'S', "src-mac", "MAC[-MAC]", "source MAC (that of the interface)",
		set_src_mac },
	{ 'D', "dst-mac", "MAC[-MAC]", "destination MAC (broadcast)",
		set_dst_mac },
	{ 'z', "random-src", NULL, "random source address and port",
		set_random_src },
	{ 'Z', "random-dst", NULL, "random destination address and port",
		set_random_dst },
	{ KEY_SEED, "seed", "N", "make -z, -Z and sizes repeatable",
		set_seed },
	{ KEY_VLAN, "vlan", "ID[:PRIO],...", "one or two VLAN tags, outermost "
		"first", set_vlan },
	{ 'P', "pcap", "FILE", "send the first packet of a pcap file",
		set_pcap },
	{ 'p', "threads", "N", "threads, one ring each (1)", set_threads },
	{ 'a', "affinity", "CPU", "pin thread k to CPU (this + k) modulo -c",
		set_affinity },
	{ 'c', "ncpus", "N", "CPUs to use; 0: all", set_n_cpus },
	{ KEY_CPUS, "cpus", "LIST", "pin threads to these CPUs in turn, e.g. "
		"2-5,8", set_cpus },
	{ 'F', "frags", "N", "slots per packet, 1 to 63 (1)", set_frags },
	{ 'M', "max-frag", "BYTES", "bytes per slot at most", set_max_frag },
	{ 'I', "indirect", NULL, "indirect buffers (tx to VALE)",
		set_indirect },
	{ 'H', "virt-header", "BYTES", "length of the virtio-net header: 0, "
		"10, 12", set_vnet },
	{ 'C', "geometry", "N,...", "tx_slots[,rx_slots[,tx_rings"
		"[,rx_rings]]]; better: PORT@conf:", set_geometry },
	{ 'r', "rubbish", NULL, "send what is in the buffers", set_rubbish },
	{ 'o', "options", "BITS", "1 prefetch, 2 access, 4 copy, 8 memcpy, "
		"32 -I, 64 -X, 256 -r, 512 -z, 1024 -Z, 2048 -A, 4096 fix "
		"lengths", set_flags },
	{ 'w', "wait", "S", "time before the start (2; 0 for vale and null)",
		set_wait },
	{ 'W', "exit-idle", NULL, "rx: stop after 1 s without packets",
		set_exit_idle },
	{ KEY_LATENCY, "latency", "[CLOCK]", "tx: stamp packets; rx: delay "
		"and loss of stamped ones. CLOCK: mono (default) or real",
		set_latency },
	{ 'T', "report", "MS", "time between reports (1000, or with a "
		"suffix)", set_report },
	{ 'A', "average", NULL, "average and deviation of the rate over 15 "
		"reports", set_average },
	{ 'B', "framing", NULL, "count preamble, gap and CRC in bandwidth",
		set_framing },
	{ 'N', "raw-numbers", NULL, "no K, M, G", set_raw_numbers },
	{ 'X', "hexdump", NULL, "hex dump of every packet", set_dump },
	{ KEY_JSON, "json", "[FILE]", "report as JSON, to stdout or a file",
		set_json },
	{ KEY_BUSY, "busy", NULL, "never sleep between syncs, as pkt-gen-b",
		set_busy },
	{ KEY_HOME, "home", "HOME", "kernel, user or auto, instead of "
		"NETMAP_HOME", set_home },
	{ 'v', "verbose", NULL, "more messages", set_verbose },
	{ 'h', "help", NULL, "this text", NULL },
	{ KEY_VERSION, "version", NULL, "print the version", NULL },
};

#define N_DEFS	(sizeof(defs) / sizeof(defs[0]))

void help_print(FILE *f, const char *prog)
{
	unsigned int i;

	fprintf(f, "Usage: %s -i PORT [-f FUNCTION] [OPTION]...\n"
		"Send, receive, and measure packets with netmap.\n\n", prog);
	for (i = 0; i < N_DEFS; i++) {
		const struct opt_def *d = &defs[i];
		bool optional = d->arg && d->arg[0] == '[';
		char left[64], letter[5] = "    ";

		if (d->key < KEY_FIRST)
			snprintf(letter, sizeof(letter), "-%c, ", d->key);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, d->name,
				!d->arg ? "" : optional ? "[=" : " ",
				!d->arg ? "" : optional ? d->arg + 1 : d->arg);
		fprintf(f, "  %-30s %s\n", left, d->help);
	}
	fprintf(f, "\nNumbers take k, M, G; times take ns, us, ms, s, m, h.\n"
		"SIGINT and SIGTERM stop with a summary, SIGUSR1 prints one.\n"
		"Exit status: 0 done, 1 failed, 2 wrong usage.\n");
}

static const struct opt_def *find_def(int key)
{
	unsigned int i;

	for (i = 0; i < N_DEFS; i++)
		if (defs[i].key == key)
			return &defs[i];
	return NULL;
}

/* The two forms in which getopt_long() wants the table. */
static void build_getopt(char *letters, struct option *longs)
{
	unsigned int i;

	*letters++ = ':';
	for (i = 0; i < N_DEFS; i++) {
		const struct opt_def *d = &defs[i];

		longs[i].name = d->name;
		longs[i].has_arg = !d->arg ? no_argument :
			d->arg[0] == '[' ? optional_argument :
			required_argument;
		longs[i].val = d->key == 'h' ? KEY_HELP : d->key;
		if (d->key >= KEY_FIRST)
			continue;
		*letters++ = (char)d->key;
		if (d->arg)
			*letters++ = ':';
	}
	*letters = '\0';
}

/* Letters that older releases had, and what took their place. */
static int refuse(const struct raw_options *r, char **argv)
{
	const char *instead = optopt == 't' ? " (use -f tx -n)" :
		optopt == 'e' || optopt == 'm' ? " (no longer needed)" : "";

	if (optopt > 0 && optopt < KEY_FIRST && isprint(optopt))
		return complain_usage(r->o->prog, "unknown option -%c%s",
				optopt, instead);
	return complain_usage(r->o->prog, "%s: unknown or ambiguous option, "
			"or an argument where none belongs", argv[optind - 1]);
}

static int missing_argument(const struct raw_options *r)
{
	const struct opt_def *d = find_def(optopt);

	if (d && d->key < KEY_FIRST)
		return complain_usage(r->o->prog, "-%c (--%s) needs an "
				"argument", d->key, d->name);
	return complain_usage(r->o->prog, "--%s needs an argument",
			d ? d->name : "?");
}

/* One option; -1 to go on. */
static int take(struct raw_options *r, int key, char **argv)
{
	int status;

	switch (key) {
	case 'h':
	case KEY_HELP:
		help_print(key == 'h' ? stderr : stdout, r->o->prog);
		return EXIT_STATUS_OK;
	case KEY_VERSION:
		return version_print(r->o->prog);
	case '?':
		return refuse(r, argv);
	case ':':
		return missing_argument(r);
	default:
		status = find_def(key)->set(r, optarg);
		return status ? status : -1;
	}
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct raw_options r = { .o = o };
	struct option longs[N_DEFS + 1] = { { 0 } };
	char letters[2 * N_DEFS + 2];
	int key, status = -1;

	options_defaults(o, basename(argv[0]));
	build_getopt(letters, longs);
	opterr = 0;
	optind = 1;
	while (status < 0 &&
	       (key = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		status = take(&r, key, argv);
	if (status >= 0)
		return status;
	if (optind < argc)
		return complain_usage(o->prog, "unexpected argument '%s'",
				argv[optind]);
	return options_settle(&r);
}

const char *options_function(const struct options *o)
{
	return function_names[o->func];
}
