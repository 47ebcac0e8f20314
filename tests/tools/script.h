/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * script: what a `functional` command line asks for, and carrying it out.
 */
#ifndef NM_TESTS_TOOLS_SCRIPT_H
#define NM_TESTS_TOOLS_SCRIPT_H

#include <stdint.h>
#include <libnetmap.h>
#include "tests/tools/frame.h"

#define SCRIPT_EVENTS	64
#define SCRIPT_REPORT	512

enum script_do {
	SCRIPT_SEND,
	SCRIPT_EXPECT,
	SCRIPT_PAUSE,
	SCRIPT_ROOM,
};

struct script_event {
	enum script_do what;
	unsigned int len;
	char fill;
	unsigned int num;	/* packets, ms of a pause, slots of room */
};

struct script {
	const char *port;
	int held;		/* by a holder (-i) or by us (-I) */
	uint8_t src[6], dst[6];
	unsigned int frag;
	unsigned int timeout_ms, wait_ms;
	int ignore_others, want_silence, advance, stop;
	unsigned int n_extra, repeat;
	int verbose;
	unsigned int n_events;
	struct script_event event[SCRIPT_EVENTS];
};

/**
 * script_parse - read a command line
 * @s: out
 * @report: out on failure, SCRIPT_REPORT bytes: what is wrong
 * Return: 0, or -1.
 */
int script_parse(struct script *s, int argc, char **argv, char *report);

/**
 * script_open - open the port as the script wants it
 * Return: the port; NULL with @report.
 */
struct nmport_d *script_open(const struct script *s, char *report);

/**
 * script_run - carry the events out
 * @d: the port
 * @report: out on failure: which event failed, and how
 * Return: 0, or -1.
 */
int script_run(const struct script *s, struct nmport_d *d, char *report);

#endif /* NM_TESTS_TOOLS_SCRIPT_H */
