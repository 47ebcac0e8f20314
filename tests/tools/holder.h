/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * holder: a process that keeps a port open between two `functional` calls.
 */
#ifndef NM_TESTS_TOOLS_HOLDER_H
#define NM_TESTS_TOOLS_HOLDER_H

/**
 * holder_ask - have the holder of a port run a command line
 * @port: its port; a holder is started if there is none
 * @report: out, SCRIPT_REPORT bytes
 *
 * Return: what the script returned: 0, or 1 with @report.
 */
int holder_ask(const char *port, int argc, char **argv, char *report);

/**
 * holder_begin - make the directory in which holders are found
 * Return: 0, or 1.
 */
int holder_begin(void);

/**
 * holder_end - end every holder there is
 * Return: 0.
 */
int holder_end(void);

#endif /* NM_TESTS_TOOLS_HOLDER_H */
