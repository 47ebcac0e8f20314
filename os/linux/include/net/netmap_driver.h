/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * netmap_driver.h - what a network driver needs to hand its rings to netmap
 *
 * A driver has a native port when it lets netmap use its hardware rings
 * instead of its own packet path.  It stays a driver in all else: probing,
 * resets, link, statistics.  doc/driver-guide.md walks through one.
 *
 * 1. Say that you can, when the interface is registered:
 *
 *	struct netmap_adapter na = {
 *		.ifp = netdev,
 *		.num_tx_rings = .., .num_rx_rings = ..,
 *		.num_tx_desc = .., .num_rx_desc = ..,
 *		.nm_register = foo_netmap_register,
 *		.nm_txsync = foo_netmap_txsync,
 *		.nm_rxsync = foo_netmap_rxsync,
 *		.driver = foo,
 *	};
 *
 *	netmap_attach(&na);		an error means: no native port
 *
 *    and when it is about to be unregistered, whoever has it open:
 *
 *	netmap_detach(netdev);
 *
 * 2. Change over.  nm_register() is called, under RTNL, whenever the set of
 *    rings in netmap mode is to change.  No sync is inside a ring meanwhile.
 *
 *	stop the device;
 *	if (on)
 *		nm_set_native_flags(na);
 *	else
 *		nm_clear_native_flags(na);
 *	start the device;	which initialises its rings, see 3
 *
 * 3. Where a ring is initialised, ask for the slots first:
 *
 *	slot = netmap_reset(na, NR_RX, i, 0);
 *	if (slot) {
 *		give all buffers but one to the device:
 *		for (j = 0; j < n; j++)
 *			nothing of your own allocated, descriptor
 *			j has slot netmap_idx_n2k(kring, j);
 *		return;
 *	}
 *	as always;
 *
 * 4. Where an interrupt or NAPI poll looks for work, ask first:
 *
 *	switch (netmap_rx_irq(netdev, i, &work)) {
 *	case NM_IRQ_PASS:	break;			go on as always
 *	case NM_IRQ_RESCHED:	return budget;
 *	default:		return napi_complete..;
 *	}
 *
 * 5. Around what stops the rings by itself (down, reset, reconfiguration):
 *
 *	netmap_disable_all_rings(netdev);	no sync is in them from here on
 *	...
 *	netmap_enable_all_rings(netdev);
 *
 * Nothing else is to be done: netmap intercepts what the stack sends, serves
 * host rings, checks the pointers of programs, waits, and wakes.
 *
 * A driver built with this needs netmap.ko to be loaded; depmod and modprobe
 * see to that.
 */
#ifndef _NET_NETMAP_DRIVER_H_
#define _NET_NETMAP_DRIVER_H_

#include <linux/jump_label.h>
#include <linux/netdevice.h>
#include <linux/types.h>
#include <net/netmap.h>

struct netmap_adapter;
struct netmap_kring;

enum txrx {
	NR_RX = 0,
	NR_TX = 1,
};

/* nr_mode */
#define NKR_NETMAP_OFF	0
#define NKR_NETMAP_ON	1

/* flags of a sync */
#define NAF_FORCE_READ		1	/* look for packets, whatever it takes */
#define NAF_FORCE_RECLAIM	2	/* reclaim what is sent */
#define NAF_CAN_FORWARD_DOWN	4	/* for netmap itself */

/* na_flags */
#define NAF_MOREFRAG	0x01	/* packets may take several slots */
#define NAF_NETMAP_ON	0x10	/* netmap's: some ring is in netmap mode */

/* What netmap_rx_irq() and netmap_tx_irq() say. */
#define NM_IRQ_PASS		0
#define NM_IRQ_COMPLETED	(-1)
#define NM_IRQ_RESCHED		(-2)

/*
 * A ring, as the driver sees it.  In a sync the slots [nr_hwcur, rhead) are
 * new to the device; the driver moves nr_hwcur up to rhead as it takes them,
 * and nr_hwtail: the first slot that is not the program's.
 *
 *	[I] while the ring is in netmap mode   [S] inside a sync   [C] control
 */
struct netmap_kring {
	struct netmap_adapter *na;	/* [I] */
	struct netmap_ring *ring;	/* [I] pointer; what it points to is
					 * shared with programs: load once */
	u32 ring_id;			/* [I] */
	enum txrx tx;			/* [I] */
	u32 nkr_num_slots;		/* [I] */
	u32 hwbuf_len;			/* [I] bytes the device may write */
	u32 buf_align;			/* [I] of addresses; a power of 2 or 0 */
	u32 nr_mode;			/* [C] NKR_NETMAP_* */
	u32 nr_pending_mode;		/* [C] what nm_register() is to make of it */
	u32 nr_hwcur;			/* [S] */
	u32 nr_hwtail;			/* [S] */
	u32 rhead;			/* [S] */
	s32 nkr_hwofs;			/* [S] device index - slot index */
	u32 plane_ring;			/* [I] netmap's */
};

/* What nm_config() answers. */
struct nm_config_info {
	u32 num_tx_rings, num_rx_rings;
	u32 num_tx_descs, num_rx_descs;
	u32 rx_buf_maxsize;		/* bytes the device writes per slot */
};

/*
 * The driver fills in the first part, as a template that netmap_attach()
 * copies.  Callbacks get the copy.
 *
 * nm_txsync and nm_rxsync run with preemption off, in softirq too, and must
 * not sleep; netmap calls them for one ring at most once at a time.  The
 * others run under RTNL and may sleep.
 */
struct netmap_adapter {
	struct net_device *ifp;
	struct device *pdev;		/* for DMA, NULL: the device has none */
	u32 na_flags;			/* NAF_MOREFRAG */
	u32 num_tx_rings, num_rx_rings;	/* 1..256; while rings are in netmap
					 * mode: how many there are */
	u32 num_tx_desc, num_rx_desc;	/* 2..4096 */
	u32 rx_buf_maxsize;		/* bytes the device writes into a slot;
					 * 0: as many as it is told */
	void *driver;			/* the driver's own */

	/*
	 * Put the rings whose nr_pending_mode is not nr_mode into it.  @onoff:
	 * whether any ring is to be in netmap mode.  Return 0 or -errno, and
	 * then all rings are as they were.  Taking rings back cannot fail.
	 */
	int (*nm_register)(struct netmap_adapter *na, int onoff);
	/*
	 * Send: take slots [nr_hwcur, rhead), or as many as there is room for;
	 * then say by nr_hwtail which are free again.  Return 0; an errno is
	 * shown to the program as EIO.  Without carrier: do nothing, return 0.
	 */
	int (*nm_txsync)(struct netmap_kring *kring, int flags);
	/*
	 * Receive: give the slots [nr_hwcur, rhead) back to the device, and
	 * move nr_hwtail behind what arrived; whole packets only.  Return 0;
	 * netmap_ring_reinit(kring) for a slot without a buffer; -errno.
	 */
	int (*nm_rxsync)(struct netmap_kring *kring, int flags);
	/*
	 * How things are now, for devices that can be reconfigured; called
	 * while no ring is in netmap mode.  NULL: as in the template.
	 */
	int (*nm_config)(struct netmap_adapter *na, struct nm_config_info *info);
	/*
	 * Choose kring->hwbuf_len, at most @target, and buf_align, for a ring
	 * about to be taken.  NULL: @target and 0.
	 */
	int (*nm_bufcfg)(struct netmap_kring *kring, u64 target);
	/*
	 * Switch interrupts, for who polls the rings instead.  May be NULL;
	 * nobody does yet.
	 */
	void (*nm_intr)(struct netmap_adapter *na, int onoff);
	/* tx_rings and rx_rings were made, and will be freed.  May be NULL. */
	int (*nm_krings_create)(struct netmap_adapter *na);
	void (*nm_krings_delete)(struct netmap_adapter *na);
	/* The copy is about to be freed.  May be NULL. */
	void (*nm_dtor)(struct netmap_adapter *na);

	/* netmap's; NULL while no ring is in netmap mode */
	struct netmap_kring *tx_rings;
	struct netmap_kring *rx_rings;
};

/* On while some native port is in netmap mode; the fast way to say no. */
DECLARE_STATIC_KEY_FALSE(netmap_native_key);

/* --- attach and detach ------------------------------------------------------- */

/**
 * netmap_attach - an interface can have a native port
 * @na: the template; copied
 *
 * Context: RTNL, the interface is registered.
 * Return: 0; -EINVAL bad template; -EBUSY attached already; -ENOMEM.
 */
int netmap_attach(const struct netmap_adapter *na);

/**
 * netmap_detach - and not any more
 *
 * Takes the rings back with nm_register(na, 0) if there are any in netmap
 * mode; programs that have them get errors from then on.  No callback runs
 * when this has returned.  Nothing if the interface is not attached.
 *
 * Context: RTNL.
 */
void netmap_detach(struct net_device *ifp);

/**
 * NA - the adapter of an interface
 * Context: RTNL or RCU.  Return: NULL when it is not attached.
 */
struct netmap_adapter *NA(const struct net_device *ifp);

/* --- changing over ------------------------------------------------------------ */

/**
 * nm_set_native_flags, nm_clear_native_flags - between stop and start
 *
 * From here on the modes of the rings are those they are to have.
 */
void nm_set_native_flags(struct netmap_adapter *na);
void nm_clear_native_flags(struct netmap_adapter *na);

/** netmap_krings_mode_commit - the same; part of the two above */
void netmap_krings_mode_commit(struct netmap_adapter *na, int onoff);

/**
 * nm_netmap_on - is some ring in netmap mode, or going to be
 * @na: NULL is fine
 */
static inline bool nm_netmap_on(const struct netmap_adapter *na)
{
	return na && (READ_ONCE(na->na_flags) & NAF_NETMAP_ON);
}

/**
 * netmap_reset - the device begins at index @cur of a ring
 *
 * What was pending to be sent counts as sent; what the program has received
 * and not released stays, so only N - 1 - that many buffers can be given to
 * the device now.  The program's positions do not change; the distance between
 * its and the device's is remembered, for netmap_idx_k2n() and _n2k().  Who
 * sleeps on the ring is woken.
 *
 * Context: inside nm_register(), or with rings disabled.
 * Return: the slots, if the ring is (or is going to be) in netmap mode; NULL
 *         otherwise: initialise it as always.
 */
struct netmap_slot *netmap_reset(struct netmap_adapter *na, enum txrx tx,
				 u32 n, u32 cur);

/**
 * netmap_disable_all_rings, netmap_enable_all_rings - stop and go
 *
 * Between the two programs wait, and no sync is inside a ring.
 * Context: RTNL; disable sleeps.
 */
void netmap_disable_all_rings(struct net_device *ifp);
void netmap_enable_all_rings(struct net_device *ifp);

/* --- interrupts ---------------------------------------------------------------- */

int netmap_irq(const struct net_device *ifp, enum txrx tx, u32 n);

/**
 * netmap_rx_irq - something may have arrived on receive ring @q
 * @work: set to 1 in netmap mode, for the driver's budget
 *
 * Context: any, with RCU or bottom halves off (NAPI, interrupts, syncs).
 * Return: NM_IRQ_PASS not in netmap mode; NM_IRQ_COMPLETED nothing left to do.
 *         NM_IRQ_RESCHED: come again soon.
 */
static inline int netmap_rx_irq(const struct net_device *ifp, u32 q,
				unsigned int *work)
{
	int r = NM_IRQ_PASS;

	if (static_branch_unlikely(&netmap_native_key))
		r = netmap_irq(ifp, NR_RX, q);
	if (r != NM_IRQ_PASS)
		*work = 1;
	return r;
}

/** netmap_tx_irq - something may have been sent on transmit ring @q */
static inline int netmap_tx_irq(const struct net_device *ifp, u32 q)
{
	if (static_branch_unlikely(&netmap_native_key))
		return netmap_irq(ifp, NR_TX, q);
	return NM_IRQ_PASS;
}

/* --- inside a sync ---------------------------------------------------------------- */

static inline u32 nm_kring_next(const struct netmap_kring *kring, u32 i)
{
	return i + 1 == kring->nkr_num_slots ? 0 : i + 1;
}

static inline u32 nm_kring_prev(const struct netmap_kring *kring, u32 i)
{
	return i == 0 ? kring->nkr_num_slots - 1 : i - 1;
}

/* Slots from @from to @to. */
static inline u32 nm_kring_dist(const struct netmap_kring *kring, u32 from,
				u32 to)
{
	return to >= from ? to - from : to + kring->nkr_num_slots - from;
}

/* The device's index for a slot's, and back. */
static inline u32 netmap_idx_k2n(const struct netmap_kring *kring, u32 i)
{
	u32 n = i + kring->nkr_hwofs;	/* hwofs is in (-slots, slots) */

	if ((s32)n < 0)
		return n + kring->nkr_num_slots;
	return n < kring->nkr_num_slots ? n : n - kring->nkr_num_slots;
}

static inline u32 netmap_idx_n2k(const struct netmap_kring *kring, u32 i)
{
	u32 n = i - kring->nkr_hwofs;

	if ((s32)n < 0)
		return n + kring->nkr_num_slots;
	return n < kring->nkr_num_slots ? n : n - kring->nkr_num_slots;
}

/* A slot, loaded once and checked. */
struct netmap_piece {
	void *addr;
	u32 len;		/* sent: bytes there are; received: room */
	u32 buf_idx;
	u16 flags;		/* NS_* */
};

/**
 * netmap_tx_slot - slot @i of a transmit ring, to be sent
 *
 * Clears NS_REPORT and NS_BUF_CHANGED in the slot.
 * Return: false if it names no buffer, or more bytes than fit into it: skip
 *         it; this has been counted as a drop.
 */
bool netmap_tx_slot(struct netmap_kring *kring, u32 i, struct netmap_piece *p);

/**
 * netmap_rx_slot - the buffer of slot @i of a receive ring, to be filled
 * Return: false if it names no buffer.
 */
bool netmap_rx_slot(struct netmap_kring *kring, u32 i, struct netmap_piece *p);

/**
 * netmap_rx_done - slot @i was filled
 * @flags: NS_MOREFRAG on all slots of a packet but the last
 */
void netmap_rx_done(struct netmap_kring *kring, u32 i, u32 len, u16 flags);

/**
 * netmap_rx_released - do the slots [@from, @to) name buffers
 *
 * For the first lines of nm_rxsync, if the device is going to be told their
 * addresses.  Return: 0; netmap_ring_reinit().
 */
int netmap_rx_released(struct netmap_kring *kring, u32 from, u32 to);

/**
 * netmap_ring_reinit - what a sync returns for a ring with impossible slots
 *
 * Every slot is made harmless, and the program told by POLLERR.
 */
static inline int netmap_ring_reinit(struct netmap_kring *kring)
{
	return -EAGAIN;
}

/** netmap_count - @n packets of @bytes bytes were moved by a ring; in a sync */
void netmap_count(struct netmap_kring *kring, u32 n, u64 bytes);

/** netmap_drop - @n packets of or for a ring were dropped; any context */
void netmap_drop(struct netmap_kring *kring, enum nm_drop reason, u32 n);

#endif /* _NET_NETMAP_DRIVER_H_ */
