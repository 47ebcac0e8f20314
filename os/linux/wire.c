/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Who moves frames between interfaces and switches: a work item per receive
 * ring with a sink (engine/plane/wire_sync.h), queued when the ring is woken.
 *
 * In a work item and not in the softirq that wakes it: what a host is given, it
 * may answer at once, through the hook that catches what it sends, and that
 * must find this CPU's soft actor unused.
 */
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "engine/plane/wire_sync.h"
#include "os/linux/actor.h"
#include "os/linux/nic.h"

struct nm_wire {
	struct work_struct work;
	u32 ring;
	u32 out;	/* transmit ring it goes out by, or the ring itself */
};

/* Ring, or the transmit ring it goes out by -> wire.  Engine's lock; RCU */
static DEFINE_XARRAY(nm_wires);
static struct workqueue_struct *nm_wire_queue;

static int wire_run(u32 ring)
{
	struct nm_kactor *ka = nm_task_actor_get();
	int more;

	ka->a.flags = NM_SYNC_FORCE;
	more = nm_wire_run(nm_dev_plane(), &ka->a, ring);
	nm_task_actor_put(ka);
	return more;
}

static void wire_work(struct work_struct *work)
{
	struct nm_wire *w = container_of(work, struct nm_wire, work);

	if (wire_run(w->ring))
		queue_work(nm_wire_queue, work);
}

void nm_wire_wake(u32 ring)
{
	struct nm_wire *w;

	rcu_read_lock();
	w = xa_load(&nm_wires, ring);
	if (w)
		queue_work(nm_wire_queue, &w->work);
	rcu_read_unlock();
}

static int wire_on(u32 ring, u32 out)
{
	struct nm_wire *w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);
	int error;

	if (!w)
		return -ENOMEM;
	INIT_WORK(&w->work, wire_work);
	w->ring = ring;
	w->out = out;
	error = xa_err(xa_store(&nm_wires, out, w, GFP_KERNEL));
	if (!error)
		error = xa_err(xa_store(&nm_wires, ring, w, GFP_KERNEL));
	if (error) {
		xa_erase(&nm_wires, out);
		synchronize_rcu();
		cancel_work_sync(&w->work);
		kfree(w);
		return -ENOMEM;
	}
	queue_work(nm_wire_queue, &w->work);
	return 0;
}

static void wire_off(u32 ring)
{
	struct nm_wire *w = xa_erase(&nm_wires, ring);

	if (!w)
		return;
	if (w->out != ring)
		xa_erase(&nm_wires, w->out);
	synchronize_rcu();
	cancel_work_sync(&w->work);
	kfree(w);
}

int nm_wire_drive(struct nm_engine *e, uint32_t ring, int on)
{
	struct nm_pring *r = nm_pring_at(nm_dev_plane(), ring);

	if (on)
		return wire_on(ring, r->sink == NM_SINK_OUT ? r->sink_ring :
			       ring);
	wire_off(ring);
	return 0;
}

/* --- polling ----------------------------------------------------------------- */

struct nm_poller {
	struct task_struct *task;
	u32 first, n;
};

static int poller_main(void *arg)
{
	struct nm_poller *t = arg;
	u32 i;

	while (!kthread_should_stop()) {
		for (i = 0; i < t->n; i++)
			wire_run(t->first + i);
		cond_resched();
		cpu_relax();
	}
	return 0;
}

int nm_wire_poll_start(struct nm_engine *e, uint32_t cpu, uint32_t first,
		       uint32_t n, struct nm_poller **out)
{
	struct nm_poller *t;

	if (cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	if (!t)
		return -ENOMEM;
	t->first = first;
	t->n = n;
	t->task = kthread_create_on_node(poller_main, t, cpu_to_node(cpu),
					 "netmap-poll/%u", cpu);
	if (IS_ERR(t->task)) {
		kfree(t);
		return -ENOMEM;
	}
	kthread_bind(t->task, cpu);
	wake_up_process(t->task);
	*out = t;
	return 0;
}

void nm_wire_poll_stop(struct nm_poller *t)
{
	u32 i;

	kthread_stop(t->task);
	/* it may have left something, for which nobody was woken */
	for (i = 0; i < t->n; i++)
		nm_wire_wake(t->first + i);
	kfree(t);
}

uint32_t nm_wire_n_cpus(struct nm_engine *e)
{
	return num_online_cpus();
}

/* --- module ------------------------------------------------------------------ */

int nm_wires_init(void)
{
	nm_wire_queue = alloc_workqueue("netmap", WQ_HIGHPRI | WQ_UNBOUND, 0);
	return nm_wire_queue ? 0 : -ENOMEM;
}

/* No wire is left. */
void nm_wires_exit(void)
{
	destroy_workqueue(nm_wire_queue);
	xa_destroy(&nm_wires);
}
