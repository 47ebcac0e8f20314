/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Connecting a port of a switch with an interface: see wire.h.
 */
#include "engine/wire.h"
#include "engine/bind.h"
#include "engine/engine_priv.h"

void nm_wire_ends(const struct nm_port *p, uint32_t k, struct nm_selection *s)
{
	s->first[0] = k ? p->geo.rx_rings : 0;
	s->n[0] = k ? p->geo.host_rx_rings : p->geo.rx_rings;
	s->first[1] = k ? p->geo.tx_rings : 0;
	s->n[1] = k ? p->geo.host_tx_rings : p->geo.tx_rings;
}

static struct nm_ring *ring_at(const struct nm_port *p, uint32_t dir, uint32_t i)
{
	return dir ? nm_port_tx(p, i) : nm_port_rx(p, i);
}

void nm_wire_use(struct nm_port *p, const struct nm_selection *s, int on)
{
	uint32_t dir, i;

	for (dir = 0; dir < 2; dir++) {
		for (i = s->first[dir]; i < s->first[dir] + s->n[dir]; i++) {
			if (on)
				nm_ring_use(ring_at(p, dir, i));
			else
				nm_ring_unuse(ring_at(p, dir, i));
		}
	}
}

int nm_wire_take(struct nm_file *f, struct nm_port *p,
		 const struct nm_selection *s)
{
	int error;

	error = p->kind->first(f, p, 1);
	if (!error)
		error = nm_rings_open(f, p, s);
	if (error)
		return error;
	nm_wire_use(p, s, 1);
	error = p->kind->mode(f, p);
	if (!error)
		return 0;
	nm_wire_use(p, s, 0);
	nm_rings_close(p, s);
	return error;
}

void nm_wire_release(struct nm_file *f, struct nm_port *p,
		     const struct nm_selection *s)
{
	nm_wire_use(p, s, 0);
	p->kind->mode(f, p);
	nm_rings_close(p, s);
}

static int set_sink(struct nm_ring *r, enum nm_sink sink, struct nm_ring *to)
{
	struct nm_engine *e = r->port->e;
	struct nm_pring *pr = nm_pring_at(&e->pl, r->idx);
	int error;

	nm_store32(&pr->sink_ring, to->idx);
	nm_store32_rel(&pr->sink, sink);
	error = e->ops->drive(e, r->idx, 1);
	if (error)
		nm_store32(&pr->sink, NM_SINK_NONE);
	return error;
}

static void clear_sink(struct nm_ring *r)
{
	struct nm_engine *e = r->port->e;
	struct nm_pring *pr = nm_pring_at(&e->pl, r->idx);

	if (nm_load32(&pr->sink) == NM_SINK_NONE)
		return;
	e->ops->drive(e, r->idx, 0);
	nm_store32(&pr->sink, NM_SINK_NONE);
}

/* Closed transmit rings have no slots, but a name in the plane. */
static void name_tx(const struct nm_port *w)
{
	uint32_t i;

	for (i = 0; i < w->geo.tx_rings; i++) {
		struct nm_pring *pr = nm_pring_at(&w->e->pl,
						  nm_port_tx(w, i)->idx);

		memset(pr, 0, sizeof(*pr));
		pr->gen = nm_port_tx(w, i)->gen;
		pr->dir = 1;
		pr->port = w->idx;
		pr->idx = i;
	}
}

int nm_wire_connect(struct nm_port *w, struct nm_port *p, uint32_t k)
{
	struct nm_selection s;
	uint32_t i;
	int error = 0;

	name_tx(w);
	nm_wire_ends(p, k, &s);
	for (i = 0; i < s.n[0] && !error; i++)
		error = set_sink(nm_port_rx(p, s.first[0] + i), NM_SINK_SWITCH,
				 nm_port_tx(w, i));
	for (i = 0; i < s.n[1] && !error; i++)
		error = set_sink(nm_port_rx(w, i), NM_SINK_OUT,
				 nm_port_tx(p, s.first[1] + i));
	return error;
}

void nm_wire_disconnect(struct nm_port *w, struct nm_port *p, uint32_t k)
{
	struct nm_selection s;
	uint32_t i;

	nm_wire_ends(p, k, &s);
	for (i = 0; i < s.n[0]; i++)
		clear_sink(nm_port_rx(p, s.first[0] + i));
	for (i = 0; i < s.n[1]; i++)
		clear_sink(nm_port_rx(w, i));
}
