/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Allocations that fail because a test says so.  Costs nothing, and is not
 * there, unless the build defines NM_HAVE_FAIL_AFTER.
 */
#ifndef NM_OS_LINUX_OS_FAIL_H
#define NM_OS_LINUX_OS_FAIL_H

#include <nm_os_types.h>

#ifdef NM_HAVE_FAIL_AFTER
/* Allocations that still succeed; -1: no limit. */
extern int nm_os_fail_after;

/* One test at a time sets it, and allocates from one thread while it is set. */
static inline bool nm_os_fail_now(void)
{
	int left = READ_ONCE(nm_os_fail_after);

	if (left > 0)
		WRITE_ONCE(nm_os_fail_after, left - 1);
	return left == 0;
}
#else
static inline bool nm_os_fail_now(void)
{
	return false;
}
#endif

#endif /* NM_OS_LINUX_OS_FAIL_H */
