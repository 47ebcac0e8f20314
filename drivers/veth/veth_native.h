/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What the patched veth driver calls; see veth_native.c.
 */
#ifndef VETH_NATIVE_H
#define VETH_NATIVE_H

#include <linux/netdevice.h>
#include <net/xdp.h>

/** veth_netmap_attach - a pair was made; RTNL */
void veth_netmap_attach(struct net_device *dev, struct net_device *peer);

/**
 * veth_netmap_detach - the pair that @dev is of is about to be taken apart
 * Context: RTNL.  Nothing if it has been already.
 */
void veth_netmap_detach(struct net_device *dev);

/** veth_netmap_open, veth_netmap_close - an end went up, goes down; RTNL */
void veth_netmap_open(struct net_device *dev);
void veth_netmap_close(struct net_device *dev);

/** veth_netmap_is_on - so that its queues must not be changed; RTNL */
bool veth_netmap_is_on(struct net_device *dev);

/**
 * veth_netmap_xmit - the stack sends on @dev what @rcv is to receive
 * Context: RCU, bottom halves off.
 * Return: true: @skb was consumed; false: that queue is not in netmap mode.
 */
bool veth_netmap_xmit(struct net_device *dev, struct net_device *rcv,
		      struct sk_buff *skb, u32 rxq);

/**
 * veth_netmap_xdp - the same for frames that XDP redirected to @dev
 * @sent: out: frames that were consumed, from the first on
 */
bool veth_netmap_xdp(struct net_device *dev, struct net_device *rcv, u32 rxq,
		     int n, struct xdp_frame **frames, int *sent);

#endif /* VETH_NATIVE_H */
