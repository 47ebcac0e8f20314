/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A test framework of one page, for a process and for a kernel module.
 *
 * A file test_<suite>.c holds tests and ends with the list of them:
 *
 *	NM_TEST(mac_is_learned)
 *	{
 *		NM_REQUIRE(p != NULL);
 *		NM_CHECK_EQ(nm_fdb_count(p), 1);
 *	}
 *
 *	NM_TEST_SUITE(fdb,
 *		NM_T(mac_is_learned),
 *		NM_T(mac_moves));
 *
 * and has one line NM_SUITE(fdb) in suites.h, which is also where the build
 * takes the list of files from.  Results are TAP lines, "ok 3 - fdb_mac_moves";
 * what a failed check saw comes before them in lines that begin with '#'.
 * A check counts and goes on; NM_REQUIRE leaves the test.
 *
 * Checks may be made by several threads of one test at a time.
 */
#ifndef NM_TEST_H
#define NM_TEST_H

#include <nm_os_types.h>

struct nm_test {
	const char *name;	/* NULL ends a list */
	void (*fn)(void);
};

struct nm_test_suite {
	const char *name;
	const struct nm_test *tests;
};

#define NM_TEST(name)	static void test_##name(void)
#define NM_T(name)	{ #name, test_##name }
#define NM_TEST_SUITE(suite, ...)					\
	static const struct nm_test nm_tests_##suite[] = {		\
		__VA_ARGS__, { NULL, NULL }				\
	};								\
	const struct nm_test_suite nm_suite_##suite = {			\
		#suite, nm_tests_##suite				\
	}

#define NM_SUITE(suite)	extern const struct nm_test_suite nm_suite_##suite;
#include "tests/unit/suites.h"
#undef NM_SUITE

/* Checks: count a failure and go on.  They yield whether the check held. */
#define NM_CHECK(cond)							\
	nm_test_check(!!(cond), __FILE__, __LINE__, #cond)
#define NM_CHECK_EQ(a, b)						\
	nm_test_check_eq((long long)(a), (long long)(b), __FILE__,	\
			 __LINE__, #a " == " #b)
#define NM_CHECK_STR(a, b)						\
	nm_test_check_str(a, b, __FILE__, __LINE__, #a)

/* The same, and leave the test (a function that returns nothing). */
#define NM_REQUIRE(cond)						\
	do {								\
		if (!NM_CHECK(cond))					\
			return;						\
	} while (0)
#define NM_REQUIRE_EQ(a, b)						\
	do {								\
		if (!NM_CHECK_EQ(a, b))					\
			return;						\
	} while (0)

/* Leave the test; it counts as skipped. */
#define NM_SKIP(why)							\
	do {								\
		nm_test_skip(why);					\
		return;							\
	} while (0)

int nm_test_check(int ok, const char *file, int line, const char *text);
int nm_test_check_eq(long long a, long long b, const char *file, int line,
		     const char *text);
int nm_test_check_str(const char *a, const char *b, const char *file, int line,
		      const char *text);
void nm_test_skip(const char *why);

/**
 * nm_test_case - say which row of a table is being checked
 * @name: printed with failures until the next call or the end of the test;
 *        NULL: none
 */
void nm_test_case(const char *name);

/**
 * nm_test_seed - a seed for nm_test_rand(), printed
 *
 * nm_test_seed_fixed, when not 0, is used instead of a random one.
 */
uint32_t nm_test_seed(void);
extern uint32_t nm_test_seed_fixed;

/** nm_test_rand - next number of the sequence in *@state */
uint32_t nm_test_rand(uint32_t *state);

/**
 * nm_test_sweep - fail the first, the second, ... allocation of an operation
 * @op:    does it; 0 or -errno.  A successful @op must leave things so that
 *         the caller can clean up; a failed one must have undone everything
 * @after: NULL, or called after each failure to check exactly that
 * @ctx:   for both
 *
 * Goes on until @op succeeds.  Failures must be -ENOMEM.  Where the home
 * cannot make allocations fail, @op is called once.
 *
 * Return: allocations that could fail; -1 when a check failed or @op does not
 *         succeed with 10000 of them.
 */
int nm_test_sweep(int (*op)(void *ctx), void (*after)(void *ctx), void *ctx);

#ifdef NM_HAVE_FAIL_AFTER
/*
 * The home's allocations (nm_os_alloc, populate) count this down and fail
 * while it is 0; -1: never.
 */
extern int nm_os_fail_after;
#endif

/*
 * Running.  The filter (part of "suite_test", NULL: all) is for the home to
 * set before.
 */
extern const char *nm_test_filter;

/** nm_test_run_all - Return: number of tests that failed */
int nm_test_run_all(void);

/** nm_test_list - print the names, one a line */
void nm_test_list(void);

/** nm_test_printf - the home's: printf, or one printk a line */
void nm_test_printf(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

#endif /* NM_TEST_H */
