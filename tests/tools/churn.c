/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * churn: open and close ports, many times.
 *
 *	churn [-n CYCLES] [-p PROCESSES] PORT...
 *
 * Each cycle opens every PORT, syncs it, and closes them in the same order;
 * "%d" stands for the number of the process.  Prints the time per open and
 * close of one port.  Exit 0; 1 when an open failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/tools/frame.h"

#define PORTS	16

static int cycle(char **specs, int n, unsigned int who)
{
	struct nmport_d *d[PORTS] = { NULL };
	const char *at;
	char name[256];
	int i, ret = 0;

	for (i = 0; i < n && !ret; i++) {
		at = strstr(specs[i], "%d");
		if (at)
			snprintf(name, sizeof(name), "%.*s%u%s",
				 (int)(at - specs[i]), specs[i], who, at + 2);
		else
			snprintf(name, sizeof(name), "%s", specs[i]);
		d[i] = nmport_open(name);
		ret = !d[i] || nmport_sync_tx(d[i]);
	}
	for (i = 0; i < n; i++)
		nmport_close(d[i]);
	return ret;
}

int main(int argc, char **argv)
{
	unsigned int cycles = 1000, procs = 1, i, p;
	int opt, n, status, ret = 0;
	int64_t start;

	while ((opt = getopt(argc, argv, "n:p:")) != -1) {
		if (opt == 'n')
			cycles = strtoul(optarg, NULL, 10);
		else if (opt == 'p')
			procs = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	n = argc - optind;
	if (n < 1 || n > PORTS || !cycles || !procs)
		return 2;
	start = frame_now_ms();
	for (p = 0; p < procs; p++) {
		if (fork())
			continue;
		for (i = 0; i < cycles; i++)
			if (cycle(argv + optind, n, p))
				_exit(1);
		_exit(0);
	}
	while (wait(&status) > 0)
		ret |= status != 0;
	printf("%.1f us per open and close\n",
	       (frame_now_ms() - start) * 1000.0 / cycles / n / procs);
	return ret;
}
