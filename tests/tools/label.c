/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that dies, or is stopped, at a point of the protocol.
 *
 * NM_LABEL=LABEL:N:KILL|STOP in the environment, and built with NM_LABELS: the
 * N-th time it comes to LABEL (engine/plane/label.h) it gets that signal.
 */
#ifdef NM_LABELS
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "engine/plane/label.h"

static char wanted[8];
static uint64_t left;
static int signo;

static __attribute__((constructor)) void begin(void)
{
	const char *e = getenv("NM_LABEL");
	unsigned long long n;
	char what[8];

	if (!e)
		return;
	if (sscanf(e, "%7[^:]:%llu:%7s", wanted, &n, what) != 3) {
		fprintf(stderr, "NM_LABEL is %s: give LABEL:N:KILL or LABEL:N:STOP\n",
			e);
		exit(2);
	}
	left = n;
	signo = strcmp(what, "STOP") ? SIGKILL : SIGSTOP;
}

void nm_label(const char *label)
{
	if (left && !strcmp(label, wanted) && --left == 0)
		kill(getpid(), signo);
}
#else
typedef int nothing_here;
#endif
