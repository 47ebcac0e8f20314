/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The table of requests, and what is the same for all of them.
 *
 * Options start as "not understood" (EOPNOTSUPP); the handler that
 * understands one writes 0 or an errno over it.  The handler of REGISTER
 * fails when one is left over, because a program that asked for offsets and
 * does not get them would read the wrong bytes; elsewhere the status is all
 * the caller learns.  The error option is understood here, for everybody.
 * Whoever fails leaves a sentence in the descriptor (nm_fail()); one that is
 * missing is made up, and it goes back with the request.
 *
 * API 15 has no meaning of its own yet except one: a flag we do not know is
 * an error in it, so that new flags can be added without guessing whether an
 * engine knows them.  API 14 ignores such flags, as it always has.
 */
#include "engine/req.h"
#include "engine/bind.h"
#include "engine/engine_priv.h"
#include "engine/file.h"

struct request {
	uint32_t type;
	const char *name;
	nm_req_handler *handler;
};

static const struct request requests[] = {
	{ NETMAP_REQ_REGISTER, "REGISTER", nm_req_register },
	{ NETMAP_REQ_PORT_INFO_GET, "PORT_INFO_GET", nm_req_port_info },
	{ NETMAP_REQ_VALE_ATTACH, "VALE_ATTACH", nm_req_vale_attach },
	{ NETMAP_REQ_VALE_DETACH, "VALE_DETACH", nm_req_vale_detach },
	{ NETMAP_REQ_VALE_LIST, "VALE_LIST", nm_req_vale_list },
	{ NETMAP_REQ_PORT_HDR_SET, "PORT_HDR_SET", nm_req_port_hdr_set },
	{ NETMAP_REQ_PORT_HDR_GET, "PORT_HDR_GET", nm_req_port_hdr_get },
	{ NETMAP_REQ_VALE_NEWIF, "VALE_NEWIF", nm_req_vale_newif },
	{ NETMAP_REQ_VALE_DELIF, "VALE_DELIF", nm_req_vale_delif },
	{ NETMAP_REQ_VALE_POLLING_ENABLE, "VALE_POLLING_ENABLE",
	  nm_req_vale_polling_on },
	{ NETMAP_REQ_VALE_POLLING_DISABLE, "VALE_POLLING_DISABLE",
	  nm_req_vale_polling_off },
	{ NETMAP_REQ_POOLS_INFO_GET, "POOLS_INFO_GET", nm_req_pools_info },
	{ NETMAP_REQ_SYNC_KLOOP_START, "SYNC_KLOOP_START", nm_req_kloop_start },
	{ NETMAP_REQ_SYNC_KLOOP_STOP, "SYNC_KLOOP_STOP", nm_req_kloop_stop },
	{ NETMAP_REQ_CSB_ENABLE, "CSB_ENABLE", nm_req_csb_enable },
	{ NETMAP_REQ_COUNTERS_GET, "COUNTERS_GET", nm_req_counters },
	{ NETMAP_REQ_PORT_STATUS_GET, "PORT_STATUS_GET", nm_req_port_status },
};

/* 0x1000 means nothing, but programs of the past set it. */
#define KNOWN_FLAGS							\
	(NR_MONITOR_TX | NR_MONITOR_RX | NR_ZCOPY_MON | NR_EXCLUSIVE |	\
	 0x1000 | NR_RX_RINGS_ONLY | NR_TX_RINGS_ONLY |			\
	 NR_ACCEPT_VNET_HDR | NR_DO_RX_POLL | NR_NO_TX_POLL | NR_PEER_HUP)

static const struct request *request_find(uint32_t type)
{
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].type == type)
			return &requests[i];
	return NULL;
}

const char *nm_req_name(uint32_t reqtype)
{
	const struct request *q = request_find(reqtype);

	return q ? q->name : "request";
}

/* nr_flags of the requests that have them; 0 for the others. */
static uint64_t flags_of(struct nm_reqbuf *rb)
{
	const struct nmreq_register *reg = nm_reqbuf_body(rb);
	const struct nmreq_vale_attach *att = nm_reqbuf_body(rb);

	switch (rb->hdr.nr_reqtype) {
	case NETMAP_REQ_REGISTER:
		return reg->nr_flags;
	case NETMAP_REQ_VALE_ATTACH:
		return att->reg.nr_flags;
	default:
		return 0;
	}
}

static int check_flags(struct nm_file *f, struct nm_reqbuf *rb)
{
	uint64_t unknown = flags_of(rb) & ~(uint64_t)KNOWN_FLAGS;

	if (rb->hdr.nr_version < 15 || !unknown)
		return 0;
	return nm_fail(f, EINVAL, "nr_flags has bits 0x%llx that this "
			   "engine does not know",
			   (unsigned long long)unknown);
}

static int dispatch(struct nm_file *f, struct nm_reqbuf *rb)
{
	const struct request *q = request_find(rb->hdr.nr_reqtype);
	int r;

	if (!q)
		return nm_fail(f, EINVAL, "nr_reqtype %u is not known",
				   rb->hdr.nr_reqtype);
	r = check_flags(f, rb);
	if (r)
		return r;
	return q->handler(f, rb);
}

/* What somebody else gathered begins as if we had. */
static int start(struct nm_file *f, struct nm_reqbuf *rb)
{
	uint32_t i;

	f->msg[0] = '\0';
	if (nm_reqbuf_check(rb)) {
		rb->n_opts = 0;
		rb->body_len = 0;
		rb->data_len = 0;
		return nm_fail(f, EINVAL, "the request is malformed");
	}
	rb->write_status = 1;
	for (i = 0; i < rb->n_opts; i++)
		rb->opt[i].status = rb->opt[i].type == NETMAP_REQ_OPT_ERROR ?
				    0 : EOPNOTSUPP;
	return 0;
}

int nm_req_run(struct nm_file *f, struct nm_reqbuf *rb)
{
	int r;

	nm_os_assert_held(&f->e->lock);
	r = start(f, rb);
	if (!r)
		r = dispatch(f, rb);
	if (!r)
		f->msg[0] = '\0';
	else if (!f->msg[0])
		nm_fail(f, -r, "%s of '%.63s' failed with error %d",
			nm_req_name(rb->hdr.nr_reqtype), rb->hdr.nr_name, -r);
	rb->error = r;
	memcpy(rb->message, f->msg, sizeof(rb->message));
	return r;
}

int nm_file_ctrl(struct nm_file *f, struct nm_reqbuf *rb)
{
	int r;

	nm_engine_lock(f->e);
	r = nm_req_run(f, rb);
	nm_bind_unlock(f);
	return r;
}
