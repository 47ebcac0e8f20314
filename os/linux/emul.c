/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The emulated class: any Ethernet interface, through the network stack.
 *
 * Receive: the interface's receive handler copies each packet into the inbox
 * of the ring of its queue.  The stack allows one handler per interface, so an
 * interface that is part of a bridge or bond cannot be a port, and one that is
 * a port cannot join them.  Traffic of a VLAN interface on top is taken by that
 * before any handler sees it.
 *
 * Transmit is in emul_tx.c.  It leaves no trace in the interface's settings.
 */
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "engine/param.h"
#include "os/linux/compat.h"
#include "os/linux/emul.h"

#define RX_MAX		32768u	/* longest frame that must fit one buffer */
#define RX_MAX_LOOP	2048u	/* loopback: longer ones take several slots */

struct nm_emul {
	bool handles;		/* our receive handler is in place; RTNL */
	struct nm_emul_txq __rcu *txq[NM_NIC_MAX_RINGS];
};

/* --- receive ----------------------------------------------------------------- */

static rx_handler_result_t emul_receive(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct nm_nic *nic = rcu_dereference(skb->dev->rx_handler_data);
	struct net_device *dev = skb->dev;
	u32 q = 0, dropped = 0;

	if (skb->pkt_type == PACKET_LOOPBACK || nm_host_is_ours(skb) ||
	    skb->data - skb_mac_header(skb) != ETH_HLEN)
		return RX_HANDLER_PASS;
	if (skb_rx_queue_recorded(skb))
		q = skb_get_rx_queue(skb) % nic->n_rx;
	if (!test_bit(q, nic->on.rx))
		return RX_HANDLER_PASS;
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb) {
		dev_core_stats_rx_dropped_inc(dev);
		return RX_HANDLER_CONSUMED;
	}
	*pskb = skb;
	skb_push(skb, ETH_HLEN);
	if (!nm_nic_skb_put(skb, nm_nic_rx_ring(nic, q), &dropped)) {
		skb_pull(skb, ETH_HLEN);
		return RX_HANDLER_PASS;
	}
	while (dropped--)
		dev_core_stats_rx_dropped_inc(dev);
	return RX_HANDLER_CONSUMED;
}

static int handle(struct nm_nic *nic, bool on, char *msg)
{
	struct net_device *dev = rtnl_dereference(nic->dev);
	struct nm_emul *em = nic->priv;
	int error;

	if (on == em->handles)
		return 0;
	if (!on) {
		netdev_rx_handler_unregister(dev);
		em->handles = false;
		return 0;
	}
	error = netdev_rx_handler_register(dev, emul_receive, nic);
	if (!error)
		em->handles = true;
	else if (error == -EBUSY)
		snprintf(msg, NM_WHY_LEN,
			 "%s belongs to a bridge, bond, macvlan or the like, which receives in its place: take it out of there, or open that",
			 dev->name);
	else
		snprintf(msg, NM_WHY_LEN,
			 "what %s receives cannot be caught: error %d",
			 dev->name, -error);
	return error;
}

/* --- transmit ---------------------------------------------------------------- */

static struct nm_emul_txq *txq_of(const struct nm_nic *nic, u32 i)
{
	return rtnl_dereference(((struct nm_emul *)nic->priv)->txq[i]);
}

static int txq_open(struct nm_nic *nic, u32 i, char *msg)
{
	struct nm_emul *em = nic->priv;
	struct nm_emul_txq *q;

	if (txq_of(nic, i))
		return 0;
	q = nm_emul_txq_new(nm_nic_tx_ring(nic, i), nic->tx_slots);
	if (!q) {
		snprintf(msg, NM_WHY_LEN, "no memory for transmit ring %u", i);
		return -ENOMEM;
	}
	rcu_assign_pointer(em->txq[i], q);
	return 0;
}

/* All but those of @keep; NULL: all. */
static void txqs_close(struct nm_nic *nic, const unsigned long *keep)
{
	struct nm_emul *em = nic->priv;
	struct nm_emul_txq *q, *list = NULL;
	u32 i;

	for (i = 0; i < NM_NIC_MAX_RINGS; i++) {
		q = txq_of(nic, i);
		if (!q || (keep && i < nic->n_tx && test_bit(i, keep)))
			continue;
		RCU_INIT_POINTER(em->txq[i], NULL);
		q->next = list;
		list = q;
	}
	if (!list)
		return;
	synchronize_net();
	while ((q = list)) {
		list = q->next;
		nm_emul_txq_end(q);
	}
}

static int txqs_open(struct nm_nic *nic, char *msg)
{
	int error;
	u32 i;

	for_each_set_bit(i, nic->want.tx, nic->n_tx) {
		error = txq_open(nic, i, msg);
		if (error) {
			txqs_close(nic, nic->on.tx);
			return error;
		}
	}
	return 0;
}

static u32 emul_frames_out(struct nm_nic *nic, u32 queue, struct nm_actor *me,
			   const struct nm_frames *f)
{
	struct nm_emul *em = nic->priv;

	return nm_emul_send(nic, queue, rcu_dereference(em->txq[queue]), f);
}

static u32 emul_in_flight(struct nm_nic *nic, u32 queue)
{
	struct nm_emul *em = nic->priv;
	struct nm_emul_txq *q = rcu_dereference(em->txq[queue]);

	return q ? nm_emul_in_flight(q) : 0;
}

/* --- the backend ------------------------------------------------------------- */

static int emul_probe(struct net_device *dev, char *msg)
{
	return 0;
}

static int emul_open(struct nm_nic *nic, char *msg)
{
	nic->priv = kvzalloc(sizeof(struct nm_emul), GFP_KERNEL_ACCOUNT);
	if (nic->priv)
		return 0;
	snprintf(msg, NM_WHY_LEN, "no memory for the emulated class");
	return -ENOMEM;
}

static void emul_close(struct nm_nic *nic)
{
	kvfree(nic->priv);
}

/* Slots the driver has, where it says; or as the parameter says. */
static void emul_slots(struct net_device *dev, struct nm_nic_info *info)
{
	struct kernel_ethtool_ringparam kr = { 0 };
	struct ethtool_ringparam r = { 0 };
	u32 def = READ_ONCE(nm_engine_params(nm_dev_engine)->generic_ringsize);

	if (dev->ethtool_ops && dev->ethtool_ops->get_ringparam) {
		netdev_lock_ops(dev);
		dev->ethtool_ops->get_ringparam(dev, &r, &kr, NULL);
		netdev_unlock_ops(dev);
	}
	info->tx_slots = r.tx_pending >= 3 ? r.tx_pending : def;
	info->rx_slots = r.rx_pending >= 3 ? r.rx_pending : def;
}

static int emul_info(struct nm_nic *nic, struct nm_nic_info *info, char *msg)
{
	struct net_device *dev = rtnl_dereference(nic->dev);

	info->tx_rings = dev->real_num_tx_queues;
	info->rx_rings = dev->real_num_rx_queues;
	emul_slots(dev, info);
	info->rx_max = dev->type == ARPHRD_LOOPBACK ? RX_MAX_LOOP : RX_MAX;
	info->multi = 1;
	return 0;
}

static int emul_mode(struct nm_nic *nic, char *msg)
{
	bool rx = !bitmap_empty(nic->want.rx, nic->n_rx);
	int error;

	error = txqs_open(nic, msg);
	if (!error)
		error = handle(nic, rx, msg);
	txqs_close(nic, error ? nic->on.tx : nic->want.tx);
	return error;
}

static void emul_gone(struct nm_nic *nic)
{
	handle(nic, false, NULL);
	txqs_close(nic, NULL);
}

const struct nm_nic_backend nm_emul_backend = {
	.name = "emulated",
	.why = "the driver has no native support: frames are copied from and to its packets",
	.class = NM_CLASS_EMULATED,
	.exit = nm_emul_tx_exit,
	.probe = emul_probe,
	.open = emul_open,
	.close = emul_close,
	.info = emul_info,
	.mode = emul_mode,
	.gone = emul_gone,
	.frames_out = emul_frames_out,
	.in_flight = emul_in_flight,
};
