/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * txsync PORT - how many empty transmit syncs a second, with nothing to send
 *
 * Prints two numbers: by ioctl(), as programs do it that know the interface of
 * the kernel only, and by nmport_sync_tx().  In kernel mode each call is one
 * system call.
 */
#include <stdio.h>
#include <time.h>

#include <sys/ioctl.h>

#include <libnetmap.h>

#define CALLS	200000

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/* As programs do it that know the kernel's interface only. */
static int sync_ioctl(struct nmport_d *d)
{
	return ioctl(d->fd, NIOCTXSYNC, NULL);
}

static int measure(struct nmport_d *d, int (*sync)(struct nmport_d *d))
{
	double begin = now();
	int i;

	for (i = 0; i < CALLS; i++) {
		if (sync(d)) {
			perror("txsync");
			return 1;
		}
	}
	printf("%.0f\n", CALLS / (now() - begin));
	return 0;
}

int main(int argc, char **argv)
{
	struct nmport_d *d;
	int error;

	if (argc != 2) {
		fprintf(stderr, "usage: txsync PORT\n");
		return 2;
	}
	d = nmport_open(argv[1]);
	if (!d)
		return 1;	/* the library said why */
	error = measure(d, sync_ioctl) || measure(d, nmport_sync_tx);
	nmport_close(d);
	return error;
}
