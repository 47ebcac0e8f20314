/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What happens to interfaces by themselves.
 *
 *   down, up, carrier   nothing is sent meanwhile, and nobody waits for good:
 *                       who sleeps in poll is woken when it is over
 *   MTU                 refused if frames of that size do not fit the buffers
 *   renamed             the handle is the same, a binding by either name finds
 *                       it
 *   moved               to another network namespace: so it is too.  The core
 *                       of the kernel tells it as an end and a beginning, but
 *                       the interface stays registered, and in our hands.
 *   gone                its rings stop for good: syncs fail, poll says
 *                       POLLERR.  Their memory stays until they are closed.
 *
 * All of this runs under RTNL and never takes the engine's lock.
 */
#include <linux/netdevice.h>

#include "os/linux/compat.h"
#include "os/linux/nic.h"

/* The interface is about to be freed. */
static void nic_gone(struct nm_nic *nic, struct net_device *dev)
{
	nic->be->gone(nic);
	nm_host_hook(nic, false, NULL);
	nm_nic_set_state(nic, NM_RING_STOPPED);
	RCU_INIT_POINTER(nic->dev, NULL);
	synchronize_net();
	netdev_put(dev, &nic->tracker);
}

/* Whoever waits for room looks again. */
static void nic_state(struct nm_nic *nic)
{
	u32 i;

	if (nic->be->state)
		nic->be->state(nic);
	for_each_set_bit(i, nic->on.tx, nic->n_tx)
		nm_nic_notify(nic, true, i);
}

static int nic_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct nm_nic *nic = nm_nic_of_dev(dev);

	if (!nic)
		return NOTIFY_DONE;
	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		nic_state(nic);
		break;
	case NETDEV_CHANGEMTU:
		/* it has the new one; an error takes that back */
		if (!nm_nic_mtu_fits(nic)) {
			netdev_warn(dev, "netmap: its rings are open, and their buffers of %u bytes are too small for an MTU of %u\n",
				    nic->buf_size, dev->mtu);
			return notifier_from_errno(-EINVAL);
		}
		break;
	case NETDEV_UNREGISTER:
		if (dev->reg_state == NETREG_UNREGISTERING)
			nic_gone(nic, dev);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block nm_nic_notifier = {
	.notifier_call = nic_event,
};

int nm_nic_events_init(void)
{
	return register_netdevice_notifier(&nm_nic_notifier);
}

void nm_nic_events_exit(void)
{
	unregister_netdevice_notifier(&nm_nic_notifier);
}
