/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What a home sees of the engine's control plane.
 *
 * A home (netmapd, the kernel module, a unit test) creates one engine, opens
 * a file per descriptor, and passes requests in.  All control operations,
 * open and close included, are serialised by the engine's lock; syncs never
 * take it.
 *
 *   descriptor of the user        struct nm_file
 *   NIOCCTRL                      nm_file_ctrl()
 *   NIOCREGIF, NIOCGINFO          nm_file_legacy()
 *   NIOCCONFIG                    nm_file_config()
 *   NIOCTXSYNC, NIOCRXSYNC, poll  engine/plane (where the home runs them)
 *   close, death of the process   nm_file_close()
 */
#ifndef NM_ENGINE_ENGINE_H
#define NM_ENGINE_ENGINE_H

#include <nm_os_types.h>
#include <net/netmap.h>
#include "engine/plane/plane.h"
#include "engine/plane/reqbuf.h"

struct nm_engine;
struct nm_file;
struct nm_nic_ops;
struct nm_poller;
struct nm_port;

/* Who opened a descriptor.  Copied by nm_file_open(). */
struct nm_cred {
	uint32_t uid;
	uint32_t pid;
	const void *ns;		/* network namespace, opaque; compared only */
	uint64_t ns_id;		/* the same as a number */
	uint64_t user_ns;	/* number of the user namespace, compared only:
				 * the same uid elsewhere is somebody else;
				 * 0: could not be found out */
	uint32_t direct;	/* 1: may run the plane itself */
	const char *why;	/* static text: why it may or may not */
	const void *token;	/* of an exclusive switch (vale_ops.h); programs
				 * have none */
};

/* What the engine tells its home.  Called with the engine's lock held. */
struct nm_host_ops {
	/*
	 * The rings of a port need somebody else to run their syncs
	 * (@on = 1: path isolated), or not any more.
	 */
	void (*serve)(struct nm_engine *e, struct nm_port *p, int on);
	/* The set of sleepers of ring @ring changed (bind, unbind). */
	void (*sleepers)(struct nm_engine *e, uint32_t ring);
	/* A buffer or ring of region @region went away or came; informational */
	void (*region_gone)(struct nm_engine *e, uint32_t region);
	/* 1: clients spread their lists of extra buffers themselves */
	int client_spreads;
	/*
	 * Receive ring @ring has a sink (@on = 1): call nm_wire_run() when it,
	 * or the transmit ring it goes out by, is woken, and once now.  Or it
	 * has none any more (0): when this returns, nobody is in there.
	 * Return 0; -ENOMEM (@on = 1).
	 */
	int (*drive)(struct nm_engine *e, uint32_t ring, int on);
	/*
	 * Have a thread on processor @cpu that calls nm_wire_run() for receive
	 * rings [first, first + n) all the time, until poll_stop() takes it
	 * away.  NULL: this home has no such threads.
	 * Return 0; -EINVAL no such processor; -ENOMEM.
	 */
	int (*poll_start)(struct nm_engine *e, uint32_t cpu, uint32_t first,
			  uint32_t n, struct nm_poller **out);
	void (*poll_stop)(struct nm_poller *t);
	uint32_t (*n_cpus)(struct nm_engine *e);
	/* Network interfaces as ports; NULL: not in this home. */
	const struct nm_nic_ops *nic;
};

/* Limits and defaults; names and ranges are those of the documented
 * parameters (spec: control plane, parameters), see engine/param.h. */
struct nm_params;

/**
 * nm_engine_create - an engine without ports
 * @host_ops: may be NULL (tests)
 * @plane_ops: what the plane asks of the process that runs this engine
 * @host: the home's own, nm_engine_host()
 * @home: NM_HOME_USER or NM_HOME_KERNEL, for port status
 * @out:  the engine
 * Return: 0; -ENOMEM.
 */
int nm_engine_create(const struct nm_host_ops *host_ops,
		     const struct nm_plane_ops *plane_ops, void *host,
		     int home, struct nm_engine **out);

/**
 * nm_engine_detach_nics - interfaces leave their switches
 *
 * What is left when every file has been closed; before the home stops what
 * nm_nic_ops and drive need.
 */
void nm_engine_detach_nics(struct nm_engine *e);

/**
 * nm_engine_destroy - every file must have been closed
 */
void nm_engine_destroy(struct nm_engine *e);

void *nm_engine_host(struct nm_engine *e);
struct nm_plane *nm_engine_plane(struct nm_engine *e);
struct nm_params *nm_engine_params(struct nm_engine *e);
/** nm_engine_lock, nm_engine_unlock - for a home that walks the lists */
void nm_engine_lock(struct nm_engine *e);
void nm_engine_unlock(struct nm_engine *e);

/**
 * nm_file_open - a new unbound descriptor
 * Return: 0 and *@out; -ENOMEM.
 */
int nm_file_open(struct nm_engine *e, const struct nm_cred *cred,
		 struct nm_file **out);

/**
 * nm_file_close - unbind and forget; gives everything back
 *
 * Also right after the process that held it died: whatever it had reserved
 * must have been repaired before (nm_actor_dead()).
 */
void nm_file_close(struct nm_file *f);

/**
 * nm_file_ctrl - one NIOCCTRL
 * @rb: gathered from the user (nm_reqbuf_gather()); on return everything that
 *      has to be copied back (nm_reqbuf_scatter()), rb->error included
 * Return: 0 or -errno, also in rb->error.
 */
int nm_file_ctrl(struct nm_file *f, struct nm_reqbuf *rb);

/**
 * nm_file_legacy - NIOCREGIF (@getinfo = 0) or NIOCGINFO (@getinfo = 1)
 * @nmr: in and out; unchanged on failure
 */
int nm_file_legacy(struct nm_file *f, int getinfo, struct nmreq *nmr);

/** nm_file_config - NIOCCONFIG */
int nm_file_config(struct nm_file *f, struct nm_ifreq *ifr);

/** nm_file_error - the sentence about the last failed request; "" if none */
const char *nm_file_error(const struct nm_file *f);

/* What a bound descriptor has. */
struct nm_bound {
	struct nm_port *port;	/* NULL: not bound */
	uint32_t port_idx;	/* in the plane */
	uint32_t port_gen;
	uint32_t region;	/* in the plane */
	uint32_t ring0;		/* the port's receive ring 0; tx ring i is
				 * ring0 + n_rx + i */
	uint32_t n_rx, n_tx;	/* the port's rings */
	uint32_t rx_first, rx_n;	/* bound here */
	uint32_t tx_first, tx_n;
	uint64_t nr_flags;
	uint64_t nifp_ofs;
	uint64_t mem_size;
	uint64_t buf_ofs;	/* buffers of the region */
	uint32_t n_bufs, buf_size;
	uint32_t n_extra;	/* extra buffers that came with the bind */
	uint16_t mem_id;
	uint16_t direct;	/* this descriptor may run the plane itself */
};

/**
 * nm_file_bound - what @f is bound to
 * Return: 0 and *@b; -ENXIO when it is not.
 */
int nm_file_bound(const struct nm_file *f, struct nm_bound *b);

/**
 * nm_actor_new, nm_actor_free - a number for a thread that runs syncs
 * @pid: its process
 * Return: the number; -ENOSPC.
 */
int nm_actor_new(struct nm_engine *e, uint32_t pid);
void nm_actor_free(struct nm_engine *e, uint32_t id);

/**
 * nm_actor_dead - the process of these actors is gone: repair
 * @ids: actors of one process
 * @n:   how many
 *
 * Releases busy words, waits (bounded) until every live actor that was inside
 * a sync has left it, voids reservations that then have no owner, rebuilds
 * rings that died half-synced, frees the actors.  To be called before
 * nm_file_close() of the dead process's descriptors.
 */
void nm_actor_dead(struct nm_engine *e, const uint32_t *ids, uint32_t n);

/**
 * nm_ring_stalled - a receiver waits for an entry that nobody commits
 * @ring: receive ring
 *
 * Same procedure for a sender that is stopped and not dead: its entry is
 * voided, the buffer quarantined until the sender moves on or dies.
 */
void nm_ring_stalled(struct nm_engine *e, uint32_t ring);

/**
 * nm_engine_ns_gone - a network namespace has ended
 * @ns_id: nm_cred.ns_id of its descriptors, all of which have been closed
 *
 * Persistent ports that were left there go with it.
 */
void nm_engine_ns_gone(struct nm_engine *e, uint64_t ns_id);

/* Where text goes, in printf's way. */
struct nm_show {
	void (*put)(void *ctx, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));
	void *ctx;
};

enum nm_show_what {
	NM_SHOW_PORTS,
	NM_SHOW_SWITCHES,
	NM_SHOW_STATIONS,
};

/** nm_show - what there is, as text; see engine/show.c */
void nm_show(struct nm_engine *e, enum nm_show_what what,
	     const struct nm_show *s);

/**
 * nm_engine_tick - look after the quarantine
 * Return: 1 while there is something in it (call again in about 10 ms), 0
 *         when no tick is needed.
 */
int nm_engine_tick(struct nm_engine *e);

#endif /* NM_ENGINE_ENGINE_H */
