/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The unit tests as a program.
 *
 *	unit			run all
 *	unit -l			list names
 *	unit [-s SEED] PART	run the tests whose name contains PART
 *
 * Exit status: 0 all passed, 1 some failed, 2 usage.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/nmtest.h"

void nm_test_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

static int usage(void)
{
	fprintf(stderr, "usage: unit [-l] [-s SEED] [PART-OF-NAME]\n"
		"  -l       list the tests\n"
		"  -s SEED  seed of random tests, not 0\n");
	return 2;
}

int main(int argc, char **argv)
{
	char *end;
	int c;

	/* A test that crashes must not take its last lines along. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((c = getopt(argc, argv, "ls:")) != -1) {
		switch (c) {
		case 'l':
			nm_test_list();
			return 0;
		case 's':
			nm_test_seed_fixed = strtoul(optarg, &end, 0);
			if (*end || !nm_test_seed_fixed)
				return usage();
			break;
		default:
			return usage();
		}
	}
	if (argc - optind > 1)
		return usage();
	nm_test_filter = argv[optind];
	return nm_test_run_all() ? 1 : 0;
}
