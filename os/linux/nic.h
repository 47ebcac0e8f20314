/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Network interfaces as ports: what the files of the kernel home share.
 *
 *   nic.c         handles, the engine's table (engine/nic.h), the mode of rings
 *   nic_event.c   what happens to interfaces by themselves
 *   nic_skb.c     from a packet of the stack to the inbox of a ring
 *   nic_host.c    host rings: what the stack sends, what it is given
 *   wire.c        who moves frames between interfaces and switches
 *   native.c      the native backend: drivers that hand their rings over
 *   emul.c        the emulated backend: any interface, through the stack
 *   emul_tx.c     its transmit side
 *   vif.c         the backend of our own interfaces: persistent ports
 *
 * An interface has one handle while somebody uses it, whatever class its
 * hardware rings are: host rings, events and names are the same for all.  What
 * differs is the backend.
 *
 * Locks:
 *   [I] immutable once the handle is found by others
 *   [E] the engine's lock
 *   [R] RTNL to write; read under RTNL, or in softirq with RCU where so said
 * Order: the engine's lock, then RTNL.  What runs under RTNL (events) never
 * calls the engine; it writes the state of rings into the plane.
 */
#ifndef NM_OS_LINUX_NIC_H
#define NM_OS_LINUX_NIC_H

#include <linux/list.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <linux/rcupdate.h>

#include "engine/nic.h"
#include "engine/plane/feed.h"
#include "engine/plane/view.h"
#include "os/linux/dev.h"

#define NM_NIC_RX_MAX	(NM_NIC_MAX_RINGS + NM_NIC_MAX_HOST)

/*
 * What a backend does.  All down to state are called with RTNL held and may
 * sleep; the others run inside a sync (preemption off or softirq), under RCU,
 * and may not.
 */
struct nm_nic_backend {
	const char *name;
	const char *why;		/* chosen for this, as nm_nic_info.why */
	u32 class;			/* NM_CLASS_* */
	/* The module goes, and every handle is closed; NULL: nothing to do. */
	void (*exit)(void);
	/* Whether it can serve @dev; 0 or -errno with a sentence. */
	int (*probe)(struct net_device *dev, char *msg);
	/* Make and free nic->priv; probe has said yes. */
	int (*open)(struct nm_nic *nic, char *msg);
	void (*close)(struct nm_nic *nic);
	/* Fill in what nic.c does not know: all but mtu, hdr_len and class. */
	int (*info)(struct nm_nic *nic, struct nm_nic_info *info, char *msg);
	/*
	 * Hardware rings are to be as nic->want says; nic->on has those of
	 * them that are so already.  0, or -errno and everything is as before;
	 * cannot fail if nothing is in want that is not in on.
	 */
	int (*mode)(struct nm_nic *nic, char *msg);
	/* The interface goes for good: let go of it. */
	void (*gone)(struct nm_nic *nic);
	/* The interface went up or down, has or lost carrier; may be NULL. */
	void (*state)(struct nm_nic *nic);
	/* Hardware rings; as in struct nm_plane_ops, NULL where it has none. */
	u32 (*frames_out)(struct nm_nic *nic, u32 queue, struct nm_actor *me,
			  const struct nm_frames *f);
	u32 (*in_flight)(struct nm_nic *nic, u32 queue);
	int (*dev_tx)(struct nm_nic *nic, u32 queue, struct nm_actor *me,
		      struct nm_view *v, u32 head);
	int (*dev_rx)(struct nm_nic *nic, u32 queue, struct nm_actor *me,
		      struct nm_view *v, u32 head);
};

/* Which rings: bit i is ring i of its direction, hardware rings first. */
struct nm_nic_rings {
	DECLARE_BITMAP(rx, NM_NIC_RX_MAX);
	DECLARE_BITMAP(tx, NM_NIC_RX_MAX);
};

struct nm_nic {
	struct list_head node;		/* [R] nm_nics */
	struct rcu_head rcu;
	u32 refs;			/* [E] */
	struct net_device __rcu *dev;	/* [R]; NULL: gone for good */
	netdevice_tracker tracker;
	const struct nm_nic_backend *be;	/* [I] */
	void *priv;			/* [I] the backend's */
	char why[NM_WHY_LEN];		/* [I] why this backend */

	/* the port, while a ring is taken: [R], RCU; see nm_nic_ring() */
	u32 port;			/* in the plane */
	u32 ring0;
	u32 n_rx, n_tx;			/* hardware rings */
	u32 n_host_rx, n_host_tx;
	u32 tx_slots;
	u32 buf_size;			/* of the port's buffers */
	struct nm_nic_rings on;		/* in netmap mode now */
	struct nm_nic_rings want;	/* for mode: what is to be */
	bool hooked;			/* the egress hook is in place */
	struct nf_hook_ops egress;
};

/* Number in the plane of a ring of the port, whether taken or not. */
static inline u32 nm_nic_rx_ring(const struct nm_nic *nic, u32 i)
{
	return nic->ring0 + i;
}

static inline u32 nm_nic_tx_ring(const struct nm_nic *nic, u32 i)
{
	return nic->ring0 + nic->n_rx + nic->n_host_rx + i;
}

/* nic.c */
extern const struct nm_nic_ops nm_linux_nic_ops;
/**
 * nm_nic_open - a new handle of an interface that has none; RTNL
 * Return: 0, and the reference is the caller's; -errno with a sentence.
 */
int nm_nic_open(struct net_device *dev, u32 admode, struct nm_nic **out,
		char *msg);
extern struct list_head nm_nics;
int nm_nics_init(void);
void nm_nics_exit(void);
/** nm_nic_of_dev - the handle of an interface, or NULL; RTNL or RCU */
struct nm_nic *nm_nic_of_dev(const struct net_device *dev);
/**
 * nm_nic_of_port - the handle of a port of the plane
 * Context: RCU or inside a sync.  Return: NULL when it has none (any more).
 */
struct nm_nic *nm_nic_of_port(u32 port);
/* nm_plane_ops of interfaces */
uint32_t nm_nic_frames_out(struct nm_plane *pl, struct nm_actor *me,
			   uint32_t port, uint32_t i,
			   const struct nm_frames *f);
uint32_t nm_nic_in_flight(struct nm_plane *pl, uint32_t port, uint32_t i);
int nm_nic_dev_tx(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		  uint32_t head);
int nm_nic_dev_rx(struct nm_plane *pl, struct nm_actor *me, struct nm_view *v,
		  uint32_t head);
/** nm_nic_notify - wake who sleeps on a ring that is taken; any context */
void nm_nic_notify(struct nm_nic *nic, bool tx, u32 i);
/** nm_ring_bell - the same by the number of a ring, taken or not */
void nm_ring_bell(u32 ring);
/** nm_nic_mtu_fits - do frames of its MTU fit its buffers; RTNL */
bool nm_nic_mtu_fits(struct nm_nic *nic);
/** nm_nic_set_state - the state of all taken rings; RTNL */
void nm_nic_set_state(struct nm_nic *nic, u32 state);

/* wire.c */
int nm_wires_init(void);
void nm_wires_exit(void);
/** nm_wire_wake - run the wire that waits for a ring, if any; any context */
void nm_wire_wake(u32 ring);
/** nm_wire_drive - nm_host_ops.drive */
int nm_wire_drive(struct nm_engine *e, uint32_t ring, int on);
/* nm_host_ops.poll_start, poll_stop, n_cpus */
int nm_wire_poll_start(struct nm_engine *e, uint32_t cpu, uint32_t first,
		       uint32_t n, struct nm_poller **out);
void nm_wire_poll_stop(struct nm_poller *t);
uint32_t nm_wire_n_cpus(struct nm_engine *e);

/* nic_event.c */
int nm_nic_events_init(void);
void nm_nic_events_exit(void);

/* nic_skb.c */
/**
 * nm_nic_skb_put - put a packet, or what it is made of, into a receive ring
 * @skb: data is at the Ethernet header; consumed unless 0 is returned
 *
 * Packets that the stack or a driver left to later hardware (segmentation,
 * checksums) are completed first; a VLAN tag beside the packet goes back into
 * it.  What is dropped is counted at the ring; @dropped is incremented by it.
 *
 * Context: softirq or bottom halves off.
 * Return: true it was consumed; false the ring does not receive.
 */
bool nm_nic_skb_put(struct sk_buff *skb, u32 ring, u32 *dropped);
/** nm_nic_drop - count a frame that does not leave, at the port's tx ring @i */
void nm_nic_drop(const struct nm_nic *nic, u32 i, u32 why);
/**
 * nm_nic_skb_new - a packet with the bytes of a frame that leaves
 * Return: NULL when there is no memory.
 */
struct sk_buff *nm_nic_skb_new(struct net_device *dev,
			       const struct nm_frames *f, u32 i);

/* nic_host.c */
/**
 * nm_host_hook - catch what the stack sends on an interface, or do not; RTNL
 * Return: 0; -errno with a sentence, for @on only.
 */
int nm_host_hook(struct nm_nic *nic, bool on, char *msg);
/** nm_host_frames_out - give frames of host transmit ring @i to the stack */
u32 nm_host_frames_out(struct nm_nic *nic, u32 i, const struct nm_frames *f);
/** nm_host_is_ours - a packet that a host transmit ring gave to the stack */
bool nm_host_is_ours(const struct sk_buff *skb);
/** nm_host_available - whether this kernel lets us catch what its stack sends */
bool nm_host_available(void);

/* native.c */
extern const struct nm_nic_backend nm_native_backend;

/* vif.c */
extern const struct nm_nic_backend nm_vif_backend;
/* nm_nic_ops.vif_new, vif_free, vif_link */
int nm_vif_make(struct nm_engine *e, const struct nm_cred *cred,
		const char *name, const struct nm_geometry *geo,
		struct nm_nic **out, char *msg);
void nm_vif_free(struct nm_nic *nic);
void nm_vif_link(struct nm_nic *nic, int up);

/* emul.c */
extern const struct nm_nic_backend nm_emul_backend;

#endif /* NM_OS_LINUX_NIC_H */
