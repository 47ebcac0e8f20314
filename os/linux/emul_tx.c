/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Transmit side of the emulated class.
 *
 * Frames are copied into packets and given to the driver under its transmit
 * lock, past the queueing discipline: nothing about the interface is changed,
 * and nothing of ours can wait in somebody's queue while the driver has
 * stopped.  When it has, frames stay in their ring.
 *
 * A packet is on its way until the driver frees it, or lets go of it in favour
 * of another interface (veth, loopback); its destructor says so.  A program
 * that waits for room is woken when half of the packets that were on their way
 * have arrived.  If the driver has stopped with none of ours on its way, no
 * destructor will come, and a timer takes its place.
 *
 * Without carrier nothing is taken, and nothing lost, until there is one.
 */
#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "os/linux/emul.h"

/* Queues that packets still point to. */
static atomic_t nm_emul_live;
static DECLARE_WAIT_QUEUE_HEAD(nm_emul_gone);

static void txq_put(struct nm_emul_txq *q)
{
	bool pinned;

	if (!refcount_dec_and_test(&q->refs))
		return;
	pinned = q->pinned;
	kfree(q);
	if (atomic_dec_and_test(&nm_emul_live))
		wake_up(&nm_emul_gone);
	if (pinned)
		module_put(THIS_MODULE);
}

static void txq_notify(struct nm_emul_txq *q)
{
	if (!READ_ONCE(q->ended))
		nm_ring_bell(q->ring);
}

static void txq_retry(struct work_struct *work)
{
	txq_notify(container_of(to_delayed_work(work),
					struct nm_emul_txq, retry));
}

struct nm_emul_txq *nm_emul_txq_new(u32 ring, u32 n_slots)
{
	struct nm_emul_txq *q = kzalloc(sizeof(*q), GFP_KERNEL_ACCOUNT);

	if (!q)
		return NULL;
	refcount_set(&q->refs, 1);
	q->ring = ring;
	q->max = n_slots;
	INIT_DELAYED_WORK(&q->retry, txq_retry);
	atomic_inc(&nm_emul_live);
	return q;
}

void nm_emul_txq_end(struct nm_emul_txq *q)
{
	WRITE_ONCE(q->ended, true);
	cancel_delayed_work_sync(&q->retry);
	if (atomic_read(&q->flying)) {
		/* the ring's user holds the module: this cannot fail */
		__module_get(THIS_MODULE);
		q->pinned = true;
	}
	txq_put(q);
}

/*
 * The module is held while a queue that has ended has packets; what is waited
 * for are destructors that are on their last instructions.
 */
void nm_emul_tx_exit(void)
{
	wait_event(nm_emul_gone, !atomic_read(&nm_emul_live));
	synchronize_rcu();
}

/* Any context in which packets are freed. */
static void packet_done(struct sk_buff *skb)
{
	struct nm_emul_txq *q = skb_shinfo(skb)->destructor_arg;

	rcu_read_lock();
	/* pairs with nm_emul_in_flight(): a full barrier on both sides */
	if (atomic_dec_return(&q->flying) <= READ_ONCE(q->wake_at))
		txq_notify(q);
	txq_put(q);
	rcu_read_unlock();
}

u32 nm_emul_in_flight(struct nm_emul_txq *q)
{
	WRITE_ONCE(q->wake_at, atomic_read(&q->flying) / 2);
	smp_mb();
	return atomic_read(&q->flying);
}

static struct sk_buff *packet_new(struct net_device *dev, u32 queue,
				  struct nm_emul_txq *q,
				  const struct nm_frames *f, u32 i)
{
	struct sk_buff *skb = nm_nic_skb_new(dev, f, i);

	if (!skb)
		return NULL;
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb_reset_mac_len(skb);
	skb->protocol = eth_hdr(skb)->h_proto;
	skb_set_queue_mapping(skb, queue);
	skb_shinfo(skb)->destructor_arg = q;
	skb->destructor = packet_done;
	refcount_inc(&q->refs);
	atomic_inc(&q->flying);
	return skb;
}

/* Packets of a batch, made before the driver is locked. */
struct batch {
	u32 n;
	u32 max;			/* longest frame */
	struct sk_buff *skb[NM_OUT_FRAMES];	/* NULL: too long */
};

static void batch_make(struct net_device *dev, u32 queue,
		       struct nm_emul_txq *q, const struct nm_frames *f,
		       struct batch *b)
{
	b->max = dev->mtu + dev->hard_header_len + VLAN_HLEN;
	for (b->n = 0; b->n < f->n; b->n++) {
		b->skb[b->n] = NULL;
		if (f->frame[b->n].len > b->max)
			continue;
		if (atomic_read(&q->flying) >= q->max)
			break;
		b->skb[b->n] = packet_new(dev, queue, q, f, b->n);
		if (!b->skb[b->n])
			break;		/* no memory now: later */
	}
}

static bool has_more(const struct batch *b, u32 k)
{
	while (k < b->n && !b->skb[k])
		k++;
	return k < b->n;
}

/* Hand them over until the driver has enough; return how many are done with. */
static u32 batch_send(struct net_device *dev, struct netdev_queue *txq,
		      struct batch *b)
{
	u32 k;

	for (k = 0; k < b->n; k++) {
		if (!b->skb[k])
			continue;
		if (netif_xmit_frozen_or_drv_stopped(txq))
			break;
		if (!dev_xmit_complete(netdev_start_xmit(b->skb[k], dev, txq,
							 has_more(b, k + 1))))
			break;
		b->skb[k] = NULL;
	}
	return k;
}

static u32 transmit(struct nm_nic *nic, struct net_device *dev, u32 i,
		    struct nm_emul_txq *q, const struct nm_frames *f)
{
	u32 queue = i % max(dev->real_num_tx_queues, 1u), done, k;
	struct netdev_queue *txq = netdev_get_tx_queue(dev, queue);
	struct batch b;

	if (netif_xmit_frozen_or_drv_stopped(txq))
		return 0;
	batch_make(dev, queue, q, f, &b);
	local_bh_disable();
	HARD_TX_LOCK(dev, txq, smp_processor_id());
	done = batch_send(dev, txq, &b);
	HARD_TX_UNLOCK(dev, txq);
	local_bh_enable();
	for (k = 0; k < done; k++)
		if (f->frame[k].len > b.max)
			nm_nic_drop(nic, i, NM_DROP_TOO_LONG);
	for (k = done; k < b.n; k++)
		kfree_skb(b.skb[k]);
	return done;
}

u32 nm_emul_send(struct nm_nic *nic, u32 i, struct nm_emul_txq *q,
		 const struct nm_frames *f)
{
	struct net_device *dev = rcu_dereference(nic->dev);
	u32 n, k;

	if (!dev || !q) {
		for (k = 0; k < f->n; k++)
			nm_nic_drop(nic, i, NM_DROP_RX_OFF);
		return f->n;
	}
	/* an event tells when that is over */
	if (!netif_running(dev) || !netif_carrier_ok(dev))
		return 0;
	n = transmit(nic, dev, i, q, f);
	if (n < f->n && !atomic_read(&q->flying))
		schedule_delayed_work(&q->retry, 1);
	return n;
}
