/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command: one thing vale-ctl is asked to do.
 *
 * The single letters of old and the subcommands both end up here, and each
 * line of a batch too.  What is left to check when it is executed is what the
 * engine checks; a command that exists is well formed.
 */
#ifndef NM_VALECTL_COMMAND_H
#define NM_VALECTL_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "apps/common/geometry.h"

#define PROG	"vale-ctl"

enum action {
	ACTION_LIST,		/* every port of every switch, as ever */
	ACTION_INDEX,		/* the indices of one port */
	ACTION_ATTACH,
	ACTION_ATTACH_HOST,
	ACTION_DETACH,
	ACTION_CREATE,
	ACTION_DELETE,
	ACTION_INFO,
	ACTION_POLL_ON,
	ACTION_POLL_OFF,
	ACTION_TABLE,		/* ports as a table with headers */
	ACTION_SHOW,		/* status and counters */
	ACTION_BATCH,		/* commands from a file */
};

/**
 * struct command - what to do
 * @action: ACTION_*
 * @name: port or interface, without "netmap:"; for %ACTION_TABLE a switch or
 *	NULL for all, for %ACTION_BATCH a file or NULL for stdin
 * @more: for %ACTION_SHOW: the names to show, NULL-terminated; empty for all
 * @geometry: what -C says for create and attach
 * @polling: what -C says for polling: mode, first CPU, number of CPUs
 * @memory: region number or port, from -m; NULL lets the engine choose
 * @verbose: print what the engine answered
 * @json: answer in JSON
 */
struct command {
	enum action action;
	const char *name;
	char **more;
	struct geometry geometry;
	uint32_t polling[3];
	const char *memory;
	bool verbose;
	bool json;
};

/**
 * options_parse - turn arguments into a command
 * @cmd: out
 * @argc: number of arguments, with the name of the program
 * @argv: the arguments; the command points into them
 *
 * Return: -1 when there is something to do, else the exit status.
 */
int options_parse(struct command *cmd, int argc, char **argv);

/**
 * command_run - do it
 * @cmd: from options_parse()
 * Return: an exit status.
 */
int command_run(const struct command *cmd);

/* The functions below each execute some of the actions; they return an exit
 * status and have told the user what is wrong when it is not 0. */
int action_run(const struct command *cmd);
int query_list(const struct command *cmd);
int query_index(const struct command *cmd);
int query_info(const struct command *cmd);
int query_table(const struct command *cmd);
int show_run(const struct command *cmd);
int batch_run(const struct command *cmd);

/**
 * command_failed - say that a request was refused
 * @verb: what was tried, "create"
 * @name: on what; "" for nothing in particular
 *
 * Reads errno and the sentence of the library.
 *
 * Return: EXIT_STATUS_FAILED.
 */
int command_failed(const char *verb, const char *name);

struct nmreq_header;
struct nmreq_vale_list;

/**
 * query_next - the first port on a switch from a position on
 * @hdr: gets the name
 * @list: in: where to begin; out: where the port is
 * Return: 1; 0 when there are no more; -1 with errno.
 */
int query_next(struct nmreq_header *hdr, struct nmreq_vale_list *list);

#endif /* NM_VALECTL_COMMAND_H */
