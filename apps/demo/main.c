/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netmap-demo: two processes exchange packets, and you can watch.
 *
 * First speed, for several sizes of frame, over a VALE switch and over a
 * pipe; then truth: a capture of real traffic goes through the switch and is
 * compared byte by byte with what was sent.
 *
 * It has a server of its own, at a socket in a directory that is removed at
 * the end, so it neither finds nor disturbs anybody else's ports.
 */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/common/clock.h"
#include "apps/common/complain.h"
#include "apps/common/numbers.h"
#include "apps/common/version.h"
#include "apps/demo/report.h"
#include "apps/demo/traffic.h"

#define PROG		"netmap-demo"
#define DEFAULT_STEP	NS_PER_SEC
#define LONGEST_STEP	(60 * NS_PER_SEC)

enum {
	KEY_STEP = 256,
	KEY_CAPTURE,
	KEY_SAMPLE,
	KEY_MAKE,
	KEY_CORRUPT,
	KEY_HELP,
	KEY_VERSION,
};

static const struct option longs[] = {
	{ "step", required_argument, NULL, KEY_STEP },
	{ "capture", required_argument, NULL, KEY_CAPTURE },
	{ "sample", required_argument, NULL, KEY_SAMPLE },
	{ "make-capture", required_argument, NULL, KEY_MAKE },
	{ "corrupt", no_argument, NULL, KEY_CORRUPT },
	{ "help", no_argument, NULL, KEY_HELP },
	{ "version", no_argument, NULL, KEY_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
"Usage: netmap-demo [OPTION]...\n"
"Two processes exchange packets over a VALE switch and over a pipe; then a\n"
"capture of real traffic goes through the switch and is compared.\n"
"\n"
"  --step TIME          time for each size and link (1s)\n"
"  --capture FILE       send this capture of two hosts, instead of making one\n"
"  --sample FILE        send this one if none can be made\n"
"  --make-capture FILE  only make a capture\n"
"  --corrupt            flip a bit on the way, to see the comparison fail\n"
"  --help, --version    this text, the version\n"
"\n"
"Exit status: 0 all is well, 1 it failed or bytes differ, 2 wrong usage.\n";

/**
 * struct demo - the program
 * @step_ns: how long to measure each size
 * @capture: file to send, or NULL to make one
 * @sample: file to send when that is not possible, or NULL
 * @make: file to make, and nothing else
 * @corrupt: flip a bit
 * @dir: our directory; empty: none
 */
struct demo {
	uint64_t step_ns;
	const char *capture;
	const char *sample;
	const char *make;
	bool corrupt;
	char dir[PATH_MAX - 64];
};

/* One option; -1 to go on. */
static int take(struct demo *o, int key, char **argv)
{
	int err;

	switch (key) {
	case KEY_STEP:
		err = num_parse_duration(optarg, NS_PER_SEC, LONGEST_STEP,
				&o->step_ns);
		if (!err && o->step_ns)
			return -1;
		return complain_usage(PROG, "--step: '%s' %s", optarg,
				num_error(err ? err : -ERANGE));
	case KEY_CAPTURE:
		o->capture = optarg;
		return -1;
	case KEY_SAMPLE:
		o->sample = optarg;
		return -1;
	case KEY_MAKE:
		o->make = optarg;
		return -1;
	case KEY_CORRUPT:
		o->corrupt = true;
		return -1;
	case KEY_HELP:
		fputs(help, stdout);
		return EXIT_STATUS_OK;
	case KEY_VERSION:
		return version_print(PROG);
	default:
		return complain_option(PROG, key, KEY_STEP, argv);
	}
}

static int parse(struct demo *o, int argc, char **argv)
{
	int key, status = -1;

	*o = (struct demo){ .step_ns = DEFAULT_STEP };
	opterr = 0;
	while (status < 0 &&
	       (key = getopt_long(argc, argv, ":", longs, NULL)) != -1)
		status = take(o, key, argv);
	if (status < 0 && optind < argc)
		return complain_usage(PROG, "unexpected argument '%s'",
				argv[optind]);
	return status;
}

static void on_signal(int sig)
{
	stop_asked = sig;
}

static int make_dir(struct demo *o)
{
	const char *tmp = getenv("TMPDIR");
	char path[PATH_MAX];

	if (!tmp || tmp[0] != '/' || strlen(tmp) > 64)
		tmp = "/tmp";	/* a socket's path is short */
	snprintf(o->dir, sizeof(o->dir), "%s/netmap-demo-XXXXXX", tmp);
	if (!mkdtemp(o->dir)) {
		fprintf(stderr, PROG ": %s: %s\n", o->dir, strerror(errno));
		o->dir[0] = '\0';
		return EXIT_STATUS_FAILED;
	}
	snprintf(path, sizeof(path), "%s/socket", o->dir);
	setenv("NETMAP_SOCKET", path, 1);
	setenv("NETMAP_HOME", "user", 1);
	return EXIT_STATUS_OK;
}

/* The server ends by itself, shortly after we have gone. */
static void remove_dir(struct demo *o)
{
	DIR *d = o->dir[0] ? opendir(o->dir) : NULL;
	struct dirent *e;

	while (d && (e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	if (o->dir[0])
		rmdir(o->dir);
}

static int measure_link(const struct demo *o, struct crew *c, enum job job,
		struct speeds *s)
{
	unsigned int link = job == JOB_PIPE, i;

	if (crew_order(c, job))
		return -1;
	printf("%s: process %d sends to process %d, from %s to %s, %s path\n",
			link_name(job), (int)c->pid[LEFT], (int)c->pid[RIGHT],
			link_port(job, LEFT), link_port(job, RIGHT),
			link_path(job));
	for (i = 0; i < N_SIZES; i++) {
		if (speed_measure(c, job, report_sizes[i], o->step_ns,
				  &s->rate[link][i]))
			return -1;
		report_live(job, report_sizes[i], &s->rate[link][i]);
	}
	return link_drops(job, &s->drops[link]);
}

/* Figures of a busy machine are not those of the machine. */
static void warn_if_busy(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	double load = 0;

	if (getloadavg(&load, 1) == 1 && load > (double)cpus / 2)
		printf("Other programs keep this machine busy (load %.1f on "
				"%ld CPUs): expect less speed.\n", load, cpus);
}

/* Speed over both links; every frame size must have made it through. */
static int show_speed(const struct demo *o, struct crew *c)
{
	struct speeds s;
	unsigned int link, i;

	warn_if_busy();
	if (measure_link(o, c, JOB_VALE, &s) || measure_link(o, c, JOB_PIPE, &s))
		return -1;
	report_table(&s);
	for (link = 0; link < 2; link++)
		for (i = 0; i < N_SIZES; i++)
			if (s.rate[link][i].pps <= 0) {
				fprintf(stderr, PROG ": no frame of %u bytes "
					"arrived\n", report_sizes[i]);
				return -1;
			}
	return 0;
}

/* Does a capture contain all that it was made for? */
static bool is_complete(const struct census *c)
{
	return c->dns && c->http && c->ssh && c->ipv6 && c->vlan && c->jumbo;
}

/* Make a capture at @path and look at it. */
static bool make_capture(const char *path, char *why, size_t len)
{
	struct capture c;
	struct census census;

	if (traffic_capture(path, why, len))
		return false;
	snprintf(why, len, "the capture lacks some kind of traffic");
	if (capture_load(&c, path))
		return false;
	census = capture_count(&c);
	capture_free(&c);
	return is_complete(&census);
}

/*
 * Which file to send: given, made, or kept.  @path is its name, the text what
 * it is; -1 after telling why there is none.
 */
static int choose_capture(const struct demo *o, char *path, size_t len,
		char *text, size_t text_len)
{
	char why[256];

	if (o->capture) {
		snprintf(path, len, "%s", o->capture);
		snprintf(text, text_len, "The capture %s", o->capture);
		return 0;
	}
	snprintf(path, len, "%s/traffic.pcap", o->dir);
	if (make_capture(path, why, sizeof(why))) {
		snprintf(text, text_len, "Traffic of two hosts, recorded just "
				"now in two network namespaces,");
		return 0;
	}
	if (!o->sample) {
		fprintf(stderr, PROG ": no capture can be made here (%s); name "
				"one with --capture\n", why);
		return -1;
	}
	snprintf(path, len, "%s", o->sample);
	snprintf(text, text_len, "No capture can be made here (%s).\nTraffic "
			"of two hosts, recorded in the same way before,", why);
	return 0;
}

static int show_truth(const struct demo *o, struct crew *c)
{
	struct board *b = c->board;
	struct verdict verdict;
	struct capture capture;
	struct census census;
	char text[PATH_MAX + 64];
	int status;

	if (choose_capture(o, b->path, sizeof(b->path), text, sizeof(text)) ||
	    capture_load(&capture, b->path))
		return -1;
	b->corrupt = o->corrupt;
	printf("\n%s goes through a switch:\n", text);
	census = capture_count(&capture);
	report_census(&census);
	status = crew_order(c, JOB_REPLAY);
	if (!status)
		status = replay_run(c, &capture, &verdict);
	if (status >= 0)
		report_verdict(&census, &verdict, !status);
	capture_free(&capture);
	return status;
}

static int only_make(const struct demo *o)
{
	struct capture c;
	struct census census;
	char why[256];

	if (!make_capture(o->make, why, sizeof(why))) {
		fprintf(stderr, PROG ": %s\n", why);
		return EXIT_STATUS_FAILED;
	}
	if (capture_load(&c, o->make))
		return EXIT_STATUS_FAILED;
	census = capture_count(&c);
	report_census(&census);
	capture_free(&c);
	return EXIT_STATUS_OK;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct demo o;
	struct crew c = { .board = NULL };
	int status = parse(&o, argc, argv);

	if (status >= 0)
		return status;
	if (o.make)
		return only_make(&o);
	nmctx_get()->verbose = 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGPIPE, &sa, NULL);
	status = make_dir(&o);
	if (!status)
		status = crew_start(&c);
	if (!status)
		status = show_speed(&o, &c);
	if (!status)
		status = show_truth(&o, &c);
	crew_end(&c);
	remove_dir(&o);
	if (stop_asked)
		fprintf(stderr, PROG ": interrupted\n");
	return status ? EXIT_STATUS_FAILED : EXIT_STATUS_OK;
}
