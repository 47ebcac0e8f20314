/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Pipes: two ports, made together and gone together.
 *
 *   primary "base{id"                peer "base}id"
 *     tx ring i  ---- linked with ---  rx ring i
 *     rx ring i  ---- linked with ---  tx ring i
 *
 * Any port can be the base, a VALE port or a pipe end included; if there is
 * none of that name a persistent port is made.  Rings lie in the base's
 * region and live as long as the pipe: an end that is closed and opened again
 * goes on where it was.
 *
 * Each end holds one reference to itself.  When both are down to that, the
 * pipe ends: the primary is hidden and freed like any port, and takes the
 * peer along.
 */
#include "engine/port.h"
#include "engine/bind.h"
#include "engine/engine_priv.h"
#include "engine/file.h"
#include "engine/vale.h"

#define MAX_DEPTH	8u	/* pipes on pipes on ... */

/* Make and link the rings of both ends: transmit rings own the buffers. */
static int pipe_open_rings(struct nm_port *p)
{
	struct nm_port *ends[2] = { p, p->other };
	uint32_t pass, side, i;
	int error;

	for (side = 0; side < 2; side++) {
		for (i = 0; i < ends[side]->geo.tx_rings; i++) {
			nm_port_tx(ends[side], i)->peer =
				nm_port_rx(ends[1 - side], i);
			nm_port_rx(ends[1 - side], i)->peer =
				nm_port_tx(ends[side], i);
		}
	}
	for (pass = 0; pass < 2; pass++) {
		for (side = 0; side < 2; side++) {
			struct nm_port *q = ends[side];
			uint32_t n = pass ? q->geo.rx_rings : q->geo.tx_rings;

			for (i = 0; i < n; i++) {
				error = nm_ring_open(pass ? nm_port_rx(q, i) :
						     nm_port_tx(q, i));
				if (error)
					return error;
			}
		}
	}
	return 0;
}

/* Transmit rings first: they look at the receive rings for their buffers. */
static void pipe_free_rings(struct nm_port *p)
{
	struct nm_port *ends[2] = { p, p->other };
	uint32_t pass, side, i;

	for (pass = 0; pass < 2; pass++) {
		for (side = 0; side < 2; side++) {
			struct nm_port *q = ends[side];

			for (i = 0; i < nm_port_n_rings(q); i++) {
				struct nm_ring *r = &q->rings[i];

				if (r->dir != pass && r->life != NM_RING_CLOSED)
					nm_ring_free(r);
			}
		}
	}
}

static void pipe_stop_rings(struct nm_port *p)
{
	uint32_t i;

	for (i = 0; i < nm_port_n_rings(p); i++)
		if (p->rings[i].life == NM_RING_OPEN)
			nm_ring_stop(&p->rings[i]);
}

/* What the wish of the first opener means for the primary and the peer. */
static void pipe_geometry(const struct nm_want *w, const struct nm_port *base,
			  struct nm_geometry geo[2])
{
	uint32_t tx_def = base->geo.tx_slots, rx_def = base->geo.rx_slots;

	geo[0].tx_rings = nm_clamp(w->tx_rings, 1, 1, NM_PIPE_MAX_RINGS);
	geo[0].rx_rings = nm_clamp(w->rx_rings, 1, 1, NM_PIPE_MAX_RINGS);
	geo[0].tx_slots = nm_clamp(w->tx_slots,
				   tx_def ? tx_def : NM_DEFAULT_SLOTS,
				   2, NM_MAX_SLOTS);
	geo[0].rx_slots = nm_clamp(w->rx_slots,
				   rx_def ? rx_def : NM_DEFAULT_SLOTS,
				   2, NM_MAX_SLOTS);
	geo[1].tx_rings = geo[0].rx_rings;
	geo[1].rx_rings = geo[0].tx_rings;
	geo[1].tx_slots = geo[0].rx_slots;
	geo[1].rx_slots = geo[0].tx_slots;
}

/* "base{id"; never longer than the name it was asked for by. */
static void pipe_name(char *name, const struct nm_port *base, char end,
		      const char *id)
{
	int id_len = strlen(id);

	snprintf(name, NETMAP_REQ_IFNAMSIZ, "%.*s%c%.*s",
		 NETMAP_REQ_IFNAMSIZ - 2 - id_len, base->name, end, id_len, id);
}

/* One end, not hashed yet.  Holds the region and the base. */
static int pipe_end(struct nm_file *f, struct nm_port *base, const char *id,
		    int is_peer, const struct nm_geometry *geo,
		    struct nm_port **out)
{
	char name[NETMAP_REQ_IFNAMSIZ];
	int error;

	pipe_name(name, base, is_peer ? '}' : '{', id);
	nm_region_get(base->region);
	error = nm_port_new(f, &nm_pipe_kind, name, geo, base->region, out);
	if (error) {
		nm_region_put(base->region);
		return error;
	}
	nm_port_ref(base);
	(*out)->parent = base;
	(*out)->is_peer = is_peer;
	return 0;
}

/* Throw away an end that nobody has seen. */
static void pipe_end_drop(struct nm_port *p)
{
	struct nm_port *other = p->other;

	if (other)
		other->other = NULL;
	p->other = NULL;
	nm_port_put(p);
}

/* Both ends; a reference to each, which the pipe holds on itself. */
static int pipe_new(struct nm_file *f, const struct nm_want *w,
		    struct nm_port *base, const char *id, struct nm_port **out)
{
	struct nm_geometry geo[2] = { { 0 } };
	struct nm_port *p, *q;
	int error;

	pipe_geometry(w, base, geo);
	error = pipe_end(f, base, id, 0, &geo[0], &p);
	if (error)
		return error;
	error = pipe_end(f, base, id, 1, &geo[1], &q);
	if (error) {
		pipe_end_drop(p);
		return error;
	}
	p->other = q;
	q->other = p;
	error = pipe_open_rings(p);
	if (error)
		goto err_rings;
	base->n_pipes++;
	nm_port_publish(p);
	nm_port_publish(q);
	nm_port_hash(p);
	nm_port_hash(q);
	*out = p;
	return 0;
err_rings:
	pipe_stop_rings(p);
	pipe_stop_rings(q);
	pipe_free_rings(p);
	pipe_end_drop(p);
	pipe_end_drop(q);
	return nm_fail(f, ENOMEM,
		       error == -ENOSPC ?
		       "memory region %u has no room for a pipe on %s: close other ports or choose fewer slots" :
		       "no memory in region %u for a pipe on %s",
		       base->region->id, base->name);
}

/* The end "base{id" or "base}id" that exists, or NULL. */
static struct nm_port *pipe_find(struct nm_port *base, const struct nm_name *name)
{
	char full[NETMAP_REQ_IFNAMSIZ];
	struct nm_port *p;

	pipe_name(full, base, name->end, name->id);
	p = nm_port_find(base->e, base->ns_id, &nm_pipe_kind, full);
	return p && p->parent == base ? p : NULL;
}

/* The port that the text before the separator names; made if need be. */
static int pipe_base(struct nm_file *f, const struct nm_want *w,
		     const struct nm_name *name, struct nm_port **out)
{
	struct nm_want bw = *w;
	int error;

	bw.text = name->base;
	bw.depth = w->depth + 1;
	bw.mode = NR_REG_ALL_NIC;
	bw.flags = 0;
	bw.n_extra = 0;
	if (bw.depth > MAX_DEPTH)
		return nm_fail(f, EINVAL,
			       "%s: pipes on pipes end at depth %u", w->text,
			       MAX_DEPTH);
	error = nm_port_get(f, &bw, out);
	if (error != -ENXIO || !w->create)
		return error;
	if (nm_os_if_exists(name->base, f->cred.ns))
		return error;
	if (strlen(name->base) >= NM_IFNAMSIZ)
		return nm_fail(f, ENXIO,
			       "%s: there is no port %s, and the name is too long to make one (15 characters)",
			       w->text, name->base);
	return nm_persistent_new(f, &bw, 2, out);
}

static int pipe_get(struct nm_file *f, const struct nm_want *w,
		    const struct nm_name *name, struct nm_port **out)
{
	struct nm_port *base, *p;
	int error;

	if (w->mode != NR_REG_ALL_NIC && w->mode != NR_REG_ONE_NIC)
		return nm_fail(f, EINVAL,
			       "pipe %s has no host rings: bind all rings or one (-N)",
			       w->text);
	error = pipe_base(f, w, name, &base);
	if (error)
		return error;
	p = pipe_find(base, name);
	if (p) {
		nm_port_ref(p);
		goto found;
	}
	error = w->create ? nm_port_may(f, base) :
		nm_fail(f, ENODEV, "there is no pipe %s: open one of its ends first",
			w->text);
	if (!error)
		error = pipe_new(f, w, base, name->id, &p);
	if (error)
		goto out;
	if (name->end == '}')
		p = p->other;
	nm_port_ref(p);
found:
	*out = p;
	error = 0;
out:
	nm_port_put(base);
	return error;
}

/* The other end learns that this one was closed, or opened again. */
static void pipe_bound(struct nm_port *p, int on)
{
	struct nm_port *q = p->other;
	uint32_t i, hup = !p->n_files;

	if (on ? p->n_files != 1 : p->n_files != 0)
		return;
	if (on) {
		/* who opens an end decides for it, not who made the pipe */
		p->direct = p->files->cred.direct;
		p->why = p->files->cred.why;
	}
	for (i = 0; i < nm_port_n_rings(q); i++) {
		nm_store32_rel(&nm_pring_at(&p->e->pl, q->rings[i].idx)->hup,
			       hup);
		if (hup)
			nm_ring_notify(&p->e->pl, &p->e->self,
				       q->rings[i].idx);
	}
}

/* A reference went: was it the last that did not come from the pipe? */
static void pipe_unref(struct nm_port *p)
{
	struct nm_port *q = p->other;

	if (!q || p->refs != 1 || q->refs != 1)
		return;
	nm_port_put(p->is_peer ? q : p);
}

static void pipe_hide(struct nm_port *p)
{
	if (!p->other)
		return;
	nm_port_unhash(p->other);
	pipe_stop_rings(p);
	pipe_stop_rings(p->other);
}

static void pipe_fini(struct nm_port *p)
{
	struct nm_port *q = p->other;

	if (q) {
		pipe_free_rings(p);
		p->parent->n_pipes--;
		q->other = NULL;
		q->period = p->period;
		p->other = NULL;
		nm_port_put(q);
	}
	nm_port_put(p->parent);
}

const struct nm_port_kind nm_pipe_kind = {
	.name = "pipe",
	.plane = NM_PLANE_PIPE,
	.keeps_rings = 1,
	.get = pipe_get,
	.bound = pipe_bound,
	.unref = pipe_unref,
	.hide = pipe_hide,
	.fini = pipe_fini,
};
