/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * /dev/netmap: what the files of the kernel home share.
 *
 *   module.c     load, unload, the engine, the device node
 *   dev.c        open, release, requests
 *   dev_sync.c   NIOC*SYNC and poll
 *   actor.c      who runs the plane here
 *   dev_map.c    mappings of a region
 *   dev_wait.c   from the number of a ring to who sleeps on it
 *   dev_param.c  /sys/module/netmap/parameters
 *   dev_show.c   debugfs
 */
#ifndef NM_OS_LINUX_DEV_H
#define NM_OS_LINUX_DEV_H

#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/wait.h>

#include "engine/engine.h"

struct nm_kfile;

/* A descriptor waits on a ring. */
struct nm_waiter {
	struct hlist_node node;
	struct nm_kfile *kf;
	uint32_t ring;
	uint32_t tx;
};

/*
 * An open file.  @ctl serialises requests, and is held while user memory is
 * copied; mmap, faults, syncs and poll do not take it.  They look at
 * @is_bound (acquire), which is set (release) when a REGISTER has been
 * answered, once, and everything marked [b] does not change after that.
 */
struct nm_kfile {
	struct mutex ctl;
	struct nm_file *f;		/* [ctl]; NULL: no memory for it */
	struct net *net;		/* a reference; of who opened */
	int is_bound;
	struct nm_bound b;		/* [b] */
	struct mm_struct *mm;		/* [b] of who bound; a reference
					 * (mmgrab), for comparison */
	struct nm_waiter *waiters;	/* [b] one per bound ring */
	uint32_t n_waiters;		/* [b] */
	int indirect;			/* a slot had NS_INDIRECT, ever */
	int cpu;			/* where it was polled last; a hint */
	wait_queue_head_t wq;
	struct rcu_head rcu;
};

/* Set while the module is loaded. */
extern struct nm_engine *nm_dev_engine;

static inline struct nm_plane *nm_dev_plane(void)
{
	return nm_engine_plane(nm_dev_engine);
}

static inline bool nm_kfile_is_bound(struct nm_kfile *kf)
{
	/* pairs with dev_publish() */
	return smp_load_acquire(&kf->is_bound);
}

/* Number of the descriptor's receive or transmit ring @i in the plane. */
static inline uint32_t nm_kfile_ring(const struct nm_kfile *kf, bool tx,
				     uint32_t i)
{
	const struct nm_bound *b = &kf->b;

	return b->ring0 + i + (tx ? b->n_rx + b->tx_first : b->rx_first);
}

static inline uint32_t nm_kfile_n_rings(const struct nm_kfile *kf, bool tx)
{
	return tx ? kf->b.tx_n : kf->b.rx_n;
}

/* dev.c */
extern const struct file_operations nm_dev_fops;
/** nm_dev_tick - let the engine bury what waits for a grace period */
void nm_dev_tick(void);
/** nm_dev_tick_stop - no tick runs or comes after this */
void nm_dev_tick_stop(void);

/* dev_sync.c */
extern const struct nm_plane_ops nm_dev_plane_ops;
/** nm_dev_sync - NIOCTXSYNC or NIOCRXSYNC; 0 or -errno */
int nm_dev_sync(struct nm_kfile *kf, bool tx);
__poll_t nm_dev_poll(struct file *file, struct poll_table_struct *pt);

/* dev_map.c */
int nm_map_init(void);
void nm_map_exit(void);
/** nm_map_open - pages of this file's mappings can be taken back */
void nm_map_open(struct file *file);
int nm_dev_mmap(struct file *file, struct vm_area_struct *vma);

/* dev_wait.c */
/** nm_wait_add - @kf sleeps on the rings in @kf->b; 0 or -ENOMEM */
int nm_wait_add(struct nm_kfile *kf);
/** nm_wait_del - and not any more; kf->waiters lives until a grace period */
void nm_wait_del(struct nm_kfile *kf);
/**
 * nm_wait_wake - wake who sleeps on a ring; any context
 * @all: whatever for; else only for what the ring is for, in or out
 */
void nm_wait_wake(uint32_t ring, bool all);
/**
 * nm_wait_give_way - after the syncs of a call: let those run who were woken on
 * this CPU
 * @goes_on: the caller returns to its program, and does not sleep
 */
void nm_wait_give_way(bool goes_on);

/* dev_param.c */
/**
 * nm_param_attach - settings go to @p from now on, what was set when the
 * module was loaded included; NULL: to nowhere
 * Return: 0; -EINVAL the list here and the engine's table differ.
 */
int nm_param_attach(struct nm_params *p);

/* dev_show.c */
void nm_show_init(void);
/** nm_show_exit - nobody reads when this returns */
void nm_show_exit(void);

#endif /* NM_OS_LINUX_DEV_H */
