/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Rings of native ports, between the plane and drivers.
 *
 * The positions of a ring are those of the plane; a kring has copies during a
 * sync, and for the driver's own use.  Whoever changes them outside a sync
 * (netmap_reset) does so while the ring is locked and nobody is inside.
 *
 * Krings exist while some ring is in netmap mode.  They are found without a
 * lock, by interrupts and by senders; those run under RCU or with preemption
 * off, and krings go a grace period after they were hidden.
 *
 * Locks: RTNL for everything that is not marked otherwise.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "engine/os.h"
#include "os/linux/native.h"

DEFINE_STATIC_KEY_FALSE(netmap_native_key);
EXPORT_SYMBOL(netmap_native_key);

/* --- into and out of netmap mode ------------------------------------------- */

static struct nm_pring *pring_of(const struct netmap_kring *k)
{
	return nm_pring_at(nm_dev_plane(), k->plane_ring);
}

static void kring_init(struct nm_native *nt, struct netmap_kring *k,
		       enum txrx tx, u32 i)
{
	k->na = &nt->na;
	k->tx = tx;
	k->ring_id = i;
	k->plane_ring = tx ? nm_nic_tx_ring(nt->nic, i) :
		nm_nic_rx_ring(nt->nic, i);
}

static void krings_hide(struct nm_native *nt)
{
	WRITE_ONCE(nt->na.tx_rings, NULL);
	WRITE_ONCE(nt->na.rx_rings, NULL);
	static_branch_dec(&netmap_native_key);
	synchronize_net();
	kvfree(nt->krings);
	nt->krings = NULL;
}

int nm_krings_make(struct nm_native *nt)
{
	struct netmap_adapter *na = &nt->na;
	struct nm_config_info c;
	u32 i;
	int error;

	/* the device may have changed since the port was made */
	error = nm_native_config(nt, &c);
	if (error)
		return error;
	if (c.num_tx_rings != nt->nic->n_tx || c.num_rx_rings != nt->nic->n_rx)
		return -EBUSY;
	nt->n_tx = na->num_tx_rings = c.num_tx_rings;
	nt->n_rx = na->num_rx_rings = c.num_rx_rings;
	nt->krings = kvcalloc(nt->n_tx + nt->n_rx, sizeof(*nt->krings),
			      GFP_KERNEL_ACCOUNT);
	if (!nt->krings)
		return -ENOMEM;
	for (i = 0; i < nt->n_tx; i++)
		kring_init(nt, &nt->krings[i], NR_TX, i);
	for (i = 0; i < nt->n_rx; i++)
		kring_init(nt, &nt->krings[nt->n_tx + i], NR_RX, i);
	static_branch_inc(&netmap_native_key);
	smp_store_release(&na->tx_rings, nt->krings);
	smp_store_release(&na->rx_rings, nt->krings + nt->n_tx);
	error = na->nm_krings_create ? na->nm_krings_create(na) : 0;
	if (error)
		krings_hide(nt);
	return error;
}

void nm_krings_drop(struct nm_native *nt)
{
	if (!nt->krings)
		return;
	if (nt->na.nm_krings_delete)
		nt->na.nm_krings_delete(&nt->na);
	krings_hide(nt);
}

/* A ring is about to be taken: where its slots are, and what fits into them. */
static int kring_prepare(struct nm_native *nt, struct netmap_kring *k)
{
	struct netmap_adapter *na = &nt->na;
	u64 target;
	struct nm_view v;
	int error;

	if (nm_view_init(nm_dev_plane(), k->plane_ring, &v))
		return -ENODEV;
	nt->bufs = v.bufs;
	k->ring = v.ring;
	k->nkr_num_slots = v.n;
	k->nr_hwcur = nm_load32(&v.r->hwcur);
	k->nr_hwtail = nm_load32(&v.r->hwtail);
	k->rhead = nm_load32(&v.r->rhead);
	k->nkr_hwofs = 0;
	target = v.bufs.size;
	if (na->rx_buf_maxsize && target > na->rx_buf_maxsize && !k->tx)
		target = na->rx_buf_maxsize;
	k->hwbuf_len = target;
	k->buf_align = 0;
	error = na->nm_bufcfg ? na->nm_bufcfg(k, target) : 0;
	if (!error && (!k->hwbuf_len || k->hwbuf_len > v.bufs.size))
		error = -EINVAL;
	/* read-only for programs */
	nm_store64((uint64_t *)&v.ring->buf_align, k->buf_align);
	return error;
}

static bool is_wanted(const struct nm_native *nt, const struct netmap_kring *k)
{
	const struct nm_nic_rings *want = &nt->nic->want;

	return test_bit(k->ring_id, k->tx ? want->tx : want->rx);
}

static void krings_forget_plan(struct nm_native *nt)
{
	struct netmap_kring *k, *end = nt->krings + nt->n_tx + nt->n_rx;

	for (k = nt->krings; k != end; k++)
		k->nr_pending_mode = k->nr_mode;
}

/* Note what each ring is to become.  Return: rings to be in netmap mode. */
int nm_krings_plan(struct nm_native *nt, bool off)
{
	struct netmap_kring *k, *end = nt->krings + nt->n_tx + nt->n_rx;
	int n = 0, error;

	for (k = nt->krings; k != end; k++) {
		k->nr_pending_mode = !off && is_wanted(nt, k);
		n += k->nr_pending_mode;
		if (!k->nr_pending_mode || k->nr_mode)
			continue;
		error = kring_prepare(nt, k);
		if (error) {
			krings_forget_plan(nt);
			return error;
		}
	}
	return n;
}

void netmap_krings_mode_commit(struct netmap_adapter *na, int onoff)
{
	struct nm_native *nt = nm_native_of(na);
	struct netmap_kring *k, *end = nt->krings + nt->n_tx + nt->n_rx;
	bool any = false;

	for (k = nt->krings; k && k != end; k++) {
		/* whoever finds it on must find what kring_prepare() set */
		smp_store_release(&k->nr_mode, k->nr_pending_mode);
		any |= k->nr_mode;
	}
	WRITE_ONCE(na->na_flags, any ? na->na_flags | NAF_NETMAP_ON :
		   na->na_flags & ~NAF_NETMAP_ON);
}
EXPORT_SYMBOL(netmap_krings_mode_commit);

void nm_set_native_flags(struct netmap_adapter *na)
{
	netmap_krings_mode_commit(na, 1);
}
EXPORT_SYMBOL(nm_set_native_flags);

void nm_clear_native_flags(struct netmap_adapter *na)
{
	netmap_krings_mode_commit(na, 0);
}
EXPORT_SYMBOL(nm_clear_native_flags);

/* Have the driver put the rings into the modes that were planned. */
int nm_krings_change(struct nm_native *nt, bool on)
{
	int error;

	error = nt->na.nm_register(&nt->na, on);
	if (error)
		krings_forget_plan(nt);
	netmap_krings_mode_commit(&nt->na, on);
	return error;
}

/* --- stop and go ---------------------------------------------------------------- */

/*
 * Rings are in netmap mode and somebody may be inside: have nobody come in,
 * and wait for who is.  Syncs cannot sleep and are not preempted.
 */
void nm_native_pause(struct nm_native *nt, u32 state)
{
	struct netmap_kring *k, *end = nt->krings + nt->n_tx + nt->n_rx;

	nm_nic_set_state(nt->nic, state);
	smp_mb();	/* pairs with the one between busy and state in own() */
	for (k = nt->krings; k && k != end; k++)
		while (k->nr_mode && nm_load32_acq(&pring_of(k)->busy))
			usleep_range(10, 50);
}

void nm_native_resume(struct nm_native *nt)
{
	nm_nic_set_state(nt->nic, NM_RING_RUN);
}

void netmap_disable_all_rings(struct net_device *ifp)
{
	struct nm_native *nt = nm_native_find(ifp);

	if (nt && nt->krings)
		nm_native_pause(nt, NM_RING_LOCKED);
}
EXPORT_SYMBOL(netmap_disable_all_rings);

void netmap_enable_all_rings(struct net_device *ifp)
{
	struct nm_native *nt = nm_native_find(ifp);

	if (nt && nt->krings)
		nm_native_resume(nt);
}
EXPORT_SYMBOL(netmap_enable_all_rings);

struct netmap_slot *netmap_reset(struct netmap_adapter *na, enum txrx tx,
				 u32 n, u32 cur)
{
	struct nm_native *nt = nm_native_of(na);
	struct netmap_kring *k;
	struct nm_pring *r;

	if (!nt->krings || n >= (tx ? nt->n_tx : nt->n_rx))
		return NULL;
	k = tx ? &na->tx_rings[n] : &na->rx_rings[n];
	if (!k->nr_pending_mode || cur >= k->nkr_num_slots)
		return NULL;
	r = pring_of(k);
	if (tx) {
		k->nr_hwcur = nm_load32(&r->rhead);
		k->nr_hwtail = nm_kring_prev(k, k->nr_hwcur);
		nm_store32(&r->hwcur, k->nr_hwcur);
		nm_store32(&r->hwtail, k->nr_hwtail);
		k->nkr_hwofs = cur - k->nr_hwcur;
	} else {
		k->nkr_hwofs = cur - nm_load32(&r->hwtail);
	}
	nm_nic_notify(nt->nic, tx, n);
	return k->ring->slot;
}
EXPORT_SYMBOL(netmap_reset);

/* --- interrupts ---------------------------------------------------------------- */

/* What krings_make() published first comes with them. */
struct netmap_kring *nm_native_kring(struct nm_native *nt, enum txrx tx, u32 i)
{
	struct netmap_kring *k = tx ? smp_load_acquire(&nt->na.tx_rings) :
		smp_load_acquire(&nt->na.rx_rings);

	if (!k || i >= (tx ? nt->n_tx : nt->n_rx) ||
	    !smp_load_acquire(&k[i].nr_mode))
		return NULL;
	return &k[i];
}

int netmap_irq(const struct net_device *ifp, enum txrx tx, u32 n)
{
	struct nm_native *nt = nm_native_find(ifp);
	struct nm_nic *nic;

	if (!nt || !nm_native_kring(nt, tx, n))
		return NM_IRQ_PASS;
	nic = READ_ONCE(nt->nic);
	if (!nic)
		return NM_IRQ_PASS;
	nm_nic_notify(nic, tx, n);
	return NM_IRQ_COMPLETED;
}
EXPORT_SYMBOL(netmap_irq);

/* --- slots ------------------------------------------------------------------------------ */

static bool slot_load(struct netmap_kring *k, u32 i, struct netmap_piece *p)
{
	const struct nm_bufs *b = &nm_native_of(k->na)->bufs;
	struct nm_slot_head h = nm_slot_load(&k->ring->slot[i]);

	p->buf_idx = h.buf_idx;
	p->len = h.len;
	p->flags = h.flags;
	p->addr = h.buf_idx < 2 ? NULL : nm_buf_at(b, h.buf_idx);
	return p->addr != NULL;
}

bool netmap_tx_slot(struct netmap_kring *k, u32 i, struct netmap_piece *p)
{
	const struct nm_bufs *b = &nm_native_of(k->na)->bufs;
	struct netmap_slot *s = &k->ring->slot[i];

	if (slot_load(k, i, p) && p->len <= b->size) {
		if (p->flags & (NS_REPORT | NS_BUF_CHANGED))
			nm_store16(&s->flags, p->flags &
				   ~(NS_REPORT | NS_BUF_CHANGED));
		return true;
	}
	nm_drop(pring_of(k), NM_DROP_BAD_SLOT, 1);
	return false;
}
EXPORT_SYMBOL(netmap_tx_slot);

bool netmap_rx_slot(struct netmap_kring *k, u32 i, struct netmap_piece *p)
{
	if (!slot_load(k, i, p))
		return false;
	p->len = k->hwbuf_len;
	return true;
}
EXPORT_SYMBOL(netmap_rx_slot);

void netmap_rx_done(struct netmap_kring *k, u32 i, u32 len, u16 flags)
{
	struct netmap_slot *s = &k->ring->slot[i];

	nm_slot_set(s, nm_load32(&s->buf_idx), len, flags);
}
EXPORT_SYMBOL(netmap_rx_done);

int netmap_rx_released(struct netmap_kring *k, u32 from, u32 to)
{
	struct netmap_piece p;

	for (; from != to; from = nm_kring_next(k, from))
		if (!slot_load(k, from, &p))
			return netmap_ring_reinit(k);
	return 0;
}
EXPORT_SYMBOL(netmap_rx_released);

void netmap_count(struct netmap_kring *k, u32 n, u64 bytes)
{
	nm_count64(&pring_of(k)->packets, n);
	nm_count64(&pring_of(k)->bytes, bytes);
}
EXPORT_SYMBOL(netmap_count);

void netmap_drop(struct netmap_kring *k, enum nm_drop reason, u32 n)
{
	nm_drop(pring_of(k), reason, n);
}
EXPORT_SYMBOL(netmap_drop);
