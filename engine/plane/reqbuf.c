/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Gather a request into one block, scatter the results.
 *
 * Gathering stops at the first thing wrong, so the order of the code below is
 * the precedence of errors: version, reserved word, body pointer, body, then
 * the options one by one.  What was reached decides what is written back:
 *
 *	error found			header	body	statuses
 *	before the options		yes	no	none
 *	list too long to end		yes	no	none
 *	elsewhere in the list		yes	no	of headers read, 0 unless
 *						the option is to blame
 *	by the handler			yes	no	as the handler left them
 *	none				yes	yes	the same, and the bodies of
 *						those that are 0
 *
 * The error option is ours and an exception: its body is written whenever its
 * header was reached.  So a program that wants the sentence about a bad list
 * puts the option first.
 *
 * Runs in the kernel and, for user mode, in the client: no state, no
 * allocation, nothing but the accessors it is given.
 */
#include "engine/plane/reqbuf.h"

#define HDR_LEN		((uint32_t)sizeof(struct nmreq_option))
#define STATUS_OFS	((uint32_t)offsetof(struct nmreq_option, nro_status))
#define MSG_LEN		((uint32_t)sizeof(((struct nmreq_opt_error *)0)->nro_msg))

/* A list of this many options is taken to be endless. */
#define OPTS_ENDLESS	NM_REQBUF_OPTS

NM_STATIC_ASSERT(sizeof(((struct nm_reqbuf *)0)->message) == MSG_LEN,
	"the sentence fits the option");
NM_STATIC_ASSERT(NM_REQBUF_DATA == NETMAP_REQ_MAXSIZE, "documented limit");

static const struct {
	uint16_t type;
	uint16_t size;
} bodies[] = {
	{ NETMAP_REQ_REGISTER, sizeof(struct nmreq_register) },
	{ NETMAP_REQ_PORT_INFO_GET, sizeof(struct nmreq_port_info_get) },
	{ NETMAP_REQ_VALE_ATTACH, sizeof(struct nmreq_vale_attach) },
	{ NETMAP_REQ_VALE_DETACH, sizeof(struct nmreq_vale_detach) },
	{ NETMAP_REQ_VALE_LIST, sizeof(struct nmreq_vale_list) },
	{ NETMAP_REQ_PORT_HDR_SET, sizeof(struct nmreq_port_hdr) },
	{ NETMAP_REQ_PORT_HDR_GET, sizeof(struct nmreq_port_hdr) },
	{ NETMAP_REQ_VALE_NEWIF, sizeof(struct nmreq_vale_newif) },
	{ NETMAP_REQ_VALE_POLLING_ENABLE, sizeof(struct nmreq_vale_polling) },
	{ NETMAP_REQ_VALE_POLLING_DISABLE, sizeof(struct nmreq_vale_polling) },
	{ NETMAP_REQ_POOLS_INFO_GET, sizeof(struct nmreq_pools_info) },
	{ NETMAP_REQ_SYNC_KLOOP_START, sizeof(struct nmreq_sync_kloop_start) },
	{ NETMAP_REQ_COUNTERS_GET, sizeof(struct nmreq_counters) },
	{ NETMAP_REQ_PORT_STATUS_GET, sizeof(struct nmreq_port_status) },
};

uint32_t nm_req_body_size(uint32_t reqtype)
{
	size_t i;

	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		if (bodies[i].type == reqtype)
			return bodies[i].size;
	return 0;
}

uint64_t nm_req_opt_size(uint32_t type, uint64_t nro_size)
{
	switch (type) {
	case NETMAP_REQ_OPT_EXTMEM:
		return sizeof(struct nmreq_opt_extmem);
	case NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS:
		/* A size too small for the header is left to the handler. */
		return nro_size > HDR_LEN ? nro_size : HDR_LEN;
	case NETMAP_REQ_OPT_CSB:
		return sizeof(struct nmreq_opt_csb);
	case NETMAP_REQ_OPT_SYNC_KLOOP_MODE:
		return sizeof(struct nmreq_opt_sync_kloop_mode);
	case NETMAP_REQ_OPT_OFFSETS:
		return sizeof(struct nmreq_opt_offsets);
	case NETMAP_REQ_OPT_ERROR:
		return sizeof(struct nmreq_opt_error);
	default:
		return 0;
	}
}

struct nm_reqopt *nm_reqbuf_opt(struct nm_reqbuf *rb, uint32_t type)
{
	uint32_t i;

	for (i = 0; i < rb->n_opts; i++)
		if (rb->opt[i].type == type)
			return &rb->opt[i];
	return NULL;
}

static int fail(struct nm_reqbuf *rb, int error, const char *sentence)
{
	rb->error = error;
	snprintf(rb->message, sizeof(rb->message), "%s", sentence);
	return error;
}

static int fail_opt(struct nm_reqbuf *rb, int error, uint32_t type,
		    const char *what)
{
	rb->error = error;
	snprintf(rb->message, sizeof(rb->message), "option number %u (type %u) %s",
		 rb->n_opts, type, what);
	return error;
}

static int gather_body(struct nm_reqbuf *rb, const struct nm_uaccess *ua)
{
	const struct nmreq_header *hdr = &rb->hdr;
	uint32_t len = nm_req_body_size(hdr->nr_reqtype);

	if (len && !hdr->nr_body)
		return fail(rb, -EINVAL, "the request needs a body and nr_body is 0");
	if (!len && hdr->nr_body)
		return fail(rb, -EINVAL, "the request has no body and nr_body is not 0, "
			    "or nr_reqtype is not known");
	if (len && ua->in(ua->ctx, rb->data, hdr->nr_body, len))
		return fail(rb, -EFAULT, "the body of the request is not readable");
	rb->body_len = len;
	rb->data_len = len;
	return 0;
}

/* Append the option at *@next; advance *@next. */
static int gather_opt(struct nm_reqbuf *rb, const struct nm_uaccess *ua,
		      uint64_t *next)
{
	struct nmreq_option hdr;
	struct nm_reqopt *o, *twin;
	uint64_t len;

	if (ua->in(ua->ctx, &hdr, *next, HDR_LEN))
		return fail(rb, -EFAULT, "an option header is not readable");
	if (rb->n_opts == OPTS_ENDLESS - 1) {
		rb->write_status = 0;
		return fail(rb, -EMSGSIZE, "the list of options does not end");
	}

	twin = nm_reqbuf_opt(rb, hdr.nro_reqtype);
	len = nm_req_opt_size(hdr.nro_reqtype, hdr.nro_size);
	o = &rb->opt[rb->n_opts++];
	o->uaddr = *next;
	o->type = hdr.nro_reqtype;
	o->size = hdr.nro_size;
	o->len = HDR_LEN;
	o->status = 0;
	*next = hdr.nro_next;

	if (!o->type) {
		o->status = EINVAL;
		return fail_opt(rb, -EINVAL, o->type, "has no type");
	}
	if (!len)
		o->status = EOPNOTSUPP;
	else if (twin) {
		o->status = EINVAL;
		twin->status = EINVAL;
		return fail_opt(rb, -EINVAL, o->type, "is there twice");
	}
	if (len && o->size > NETMAP_REQ_MAXSIZE)
		return fail_opt(rb, -EMSGSIZE, o->type,
				"has an nro_size of more than 4096 bytes");
	if (!len)
		len = HDR_LEN;
	if (rb->data_len + len > NETMAP_REQ_MAXSIZE)
		return fail_opt(rb, -EMSGSIZE, o->type,
				"makes the request longer than 4096 bytes");

	o->ofs = rb->data_len;
	memcpy(rb->data + o->ofs, &hdr, HDR_LEN);
	if (len > HDR_LEN && ua->in(ua->ctx, rb->data + o->ofs + HDR_LEN,
				    o->uaddr + HDR_LEN, (uint32_t)len - HDR_LEN))
		return fail_opt(rb, -EFAULT, o->type, "is not readable");
	o->len = (uint32_t)len;
	/* 4096 is a multiple of 8, so rounding up cannot pass it. */
	rb->data_len += ((uint32_t)len + 7u) & ~7u;
	return 0;
}

int nm_reqbuf_gather(struct nm_reqbuf *rb, const struct nm_uaccess *ua,
		     uint64_t uhdr)
{
	struct nmreq_header *hdr = &rb->hdr;
	uint64_t next;
	uint32_t i;
	int r;

	memset(rb, 0, sizeof(*rb));
	if (ua->in(ua->ctx, hdr, uhdr, sizeof(*hdr)))
		return fail(rb, -EFAULT, "the header of the request is not readable");
	if (hdr->nr_version < NETMAP_MIN_API || hdr->nr_version > NETMAP_MAX_API) {
		hdr->nr_version = NETMAP_API;
		return fail(rb, -EINVAL, "nr_version is not one this engine speaks; "
			    "it is now set to the one to use");
	}
	if (hdr->nr_reserved)
		return fail(rb, -EINVAL, "nr_reserved is not 0");
	r = gather_body(rb, ua);
	if (r)
		return r;

	rb->write_status = 1;
	for (next = hdr->nr_options; next; ) {
		r = gather_opt(rb, ua, &next);
		if (r)
			return r;
	}
	for (i = 0; i < rb->n_opts; i++)
		rb->opt[i].status = EOPNOTSUPP;
	hdr->nr_name[NETMAP_REQ_IFNAMSIZ - 1] = '\0';
	return 0;
}

int nm_reqbuf_check(const struct nm_reqbuf *rb)
{
	const struct nmreq_header *hdr = &rb->hdr;
	const struct nm_reqopt *o;
	uint32_t i, j, end;
	uint64_t len;

	if (hdr->nr_version < NETMAP_MIN_API || hdr->nr_version > NETMAP_MAX_API ||
	    hdr->nr_reserved || hdr->nr_name[NETMAP_REQ_IFNAMSIZ - 1] ||
	    rb->n_opts >= OPTS_ENDLESS ||
	    rb->body_len != nm_req_body_size(hdr->nr_reqtype) ||
	    !rb->body_len != !hdr->nr_body)
		return -EINVAL;

	end = rb->body_len;
	for (i = 0; i < rb->n_opts; i++) {
		o = &rb->opt[i];
		len = nm_req_opt_size(o->type, o->size);
		for (j = 0; len && j < i; j++)
			if (rb->opt[j].type == o->type)
				return -EINVAL;
		if (!len)
			len = HDR_LEN;
		if (!o->type || o->len != len || o->ofs != end ||
		    len > NM_REQBUF_DATA - end)
			return -EINVAL;
		end += ((uint32_t)len + 7u) & ~7u;
	}
	return rb->data_len == end ? 0 : -EINVAL;
}

static int scatter_opt(const struct nm_reqbuf *rb, const struct nm_reqopt *o,
		       const struct nm_uaccess *ua)
{
	uint64_t body = o->uaddr + HDR_LEN;
	int bad = 0;

	if (rb->write_status)
		bad = ua->out(ua->ctx, o->uaddr + STATUS_OFS, &o->status,
			      sizeof(o->status));
	if (o->type == NETMAP_REQ_OPT_ERROR)
		bad |= ua->out(ua->ctx, body, rb->message, MSG_LEN);
	else if (!rb->error && !o->status && o->len > HDR_LEN)
		bad |= ua->out(ua->ctx, body, rb->data + o->ofs + HDR_LEN,
			       o->len - HDR_LEN);
	return bad;
}

int nm_reqbuf_scatter(struct nm_reqbuf *rb, const struct nm_uaccess *ua,
		      uint64_t uhdr)
{
	uint32_t i;
	int bad;

	rb->message[MSG_LEN - 1] = '\0';
	bad = ua->out(ua->ctx, uhdr, &rb->hdr, sizeof(rb->hdr));
	if (!rb->error && rb->body_len)
		bad |= ua->out(ua->ctx, rb->hdr.nr_body, rb->data, rb->body_len);
	for (i = 0; i < rb->n_opts; i++)
		bad |= scatter_opt(rb, &rb->opt[i], ua);
	return bad ? -EFAULT : rb->error;
}
