/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * batch: commands from a file, one per line, in the words of the command
 * line.  Empty lines and what follows a # are skipped; the first command that
 * fails ends the batch, so that later ones can rely on earlier ones.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/complain.h"
#include "apps/vale-ctl/command.h"

#define MAX_WORDS	64

/* Cut a line into words, the first being the name of the program. */
static int split(char *line, char **words)
{
	static char prog[] = PROG;
	char *save = NULL, *word;
	int n = 0;

	line[strcspn(line, "#")] = '\0';
	words[n++] = prog;
	for (word = strtok_r(line, " \t\r\n", &save); word && n < MAX_WORDS;
	     word = strtok_r(NULL, " \t\r\n", &save))
		words[n++] = word;
	words[n] = NULL;
	return word ? -1 : n;
}

static int run_line(char *line)
{
	char *words[MAX_WORDS + 1];
	struct command cmd;
	int n = split(line, words);
	int status;

	if (n < 0)
		return complain_usage(PROG, "more than %d words in a line",
				MAX_WORDS - 1);
	if (n == 1)
		return EXIT_STATUS_OK;
	status = options_parse(&cmd, n, words);
	if (status >= 0)
		return status;
	if (cmd.action == ACTION_BATCH)
		return complain_usage(PROG, "a batch cannot contain a batch");
	return command_run(&cmd);
}

int batch_run(const struct command *cmd)
{
	const char *name = cmd->name ? cmd->name : "stdin";
	FILE *f = cmd->name ? fopen(cmd->name, "r") : stdin;
	int status = EXIT_STATUS_OK;
	unsigned int number = 0;
	size_t room = 0;
	char *line = NULL;

	if (!f) {
		fprintf(stderr, PROG ": cannot read %s: %s\n", name,
				strerror(errno));
		return EXIT_STATUS_FAILED;
	}
	while (status == EXIT_STATUS_OK && getline(&line, &room, f) >= 0) {
		number++;
		status = run_line(line);
	}
	if (status != EXIT_STATUS_OK)
		fprintf(stderr, PROG ": stopped at line %u of %s\n", number,
				name);
	free(line);
	if (f != stdin)
		fclose(f);
	return status;
}
