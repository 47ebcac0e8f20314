/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nm_unit: the unit tests of the engine inside a kernel.
 *
 * Loading the module runs them and prints TAP lines to the kernel log.  The
 * parameter "failed" then says how many failed.  The load itself succeeds:
 * some insmod programs try a refused module a second time, another way, and
 * every verdict would come twice.
 *
 *	insmod nm_unit.ko [filter=PART-OF-NAME] [seed=NUMBER]
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include "tests/unit/nmtest.h"

static char *filter;
module_param(filter, charp, 0444);
MODULE_PARM_DESC(filter, "run the tests whose name contains this");

static uint seed;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "seed of random tests, 0: a new one");

static int failed = -1;
module_param(failed, int, 0444);
MODULE_PARM_DESC(failed, "out: number of tests that failed");

void nm_test_printf(const char *fmt, ...)
{
	struct va_format line;
	va_list args;

	va_start(args, fmt);
	line.fmt = fmt;
	line.va = &args;
	pr_info("%pV", &line);
	va_end(args);
	cond_resched();
}

static int __init nm_unit_init(void)
{
	nm_test_filter = filter;
	nm_test_seed_fixed = seed;
	failed = nm_test_run_all();
	return 0;
}

static void __exit nm_unit_exit(void)
{
}

module_init(nm_unit_init);
module_exit(nm_unit_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("unit tests of the netmap engine");
