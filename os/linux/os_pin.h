/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Staying on a CPU, but for a moment.
 *
 * A sync runs with preemption off, so that it is over soon once it has begun.
 * When it comes to memory that was promised and is not there, which happens
 * once per piece of a region, it must be able to sleep all the same.  So who
 * pins himself says that he can be unpinned by whoever he calls; between
 * nm_os_pin() and nm_os_unpin() he may find himself on another CPU.
 */
#ifndef NM_OS_LINUX_OS_PIN_H
#define NM_OS_LINUX_OS_PIN_H

#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>

/* Who is pinned on a CPU. */
DECLARE_PER_CPU(struct task_struct *, nm_os_pinned);

/* Process context, not nested. */
static inline void nm_os_pin(void)
{
	preempt_disable();
	__this_cpu_write(nm_os_pinned, current);
}

static inline void nm_os_unpin(void)
{
	__this_cpu_write(nm_os_pinned, NULL);
	preempt_enable();
}

/* Unpin if it is us who is pinned; Return: true if so. */
static inline bool nm_os_unpin_self(void)
{
	/* another's name may come and go here, our own cannot */
	if (this_cpu_read(nm_os_pinned) != current)
		return false;
	nm_os_unpin();
	return true;
}

#endif /* NM_OS_LINUX_OS_PIN_H */
