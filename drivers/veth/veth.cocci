// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
//
// Where the veth driver asks netmap; see veth_native.c.  Each rule is anchored
// at one short statement of the driver, and none looks at a whole function.
// drivers/veth/hooks says how often each call must be there afterwards.

@include@
@@
 #include <linux/veth.h>
+#include "veth_native.h"

@attach@
symbol dev, peer;
@@
 veth_disable_gro(dev);
+veth_netmap_attach(dev, peer);

@detach@
symbol priv;
identifier dev, head;
@@
 veth_dellink(struct net_device *dev, struct list_head *head)
 {
 ...
+veth_netmap_detach(dev);
 priv = netdev_priv(dev);
 ...
 }

@xmit@
symbol skb, rcv, dev;
identifier rxq;
@@
 rxq = skb_get_queue_mapping(skb);
+if (veth_netmap_xmit(dev, rcv, skb, rxq)) {
+	rcu_read_unlock();
+	return NETDEV_TX_OK;
+}

@xdp_xmit@
symbol rcv, rcv_priv, rq, dev, n, frames, ret, out;
@@
 rq = &rcv_priv->rq[veth_select_rxq(rcv)];
+if (veth_netmap_xdp(dev, rcv, rq - rcv_priv->rq, n, frames, &ret))
+	goto out;

@open@
identifier dev, peer;
@@
 veth_open(struct net_device *dev)
 {
 ...
+veth_netmap_open(dev);
 if (peer->flags & IFF_UP) {
 ...
 }
 ...
 }

@close@
identifier dev;
@@
 veth_close(struct net_device *dev)
 {
 ...
+veth_netmap_close(dev);
 netif_carrier_off(dev);
 ...
 }

@channels@
identifier dev, ch;
@@
 veth_set_channels(struct net_device *dev, struct ethtool_channels *ch)
 {
 ...
 if (!ch->rx_count || !ch->tx_count)
 	return -EINVAL;
+if (veth_netmap_is_on(dev))
+	return -EBUSY;
 ...
 }
