/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runner: every test starts from a fresh context and a fresh engine, and
 * has failed as well when it leaves memory, descriptors or mappings behind.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "tests/lib/libtest.h"

struct libtest_ctx tc;
static bool failed;

bool libtest_check(bool ok, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	if (ok)
		return true;
	failed = true;
	printf("# %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	return false;
}

static void *tc_malloc(struct nmctx *ctx, size_t size)
{
	if (++tc.allocs == tc.fail_at)
		return NULL;
	tc.live++;
	return malloc(size);
}

static void tc_free(struct nmctx *ctx, void *mem)
{
	tc.live--;
	free(mem);
}

static void tc_error(struct nmctx *ctx, const char *msg)
{
	size_t len = strlen(tc.all);

	tc.errors++;
	snprintf(tc.all + len, sizeof(tc.all) - len, "%s\n", msg);
	errno = ERANGE;		/* a callback may do what it likes */
}

void libtest_reset(void)
{
	free(fake.region);
	memset(&fake, 0, sizeof(fake));
	fake.knows_error = true;
	fake.home = NMIO_HOME_KERNEL;
	memset(&tc, 0, sizeof(tc));
	tc.ctx.verbose = 1;
	tc.ctx.malloc = tc_malloc;
	tc.ctx.free = tc_free;
	tc.ctx.error = tc_error;
	nmctx_set_default(&tc.ctx);
}

static int run(const struct libtest *t, const char *filter, int *n)
{
	int bad = 0;

	for (; t->name; t++) {
		if (filter && !strstr(t->name, filter))
			continue;
		failed = false;
		libtest_reset();
		t->run();
		libtest_check(tc.live == 0, __FILE__, __LINE__,
			      "%s leaves %d allocations", t->name, tc.live);
		libtest_check(fake.opens == fake.closes, __FILE__, __LINE__,
			      "%s: %d opens, %d closes", t->name, fake.opens,
			      fake.closes);
		libtest_check(fake.maps == fake.unmaps, __FILE__, __LINE__,
			      "%s: %d maps, %d unmaps", t->name, fake.maps,
			      fake.unmaps);
		libtest_check(!tc.ctx.mem_descs, __FILE__, __LINE__,
			      "%s leaves a region record", t->name);
		printf("%s %d - %s\n", failed ? "not ok" : "ok", ++*n, t->name);
		bad += failed;
	}
	return bad;
}

int main(int argc, char **argv)
{
	const char *filter = argc > 1 ? argv[1] : NULL;
	int n = 0, bad;

	setvbuf(stdout, NULL, _IOLBF, 0);	/* a crash shows where */

	bad = run(tests_parse, filter, &n) + run(tests_opts, filter, &n) +
	      run(tests_port, filter, &n) + run(tests_use, filter, &n);
	libtest_reset();
	printf("1..%d\n", n);
	return bad || !n;
}
