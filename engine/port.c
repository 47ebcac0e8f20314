/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Ports: the table of kinds, references, names, and who forwards for whom.
 */
#include "engine/port.h"
#include "engine/bind.h"
#include "engine/engine_priv.h"
#include "engine/repair.h"
#include "engine/file.h"
#include "engine/vale.h"

/* By enum nm_name_kind.  NULL: not in this home (yet). */
static const struct nm_port_kind *const kinds[] = {
	[NM_NAME_NULL] = &nm_null_kind,
	[NM_NAME_MONITOR] = NULL,
	[NM_NAME_PIPE] = &nm_pipe_kind,
	[NM_NAME_VALE] = &nm_vale_kind,
	[NM_NAME_OTHER] = &nm_persistent_kind,
};

int nm_port_get(struct nm_file *f, const struct nm_want *w,
		struct nm_port **out)
{
	const struct nm_port_kind *kind;
	struct nm_name *name;
	int error;

	/* on the heap: pipes on pipes come here again */
	name = nm_os_alloc(sizeof(*name));
	if (!name)
		return nm_fail(f, ENOMEM, "no memory to look at the name %s",
			       w->text);
	if (w->depth)
		error = nm_name_parse_text(w->text, name, f->msg);
	else
		error = nm_name_parse(w->text, w->mode, w->flags, name, f->msg);
	if (error)
		goto out;
	kind = kinds[name->kind];
	if (kind)
		error = kind->get(f, w, name, out);
	else
		error = nm_fail(f, EOPNOTSUPP,
				"monitors are not available in this home: %s cannot be observed",
				w->text);
out:
	nm_os_free(name);
	return error;
}

static uint32_t name_hash(const char *name)
{
	uint32_t h = 5381;

	while (*name)
		h = h * 33 + (unsigned char)*name++;
	return (h ^ h >> 15) & (NM_PORT_HASH - 1);
}

struct nm_port *nm_port_find(struct nm_engine *e, uint64_t ns_id,
			     const struct nm_port_kind *kind, const char *name)
{
	struct nm_port *p;

	for (p = e->ports[name_hash(name)]; p; p = p->hash_next)
		if (p->kind == kind && p->ns_id == ns_id &&
		    !strcmp(p->name, name))
			return p;
	return NULL;
}

void nm_port_hash(struct nm_port *p)
{
	struct nm_port **head = &p->e->ports[name_hash(p->name)];

	p->hash_next = *head;
	*head = p;
	p->hashed = 1;
}

void nm_port_unhash(struct nm_port *p)
{
	struct nm_port **pp;

	if (!p->hashed)
		return;
	for (pp = &p->e->ports[name_hash(p->name)]; *pp != p;
	     pp = &(*pp)->hash_next)
		;
	*pp = p->hash_next;
	p->hashed = 0;
}

/* Numbers in the plane for the port and, side by side, for its rings. */
static int port_numbers(struct nm_port *p)
{
	struct nm_engine *e = p->e;
	uint32_t n = nm_port_n_rings(p);

	p->idx = nm_idmap_take(&e->port_ids, 1);
	if (p->idx == NM_ID_NONE)
		return -ENOMEM;
	if (nm_os_table_populate(&e->pl.ports, p->idx, 1))
		goto err_port;
	p->ring0 = 0;
	if (!n)
		return 0;
	p->ring0 = nm_idmap_take(&e->ring_ids, n);
	if (p->ring0 == NM_ID_NONE)
		goto err_port;
	if (nm_os_table_populate(&e->pl.rings, p->ring0, n))
		goto err_rings;
	return 0;
err_rings:
	nm_idmap_put(&e->ring_ids, p->ring0, n);
err_port:
	nm_idmap_put(&e->port_ids, p->idx, 1);
	return -ENOMEM;
}

static void port_init_rings(struct nm_port *p)
{
	uint32_t i, n = nm_port_n_rings(p);

	for (i = 0; i < n; i++) {
		struct nm_ring *r = &p->rings[i];

		r->port = p;
		r->idx = p->ring0 + i;
		r->dir = i >= nm_port_n_rx(p);
		r->i = r->dir ? i - nm_port_n_rx(p) : i;
		r->plane = p->kind->plane;
		if (r->i >= (r->dir ? p->geo.tx_rings : p->geo.rx_rings))
			r->plane = NM_PLANE_HOST;
		r->n_slots = r->dir ? p->geo.tx_slots : p->geo.rx_slots;
		r->obj = NM_POOL_NONE;
	}
}

int nm_port_new(struct nm_file *f, const struct nm_port_kind *kind,
		const char *name, const struct nm_geometry *geo,
		struct nm_region *rg, struct nm_port **out)
{
	struct nm_port *p;

	p = nm_os_alloc(sizeof(*p));
	if (!p)
		goto err_mem;
	p->e = f->e;
	p->kind = kind;
	p->geo = *geo;
	p->refs = 1;
	p->ns_id = f->cred.ns_id;
	p->direct = f->cred.direct;
	p->why = f->cred.why ? f->cred.why : "";
	p->self_isolated = !p->direct;
	p->path = p->direct ? NM_PATH_DIRECT : NM_PATH_ISOLATED;
	snprintf(p->name, sizeof(p->name), "%s", name);
	if (nm_port_n_rings(p)) {
		p->rings = nm_os_alloc(nm_port_n_rings(p) * sizeof(*p->rings));
		if (!p->rings)
			goto err_port;
	}
	if (port_numbers(p))
		goto err_rings;
	p->gen = ++f->e->gen;
	port_init_rings(p);
	p->region = rg;
	*out = p;
	return 0;
err_rings:
	nm_os_free(p->rings);
err_port:
	nm_os_free(p);
err_mem:
	return nm_fail(f, ENOMEM,
		       "no memory for port %s, or %u ports or %u rings exist already: close others",
		       name, NM_MAX_PORTS, NM_MAX_RINGS);
}

void nm_port_publish(struct nm_port *p)
{
	struct nm_pport *pp = nm_pport_at(&p->e->pl, p->idx);

	memset(pp, 0, sizeof(*pp));
	pp->sw = p->sw ? p->sw->idx : NM_MAX_SWITCHES;
	pp->pos = p->pos;
	pp->ring0 = p->ring0;
	pp->n_rx = p->geo.rx_rings;
	pp->n_tx = p->geo.tx_rings;
	pp->n_host_rx = p->geo.host_rx_rings;
	pp->n_host_tx = p->geo.host_tx_rings;
	pp->hdr_len = p->hdr_len;
	pp->path = p->path;
	pp->gen = p->gen;
	nm_store32_rel(&pp->kind, p->kind->plane);
	nm_engine_mode_changed(p->e);
}

void nm_port_ref(struct nm_port *p)
{
	p->refs++;
}

void nm_port_hide(struct nm_port *p)
{
	if (p->period)
		return;
	nm_port_unhash(p);
	if (p->kind->hide)
		p->kind->hide(p);
	p->period = nm_grace_begin(p->e);
}

/* After the grace period: nobody can know the port any more. */
static void port_free(struct nm_port *p)
{
	struct nm_engine *e = p->e;
	struct nm_pport *pp = nm_pport_at(&e->pl, p->idx);
	struct nm_region *rg = p->region;

	if (p->kind->fini)
		p->kind->fini(p);
	nm_store32_rel(&pp->kind, NM_PLANE_NONE);
	nm_store32(&pp->n_rx, 0);
	nm_store32(&pp->n_tx, 0);
	if (nm_port_n_rings(p))
		nm_idmap_put(&e->ring_ids, p->ring0, nm_port_n_rings(p));
	nm_idmap_put(&e->port_ids, p->idx, 1);
	nm_os_free(p->rings);
	nm_os_free(p);
	nm_engine_mode_changed(e);
	if (rg->is_short)
		nm_region_sweep(rg);
	nm_region_put(rg);
}

void nm_port_put(struct nm_port *p)
{
	struct nm_engine *e = p->e;

	if (--p->refs > 0) {
		if (p->kind->unref)
			p->kind->unref(p);
		return;
	}
	nm_port_hide(p);
	if (nm_grace_wait(e, p->period, NM_GRACE_US)) {
		port_free(p);
		return;
	}
	p->dying_next = e->dying_ports;
	e->dying_ports = p;
}

int nm_ports_tick(struct nm_engine *e)
{
	struct nm_port **pp = &e->dying_ports, *p;

	while ((p = *pp)) {
		if (!nm_grace_is_over(e, p->period)) {
			pp = &p->dying_next;
			continue;
		}
		*pp = p->dying_next;
		port_free(p);
	}
	return e->dying_ports != NULL;
}

uint32_t nm_port_index(const struct nm_port *p)
{
	return p->idx;
}

int nm_port_may(struct nm_file *f, const struct nm_port *p)
{
	if (nm_region_may(f, p->region))
		return 0;
	return nm_fail(f, EPERM,
		       "port %s belongs to another user or user namespace, or to direct clients of the server: use a port of your own",
		       p->name);
}

int nm_port_may_admin(struct nm_file *f, const struct nm_port *p)
{
	return f->cred.uid ? nm_port_may(f, p) : 0;
}

int nm_port_self_isolated(const struct nm_port *p)
{
	const struct nm_file *f;

	if (!p->direct)
		return 1;
	for (f = p->files; f; f = f->port_next)
		if (!f->cred.direct)
			return 1;
	return 0;
}

void nm_port_serve(struct nm_port *p)
{
	struct nm_engine *e = p->e;
	uint32_t on = p->n_files > 0 && p->path == NM_PATH_ISOLATED;

	if (!on && !p->served)
		return;
	p->served = on;
	if (e->ops && e->ops->serve)
		e->ops->serve(e, p, on);
}

void nm_port_path_update(struct nm_port *p)
{
	uint32_t path = NM_PATH_DIRECT;

	if (p->self_isolated ||
	    (p->sw && (p->sw->n_isolated || p->sw->plugin)))
		path = NM_PATH_ISOLATED;
	if (path == p->path)
		return;
	p->path = path;
	/* The host has begun, or has ended, before a client can see it. */
	nm_port_serve(p);
	nm_store32_rel(&nm_pport_at(&p->e->pl, p->idx)->path, path);
	nm_engine_mode_changed(p->e);
}
