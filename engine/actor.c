/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Actors and grace periods; see actor.h.
 */
#include "engine/actor.h"
#include "engine/engine_priv.h"

#define GRACE_POLL_US	50u

/* Make room for actor @id in the private table. */
static int actors_grow(struct nm_actors *a, uint32_t id)
{
	struct nm_actor_state *v;
	uint32_t len = a->len ? a->len : 64;

	if (id < a->len)
		return 0;
	while (len <= id)
		len *= 2;
	v = nm_os_alloc(len * sizeof(*v));
	if (!v)
		return -ENOMEM;
	if (a->v)
		memcpy(v, a->v, a->len * sizeof(*v));
	nm_os_free(a->v);
	a->v = v;
	a->len = len;
	return 0;
}

void nm_actors_fini(struct nm_actors *a)
{
	nm_os_free(a->v);
	memset(a, 0, sizeof(*a));
}

int nm_actor_new_locked(struct nm_engine *e, uint32_t pid)
{
	struct nm_pactor *pa;
	uint32_t id, gen;

	nm_os_assert_held(&e->lock);
	id = nm_idmap_take(&e->actor_ids, 1);
	if (id == NM_ID_NONE)
		return -ENOSPC;
	if (actors_grow(&e->actors, id) ||
	    nm_os_table_populate(&e->pl.actors, id, 1)) {
		nm_idmap_put(&e->actor_ids, id, 1);
		return -ENOSPC;
	}
	if (id >= e->actors.end)
		e->actors.end = id + 1;
	e->actors.v[id] = (struct nm_actor_state){ .live = 1, .pid = pid };
	pa = nm_pactor_at(&e->pl, id);
	gen = nm_load32(&pa->gen);
	memset(pa, 0, sizeof(*pa));
	pa->gen = gen + 1;
	pa->pid = pid;
	nm_store32_rel(&pa->live, 1);
	return id;
}

void nm_actor_free_locked(struct nm_engine *e, uint32_t id)
{
	struct nm_pactor *pa;

	nm_os_assert_held(&e->lock);
	if (id >= e->actors.end || !e->actors.v[id].live)
		return;
	pa = nm_pactor_at(&e->pl, id);
	nm_store32(&pa->live, 0);
	nm_store32(&pa->seq, 0);
	memset(&e->actors.v[id], 0, sizeof(e->actors.v[id]));
	nm_idmap_put(&e->actor_ids, id, 1);
	while (e->actors.end && !e->actors.v[e->actors.end - 1].live)
		e->actors.end--;
}

int nm_actor_is_known(const struct nm_engine *e, uint32_t id)
{
	return id < e->actors.end && e->actors.v[id].live;
}

int nm_actor_is_live(const struct nm_engine *e, uint32_t id)
{
	return nm_actor_is_known(e, id) && !e->actors.v[id].dead;
}

uint64_t nm_grace_begin(struct nm_engine *e)
{
	struct nm_actors *a = &e->actors;
	uint64_t period = ++a->period;
	uint32_t i, seq;

	/* G2: after what was unpublished; pairs with G1, nm_actor_enter() */
	nm_fence_full();
	for (i = 0; i < a->end; i++) {
		struct nm_actor_state *s = &a->v[i];

		if (!s->live || s->dead)
			continue;
		seq = nm_load32_acq(&nm_pactor_at(&e->pl, i)->seq);
		if (!(seq & 1)) {
			s->seen = 0;
			s->stopped = 0;
		} else if (!s->seen || s->seq != seq) {
			s->seen = 1;
			s->stopped = 0;
			s->seq = seq;
			s->since = period;
		}
	}
	return period;
}

/*
 * An actor that holds up @period, or NULL; one that is worth waiting for, if
 * there is any.
 */
static struct nm_actor_state *grace_holder(struct nm_engine *e, uint64_t period)
{
	struct nm_actors *a = &e->actors;
	struct nm_actor_state *stopped = NULL;
	uint32_t i;

	for (i = 0; i < a->end; i++) {
		struct nm_actor_state *s = &a->v[i];

		if (!s->live || s->dead || !s->seen || s->since > period)
			continue;
		if (nm_load32_acq(&nm_pactor_at(&e->pl, i)->seq) != s->seq)
			s->seen = s->stopped = 0;
		else if (!s->stopped)
			return s;
		else
			stopped = s;
	}
	return stopped;
}

int nm_grace_is_over(struct nm_engine *e, uint64_t period)
{
	return !grace_holder(e, period);
}

uint32_t nm_grace_culprit(struct nm_engine *e, uint64_t period)
{
	struct nm_actor_state *s = grace_holder(e, period);

	return s ? s->pid : 0;
}

/* Those that still hold up @period had their time. */
static void grace_give_up(struct nm_engine *e, uint64_t period)
{
	struct nm_actor_state *s;

	while ((s = grace_holder(e, period)) && !s->stopped)
		s->stopped = 1;
}

int nm_grace_wait(struct nm_engine *e, uint64_t period, uint32_t us)
{
	struct nm_actor_state *s = grace_holder(e, period);
	uint64_t end;

	if (!s || s->stopped)
		return !s;
	end = nm_os_now_ns() + (uint64_t)us * 1000;
	do {
		nm_os_usleep(GRACE_POLL_US);
		s = grace_holder(e, period);
		if (!s || s->stopped)
			return !s;
	} while (nm_os_now_ns() < end);
	grace_give_up(e, period);
	return nm_grace_is_over(e, period);
}
