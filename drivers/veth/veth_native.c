/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Native ports for veth.
 *
 * What one end sends the other receives.  Each end is by itself in netmap mode
 * or not, queue by queue, and so there are three ways for a frame:
 *
 *	netmap --> netmap	nm_txsync copies it into the slots of the other
 *				end's receive ring.  A full ring blocks the
 *				sender, as a pipe does: nothing is dropped
 *	netmap --> stack	nm_txsync makes a packet of it
 *	stack  --> netmap	the driver's xmit function copies the packet into
 *				the slots.  A full ring drops it, and counts
 *
 * The receive ring is the device.  Its lock, which senders and nm_rxsync take,
 * protects two positions beside those that netmap knows:
 *
 *	    hwcur == limit      hwtail         wr
 *	------+-------------------+------------+--------------
 *	      |  the program's    |  filled,   |  free
 *	      |                   |  not shown |
 *
 * Frames are copied, not exchanged for empty buffers: a program may fill the
 * buffers of a network interface once and send them for ever.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)	/* floor 6.5 */
#include <net/gso.h>
#endif
#include <net/netmap_driver.h>

#include "veth_native.h"

#define VETH_NM_SLOTS	1024u
#define VETH_NM_BATCH	32u	/* packets per hold of a receive ring's lock */

struct veth_nm_rxq {
	spinlock_t lock;
	struct netmap_kring *kring;	/* lock; NULL: not in netmap mode */
	u32 wr;				/* lock: next slot to be filled */
	u32 limit;			/* lock: first slot of the program */
};

/* A packet that is being sent; the transmit ring's owner uses it. */
struct veth_nm_txq {
	struct netmap_piece piece[NETMAP_MAX_FRAGS];
	u32 n;				/* pieces */
	u32 len;			/* of all pieces */
	u32 end;			/* slot after its last one */
};

struct veth_nm {
	struct net_device *dev;
	struct net_device __rcu *peer;
	struct veth_nm_rxq *rxq;	/* while netmap has krings */
	struct veth_nm_txq *txq;	/* likewise */
};

/* Where the bytes of a frame are. */
struct veth_nm_frame {
	u32 len;
	void (*copy)(const struct veth_nm_frame *f, u32 ofs, void *dst, u32 len);
	const void *from;
};

/* --- into a receive ring ------------------------------------------------------- */

/* With the lock held. */
static u32 rxq_room(const struct veth_nm_rxq *q)
{
	return nm_kring_dist(q->kring, q->wr,
			     nm_kring_prev(q->kring, q->limit));
}

/*
 * With the lock held and the ring in netmap mode.
 * Return: 0; -ENOBUFS no room now; -EMSGSIZE there never is; -EIO a slot has
 *         no buffer, because the program took it away.
 */
static int rxq_put(struct veth_nm_rxq *q, const struct veth_nm_frame *f)
{
	struct netmap_kring *k = q->kring;
	u32 size = k->hwbuf_len, n = DIV_ROUND_UP(f->len, size);
	u32 i = q->wr, ofs, len;
	struct netmap_piece p;

	if (n > k->nkr_num_slots - 1)
		return -EMSGSIZE;
	if (n > rxq_room(q))
		return -ENOBUFS;
	for (ofs = 0; ofs < f->len; ofs += len) {
		if (!netmap_rx_slot(k, i, &p))
			return -EIO;
		len = min(f->len - ofs, size);
		f->copy(f, ofs, p.addr, len);
		netmap_rx_done(k, i, len,
			       ofs + len < f->len ? NS_MOREFRAG : 0);
		i = nm_kring_next(k, i);
	}
	q->wr = i;
	return 0;
}

/* The receive queue of @rcv for queue @i of its peer; RCU. */
static struct veth_nm_rxq *rxq_of(const struct net_device *rcv, u32 i)
{
	struct netmap_adapter *na = NA(rcv);
	struct veth_nm_rxq *rxq;

	if (!nm_netmap_on(na))
		return NULL;
	rxq = smp_load_acquire(&((struct veth_nm *)na->driver)->rxq);
	return rxq ? &rxq[i % na->num_rx_rings] : NULL;
}

static void rxq_tell(const struct net_device *rcv, u32 i)
{
	struct netmap_adapter *na = NA(rcv);
	unsigned int work;

	if (na)
		netmap_rx_irq(rcv, i % na->num_rx_rings, &work);
}

/* --- sending ---------------------------------------------------------------------- */

static void copy_pieces(const struct veth_nm_frame *f, u32 ofs, void *dst,
			u32 len)
{
	const struct veth_nm_txq *q = f->from;
	const struct netmap_piece *p = q->piece;
	u32 n;

	while (ofs >= p->len)
		ofs -= p++->len;
	for (; len > 0; len -= n, dst += n, ofs = 0, p++) {
		n = min(len, p->len - ofs);
		memcpy(dst, p->addr + ofs, n);
	}
}

/*
 * The packet that begins in slot @i.
 * Return: 0; -EAGAIN its end is not there yet; -EINVAL it cannot be sent, and
 *         q->end says where the next one begins.
 */
static int txq_gather(struct netmap_kring *k, struct veth_nm_txq *q, u32 i)
{
	struct netmap_piece p;
	u32 n_slots = 0;
	bool good = true;

	q->n = 0;
	q->len = 0;
	do {
		if (i == k->rhead && n_slots <= NETMAP_MAX_FRAGS)
			return -EAGAIN;
		if (i == k->rhead)
			break;	/* it could not be sent anyway */
		good &= netmap_tx_slot(k, i, &p);
		i = nm_kring_next(k, i);
		if (++n_slots > NETMAP_MAX_FRAGS || !good || !p.len)
			continue;
		q->piece[q->n++] = p;
		q->len += p.len;
	} while (p.flags & NS_MOREFRAG);
	q->end = i;
	if (good && n_slots <= NETMAP_MAX_FRAGS && q->len >= ETH_HLEN)
		return 0;
	if (good)
		netmap_drop(k, q->len < ETH_HLEN ? NM_DROP_SHORT :
			    NM_DROP_FRAGS, 1);
	return -EINVAL;
}

/* What a sync has sent so far. */
struct veth_nm_sent {
	u32 packets;
	u64 bytes;
};

/*
 * Packets into the other end's ring, at most VETH_NM_BATCH.
 * Return: 0 go on; -ENOBUFS it is full; -ENODEV it is not in netmap mode;
 *         -EAGAIN nothing whole is left.
 */
static int send_netmap(struct netmap_kring *k, struct veth_nm_txq *q,
		       struct veth_nm_rxq *rxq, struct veth_nm_sent *sent)
{
	struct veth_nm_frame f = { .copy = copy_pieces, .from = q };
	u32 i;
	int error = 0;

	spin_lock_bh(&rxq->lock);
	if (!rxq->kring)
		error = -ENODEV;
	for (i = 0; i < VETH_NM_BATCH && !error; i++) {
		error = txq_gather(k, q, k->nr_hwcur);
		if (error == -EAGAIN)
			break;
		f.len = q->len;
		if (!error)
			error = rxq_put(rxq, &f);
		if (error == -ENOBUFS)
			break;
		if (error == -EMSGSIZE || error == -EIO)
			netmap_drop(rxq->kring, error == -EIO ?
				    NM_DROP_BAD_SLOT : NM_DROP_TOO_LONG, 1);
		sent->packets += !error;
		sent->bytes += error ? 0 : q->len;
		k->nr_hwcur = q->end;
		error = 0;
	}
	spin_unlock_bh(&rxq->lock);
	return error;
}

/* One packet to the other end's stack; it is gone, one way or the other. */
static void send_stack(struct netmap_kring *k, struct veth_nm_txq *q,
		       struct net_device *rcv, struct veth_nm_sent *sent)
{
	struct veth_nm_frame f = { .from = q };
	struct sk_buff *skb;

	if (q->len > rcv->mtu + rcv->hard_header_len + VLAN_HLEN) {
		netmap_drop(k, NM_DROP_TOO_LONG, 1);
		return;
	}
	skb = netdev_alloc_skb_ip_align(rcv, q->len);
	if (!skb) {
		netmap_drop(k, NM_DROP_NO_MEM, 1);
		return;
	}
	copy_pieces(&f, 0, skb_put(skb, q->len), q->len);
	skb_record_rx_queue(skb, k->ring_id % rcv->real_num_rx_queues);
	if (dev_forward_skb(rcv, skb) != NET_RX_SUCCESS) {
		dev_core_stats_rx_dropped_inc(rcv);
		return;
	}
	sent->packets++;
	sent->bytes += q->len;
}

static void send_all(struct netmap_kring *k, struct veth_nm_txq *q,
		     struct net_device *rcv, struct veth_nm_sent *sent)
{
	struct veth_nm_rxq *rxq = rxq_of(rcv, k->ring_id);
	int error = 0;

	while (k->nr_hwcur != k->rhead) {
		if (rxq)
			error = send_netmap(k, q, rxq, sent);
		if (error == -ENODEV) {
			rxq = NULL;
			error = 0;
		} else if (error) {
			return;
		}
		if (rxq)
			continue;
		error = txq_gather(k, q, k->nr_hwcur);
		if (error == -EAGAIN)
			return;
		if (!error)
			send_stack(k, q, rcv, sent);
		k->nr_hwcur = q->end;
		error = 0;
	}
}

static int veth_nm_txsync(struct netmap_kring *k, int flags)
{
	struct veth_nm *vn = k->na->driver;
	struct veth_nm_sent sent = { 0 };
	struct net_device *rcv;

	if (!netif_carrier_ok(vn->dev))
		return 0;
	rcu_read_lock();
	rcv = rcu_dereference(vn->peer);
	if (rcv)
		send_all(k, &vn->txq[k->ring_id], rcv, &sent);
	if (sent.packets) {
		rxq_tell(rcv, k->ring_id);
		netmap_count(k, sent.packets, sent.bytes);
		local_bh_disable();
		dev_sw_netstats_tx_add(vn->dev, sent.packets, sent.bytes);
		local_bh_enable();
	}
	rcu_read_unlock();
	k->nr_hwtail = nm_kring_prev(k, k->nr_hwcur);
	return 0;
}

/* --- receiving ---------------------------------------------------------------------- */

/* Who waits for room in a receive queue, the @i-th of @n? */
static void tell_senders(const struct net_device *peer, u32 i, u32 n)
{
	struct netmap_adapter *na = NA(peer);

	for (; na && i < na->num_tx_rings; i += n)
		netmap_tx_irq(peer, i);
}

static int veth_nm_rxsync(struct netmap_kring *k, int flags)
{
	struct veth_nm *vn = k->na->driver;
	struct veth_nm_rxq *q = &vn->rxq[k->ring_id];
	bool released = k->nr_hwcur != k->rhead;
	struct net_device *peer;

	if (released && netmap_rx_released(k, k->nr_hwcur, k->rhead))
		return netmap_ring_reinit(k);
	spin_lock_bh(&q->lock);
	q->limit = k->nr_hwcur = k->rhead;
	k->nr_hwtail = q->wr;
	spin_unlock_bh(&q->lock);

	rcu_read_lock();
	peer = rcu_dereference(vn->peer);
	if (released && peer)
		tell_senders(peer, k->ring_id, k->na->num_rx_rings);
	rcu_read_unlock();
	return 0;
}

/* --- from the other end's stack -------------------------------------------------- */

static void copy_skb(const struct veth_nm_frame *f, u32 ofs, void *dst, u32 len)
{
	if (skb_copy_bits(f->from, ofs, dst, len))
		memset(dst, 0, len);
}

static void copy_xdp(const struct veth_nm_frame *f, u32 ofs, void *dst, u32 len)
{
	const struct xdp_frame *xdp = f->from;

	memcpy(dst, xdp->data + ofs, len);
}

/* Put or drop a frame.  Return: 0; -ENODEV the queue is not in netmap mode. */
static int put_or_drop(struct veth_nm_rxq *q, const struct veth_nm_frame *f)
{
	int error = -ENODEV;

	spin_lock_bh(&q->lock);
	if (q->kring)
		error = rxq_put(q, f);
	if (error && error != -ENODEV)
		netmap_drop(q->kring, error == -EMSGSIZE ? NM_DROP_TOO_LONG :
			    error == -EIO ? NM_DROP_BAD_SLOT : NM_DROP_NO_ROOM,
			    1);
	spin_unlock_bh(&q->lock);
	return error;
}

/* One packet on the wire, complete but for its checksum and VLAN tag. */
static bool put_skb(struct net_device *dev, struct net_device *rcv,
		    struct veth_nm_rxq *q, struct sk_buff *skb)
{
	struct veth_nm_frame f = { .copy = copy_skb };
	int error;

	skb_mark_not_on_list(skb);
	if (skb_vlan_tag_present(skb))
		skb = __vlan_hwaccel_push_inside(skb);
	if (!skb)
		return false;
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_csum_hwoffload_help(skb, 0)) {
		kfree_skb(skb);
		return false;
	}
	f.from = skb;
	f.len = skb->len;
	error = put_or_drop(q, &f);
	if (!error)
		dev_sw_netstats_tx_add(dev, 1, skb->len);
	else
		dev_core_stats_rx_dropped_inc(rcv);
	consume_skb(skb);
	return !error;
}

bool veth_netmap_xmit(struct net_device *dev, struct net_device *rcv,
		      struct sk_buff *skb, u32 rxq)
{
	struct veth_nm_rxq *q;
	struct sk_buff *segs = NULL, *next;
	bool any = false;

	if (!static_branch_unlikely(&netmap_native_key))
		return false;
	q = rxq_of(rcv, rxq);
	/* who comes with interrupts off (netpoll) must not wait for others */
	if (!q || !READ_ONCE(q->kring) || irqs_disabled())
		return false;
	if (skb_is_gso(skb)) {
		segs = skb_gso_segment(skb, 0);
		if (IS_ERR_OR_NULL(segs)) {
			kfree_skb(skb);
			dev_core_stats_rx_dropped_inc(rcv);
			return true;
		}
		consume_skb(skb);
		skb = segs;
	}
	for (; skb; skb = next) {
		next = segs ? skb->next : NULL;
		any |= put_skb(dev, rcv, q, skb);
	}
	if (any)
		rxq_tell(rcv, rxq);
	return true;
}

bool veth_netmap_xdp(struct net_device *dev, struct net_device *rcv, u32 rxq,
		     int n, struct xdp_frame **frames, int *sent)
{
	struct veth_nm_frame f = { .copy = copy_xdp };
	struct veth_nm_rxq *q;
	int i;

	if (!static_branch_unlikely(&netmap_native_key))
		return false;
	q = rxq_of(rcv, rxq);
	if (!q || !READ_ONCE(q->kring))
		return false;
	for (i = 0; i < n; i++) {
		if (xdp_frame_has_frags(frames[i]))
			break;
		f.from = frames[i];
		f.len = frames[i]->len;
		if (put_or_drop(q, &f))
			break;
		dev_sw_netstats_tx_add(dev, 1, f.len);
		xdp_return_frame(frames[i]);
	}
	if (i)
		rxq_tell(rcv, rxq);
	*sent = i;
	return true;
}

/* --- control ---------------------------------------------------------------------------- */

static int veth_nm_config(struct netmap_adapter *na, struct nm_config_info *c)
{
	c->num_tx_rings = min(na->ifp->real_num_tx_queues, 256u);
	c->num_rx_rings = min(na->ifp->real_num_rx_queues, 256u);
	return 0;
}

static int veth_nm_krings_create(struct netmap_adapter *na)
{
	u32 n_tx = na->num_tx_rings, n_rx = na->num_rx_rings, i;
	struct veth_nm *vn = na->driver;
	struct veth_nm_rxq *rxq;

	vn->txq = kvcalloc(n_tx, sizeof(*vn->txq), GFP_KERNEL_ACCOUNT);
	rxq = kvcalloc(n_rx, sizeof(*rxq), GFP_KERNEL_ACCOUNT);
	if (!vn->txq || !rxq) {
		kvfree(vn->txq);
		kvfree(rxq);
		return -ENOMEM;
	}
	for (i = 0; i < n_rx; i++)
		spin_lock_init(&rxq[i].lock);
	smp_store_release(&vn->rxq, rxq);
	return 0;
}

static void veth_nm_krings_delete(struct netmap_adapter *na)
{
	struct veth_nm *vn = na->driver;
	struct veth_nm_rxq *rxq = vn->rxq;

	WRITE_ONCE(vn->rxq, NULL);
	synchronize_net();
	kvfree(rxq);
	kvfree(vn->txq);
	vn->txq = NULL;
}

/* Begin receiving into ring @i, at the slot that netmap wants. */
static void rxq_start(struct netmap_adapter *na, u32 i)
{
	struct veth_nm_rxq *q = &((struct veth_nm *)na->driver)->rxq[i];
	struct netmap_kring *k = &na->rx_rings[i];

	if (!netmap_reset(na, NR_RX, i, 0))
		return;
	spin_lock_bh(&q->lock);
	q->wr = netmap_idx_n2k(k, 0);
	q->limit = k->nr_hwcur;
	q->kring = k;
	spin_unlock_bh(&q->lock);
}

/* When this returns, no sender is in the ring. */
static void rxq_stop(struct netmap_adapter *na, u32 i)
{
	struct veth_nm_rxq *q = &((struct veth_nm *)na->driver)->rxq[i];

	spin_lock_bh(&q->lock);
	q->kring = NULL;
	spin_unlock_bh(&q->lock);
}

/* There is nothing to stop: rings change one by one under their locks. */
static int veth_nm_register(struct netmap_adapter *na, int onoff)
{
	struct veth_nm *vn = na->driver;
	u32 i;

	for (i = 0; i < na->num_rx_rings; i++)
		if (!na->rx_rings[i].nr_pending_mode)
			rxq_stop(na, i);
	for (i = 0; i < na->num_tx_rings; i++)
		if (na->tx_rings[i].nr_pending_mode && !na->tx_rings[i].nr_mode)
			netmap_reset(na, NR_TX, i, 0);
	if (onoff)
		nm_set_native_flags(na);
	else
		nm_clear_native_flags(na);
	for (i = 0; i < na->num_rx_rings; i++)
		if (na->rx_rings[i].nr_mode && !vn->rxq[i].kring)
			rxq_start(na, i);
	return 0;
}

static void veth_nm_dtor(struct netmap_adapter *na)
{
	kfree(na->driver);
}

static void attach_one(struct net_device *dev, struct net_device *peer)
{
	struct veth_nm *vn = kzalloc(sizeof(*vn), GFP_KERNEL);
	struct netmap_adapter na = {
		.ifp = dev,
		.na_flags = NAF_MOREFRAG,
		.num_tx_rings = 1,
		.num_rx_rings = 1,
		.num_tx_desc = VETH_NM_SLOTS,
		.num_rx_desc = VETH_NM_SLOTS,
		.rx_buf_maxsize = 2048,
		.driver = vn,
		.nm_register = veth_nm_register,
		.nm_txsync = veth_nm_txsync,
		.nm_rxsync = veth_nm_rxsync,
		.nm_config = veth_nm_config,
		.nm_krings_create = veth_nm_krings_create,
		.nm_krings_delete = veth_nm_krings_delete,
		.nm_dtor = veth_nm_dtor,
	};

	if (!vn)
		return;
	vn->dev = dev;
	rcu_assign_pointer(vn->peer, peer);
	if (netmap_attach(&na)) {
		netdev_warn(dev, "no native netmap port\n");
		kfree(vn);
	}
}

void veth_netmap_attach(struct net_device *dev, struct net_device *peer)
{
	attach_one(dev, peer);
	attach_one(peer, dev);
}

void veth_netmap_detach(struct net_device *dev)
{
	struct netmap_adapter *na = NA(dev);
	struct net_device *peer;

	if (!na)
		return;
	peer = rtnl_dereference(((struct veth_nm *)na->driver)->peer);
	netmap_detach(dev);
	netmap_detach(peer);
}

void veth_netmap_close(struct net_device *dev)
{
	netmap_disable_all_rings(dev);
}

/* What had arrived and was not shown is lost, as in any device. */
void veth_netmap_open(struct net_device *dev)
{
	struct netmap_adapter *na = NA(dev);
	u32 i;

	if (!nm_netmap_on(na))
		return;
	for (i = 0; i < na->num_tx_rings; i++)
		netmap_reset(na, NR_TX, i, 0);
	for (i = 0; i < na->num_rx_rings; i++)
		rxq_start(na, i);
	netmap_enable_all_rings(dev);
}

bool veth_netmap_is_on(struct net_device *dev)
{
	return nm_netmap_on(NA(dev));
}
