/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The interface of a persistent port; see vif.h.
 */
#include "engine/vif.h"
#include "engine/engine_priv.h"
#include "engine/file.h"
#include "engine/nic.h"
#include "engine/wire.h"

int nm_vif_new(struct nm_file *f, struct nm_port *p)
{
	const struct nm_nic_ops *ops = f->e->ops ? f->e->ops->nic : NULL;
	struct nm_want w = {
		.text = p->name, .create = 1, .mem_id = p->region->id,
	};
	struct nm_nic *nic = NULL;
	int error;

	if (!ops || !ops->vif_new)
		return 0;
	error = ops->vif_new(f->e, &f->cred, p->name, &p->geo, &nic, f->msg);
	if (error || !nic)
		return error;
	error = nm_nic_port_new(f, &w, nic, &p->vif);
	if (error) {
		ops->vif_free(nic);
		ops->put(nic);
		return error;
	}
	p->vif->vif_of = p;
	return 0;
}

void nm_vif_end(struct nm_port *p)
{
	struct nm_port *n = p->vif;

	if (!n)
		return;
	nm_vif_disconnect(p);
	p->e->ops->nic->vif_free(n->nic);
	n->vif_of = NULL;
	p->vif = NULL;
	nm_port_put(n);
}

/* All rings of the interface, and the receive rings of the port. */
static void rings_of(const struct nm_port *p, struct nm_selection *vif,
		     struct nm_selection *port)
{
	nm_wire_ends(p->vif, 0, vif);
	*port = (struct nm_selection){ { 0, 0 }, { p->geo.rx_rings, 0 } };
}

static void cut(struct nm_port *p)
{
	struct nm_selection vif, port;

	rings_of(p, &vif, &port);
	nm_wire_disconnect(p, p->vif, 0);
	nm_wire_use(p, &port, 0);
	nm_rings_close(p, &port);
	nm_wire_release(NULL, p->vif, &vif);
}

static int is_dying(const struct nm_port *p)
{
	uint32_t i;

	for (i = 0; i < nm_port_n_rings(p); i++)
		if (p->rings[i].life == NM_RING_DYING)
			return 1;
	return 0;
}

/* @f takes the sentence. */
static int join(struct nm_file *f, struct nm_port *p)
{
	struct nm_selection vif, port;
	int error;

	/* rings whose last user has stopped in a sync */
	if (is_dying(p) || is_dying(p->vif))
		return -EBUSY;
	rings_of(p, &vif, &port);
	error = nm_wire_take(f, p->vif, &vif);
	if (error)
		return error;
	error = nm_rings_open(f, p, &port);
	if (error) {
		nm_wire_release(NULL, p->vif, &vif);
		return error;
	}
	nm_wire_use(p, &port, 1);
	if (!nm_wire_connect(p, p->vif, 0))
		return 0;
	cut(p);
	return -ENOMEM;
}

static int try_join(struct nm_port *p)
{
	struct nm_file *f = nm_os_alloc(sizeof(*f));
	int error;

	if (!f)
		return -ENOMEM;
	f->e = p->e;
	error = join(f, p);
	/* once: the tick tries often */
	if (error && f->msg[0] && !p->vif_waits)
		nm_os_log(NM_LOG_WARN,
			  "the interface of %s is not connected with it: %s",
			  p->name, f->msg);
	nm_os_free(f);
	return error;
}

void nm_vif_connect(struct nm_port *p)
{
	if (!p->vif || p->vif_on || p->n_files || !p->sw)
		return;
	p->vif_waits = try_join(p) != 0;
	p->vif_on = !p->vif_waits;
	if (p->vif_on)
		p->e->ops->nic->vif_link(p->vif->nic, 1);
}

void nm_vif_disconnect(struct nm_port *p)
{
	p->vif_waits = 0;
	if (!p->vif_on)
		return;
	p->vif_on = 0;
	p->e->ops->nic->vif_link(p->vif->nic, 0);
	cut(p);
}

int nm_vifs_tick(struct nm_engine *e)
{
	struct nm_port *n;
	int more = 0;

	for (n = e->nics; n; n = n->nic_next) {
		if (!n->vif_of || !n->vif_of->vif_waits)
			continue;
		nm_vif_connect(n->vif_of);
		more |= n->vif_of->vif_waits;
	}
	return more;
}
