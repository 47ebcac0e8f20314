/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What changed in the kernel, in one place.
 *
 * Each entry has today's name, so that it goes away when the oldest supported
 * kernel (6.1) has it, and names the first version that does: its floor.
 * (__has_include() would ask for the thing itself, but sparse does not know it.)
 */
#ifndef NM_OS_LINUX_COMPAT_H
#define NM_OS_LINUX_COMPAT_H

#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/poll.h>
#include <linux/version.h>

/* floor 6.5: segmentation has a header of its own */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/* floor 6.15: some drivers want a lock of their own for ethtool operations */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#include <net/netdev_lock.h>
#else
static inline void netdev_lock_ops(struct net_device *dev)
{
}

static inline void netdev_unlock_ops(struct net_device *dev)
{
}
#endif

/* floor 6.3: vm_flags became read-only */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}
#endif

/*
 * Whether who polls only looks: no time to wait, or something found already.
 * poll_does_not_wait() was gone by 7.3; what it looked at is there in all.
 */
static inline bool nm_poll_only_looks(const poll_table *pt)
{
	return !pt || !pt->_qproc;
}

#endif /* NM_OS_LINUX_COMPAT_H */
