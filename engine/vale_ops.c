/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Plug-in lookups.
 *
 * Forwarding asks for a lookup without any lock, so what it finds must stay
 * while it is used.  Each switch number that ever had a plug-in keeps one
 * struct nm_vale_ext for as long as the engine lives; its functions are
 * changed only while nobody is in them:
 *
 *	lookup				change
 *	if off: drop			off
 *	readers + 1		V1	full fence	V2
 *	if off: readers - 1, drop	wait for readers to be 0
 *	call				write
 *	readers - 1		V3	on (release)	V4
 *
 * V1 and V2 are full barriers on either side of the same question: either the
 * lookup sees "off" or the change sees the reader.  V3 (release) lets the
 * change see that the call is over; V4 pairs with the acquire of "on" and
 * makes the new functions visible.  Frames that come meanwhile are dropped.
 */
#include "engine/vale_ops.h"
#include "engine/engine_priv.h"
#include "engine/file.h"
#include "engine/name.h"
#include "engine/vale.h"
#include "engine/plane/fdb.h"

#define ETH_LEN		14u
#define WAIT_US		20u

struct nm_vale_ext {
	uint32_t on;		/* [a] 1: lookup may be called */
	uint32_t readers;	/* [a] lookups under way */
	struct nm_vale_ops ops;	/* while off and without readers */
	void *priv;		/* likewise */
};

static struct nm_engine *engine_of(struct nm_plane *pl)
{
	return (struct nm_engine *)((char *)pl - offsetof(struct nm_engine, pl));
}

/* The extension of a switch number; NULL: never had one.  Any context. */
static struct nm_vale_ext *ext_at(struct nm_engine *e, uint32_t sw)
{
	struct nm_vale_ext **t = __atomic_load_n(&e->vale_ext, __ATOMIC_ACQUIRE);

	return t ? __atomic_load_n(&t[sw], __ATOMIC_ACQUIRE) : NULL;
}

static struct nm_vale_ext *ext_get(struct nm_engine *e, uint32_t sw)
{
	struct nm_vale_ext *x = ext_at(e, sw);

	if (x)
		return x;
	if (!e->vale_ext) {
		struct nm_vale_ext **t =
			nm_os_alloc(NM_MAX_SWITCHES * sizeof(*t));

		if (!t)
			return NULL;
		__atomic_store_n(&e->vale_ext, t, __ATOMIC_RELEASE);
	}
	x = nm_os_alloc(sizeof(*x));
	__atomic_store_n(&e->vale_ext[sw], x, __ATOMIC_RELEASE);
	return x;
}

static void ext_stop(struct nm_vale_ext *x)
{
	nm_store32(&x->on, 0);
	nm_fence_full();	/* V2 */
	while (nm_load32_acq(&x->readers))
		nm_os_usleep(WAIT_US);
}

static void ext_start(struct nm_vale_ext *x)
{
	nm_store32_rel(&x->on, x->ops.lookup != NULL);	/* V4 */
}

static void ext_clear(struct nm_vale_ext *x)
{
	void (*gone)(void *priv) = x->ops.gone;
	void *priv = x->priv;

	ext_stop(x);
	memset(&x->ops, 0, sizeof(x->ops));
	x->priv = NULL;
	if (gone)
		gone(priv);
}

uint32_t nm_vale_ops_lookup(struct nm_plane *pl, uint32_t sw,
			    const struct nm_frame *f, uint8_t *dst_ring,
			    uint32_t src_port)
{
	struct nm_vale_ext *x;
	struct nm_vale_src src;
	uint32_t pos = NM_POS_NONE;

	if (sw >= NM_MAX_SWITCHES)
		return NM_POS_NONE;
	x = ext_at(engine_of(pl), sw);
	if (!x || !nm_load32(&x->on))
		return NM_POS_NONE;
	src.pl = pl;
	src.sw = sw;
	src.port = src_port;
	src.pos = nm_pport_at(pl, src_port)->pos;

	nm_add32(&x->readers, 1);	/* V1 */
	nm_fence_full();
	if (nm_load32_acq(&x->on))
		pos = x->ops.lookup(f, dst_ring, &src, x->priv);
	nm_add32(&x->readers, (uint32_t)-1);	/* V3 */
	return pos;
}

uint32_t nm_vale_learning(const struct nm_frame *f, uint8_t *dst_ring,
			  const struct nm_vale_src *src, void *priv)
{
	uint64_t dst, from;
	struct nm_fdb t;

	if (f->len < ETH_LEN || (f->flags & NS_INDIRECT) ||
	    nm_fdb_init(src->pl, src->sw, nm_os_now_s(), &t))
		return NM_POS_NONE;
	dst = nm_mac_load(f->buf);
	from = nm_mac_load(f->buf + 6);
	if (!nm_mac_is_group(from) && !(f->flags & NS_NO_LEARN))
		nm_fdb_learn(&t, from, src->pos);
	if (nm_mac_is_group(dst))
		return NM_POS_BROADCAST;
	return nm_fdb_lookup(&t, nm_fdb_bucket(&t, dst), dst);
}

int nm_vale_find(struct nm_engine *e, uint64_t ns_id, const char *name,
		 const void *token, struct nm_switch **out)
{
	char sw[NM_SWITCH_LEN], why[NM_WHY_LEN];
	int r;

	r = nm_name_switch(name, sw, why);
	if (r)
		return r;
	*out = nm_switch_find(e, ns_id, sw);
	if (!*out)
		return -ENXIO;
	return (*out)->token && (*out)->token != token ? -EACCES : 0;
}

static void ops_merge(struct nm_vale_ops *to, const struct nm_vale_ops *from)
{
	if (from->lookup)
		to->lookup = from->lookup;
	if (from->config)
		to->config = from->config;
	if (from->dtor)
		to->dtor = from->dtor;
	if (from->gone)
		to->gone = from->gone;
}

int nm_vale_regops_locked(struct nm_switch *sw, const struct nm_vale_ops *ops,
			  void *priv)
{
	struct nm_vale_ext *x = ext_get(sw->e, sw->idx);

	if (!x)
		return -ENOMEM;
	if (ops) {
		ext_stop(x);
		ops_merge(&x->ops, ops);
		x->priv = priv;
		ext_start(x);
		nm_switch_set_plugin(sw, x->ops.lookup != NULL);
	} else {
		nm_switch_set_plugin(sw, 0);
		ext_clear(x);
	}
	return 0;
}

void *nm_vale_ops_priv(struct nm_switch *sw)
{
	struct nm_vale_ext *x = ext_at(sw->e, sw->idx);

	return x ? x->priv : NULL;
}

int nm_vale_regops(struct nm_engine *e, uint64_t ns_id, const char *name,
		   const struct nm_vale_ops *ops, void *priv,
		   const void *token)
{
	struct nm_switch *sw;
	int r;

	nm_engine_lock(e);
	r = nm_vale_find(e, ns_id, name, token, &sw);
	if (!r)
		r = nm_vale_regops_locked(sw, ops, priv);
	nm_engine_unlock(e);
	return r;
}

static int create(struct nm_engine *e, uint64_t ns_id, const char *name,
		  const void **token)
{
	char text[NM_SWITCH_LEN], why[NM_WHY_LEN];
	struct nm_vale_ext *x;
	struct nm_switch *sw;
	int r;

	r = nm_name_switch(name, text, why);
	if (r)
		return r;
	if (nm_switch_find(e, ns_id, text))
		return -EEXIST;
	r = nm_switch_get(e, ns_id, text, &sw);
	if (r)
		return r;
	x = ext_get(e, sw->idx);
	if (!x) {
		nm_switch_put(sw);
		return -ENOMEM;
	}
	/* Its own address: nobody else has it. */
	sw->token = x;
	*token = x;
	return 0;
}

int nm_vale_create(struct nm_engine *e, uint64_t ns_id, const char *name,
		   const void **token)
{
	int r;

	nm_engine_lock(e);
	r = create(e, ns_id, name, token);
	nm_engine_unlock(e);
	return r;
}

int nm_vale_destroy(struct nm_engine *e, uint64_t ns_id, const char *name,
		    const void *token)
{
	struct nm_switch *sw;
	int r;

	nm_engine_lock(e);
	r = nm_vale_find(e, ns_id, name, token, &sw);
	if (!r && !sw->token)
		r = -EINVAL;
	if (!r && sw->refs > 1)
		r = -EBUSY;
	if (!r) {
		sw->token = NULL;
		nm_switch_put(sw);
	}
	nm_engine_unlock(e);
	return r;
}

int nm_vale_disown(struct nm_engine *e, uint64_t ns_id, const char *name,
		   const void *token)
{
	struct nm_switch *sw;
	int r;

	nm_engine_lock(e);
	r = nm_vale_find(e, ns_id, name, token, &sw);
	if (!r && !sw->token)
		r = -EINVAL;
	if (!r) {
		nm_vale_regops_locked(sw, NULL, NULL);
		sw->token = NULL;
		nm_switch_put(sw);
	}
	nm_engine_unlock(e);
	return r;
}

int nm_vale_update_locked(struct nm_switch *sw,
			  void *(*cb)(void *priv, void *arg, int *err),
			  void *arg)
{
	struct nm_vale_ext *x = ext_get(sw->e, sw->idx);
	void *priv;
	int r = 0;

	if (!x)
		return -ENOMEM;
	ext_stop(x);
	priv = cb(x->priv, arg, &r);
	if (!r)
		x->priv = priv;
	ext_start(x);
	return r;
}

int nm_vale_update_private_data(struct nm_engine *e, uint64_t ns_id,
				const char *name,
				void *(*cb)(void *priv, void *arg, int *err),
				void *arg, const void *token)
{
	struct nm_switch *sw;
	int r;

	nm_engine_lock(e);
	r = nm_vale_find(e, ns_id, name, token, &sw);
	if (r == -ENXIO)
		r = -EINVAL;
	if (!r)
		r = nm_vale_update_locked(sw, cb, arg);
	nm_engine_unlock(e);
	return r;
}

static int config(struct nm_file *f, const char *name, struct nm_ifreq *ifr)
{
	char text[NM_SWITCH_LEN], why[NM_WHY_LEN];
	struct nm_vale_ext *x;
	struct nm_switch *sw;

	if (nm_name_switch(name, text, why))
		return nm_fail(f, EINVAL, "%s", why);
	sw = nm_switch_find(f->e, f->cred.ns_id, text);
	if (!sw)
		return nm_fail(f, EINVAL, "there is no switch '%s'", text);
	x = ext_at(f->e, sw->idx);
	if (!x || !x->ops.config)
		return nm_fail(f, EINVAL, "switch '%s' has nothing to configure: "
			       "its lookup is the default one", text);
	return x->ops.config(ifr, x->priv);
}

int nm_file_config(struct nm_file *f, struct nm_ifreq *ifr)
{
	char name[NM_IFNAMSIZ + 1];
	int r;

	memcpy(name, ifr->nifr_name, NM_IFNAMSIZ);
	name[NM_IFNAMSIZ] = '\0';
	nm_engine_lock(f->e);
	f->msg[0] = '\0';
	r = config(f, name, ifr);
	if (r && !f->msg[0])
		nm_fail(f, -r, "the plug-in of '%s' refused the configuration",
			name);
	nm_engine_unlock(f->e);
	return r;
}

void nm_vale_ops_left(struct nm_switch *sw, uint32_t pos)
{
	struct nm_vale_ext *x = ext_at(sw->e, sw->idx);

	if (x && x->ops.dtor)
		x->ops.dtor(pos, x->priv);
}

void nm_vale_ops_gone(struct nm_switch *sw)
{
	struct nm_vale_ext *x = ext_at(sw->e, sw->idx);

	if (x)
		ext_clear(x);
}

void nm_vale_ops_fini(struct nm_engine *e)
{
	uint32_t i;

	if (!e->vale_ext)
		return;
	for (i = 0; i < NM_MAX_SWITCHES; i++)
		nm_os_free(e->vale_ext[i]);
	nm_os_free(e->vale_ext);
	e->vale_ext = NULL;
}
