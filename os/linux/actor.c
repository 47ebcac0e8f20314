/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Actors of the kernel home; see actor.h.
 *
 * An actor per descriptor or per thread would be preempted between a
 * reservation and its commit, and everybody who waits for that entry would
 * wait for the scheduler; it would also bring its batch memory along from
 * cache to cache.  So nobody is ever found inside a sync for longer than a
 * sync takes, grace periods are short, and the kernel needs none of the repair
 * that user mode has.
 */
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/preempt.h>

#include "engine/os.h"
#include "os/linux/actor.h"
#include "os/linux/dev.h"

static DEFINE_PER_CPU(struct nm_kactor, nm_task_actors);
static DEFINE_PER_CPU(struct nm_kactor, nm_soft_actors);

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
	int cpu;

	for_each_possible_cpu(cpu) {
		actor_fini(per_cpu_ptr(&nm_task_actors, cpu));
		actor_fini(per_cpu_ptr(&nm_soft_actors, cpu));
	}
}

int nm_actors_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (actor_init(per_cpu_ptr(&nm_task_actors, cpu)) ||
		    actor_init(per_cpu_ptr(&nm_soft_actors, cpu))) {
			nm_actors_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

struct nm_kactor *nm_task_actor_get(void)
{
	struct nm_kactor *ka = get_cpu_ptr(&nm_task_actors);

	ka->a.now_s = nm_os_now_s();
	return ka;
}

void nm_task_actor_put(struct nm_kactor *ka)
{
	put_cpu_ptr(&nm_task_actors);
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
