/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Actors of the kernel home; see actor.h.
 *
 * An actor per descriptor or per thread would be preempted between a
 * reservation and its commit, and everybody who waits for that entry would
 * wait for the scheduler; it would also bring its batch memory along from
 * cache to cache.  So nobody is found inside a sync for longer than a sync
 * takes, grace periods are short, and the kernel needs none of the repair that
 * user mode has.
 *
 * There is one exception: who comes first to a part of a region sleeps until
 * there is memory (os_pin.h).  He keeps his actor meanwhile, and there are
 * spare ones for who comes to that CPU then.
 */
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "engine/os.h"
#include "os/linux/actor.h"
#include "os/linux/dev.h"
#include "os/linux/os_pin.h"

#define SPARE_ACTORS	8	/* beside two for each CPU */

static DEFINE_PER_CPU(struct nm_kactor *, nm_idle_actor);
static DEFINE_PER_CPU(struct nm_kactor, nm_soft_actors);
static struct nm_kactor *nm_actors;
static uint32_t nm_n_actors;
static struct nm_kactor *nm_spare_actors;
static DEFINE_SPINLOCK(nm_spare_lock);		/* the spare ones */
static DECLARE_WAIT_QUEUE_HEAD(nm_spare_wq);	/* for one */

static void actor_fini(struct nm_kactor *ka)
{
	if (ka->a.host)
		nm_actor_free(nm_dev_engine, ka->a.id);
	nm_os_free(ka->a.batch);
	memset(ka, 0, sizeof(*ka));
}

static int actor_init(struct nm_kactor *ka)
{
	int id;

	ka->a.batch = nm_os_alloc(nm_batch_size());
	id = ka->a.batch ? nm_actor_new(nm_dev_engine, 0) : -ENOMEM;
	if (id < 0)
		return -ENOMEM;
	ka->a.id = id;
	ka->a.host = ka;
	return 0;
}

void nm_actors_exit(void)
{
	struct nm_kactor *ka;
	int cpu;

	for (ka = nm_actors; ka < nm_actors + nm_n_actors; ka++)
		actor_fini(ka);
	for_each_possible_cpu(cpu) {
		*per_cpu_ptr(&nm_idle_actor, cpu) = NULL;
		actor_fini(per_cpu_ptr(&nm_soft_actors, cpu));
	}
	nm_spare_actors = NULL;
	kvfree(nm_actors);
	nm_actors = NULL;
	nm_n_actors = 0;
}

static int task_actors_init(void)
{
	uint32_t n = 2 * num_possible_cpus() + SPARE_ACTORS;
	struct nm_kactor *ka;

	nm_actors = kvcalloc(n, sizeof(*nm_actors), GFP_KERNEL);
	if (!nm_actors)
		return -ENOMEM;
	nm_n_actors = n;
	for (ka = nm_actors; ka < nm_actors + n; ka++) {
		if (actor_init(ka))
			return -ENOMEM;
		ka->next = nm_spare_actors;
		nm_spare_actors = ka;
	}
	return 0;
}

int nm_actors_init(void)
{
	int cpu, error = task_actors_init();

	for_each_possible_cpu(cpu)
		if (!error)
			error = actor_init(per_cpu_ptr(&nm_soft_actors, cpu));
	if (error)
		nm_actors_exit();
	return error;
}

static struct nm_kactor *spare_take(void)
{
	struct nm_kactor *ka;

	spin_lock(&nm_spare_lock);
	ka = nm_spare_actors;
	if (ka)
		nm_spare_actors = ka->next;
	spin_unlock(&nm_spare_lock);
	return ka;
}

static void spare_give(struct nm_kactor *ka)
{
	spin_lock(&nm_spare_lock);
	ka->next = nm_spare_actors;
	nm_spare_actors = ka;
	spin_unlock(&nm_spare_lock);
	wake_up(&nm_spare_wq);
}

struct nm_kactor *nm_task_actor_get(void)
{
	struct nm_kactor *ka;

	nm_os_pin();
	ka = __this_cpu_read(nm_idle_actor);
	__this_cpu_write(nm_idle_actor, NULL);
	if (unlikely(!ka)) {
		nm_os_unpin();
		wait_event(nm_spare_wq, (ka = spare_take()));
		nm_os_pin();
	}
	ka->a.now_s = nm_os_now_s();
	return ka;
}

void nm_task_actor_put(struct nm_kactor *ka)
{
	if (likely(!__this_cpu_read(nm_idle_actor)))
		__this_cpu_write(nm_idle_actor, ka);
	else
		spare_give(ka);
	nm_os_unpin();
}

struct nm_kactor *nm_soft_actor_get(void)
{
	struct nm_kactor *ka;

	if (!in_softirq() || in_hardirq() || irqs_disabled())
		return NULL;
	ka = this_cpu_ptr(&nm_soft_actors);
	if (ka->in_use)
		return NULL;
	ka->in_use = true;
	ka->a.now_s = nm_os_now_s();
	nm_actor_enter(nm_dev_plane(), &ka->a);
	return ka;
}

void nm_soft_actor_put(struct nm_kactor *ka)
{
	nm_actor_leave(nm_dev_plane(), &ka->a);
	ka->in_use = false;
}
