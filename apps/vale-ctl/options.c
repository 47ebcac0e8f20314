/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options: the two command lines of vale-ctl.
 *
 *	vale-ctl -a vale0:eth0		single letters: scripts use them
 *	vale-ctl attach vale0:eth0	subcommands: for people
 *
 * Both are parsed by one getopt pass over one table.  Letters that choose an
 * action carry its name; a subcommand takes its name from what follows.  -h
 * attaches with the host's side and is not help.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <libnetmap.h>

#include "apps/common/complain.h"
#include "apps/common/home.h"
#include "apps/common/numbers.h"
#include "apps/common/version.h"
#include "apps/vale-ctl/command.h"

enum {
	KEY_HELP = 256,
	KEY_VERSION,
	KEY_JSON,
	KEY_HOST,
	KEY_HOME,
};

static const char letters[] = ":a:h:d:n:r:l:g:p:P:C:m:v";

static const struct option longs[] = {
	{ "attach", required_argument, NULL, 'a' },
	{ "attach-host", required_argument, NULL, 'h' },
	{ "detach", required_argument, NULL, 'd' },
	{ "create", required_argument, NULL, 'n' },
	{ "delete", required_argument, NULL, 'r' },
	{ "list", required_argument, NULL, 'l' },
	{ "info", required_argument, NULL, 'g' },
	{ "poll-start", required_argument, NULL, 'p' },
	{ "poll-stop", required_argument, NULL, 'P' },
	{ "config", required_argument, NULL, 'C' },
	{ "memory", required_argument, NULL, 'm' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "host", no_argument, NULL, KEY_HOST },
	{ "json", no_argument, NULL, KEY_JSON },
	{ "home", required_argument, NULL, KEY_HOME },
	{ "help", no_argument, NULL, KEY_HELP },
	{ "version", no_argument, NULL, KEY_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
"Usage: vale-ctl [OPTION]...\n"
"       vale-ctl COMMAND [ARGUMENT]... [OPTION]...\n"
"Administer VALE switches. Without arguments, list the ports on them.\n"
"\n"
"Commands:\n"
"  list [SWITCH]               ports, with rings and region, as a table\n"
"  show [PORT]...              status, holders, counters and drops (all ports)\n"
"  info PORT                   geometry of one port\n"
"  create NAME                 make a persistent port\n"
"  delete NAME                 remove it\n"
"  attach SWITCH:NAME          put an interface on a switch\n"
"  detach SWITCH:NAME          take it off\n"
"  poll start|stop SWITCH:NAME kernel threads that poll an interface\n"
"  batch [FILE]                commands, one per line, from FILE or stdin\n"
"\n"
"Options:\n"
"  -a, --attach SWITCH:NAME       as attach\n"
"  -h, --attach-host SWITCH:NAME  as attach --host\n"
"  -d, --detach SWITCH:NAME       as detach\n"
"  -n, --create NAME              as create\n"
"  -r, --delete NAME              as delete\n"
"  -l, --list SWITCH:NAME         indices of one port\n"
"  -g, --info PORT                as info\n"
"  -p, --poll-start SWITCH:NAME   as poll start\n"
"  -P, --poll-stop SWITCH:NAME    as poll stop\n"
"  -C, --config N,...             for ports: tx_slots[,rx_slots[,tx_rings\n"
"                                 [,rx_rings]]]; for polling: mode,first_cpu\n"
"                                 [,cpus], mode 0: one CPU for all rings, 1:\n"
"                                 ring k is polled by CPU k\n"
"  -m, --memory N|PORT            region by number, or that of PORT\n"
"      --host                     attach the side of the host too\n"
"  -v, --verbose                  print the answer to -a, -h, -d, -n\n"
"      --json                     print the answer in JSON\n"
"      --home HOME                kernel, user or auto, instead of NETMAP_HOME\n"
"      --help                     this text\n"
"      --version                  print the version\n"
"\n"
"Exit status: 0 done, 1 refused or failed, 2 wrong usage.\n";

/**
 * struct word - a subcommand
 * @word: its name
 * @action: ACTION_*
 * @min: names it needs
 * @max: names it takes
 */
struct word {
	const char *word;
	enum action action;
	int min, max;
};

static const struct word words[] = {
	{ "list", ACTION_TABLE, 0, 1 },
	{ "show", ACTION_SHOW, 0, 1 << 20 },
	{ "info", ACTION_INFO, 1, 1 },
	{ "create", ACTION_CREATE, 1, 1 },
	{ "delete", ACTION_DELETE, 1, 1 },
	{ "attach", ACTION_ATTACH, 1, 1 },
	{ "detach", ACTION_DETACH, 1, 1 },
	{ "poll", ACTION_POLL_ON, 2, 2 },
	{ "batch", ACTION_BATCH, 0, 1 },
};

/**
 * struct raw - what getopt found, not yet put together
 * @cmd: the command
 * @config: argument of -C
 * @chosen: an action letter was there
 * @host: --host
 * @letters: other letters than action letters were there
 */
struct raw {
	struct command *cmd;
	const char *config;
	bool chosen;
	bool host;
	bool letters;
};

static int action_of_letter(int key)
{
	static const char keys[] = "ahdnrlgpP";
	static const enum action actions[] = {
		ACTION_ATTACH, ACTION_ATTACH_HOST, ACTION_DETACH,
		ACTION_CREATE, ACTION_DELETE, ACTION_INDEX, ACTION_INFO,
		ACTION_POLL_ON, ACTION_POLL_OFF,
	};
	const char *at = key < KEY_HELP ? strchr(keys, key) : NULL;

	return at ? (int)actions[at - keys] : -1;
}

/* One option; -1 to go on. */
static int take(struct raw *raw, int key, char **argv)
{
	struct command *cmd = raw->cmd;
	int action = action_of_letter(key);

	if (action >= 0) {
		cmd->action = (enum action)action;
		cmd->name = optarg;
		raw->chosen = true;
		return -1;
	}
	raw->letters = raw->letters || (key != KEY_JSON && key != KEY_HOME);
	switch (key) {
	case 'C':
		raw->config = optarg;
		return -1;
	case 'm':
		cmd->memory = optarg;
		return -1;
	case 'v':
		cmd->verbose = true;
		return -1;
	case KEY_HOST:
		raw->host = true;
		return -1;
	case KEY_JSON:
		cmd->json = true;
		return -1;
	case KEY_HOME:
		return home_choose(PROG, optarg) ? EXIT_STATUS_USAGE : -1;
	case KEY_HELP:
		fputs(help, stdout);
		return EXIT_STATUS_OK;
	case KEY_VERSION:
		return version_print(PROG);
	default:
		return complain_option(PROG, key, KEY_HELP, argv);
	}
}

static const struct word *find_word(const char *text)
{
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i].word, text))
			return &words[i];
	return NULL;
}

static int take_words(struct raw *raw, int argc, char **argv)
{
	const struct word *w = find_word(argv[0]);
	struct command *cmd = raw->cmd;

	if (raw->chosen || !w)
		return complain_usage(PROG, "unexpected argument '%s'",
				argv[0]);
	argc--;
	argv++;
	if (argc < w->min)
		return complain_usage(PROG, "%s: what? A name is missing",
				w->word);
	if (argc > w->max)
		return complain_usage(PROG, "%s: '%s' is one argument too many",
				w->word, argv[w->max]);
	cmd->action = w->action;
	if (w->action == ACTION_POLL_ON) {
		if (strcmp(argv[0], "start") && strcmp(argv[0], "stop"))
			return complain_usage(PROG, "poll: '%s' is neither "
					"start nor stop", argv[0]);
		if (!strcmp(argv[0], "stop"))
			cmd->action = ACTION_POLL_OFF;
		argv++;
	}
	cmd->name = argv[0];
	cmd->more = argv;
	raw->chosen = true;
	return -1;
}

/* -C for polling: mode,first_cpu[,cpus]. */
static int parse_polling(struct command *cmd, const char *text)
{
	char copy[64], *save = NULL, *word;
	unsigned int n = 0;
	uint64_t value[3] = { 0, 0, 1 };
	int err;

	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return complain_usage(PROG, "-C: '%s' is too long", text);
	for (word = strtok_r(copy, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		if (n == 3)
			return complain_usage(PROG, "-C: '%s' has more than "
					"mode,first_cpu,cpus", text);
		err = num_parse(word, 0, UINT32_MAX, &value[n++]);
		if (err)
			return complain_usage(PROG, "-C: '%s' %s", word,
					num_error(err));
	}
	if (n < 2)
		return complain_usage(PROG, "-C: polling takes mode,first_cpu"
				"[,cpus], not '%s'", text);
	if (n == 3 && !value[0])
		return complain_usage(PROG, "-C: mode 0 polls with one CPU, so "
				"leave out the number of CPUs in '%s'", text);
	cmd->polling[0] = value[0] ? NETMAP_POLLING_MODE_MULTI_CPU :
		NETMAP_POLLING_MODE_SINGLE_CPU;
	cmd->polling[1] = (uint32_t)value[1];
	cmd->polling[2] = (uint32_t)value[2];
	return -1;
}

static int settle_config(const struct raw *raw)
{
	struct command *cmd = raw->cmd;
	int n;

	switch (cmd->action) {
	case ACTION_POLL_ON:
		if (!raw->config)
			return complain_usage(PROG, "polling needs -C "
					"mode,first_cpu[,cpus]");
		return parse_polling(cmd, raw->config);
	case ACTION_CREATE:
	case ACTION_ATTACH:
	case ACTION_ATTACH_HOST:
		if (!raw->config)
			return -1;
		n = geometry_parse(raw->config, &cmd->geometry);
		if (n < 0)
			return complain_usage(PROG, "-C: '%s' %s", raw->config,
					num_error(n));
		if (n > 4)
			fprintf(stderr, PROG ": -C: ignoring the numbers after "
					"the fourth\n");
		return -1;
	default:
		return -1;
	}
}

/* Drop "netmap:", which the engine does not know, and check the length. */
static int settle_name(const char **name)
{
	if (!strncmp(*name, "netmap:", 7))
		*name += 7;
	if (!(*name)[0])
		return complain_usage(PROG, "a name is empty");
	if (strlen(*name) >= NETMAP_REQ_IFNAMSIZ)
		return complain_usage(PROG, "'%s' is longer than %d characters",
				*name, NETMAP_REQ_IFNAMSIZ - 1);
	return -1;
}

static int settle_names(struct command *cmd)
{
	int status = -1;
	unsigned int i;

	if (cmd->action == ACTION_BATCH || cmd->action == ACTION_LIST)
		return -1;
	if (cmd->action == ACTION_SHOW) {
		for (i = 0; cmd->more[i] && status < 0; i++)
			status = settle_name((const char **)&cmd->more[i]);
		return status;
	}
	return cmd->name ? settle_name(&cmd->name) : -1;
}

static int settle(struct raw *raw)
{
	struct command *cmd = raw->cmd;
	int status;

	if (!raw->chosen && raw->letters)
		return complain_usage(PROG, "the options say how, but not "
				"what to do");
	if (raw->host && cmd->action == ACTION_ATTACH)
		cmd->action = ACTION_ATTACH_HOST;
	else if (raw->host && cmd->action != ACTION_ATTACH_HOST)
		return complain_usage(PROG, "--host goes with attach only");
	status = settle_names(cmd);
	if (status >= 0)
		return status;
	if (cmd->action == ACTION_INDEX && strncmp(cmd->name, "vale", 4))
		return complain_usage(PROG, "-l: '%s' does not begin with vale",
				cmd->name);
	return settle_config(raw);
}

int options_parse(struct command *cmd, int argc, char **argv)
{
	struct raw raw = { .cmd = cmd };
	int key, status = -1;

	*cmd = (struct command){ .action = ACTION_LIST };
	opterr = 0;
	optind = 0;	/* a batch parses more than once */
	while (status < 0 &&
	       (key = getopt_long(argc, argv, letters, longs, NULL)) != -1)
		status = take(&raw, key, argv);
	if (status < 0 && optind < argc)
		status = take_words(&raw, argc - optind, argv + optind);
	if (status < 0)
		status = settle(&raw);
	return status;
}
