/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Host rings: what the stack sends on an interface, and what it is given as
 * if it had been received there.
 *
 * The stack's packets are caught by a netfilter hook on the interface's egress:
 * before the queueing discipline, without touching the driver's functions or
 * the interface's settings, and gone without a trace when it is unhooked.  What
 * the emulated class sends goes to the driver directly and does not pass here.
 *
 * Packets given to the stack are received here and now, on this CPU.  So the
 * interface's receive handler can tell by a word of this CPU that they are
 * not to be caught again.
 */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_netdev.h>
#include <linux/percpu.h>
#include <linux/skbuff.h>

#include "os/linux/compat.h"
#include "os/linux/nic.h"

/* The interface on which this CPU has just made the stack receive. */
static DEFINE_PER_CPU(struct net_device *, nm_host_into);

bool nm_host_is_ours(const struct sk_buff *skb)
{
	return this_cpu_read(nm_host_into) == skb->dev;
}

#ifdef CONFIG_NETFILTER_EGRESS

bool nm_host_available(void)
{
	return true;
}

/* Transmit queue the stack would choose. */
static u32 queue_of(struct net_device *dev, struct sk_buff *skb)
{
	const struct net_device_ops *ops = dev->netdev_ops;

	if (dev->real_num_tx_queues == 1)
		return 0;
	if (ops->ndo_select_queue)
		return ops->ndo_select_queue(dev, skb, NULL);
	return netdev_pick_tx(dev, skb, NULL);
}

/* Bottom halves are off, and this is an RCU reader. */
static unsigned int host_egress(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct nm_nic *nic = priv;
	struct net_device *dev = skb->dev;
	u32 n_host = READ_ONCE(nic->n_host_rx), dropped = 0, q, ring;

	q = queue_of(dev, skb);
	if (!test_bit(q % nic->n_tx, nic->on.tx) || !n_host)
		return NF_ACCEPT;
	ring = nm_nic_rx_ring(nic, nic->n_rx + q % n_host);
	if (!nm_nic_skb_put(skb, ring, &dropped)) {
		/* nobody reads for the host: it is cut off */
		nm_drop(nm_pring_at(nm_dev_plane(), ring), NM_DROP_RX_OFF, 1);
		dropped++;
		kfree_skb(skb);
	}
	while (dropped--)
		dev_core_stats_tx_dropped_inc(dev);
	return NF_STOLEN;
}

int nm_host_hook(struct nm_nic *nic, bool on, char *msg)
{
	struct net_device *dev = rtnl_dereference(nic->dev);
	int error;

	if (on == nic->hooked || !dev)
		return 0;
	if (!on) {
		nf_unregister_net_hook(dev_net(dev), &nic->egress);
		nic->hooked = false;
		return 0;
	}
	nic->egress = (struct nf_hook_ops){
		.hook = host_egress,
		.dev = dev,
		.priv = nic,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_EGRESS,
		.priority = INT_MAX,	/* after the host's own filters */
	};
	error = nf_register_net_hook(dev_net(dev), &nic->egress);
	if (error)
		snprintf(msg, NM_WHY_LEN,
			 "what the host sends on %s cannot be caught: error %d",
			 dev->name, -error);
	else
		nic->hooked = true;
	return error;
}

#else /* without it ports have no host rings */

bool nm_host_available(void)
{
	return false;
}

int nm_host_hook(struct nm_nic *nic, bool on, char *msg)
{
	return 0;
}

#endif /* CONFIG_NETFILTER_EGRESS */

/* Bottom halves are off. */
static void receive(struct net_device *dev, struct sk_buff *skb)
{
	struct net_device *was = this_cpu_read(nm_host_into);

	skb->protocol = eth_type_trans(skb, dev);
	this_cpu_write(nm_host_into, dev);
	netif_receive_skb_core(skb);
	this_cpu_write(nm_host_into, was);
}

u32 nm_host_frames_out(struct nm_nic *nic, u32 i, const struct nm_frames *f)
{
	struct net_device *dev = rcu_dereference(nic->dev);
	struct sk_buff *skb;
	u32 k;

	local_bh_disable();
	for (k = 0; k < f->n; k++) {
		if (!dev || !netif_running(dev)) {
			nm_nic_drop(nic, i, NM_DROP_RX_OFF);
			continue;
		}
		skb = nm_nic_skb_new(dev, f, k);
		if (skb)
			receive(dev, skb);
		else
			nm_nic_drop(nic, i, NM_DROP_NO_MEM);
	}
	local_bh_enable();
	return f->n;
}
