/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * From the number of a ring to the descriptors that may sleep on it.
 *
 * A descriptor has one wait queue.  It is an error to have one per ring: poll
 * would have to hang itself on hundreds of them, and epoll does so only once,
 * whatever is asked for later.  The keys of the wake-ups (in, out) say who of
 * the queue is meant.
 *
 * Lists are read under RCU; a sender gets here only when somebody has said
 * that he sleeps (nm_ring_want()), so they may be short rather than fast.
 */
#include <linux/hashtable.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "os/linux/dev.h"

#define NM_WAIT_BITS	10

static DEFINE_HASHTABLE(nm_waiters, NM_WAIT_BITS);
static DEFINE_SPINLOCK(nm_waiters_lock);	/* changes of the lists */

int nm_wait_add(struct nm_kfile *kf)
{
	uint32_t n_rx = kf->b.rx_n, n = n_rx + kf->b.tx_n, i;
	struct nm_waiter *w;

	w = kvcalloc(max(n, 1u), sizeof(*w), GFP_KERNEL_ACCOUNT);
	if (!w)
		return -ENOMEM;
	kf->waiters = w;
	kf->n_waiters = n;
	for (i = 0; i < n; i++, w++) {
		w->kf = kf;
		w->tx = i >= n_rx;
		w->ring = nm_kfile_ring(kf, w->tx, w->tx ? i - n_rx : i);
		spin_lock(&nm_waiters_lock);
		hash_add_rcu(nm_waiters, &w->node, w->ring);
		spin_unlock(&nm_waiters_lock);
	}
	return 0;
}

void nm_wait_del(struct nm_kfile *kf)
{
	uint32_t i;

	for (i = 0; i < kf->n_waiters; i++) {
		spin_lock(&nm_waiters_lock);
		hash_del_rcu(&kf->waiters[i].node);
		spin_unlock(&nm_waiters_lock);
	}
	kf->n_waiters = 0;
}

/*
 * A sender that wakes its receiver on its own CPU would go on until its time is
 * up, some milliseconds, and fill the receiver's ring many times over: the
 * scheduler does not know that they work together.  So it gives way when its
 * sync is done.  Who waits on another CPU is left alone, as is a sleeper whose
 * CPU we remember wrongly: that costs a look at the run queue.
 */
static DEFINE_PER_CPU(bool, nm_woke_here);

void nm_wait_give_way(bool goes_on)
{
	if (likely(!this_cpu_read(nm_woke_here)))
		return;
	this_cpu_write(nm_woke_here, false);
	if (goes_on)
		yield();
}

void nm_wait_wake(uint32_t ring, bool all)
{
	struct nm_waiter *w;
	__poll_t key;

	rcu_read_lock();
	hash_for_each_possible_rcu(nm_waiters, w, node, ring) {
		if (w->ring != ring || !wq_has_sleeper(&w->kf->wq))
			continue;
		if (READ_ONCE(w->kf->cpu) == raw_smp_processor_id())
			this_cpu_write(nm_woke_here, true);
		key = w->tx ? EPOLLOUT | EPOLLWRNORM : EPOLLIN | EPOLLRDNORM;
		if (all)
			key |= EPOLLHUP | EPOLLERR;
		wake_up_poll(&w->kf->wq, key);
	}
	rcu_read_unlock();
}
