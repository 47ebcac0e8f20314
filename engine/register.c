/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The requests that name a port to bind it or to look at it: REGISTER,
 * PORT_INFO_GET, POOLS_INFO_GET.
 */
#include "engine/bind.h"
#include "engine/engine_priv.h"
#include "engine/req.h"

/* Options that nobody understood make a REGISTER fail, and only that. */
static int check_options(struct nm_file *f, const struct nm_reqbuf *rb)
{
	uint32_t i;

	for (i = 0; i < rb->n_opts; i++)
		if (rb->opt[i].status == EOPNOTSUPP)
			return nm_fail(f, EOPNOTSUPP,
				       "option %u is not available for port %s: leave it out",
				       rb->opt[i].type, rb->hdr.nr_name);
	return 0;
}

/* Options that act on a bound descriptor, then those that remain. */
static int apply_options(struct nm_file *f, struct nm_reqbuf *rb)
{
	int error = 0;

	if (nm_reqbuf_opt(rb, NETMAP_REQ_OPT_CSB))
		error = nm_csb_option(f, &f->bound, rb);
	return error ? error : check_options(f, rb);
}

static void want_from_register(struct nm_want *w, const struct nm_reqbuf *rb,
			       const struct nmreq_register *reg)
{
	memset(w, 0, sizeof(*w));
	w->text = rb->hdr.nr_name;
	w->mode = reg->nr_mode;
	w->flags = reg->nr_flags;
	w->create = 1;
	w->tx_rings = reg->nr_tx_rings;
	w->rx_rings = reg->nr_rx_rings;
	w->tx_slots = reg->nr_tx_slots;
	w->rx_slots = reg->nr_rx_slots;
	w->host_tx_rings = reg->nr_host_tx_rings;
	w->host_rx_rings = reg->nr_host_rx_rings;
	w->mem_id = reg->nr_mem_id;
	w->n_extra = reg->nr_extra_bufs;
}

/* A region that does not exist is an error whatever the port. */
static int check_mem_id(struct nm_file *f, uint16_t id)
{
	struct nm_region *rg;

	for (rg = f->e->regions; id && rg && rg->id != id; rg = rg->next)
		;
	if (rg)
		return 0;
	return nm_fail(f, EINVAL,
		       "there is no memory region %u: use the nr_mem_id of an open port, or 0",
		       id);
}

int nm_req_register(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nmreq_register *reg = (void *)rb->data;
	struct nmreq_register answer = *reg;
	struct nm_port *p;
	struct nm_want w;
	int error;

	if (f->port)
		return nm_fail(f, EBUSY,
			       "this descriptor is bound to %s already: open another one for %s",
			       f->port->name, rb->hdr.nr_name);
	error = check_mem_id(f, reg->nr_mem_id);
	if (error)
		return error;
	if (reg->nr_mode == NR_REG_PIPE_MASTER || reg->nr_mode == NR_REG_PIPE_SLAVE)
		return nm_fail(f, EINVAL,
			       "register mode %u belongs to the legacy request: put the pipe into the name, %s{id or %s}id",
			       reg->nr_mode, rb->hdr.nr_name, rb->hdr.nr_name);
	want_from_register(&w, rb, reg);
	error = nm_port_get(f, &w, &p);
	if (error)
		return error;
	error = nm_port_may(f, p);
	if (!error)
		error = nm_bind(f, p, &answer);
	if (error) {
		nm_port_put(p);
		return error;
	}
	error = apply_options(f, rb);
	if (error) {
		nm_unbind(f);
		return error;
	}
	*reg = answer;
	return 0;
}

/* The port of an information request; it goes with the reference. */
static int look(struct nm_file *f, const struct nm_reqbuf *rb,
		struct nm_want *w, struct nm_port **out)
{
	int error;

	w->text = rb->hdr.nr_name;
	w->mode = NR_REG_ALL_NIC;
	w->create = 1;
	w->look = 1;
	error = check_mem_id(f, w->mem_id);
	return error ? error : nm_port_get(f, w, out);
}

static int region_size(struct nm_file *f, struct nmreq_port_info_get *pi)
{
	uint16_t id = pi->nr_mem_id ? pi->nr_mem_id : 1;
	struct nm_region *rg;

	for (rg = f->e->regions; rg && rg->id != id; rg = rg->next)
		;
	if (!rg)
		return nm_fail(f, EINVAL, "there is no memory region %u", id);
	pi->nr_memsize = rg->size;
	pi->nr_mem_id = id;
	return 0;
}

int nm_req_port_info(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nmreq_port_info_get *pi = (void *)rb->data;
	struct nm_want w = {
		.tx_rings = pi->nr_tx_rings, .rx_rings = pi->nr_rx_rings,
		.tx_slots = pi->nr_tx_slots, .rx_slots = pi->nr_rx_slots,
		.host_tx_rings = pi->nr_host_tx_rings,
		.host_rx_rings = pi->nr_host_rx_rings,
		.mem_id = pi->nr_mem_id,
	};
	struct nm_port *p;
	int error;

	if (!rb->hdr.nr_name[0])
		return region_size(f, pi);
	error = look(f, rb, &w, &p);
	if (error)
		return error;
	pi->nr_memsize = p->region->size;
	pi->nr_mem_id = p->region->id;
	pi->nr_tx_rings = p->geo.tx_rings;
	pi->nr_rx_rings = p->geo.rx_rings;
	pi->nr_tx_slots = p->geo.tx_slots;
	pi->nr_rx_slots = p->geo.rx_slots;
	pi->nr_host_tx_rings = p->geo.host_tx_rings;
	pi->nr_host_rx_rings = p->geo.host_rx_rings;
	nm_port_put(p);
	return 0;
}

int nm_req_pools_info(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nmreq_pools_info *pi = (void *)rb->data;
	struct nm_want w = { .mem_id = pi->nr_mem_id };
	struct nm_port *p;
	int error;

	if (!rb->hdr.nr_name[0])
		return nm_fail(f, ENXIO,
			       "pool information needs the name of a port");
	error = look(f, rb, &w, &p);
	if (error)
		return error;
	nm_region_info(p->region, pi);
	nm_port_put(p);
	return 0;
}
