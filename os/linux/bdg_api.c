/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Lookups in other modules: net/netmap_bdg.h on top of engine/vale_ops.h.
 *
 * Beside the functions of a switch the engine keeps one pointer of ours:
 *
 *	struct bdg	the module's operations and private data, and what
 *			lookups see of the ports, by position
 *
 * It is made by the first registration, changed only while the engine keeps
 * lookups out, and freed when the engine says that it is not used any more
 * (bdg_gone).  All of this happens under the engine's lock.
 *
 * Nothing holds the modules that registered.  When one goes, its functions
 * are found by their addresses, and the switches it created by what was said
 * then (struct owned).
 */
#include <linux/list.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netmap_bdg.h>

#include "engine/os.h"
#include "engine/vale.h"
#include "engine/vale_ops.h"
#include "engine/plane/fdb.h"
#include "os/linux/bdg_api.h"
#include "os/linux/nic.h"

#define BDG_NS		(init_net.net_cookie)

struct bdg {
	struct list_head node;		/* bdgs */
	struct nm_switch *sw;
	struct netmap_bdg_ops ops;
	void *priv;			/* the module's */
	struct netmap_vp_adapter vp[NM_SWITCH_MEMBERS];
};

/* A switch that a module created. */
struct owned {
	struct list_head node;		/* owned */
	struct module *owner;
	const void *token;
	char name[IFNAMSIZ];
};

static LIST_HEAD(bdgs);			/* the engine's lock */
static LIST_HEAD(owned);		/* owned_lock */
static DEFINE_MUTEX(owned_lock);	/* taken before the engine's */

/* --- what the engine calls --------------------------------------------------- */

static uint32_t bdg_lookup(const struct nm_frame *f, uint8_t *dst_ring,
			   const struct nm_vale_src *src, void *priv)
{
	struct nm_bdg_fwd ft = {
		.ft_buf = (void *)f->buf,
		.ft_len = f->len,
		.ft_flags = f->flags,
		.ft_frags = f->frags,
	};
	struct bdg *b = priv;

	return b->ops.lookup(&ft, dst_ring,
			     &b->vp[src->pos % NM_SWITCH_MEMBERS], b->priv);
}

static int bdg_config(struct nm_ifreq *ifr, void *priv)
{
	struct bdg *b = priv;

	return b->ops.config(ifr);
}

static void bdg_dtor(uint32_t pos, void *priv)
{
	struct bdg *b = priv;

	if (b->ops.dtor)
		b->ops.dtor(&b->vp[pos % NM_SWITCH_MEMBERS]);
}

static void bdg_gone(void *priv)
{
	struct bdg *b = priv;

	list_del(&b->node);
	kvfree(b);
}

/* --- operations --------------------------------------------------------------- */

/* What we keep beside the functions of a switch; made if there is nothing. */
static int bdg_get(struct nm_switch *sw, struct bdg **out)
{
	static const struct nm_vale_ops ops = {
		.dtor = bdg_dtor, .gone = bdg_gone,
	};
	struct bdg *b = nm_vale_ops_priv(sw);
	uint32_t i;
	int error;

	*out = b;
	if (b)
		return 0;
	b = kvzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	b->sw = sw;
	for (i = 0; i < NM_SWITCH_MEMBERS; i++) {
		b->vp[i].bdg_port = i;
		b->vp[i].netmap_private = b;
	}
	error = nm_vale_regops_locked(sw, &ops, b);
	if (error) {
		kvfree(b);
		return error;
	}
	list_add(&b->node, &bdgs);
	*out = b;
	return 0;
}

/* Arguments of the functions that change a bdg while nobody is in it. */
struct bdg_change {
	const struct netmap_bdg_ops *ops;
	void *priv;
	void *(*callback)(void *priv, void *arg, int *err);
};

static void *bdg_merge(void *priv, void *arg, int *error)
{
	const struct bdg_change *c = arg;
	struct bdg *b = priv;

	if (c->ops->lookup)
		b->ops.lookup = c->ops->lookup;
	if (c->ops->config)
		b->ops.config = c->ops->config;
	if (c->ops->dtor)
		b->ops.dtor = c->ops->dtor;
	memcpy(b->ops.name, c->ops->name, sizeof(b->ops.name));
	b->priv = c->priv;
	return b;
}

static void *bdg_replace(void *priv, void *arg, int *error)
{
	const struct bdg_change *c = arg;
	struct bdg *b = priv;
	void *data = c->callback(b->priv, c->priv, error);

	if (!*error)
		b->priv = data;
	return b;
}

static int bdg_regops(struct nm_switch *sw, struct bdg_change *c)
{
	struct nm_vale_ops ops = { NULL };
	struct bdg *b;
	int error;

	error = bdg_get(sw, &b);
	if (!error)
		error = nm_vale_update_locked(sw, bdg_merge, c);
	if (error)
		return error;
	ops.lookup = b->ops.lookup ? bdg_lookup : NULL;
	ops.config = b->ops.config ? bdg_config : NULL;
	return nm_vale_regops_locked(sw, &ops, b);
}

int netmap_bdg_regops(const char *name, struct netmap_bdg_ops *ops, void *priv,
		      void *token)
{
	struct bdg_change c = { .ops = ops, .priv = priv };
	struct nm_switch *sw;
	int error;

	if (ops && (ops->vp_create || ops->bwrap_attach))
		return -EOPNOTSUPP;
	nm_engine_lock(nm_dev_engine);
	error = nm_vale_find(nm_dev_engine, BDG_NS, name, token, &sw);
	if (!error)
		error = ops ? bdg_regops(sw, &c) :
			nm_vale_regops_locked(sw, NULL, NULL);
	nm_engine_unlock(nm_dev_engine);
	return error;
}
EXPORT_SYMBOL(netmap_bdg_regops);

int netmap_bdg_update_private_data(const char *name,
		void *(*callback)(void *priv, void *arg, int *err),
		void *arg, void *token)
{
	struct bdg_change c = { .callback = callback, .priv = arg };
	struct nm_switch *sw;
	struct bdg *b;
	int error;

	nm_engine_lock(nm_dev_engine);
	error = nm_vale_find(nm_dev_engine, BDG_NS, name, token, &sw);
	if (error == -ENXIO)
		error = -EINVAL;
	if (!error)
		error = bdg_get(sw, &b);
	if (!error)
		error = nm_vale_update_locked(sw, bdg_replace, &c);
	nm_engine_unlock(nm_dev_engine);
	return error;
}
EXPORT_SYMBOL(netmap_bdg_update_private_data);

const char *netmap_bdg_name(struct netmap_vp_adapter *vp)
{
	const struct bdg *b = vp->netmap_private;

	return b->sw->name;
}
EXPORT_SYMBOL(netmap_bdg_name);

uint32_t netmap_vale_learning(struct nm_bdg_fwd *ft, uint8_t *dst_ring,
			      struct netmap_vp_adapter *src, void *private_data)
{
	const struct bdg *b = src->netmap_private;
	const struct nm_frame f = {
		.buf = (uint8_t *)ft->ft_buf + ft->ft_offset,
		.len = ft->ft_len,
		.flags = ft->ft_flags,
		.frags = ft->ft_frags,
		.ring = *dst_ring,
	};
	const struct nm_vale_src from = {
		.pl = nm_dev_plane(),
		.sw = b->sw->idx,
		.pos = src->bdg_port,
	};

	return nm_vale_learning(&f, dst_ring, &from, NULL);
}
EXPORT_SYMBOL(netmap_vale_learning);

/* --- interfaces on switches --------------------------------------------------- */

static struct net_device *wire_dev(const struct nm_port *p)
{
	return p && p->inner && p->inner->nic ?
		rcu_access_pointer(p->inner->nic->dev) : NULL;
}

struct net_device *netmap_vp_to_ifp(struct netmap_vp_adapter *vp)
{
	const struct bdg *b = vp->netmap_private;
	struct net_device *dev = NULL;

	nm_engine_lock(nm_dev_engine);
	if (vp->bdg_port < b->sw->n_at)
		dev = wire_dev(b->sw->at[vp->bdg_port]);
	nm_engine_unlock(nm_dev_engine);
	return dev;
}
EXPORT_SYMBOL(netmap_vp_to_ifp);

/* Wire @k of an interface: 0 the interface itself, 1 its host. */
static struct netmap_vp_adapter *find_wire(const struct net_device *ifp, u32 k)
{
	struct netmap_vp_adapter *vp = NULL;
	struct nm_port *p;
	struct bdg *b;
	u32 i;

	nm_engine_lock(nm_dev_engine);
	list_for_each_entry(b, &bdgs, node) {
		for (i = 0; i < b->sw->n_at; i++) {
			p = b->sw->at[i];
			if (wire_dev(p) == ifp && p && p->inner->wire[k] == p)
				vp = &b->vp[i];
		}
	}
	nm_engine_unlock(nm_dev_engine);
	return vp;
}

struct netmap_vp_adapter *netmap_ifp_to_vp(struct net_device *ifp)
{
	return find_wire(ifp, 0);
}
EXPORT_SYMBOL(netmap_ifp_to_vp);

struct netmap_vp_adapter *netmap_ifp_to_host_vp(struct net_device *ifp)
{
	return find_wire(ifp, 1);
}
EXPORT_SYMBOL(netmap_ifp_to_host_vp);

/* --- switches of a module's own ----------------------------------------------- */

void *netmap_vale_create_by(const char *name, int *status, struct module *owner)
{
	struct owned *o = kzalloc(sizeof(*o), GFP_KERNEL);
	char why[NM_WHY_LEN];
	int error = -ENOMEM;

	if (!o)
		goto out;
	error = nm_name_switch(name, o->name, why);
	if (error)
		goto out;
	mutex_lock(&owned_lock);
	error = nm_vale_create(nm_dev_engine, BDG_NS, o->name, &o->token);
	if (!error) {
		o->owner = owner;
		list_add(&o->node, &owned);
	}
	mutex_unlock(&owned_lock);
out:
	if (status)
		*status = error;
	if (!error)
		return (void *)o->token;
	kfree(o);
	return NULL;
}
EXPORT_SYMBOL(netmap_vale_create_by);

int netmap_vale_destroy(const char *name, void *token)
{
	struct owned *o, *next;
	int error;

	mutex_lock(&owned_lock);
	error = nm_vale_destroy(nm_dev_engine, BDG_NS, name, token);
	list_for_each_entry_safe(o, next, &owned, node) {
		if (error || o->token != token)
			continue;
		list_del(&o->node);
		kfree(o);
	}
	mutex_unlock(&owned_lock);
	nm_dev_tick();
	return error;
}
EXPORT_SYMBOL(netmap_vale_destroy);

/* --- requests ------------------------------------------------------------------- */

static int bdg_in(void *ctx, void *dst, uint64_t addr, uint32_t len)
{
	memcpy(dst, (const void *)(uintptr_t)addr, len);
	return 0;
}

static int bdg_out(void *ctx, uint64_t addr, const void *src, uint32_t len)
{
	memcpy((void *)(uintptr_t)addr, src, len);
	return 0;
}

static int bdg_ctrl(struct nm_file *f, struct nm_reqbuf *rb,
		    struct nmreq_header *hdr)
{
	static const struct nm_uaccess ua = { .in = bdg_in, .out = bdg_out };
	int error;

	error = nm_reqbuf_gather(rb, &ua, (uintptr_t)hdr);
	if (error)
		return error;
	error = nm_file_ctrl(f, rb);
	if (error)
		nm_os_log(NM_LOG_WARN, "%s", nm_file_error(f));
	return nm_reqbuf_scatter(rb, &ua, (uintptr_t)hdr);
}

/* A request of a module: by nobody's process, in the initial namespace. */
static int bdg_request(struct nmreq_header *hdr, uint16_t type,
		       const void *token)
{
	const struct nm_cred cred = {
		.ns = &init_net,
		.ns_id = BDG_NS,
		.direct = 1,
		.why = "the kernel runs the data plane",
		.token = token,
	};
	struct nm_reqbuf *rb = kvmalloc(sizeof(*rb), GFP_KERNEL);
	struct nm_file *f;
	int error = -ENOMEM;

	if (!rb)
		return error;
	hdr->nr_version = NETMAP_API;
	hdr->nr_reqtype = type;
	error = nm_file_open(nm_dev_engine, &cred, &f);
	if (!error) {
		error = bdg_ctrl(f, rb, hdr);
		nm_file_close(f);
		nm_dev_tick();
	}
	kvfree(rb);
	return error;
}

int netmap_bdg_attach(struct nmreq_header *hdr, void *token)
{
	return bdg_request(hdr, NETMAP_REQ_VALE_ATTACH, token);
}
EXPORT_SYMBOL(netmap_bdg_attach);

int netmap_bdg_detach(struct nmreq_header *hdr, void *token)
{
	return bdg_request(hdr, NETMAP_REQ_VALE_DETACH, token);
}
EXPORT_SYMBOL(netmap_bdg_detach);

int nm_vi_create(struct nmreq_header *hdr)
{
	return bdg_request(hdr, NETMAP_REQ_VALE_NEWIF, NULL);
}
EXPORT_SYMBOL(nm_vi_create);

int nm_vi_destroy(const char *name)
{
	struct nmreq_header hdr = { .nr_version = NETMAP_API };

	strscpy(hdr.nr_name, name, sizeof(hdr.nr_name));
	return bdg_request(&hdr, NETMAP_REQ_VALE_DELIF, NULL);
}
EXPORT_SYMBOL(nm_vi_destroy);

/* --- modules that go -------------------------------------------------------------- */

static bool is_of(const struct netmap_bdg_ops *ops, const struct module *m)
{
	return within_module((unsigned long)ops->lookup, m) ||
		within_module((unsigned long)ops->config, m) ||
		within_module((unsigned long)ops->dtor, m);
}

/* Its exit function has run, its code is still there. */
static void module_gone(struct module *m)
{
	struct bdg *b, *next;
	struct owned *o, *o_next;

	nm_engine_lock(nm_dev_engine);
	list_for_each_entry_safe(b, next, &bdgs, node) {
		if (!is_of(&b->ops, m))
			continue;
		nm_os_log(NM_LOG_WARN,
			  "module %s went away with functions registered on switch %s: it has the default ones again",
			  m->name, b->sw->name);
		nm_vale_regops_locked(b->sw, NULL, NULL);
	}
	nm_engine_unlock(nm_dev_engine);

	mutex_lock(&owned_lock);
	list_for_each_entry_safe(o, o_next, &owned, node) {
		if (o->owner != m)
			continue;
		nm_os_log(NM_LOG_WARN,
			  "module %s went away and left switch %s: it stays while it has ports, open to everybody",
			  m->name, o->name);
		nm_vale_disown(nm_dev_engine, BDG_NS, o->name, o->token);
		list_del(&o->node);
		kfree(o);
	}
	mutex_unlock(&owned_lock);
	nm_dev_tick();
}

static int bdg_notify(struct notifier_block *nb, unsigned long event, void *arg)
{
	if (event == MODULE_STATE_GOING && arg != THIS_MODULE)
		module_gone(arg);
	return NOTIFY_DONE;
}

static struct notifier_block bdg_notifier = { .notifier_call = bdg_notify };

int nm_bdg_init(void)
{
	return register_module_notifier(&bdg_notifier);
}

/* Modules that use us are gone, and so are what they left. */
void nm_bdg_exit(void)
{
	unregister_module_notifier(&bdg_notifier);
}
