/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Ports of network interfaces; see nic.h.
 *
 * One that is made while programs look or bind goes with the last of them.
 * It is found by the home's handle and not by its name, because the interface
 * may be called something else by now.
 */
#include "engine/nic.h"
#include "engine/engine_priv.h"
#include "engine/file.h"
#include "engine/vale.h"

static struct nm_port *nic_find(struct nm_engine *e, const struct nm_nic *nic)
{
	struct nm_port *p;

	for (p = e->nics; p && p->nic != nic; p = p->nic_next)
		;
	return p;
}

static void nic_geometry(const struct nm_nic_info *info, const struct nm_want *w,
			 struct nm_geometry *geo)
{
	geo->tx_rings = nm_clamp(info->tx_rings, 1, 1, NM_NIC_MAX_RINGS);
	geo->rx_rings = nm_clamp(info->rx_rings, 1, 1, NM_NIC_MAX_RINGS);
	geo->tx_slots = nm_clamp(info->tx_slots, NM_DEFAULT_SLOTS, 2,
				 NM_MAX_SLOTS);
	geo->rx_slots = nm_clamp(info->rx_slots, NM_DEFAULT_SLOTS, 2,
				 NM_MAX_SLOTS);
	if (!info->host_rings)
		return;
	geo->host_tx_rings = nm_clamp(w->host_tx_rings, 1, 1, NM_NIC_MAX_HOST);
	geo->host_rx_rings = nm_clamp(w->host_rx_rings, 1, 1, NM_NIC_MAX_HOST);
}

/* Frames go through the home: in user mode no client can do that itself. */
static void set_path(struct nm_port *p)
{
	if (p->e->home != NM_HOME_USER)
		return;
	p->direct = 0;
	p->why = "the server moves the frames of interfaces";
	p->self_isolated = 1;
	p->path = NM_PATH_ISOLATED;
}

/* Takes over @nic and @info on success. */
static int nic_new(struct nm_file *f, const struct nm_want *w,
		   struct nm_nic *nic, struct nm_nic_info *info,
		   struct nm_port **out)
{
	struct nm_geometry geo = { 0 };
	struct nm_region *rg;
	struct nm_need need;
	struct nm_port *p;
	uint32_t i;
	int error;

	nic_geometry(info, w, &geo);
	need = (struct nm_need){
		geo.tx_rings + geo.host_tx_rings,
		geo.rx_rings + geo.host_rx_rings, geo.tx_slots, geo.rx_slots,
		w->n_extra < NM_EXTRA_MAX ? w->n_extra : NM_EXTRA_MAX,
	};
	error = nm_region_choose(f, w->mem_id, &need, &rg);
	if (error)
		return error;
	error = nm_port_new(f, &nm_nic_kind, w->text, &geo, rg, &p);
	if (error) {
		nm_region_put(rg);
		return error;
	}
	for (i = 0; info->own_slots && i < nm_port_n_rings(p); i++)
		if (p->rings[i].plane == NM_PLANE_NIC)
			p->rings[i].plane = NM_PLANE_DEV;
	set_path(p);
	p->nic = nic;
	p->nic_info = info;
	p->nic_next = f->e->nics;
	f->e->nics = p;
	nm_port_publish(p);
	*out = p;
	return 0;
}

int nm_nic_port_new(struct nm_file *f, const struct nm_want *w,
		    struct nm_nic *nic, struct nm_port **out)
{
	struct nm_nic_info *info = nm_os_alloc(sizeof(*info));
	int error;

	if (info)
		error = f->e->ops->nic->info(nic, info, f->msg);
	else
		error = nm_fail(f, ENOMEM, "no memory for port %s", w->text);
	if (!error)
		error = nic_new(f, w, nic, info, out);
	if (error)
		nm_os_free(info);
	return error;
}

int nm_nic_get(struct nm_file *f, const struct nm_want *w,
	       struct nm_port **out)
{
	struct nm_engine *e = f->e;
	const struct nm_nic_ops *ops = e->ops ? e->ops->nic : NULL;
	struct nm_nic *nic;
	struct nm_port *p;
	int error;

	if (!ops || !w->text[0])
		return nm_fail(f, ENXIO,
			       "no port or interface %s in this home: open vale<switch>:<port>, or make a persistent port with vale-ctl -n %s",
			       w->text[0] ? w->text : "with an empty name",
			       w->text);
	error = ops->get(e, &f->cred, w->text, e->params.admode, &nic, f->msg);
	if (error)
		return error;
	p = nic_find(e, nic);
	if (p) {
		ops->put(nic);
		nm_port_ref(p);
		*out = p;
		return 0;
	}
	if (w->create) {
		error = nm_nic_port_new(f, w, nic, out);
		if (error)
			ops->put(nic);
		return error;
	}
	ops->put(nic);
	return nm_fail(f, ENXIO, "interface %s is not open in netmap mode",
		       w->text);
}

static int nic_mode_ok(struct nm_file *f, struct nm_port *p, uint32_t mode)
{
	if (p->vif_of)
		return nm_fail(f, EBUSY,
			       "%s is the interface of a persistent port: open that, where it was made",
			       p->name);
	if (p->wire[0])
		return nm_fail(f, EBUSY,
			       "%s is attached to switch %s: detach it first",
			       p->name, p->wire[0]->sw->name);
	if (mode == NR_REG_NULL)
		return nm_fail(f, EINVAL, "port %s is not a null port", p->name);
	return 0;
}

/* Do frames as long as the interface takes them fit into our buffers? */
static int check_mtu(struct nm_file *f, const struct nm_port *p,
		     const struct nm_nic_info *info)
{
	uint32_t frame = info->mtu + info->hdr_len;
	uint32_t size = p->region->bufs.size;

	if (!info->rx_max)
		return nm_fail(f, EIO,
			       "the driver of %s does not say how much it writes into a buffer",
			       p->name);
	if (nm_nic_frame_fits(info, size))
		return 0;
	return nm_fail(f, EINVAL,
		       "%s has an MTU of %u, so frames of %u bytes, and buffers have %u: set its MTU to at most %u, or parameter buf_size to %u and use a new region",
		       p->name, info->mtu, frame, size,
		       size > info->hdr_len ? size - info->hdr_len : 0, frame);
}

static int nic_first(struct nm_file *f, struct nm_port *p, int rx)
{
	struct nm_nic_info *info = nm_os_alloc(sizeof(*info));
	struct nm_geometry geo = { 0 };
	struct nm_want w = {
		.host_tx_rings = p->geo.host_tx_rings,
		.host_rx_rings = p->geo.host_rx_rings,
	};
	int error;

	if (!info)
		return nm_fail(f, ENOMEM, "no memory for port %s", p->name);
	error = f->e->ops->nic->info(p->nic, info, f->msg);
	if (error)
		goto out;
	nic_geometry(info, &w, &geo);
	if (memcmp(&geo, &p->geo, sizeof(geo)))
		error = nm_fail(f, EBUSY,
				"the rings of %s have changed since it was opened: close the pipes and programs that use it",
				p->name);
	else if (rx)
		error = check_mtu(f, p, info);
out:
	nm_os_free(info);
	return error;
}

static int nic_mode(struct nm_file *f, struct nm_port *p)
{
	/* giving back cannot fail, and may be nobody's request */
	return p->e->ops->nic->mode(p->nic, p, f ? f->msg : NULL);
}

static void nic_hide(struct nm_port *p)
{
	struct nm_port **pp;

	for (pp = &p->e->nics; *pp != p; pp = &(*pp)->nic_next)
		;
	*pp = p->nic_next;
}

static void nic_fini(struct nm_port *p)
{
	p->e->ops->nic->put(p->nic);
	nm_os_free(p->nic_info);
}

void nm_nic_rings_state(struct nm_plane *pl, struct nm_actor *me,
			uint32_t first, uint32_t n, uint32_t state)
{
	for (; n > 0; first++, n--) {
		nm_store32_rel(&nm_pring_at(pl, first)->state, state);
		nm_ring_notify(pl, me, first);
	}
}

const struct nm_port_kind nm_nic_kind = {
	.name = "nic",
	.plane = NM_PLANE_NIC,
	.mode_ok = nic_mode_ok,
	.first = nic_first,
	.mode = nic_mode,
	.hide = nic_hide,
	.fini = nic_fini,
};
