/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nm_probe: a module that goes wrong on demand.
 *
 * run.sh is worth something only if it notices trouble.  selftest.sh loads
 * this module once per kind of trouble and expects a failure each time, and
 * once with mode=ok, which must pass.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/spinlock.h>

static char *mode = "ok";
module_param(mode, charp, 0444);
MODULE_PARM_DESC(mode, "ok, not_ok, refuse, warn, oops, bug, hang, spin, atomic, restart");

static DEFINE_SPINLOCK(nm_probe_lock);

static void nm_probe_spin(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static void nm_probe_atomic(void)
{
	spin_lock(&nm_probe_lock);
	schedule_timeout_uninterruptible(1);
	spin_unlock(&nm_probe_lock);
}

static int __init nm_probe_init(void)
{
	static struct completion never;
	int *volatile nowhere = NULL;

	if (!strcmp(mode, "not_ok")) {
		pr_info("not ok 1 - probe\n");
		return 0;
	}
	if (!strcmp(mode, "refuse"))
		return -EIO;
	pr_info("ok 1 - probe %s\n", mode);
	if (!strcmp(mode, "warn"))
		WARN_ON(1);
	else if (!strcmp(mode, "oops"))
		*nowhere = 1;
	else if (!strcmp(mode, "bug"))
		BUG();
	else if (!strcmp(mode, "spin"))
		nm_probe_spin();
	else if (!strcmp(mode, "atomic"))
		nm_probe_atomic();
	else if (!strcmp(mode, "restart"))
		emergency_restart();
	else if (!strcmp(mode, "hang")) {
		init_completion(&never);
		wait_for_completion(&never);
	}
	return 0;
}

static void __exit nm_probe_exit(void)
{
}

module_init(nm_probe_init);
module_exit(nm_probe_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("goes wrong on demand, to test the test machine");
