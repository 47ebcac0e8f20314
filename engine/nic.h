/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Ports of network interfaces, and what they ask of the home.
 *
 * A nic port has hardware rings and host rings; of each direction the hardware
 * rings come first:
 *
 *   receive   0 .. rx_rings - 1        what the interface received
 *             then host_rx_rings       what the host's stack sends on it
 *   transmit  0 .. tx_rings - 1        to the interface
 *             then host_tx_rings       to the host's stack, as if received
 *
 * The engine has the rings, the memory, the binding and the positions; the
 * home has the interface.  What they say to each other:
 *
 *   control   struct nm_nic_ops, below: find an interface, take its rings,
 *             give them back.  The home calls nothing: what happens to an
 *             interface by itself (down, gone) it writes into the state of
 *             the rings in the plane (nm_nic_rings_state()).
 *   packets   struct nm_plane_ops: a frame at a time for rings of which the
 *             engine keeps the slots (NM_PLANE_NIC, NM_PLANE_HOST); a whole
 *             sync for rings whose slots the device itself reads and writes
 *             (NM_PLANE_DEV).  Frames that arrive go into the inbox of the
 *             ring with nm_feed_put() (plane/feed.h), from any context.
 *
 * One interface is one port, however it is called by whoever opens it: the
 * home knows it again and returns the same handle.
 */
#ifndef NM_ENGINE_NIC_H
#define NM_ENGINE_NIC_H

#include "engine/engine.h"
#include "engine/port.h"

#define NM_NIC_MAX_RINGS	256u	/* hardware rings per direction */
#define NM_NIC_MAX_HOST		64u	/* host rings per direction */

struct nm_nic;		/* the home's handle of an interface */

/* What the engine has to know about an interface. */
struct nm_nic_info {
	uint32_t tx_rings, rx_rings;	/* 1..NM_NIC_MAX_RINGS */
	uint32_t tx_slots, rx_slots;	/* 2..NM_MAX_SLOTS */
	uint32_t host_rings;	/* 1: may have host rings; 0: cannot */
	uint32_t own_slots;	/* 1: NM_PLANE_DEV, the device itself reads and
				 * writes slots; 0: NM_PLANE_NIC */
	uint32_t mtu;		/* without link-layer header */
	uint32_t hdr_len;	/* link-layer header with tags */
	uint32_t rx_max;	/* most bytes the device writes into a slot */
	uint32_t multi;		/* 1: long packets take several slots */
	uint32_t class;		/* NM_CLASS_NATIVE, _XDP or _EMULATED */
	char why[NM_WHY_LEN];	/* why this class: a sentence for people */
};

/*
 * All are called with the engine's lock held and may sleep; a lock that the
 * home takes here (the kernel's RTNL) is below the engine's, so whoever holds
 * it already must not call the engine.  @msg takes a sentence on failure,
 * NM_WHY_LEN bytes.
 */
struct nm_nic_ops {
	/**
	 * get - find an interface; a reference to the handle is the caller's
	 * @cred:   whose network namespace
	 * @name:   of the interface
	 * @admode: 0 best class, 1 native only, 2 emulated (parameter)
	 *
	 * While somebody has the handle, its class stays as it is.
	 * Return: 0; -ENXIO there is none, or it is about to go; -EOPNOTSUPP
	 *         @admode cannot be; -EBUSY; -EINVAL; -ENOMEM.
	 */
	int (*get)(struct nm_engine *e, const struct nm_cred *cred,
		   const char *name, uint32_t admode, struct nm_nic **out,
		   char *msg);
	void (*put)(struct nm_nic *nic);
	/**
	 * info - what the interface is like now
	 *
	 * Called when the port is made, and before each binding while no ring
	 * is taken.  Return: 0; -ENXIO the interface is gone; other -errno.
	 */
	int (*info)(struct nm_nic *nic, struct nm_nic_info *info, char *msg);
	/**
	 * mode - take the rings of @p that have users, give back the others
	 *
	 * A ring is to be in netmap mode if nm_ring_is_taken(): it is open in
	 * the plane, with memory and buffers.  Called whenever that changed
	 * for some ring, and once with none taken before the port goes.  To
	 * begin with no ring is taken.  Rings that stay as they are must go on
	 * working, a short pause apart.  Giving back cannot fail.  When mode
	 * has returned, no sender of the home is in a ring that was given back
	 * nor will enter it, other than as an actor inside a sync: the engine
	 * lets a grace period pass before it takes the memory away.  @msg may
	 * be NULL when rings are only given back.
	 *
	 * Return: 0; -errno some ring could not be taken, and all are as they
	 *         were before.
	 */
	int (*mode)(struct nm_nic *nic, struct nm_port *p, char *msg);
	/**
	 * vif_new - make an interface (vif.h); NULL: this home makes none
	 * @name: of the interface, new in the network namespace of @cred
	 * @geo:  of the port it will be connected with: as many rings as that
	 *        transmits with receive here, and the other way round
	 * @out:  a handle of it, with a reference that is the caller's; NULL
	 *        when @cred may not make interfaces, which is no error
	 * Return: 0; -EEXIST; -EINVAL the name cannot be; -ENOMEM.
	 */
	int (*vif_new)(struct nm_engine *e, const struct nm_cred *cred,
		       const char *name, const struct nm_geometry *geo,
		       struct nm_nic **out, char *msg);
	/** vif_free - take the interface away; the handle stays, as a hull */
	void (*vif_free)(struct nm_nic *nic);
	/** vif_link - whether it has a carrier; none to begin with */
	void (*vif_link)(struct nm_nic *nic, int up);
};

/** nm_ring_is_taken - should the ring be in netmap mode; for nm_nic_ops.mode */
static inline int nm_ring_is_taken(const struct nm_ring *r)
{
	return r->life == NM_RING_OPEN && r->users > 0;
}

/**
 * nm_nic_rings_state - say what is the matter with rings that were taken
 * @state: NM_RING_RUN all is well; NM_RING_LOCKED short stop, callers come
 *         back later; NM_RING_STOPPED the interface is gone: syncs return -EIO
 * @first: in the plane, and
 * @n:     how many
 *
 * For the home, any context, without the engine's lock, between a successful
 * mode() that took the rings and the one that gives them back; it must not run
 * at the same time as mode().  Who sleeps on one of them is woken.
 */
void nm_nic_rings_state(struct nm_plane *pl, struct nm_actor *me,
			uint32_t first, uint32_t n, uint32_t state);

/**
 * nm_nic_frame_fits - may the interface have its MTU with buffers of @size
 *
 * A frame is to fit one buffer, for programs that do not know of packets in
 * several slots; unless the interface says that it has longer ones (rx_max)
 * and that they take several slots.
 */
static inline int nm_nic_frame_fits(const struct nm_nic_info *info,
				    uint32_t size)
{
	uint32_t frame = info->mtu + info->hdr_len;

	if (frame <= info->rx_max)
		return size >= frame;
	return info->multi && size >= info->rx_max;
}

/**
 * nm_nic_get - the port of an interface; a reference is taken
 * @w: w->text is its name
 * Return: 0; -ENXIO no such interface, or no interfaces in this home; as
 *         nm_nic_ops.get() and info(); -ENOMEM.
 */
int nm_nic_get(struct nm_file *f, const struct nm_want *w,
	       struct nm_port **out);

/**
 * nm_nic_port_new - make the port of a handle that has none
 * @nic: a reference that the port takes over on success
 * Return: 0; -errno with a sentence.
 */
int nm_nic_port_new(struct nm_file *f, const struct nm_want *w,
		    struct nm_nic *nic, struct nm_port **out);

/**
 * nm_nic_attach - make an interface a port of a switch
 * @name: of kind NM_NAME_VALE; name->id is the interface
 * @reg:  mode NR_REG_ALL_NIC, or NR_REG_NIC_SW: its host too; ring 0
 * @pos:  out: position of the interface
 * Return: 0; -errno with a sentence.
 */
int nm_nic_attach(struct nm_file *f, const struct nm_name *name,
		  const struct nmreq_register *reg, uint32_t *pos);

/**
 * nm_nic_poll - have threads that poll an attached interface
 * @wire: any port of a switch
 * Return: 0; -EOPNOTSUPP no attached interface; -EFAULT they are there already,
 *         or cannot be made; -EINVAL.
 */
int nm_nic_poll(struct nm_file *f, struct nm_port *wire,
		const struct nmreq_vale_polling *pol);

/** nm_nic_poll_end - undo it; -EFAULT there are none; -EOPNOTSUPP */
int nm_nic_poll_end(struct nm_file *f, struct nm_port *wire);

/** nm_nic_detach - undo it; @wire: the interface's port or its host's */
void nm_nic_detach(struct nm_port *wire);

/** nm_nic_poll_stop - end the threads of a wire, if there are any */
void nm_nic_poll_stop(struct nm_port *wire);

extern const struct nm_port_kind nm_nic_kind, nm_wire_kind;

#endif /* NM_ENGINE_NIC_H */
