/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Native ports: what the two files share.
 *
 *   native.c       drivers come and go; the backend
 *   native_ring.c  rings: into and out of netmap mode, stop and go, slots
 *   native_out.c   frames of others (switches, the host) that leave by a ring
 */
#ifndef NM_OS_LINUX_NATIVE_H
#define NM_OS_LINUX_NATIVE_H

#include <net/netmap_driver.h>

#include "os/linux/nic.h"

/* All fields: RTNL, unless marked otherwise. */
struct nm_native {
	struct netmap_adapter na;
	struct hlist_node node;		/* nm_natives; RCU */
	u32 refs;			/* attached, handle */
	bool dead;			/* detached; read in syncs */
	struct nm_nic *nic;		/* the handle; RCU */
	struct nm_bufs bufs;		/* while on */
	u32 n_tx, n_rx;			/* while on: krings */
	struct netmap_kring *krings;	/* while on: transmit, then receive */
};

static inline struct nm_native *nm_native_of(const struct netmap_adapter *na)
{
	return container_of(na, struct nm_native, na);
}

/* native.c */
/** nm_native_find - of an interface, or NULL; RTNL or RCU */
struct nm_native *nm_native_find(const struct net_device *dev);
/** nm_native_config - how its device is now; 0; -EINVAL nonsense; -errno */
int nm_native_config(struct nm_native *nt, struct nm_config_info *c);
/** nm_native_sync - one sync of a ring, whose owner calls it; 0 or -errno */
int nm_native_sync(struct nm_nic *nic, u32 queue, enum txrx tx,
		   struct nm_actor *me, struct nm_view *v, u32 head);

/* native_out.c */
/** nm_native_frames_out - nm_nic_backend.frames_out */
u32 nm_native_frames_out(struct nm_nic *nic, u32 queue, struct nm_actor *me,
			 const struct nm_frames *f);

/* native_ring.c */
/** nm_krings_make, nm_krings_drop - krings of all rings; 0 or -errno */
int nm_krings_make(struct nm_native *nt);
void nm_krings_drop(struct nm_native *nt);
/**
 * nm_krings_plan - note what each ring is to become
 * @off: all are to be given back
 * Return: how many are to be in netmap mode; -errno nothing was planned.
 */
int nm_krings_plan(struct nm_native *nt, bool off);
/** nm_krings_change - have the driver do what was planned; 0 or -errno */
int nm_krings_change(struct nm_native *nt, bool on);
/** nm_native_pause - nobody is inside a ring, nor comes in */
void nm_native_pause(struct nm_native *nt, u32 state);
/** nm_native_resume - they may again */
void nm_native_resume(struct nm_native *nt);
/** nm_native_kring - ring @i if it is in netmap mode, else NULL; RCU */
struct netmap_kring *nm_native_kring(struct nm_native *nt, enum txrx tx, u32 i);

#endif /* NM_OS_LINUX_NATIVE_H */
