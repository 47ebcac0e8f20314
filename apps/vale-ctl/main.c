/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vale-ctl: create and delete ports, attach them to switches, and see what
 * goes on there.
 *
 * One request to the engine per invocation, in whichever home it runs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libnetmap.h>

#include "apps/common/complain.h"
#include "apps/vale-ctl/command.h"

int command_failed(const char *verb, const char *name)
{
	const char *why = nmport_last_error();
	int err = errno;

	fprintf(stderr, "failed to %s %s: %s\n", verb, name, strerror(err));
	if (why[0])
		fprintf(stderr, "  %s\n", why);
	return EXIT_STATUS_FAILED;
}

int command_run(const struct command *cmd)
{
	switch (cmd->action) {
	case ACTION_LIST:
		return query_list(cmd);
	case ACTION_INDEX:
		return query_index(cmd);
	case ACTION_INFO:
		return query_info(cmd);
	case ACTION_TABLE:
		return query_table(cmd);
	case ACTION_SHOW:
		return show_run(cmd);
	case ACTION_BATCH:
		return batch_run(cmd);
	default:
		return action_run(cmd);
	}
}

int main(int argc, char **argv)
{
	struct command cmd;
	int status;

	/* What the library has to say is printed with what was tried. */
	nmctx_get()->verbose = 0;
	status = options_parse(&cmd, argc, argv);
	if (status >= 0)
		return status;
	status = command_run(&cmd);
	if (fflush(stdout) || ferror(stdout)) {
		perror(PROG ": standard output");
		return EXIT_STATUS_FAILED;
	}
	return status;
}
