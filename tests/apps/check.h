/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check: one line per test, "ok N - name" or "not ok N - name".
 *
 * A test is a function that calls expect() for everything it finds out; it
 * has passed when all of that was true.
 */
#ifndef NM_TESTS_APPS_CHECK_H
#define NM_TESTS_APPS_CHECK_H

#include <stdbool.h>
#include <stdio.h>

struct check {
	unsigned int n;		/* tests so far */
	unsigned int failed;	/* of them */
	bool bad;		/* the one that is running has failed */
};

static struct check check;

static inline void expect_at(bool ok, const char *what, const char *file,
		int line)
{
	if (ok)
		return;
	printf("# %s:%d: not true: %s\n", file, line, what);
	check.bad = true;
}

/* A macro, for the text of the condition. */
#define expect(cond)	expect_at(cond, #cond, __FILE__, __LINE__)

static inline void check_run(const char *name, void (*test)(void))
{
	check.bad = false;
	test();
	check.n++;
	check.failed += check.bad;
	printf("%sok %u - %s\n", check.bad ? "not " : "", check.n, name);
}

/* Prints the plan; returns the exit status. */
static inline int check_end(void)
{
	printf("1..%u\n", check.n);
	return check.failed || !check.n;
}

#endif /* NM_TESTS_APPS_CHECK_H */
