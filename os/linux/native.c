/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The native backend: rings of drivers that hand them over.
 *
 * A driver says netmap_attach() when its interface is registered; that makes
 * a struct nm_native, which the driver knows as its struct netmap_adapter.
 * When the driver has said netmap_detach() nothing of it is called any more;
 * the struct lives on as long as the handle of the interface (nic.h), if there
 * is one.
 *
 *   attach --> idle --first ring taken--> on --last given back--> idle
 *                \                        /
 *                 +------- detach -------+--> dead --handle closed--> freed
 *
 * Locks: RTNL for everything that is not marked otherwise.
 */
#include <linux/hashtable.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "engine/os.h"
#include "os/linux/native.h"

#define NM_NATIVE_BITS	6

static DEFINE_HASHTABLE(nm_natives, NM_NATIVE_BITS);

struct nm_native *nm_native_find(const struct net_device *dev)
{
	struct nm_native *nt;

	hash_for_each_possible_rcu(nm_natives, nt, node, (unsigned long)dev,
				   lockdep_rtnl_is_held())
		if (nt->na.ifp == dev)
			return nt;
	return NULL;
}

struct netmap_adapter *NA(const struct net_device *ifp)
{
	struct nm_native *nt = nm_native_find(ifp);

	return nt ? &nt->na : NULL;
}
EXPORT_SYMBOL(NA);

/* --- the backend ------------------------------------------------------------------ */

static int native_probe(struct net_device *dev, char *msg)
{
	struct nm_native *nt = nm_native_find(dev);

	if (nt && !nt->dead)
		return 0;
	snprintf(msg, NM_WHY_LEN,
		 "the driver of %s has no native support: set the parameter admode to 0",
		 dev->name);
	return -EOPNOTSUPP;
}

static int native_open(struct nm_nic *nic, char *msg)
{
	struct nm_native *nt = nm_native_find(rtnl_dereference(nic->dev));

	nt->refs++;
	nic->priv = nt;
	WRITE_ONCE(nt->nic, nic);
	return 0;
}

static void native_put(struct nm_native *nt)
{
	if (--nt->refs == 0)
		kfree(nt);
}

static void native_close(struct nm_nic *nic)
{
	struct nm_native *nt = nic->priv;

	nm_krings_drop(nt);
	WRITE_ONCE(nt->nic, NULL);
	synchronize_net();
	native_put(nt);
}

static bool is_config_good(const struct nm_config_info *c)
{
	return c->num_tx_rings && c->num_tx_rings <= NM_NIC_MAX_RINGS &&
		c->num_rx_rings && c->num_rx_rings <= NM_NIC_MAX_RINGS &&
		c->num_tx_descs >= 2 && c->num_tx_descs <= NM_MAX_SLOTS &&
		c->num_rx_descs >= 2 && c->num_rx_descs <= NM_MAX_SLOTS;
}

int nm_native_config(struct nm_native *nt, struct nm_config_info *c)
{
	const struct netmap_adapter *na = &nt->na;
	int error;

	c->num_tx_rings = na->num_tx_rings;
	c->num_rx_rings = na->num_rx_rings;
	c->num_tx_descs = na->num_tx_desc;
	c->num_rx_descs = na->num_rx_desc;
	c->rx_buf_maxsize = na->rx_buf_maxsize;
	error = na->nm_config ? na->nm_config(&nt->na, c) : 0;
	if (!error && !is_config_good(c))
		error = -EINVAL;
	return error;
}

static int detached(char *msg)
{
	snprintf(msg, NM_WHY_LEN,
		 "the driver of this interface has let go of it: close the port");
	return -ENXIO;
}

static int native_info(struct nm_nic *nic, struct nm_nic_info *info, char *msg)
{
	struct nm_native *nt = nic->priv;
	struct nm_config_info c;
	int error;

	if (nt->dead)
		return detached(msg);
	error = nm_native_config(nt, &c);
	if (error) {
		snprintf(msg, NM_WHY_LEN,
			 "the driver of %s says that it cannot be used as it is configured",
			 nt->na.ifp->name);
		return error;
	}
	info->tx_rings = c.num_tx_rings;
	info->rx_rings = c.num_rx_rings;
	info->tx_slots = c.num_tx_descs;
	info->rx_slots = c.num_rx_descs;
	info->own_slots = 1;
	info->rx_max = c.rx_buf_maxsize ? c.rx_buf_maxsize : U16_MAX;
	info->multi = (nt->na.na_flags & NAF_MOREFRAG) != 0;
	return 0;
}

/* Does the handle only give rings back? */
static bool rings_are_kept(const struct nm_nic *nic)
{
	return bitmap_subset(nic->want.rx, nic->on.rx, NM_NIC_RX_MAX) &&
		bitmap_subset(nic->want.tx, nic->on.tx, NM_NIC_RX_MAX);
}

static bool wants_hardware(const struct nm_nic *nic)
{
	return !bitmap_empty(nic->want.rx, nic->n_rx) ||
		!bitmap_empty(nic->want.tx, nic->n_tx);
}

static int native_mode(struct nm_nic *nic, char *msg)
{
	struct nm_native *nt = nic->priv;
	int error = 0, n;

	if (nt->dead)
		return rings_are_kept(nic) ? 0 : detached(msg);
	if (!nt->krings && !wants_hardware(nic))
		return 0;
	if (!nt->krings)
		error = nm_krings_make(nt);
	if (error)
		goto out;
	n = nm_krings_plan(nt, false);
	if (n < 0) {
		error = n;
	} else {
		nm_native_pause(nt, NM_RING_LOCKED);
		error = nm_krings_change(nt, n > 0);
		if (netif_running(nt->na.ifp))
			nm_native_resume(nt);
	}
	if (!nm_netmap_on(&nt->na))
		nm_krings_drop(nt);
out:
	if (error)
		snprintf(msg, NM_WHY_LEN,
			 "the driver of %s could not hand its rings over",
			 nt->na.ifp->name);
	return error;
}

/*
 * Nothing of the interface is to be touched any more, and nothing of its driver
 * is to be called: it may be unloaded while the handle lives on.
 */
static void native_let_go(struct nm_native *nt)
{
	if (nt->krings) {
		nm_native_pause(nt, NM_RING_STOPPED);
		nm_krings_plan(nt, true);
		nm_krings_change(nt, false);
	}
	WRITE_ONCE(nt->dead, true);
	nm_krings_drop(nt);
	hash_del_rcu(&nt->node);
	synchronize_net();
	if (nt->na.nm_dtor)
		nt->na.nm_dtor(&nt->na);
	native_put(nt);
}

/* The interface goes, and its driver forgot to say so. */
static void native_gone(struct nm_nic *nic)
{
	struct nm_native *nt = nic->priv;

	if (!nt->dead)
		native_let_go(nt);
}

int nm_native_sync(struct nm_nic *nic, u32 queue, enum txrx tx,
		   struct nm_actor *me, struct nm_view *v, u32 head)
{
	struct nm_native *nt = nic->priv;
	struct netmap_kring *k;
	int error, flags = 0;

	k = READ_ONCE(nt->dead) ? NULL : nm_native_kring(nt, tx, queue);
	if (!k)
		return -EIO;
	k->nr_hwcur = v->hwcur;
	k->nr_hwtail = v->hwtail;
	k->rhead = head;
	if (me->flags & NM_SYNC_FORCE)
		flags = tx ? NAF_FORCE_RECLAIM : NAF_FORCE_READ;
	error = tx ? nt->na.nm_txsync(k, flags) : nt->na.nm_rxsync(k, flags);
	v->hwcur = k->nr_hwcur;
	v->hwtail = k->nr_hwtail;
	nm_store32(&v->r->hwcur, v->hwcur);
	nm_store32(&v->r->hwtail, v->hwtail);
	return error;
}

static int native_tx(struct nm_nic *nic, u32 queue, struct nm_actor *me,
		     struct nm_view *v, u32 head)
{
	return nm_native_sync(nic, queue, NR_TX, me, v, head);
}

static int native_rx(struct nm_nic *nic, u32 queue, struct nm_actor *me,
		     struct nm_view *v, u32 head)
{
	return nm_native_sync(nic, queue, NR_RX, me, v, head);
}

const struct nm_nic_backend nm_native_backend = {
	.name = "native",
	.why = "the driver has native support",
	.class = NM_CLASS_NATIVE,
	.probe = native_probe,
	.open = native_open,
	.close = native_close,
	.info = native_info,
	.mode = native_mode,
	.gone = native_gone,
	.frames_out = nm_native_frames_out,
	.dev_tx = native_tx,
	.dev_rx = native_rx,
};

/* --- for drivers --------------------------------------------------------------------- */

int netmap_attach(const struct netmap_adapter *template)
{
	struct nm_config_info c;
	struct nm_native *nt;

	ASSERT_RTNL();
	if (!template->ifp || !template->nm_register || !template->nm_txsync ||
	    !template->nm_rxsync)
		return -EINVAL;
	if (nm_native_find(template->ifp))
		return -EBUSY;
	nt = kzalloc(sizeof(*nt), GFP_KERNEL);
	if (!nt)
		return -ENOMEM;
	nt->na = *template;
	nt->na.na_flags &= NAF_MOREFRAG;
	nt->na.tx_rings = nt->na.rx_rings = NULL;
	nt->refs = 1;
	if (nm_native_config(nt, &c)) {
		kfree(nt);
		return -EINVAL;
	}
	hash_add_rcu(nm_natives, &nt->node, (unsigned long)nt->na.ifp);
	return 0;
}
EXPORT_SYMBOL(netmap_attach);

void netmap_detach(struct net_device *ifp)
{
	struct nm_native *nt = nm_native_find(ifp);

	ASSERT_RTNL();
	if (nt)
		native_let_go(nt);
}
EXPORT_SYMBOL(netmap_detach);
