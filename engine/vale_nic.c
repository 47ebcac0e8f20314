/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Interfaces on switches.
 *
 * The interface's port is taken as if a program had bound all its rings, and
 * gets one or two ports on the switch, its wires: one for the interface, and
 * one for its host if that was asked for: vale0:eth0 and vale0:eth0^.  How they
 * are connected with the interface is in wire.h.
 */
#include "engine/nic.h"
#include "engine/bind.h"
#include "engine/engine_priv.h"
#include "engine/file.h"
#include "engine/vale.h"
#include "engine/wire.h"

/* --- wires ------------------------------------------------------------------- */

/* Nothing moves any more; the wire is off its switch and gone. */
static void wire_cut(struct nm_port *w, uint32_t k)
{
	struct nm_selection mine = { { 0, 0 }, { w->geo.rx_rings, 0 } };
	struct nm_port *p = w->inner;

	nm_wire_disconnect(w, p, k);
	if (w->sw)
		nm_switch_leave(w);
	nm_wire_use(w, &mine, 0);
	nm_rings_close(w, &mine);
	p->wire[k] = NULL;
	w->inner = NULL;
	nm_port_put(w);
	nm_port_put(p);
}

/* A port of its own, with open receive rings, on no switch yet. */
static int wire_new(struct nm_file *f, struct nm_port *p, uint32_t k,
		    const char *name, struct nm_port **out)
{
	struct nm_selection s, mine;
	struct nm_geometry geo = { 0 };
	struct nm_port *w;
	int error;

	nm_wire_ends(p, k, &s);
	geo.rx_rings = s.n[1];
	geo.tx_rings = s.n[0];
	geo.rx_slots = p->geo.tx_slots;
	geo.tx_slots = p->geo.rx_slots;
	nm_region_get(p->region);
	error = nm_port_new(f, &nm_wire_kind, name, &geo, p->region, &w);
	if (error) {
		nm_region_put(p->region);
		return error;
	}
	mine = (struct nm_selection){ { 0, 0 }, { geo.rx_rings, 0 } };
	error = nm_rings_open(f, w, &mine);
	if (error) {
		nm_port_put(w);
		return error;
	}
	nm_wire_use(w, &mine, 1);
	nm_port_ref(p);
	w->inner = p;
	p->wire[k] = w;
	*out = w;
	return 0;
}

static int wire_join(struct nm_file *f, struct nm_port *w, const char *switch_name)
{
	struct nm_switch *sw;
	int error;

	error = nm_switch_get(f->e, f->cred.ns_id, switch_name, &sw);
	if (error)
		return nm_fail(f, ENOMEM, "no memory for another switch (%s)",
			       switch_name);
	error = nm_switch_join(sw, w);
	if (!error) {
		nm_port_hash(w);
		return 0;
	}
	nm_switch_put(sw);
	return nm_fail(f, ENOMEM,
		       "switch %s has no free position for %s, or memory is short",
		       switch_name, w->name);
}

static int wire_make(struct nm_file *f, struct nm_port *p, uint32_t k,
		     const struct nm_name *name)
{
	char full[NETMAP_REQ_IFNAMSIZ];
	struct nm_port *w;
	int error;

	snprintf(full, sizeof(full), "%.*s%s", (int)sizeof(full) - 2,
		 name->full, k ? "^" : "");
	error = wire_new(f, p, k, full, &w);
	if (error)
		return error;
	error = wire_join(f, w, name->base);
	if (!error && nm_wire_connect(w, p, k))
		error = nm_fail(f, ENOMEM, "no memory to attach %s", w->name);
	if (error)
		wire_cut(w, k);
	return error;
}

static int wire_mode_ok(struct nm_file *f, struct nm_port *w, uint32_t mode)
{
	return nm_fail(f, EBUSY,
		       "%s is an interface that is attached to the switch: a program cannot bind it, open another port of the switch",
		       w->name);
}

const struct nm_port_kind nm_wire_kind = {
	.name = "attached",
	.plane = NM_PLANE_VALE,
	.mode_ok = wire_mode_ok,
	.hide = nm_vale_hide,
};

/* --- requests ---------------------------------------------------------------- */

static int check_request(struct nm_file *f, const struct nm_name *name,
			 const struct nmreq_register *reg)
{
	if (!f->e->ops || !f->e->ops->nic || !f->e->ops->drive)
		return nm_fail(f, EINVAL,
			       "there is no port %s to attach in this home: make one with vale-ctl -n %s",
			       name->id, name->id);
	if (reg->nr_ringid || (reg->nr_mode != NR_REG_ALL_NIC &&
			       reg->nr_mode != NR_REG_NIC_SW))
		return nm_fail(f, EINVAL,
			       "an interface is attached with all its rings: nr_mode ALL_NIC, or NIC_SW with its host, and nr_ringid 0");
	return nm_switch_may(f, nm_switch_find(f->e, f->cred.ns_id, name->base),
			     "attaches");
}

static int check_port(struct nm_file *f, const struct nm_port *p, int host)
{
	if (p->vif_of)
		return nm_fail(f, EBUSY,
			       "%s is the interface of a persistent port: attach that, where it was made",
			       p->name);
	if (p->wire[0])
		return nm_fail(f, EBUSY, "%s is on switch %s: detach it first",
			       p->name, p->wire[0]->sw->name);
	if (p->refs - p->n_dying > 1)	/* the first is ours */
		return nm_fail(f, EBUSY,
			       "%s is open, or has pipes: attach it before programs open it",
			       p->name);
	if (host && !p->geo.host_rx_rings)
		return nm_fail(f, EINVAL, "port %s has no host rings", p->name);
	return 0;
}

/* All rings of the interface, or the hardware's only. */
static void taken_rings(const struct nm_port *p, int host,
			struct nm_selection *s)
{
	nm_wire_ends(p, 0, s);
	if (host) {
		s->n[0] += p->geo.host_rx_rings;
		s->n[1] += p->geo.host_tx_rings;
	}
}

static int attach(struct nm_file *f, const struct nm_name *name,
		  struct nm_port *p, int host)
{
	struct nm_selection s;
	int error;

	taken_rings(p, host, &s);
	error = nm_wire_take(f, p, &s);
	if (error)
		return error;
	error = wire_make(f, p, 0, name);
	if (!error && host) {
		error = wire_make(f, p, 1, name);
		if (error)
			wire_cut(p->wire[0], 0);
	}
	if (error)
		nm_wire_release(f, p, &s);
	return error;
}

int nm_nic_attach(struct nm_file *f, const struct nm_name *name,
		  const struct nmreq_register *reg, uint32_t *pos)
{
	int host = reg->nr_mode == NR_REG_NIC_SW;
	struct nm_want w = {
		.text = name->id, .mode = reg->nr_mode, .create = 1,
		.mem_id = reg->nr_mem_id,
	};
	struct nm_port *p;
	int error;

	error = check_request(f, name, reg);
	if (error)
		return error;
	error = nm_nic_get(f, &w, &p);
	if (error)
		return error == -ENXIO ? -EINVAL : error;
	error = check_port(f, p, host);
	if (!error)
		error = attach(f, name, p, host);
	if (error) {
		nm_port_put(p);
		return error;
	}
	*pos = p->wire[0]->pos;
	return 0;
}

static void detach(struct nm_port *p)
{
	struct nm_selection s;
	int host = p->wire[1] != NULL;

	nm_nic_poll_stop(p->wire[0]);
	taken_rings(p, host, &s);
	if (host)
		wire_cut(p->wire[1], 1);
	wire_cut(p->wire[0], 0);
	nm_wire_release(NULL, p, &s);
	nm_port_put(p);
}

void nm_nic_detach(struct nm_port *wire)
{
	detach(wire->inner);
}

void nm_engine_detach_nics(struct nm_engine *e)
{
	struct nm_port *p, *next;

	nm_engine_lock(e);
	for (p = e->nics; p; p = next) {
		next = p->nic_next;
		if (p->wire[0])
			detach(p);
	}
	nm_engine_unlock(e);
}
