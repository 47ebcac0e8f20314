/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The engine as a whole: made, locked, unmade.
 */
#include "engine/engine_priv.h"
#include "engine/repair.h"
#include "engine/bind.h"
#include "engine/extra.h"
#include "engine/file.h"
#include "engine/nic.h"
#include "engine/port.h"
#include "engine/region.h"
#include "engine/vale.h"
#include "engine/vale_ops.h"
#include "engine/vif.h"

/* The numbers of the plane's tables. */
static int engine_ids(struct nm_engine *e)
{
	if (nm_idmap_init(&e->ring_ids, NM_MAX_RINGS) ||
	    nm_idmap_init(&e->port_ids, NM_MAX_PORTS) ||
	    nm_idmap_init(&e->switch_ids, NM_MAX_SWITCHES) ||
	    nm_idmap_init(&e->region_ids, NM_MAX_REGIONS) ||
	    nm_idmap_init(&e->actor_ids, NM_MAX_ACTORS) ||
	    nm_idmap_init(&e->fdb_ids, NM_FDB_MAX_BUCKETS / NM_FDB_UNIT))
		return -ENOMEM;
	return 0;
}

static void engine_ids_fini(struct nm_engine *e)
{
	nm_idmap_fini(&e->ring_ids);
	nm_idmap_fini(&e->port_ids);
	nm_idmap_fini(&e->switch_ids);
	nm_idmap_fini(&e->region_ids);
	nm_idmap_fini(&e->actor_ids);
	nm_idmap_fini(&e->fdb_ids);
}

static int engine_actor(struct nm_engine *e)
{
	int id = nm_actor_new_locked(e, 0);

	if (id < 0)
		return -ENOMEM;
	e->self.id = id;
	e->self.now_s = nm_os_now_s();
	e->self.batch = nm_os_alloc(nm_batch_size());
	return e->self.batch ? 0 : -ENOMEM;
}

int nm_engine_create(const struct nm_host_ops *host_ops,
		     const struct nm_plane_ops *plane_ops, void *host,
		     int home, struct nm_engine **out)
{
	struct nm_engine *e = nm_os_alloc(sizeof(*e));
	int error;

	if (!e)
		return -ENOMEM;
	e->ops = host_ops;
	e->host = host;
	e->home = home;
	e->pl.ops = plane_ops;
	e->pl.host = host;
	nm_params_defaults(&e->params);
	nm_os_mutex_init(&e->lock);
	error = nm_os_plane_create(&e->pl);
	if (error)
		goto err_lock;
	error = engine_ids(e);
	if (error)
		goto err_ids;
	e->scratch = nm_os_alloc(NM_MAX_SLOTS * sizeof(*e->scratch));
	error = -ENOMEM;
	if (!e->scratch)
		goto err_ids;
	nm_os_mutex_lock(&e->lock);
	error = engine_actor(e);
	nm_os_mutex_unlock(&e->lock);
	if (error)
		goto err_actor;
	*out = e;
	return 0;
err_actor:
	nm_os_free(e->self.batch);
	nm_actors_fini(&e->actors);
	nm_os_free(e->scratch);
err_ids:
	engine_ids_fini(e);
	nm_os_plane_destroy(&e->pl);
err_lock:
	nm_os_mutex_fini(&e->lock);
	nm_os_free(e);
	return error;
}

/* The first port of a list in a namespace, NULL: of any, that is left. */
static struct nm_port *first_of(struct nm_port *p, const uint64_t *ns_id)
{
	while (p && ns_id && p->ns_id != *ns_id)
		p = p->hash_next;
	return p;
}

/* Persistent ports and interfaces on switches are all that can be left. */
static void drop_persistent(struct nm_engine *e, const uint64_t *ns_id)
{
	struct nm_port *p;
	uint32_t i;

	for (i = 0; i < NM_PORT_HASH; i++) {
		while ((p = first_of(e->ports[i], ns_id))) {
			if (p->inner) {
				nm_nic_detach(p);
				continue;
			}
			nm_vif_end(p);
			if (p->sw)
				nm_switch_leave(p);
			nm_port_put(p);
		}
	}
}

void nm_engine_ns_gone(struct nm_engine *e, uint64_t ns_id)
{
	nm_os_mutex_lock(&e->lock);
	drop_persistent(e, &ns_id);
	nm_os_mutex_unlock(&e->lock);
}

void nm_engine_destroy(struct nm_engine *e)
{
	uint32_t i;

	nm_os_mutex_lock(&e->lock);
	/* nobody runs a sync any more: every grace period is over */
	for (i = 0; i < e->actors.end; i++)
		e->actors.v[i].live = 0;
	nm_rings_tick(e);
	drop_persistent(e, NULL);
	nm_ports_tick(e);
	nm_switches_tick(e);
	nm_kept_fini(e);
	nm_extra_fini(e);
	while (e->regions)
		nm_region_put(e->regions);
	nm_os_mutex_unlock(&e->lock);

	nm_vale_ops_fini(e);
	nm_os_free(e->self.batch);
	nm_actors_fini(&e->actors);
	nm_os_free(e->scratch);
	engine_ids_fini(e);
	nm_os_plane_destroy(&e->pl);
	nm_os_mutex_fini(&e->lock);
	nm_os_free(e);
}

void *nm_engine_host(struct nm_engine *e)
{
	return e->host;
}

struct nm_plane *nm_engine_plane(struct nm_engine *e)
{
	return &e->pl;
}

struct nm_params *nm_engine_params(struct nm_engine *e)
{
	return &e->params;
}

void nm_engine_lock(struct nm_engine *e)
{
	nm_os_mutex_lock(&e->lock);
}

void nm_engine_unlock(struct nm_engine *e)
{
	nm_os_mutex_unlock(&e->lock);
}

int nm_actor_new(struct nm_engine *e, uint32_t pid)
{
	int id;

	nm_os_mutex_lock(&e->lock);
	id = nm_actor_new_locked(e, pid);
	nm_os_mutex_unlock(&e->lock);
	return id;
}

void nm_actor_free(struct nm_engine *e, uint32_t id)
{
	nm_os_mutex_lock(&e->lock);
	nm_actor_free_locked(e, id);
	nm_os_mutex_unlock(&e->lock);
}
