/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Switches whose lookup is somebody else's code.
 *
 * A module (kernel) or a plug-in (server) replaces the lookup of a switch,
 * hears of ports that leave, and answers NIOCCONFIG.  It may also create a
 * switch of its own, which then exists without ports and admits only who has
 * the token.  The functions take the engine's lock unless said otherwise;
 * callbacks must not call them.
 */
#ifndef NM_ENGINE_VALE_OPS_H
#define NM_ENGINE_VALE_OPS_H

#include "engine/engine.h"

struct nm_switch;

/* Who sends the frame that is looked up. */
struct nm_vale_src {
	struct nm_plane *pl;
	uint32_t sw;		/* the switch, in the plane */
	uint32_t port;		/* the port, in the plane */
	uint32_t pos;		/* its position in the switch */
};

struct nm_vale_ops {
	/*
	 * Where does @f go: a position, NM_POS_BROADCAST, or NM_POS_NONE to
	 * drop it.  *@dst_ring may be changed.  The frame may change while it
	 * is read, and with NS_INDIRECT in f->flags there is none.  Any
	 * number at a time; must not sleep.
	 */
	uint32_t (*lookup)(const struct nm_frame *f, uint8_t *dst_ring,
			   const struct nm_vale_src *src, void *priv);
	/* NIOCCONFIG: 0 or -errno; @ifr is copied back to the caller. */
	int (*config)(struct nm_ifreq *ifr, void *priv);
	/* The port at position @pos has left. */
	void (*dtor)(uint32_t pos, void *priv);
	/*
	 * The switch went, or has its default functions again: @priv is not
	 * used any more.  With the engine's lock held.
	 */
	void (*gone)(void *priv);
};

/**
 * nm_vale_learning - what switches do by default, for use in a lookup
 *
 * Learns the source, then looks for the destination.
 */
uint32_t nm_vale_learning(const struct nm_frame *f, uint8_t *dst_ring,
			  const struct nm_vale_src *src, void *priv);

/**
 * nm_vale_regops - replace functions of a switch
 * @name:  "vale0"; a colon and what follows is ignored
 * @ops:   members that are not NULL replace, the others stay; NULL: back to
 *         the default
 * @priv:  for the callbacks; replaces always
 * @token: of an exclusive switch, else NULL
 *
 * Nobody is in the old functions any more when this returns.
 * Return: 0; -EINVAL not the name of a switch; -ENXIO no such switch; -EACCES
 *         wrong token; -ENOMEM.
 */
int nm_vale_regops(struct nm_engine *e, uint64_t ns_id, const char *name,
		   const struct nm_vale_ops *ops, void *priv,
		   const void *token);

/**
 * nm_vale_create - make an exclusive switch that stays without ports
 * @token: out: for everything that is to be done with it
 * Return: 0; -EINVAL, -EEXIST, -ENOMEM.
 */
int nm_vale_create(struct nm_engine *e, uint64_t ns_id, const char *name,
		   const void **token);

/**
 * nm_vale_destroy - undo nm_vale_create()
 * Return: 0; -EINVAL malformed name or not exclusive; -ENXIO no such switch;
 *         -EACCES wrong token; -EBUSY it has ports.
 */
int nm_vale_destroy(struct nm_engine *e, uint64_t ns_id, const char *name,
		    const void *token);

/**
 * nm_vale_update_private_data - replace what the callbacks are given
 * @cb: gets the present one and @arg, returns the new one, or sets *err to
 *      -errno: then the present one stays.  No callback runs meanwhile
 * Return: 0; what @cb said; -EINVAL no such switch; -EACCES wrong token;
 *         -ENOMEM.
 */
int nm_vale_update_private_data(struct nm_engine *e, uint64_t ns_id,
				const char *name,
				void *(*cb)(void *priv, void *arg, int *err),
				void *arg, const void *token);

/**
 * nm_vale_disown - whoever had the token is gone
 *
 * The switch becomes one like others: it stays while it has ports, and its
 * functions are the default ones.
 * Return: 0; as nm_vale_destroy() but for -EBUSY.
 */
int nm_vale_disown(struct nm_engine *e, uint64_t ns_id, const char *name,
		   const void *token);

/**
 * nm_vale_ops_lookup - for nm_plane_ops of homes that can run plug-ins
 * @pl: the plane of an engine, nm_engine_plane()
 *
 * No lock; during a sync.
 */
uint32_t nm_vale_ops_lookup(struct nm_plane *pl, uint32_t sw,
			    const struct nm_frame *f, uint8_t *dst_ring,
			    uint32_t src_port);

/*
 * With the engine's lock held: for a home that keeps things of its own beside
 * the functions.
 */

/**
 * nm_vale_find - the switch that @name is about, for who shows @token
 * Return: 0; -EINVAL, -ENXIO, -EACCES as nm_vale_regops().
 */
int nm_vale_find(struct nm_engine *e, uint64_t ns_id, const char *name,
		 const void *token, struct nm_switch **out);
/** nm_vale_regops_locked - nm_vale_regops() of a switch; 0 or -ENOMEM */
int nm_vale_regops_locked(struct nm_switch *sw, const struct nm_vale_ops *ops,
			  void *priv);
/** nm_vale_update_locked - nm_vale_update_private_data() of a switch */
int nm_vale_update_locked(struct nm_switch *sw,
			  void *(*cb)(void *priv, void *arg, int *err),
			  void *arg);
/** nm_vale_ops_priv - what the callbacks are given; NULL: nothing */
void *nm_vale_ops_priv(struct nm_switch *sw);

/* For the switch code, with the engine's lock held. */

/** nm_vale_ops_left - the port at @pos has left */
void nm_vale_ops_left(struct nm_switch *sw, uint32_t pos);
/** nm_vale_ops_gone - the switch is going: default functions again */
void nm_vale_ops_gone(struct nm_switch *sw);
/** nm_vale_ops_fini - the engine is going */
void nm_vale_ops_fini(struct nm_engine *e);

#endif /* NM_ENGINE_VALE_OPS_H */
