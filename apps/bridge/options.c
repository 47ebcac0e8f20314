/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options: the command line of bridge.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "apps/bridge/bridge.h"
#include "apps/common/complain.h"
#include "apps/common/home.h"
#include "apps/common/numbers.h"
#include "apps/common/version.h"

#define DEFAULT_BURST	1024
#define MAX_BURST	8192
#define DEFAULT_WAIT	4
#define MAX_WAIT	100

enum {
	KEY_JSON = 256,
	KEY_VERSION,
	KEY_HOME,
};

static const char letters[] = ":hvcLi:b:w:";

static const struct option longs[] = {
	{ "interface", required_argument, NULL, 'i' },
	{ "burst", required_argument, NULL, 'b' },
	{ "wait", required_argument, NULL, 'w' },
	{ "copy", no_argument, NULL, 'c' },
	{ "loopback", no_argument, NULL, 'L' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "json", optional_argument, NULL, KEY_JSON },
	{ "home", required_argument, NULL, KEY_HOME },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, KEY_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
"Usage: bridge [OPTION]... [PORT-A [PORT-B [BURST]]]\n"
"Forward packets between two netmap ports, without copying if they share a\n"
"memory region. With one port, between its hardware and its host rings.\n"
"\n"
"  -i, --interface PORT  a port, up to twice\n"
"  -b, --burst N         slots to move per ring and wake-up, 1 to 8192 (1024)\n"
"  -w, --wait S          seconds to wait for the link, up to 100 (4; 0 for\n"
"                        software ports)\n"
"  -c, --copy            copy always\n"
"  -L, --loopback        with one port: send back what it receives\n"
"  -v, --verbose         log every wake-up; twice: every packet\n"
"      --json[=FILE]     statistics at the end in JSON, to stdout or FILE\n"
"      --home HOME       kernel, user or auto, instead of NETMAP_HOME\n"
"  -h, --help            this text\n"
"      --version         print the version\n"
"\n"
"SIGINT and SIGTERM end the program, SIGUSR1 prints statistics.\n"
"Exit status: 0 done, 1 failed, 2 wrong usage.\n";

static int set_port(struct options *o, unsigned int which, const char *name)
{
	if (!name[0])
		return complain_usage(PROG, "a port name is empty");
	if (strlen(name) > MAX_PORT_NAME)
		return complain_usage(PROG, "a port name has more than %d "
				"characters", MAX_PORT_NAME);
	strcpy(o->port[which], name);
	return -1;
}

static int add_port(struct options *o, const char *name)
{
	if (!o->port[0][0])
		return set_port(o, 0, name);
	if (!o->port[1][0])
		return set_port(o, 1, name);
	D("%s ignored, already have 2 interfaces", name);
	return -1;
}

static int set_burst(struct options *o, const char *text)
{
	uint64_t n;
	int err = num_parse(text, 0, UINT32_MAX, &n);

	if (err)
		return complain_usage(PROG, "-b: '%s' %s", text,
				num_error(err));
	o->burst = (unsigned int)n;
	if (n < 1 || n > MAX_BURST) {
		D("invalid burst %s, using %d", text, DEFAULT_BURST);
		o->burst = DEFAULT_BURST;
	}
	return -1;
}

static int set_wait(struct options *o, const char *text)
{
	uint64_t n;
	int err = num_parse(text, 0, UINT32_MAX, &n);

	if (err)
		return complain_usage(PROG, "-w: '%s' %s", text,
				num_error(err));
	o->wait = n > MAX_WAIT ? DEFAULT_WAIT : (int)n;
	return -1;
}

/* One option; -1 to go on. */
static int take(struct options *o, int key, char **argv)
{
	switch (key) {
	case 'i':
		return add_port(o, optarg);
	case 'b':
		return set_burst(o, optarg);
	case 'w':
		return set_wait(o, optarg);
	case 'c':
		o->copy = true;
		return -1;
	case 'L':
		o->loop = true;
		return -1;
	case 'v':
		o->verbose++;
		return -1;
	case KEY_JSON:
		o->json = true;
		o->json_file = optarg;
		return -1;
	case 'h':
		fputs(help, stdout);
		return EXIT_STATUS_OK;
	case KEY_HOME:
		return home_choose(PROG, optarg) ? EXIT_STATUS_USAGE : -1;
	case KEY_VERSION:
		return version_print(PROG);
	default:
		return complain_option(PROG, key, KEY_JSON, argv);
	}
}

/* A port given once stands for both ends; twice the same is once. */
static int settle_ports(struct options *o)
{
	if (!o->port[0][0])
		return complain_usage(PROG, "no port given");
	if (!strcmp(o->port[0], o->port[1]))
		o->port[1][0] = '\0';
	if (o->port[1][0]) {
		if (o->loop)
			return complain_usage(PROG, "-L takes one port, not "
					"two");
		return -1;
	}
	if (strlen(o->port[0]) >= NETMAP_REQ_IFNAMSIZ)
		return complain_usage(PROG, "%s: a single port name has at "
				"most %d characters", o->port[0],
				NETMAP_REQ_IFNAMSIZ - 1);
	return -1;
}

int options_parse(struct options *o, int argc, char **argv)
{
	int key, i, status = -1;

	*o = (struct options){ .burst = DEFAULT_BURST, .wait = WAIT_AUTO };
	opterr = 0;
	while (status < 0 &&
	       (key = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		status = take(o, key, argv);
	for (i = 0; status < 0 && i < 2 && optind < argc; i++)
		status = set_port(o, (unsigned int)i, argv[optind++]);
	if (status < 0 && optind < argc)
		status = set_burst(o, argv[optind++]);
	if (status < 0 && optind < argc)
		status = complain_usage(PROG, "unexpected argument '%s'",
				argv[optind]);
	return status < 0 ? settle_ports(o) : status;
}
