/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Who runs the plane here: two actors per CPU.
 *
 *   task   system calls, preemption off
 *   soft   packets that the network stack hands over, bottom halves off: it
 *          may interrupt a task's sync, and nothing that uses it interrupts it
 *
 * Hard interrupts, and whoever has interrupts off (netconsole), run nothing:
 * they could be in the middle of either.
 */
#ifndef NM_OS_LINUX_ACTOR_H
#define NM_OS_LINUX_ACTOR_H

#include <linux/types.h>

#include "engine/plane/plane.h"

struct nm_kfile;

/* An actor; its host pointer leads back here. */
struct nm_kactor {
	struct nm_actor a;
	struct nm_kfile *kf;	/* whose sync runs, NULL: none */
	bool in_use;		/* soft: inside the plane */
};

/** nm_actors_init - 0 or -ENOMEM */
int nm_actors_init(void);
void nm_actors_exit(void);

/** nm_task_actor_get - this CPU's, with preemption off until it is put */
struct nm_kactor *nm_task_actor_get(void);
void nm_task_actor_put(struct nm_kactor *ka);

/**
 * nm_soft_actor_get - this CPU's, entered (nm_actor_enter())
 *
 * Context: softirq or bottom halves off; anything else gets NULL, and so does
 * whoever comes here from inside the plane: he must do without.
 */
struct nm_kactor *nm_soft_actor_get(void);
void nm_soft_actor_put(struct nm_kactor *ka);

#endif /* NM_OS_LINUX_ACTOR_H */
