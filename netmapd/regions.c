/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Regions: who may map which, and SIGBUS.
 *
 * A session may map the region it is bound to.  A direct one runs the plane
 * itself and so also reaches the regions of the ports it sends to: all that
 * the engine lets its descriptor use, which is those of its domain.
 *
 * Buffers are promised, their pages come at first touch.  If the machine then
 * has none the toucher gets SIGBUS.  A client may die of it; the server puts
 * a private page of zeroes in the place, remembers the region, lets the
 * instruction go on, and drops the sessions of that region as soon as the
 * main thread gets to it.  A fault anywhere else, the plane included, is what
 * it is for everybody: the end.
 */
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#include "engine/os.h"
#include "engine/engine_priv.h"
#include "engine/region.h"
#include "netmapd/regions.h"

static struct nmd_server *server;		/* of this process */
static uint32_t short_of[NM_MAX_REGIONS];	/* [a] 1: had no memory */
static uint32_t any_short;			/* [a] */
static uintptr_t page_mask;

/* Engine's lock held. */
static struct nm_region *region_find(struct nm_engine *e, uint32_t idx)
{
	struct nm_region *rg;

	for (rg = e->regions; rg && rg->idx != idx; rg = rg->next)
		;
	return rg;
}

int nmd_region_map(struct nmd_session *ss, struct nm_wire_map *m, int *fd)
{
	struct nm_engine *e = ss->srv->engine;
	struct nm_region *rg;
	uint32_t idx = m->region;
	int own, r = 0;

	if (idx == ~0u) {
		if (!ss->is_bound)
			return -ENXIO;
		idx = ss->bound.region;
	}
	own = ss->is_bound && idx == ss->bound.region;
	if (!own && !ss->direct)
		return -EPERM;
	nm_engine_lock(e);
	rg = region_find(e, idx);
	if (!rg)
		r = -ENODEV;
	else if (!own && !nm_region_may(ss->file, rg))
		r = -EPERM;
	if (!r) {
		m->region = idx;
		m->gen = nm_load32(&nm_pregion_at(&e->pl, idx)->gen);
		m->size = rg->size;
		*fd = e->pl.mem[idx].fd;
	}
	nm_engine_unlock(e);
	return r;
}

static int region_of(uintptr_t addr)
{
	uint32_t i;

	for (i = 0; i < NM_MAX_REGIONS; i++) {
		const struct nm_os_mem *m = &server->plane->mem[i];
		uintptr_t base = (uintptr_t)m->base;

		if (base && addr >= base && addr - base < m->size)
			return (int)i;
	}
	return -1;
}

/* Any thread; may call nothing but system calls. */
static void on_sigbus(int sig, siginfo_t *si, void *ctx)
{
	uintptr_t addr = (uintptr_t)si->si_addr;
	int error = errno;
	int i = si->si_code > 0 ? region_of(addr) : -1;

	if (i < 0 ||
	    mmap((void *)(addr & page_mask), ~page_mask + 1,
		 PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) {
		signal(SIGBUS, SIG_DFL);	/* again, and for good */
		return;
	}
	nm_store32(&short_of[i], 1);
	nm_store32_rel(&any_short, 1);
	nmd_server_alarm(server);
	errno = error;
}

void nmd_sigbus_init(struct nmd_server *s)
{
	struct sigaction sa = {
		.sa_sigaction = on_sigbus,
		.sa_flags = SA_SIGINFO,
	};

	server = s;
	page_mask = ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1);
	sigaction(SIGBUS, &sa, NULL);
}

void nmd_sigbus_settle(struct nmd_server *s)
{
	struct nmd_session *ss, *next;
	uint32_t i;

	if (!nm_xchg32(&any_short, 0))
		return;
	for (ss = s->sessions; ss; ss = ss->next)
		ss->unwell = ss->is_bound &&
			nm_load32(&short_of[ss->bound.region]);
	for (i = 0; i < NM_MAX_REGIONS; i++)
		nm_store32(&short_of[i], 0);
	for (ss = s->sessions; ss; ss = next) {
		next = ss->next;
		if (ss->unwell)
			nmd_session_close(ss, "there was no memory behind its region");
	}
}
