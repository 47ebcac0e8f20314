/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Interfaces of persistent ports (engine/vif.h): a driver without hardware.
 *
 * It is a backend as any (nic.h), with the host's stack at its far end: what
 * the stack sends "arrives" in the receive ring of its queue, what leaves by a
 * transmit ring is received by the stack.  So it is never emulated, and has no
 * host rings of its own.
 *
 * The interface may go to another network namespace, and be called something
 * else; the port stays where and what it was.  If the other namespace ends, the
 * interface comes back to the first one of the system.  It cannot be deleted
 * but by deleting the port: who holds RTNL may not ask for the engine's lock.
 */
#include <linux/capability.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/net_namespace.h>

#include "os/linux/compat.h"
#include "os/linux/nic.h"

/* Longer frames take several slots. */
#define VIF_RX_MAX	2048u

#define VIF_FEATURES	(NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | \
			 NETIF_F_GSO_SOFTWARE | NETIF_F_HIGHDMA)

/* Behind the net_device. */
struct vif {
	struct nm_nic __rcu *nic;	/* while receive rings are taken; RTNL */
	u32 tx_slots, rx_slots;		/* immutable */
};

/* --- what the host sends ----------------------------------------------------- */

static netdev_tx_t vif_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct vif *vif = netdev_priv(dev);
	u32 q = skb_get_queue_mapping(skb), len = skb->len, dropped = 0;
	struct nm_nic *nic;

	skb_tx_timestamp(skb);
	skb_orphan(skb);
	rcu_read_lock();
	nic = rcu_dereference(vif->nic);
	if (!nic || !test_bit(q % nic->n_rx, nic->on.rx) ||
	    !nm_nic_skb_put(skb, nm_nic_rx_ring(nic, q % nic->n_rx), &dropped)) {
		kfree_skb(skb);
		dropped = 1;
	}
	rcu_read_unlock();
	if (!dropped)
		dev_sw_netstats_tx_add(dev, 1, len);
	while (dropped--)
		dev_core_stats_tx_dropped_inc(dev);
	return NETDEV_TX_OK;
}

static int vif_init(struct net_device *dev)
{
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static void vif_uninit(struct net_device *dev)
{
	free_percpu(dev->tstats);
}

static const struct net_device_ops vif_ops = {
	.ndo_init = vif_init,
	.ndo_uninit = vif_uninit,
	.ndo_start_xmit = vif_xmit,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void vif_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, "netmap", sizeof(info->driver));
	strscpy(info->bus_info, "vale", sizeof(info->bus_info));
}

static const struct ethtool_ops vif_ethtool_ops = {
	.get_drvinfo = vif_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_ts_info = ethtool_op_get_ts_info,
};

static const struct device_type vif_type = { .name = "netmap" };

static void vif_setup(struct net_device *dev)
{
	ether_setup(dev);
	eth_hw_addr_random(dev);
	dev->netdev_ops = &vif_ops;
	dev->ethtool_ops = &vif_ethtool_ops;
	dev->needs_free_netdev = true;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
	dev->max_mtu = ETH_MAX_MTU;
	dev->features |= VIF_FEATURES;
	dev->hw_features |= VIF_FEATURES;
	dev->vlan_features |= VIF_FEATURES;
	SET_NETDEV_DEVTYPE(dev, &vif_type);
}

/* --- the backend ------------------------------------------------------------- */

static struct vif *vif_of(const struct nm_nic *nic)
{
	return netdev_priv(rtnl_dereference(nic->dev));
}

static int vif_probe(struct net_device *dev, char *msg)
{
	return dev->netdev_ops == &vif_ops ? 0 : -EOPNOTSUPP;
}

static int vif_open(struct nm_nic *nic, char *msg)
{
	return 0;
}

static void vif_close(struct nm_nic *nic)
{
}

static int vif_info(struct nm_nic *nic, struct nm_nic_info *info, char *msg)
{
	struct net_device *dev = rtnl_dereference(nic->dev);

	info->host_rings = 0;
	info->tx_rings = dev->num_rx_queues;
	info->rx_rings = dev->num_tx_queues;
	info->tx_slots = vif_of(nic)->tx_slots;
	info->rx_slots = vif_of(nic)->rx_slots;
	info->rx_max = VIF_RX_MAX;
	info->multi = 1;
	return 0;
}

static int vif_mode(struct nm_nic *nic, char *msg)
{
	bool rx = !bitmap_empty(nic->want.rx, nic->n_rx);

	rcu_assign_pointer(vif_of(nic)->nic, rx ? nic : NULL);
	return 0;
}

static void vif_gone(struct nm_nic *nic)
{
	RCU_INIT_POINTER(vif_of(nic)->nic, NULL);
}

/* Frames of the switch are received by the host. */
static u32 vif_frames_out(struct nm_nic *nic, u32 queue, struct nm_actor *me,
			  const struct nm_frames *f)
{
	struct net_device *dev = rcu_dereference(nic->dev);
	struct sk_buff *skb;
	LIST_HEAD(list);
	u32 k;

	local_bh_disable();
	for (k = 0; k < f->n; k++) {
		if (!dev || !netif_running(dev)) {
			nm_nic_drop(nic, queue, NM_DROP_RX_OFF);
			continue;
		}
		skb = nm_nic_skb_new(dev, f, k);
		if (!skb) {
			nm_nic_drop(nic, queue, NM_DROP_NO_MEM);
			dev_core_stats_rx_dropped_inc(dev);
			continue;
		}
		dev_sw_netstats_rx_add(dev, skb->len);
		skb->protocol = eth_type_trans(skb, dev);
		skb_record_rx_queue(skb, queue);
		list_add_tail(&skb->list, &list);
	}
	netif_receive_skb_list(&list);
	local_bh_enable();
	return f->n;
}

const struct nm_nic_backend nm_vif_backend = {
	.name = "netmap",
	.why = "the interface is netmap's own, with the host at its far end",
	.class = NM_CLASS_NATIVE,
	.probe = vif_probe,
	.open = vif_open,
	.close = vif_close,
	.info = vif_info,
	.mode = vif_mode,
	.gone = vif_gone,
	.frames_out = vif_frames_out,
};

/* --- what the engine asks ---------------------------------------------------- */

/* RTNL; on success the handle's reference is the caller's. */
static int vif_register(struct net_device *dev, struct nm_nic **out, char *msg)
{
	int error;

	error = register_netdevice(dev);
	if (error) {
		snprintf(msg, NM_WHY_LEN, error == -EEXIST ?
			 "there is an interface %s already" :
			 "interface %s cannot be made: error %d",
			 dev->name, -error);
		free_netdev(dev);
		return error;
	}
	netif_carrier_off(dev);
	error = nm_nic_open(dev, 0, out, msg);
	if (error)
		unregister_netdevice(dev);
	return error;
}

int nm_vif_make(struct nm_engine *e, const struct nm_cred *cred,
		const char *name, const struct nm_geometry *geo,
		struct nm_nic **out, char *msg)
{
	struct net *net = cred->ns ? (struct net *)cred->ns : &init_net;
	struct net_device *dev;
	struct vif *vif;
	int error;

	*out = NULL;
	if (!ns_capable(net->user_ns, CAP_NET_ADMIN))
		return 0;
	if (!dev_valid_name(name) || strchr(name, '%')) {
		snprintf(msg, NM_WHY_LEN, "%s is no name for an interface",
			 name);
		return -EINVAL;
	}
	dev = alloc_netdev_mqs(sizeof(*vif), name, NET_NAME_USER, vif_setup,
			       geo->tx_rings, geo->rx_rings);
	if (!dev) {
		snprintf(msg, NM_WHY_LEN, "no memory for interface %s", name);
		return -ENOMEM;
	}
	vif = netdev_priv(dev);
	vif->tx_slots = geo->rx_slots;
	vif->rx_slots = geo->tx_slots;
	dev_net_set(dev, net);
	rtnl_lock();
	error = vif_register(dev, out, msg);
	rtnl_unlock();
	if (!error)
		__module_get(THIS_MODULE);
	return error;
}

void nm_vif_free(struct nm_nic *nic)
{
	struct net_device *dev;

	rtnl_lock();
	dev = rtnl_dereference(nic->dev);
	if (dev)
		unregister_netdevice(dev);
	rtnl_unlock();
	module_put(THIS_MODULE);
}

void nm_vif_link(struct nm_nic *nic, int up)
{
	struct net_device *dev;

	rtnl_lock();
	dev = rtnl_dereference(nic->dev);
	if (dev && up)
		netif_carrier_on(dev);
	else if (dev)
		netif_carrier_off(dev);
	rtnl_unlock();
}
