/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The little that the programs here need to report: CHECK() counts and names
 * what does not hold, RUN() prints "ok" or "not ok" for a function of checks.
 */
#ifndef NM_ABI_CHECK_H
#define NM_ABI_CHECK_H

#include <stdio.h>

static unsigned int check_bad, check_failed;

#define CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			check_bad++;					\
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond); \
		}							\
	} while (0)

#define RUN(test)							\
	do {								\
		check_bad = 0;						\
		test();							\
		check_failed += check_bad != 0;				\
		printf("%s abi_%s\n", check_bad ? "not ok" : "ok", #test); \
	} while (0)

#endif /* NM_ABI_CHECK_H */
