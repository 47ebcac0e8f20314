/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * complain: what a tool says when it is used wrongly or cannot open a port.
 *
 * One line that says what is wrong, one that says what to do.
 */
#ifndef NM_APPS_COMPLAIN_H
#define NM_APPS_COMPLAIN_H

/* Exit statuses of all tools. */
#define EXIT_STATUS_OK		0
#define EXIT_STATUS_FAILED	1	/* at run time */
#define EXIT_STATUS_USAGE	2	/* how it was called */

/**
 * complain_usage - the command line is wrong
 * @prog: name of the tool, for "prog: ..." and "Try 'prog --help'"
 * @fmt: a sentence without newline
 *
 * Return: EXIT_STATUS_USAGE.
 */
int complain_usage(const char *prog, const char *fmt, ...)
	__attribute__((__format__(__printf__, 2, 3)));

/**
 * complain_option - getopt_long() did not understand an option
 * @key:  what it returned, ':' or '?'
 * @longs: first key of an option that has no letter
 * @argv: of the command line; optopt and optind are read
 *
 * Return: EXIT_STATUS_USAGE.
 */
int complain_option(const char *prog, int key, int longs, char **argv);

/**
 * complain_open - a port could not be opened
 * @prog: name of the tool
 * @port: name of the port
 * @err: errno of the failure, positive
 * @detail: nmport_last_error() or NULL; empty or NULL is left out
 *
 * Prints the error, the detail, and a hint that depends on @err.
 *
 * Return: EXIT_STATUS_FAILED.
 */
int complain_open(const char *prog, const char *port, int err,
		const char *detail);

/**
 * complain_hint - what to do about an error when opening a port
 * @err: errno, positive
 * Return: a sentence; NULL when there is nothing to say.
 */
const char *complain_hint(int err);

#endif /* NM_APPS_COMPLAIN_H */
