/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Transmit queues of the emulated class: emul.c opens and closes them,
 * emul_tx.c sends.
 */
#ifndef NM_OS_LINUX_EMUL_H
#define NM_OS_LINUX_EMUL_H

#include <linux/atomic.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>

#include "os/linux/nic.h"

/*
 * A queue.  Packets hold references, so that it outlives its ring, and even
 * its interface, until the last one has arrived.
 */
struct nm_emul_txq {
	struct nm_emul_txq *next;	/* while it is being closed */
	refcount_t refs;	/* the ring's, and one per packet */
	atomic_t flying;	/* packets on their way */
	u32 wake_at;		/* wake who waits when so few are left */
	u32 ring;		/* in the plane */
	u32 max;		/* packets on their way at most */
	bool ended;		/* the ring is not ours any more */
	bool pinned;		/* the module is held by the last packets */
	struct delayed_work retry;
};

/** nm_emul_txq_new - a queue for ring @ring of the plane; NULL: no memory */
struct nm_emul_txq *nm_emul_txq_new(u32 ring, u32 n_slots);
/** nm_emul_txq_end - nobody sends on it any more; packets may be on their way */
void nm_emul_txq_end(struct nm_emul_txq *q);
/**
 * nm_emul_send - frames of hardware transmit ring @i leave
 * @q: NULL: the ring is closed
 * Context: RCU; preemption off.  Return: as nm_plane_ops.frames_out.
 */
u32 nm_emul_send(struct nm_nic *nic, u32 i, struct nm_emul_txq *q,
		 const struct nm_frames *f);
/** nm_emul_in_flight - as nm_plane_ops.in_flight */
u32 nm_emul_in_flight(struct nm_emul_txq *q);
/** nm_emul_tx_exit - no packet will call us any more */
void nm_emul_tx_exit(void);

#endif /* NM_OS_LINUX_EMUL_H */
