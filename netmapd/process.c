/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes that run syncs themselves, watched by pidfd.
 *
 * An actor lives until its thread says that it ends, the session through
 * which it was asked for is over, or its process dies.  A process that dies
 * in the middle of a sync has to be repaired before its descriptors are
 * closed; but the kernel closes a dying process's sockets first and makes its
 * pidfd readable a little later.  So when a session ends we ask of each
 * process that used it whether it still has memory: if not, none of its
 * threads runs any more, and the pidfd is waited for.
 *
 * A session can also end because the process became another program
 * (execve), with threads cut off in the middle of a sync: an actor of an
 * ended session that is inside a sync is dead, whatever its process does.
 */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include "engine/os.h"
#include "netmapd/creds.h"
#include "netmapd/process.h"

#define DEATH_MS	200	/* from losing memory to being dead, at most */

struct actor {
	uint32_t id;
	struct nmd_session *ss;
};

struct nmd_proc {
	struct nmd_source src;		/* pidfd */
	struct nmd_server *srv;
	struct nmd_proc *next;		/* srv->procs */
	uint32_t pid;
	uint32_t n, max;
	struct actor *actors;
};

static struct nmd_proc **bucket(struct nmd_server *s, uint32_t pid)
{
	return &s->procs[pid & (NMD_PROC_HASH - 1)];
}

static struct nmd_proc *proc_find(struct nmd_server *s, uint32_t pid)
{
	struct nmd_proc *p;

	for (p = *bucket(s, pid); p && p->pid != pid; p = p->next)
		;
	return p;
}

static void proc_free(struct nmd_proc *p)
{
	struct nmd_proc **q;

	for (q = bucket(p->srv, p->pid); *q != p; q = &(*q)->next)
		;
	*q = p->next;
	nmd_unwatch(p->srv, &p->src);
	free(p->actors);
	free(p);
}

static void drop_actor(struct nmd_proc *p, uint32_t i)
{
	p->actors[i].ss->n_actors--;
	p->actors[i] = p->actors[--p->n];
}

static void proc_dead(struct nmd_proc *p)
{
	struct nmd_server *s = p->srv;
	uint32_t *ids, n = p->n, i;

	nm_os_log(NM_LOG_INFO, "process %u ended with %u actors", p->pid, n);
	ids = malloc((n ? n : 1) * sizeof(*ids));
	for (i = 0; i < n; i++) {
		uint32_t id = p->actors[i].id;

		if (ids)
			ids[i] = id;
		else	/* one by one needs no memory */
			nm_actor_dead(s->engine, &id, 1);
	}
	if (ids && n)
		nm_actor_dead(s->engine, ids, n);
	free(ids);
	while (p->n)
		drop_actor(p, 0);
	proc_free(p);
	/* it may have known of a sleeper and not have come to waking him */
	s->n_changed = NMD_CHANGED + 1;
	nmd_server_settle(s);
}

static void proc_ready(struct nmd_source *src, uint32_t events)
{
	proc_dead((struct nmd_proc *)src);
}

/* The process behind the message at hand. */
static int proc_get(struct nmd_session *ss, struct nmd_proc **out)
{
	struct nmd_server *s = ss->srv;
	struct nmd_proc *p = proc_find(s, ss->from);
	const char *why;
	int fd;

	if (p) {
		*out = p;
		return 0;
	}
	fd = nmd_pidfd(ss->from == ss->pid ? ss->src.fd : -1, ss->from);
	if (fd < 0)
		return fd;
	if (!nmd_creds_direct(ss->from, ss->uid, fd, &why)) {
		nm_os_log(NM_LOG_WARN, "process %u may not run syncs: %s",
			  ss->from, why);
		close(fd);
		return -EPERM;
	}
	p = calloc(1, sizeof(*p));
	if (!p) {
		close(fd);
		return -ENOMEM;
	}
	p->srv = s;
	p->pid = ss->from;
	p->src.fd = fd;
	p->src.ready = proc_ready;
	fd = nmd_watch(s, &p->src);
	if (fd < 0) {
		close(p->src.fd);
		free(p);
		return fd;
	}
	p->next = *bucket(s, p->pid);
	*bucket(s, p->pid) = p;
	*out = p;
	return 0;
}

int nmd_actor_new(struct nmd_session *ss, uint32_t *id)
{
	struct nmd_proc *p;
	int r;

	r = proc_get(ss, &p);
	if (r)
		return r;
	r = -ENOSPC;
	if (p->n == NMD_PROC_ACTORS)
		goto out;
	if (p->n == p->max) {
		uint32_t max = p->max ? 2 * p->max : 4;
		struct actor *more = realloc(p->actors, max * sizeof(*more));

		r = -ENOMEM;
		if (!more)
			goto out;
		p->actors = more;
		p->max = max;
	}
	r = nm_actor_new(ss->srv->engine, p->pid);
	if (r < 0)
		goto out;
	*id = (uint32_t)r;
	p->actors[p->n].id = *id;
	p->actors[p->n].ss = ss;
	p->n++;
	ss->n_actors++;
	return 0;
out:
	if (!p->n)
		proc_free(p);
	return r;
}

int nmd_actor_end(struct nmd_session *ss, uint32_t id)
{
	struct nmd_proc *p = proc_find(ss->srv, ss->from);
	uint32_t i;

	for (i = 0; p && i < p->n; i++) {
		if (p->actors[i].id != id)
			continue;
		nm_actor_free(ss->srv->engine, id);
		drop_actor(p, i);
		if (!p->n)
			proc_free(p);
		return 0;
	}
	return -EINVAL;
}

/* If it is ending, wait until it has ended.  Return 1 when it has. */
static int proc_has_ended(struct nmd_proc *p)
{
	struct pollfd pf = { .fd = p->src.fd, .events = POLLIN };

	if (poll(&pf, 1, 0) > 0)
		return 1;
	return nmd_pid_is_dying(p->pid) && poll(&pf, 1, DEATH_MS) > 0;
}

static void check_pid(struct nmd_server *s, uint32_t pid)
{
	struct nmd_proc *p = proc_find(s, pid);

	if (p && proc_has_ended(p))
		proc_dead(p);
}

static void check_all(struct nmd_server *s)
{
	struct nmd_proc *p, *next;
	uint32_t i;

	for (i = 0; i < NMD_PROC_HASH; i++)
		for (p = s->procs[i]; p; p = next) {
			next = p->next;
			if (proc_has_ended(p))
				proc_dead(p);
		}
}

/* Actors of a living process that were asked for through @ss. */
static void end_actors(struct nmd_proc *p, struct nmd_session *ss)
{
	struct nmd_server *s = ss->srv;
	uint32_t i = 0;

	while (i < p->n) {
		uint32_t id = p->actors[i].id;

		if (p->actors[i].ss != ss) {
			i++;
			continue;
		}
		if (nm_load32(&nm_pactor_at(s->plane, id)->seq) & 1)
			nm_actor_dead(s->engine, &id, 1);
		else
			nm_actor_free(s->engine, id);
		drop_actor(p, i);
	}
	if (!p->n)
		proc_free(p);
}

void nmd_procs_settle(struct nmd_session *ss)
{
	struct nmd_server *s = ss->srv;
	struct nmd_proc *p, *next;
	uint32_t i;

	if (ss->n_pids > NMD_SESSION_PIDS)
		check_all(s);
	else
		for (i = 0; i < ss->n_pids; i++)
			check_pid(s, ss->pids[i]);
	for (i = 0; i < NMD_PROC_HASH && ss->n_actors; i++)
		for (p = s->procs[i]; p; p = next) {
			next = p->next;
			end_actors(p, ss);
		}
}

void nmd_procs_fini(struct nmd_server *s)
{
	uint32_t i;

	for (i = 0; i < NMD_PROC_HASH; i++)
		while (s->procs[i])
			proc_free(s->procs[i]);
}
