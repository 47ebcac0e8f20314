/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * txsync PORT - how many empty transmit syncs a second, with nothing to send
 *
 * Prints the number.  In kernel mode each is one system call.
 */
#include <stdio.h>
#include <time.h>

#include <libnetmap.h>

#define CALLS	200000

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
	struct nmport_d *d;
	double begin;
	int i;

	if (argc != 2) {
		fprintf(stderr, "usage: txsync PORT\n");
		return 2;
	}
	d = nmport_open(argv[1]);
	if (!d)
		return 1;	/* the library said why */
	begin = now();
	for (i = 0; i < CALLS; i++) {
		if (nmport_sync_tx(d)) {
			perror("txsync");
			return 1;
		}
	}
	printf("%.0f\n", CALLS / (now() - begin));
	nmport_close(d);
	return 0;
}
