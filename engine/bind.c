/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Binding: select rings, open those that are closed, make a netmap_if, take
 * extra buffers; and the same backwards.
 */
#include "engine/bind.h"
#include "engine/engine_priv.h"
#include "engine/extra.h"
#include "engine/owner.h"
#include "engine/plane/extra.h"
#include "engine/repair.h"
#include "engine/vale.h"

static const char *const dir_name[2] = { "receive", "transmit" };

static uint32_t rings_of(const struct nm_port *p, uint32_t dir)
{
	return dir ? p->geo.tx_rings : p->geo.rx_rings;
}

static uint32_t host_rings_of(const struct nm_port *p, uint32_t dir)
{
	return dir ? p->geo.host_tx_rings : p->geo.host_rx_rings;
}

static struct nm_ring *ring_of(struct nm_port *p, uint32_t dir, uint32_t i)
{
	return dir ? nm_port_tx(p, i) : nm_port_rx(p, i);
}

/*
 * One ring per direction.  A number that exists in one direction only takes
 * ring 0 in the other.
 */
static int select_one(struct nm_file *f, const struct nm_port *p, uint32_t ring,
		      uint32_t host, struct nm_selection *s)
{
	uint32_t n[2], dir;

	for (dir = 0; dir < 2; dir++)
		n[dir] = host ? host_rings_of(p, dir) : rings_of(p, dir);
	if (ring >= n[0] && ring >= n[1])
		return nm_fail(f, EINVAL,
			       "port %s has %u transmit and %u receive rings%s: there is no ring %u",
			       p->name, n[1], n[0], host ? " of the host" : "",
			       ring);
	for (dir = 0; dir < 2; dir++) {
		s->first[dir] = ring < n[dir] ? ring : 0;
		if (host)
			s->first[dir] += rings_of(p, dir);
		s->n[dir] = n[dir] ? 1 : 0;
	}
	return 0;
}

/* The host's rings, and with @nic the hardware's before them. */
static void select_host(const struct nm_port *p, uint32_t nic,
			struct nm_selection *s)
{
	uint32_t dir;

	for (dir = 0; dir < 2; dir++) {
		s->first[dir] = nic ? 0 : rings_of(p, dir);
		s->n[dir] = host_rings_of(p, dir) +
			(nic ? rings_of(p, dir) : 0);
	}
}

static int select_rings(struct nm_file *f, struct nm_port *p,
			const struct nmreq_register *reg, struct nm_selection *s)
{
	uint32_t mode = reg->nr_mode;
	int error = 0;

	memset(s, 0, sizeof(*s));
	if ((mode == NR_REG_SW || mode == NR_REG_NIC_SW ||
	     mode == NR_REG_ONE_SW) && !host_rings_of(p, 0))
		return nm_fail(f, EINVAL,
			       "port %s has no host rings: leave out ^ and *",
			       p->name);
	switch (mode) {
	case NR_REG_ALL_NIC:
	case NR_REG_NULL:
		s->n[0] = p->geo.rx_rings;
		s->n[1] = p->geo.tx_rings;
		break;
	case NR_REG_ONE_NIC:
	case NR_REG_ONE_SW:
		error = select_one(f, p, reg->nr_ringid, mode == NR_REG_ONE_SW,
				   s);
		break;
	case NR_REG_SW:
	case NR_REG_NIC_SW:
		select_host(p, mode == NR_REG_NIC_SW, s);
		break;
	default:
		return nm_fail(f, EINVAL, "%u is no register mode (port %s)",
			       reg->nr_mode, p->name);
	}
	if (reg->nr_flags & NR_RX_RINGS_ONLY)
		s->n[1] = 0;
	if (reg->nr_flags & NR_TX_RINGS_ONLY)
		s->n[0] = 0;
	return error;
}

static int check_ring(struct nm_file *f, struct nm_ring *r, uint32_t exclusive)
{
	struct nm_port *p = r->port;

	if (r->exclusive)
		return nm_fail(f, EBUSY,
			       "%s ring %u of %s is in use exclusively: close the other program",
			       dir_name[r->dir], r->i, p->name);
	if (exclusive && r->users)
		return nm_fail(f, EBUSY,
			       "%s ring %u of %s is in use and exclusive use was asked for: close the other program or leave out the flag",
			       dir_name[r->dir], r->i, p->name);
	/* it may be free by now */
	if (r->life == NM_RING_DYING)
		nm_rings_tick(p->e);
	if (r->life == NM_RING_DYING)
		return nm_fail(f, EBUSY,
			       "%s ring %u of %s is still held by stopped process %u: continue or end it",
			       dir_name[r->dir], r->i, p->name,
			       nm_grace_culprit(p->e, r->period));
	return 0;
}

static int check_rings(struct nm_file *f, struct nm_port *p,
		       const struct nm_selection *s, uint32_t exclusive)
{
	uint32_t dir, i;
	int error;

	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < s->n[dir]; i++) {
			error = check_ring(f, ring_of(p, dir, s->first[dir] + i),
					   exclusive);
			if (error)
				return error;
		}
	}
	return 0;
}

/* Stop the selected rings that nobody uses; begin no grace period. */
static uint32_t stop_unused(struct nm_port *p, const struct nm_selection *s)
{
	uint32_t dir, i, n = 0;

	if (p->kind->keeps_rings)
		return 0;
	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < s->n[dir]; i++) {
			struct nm_ring *r = ring_of(p, dir, s->first[dir] + i);

			if (r->life != NM_RING_OPEN || r->users)
				continue;
			nm_ring_stop(r);
			n++;
		}
	}
	return n;
}

/* Free them, now or when period @period is over; those of others stay. */
static void bury_stopped(struct nm_port *p, const struct nm_selection *s,
			 uint64_t period)
{
	uint32_t dir, i;

	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < s->n[dir]; i++) {
			struct nm_ring *r = ring_of(p, dir, s->first[dir] + i);

			if (r->life == NM_RING_DYING)
				nm_ring_bury(r, period);
		}
	}
}

int nm_rings_open(struct nm_file *f, struct nm_port *p,
		  const struct nm_selection *s)
{
	uint32_t dir, i;
	int error;

	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < s->n[dir]; i++) {
			struct nm_ring *r = ring_of(p, dir, s->first[dir] + i);

			if (r->life != NM_RING_CLOSED)
				continue;
			error = nm_ring_open(r);
			if (error)
				goto err_rings;
		}
	}
	return 0;
err_rings:
	stop_unused(p, s);
	bury_stopped(p, s, 0);
	return nm_fail(f, ENOMEM,
		       error == -ENOSPC ?
		       "memory region %u has no room for the rings of %s: close other ports or choose fewer slots" :
		       "no memory for rings in region %u (port %s)",
		       p->region->id, p->name);
}

/* Stop those that nobody uses, and wait; the grace period, 0: none stopped. */
static uint64_t stop_and_wait(struct nm_port *p, const struct nm_selection *s)
{
	uint64_t period = 0;

	if (stop_unused(p, s)) {
		period = nm_grace_begin(p->e);
		nm_grace_wait(p->e, period, NM_GRACE_US);
	}
	return period;
}

void nm_rings_close(struct nm_port *p, const struct nm_selection *s)
{
	bury_stopped(p, s, stop_and_wait(p, s));
}

static struct netmap_if *if_of(const struct nm_port *p, uint32_t obj)
{
	return nm_region_at(p->region, nm_pool_ofs(&p->region->ifs, obj));
}

/* Where the program finds its rings. */
static void if_fill(struct nm_port *p, uint32_t obj, const struct nm_selection *s)
{
	struct netmap_if *nifp = if_of(p, obj);
	uint64_t base = nm_pool_ofs(&p->region->ifs, obj);
	uint32_t host_tx = p->geo.host_tx_rings ? p->geo.host_tx_rings : 1;
	uint32_t host_rx = p->geo.host_rx_rings ? p->geo.host_rx_rings : 1;
	uint32_t i, rx0 = p->geo.tx_rings + host_tx;

	memset(nifp, 0, sizeof(*nifp));
	snprintf(nifp->ni_name, sizeof(nifp->ni_name), "%.15s", p->name);
	nifp->ni_version = NETMAP_API;
	nifp->ni_flags = p->region->is_private ? NI_PRIV_MEM : 0;
	nifp->ni_tx_rings = p->geo.tx_rings;
	nifp->ni_rx_rings = p->geo.rx_rings;
	/* a port without host rings shows one that is not there */
	nifp->ni_host_tx_rings = host_tx;
	nifp->ni_host_rx_rings = host_rx;
	for (i = 0; i < rx0 + p->geo.rx_rings + host_rx; i++)
		nifp->ring_ofs[i] = 0;
	for (i = s->first[1]; i < s->first[1] + s->n[1]; i++)
		nifp->ring_ofs[i] = nm_ring_ofs(nm_port_tx(p, i)) - base;
	for (i = s->first[0]; i < s->first[0] + s->n[0]; i++)
		nifp->ring_ofs[rx0 + i] = nm_ring_ofs(nm_port_rx(p, i)) - base;
}

static int if_new(struct nm_file *f, struct nm_port *p,
		  const struct nm_selection *s, uint32_t *obj)
{
	uint32_t len = sizeof(struct netmap_if) + sizeof(ssize_t) *
		(nm_port_n_rings(p) + 2);
	int error = nm_pool_take_big(&p->region->ifs, len, obj);

	if (error)
		return nm_fail(f, ENOMEM,
			       "memory region %u has no room for another descriptor (port %s)",
			       p->region->id, p->name);
	if_fill(p, *obj, s);
	return 0;
}

static void file_link(struct nm_file *f, struct nm_port *p)
{
	f->port = p;
	f->port_next = p->files;
	p->files = f;
	p->n_files++;
}

static void file_unlink(struct nm_file *f)
{
	struct nm_port *p = f->port;
	struct nm_file **pp;

	for (pp = &p->files; *pp != f; pp = &(*pp)->port_next)
		;
	*pp = f->port_next;
	p->n_files--;
	f->port = NULL;
}

/* A descriptor came or went: does it change who forwards? */
static void update_isolation(struct nm_port *p)
{
	uint32_t was = p->self_isolated;

	p->self_isolated = nm_port_self_isolated(p);
	if (p->sw && p->self_isolated != was)
		nm_switch_recount(p->sw, p->self_isolated ? 1 : -1);
	nm_port_path_update(p);
	nm_port_serve(p);
}

static void set_bound(struct nm_file *f, struct nm_port *p,
		      const struct nm_selection *s, uint64_t flags)
{
	struct nm_bound *b = &f->bound;

	memset(b, 0, sizeof(*b));
	b->port = p;
	b->port_idx = p->idx;
	b->port_gen = p->gen;
	b->region = p->region->idx;
	b->ring0 = p->ring0;
	b->n_rx = nm_port_n_rx(p);
	b->n_tx = nm_port_n_tx(p);
	b->rx_first = s->first[0];
	b->rx_n = s->n[0];
	b->tx_first = s->first[1];
	b->tx_n = s->n[1];
	b->nr_flags = flags;
	b->nifp_ofs = nm_pool_ofs(&p->region->ifs, f->if_obj);
	b->mem_size = p->region->size;
	b->mem_id = p->region->id;
	b->direct = f->cred.direct;
	b->n_extra = f->n_extra;
	b->buf_ofs = p->region->bufs.ofs;
	b->n_bufs = p->region->bufs.n;
	b->buf_size = p->region->bufs.size;
}

static void use_rings(struct nm_file *f, struct nm_port *p,
		      const struct nm_selection *s)
{
	uint32_t dir, i;

	for (dir = 0; dir < 2; dir++) {
		for (i = 0; i < s->n[dir]; i++) {
			struct nm_ring *r = ring_of(p, dir, s->first[dir] + i);

			r->exclusive = f->exclusive;
			nm_ring_use(r);
		}
	}
}

static int check_mode(struct nm_file *f, struct nm_port *p,
		      const struct nmreq_register *reg)
{
	if (p->hdr_len && !(reg->nr_flags & NR_ACCEPT_VNET_HDR))
		return nm_fail(f, EIO,
			       "port %s has virtio-net headers of %u bytes: bind it with NR_ACCEPT_VNET_HDR",
			       p->name, p->hdr_len);
	if (p->kind->mode_ok)
		return p->kind->mode_ok(f, p, reg->nr_mode);
	if (reg->nr_mode == NR_REG_NULL)
		return nm_fail(f, EINVAL, "port %s is not a null port", p->name);
	return 0;
}

static void idle(struct nm_port *p)
{
	if (!p->n_files && p->kind->idle)
		p->kind->idle(p);
}

int nm_bind(struct nm_file *f, struct nm_port *p, struct nmreq_register *reg)
{
	uint32_t exclusive = (reg->nr_flags & NR_EXCLUSIVE) != 0;
	struct nm_selection s;
	int error;

	error = check_mode(f, p, reg);
	if (!error)
		error = select_rings(f, p, reg, &s);
	if (!error && !p->n_files && p->kind->first)
		error = p->kind->first(f, p, s.n[0] > 0);
	if (!error)
		error = check_rings(f, p, &s, exclusive);
	if (!error)
		error = nm_rings_open(f, p, &s);
	if (error) {
		idle(p);
		return error;
	}
	error = if_new(f, p, &s, &f->if_obj);
	if (error)
		goto err_rings;

	f->extra_owner = nm_owner_new(p->e);
	f->n_extra = nm_extra_take(p->region, reg->nr_extra_bufs,
				   f->extra_owner,
				   &if_of(p, f->if_obj)->ni_bufs_head);
	if (!p->e->ops || !p->e->ops->client_spreads)
		f->to_spread = f->n_extra;
	f->exclusive = exclusive;
	file_link(f, p);
	set_bound(f, p, &s, reg->nr_flags);
	use_rings(f, p, &s);
	error = p->kind->mode ? p->kind->mode(f, p) : 0;
	if (error) {
		nm_port_ref(p);		/* the caller keeps his */
		nm_unbind(f);
		return error;
	}

	/* nothing can fail from here on */
	if (p->kind->bound)
		p->kind->bound(p, 1);
	update_isolation(p);

	reg->nr_offset = f->bound.nifp_ofs;
	reg->nr_memsize = p->region->size;
	reg->nr_mem_id = p->region->id;
	reg->nr_tx_rings = p->geo.tx_rings;
	reg->nr_rx_rings = p->geo.rx_rings;
	reg->nr_tx_slots = p->geo.tx_slots;
	reg->nr_rx_slots = p->geo.rx_slots;
	reg->nr_host_tx_rings = p->geo.host_tx_rings;
	reg->nr_host_rx_rings = p->geo.host_rx_rings;
	reg->nr_extra_bufs = f->n_extra;
	return 0;
err_rings:
	/* nobody was ever bound to the rings we opened: no grace period */
	stop_unused(p, &s);
	bury_stopped(p, &s, 0);
	idle(p);
	return error;
}

void nm_bind_unlock(struct nm_file *f)
{
	uint32_t n = f->to_spread;
	struct nm_bufs bufs;

	f->to_spread = 0;
	nm_engine_unlock(f->e);
	/* bound we stay: only closing undoes it, and the request holds us open */
	if (n && !nm_bufs_init(&f->e->pl, f->bound.region, &bufs))
		nm_extra_spread(&bufs, nm_load32(&nm_bound_if(f)->ni_bufs_head),
				n);
}

struct netmap_if *nm_bound_if(const struct nm_file *f)
{
	return if_of(f->port, f->if_obj);
}

void nm_unbind(struct nm_file *f)
{
	struct nm_port *p = f->port;
	struct nm_region *rg;
	struct nm_selection s;
	uint64_t period;
	uint32_t dir, i;

	if (!p)
		return;
	rg = p->region;
	s.first[0] = f->bound.rx_first;
	s.n[0] = f->bound.rx_n;
	s.first[1] = f->bound.tx_first;
	s.n[1] = f->bound.tx_n;
	for (dir = 0; dir < 2; dir++)
		for (i = 0; i < s.n[dir]; i++)
			nm_ring_unuse(ring_of(p, dir, s.first[dir] + i));
	file_unlink(f);
	if (p->kind->mode)
		p->kind->mode(f, p);
	if (p->kind->bound)
		p->kind->bound(p, 0);
	if (p->refs - p->n_dying == 1)
		nm_port_hide(p);
	period = stop_and_wait(p, &s);
	update_isolation(p);
	bury_stopped(p, &s, period);
	if (f->n_extra)
		nm_extra_give(rg, nm_load32(&if_of(p, f->if_obj)->ni_bufs_head),
			      f->n_extra, f->extra_owner);
	nm_pool_put(&rg->ifs, f->if_obj);
	f->n_extra = 0;
	f->to_spread = 0;
	memset(&f->bound, 0, sizeof(f->bound));
	idle(p);
	/* the port may be the region's last holder */
	nm_region_get(rg);
	nm_port_put(p);
	if (rg->is_short)
		nm_region_sweep(rg);
	nm_region_put(rg);
}
