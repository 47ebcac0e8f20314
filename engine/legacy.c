/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The older interface: one structure for everything, translated at the edge.
 *
 * nr_cmd chooses the request; a table says which, and one small function per
 * body copies fields in or out.  Nothing behind this file knows struct nmreq.
 * On failure the caller's structure is as it was.
 */
#include "engine/legacy.h"
#include "engine/req.h"
#include "engine/engine_priv.h"
#include "engine/bind.h"

#define PIPE_ID_MASK	NETMAP_RING_MASK

/* The address is never used; a body there is one that is not absent. */
#define BODY_PRESENT	1u

static void geometry_in(const struct nmreq *n, struct nmreq_register *reg)
{
	reg->nr_tx_slots = n->nr_tx_slots;
	reg->nr_rx_slots = n->nr_rx_slots;
	reg->nr_tx_rings = n->nr_tx_rings;
	reg->nr_rx_rings = n->nr_rx_rings;
	reg->nr_mem_id = n->nr_arg2;
}

static uint32_t mode_of(const struct nmreq *n)
{
	uint32_t mode = n->nr_flags & NR_REG_MASK;

	if (mode != NR_REG_DEFAULT)
		return mode;
	if (n->nr_ringid & NETMAP_SW_RING)
		return NR_REG_SW;
	if (n->nr_ringid & NETMAP_HW_RING)
		return NR_REG_ONE_NIC;
	return NR_REG_ALL_NIC;
}

static void register_in(const struct nmreq *n, struct nmreq_register *reg)
{
	geometry_in(n, reg);
	reg->nr_mode = mode_of(n);
	reg->nr_ringid = n->nr_ringid & NETMAP_RING_MASK;
	reg->nr_extra_bufs = n->nr_arg3;
	reg->nr_flags = n->nr_flags & ~(uint32_t)NR_REG_MASK;
	if (n->nr_ringid & NETMAP_NO_TX_POLL)
		reg->nr_flags |= NR_NO_TX_POLL;
	if (n->nr_ringid & NETMAP_DO_RX_POLL)
		reg->nr_flags |= NR_DO_RX_POLL;
}

/* The two pipe modes are part of the name today. */
static void pipe_in(struct nmreq_header *hdr, struct nmreq_register *reg)
{
	size_t len = strlen(hdr->nr_name);
	char end;

	if (reg->nr_mode == NR_REG_PIPE_MASTER)
		end = '{';
	else if (reg->nr_mode == NR_REG_PIPE_SLAVE)
		end = '}';
	else
		return;
	snprintf(hdr->nr_name + len, sizeof(hdr->nr_name) - len, "%c%u", end,
		 reg->nr_ringid & PIPE_ID_MASK);
	reg->nr_mode = NR_REG_ALL_NIC;
	reg->nr_ringid = 0;
}

static void polling_in(const struct nmreq *n, struct nmreq_vale_polling *pol)
{
	switch (n->nr_flags & NR_REG_MASK) {
	case NR_REG_ONE_NIC:
		pol->nr_mode = NETMAP_POLLING_MODE_MULTI_CPU;
		break;
	case NR_REG_ALL_NIC:
		pol->nr_mode = NETMAP_POLLING_MODE_SINGLE_CPU;
		break;
	default:
		break;		/* 0: the handler rejects it in its turn */
	}
	pol->nr_first_cpu_id = n->nr_ringid & NETMAP_RING_MASK;
	pol->nr_num_polling_cpus = n->nr_arg1;
}

static void newif_in(const struct nmreq *n, struct nmreq_vale_newif *nif)
{
	nif->nr_tx_slots = n->nr_tx_slots;
	nif->nr_rx_slots = n->nr_rx_slots;
	nif->nr_tx_rings = n->nr_tx_rings;
	nif->nr_rx_rings = n->nr_rx_rings;
	nif->nr_mem_id = n->nr_arg2;
}

static void info_in(const struct nmreq *n, struct nmreq_port_info_get *info)
{
	info->nr_tx_slots = n->nr_tx_slots;
	info->nr_rx_slots = n->nr_rx_slots;
	info->nr_tx_rings = n->nr_tx_rings;
	info->nr_rx_rings = n->nr_rx_rings;
	info->nr_mem_id = n->nr_arg2;
}

static int request_of(int getinfo, uint16_t cmd)
{
	if (getinfo)
		return cmd == NETMAP_BDG_LIST ? NETMAP_REQ_VALE_LIST :
						NETMAP_REQ_PORT_INFO_GET;
	switch (cmd) {
	case 0:
		return NETMAP_REQ_REGISTER;
	case NETMAP_BDG_ATTACH:
		return NETMAP_REQ_VALE_ATTACH;
	case NETMAP_BDG_DETACH:
		return NETMAP_REQ_VALE_DETACH;
	case NETMAP_BDG_VNET_HDR:
		return NETMAP_REQ_PORT_HDR_SET;
	case NETMAP_VNET_HDR_GET:
		return NETMAP_REQ_PORT_HDR_GET;
	case NETMAP_BDG_NEWIF:
		return NETMAP_REQ_VALE_NEWIF;
	case NETMAP_BDG_DELIF:
		return NETMAP_REQ_VALE_DELIF;
	case NETMAP_BDG_POLLING_ON:
		return NETMAP_REQ_VALE_POLLING_ENABLE;
	case NETMAP_BDG_POLLING_OFF:
		return NETMAP_REQ_VALE_POLLING_DISABLE;
	case NETMAP_PT_HOST_CREATE:
	case NETMAP_PT_HOST_DELETE:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

static void body_in(const struct nmreq *n, struct nm_reqbuf *rb)
{
	void *body = nm_reqbuf_body(rb);
	struct nmreq_vale_attach *att = body;
	struct nmreq_vale_list *list = body;
	struct nmreq_port_hdr *ph = body;

	switch (rb->hdr.nr_reqtype) {
	case NETMAP_REQ_REGISTER:
		register_in(n, body);
		pipe_in(&rb->hdr, body);
		break;
	case NETMAP_REQ_VALE_ATTACH:
		register_in(n, &att->reg);
		att->reg.nr_mode = n->nr_arg1 & NETMAP_BDG_HOST ?
				   NR_REG_NIC_SW : NR_REG_ALL_NIC;
		break;
	case NETMAP_REQ_PORT_INFO_GET:
		info_in(n, body);
		break;
	case NETMAP_REQ_VALE_LIST:
		list->nr_bridge_idx = n->nr_arg1;
		list->nr_port_idx = n->nr_arg2;
		break;
	case NETMAP_REQ_PORT_HDR_SET:
		ph->nr_hdr_len = n->nr_arg1;
		break;
	case NETMAP_REQ_VALE_NEWIF:
		newif_in(n, body);
		break;
	case NETMAP_REQ_VALE_POLLING_ENABLE:
	case NETMAP_REQ_VALE_POLLING_DISABLE:
		polling_in(n, body);
		break;
	default:
		break;		/* nothing to be told */
	}
}

int nm_legacy_in(int getinfo, const struct nmreq *nmr, struct nm_reqbuf *rb)
{
	struct nmreq_header *hdr = &rb->hdr;
	int type;

	if (nmr->nr_version < NETMAP_MIN_API)
		return -EINVAL;
	type = request_of(getinfo, nmr->nr_cmd);
	if (type < 0)
		return type;
	hdr->nr_version = NETMAP_API;
	hdr->nr_reqtype = (uint16_t)type;
	memcpy(hdr->nr_name, nmr->nr_name, NM_IFNAMSIZ - 1);
	rb->body_len = nm_req_body_size((uint32_t)type);
	rb->data_len = rb->body_len;
	hdr->nr_body = rb->body_len ? BODY_PRESENT : 0;
	body_in(nmr, rb);
	return 0;
}

static int register_out(const struct nmreq_register *reg, struct nmreq *n)
{
	if (reg->nr_offset > UINT32_MAX || reg->nr_memsize > UINT32_MAX)
		return -EOVERFLOW;
	n->nr_offset = (uint32_t)reg->nr_offset;
	n->nr_memsize = (uint32_t)reg->nr_memsize;
	n->nr_tx_slots = reg->nr_tx_slots;
	n->nr_rx_slots = reg->nr_rx_slots;
	n->nr_tx_rings = reg->nr_tx_rings;
	n->nr_rx_rings = reg->nr_rx_rings;
	n->nr_arg2 = reg->nr_mem_id;
	n->nr_arg3 = reg->nr_extra_bufs;
	return 0;
}

static int info_out(const struct nmreq_port_info_get *info, struct nmreq *n)
{
	if (info->nr_memsize > UINT32_MAX)
		return -EOVERFLOW;
	n->nr_memsize = (uint32_t)info->nr_memsize;
	n->nr_tx_slots = info->nr_tx_slots;
	n->nr_rx_slots = info->nr_rx_slots;
	n->nr_tx_rings = info->nr_tx_rings;
	n->nr_rx_rings = info->nr_rx_rings;
	n->nr_arg2 = info->nr_mem_id;
	return 0;
}

static int list_out(const struct nm_reqbuf *rb, struct nmreq *n)
{
	const struct nmreq_vale_list *list = (const void *)rb->data;

	if (list->nr_port_idx > UINT16_MAX)
		return -EOVERFLOW;
	memset(n->nr_name, 0, sizeof(n->nr_name));
	memcpy(n->nr_name, rb->hdr.nr_name,
	       strnlen(rb->hdr.nr_name, NM_IFNAMSIZ - 1));
	n->nr_arg1 = list->nr_bridge_idx;
	n->nr_arg2 = (uint16_t)list->nr_port_idx;
	return 0;
}

static void newif_out(const struct nmreq_vale_newif *nif, struct nmreq *n)
{
	n->nr_tx_slots = nif->nr_tx_slots;
	n->nr_rx_slots = nif->nr_rx_slots;
	n->nr_tx_rings = nif->nr_tx_rings;
	n->nr_rx_rings = nif->nr_rx_rings;
	n->nr_arg2 = nif->nr_mem_id;
}

int nm_legacy_out(const struct nm_reqbuf *rb, struct nmreq *nmr)
{
	const void *body = rb->data;
	const struct nmreq_vale_attach *att = body;
	const struct nmreq_port_hdr *ph = body;

	switch (rb->hdr.nr_reqtype) {
	case NETMAP_REQ_REGISTER:
		return register_out(body, nmr);
	case NETMAP_REQ_VALE_ATTACH:
		return register_out(&att->reg, nmr);
	case NETMAP_REQ_PORT_INFO_GET:
		return info_out(body, nmr);
	case NETMAP_REQ_VALE_LIST:
		return list_out(rb, nmr);
	case NETMAP_REQ_VALE_NEWIF:
		newif_out(body, nmr);
		return 0;
	case NETMAP_REQ_PORT_HDR_SET:
	case NETMAP_REQ_PORT_HDR_GET:
		nmr->nr_arg1 = (uint16_t)ph->nr_hdr_len;
		return 0;
	default:
		return 0;
	}
}

/* Translate, run, translate back.  Called with the engine's lock held. */
static int run(struct nm_file *f, int getinfo, struct nmreq *nmr,
	       struct nm_reqbuf *rb)
{
	int r;

	r = nm_legacy_in(getinfo, nmr, rb);
	if (r == -EOPNOTSUPP)
		return nm_fail(f, EOPNOTSUPP, "nr_cmd %u is not offered any more",
			       nmr->nr_cmd);
	if (r)
		return nm_fail(f, -r, "nr_version %u or nr_cmd %u is not valid; this "
			       "is API %u", nmr->nr_version, nmr->nr_cmd,
			       NETMAP_API);
	r = nm_req_run(f, rb);
	if (r)
		return r;
	r = nm_legacy_out(rb, nmr);
	if (!r)
		return 0;
	if (rb->hdr.nr_reqtype == NETMAP_REQ_REGISTER)
		nm_unbind(f);
	return nm_fail(f, -r, "a result of %s does not fit a legacy request; "
		       "use NIOCCTRL", nm_req_name(rb->hdr.nr_reqtype));
}

int nm_file_legacy(struct nm_file *f, int getinfo, struct nmreq *nmr)
{
	struct nm_reqbuf *rb = nm_os_alloc(sizeof(*rb));
	int r;

	nm_engine_lock(f->e);
	r = rb ? run(f, getinfo, nmr, rb) :
	    nm_fail(f, ENOMEM, "no memory for the request");
	nm_bind_unlock(f);
	nm_os_free(rb);
	return r;
}
