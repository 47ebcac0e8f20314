/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * VALE switches: positions, learning tables, isolation; and ephemeral ports.
 */
#include "engine/vale.h"
#include "engine/engine_priv.h"
#include "engine/file.h"
#include "engine/nic.h"
#include "engine/vale_ops.h"
#include "engine/plane/fdb.h"

#define POSITIONS_FIRST	16u	/* of a new switch; doubled when needed */

struct nm_switch *nm_switch_find(struct nm_engine *e, uint64_t ns_id,
				 const char *name)
{
	struct nm_switch *sw;

	for (sw = e->switches; sw; sw = sw->next)
		if (sw->ns_id == ns_id && !strcmp(sw->name, name))
			return sw;
	return NULL;
}

/*
 * A learning table: as large as configured or, when many switches have used
 * the space up, the largest half, quarter, ... that can be had.
 */
static int switch_fdb(struct nm_switch *sw)
{
	struct nm_engine *e = sw->e;
	uint32_t units = 1;

	while (units * NM_FDB_UNIT * NM_FDB_WAYS < e->params.fdb_stations &&
	       units < NM_FDB_MAX_BUCKETS / NM_FDB_UNIT)
		units *= 2;
	for (; units; units /= 2) {
		sw->fdb_first = nm_idmap_take(&e->fdb_ids, units);
		if (sw->fdb_first != NM_ID_NONE)
			break;
	}
	if (!units)
		return -ENOMEM;
	sw->fdb_units = units;
	if (!nm_os_table_populate(&e->pl.fdb, sw->fdb_first * NM_FDB_UNIT,
				  units * NM_FDB_UNIT))
		return 0;
	nm_idmap_put(&e->fdb_ids, sw->fdb_first, units);
	return -ENOMEM;
}

static void switch_fdb_free(struct nm_switch *sw)
{
	nm_os_table_release(&sw->e->pl.fdb, sw->fdb_first * NM_FDB_UNIT,
			    sw->fdb_units * NM_FDB_UNIT);
	nm_idmap_put(&sw->e->fdb_ids, sw->fdb_first, sw->fdb_units);
}

static void switch_publish(struct nm_switch *sw)
{
	struct nm_pswitch *ps = nm_pswitch_at(&sw->e->pl, sw->idx);

	memset(ps, 0, sizeof(*ps));
	ps->fdb_first = sw->fdb_first * NM_FDB_UNIT;
	ps->fdb_mask = sw->fdb_units * NM_FDB_UNIT - 1;
	ps->age_s = sw->e->params.fdb_age_s;
	ps->seed = nm_os_random32();
	ps->gen = ++sw->e->gen;
	nm_store32_rel(&ps->live, 1);
}

static int switch_new(struct nm_engine *e, uint64_t ns_id, const char *name,
		      struct nm_switch **out)
{
	struct nm_switch *sw = nm_os_alloc(sizeof(*sw)), **pp;

	if (!sw)
		return -ENOMEM;
	sw->e = e;
	sw->ns_id = ns_id;
	sw->refs = 1;
	snprintf(sw->name, sizeof(sw->name), "%s", name);
	sw->idx = nm_idmap_take(&e->switch_ids, 1);
	if (sw->idx == NM_ID_NONE)
		goto err_sw;
	if (nm_os_table_populate(&e->pl.switches, sw->idx, 1) ||
	    nm_os_table_populate(&e->pl.members, sw->idx, 1))
		goto err_idx;
	if (switch_fdb(sw))
		goto err_members;
	for (pp = &e->switches; *pp && (*pp)->idx < sw->idx; pp = &(*pp)->next)
		;
	sw->next = *pp;
	*pp = sw;
	switch_publish(sw);
	*out = sw;
	return 0;
err_members:
	nm_os_table_release(&e->pl.members, sw->idx, 1);
err_idx:
	nm_idmap_put(&e->switch_ids, sw->idx, 1);
err_sw:
	nm_os_free(sw);
	return -ENOMEM;
}

int nm_switch_get(struct nm_engine *e, uint64_t ns_id, const char *name,
		  struct nm_switch **out)
{
	struct nm_switch *sw = nm_switch_find(e, ns_id, name);

	if (!sw)
		return switch_new(e, ns_id, name, out);
	sw->refs++;
	*out = sw;
	return 0;
}

/* After the grace period: no sync looks at the row or the table any more. */
static void switch_free(struct nm_switch *sw)
{
	struct nm_engine *e = sw->e;

	nm_os_table_release(&e->pl.members, sw->idx, 1);
	switch_fdb_free(sw);
	nm_idmap_put(&e->switch_ids, sw->idx, 1);
	nm_os_free(sw->at);
	nm_os_free(sw);
}

void nm_switch_put(struct nm_switch *sw)
{
	struct nm_engine *e = sw->e;
	struct nm_switch **pp;

	if (--sw->refs > 0)
		return;
	for (pp = &e->switches; *pp != sw; pp = &(*pp)->next)
		;
	*pp = sw->next;
	nm_store32_rel(&nm_pswitch_at(&e->pl, sw->idx)->live, 0);
	nm_vale_ops_gone(sw);
	sw->period = nm_grace_begin(e);
	if (nm_grace_wait(e, sw->period, NM_GRACE_US)) {
		switch_free(sw);
		return;
	}
	sw->next = e->dying_switches;
	e->dying_switches = sw;
}

int nm_switches_tick(struct nm_engine *e)
{
	struct nm_switch **pp = &e->dying_switches, *sw;

	while ((sw = *pp)) {
		if (!nm_grace_is_over(e, sw->period)) {
			pp = &sw->next;
			continue;
		}
		*pp = sw->next;
		switch_free(sw);
	}
	return e->dying_switches != NULL;
}

int nm_switch_may(struct nm_file *f, const struct nm_switch *sw,
		  const char *verb)
{
	if (!sw || !sw->token || sw->token == f->cred.token)
		return 0;
	return nm_fail(f, EACCES,
		       "switch %s belongs to a plug-in that %s ports itself",
		       sw->name, verb);
}

static void switch_update_paths(struct nm_switch *sw)
{
	uint32_t i;

	for (i = 0; i < sw->n_at; i++)
		if (sw->at[i])
			nm_port_path_update(sw->at[i]);
}

void nm_switch_recount(struct nm_switch *sw, int change)
{
	uint32_t was = sw->n_isolated;

	sw->n_isolated += change;
	if (!was != !sw->n_isolated)
		switch_update_paths(sw);
}

void nm_switch_set_plugin(struct nm_switch *sw, int on)
{
	sw->plugin = on;
	nm_store32_rel(&nm_pswitch_at(&sw->e->pl, sw->idx)->plugin, on);
	nm_engine_mode_changed(sw->e);
	switch_update_paths(sw);
}

/* Make room for position @pos. */
static int switch_grow(struct nm_switch *sw, uint32_t pos)
{
	uint32_t n = sw->n_at ? sw->n_at : POSITIONS_FIRST;
	struct nm_port **at;

	if (pos < sw->n_at)
		return 0;
	while (n <= pos)
		n *= 2;
	at = nm_os_alloc(n * sizeof(*at));
	if (!at)
		return -ENOMEM;
	if (sw->at)
		memcpy(at, sw->at, sw->n_at * sizeof(*at));
	nm_os_free(sw->at);
	sw->at = at;
	sw->n_at = n;
	return 0;
}

static uint32_t first_free(const struct nm_switch *sw)
{
	uint32_t pos;

	for (pos = 0; pos < sw->n_at; pos++)
		if (!sw->at[pos] && pos != NM_POS_BROADCAST &&
		    pos != NM_POS_NONE)
			break;
	return pos;
}

/* How far the row of positions goes, and how many are used. */
static void publish_extent(struct nm_switch *sw)
{
	struct nm_pswitch *ps = nm_pswitch_at(&sw->e->pl, sw->idx);
	uint32_t i, n_pos = 0, n_active = 0;

	for (i = 0; i < sw->n_at; i++) {
		if (sw->at[i]) {
			n_pos = i + 1;
			n_active++;
		}
	}
	nm_store32_rel(&ps->n_pos, n_pos);
	nm_store32_rel(&ps->n_active, n_active);
}

int nm_switch_join(struct nm_switch *sw, struct nm_port *p)
{
	uint32_t pos = first_free(sw);

	if (pos >= NM_SWITCH_MEMBERS || switch_grow(sw, pos))
		return -ENOMEM;
	sw->at[pos] = p;
	p->sw = sw;
	p->pos = pos;
	nm_port_publish(p);
	nm_store32_rel(&nm_members_at(&sw->e->pl, sw->idx)[pos], p->idx + 1);
	publish_extent(sw);
	if (p->self_isolated)
		nm_switch_recount(sw, 1);
	nm_port_path_update(p);
	nm_engine_mode_changed(sw->e);
	return 0;
}

void nm_switch_leave(struct nm_port *p)
{
	struct nm_switch *sw = p->sw;
	struct nm_engine *e = p->e;
	struct nm_pport *pp = nm_pport_at(&e->pl, p->idx);

	nm_store32_rel(&nm_members_at(&e->pl, sw->idx)[p->pos], 0);
	nm_store32_rel(&pp->sw, NM_MAX_SWITCHES);
	sw->at[p->pos] = NULL;
	p->sw = NULL;
	publish_extent(sw);
	if (nm_load32(&pp->learned)) {
		nm_fdb_flush(&e->pl, sw->idx, p->pos);
		nm_store32(&pp->learned, 0);
	}
	if (p->self_isolated)
		nm_switch_recount(sw, -1);
	nm_port_path_update(p);
	nm_engine_mode_changed(e);
	nm_vale_ops_left(sw, p->pos);
	nm_switch_put(sw);
}

static void vale_geometry(const struct nm_want *w, struct nm_geometry *geo)
{
	geo->tx_rings = nm_clamp(w->tx_rings, 1, 1, NM_VALE_MAX_RINGS);
	geo->rx_rings = nm_clamp(w->rx_rings, 1, 1, NM_VALE_MAX_RINGS);
	geo->tx_slots = nm_clamp(w->tx_slots, NM_DEFAULT_SLOTS, 2, NM_MAX_SLOTS);
	geo->rx_slots = nm_clamp(w->rx_slots, NM_DEFAULT_SLOTS, 2, NM_MAX_SLOTS);
}

struct nm_port *nm_vale_lookup(struct nm_file *f, const struct nm_name *name)
{
	struct nm_engine *e = f->e;
	struct nm_port *p;

	p = nm_port_find(e, f->cred.ns_id, &nm_vale_kind, name->full);
	if (!p)
		p = nm_port_find(e, f->cred.ns_id, &nm_wire_kind, name->full);
	if (p)
		return p;
	p = nm_port_find(e, f->cred.ns_id, &nm_persistent_kind, name->id);
	if (p && p->sw && !strcmp(p->sw->name, name->base))
		return p;
	return NULL;
}

int nm_vale_port_new(struct nm_file *f, const struct nm_want *w,
		     const struct nm_port_kind *kind, const char *name,
		     struct nm_port **out)
{
	struct nm_geometry geo = { 0 };
	struct nm_region *rg;
	struct nm_need need;
	int error;

	vale_geometry(w, &geo);
	need = (struct nm_need){
		geo.tx_rings, geo.rx_rings, geo.tx_slots, geo.rx_slots,
		w->n_extra < NM_EXTRA_MAX ? w->n_extra : NM_EXTRA_MAX,
	};
	error = nm_region_choose(f, w->mem_id, &need, &rg);
	if (error)
		return error;
	error = nm_port_new(f, kind, name, &geo, rg, out);
	if (error)
		nm_region_put(rg);
	return error;
}

static int vale_get(struct nm_file *f, const struct nm_want *w,
		    const struct nm_name *name, struct nm_port **out)
{
	struct nm_switch *sw;
	struct nm_port *p = nm_vale_lookup(f, name);
	int error;

	if (p) {
		nm_port_ref(p);
		*out = p;
		return 0;
	}
	if (!w->create)
		return nm_fail(f, ENXIO, "there is no port %s: open it first",
			       name->full);
	if (nm_port_find(f->e, f->cred.ns_id, &nm_persistent_kind, name->id) ||
	    nm_os_if_exists(name->id, f->cred.ns))
		return nm_fail(f, EINVAL,
			       "%s is an interface that is not on switch %s: attach it first with vale-ctl -a %s, or choose another port name",
			       name->id, name->base, name->full);
	error = nm_switch_may(f, nm_switch_find(f->e, f->cred.ns_id, name->base),
			      "attaches");
	if (error)
		return error;
	error = nm_vale_port_new(f, w, &nm_vale_kind, name->full, &p);
	if (error)
		return error;
	*out = p;
	if (w->look)
		return 0;
	error = nm_switch_get(f->e, f->cred.ns_id, name->base, &sw);
	if (error) {
		nm_port_put(p);
		return nm_fail(f, ENOMEM,
			       "no memory for another switch (%s)", name->base);
	}
	error = nm_switch_join(sw, p);
	if (error) {
		nm_switch_put(sw);
		nm_port_put(p);
		return nm_fail(f, ENOMEM,
			       "switch %s has no free position for %s, or memory is short",
			       name->base, name->id);
	}
	nm_port_hash(p);
	return 0;
}

void nm_vale_hide(struct nm_port *p)
{
	if (p->sw)
		nm_switch_leave(p);
}

const struct nm_port_kind nm_vale_kind = {
	.name = "vale",
	.plane = NM_PLANE_VALE,
	.get = vale_get,
	.hide = nm_vale_hide,
};
