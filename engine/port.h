/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A port: something with rings.  What distinguishes the kinds is in the table
 * of kinds (port.c) and in their own files.
 *
 * A port exists while somebody holds a reference: a bound descriptor, a pipe
 * that has it as parent, a NEWIF, a switch it was attached to, a dying ring.
 * When the last one goes the port is hidden (no sync can find it), and
 * after a grace period its number and its rings' numbers can be used again.
 */
#ifndef NM_ENGINE_PORT_H
#define NM_ENGINE_PORT_H

#include "engine/engine.h"
#include "engine/name.h"
#include "engine/region.h"
#include "engine/ring.h"

#define NM_VALE_MAX_RINGS	16u
#define NM_PIPE_MAX_RINGS	256u
#define NM_NULL_MAX_RINGS	256u
#define NM_EXTRA_MAX		524288u	/* extra buffers of a descriptor */
#define NM_DEFAULT_SLOTS	1024u

struct nm_nic;
struct nm_nic_info;
struct nm_port_kind;
struct nm_switch;

/* What a request wants, when it names a port. */
struct nm_want {
	const char *text;	/* nr_name */
	uint32_t depth;		/* pipes on pipes: how deep we are */
	uint32_t mode;		/* NR_REG_* */
	uint64_t flags;		/* NR_* */
	uint32_t create;	/* 1: make the port if there is none */
	uint32_t look;		/* 1: for the duration of the request only;
				 * nobody is to notice a new port */
	uint32_t tx_rings, rx_rings, tx_slots, rx_slots;	/* 0: default */
	uint32_t host_tx_rings, host_rx_rings;	/* likewise */
	uint32_t n_extra;
	uint16_t mem_id;	/* 0: default */
};

/* Host rings have as many slots as the others of their direction. */
struct nm_geometry {
	uint32_t tx_rings, rx_rings, tx_slots, rx_slots;
	uint32_t host_tx_rings, host_rx_rings;	/* 0: has none */
};

/* All fields: the engine's lock. */
struct nm_port {
	struct nm_port *hash_next;	/* e->ports */
	struct nm_port *dying_next;	/* e->dying_ports */
	struct nm_engine *e;
	const struct nm_port_kind *kind;
	char name[NETMAP_REQ_IFNAMSIZ];
	uint64_t ns_id;
	uint32_t hashed;		/* can be found by name */
	uint32_t refs;
	uint32_t idx;			/* in the plane */
	uint32_t gen;
	uint32_t ring0;			/* numbers of its rings */
	struct nm_geometry geo;
	struct nm_ring *rings;		/* receive rings, then transmit rings;
					 * in each the host's come last */
	struct nm_region *region;	/* a reference */
	struct nm_file *files;		/* bound descriptors */
	uint32_t n_files;
	uint64_t period;		/* of its hiding; 0: not hidden */

	uint32_t direct;		/* creator may run the plane itself */
	const char *why;		/* why it may or may not */
	uint32_t self_isolated;		/* creator or a binder may not */
	uint32_t path;			/* NM_PATH_*, as published */
	uint32_t served;		/* host was told to serve it */
	uint32_t hdr_len;

	struct nm_switch *sw;		/* VALE: a reference, or NULL */
	uint32_t pos;
	uint32_t persistent;		/* made by NEWIF (1) or for a pipe (2) */

	struct nm_port *parent;		/* pipe: a reference */
	struct nm_port *other;		/* pipe: the other end */
	uint32_t is_peer;		/* pipe: this is the `}' end */
	uint32_t n_dying;		/* of refs: by pipes and rings that end */

	struct nm_nic *nic;		/* nic: the home's handle, a reference */
	struct nm_nic_info *nic_info;	/* nic: as it was when made */
	struct nm_port *nic_next;	/* nic: e->nics */
	struct nm_port *wire[2];	/* nic: its ports on a switch, itself
					 * and its host; NULL: none */
	struct nm_port *inner;		/* wire: the nic; a reference */
	struct nm_port *vif;		/* persistent: the port of its interface,
					 * a reference; NULL: has none; vif.h */
	struct nm_port *vif_of;		/* nic: the opposite */
	uint32_t vif_on;		/* persistent: they are connected, */
	uint32_t vif_waits;		/* or the tick will try */
	struct nm_poller **pollers;	/* wire: threads that poll the nic */
	uint32_t n_pollers;
};

struct nm_port_kind {
	const char *name;		/* for port status */
	uint32_t plane;			/* enum nm_plane_kind */
	uint32_t keeps_rings;		/* rings live as long as the port */
	/* Find or make the port; a reference is the caller's. */
	int (*get)(struct nm_file *f, const struct nm_want *w,
		   const struct nm_name *name, struct nm_port **out);
	/* Whether a mode makes sense: 0 or -errno; NULL: ALL_NIC, ONE_NIC */
	int (*mode_ok)(struct nm_file *f, struct nm_port *p, uint32_t mode);
	/*
	 * Nobody is bound, and somebody is to be; @rx: receive rings are
	 * selected.  0 or -errno with a sentence; NULL: nothing to check.
	 */
	int (*first)(struct nm_file *f, struct nm_port *p, int rx);
	/*
	 * Nobody is bound any more, or who was to be (first) is not; NULL:
	 * nothing to do.
	 */
	void (*idle)(struct nm_port *p);
	/*
	 * Rings got their first user or lost the last.  0, or -errno with a
	 * sentence when it cannot be, which is undone; NULL: nothing to do.
	 */
	int (*mode)(struct nm_file *f, struct nm_port *p);
	/* Descriptors came (1) or went (0); NULL: nothing to do. */
	void (*bound)(struct nm_port *p, int on);
	/* A reference went and others are left; NULL: nothing to do. */
	void (*unref)(struct nm_port *p);
	/* No sync that starts from now on may find the port; NULL: nothing. */
	void (*hide)(struct nm_port *p);
	/* After the grace period, before the port is freed; NULL: nothing. */
	void (*fini)(struct nm_port *p);
};

extern const struct nm_port_kind nm_null_kind, nm_pipe_kind, nm_vale_kind,
	nm_persistent_kind;

/**
 * nm_port_get - the port a request names
 *
 * A reference is taken.
 * Return: 0; what the kind says.
 */
int nm_port_get(struct nm_file *f, const struct nm_want *w,
		struct nm_port **out);
void nm_port_ref(struct nm_port *p);
void nm_port_put(struct nm_port *p);

/**
 * nm_port_dying - @n references are of something that waits for the end of
 * its grace period: they keep the port, and do not keep its name
 */
void nm_port_dying(struct nm_port *p, uint32_t n);

/** nm_port_dead - put one of those */
void nm_port_dead(struct nm_port *p);

/**
 * nm_port_new - a port without open rings, not published
 * @rg: a reference that the port takes over on success
 *
 * One reference, the caller's.
 * Return: 0; -ENOMEM; -ENOSPC when numbers are used up (as -ENOMEM).
 */
int nm_port_new(struct nm_file *f, const struct nm_port_kind *kind,
		const char *name, const struct nm_geometry *geo,
		struct nm_region *rg, struct nm_port **out);

/** nm_port_publish - let forwarding find the port; its plane words are set */
void nm_port_publish(struct nm_port *p);

/** nm_port_hash - let requests find the port by name */
void nm_port_hash(struct nm_port *p);

/** nm_port_unhash - and not any more; nothing if it could not */
void nm_port_unhash(struct nm_port *p);

/**
 * nm_port_find - a port by kind and full name; no reference
 */
struct nm_port *nm_port_find(struct nm_engine *e, uint64_t ns_id,
			     const struct nm_port_kind *kind, const char *name);

/** nm_port_hide - from requests and syncs; sets the port's grace period */
void nm_port_hide(struct nm_port *p);

/** nm_ports_tick - free dying ports whose time has come; 1: some are left */
int nm_ports_tick(struct nm_engine *e);

/** nm_port_index - number of a port in the plane */
uint32_t nm_port_index(const struct nm_port *p);

/** nm_port_may - whether a descriptor may bind a port: 0 or -EPERM */
int nm_port_may(struct nm_file *f, const struct nm_port *p);

/**
 * nm_port_may_admin - whether it may change, remove or observe a port
 *
 * That needs none of the port's memory, so user id 0 may do it with all ports.
 * Return: 0 or -EPERM.
 */
int nm_port_may_admin(struct nm_file *f, const struct nm_port *p);

/**
 * nm_port_path_update - publish who forwards for a port, tell the host
 *
 * Called whenever something it depends on has changed.
 */
void nm_port_path_update(struct nm_port *p);

/** nm_port_serve - tell the host again: rings of a served port came or went */
void nm_port_serve(struct nm_port *p);

/** nm_port_self_isolated - recompute from creator and bound descriptors */
int nm_port_self_isolated(const struct nm_port *p);

/** nm_clamp - @v, or @def when it is 0, at most @max and at least @min */
static inline uint32_t nm_clamp(uint32_t v, uint32_t def, uint32_t min,
				uint32_t max)
{
	if (!v)
		v = def;
	return v < min ? min : v > max ? max : v;
}

static inline struct nm_ring *nm_port_rx(const struct nm_port *p, uint32_t i)
{
	return &p->rings[i];
}

/* Rings of a direction, the host's included. */
static inline uint32_t nm_port_n_rx(const struct nm_port *p)
{
	return p->geo.rx_rings + p->geo.host_rx_rings;
}

static inline uint32_t nm_port_n_tx(const struct nm_port *p)
{
	return p->geo.tx_rings + p->geo.host_tx_rings;
}

static inline struct nm_ring *nm_port_tx(const struct nm_port *p, uint32_t i)
{
	return &p->rings[nm_port_n_rx(p) + i];
}

static inline uint32_t nm_port_n_rings(const struct nm_port *p)
{
	return nm_port_n_rx(p) + nm_port_n_tx(p);
}

#endif /* NM_ENGINE_PORT_H */
