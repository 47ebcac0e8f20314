/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Runs the suites and keeps the score.  The same in every home.
 *
 * The state of the running test is global because tests run one at a time;
 * the failure count alone is shared with threads a test may have.
 */
#include "tests/unit/nmtest.h"
#include "engine/os.h"

static const struct nm_test_suite *const suites[] = {
#define NM_SUITE(suite)	&nm_suite_##suite,
#include "tests/unit/suites.h"
#undef NM_SUITE
};

#define N_SUITES	(sizeof(suites) / sizeof(suites[0]))
#define MAX_SHOWN	20u	/* failed checks of one test that are printed */
#define MAX_SWEEP	10000

const char *nm_test_filter;
uint32_t nm_test_seed_fixed;

static uint32_t n_bad;		/* failed checks of the running test */
static const char *skipped;
static const char *row;

static int failed(const char *file, int line, const char *text)
{
	uint32_t n = __atomic_add_fetch(&n_bad, 1, __ATOMIC_RELAXED);

	if (n == MAX_SHOWN + 1)
		nm_test_printf("# further failures not shown\n");
	if (n > MAX_SHOWN)
		return 0;
	nm_test_printf("# %s:%d: %s%s%s: %s\n", file, line, row ? "[" : "",
		       row ? row : "", row ? "]" : "", text);
	return 1;
}

int nm_test_check(int ok, const char *file, int line, const char *text)
{
	if (!ok)
		failed(file, line, text);
	return ok;
}

int nm_test_check_eq(long long a, long long b, const char *file, int line,
		     const char *text)
{
	if (a == b)
		return 1;
	if (failed(file, line, text))
		nm_test_printf("#   got %lld (0x%llx), wanted %lld (0x%llx)\n",
			       a, a, b, b);
	return 0;
}

int nm_test_check_str(const char *a, const char *b, const char *file, int line,
		      const char *text)
{
	if (!strcmp(a, b))
		return 1;
	if (failed(file, line, text))
		nm_test_printf("#   got \"%s\", wanted \"%s\"\n", a, b);
	return 0;
}

void nm_test_skip(const char *why)
{
	skipped = why;
}

void nm_test_case(const char *name)
{
	row = name;
}

uint32_t nm_test_seed(void)
{
	uint32_t seed = nm_test_seed_fixed;

	while (!seed)
		seed = nm_os_random32();
	nm_test_printf("# seed %u\n", seed);
	return seed;
}

/* xorshift32: the state is never 0 if the seed is not. */
uint32_t nm_test_rand(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*state = x;
	return x;
}

#ifdef NM_HAVE_FAIL_AFTER
int nm_test_sweep(int (*op)(void *ctx), void (*after)(void *ctx), void *ctx)
{
	int i, r;

	for (i = 0; i < MAX_SWEEP; i++) {
		nm_os_fail_after = i;
		r = op(ctx);
		nm_os_fail_after = -1;
		if (!r)
			return i;
		if (!NM_CHECK_EQ(r, -ENOMEM))
			return -1;
		if (after)
			after(ctx);
	}
	NM_CHECK(i < MAX_SWEEP);
	return -1;
}
#else
int nm_test_sweep(int (*op)(void *ctx), void (*after)(void *ctx), void *ctx)
{
	return NM_CHECK_EQ(op(ctx), 0) ? 0 : -1;
}
#endif

/* Does "suite_test" contain the filter? */
static int is_wanted(const struct nm_test_suite *s, const struct nm_test *t)
{
	char name[128];

	if (!nm_test_filter)
		return 1;
	snprintf(name, sizeof(name), "%s_%s", s->name, t->name);
	return strstr(name, nm_test_filter) != NULL;
}

static int run_one(const struct nm_test_suite *s, const struct nm_test *t,
		   unsigned int number)
{
	n_bad = 0;
	skipped = NULL;
	row = NULL;
	t->fn();
	if (n_bad) {
		nm_test_printf("not ok %u - %s_%s\n", number, s->name, t->name);
		return 1;
	}
	if (skipped)
		nm_test_printf("ok %u - %s_%s # SKIP %s\n", number, s->name,
			       t->name, skipped);
	else
		nm_test_printf("ok %u - %s_%s\n", number, s->name, t->name);
	return 0;
}

int nm_test_run_all(void)
{
	const struct nm_test *t;
	unsigned int n = 0;
	int bad = 0;
	size_t i;

	for (i = 0; i < N_SUITES; i++)
		for (t = suites[i]->tests; t->name; t++)
			n += is_wanted(suites[i], t);
	nm_test_printf("1..%u\n", n);

	n = 0;
	for (i = 0; i < N_SUITES; i++)
		for (t = suites[i]->tests; t->name; t++)
			if (is_wanted(suites[i], t))
				bad += run_one(suites[i], t, ++n);
	nm_test_printf("# %u tests, %d failed\n", n, bad);
	return bad;
}

void nm_test_list(void)
{
	const struct nm_test *t;
	size_t i;

	for (i = 0; i < N_SUITES; i++)
		for (t = suites[i]->tests; t->name; t++)
			nm_test_printf("%s_%s\n", suites[i]->name, t->name);
}
