/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Handles of interfaces, and which of their rings are in netmap mode.
 *
 * A handle keeps a reference to its interface until that goes away for good;
 * then it is an empty hull that its port holds on to, and whose rings are
 * stopped.
 *
 * Taking rings: the backend first, then the hook into what the stack sends,
 * then their bits in nic->on; giving back: the other way round.  Who comes
 * along between is turned away by the bits, or finds a ring without users.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

#include "engine/os.h"
#include "os/linux/compat.h"
#include "os/linux/nic.h"

LIST_HEAD(nm_nics);

/* Ports of the plane that have rings in netmap mode -> handle.  [R], RCU */
static DEFINE_XARRAY(nm_nic_ports);

/* In order of preference. */
static const struct nm_nic_backend *const backends[] = {
	&nm_vif_backend,
	&nm_native_backend,
	&nm_emul_backend,
};

struct nm_nic *nm_nic_of_dev(const struct net_device *dev)
{
	struct nm_nic *nic;

	list_for_each_entry(nic, &nm_nics, node)
		if (rcu_access_pointer(nic->dev) == dev)
			return nic;
	return NULL;
}

struct nm_nic *nm_nic_of_port(u32 port)
{
	return xa_load(&nm_nic_ports, port);
}

/* --- handles ----------------------------------------------------------------- */

static bool admode_allows(u32 admode, const struct nm_nic_backend *be)
{
	if (be == &nm_vif_backend)	/* there is no other for those */
		return true;
	if (admode == 1)
		return be->class == NM_CLASS_NATIVE;
	return admode != 2 || be->class == NM_CLASS_EMULATED;
}

/* The best backend that can serve @dev; sets nic->why. */
static int choose(struct nm_nic *nic, struct net_device *dev, u32 admode,
		  char *msg)
{
	int i, error = -EOPNOTSUPP;

	snprintf(msg, NM_WHY_LEN,
		 "parameter admode is 1 and there is no native driver for %s: set it to 0",
		 dev->name);
	for (i = 0; i < ARRAY_SIZE(backends); i++) {
		if (!admode_allows(admode, backends[i]))
			continue;
		error = backends[i]->probe(dev, msg);
		if (error)
			continue;
		nic->be = backends[i];
		return 0;
	}
	return error;
}

int nm_nic_open(struct net_device *dev, u32 admode, struct nm_nic **out,
		char *msg)
{
	struct nm_nic *nic = kzalloc(sizeof(*nic), GFP_KERNEL_ACCOUNT);
	int error;

	if (!nic) {
		snprintf(msg, NM_WHY_LEN, "no memory for interface %s",
			 dev->name);
		return -ENOMEM;
	}
	error = choose(nic, dev, admode, msg);
	if (error)
		goto err_nic;
	rcu_assign_pointer(nic->dev, dev);
	error = nic->be->open(nic, msg);
	if (error)
		goto err_nic;
	snprintf(nic->why, sizeof(nic->why), "%s",
		 admode == 2 && nic->be->class == NM_CLASS_EMULATED ?
		 "parameter admode asks for the emulated class" : nic->be->why);
	netdev_hold(dev, &nic->tracker, GFP_KERNEL);
	nic->refs = 1;
	list_add(&nic->node, &nm_nics);
	*out = nic;
	return 0;
err_nic:
	kfree(nic);
	return error;
}

static int nic_get(struct nm_engine *e, const struct nm_cred *cred,
		   const char *name, uint32_t admode, struct nm_nic **out,
		   char *msg)
{
	struct net *net = cred->ns ? (struct net *)cred->ns : &init_net;
	struct net_device *dev;
	struct nm_nic *nic;
	int error = 0;

	rtnl_lock();
	dev = strlen(name) < IFNAMSIZ ? __dev_get_by_name(net, name) : NULL;
	if (!dev || dev->reg_state != NETREG_REGISTERED) {
		snprintf(msg, NM_WHY_LEN,
			 "there is no port or interface %s in this network namespace: open vale<switch>:<port>, or see ip link",
			 name);
		error = -ENXIO;
		goto out;
	}
	nic = nm_nic_of_dev(dev);
	if (nic) {
		nic->refs++;
		*out = nic;
	} else if (dev->type != ARPHRD_ETHER && dev->type != ARPHRD_LOOPBACK) {
		snprintf(msg, NM_WHY_LEN,
			 "%s is no Ethernet interface: it cannot be a port",
			 name);
		error = -EINVAL;
	} else {
		error = nm_nic_open(dev, admode, out, msg);
	}
out:
	rtnl_unlock();
	return error;
}

static void nic_put(struct nm_nic *nic)
{
	struct net_device *dev;

	if (--nic->refs > 0)
		return;
	rtnl_lock();
	list_del(&nic->node);
	nic->be->close(nic);
	dev = rtnl_dereference(nic->dev);
	if (dev)
		netdev_put(dev, &nic->tracker);
	rtnl_unlock();
	kfree_rcu(nic, rcu);
}

static int gone(char *msg)
{
	snprintf(msg, NM_WHY_LEN,
		 "the interface of this port is gone: close the port");
	return -ENXIO;
}

/* RTNL */
static int nic_read_info(struct nm_nic *nic, struct nm_nic_info *info,
			 char *msg)
{
	struct net_device *dev = rtnl_dereference(nic->dev);

	memset(info, 0, sizeof(*info));
	if (!dev)
		return gone(msg);
	info->mtu = dev->mtu;
	info->hdr_len = ETH_HLEN + VLAN_HLEN;
	info->class = nic->be->class;
	info->host_rings = nm_host_available();
	memcpy(info->why, nic->why, sizeof(info->why));
	return nic->be->info(nic, info, msg);
}

static int nic_info(struct nm_nic *nic, struct nm_nic_info *info, char *msg)
{
	int error;

	rtnl_lock();
	error = nic_read_info(nic, info, msg);
	rtnl_unlock();
	return error;
}

bool nm_nic_mtu_fits(struct nm_nic *nic)
{
	struct nm_nic_info *info = kmalloc(sizeof(*info), GFP_KERNEL);
	char *msg = kmalloc(NM_WHY_LEN, GFP_KERNEL);
	bool fits = true;

	if (info && msg && !bitmap_empty(nic->on.rx, nic->n_rx) &&
	    !nic_read_info(nic, info, msg))
		fits = nm_nic_frame_fits(info, nic->buf_size);
	kfree(info);
	kfree(msg);
	return fits;
}

/* --- mode -------------------------------------------------------------------- */

static bool rings_equal(const struct nm_nic_rings *a,
			const struct nm_nic_rings *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static bool rings_empty(const struct nm_nic_rings *r)
{
	return bitmap_empty(r->rx, NM_NIC_RX_MAX) &&
		bitmap_empty(r->tx, NM_NIC_RX_MAX);
}

static void rings_of_port(const struct nm_port *p, struct nm_nic_rings *r)
{
	u32 i;

	memset(r, 0, sizeof(*r));
	for (i = 0; i < nm_port_n_rx(p); i++)
		if (nm_ring_is_taken(nm_port_rx(p, i)))
			set_bit(i, r->rx);
	for (i = 0; i < nm_port_n_tx(p); i++)
		if (nm_ring_is_taken(nm_port_tx(p, i)))
			set_bit(i, r->tx);
}

/* Bits of both sets. */
static void rings_and(struct nm_nic_rings *to, const struct nm_nic_rings *a,
		      const struct nm_nic_rings *b)
{
	bitmap_and(to->rx, a->rx, b->rx, NM_NIC_RX_MAX);
	bitmap_and(to->tx, a->tx, b->tx, NM_NIC_RX_MAX);
}

/* RTNL; nic->want is set, nic->on is the part of it that was before. */
static int change(struct nm_nic *nic, char *msg)
{
	int error;

	error = nic->be->mode(nic, msg);
	if (error)
		return error;
	error = nm_host_hook(nic, !bitmap_empty(nic->want.tx, nic->n_tx), msg);
	if (!error) {
		nic->on = nic->want;
		return 0;
	}
	nic->want = nic->on;
	nic->be->mode(nic, msg);
	return error;
}

/* The interface is gone: rings can only be given back. */
static int change_gone(struct nm_nic *nic, char *msg)
{
	return rings_equal(&nic->want, &nic->on) ? 0 : gone(msg);
}

/* Rings of a port that has none yet. */
static int port_begin(struct nm_nic *nic, const struct nm_port *p, char *msg)
{
	int error;

	nic->port = p->idx;
	nic->ring0 = p->ring0;
	nic->n_rx = p->geo.rx_rings;
	nic->n_tx = p->geo.tx_rings;
	nic->n_host_rx = p->geo.host_rx_rings;
	nic->n_host_tx = p->geo.host_tx_rings;
	nic->tx_slots = p->geo.tx_slots;
	nic->buf_size = p->region->bufs.size;
	error = xa_err(xa_store(&nm_nic_ports, p->idx, nic, GFP_KERNEL));
	if (error)
		snprintf(msg, NM_WHY_LEN, "no memory for port %s", p->name);
	return error;
}

static int nic_mode(struct nm_nic *nic, struct nm_port *p, char *msg)
{
	int error = 0;

	rtnl_lock();
	rings_of_port(p, &nic->want);
	if (rings_equal(&nic->want, &nic->on))
		goto out;
	if (rings_empty(&nic->on))
		error = port_begin(nic, p, msg);
	if (error)
		goto out;
	/* what is given back is not entered from here on */
	rings_and(&nic->on, &nic->on, &nic->want);
	if (rtnl_dereference(nic->dev))
		error = change(nic, msg);
	else
		error = change_gone(nic, msg);
	if (rings_empty(&nic->on))
		xa_erase(&nm_nic_ports, nic->port);
out:
	rtnl_unlock();
	return error;
}

const struct nm_nic_ops nm_linux_nic_ops = {
	.get = nic_get,
	.put = nic_put,
	.info = nic_info,
	.mode = nic_mode,
	.vif_new = nm_vif_make,
	.vif_free = nm_vif_free,
	.vif_link = nm_vif_link,
};

/* --- rings ------------------------------------------------------------------- */

/* Wakes for what a ring is for, and says that more has happened. */
static struct nm_actor nm_nic_bell = { .host = &nm_nic_bell };
static struct nm_actor nm_nic_alarm;

void nm_nic_notify(struct nm_nic *nic, bool tx, u32 i)
{
	nm_ring_notify(nm_dev_plane(), &nm_nic_bell,
		       tx ? nm_nic_tx_ring(nic, i) : nm_nic_rx_ring(nic, i));
}

void nm_ring_bell(u32 ring)
{
	nm_ring_notify(nm_dev_plane(), &nm_nic_bell, ring);
}

void nm_nic_set_state(struct nm_nic *nic, u32 state)
{
	u32 i;

	for_each_set_bit(i, nic->on.rx, NM_NIC_RX_MAX)
		nm_nic_rings_state(nm_dev_plane(), &nm_nic_alarm,
				   nm_nic_rx_ring(nic, i), 1, state);
	for_each_set_bit(i, nic->on.tx, NM_NIC_RX_MAX)
		nm_nic_rings_state(nm_dev_plane(), &nm_nic_alarm,
				   nm_nic_tx_ring(nic, i), 1, state);
}

void nm_nic_drop(const struct nm_nic *nic, u32 i, u32 why)
{
	nm_drop(nm_pring_at(nm_dev_plane(), nm_nic_tx_ring(nic, i)), why, 1);
}

/* --- what the plane asks ----------------------------------------------------- */

/* The port is gone, or no ring of it is in netmap mode any more. */
static u32 out_of_nowhere(struct nm_plane *pl, u32 port, u32 i, u32 n)
{
	struct nm_pport *pp = nm_pport_at(pl, port);

	nm_drop(nm_pring_at(pl, pp->ring0 + pp->n_rx + pp->n_host_rx + i),
		NM_DROP_RX_OFF, n);
	return n;
}

uint32_t nm_nic_frames_out(struct nm_plane *pl, struct nm_actor *me,
			   uint32_t port, uint32_t i,
			   const struct nm_frames *f)
{
	struct nm_nic *nic;
	u32 n;

	rcu_read_lock();
	nic = nm_nic_of_port(port);
	if (!nic || i >= nic->n_tx + nic->n_host_tx)
		n = out_of_nowhere(pl, port, i, f->n);
	else if (i < nic->n_tx)
		n = nic->be->frames_out(nic, i, me, f);
	else
		n = nm_host_frames_out(nic, i, f);
	rcu_read_unlock();
	return n;
}

uint32_t nm_nic_in_flight(struct nm_plane *pl, uint32_t port, uint32_t i)
{
	struct nm_nic *nic;
	u32 n = 0;

	rcu_read_lock();
	nic = nm_nic_of_port(port);
	if (nic && i < nic->n_tx && nic->be->in_flight)
		n = nic->be->in_flight(nic, i);
	rcu_read_unlock();
	return n;
}

static int nic_dev_sync(struct nm_actor *me, struct nm_view *v, u32 head,
			bool tx)
{
	u32 port = READ_ONCE(v->r->port), i = READ_ONCE(v->r->idx);
	struct nm_nic *nic;
	int error = -EIO;

	local_bh_disable();	/* drivers do not wait for memory */
	rcu_read_lock();
	nic = nm_nic_of_port(port);
	if (nic && nic->be->dev_tx)
		error = tx ? nic->be->dev_tx(nic, i, me, v, head) :
			nic->be->dev_rx(nic, i, me, v, head);
	rcu_read_unlock();
	local_bh_enable();
	return error;
}

int nm_nic_dev_tx(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		  uint32_t head)
{
	return nic_dev_sync(me, v, head, true);
}

int nm_nic_dev_rx(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		  uint32_t head)
{
	return nic_dev_sync(me, v, head, false);
}

/* --- module ------------------------------------------------------------------ */

int nm_nics_init(void)
{
	return nm_nic_events_init();
}

/* No port is left: every handle is closed. */
void nm_nics_exit(void)
{
	int i;

	nm_nic_events_exit();
	for (i = 0; i < ARRAY_SIZE(backends); i++)
		if (backends[i]->exit)
			backends[i]->exit();
	rcu_barrier();
	xa_destroy(&nm_nic_ports);
}
