/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmport_mem: regions and rings in the memory of this process.
 *
 * A region is mapped at most once per context.  The context holds a list of
 * records, one per mapping, counted by the ports that use it; two ports may
 * exchange buffers if and only if their d->mem are the same record.
 *
 * Region numbers are recycled by the engine, and the two homes count from one
 * independently.  A record is therefore shared only when home, number and size
 * agree and the netmap_if that the reply points to makes sense in it and has
 * as many rings as the reply says; otherwise the region gets a mapping of its
 * own.
 *
 * In kernel mode the mapping holds a reference to the file it was made from.
 * When that descriptor is closed while others still use the mapping, its port
 * stays bound until the last of them lets go.
 *
 * Offsets found in a reply or in a netmap_if are checked against the size of
 * the mapping before anything is reached through them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/nmio.h"
#include "lib/nmlib.h"

struct nm_region {
	struct nmem_d pub;	/* first: what programs see */
	enum nmio_home home;
	uint64_t ino;		/* nmio_region_of() */
};

static inline struct nm_region *nm_region_of(struct nmem_d *m)
{
	return (struct nm_region *)m;
}

/* Entries of ring_ofs, by direction; 64 bits, for the counts are not trusted. */
static uint64_t nm_if_tx(const struct netmap_if *nifp)
{
	return (uint64_t)nifp->ni_tx_rings + nifp->ni_host_tx_rings;
}

static uint64_t nm_if_rx(const struct netmap_if *nifp)
{
	return (uint64_t)nifp->ni_rx_rings + nifp->ni_host_rx_rings;
}

/* Does the ring at offset @ofs lie in a region of @size bytes, with slots? */
static const char *nm_ring_check(const char *base, uint64_t size, uint64_t ofs)
{
	const struct netmap_ring *ring;
	uint64_t room, bufs;

	if (ofs % 8 || ofs > size || size - ofs < sizeof(*ring))
		return "a ring lies outside the region";
	ring = (const struct netmap_ring *)(base + ofs);
	room = (size - ofs - sizeof(*ring)) / sizeof(struct netmap_slot);
	if (!ring->num_slots || ring->num_slots > room)
		return "the slots of a ring do not fit the region";
	bufs = ofs + (uint64_t)ring->buf_ofs;
	if (!ring->nr_buf_size || bufs >= size)
		return "the buffers of a ring lie outside the region";
	return NULL;
}

/*
 * Look at the netmap_if at @ofs in a region of @size bytes at @base.  Return
 * NULL when all that it leads to is inside, else what is wrong.
 */
static const char *nm_if_check(const char *base, uint64_t size, uint64_t ofs)
{
	const struct netmap_if *nifp;
	uint64_t n, i;
	const char *bad;

	if (ofs % 8 || ofs > size || size - ofs < sizeof(*nifp))
		return "the interface record lies outside the region";
	nifp = (const struct netmap_if *)(base + ofs);
	if (nm_if_tx(nifp) > UINT16_MAX || nm_if_rx(nifp) > UINT16_MAX)
		return "there are more rings than can be numbered";
	n = nm_if_tx(nifp) + nm_if_rx(nifp);
	if (n > (size - ofs - sizeof(*nifp)) / sizeof(nifp->ring_ofs[0]))
		return "the list of rings does not fit the region";
	for (i = 0; i < n; i++) {
		if (!nifp->ring_ofs[i])
			continue;
		bad = nm_ring_check(base, size,
				    ofs + (uint64_t)nifp->ring_ofs[i]);
		if (bad)
			return bad;
	}
	return NULL;
}

static bool nm_region_fits(const struct nm_region *r, const struct nmport_d *d,
			   enum nmio_home home)
{
	const struct netmap_if *nifp;

	if (r->home != home || r->pub.mem_id != d->reg.nr_mem_id ||
	    r->ino != nmio_region_of(d->fd))
		return false;
	if (!r->pub.is_extmem && r->pub.size != d->reg.nr_memsize)
		return false;
	if (d->extmem && (uintptr_t)r->pub.mem != d->extmem->nro_usrptr)
		return false;
	if (nm_if_check(r->pub.mem, r->pub.size, d->reg.nr_offset))
		return false;
	nifp = NETMAP_IF(r->pub.mem, d->reg.nr_offset);
	return nifp->ni_tx_rings == d->reg.nr_tx_rings &&
	       nifp->ni_rx_rings == d->reg.nr_rx_rings;
}

/* Map the region of @d into the fresh record @r. */
static int nm_region_map(struct nm_region *r, struct nmport_d *d)
{
	int err;

	if (d->extmem) {
		r->pub.is_extmem = 1;
		r->pub.mem = (void *)(uintptr_t)d->extmem->nro_usrptr;
		r->pub.size = d->extmem->nro_info.nr_memsize;
		return 0;
	}
	r->pub.size = d->reg.nr_memsize;
	if (!r->pub.size)
		return nm_fail(d->ctx, EINVAL, "%s: its memory region %u has no "
			"size", d->hdr.nr_name, d->reg.nr_mem_id);
	r->pub.mem = nmio_mmap(NULL, r->pub.size, PROT_READ | PROT_WRITE,
			       MAP_SHARED, d->fd, 0);
	if (r->pub.mem != MAP_FAILED)
		return 0;
	err = errno;
	return nm_fail(d->ctx, err, "%s: cannot map %zu bytes of memory region "
		"%u: %s", d->hdr.nr_name, r->pub.size, d->reg.nr_mem_id,
		*nmio_error() ? nmio_error() : strerror(err));
}

/* Add a record for the region of @d to the list; the list is locked. */
static struct nm_region *nm_region_create(struct nmport_d *d,
					  enum nmio_home home)
{
	struct nm_region *r = nmctx_malloc(d->ctx, sizeof(*r));
	struct nmem_d *head = d->ctx->mem_descs;

	if (!r) {
		nm_fail(d->ctx, ENOMEM, "%s: no memory for a region record",
			d->hdr.nr_name);
		return NULL;
	}
	memset(r, 0, sizeof(*r));
	r->home = home;
	r->ino = nmio_region_of(d->fd);
	r->pub.mem_id = d->reg.nr_mem_id;
	if (nm_region_map(r, d)) {
		nmctx_free(d->ctx, r);
		return NULL;
	}
	r->pub.next = head;
	if (head)
		head->prev = &r->pub;
	d->ctx->mem_descs = &r->pub;
	return r;
}

/* Find or make the record of the region of @d, and count @d in. */
static int nm_region_get(struct nmport_d *d)
{
	enum nmio_home home = nmio_home_of(d->fd);
	struct nmem_d *m;

	nmctx_lock(d->ctx);
	for (m = d->ctx->mem_descs; m; m = m->next)
		if (nm_region_fits(nm_region_of(m), d, home))
			break;
	if (!m) {
		struct nm_region *r = nm_region_create(d, home);

		m = r ? &r->pub : NULL;
	}
	if (m)
		m->refcount++;
	nmctx_unlock(d->ctx);
	d->mem = m;
	return m ? 0 : -1;
}

static void nm_region_put(struct nmport_d *d)
{
	struct nmem_d *m = d->mem;

	nmctx_lock(d->ctx);
	if (--m->refcount > 0) {
		nmctx_unlock(d->ctx);
		return;
	}
	if (m->next)
		m->next->prev = m->prev;
	if (m->prev)
		m->prev->next = m->next;
	else
		d->ctx->mem_descs = m->next;
	if (!m->is_extmem)
		nmio_munmap(m->mem, m->size);
	nmctx_unlock(d->ctx);
	nmctx_free(d->ctx, m);
}

/*
 * The first run of bound rings among @n entries, as an inclusive interval.
 * When there is none, *@first > *@last holds also for n == 0, so that a plain
 * loop from first to last does nothing.
 */
static void nm_ring_interval(const ssize_t *ofs, unsigned int n,
			     uint16_t *first, uint16_t *last)
{
	unsigned int from = 0, to;

	while (from < n && !ofs[from])
		from++;
	for (to = from; to < n && ofs[to]; to++)
		;
	if (!to)
		from = to = 1;
	*first = from;
	*last = to - 1;
}

/**
 * nmport_mmap - map the region of a bound port and find its rings
 * @d: register_done is 1 and fd, reg are those of the binding, whether made
 *	by nmport_register() or by the program itself
 *
 * Return: 0; -1 with errno EINVAL (not registered, mapped already, or the
 *	   reply does not fit the mapping), ENOTTY (fd is not netmap), ENOMEM,
 *	   or of mmap(2).
 */
int nmport_mmap(struct nmport_d *d)
{
	const char *bad;
	unsigned int tx;

	if (d->mmap_done)
		return nm_fail(d->ctx, EINVAL, "%s: already mapped",
			d->hdr.nr_name);
	if (!d->register_done)
		return nm_fail(d->ctx, EINVAL, "%s: cannot be mapped before it is "
			"registered", d->hdr.nr_name);
	if (nmio_adopt(d->fd) < 0)
		return nm_fail(d->ctx, errno, "%s: descriptor %d is not a netmap "
			"descriptor", d->hdr.nr_name, d->fd);
	if (nm_region_get(d))
		return -1;
	bad = nm_if_check(d->mem->mem, d->mem->size, d->reg.nr_offset);
	if (bad) {
		nm_fail(d->ctx, EINVAL, "%s: the reply of the engine cannot be "
			"right: %s (region %u, %zu bytes)", d->hdr.nr_name, bad,
			d->reg.nr_mem_id, d->mem->size);
		nm_region_put(d);
		d->mem = NULL;
		errno = EINVAL;
		return -1;
	}
	d->nifp = NETMAP_IF(d->mem->mem, d->reg.nr_offset);
	tx = nm_if_tx(d->nifp);
	nm_ring_interval(d->nifp->ring_ofs, tx, &d->first_tx_ring,
			 &d->last_tx_ring);
	nm_ring_interval(d->nifp->ring_ofs + tx, nm_if_rx(d->nifp),
			 &d->first_rx_ring, &d->last_rx_ring);
	d->cur_tx_ring = d->first_tx_ring;
	d->cur_rx_ring = d->first_rx_ring;
	d->mmap_done = 1;
	return 0;
}

/**
 * nmport_undo_mmap - let go of the region; its last user unmaps it
 * @d: need not be mapped
 */
void nmport_undo_mmap(struct nmport_d *d)
{
	int saved = errno;

	if (d->mmap_done)
		nm_region_put(d);
	d->mmap_done = 0;
	d->mem = NULL;
	d->nifp = NULL;
	d->first_tx_ring = d->last_tx_ring = d->cur_tx_ring = 0;
	d->first_rx_ring = d->last_rx_ring = d->cur_rx_ring = 0;
	errno = saved;
}
