/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A region: what one mmap shows, three pools in an offset space.
 *
 *   0             if objects     NM_IF_LEN each
 *   rings.ofs     ring objects   NM_RING_LEN each: netmap_ring, slots, block
 *   bufs.ofs      buffers        of the size in the parameters
 *   size          whole pages, at most 2 GiB
 *
 * Address space is reserved, memory is taken as objects are.  There are two
 * sorts.  A shared region belongs to a user id in a user namespace (its
 * domain) and carries all ports of that domain; when it is full the next port
 * opens another one.  A private region belongs to one port, and to the pipes
 * that hang off it.
 *
 * Who holds a region: each port in it, and each ring of it that waits for a
 * grace period (through its port).  Region 1 is held by the engine as well.
 */
#ifndef NM_ENGINE_REGION_H
#define NM_ENGINE_REGION_H

#include <nm_os_types.h>
#include <net/netmap.h>
#include "engine/pool.h"
#include "engine/plane/layout.h"

#define NM_PAGE			4096u
#define NM_REGION_SIZE		0x80000000ULL	/* address space of a region */
#define NM_IF_LEN		8192u	/* 2 * (256 + 1) ring_ofs entries fit */
#define NM_RING_LEN		69632u	/* NM_MAX_SLOTS slots and a block fit */
#define NM_RING_BLOCK		128u	/* nm_csb_atok, nm_csb_ktoa */
#define NM_UID_NOBODY		0xffffffffu

struct nm_engine;
struct nm_file;
struct nm_port;
struct nm_ring;

/* All fields: the engine's lock. */
struct nm_region {
	struct nm_region *next;		/* e->regions, newest last */
	struct nm_engine *e;
	uint32_t idx;			/* in the plane */
	uint32_t refs;
	uint32_t uid;			/* domain; NM_UID_NOBODY: not claimed */
	uint64_t user_ns;		/* likewise: of that user namespace */
	uint32_t n_extra;		/* extra buffers of bound descriptors */
	uint16_t id;			/* nr_mem_id */
	uint16_t is_private;
	uint32_t is_short;		/* buffers got lost: sweep when possible */
	uint64_t size;
	struct nm_ring *rings_list;	/* rings with memory in it */
	struct nm_pool ifs;
	struct nm_pool rings;
	struct nm_pool bufs;
	uint32_t *owner;		/* of each buffer in use; owner.h */
};

/* What a port that is being created needs; for the size of a private one. */
struct nm_need {
	uint32_t n_tx, n_rx;		/* rings */
	uint32_t tx_slots, rx_slots;
	uint32_t n_extra;
};

/**
 * nm_region_shared - a shared region of the descriptor's domain with room
 * @need: what will be taken
 *
 * The first that has room, else a new one.  A reference is taken.
 * Return: 0; -ENOMEM.
 */
int nm_region_shared(struct nm_file *f, const struct nm_need *need,
		     struct nm_region **out);

/**
 * nm_region_private - a new region for one port, sized for @need
 *
 * The reference is the caller's.
 * Return: 0; -ENOMEM.
 */
int nm_region_private(struct nm_file *f, const struct nm_need *need,
		      struct nm_region **out);

/**
 * nm_region_by_id - the region a request names
 * @id: not 0
 *
 * A reference is taken.
 * Return: 0; -EINVAL unknown; -EPERM it belongs to somebody else.
 */
int nm_region_by_id(struct nm_file *f, uint16_t id, struct nm_region **out);

/**
 * nm_region_choose - the region of a port that is being created
 * @id: nr_mem_id, 0: the default for this descriptor
 *
 * A reference is taken.
 * Return: 0; as the three above.
 */
int nm_region_choose(struct nm_file *f, uint16_t id, const struct nm_need *need,
		     struct nm_region **out);

void nm_region_get(struct nm_region *rg);
/** nm_region_put - the last reference takes the region away */
void nm_region_put(struct nm_region *rg);

/** nm_region_first - make region 1; the engine's own reference */
int nm_region_first(struct nm_engine *e);

/** nm_region_info - what NETMAP_REQ_POOLS_INFO_GET tells */
void nm_region_info(const struct nm_region *rg, struct nmreq_pools_info *pi);

/** nm_region_may - whether a descriptor may use (map) a region */
int nm_region_may(const struct nm_file *f, const struct nm_region *rg);

/**
 * nm_region_at - address of an object as the engine sees it
 * Return: NULL when there is no memory.
 */
void *nm_region_at(const struct nm_region *rg, uint64_t ofs);

/** nm_region_buf_put - give a buffer back; 0 when it was not in use */
static inline int nm_region_buf_put(struct nm_region *rg, uint32_t idx)
{
	return nm_pool_put(&rg->bufs, idx);
}

/**
 * nm_region_usage - for tests and statistics: objects in use
 */
struct nm_usage {
	uint32_t ifs, rings, bufs;
};
void nm_region_usage(const struct nm_region *rg, struct nm_usage *u);

#endif /* NM_ENGINE_REGION_H */
