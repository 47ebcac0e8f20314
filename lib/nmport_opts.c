/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmport_opts: the options of a port, in a specification or by function.
 *
 *	share=PORT		use the memory region of that port
 *	extmem=FILE		use a file as region; geometry by keys
 *	conf=RINGS		rings and slots of a port made by this open
 *	offset=INITIAL		packets start inside their buffers
 *	bufs=N, extra-bufs=N	ask for extra buffers
 *	vnet[=LEN]		frames carry a virtio-net header; set its length
 *	poll:no-tx,do-rx	what poll does besides waiting
 *
 * An option that is sent to the engine is one allocation with the cleanup that
 * takes it back.  "offset" is off until the program enables it, because slots
 * with offsets need a program that looks at them.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/nmlib.h"

/* Options owned by the port */

struct nm_extmem {
	struct nmport_cleanup_d up;
	struct nmreq_opt_extmem opt;
};

struct nm_offset {
	struct nmport_cleanup_d up;
	struct nmreq_opt_offsets opt;
};

struct nm_file {
	struct nmport_cleanup_d up;
	void *base;
	size_t size;
};

struct nm_vnet {
	struct nmport_cleanup_d up;
	uint32_t len;
};

/* A zeroed record whose first member is a cleanup. */
static void *nm_record(struct nmport_d *d, size_t size, const char *what)
{
	void *r = nmctx_malloc(d->ctx, size);

	if (!r)
		nm_fail(d->ctx, ENOMEM, "%s: no memory for %s", d->hdr.nr_name,
			what);
	else
		memset(r, 0, size);
	return r;
}

static int nm_not_registered(struct nmport_d *d, const char *what)
{
	if (!d->register_done)
		return 0;
	return nm_fail(d->ctx, EINVAL, "%s: %s must be set before the port is "
		"registered", d->hdr.nr_name, what);
}

static void nm_extmem_cleanup(struct nmport_cleanup_d *c, struct nmport_d *d)
{
	struct nm_extmem *e = (struct nm_extmem *)c;

	nmreq_remove_option(&d->hdr, &e->opt.nro_opt);
	d->extmem = NULL;
}

/**
 * nmport_extmem - let the port live in memory of the program
 * @d: parsed, not registered
 * @base: start of the memory, which must outlive the port
 * @size: bytes
 *
 * Return: 0; -1 with errno EINVAL (registered already, or external memory is
 *	   set already) or ENOMEM.
 */
int nmport_extmem(struct nmport_d *d, void *base, size_t size)
{
	struct nm_extmem *e;

	if (nm_not_registered(d, "external memory"))
		return -1;
	if (d->extmem)
		return nm_fail(d->ctx, EINVAL, "%s: external memory is set already",
			d->hdr.nr_name);
	e = nm_record(d, sizeof(*e), "the option extmem");
	if (!e)
		return -1;
	e->opt.nro_opt.nro_reqtype = NETMAP_REQ_OPT_EXTMEM;
	e->opt.nro_usrptr = (uintptr_t)base;
	e->opt.nro_info.nr_memsize = size;
	nmreq_push_option(&d->hdr, &e->opt.nro_opt);
	d->extmem = &e->opt;
	e->up.cleanup = nm_extmem_cleanup;
	nm_port_push_cleanup(d, &e->up);
	return 0;
}

static void nm_file_cleanup(struct nmport_cleanup_d *c, struct nmport_d *d)
{
	struct nm_file *f = (struct nm_file *)c;

	munmap(f->base, f->size);
}

static int nm_file_fail(struct nmport_d *d, const char *fname, const char *what)
{
	int err = errno;

	return nm_fail(d->ctx, err, "%s: cannot %s the memory file %.300s: %s",
		d->hdr.nr_name, what, fname, strerror(err));
}

/* Map all of @fname. */
static int nm_file_map(struct nmport_d *d, const char *fname,
		       struct nm_file *f)
{
	int fd = open(fname, O_RDWR | O_CLOEXEC);
	const char *what = NULL;
	off_t size;
	int err;

	if (fd < 0)
		return nm_file_fail(d, fname, "open");
	size = lseek(fd, 0, SEEK_END);
	if (size < 0) {
		what = "find the size of";
	} else {
		f->size = size;
		f->base = mmap(NULL, f->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			       fd, 0);
		if (f->base == MAP_FAILED)
			what = size ? "map" : "map (it is empty)";
	}
	err = errno;
	close(fd);
	errno = err;
	return what ? nm_file_fail(d, fname, what) : 0;
}

/**
 * nmport_extmem_from_file - nmport_extmem() with a mapped file
 * @d: parsed, not registered
 * @fname: opened for reading and writing, and mapped until the port is closed
 *
 * Return: 0; -1 with errno of nmport_extmem(), open(2), lseek(2) or mmap(2).
 */
int nmport_extmem_from_file(struct nmport_d *d, const char *fname)
{
	struct nm_file *f = nm_record(d, sizeof(*f), "a mapped file");

	if (!f)
		return -1;
	if (nm_file_map(d, fname, f)) {
		nmctx_free(d->ctx, f);
		return -1;
	}
	f->up.cleanup = nm_file_cleanup;
	nm_port_push_cleanup(d, &f->up);
	if (nmport_extmem(d, f->base, f->size)) {
		nm_port_cleanup(d, f->up.next);
		return -1;
	}
	return 0;
}

/**
 * nmport_extmem_getinfo - the geometry of external memory
 * @d: any
 *
 * Return: to be edited before and read after nmport_register(); NULL when the
 *	   port has no external memory.
 */
struct nmreq_pools_info *nmport_extmem_getinfo(struct nmport_d *d)
{
	return d->extmem ? &d->extmem->nro_info : NULL;
}

static void nm_offset_cleanup(struct nmport_cleanup_d *c, struct nmport_d *d)
{
	struct nm_offset *o = (struct nm_offset *)c;

	nmreq_remove_option(&d->hdr, &o->opt.nro_opt);
}

/**
 * nmport_offset - let packets start inside their buffers
 * @d: parsed, not registered
 * @initial: offset of all slots at first, bytes
 * @maxoff: largest offset the program will use, bytes
 * @bits: bits of slot.ptr that hold the offset, 0..64; 0 means all
 * @mingap: smallest distance of packets that share a buffer, bytes; 0 when
 *	none do
 *
 * Return: 0; -1 with errno EINVAL (@bits, or registered already) or ENOMEM.
 */
int nmport_offset(struct nmport_d *d, uint64_t initial, uint64_t maxoff,
		  uint64_t bits, uint64_t mingap)
{
	struct nm_offset *o;

	if (nm_not_registered(d, "an offset"))
		return -1;
	if (bits > 64)
		return nm_fail(d->ctx, EINVAL, "%s: an offset has at most 64 bits, "
			"not %llu", d->hdr.nr_name, (unsigned long long)bits);
	o = nm_record(d, sizeof(*o), "the option offsets");
	if (!o)
		return -1;
	o->opt.nro_opt.nro_reqtype = NETMAP_REQ_OPT_OFFSETS;
	o->opt.nro_max_offset = maxoff;
	o->opt.nro_initial_offset = initial;
	o->opt.nro_offset_bits = bits;
	o->opt.nro_min_gap = mingap;
	nmreq_push_option(&d->hdr, &o->opt.nro_opt);
	o->up.cleanup = nm_offset_cleanup;
	nm_port_push_cleanup(d, &o->up);
	return 0;
}

/* Options in a specification */

static int nm_share_parse(struct nmreq_parse_ctx *p)
{
	struct nmport_d *d = p->token;
	const char *port = p->keys[0];
	int32_t id = nmreq_get_mem_id(&port, p->ctx);

	if (id < 0)
		return -1;
	if (*port)
		return nm_key_fail(p, 0, EINVAL, "'%.64s' after the name of the "
			"port has no meaning here", port);
	if (d->reg.nr_mem_id && d->reg.nr_mem_id != id)
		return nm_key_fail(p, 0, EINVAL, "the port is in memory region "
			"%d, but region %u was chosen already", id,
			d->reg.nr_mem_id);
	d->reg.nr_mem_id = id;
	return 0;
}

enum { EXT_FILE, EXT_IF_NUM, EXT_IF_SIZE, EXT_RING_NUM, EXT_RING_SIZE,
	EXT_BUF_NUM, EXT_BUF_SIZE };

static int nm_extmem_parse(struct nmreq_parse_ctx *p)
{
	uint64_t v[EXT_BUF_SIZE + 1] = { 0 };
	struct nmport_d *d = p->token;
	struct nmreq_pools_info *pi;
	int k;

	for (k = EXT_IF_NUM; k <= EXT_BUF_SIZE; k++)
		if (nm_key_number(p, k, 0, UINT32_MAX, true, &v[k]))
			return -1;
	if (nmport_extmem_from_file(d, p->keys[EXT_FILE]))
		return -1;
	pi = &d->extmem->nro_info;
	pi->nr_if_pool_objtotal = v[EXT_IF_NUM];
	pi->nr_if_pool_objsize = v[EXT_IF_SIZE];
	pi->nr_ring_pool_objtotal = v[EXT_RING_NUM];
	pi->nr_ring_pool_objsize = v[EXT_RING_SIZE];
	pi->nr_buf_pool_objtotal = v[EXT_BUF_NUM];
	pi->nr_buf_pool_objsize = v[EXT_BUF_SIZE];
	return 0;
}

enum { CONF_RINGS, CONF_TX_RINGS, CONF_RX_RINGS, CONF_HOST_RINGS,
	CONF_HOST_TX_RINGS, CONF_HOST_RX_RINGS, CONF_SLOTS, CONF_TX_SLOTS,
	CONF_RX_SLOTS };

/*
 * The number for @key, or else for the less specific @general; *@val stays
 * when neither is set.
 */
static int nm_conf_number(struct nmreq_parse_ctx *p, int key, int general,
			  uint64_t *val)
{
	bool slots = general == CONF_SLOTS;
	uint64_t max = slots ? UINT32_MAX : UINT16_MAX;

	/* both are looked at, so that a bad general value is an error too */
	if (nm_key_number(p, general, 0, max, slots, val))
		return -1;
	return nm_key_number(p, key, 0, max, slots, val);
}

static int nm_conf_parse(struct nmreq_parse_ctx *p)
{
	struct nmport_d *d = p->token;
	uint64_t tx = d->reg.nr_tx_rings, rx = d->reg.nr_rx_rings;
	uint64_t htx = d->reg.nr_host_tx_rings, hrx = d->reg.nr_host_rx_rings;
	uint64_t txs = d->reg.nr_tx_slots, rxs = d->reg.nr_rx_slots;

	if (nm_conf_number(p, CONF_TX_RINGS, CONF_RINGS, &tx) ||
	    nm_conf_number(p, CONF_RX_RINGS, CONF_RINGS, &rx) ||
	    nm_conf_number(p, CONF_HOST_TX_RINGS, CONF_HOST_RINGS, &htx) ||
	    nm_conf_number(p, CONF_HOST_RX_RINGS, CONF_HOST_RINGS, &hrx) ||
	    nm_conf_number(p, CONF_TX_SLOTS, CONF_SLOTS, &txs) ||
	    nm_conf_number(p, CONF_RX_SLOTS, CONF_SLOTS, &rxs))
		return -1;
	d->reg.nr_tx_rings = tx;
	d->reg.nr_rx_rings = rx;
	d->reg.nr_host_tx_rings = htx;
	d->reg.nr_host_rx_rings = hrx;
	d->reg.nr_tx_slots = txs;
	d->reg.nr_rx_slots = rxs;
	return 0;
}

static int nm_offset_parse(struct nmreq_parse_ctx *p)
{
	uint64_t initial = 0, bits = 0;

	if (nm_key_number(p, 0, 0, UINT32_MAX, true, &initial) ||
	    nm_key_number(p, 1, 0, 64, false, &bits))
		return -1;
	return nmport_offset(p->token, initial, initial, bits, 0);
}

static int nm_bufs_parse(struct nmreq_parse_ctx *p)
{
	struct nmport_d *d = p->token;
	uint64_t n = 0;

	if (nm_key_number(p, 0, 0, UINT32_MAX, true, &n))
		return -1;
	d->reg.nr_extra_bufs = n;
	return 0;
}

/*
 * The length can be set only once the port exists.  It belongs to the port,
 * which keeps it: there is nothing to undo.
 */
static int nm_vnet_bound(struct nmport_cleanup_d *c, struct nmport_d *d)
{
	struct nmreq_port_hdr ph = { .nr_hdr_len = ((struct nm_vnet *)c)->len };
	struct nmreq_header hdr;
	struct nm_answer a;

	nmreq_header_init(&hdr, NETMAP_REQ_PORT_HDR_SET, &ph);
	memcpy(hdr.nr_name, d->hdr.nr_name, sizeof(hdr.nr_name));
	if (nm_request(d->fd, &hdr, &a) < 0)
		return nm_request_fail(d->ctx, &hdr, &a,
			"set the length of the virtio-net header");
	return 0;
}

static int nm_vnet_parse(struct nmreq_parse_ctx *p)
{
	struct nmport_d *d = p->token;
	struct nm_vnet *v;
	uint64_t len = 0;

	if (p->keys[0]) {
		if (nm_key_number(p, 0, 0, 12, false, &len))
			return -1;
		if (len != 0 && len != 10 && len != 12)
			return nm_key_fail(p, 0, EINVAL, "a virtio-net header has "
				"10 or 12 bytes, 0 for none; not %llu",
				(unsigned long long)len);
		v = nm_record(d, sizeof(*v), "the option vnet");
		if (!v)
			return -1;
		v->len = len;
		v->up.bound = nm_vnet_bound;
		nm_port_push_cleanup(d, &v->up);
	}
	d->reg.nr_flags |= NR_ACCEPT_VNET_HDR;
	return 0;
}

/* A key that is on when given alone: KEY, KEY=1 or KEY=0 */
static int nm_switch_key(struct nmreq_parse_ctx *p, int id, uint64_t *val)
{
	if (nm_key_is_bare(p, id)) {
		*val = 1;
		return 0;
	}
	return nm_key_number(p, id, 0, 1, false, val);
}

static int nm_poll_parse(struct nmreq_parse_ctx *p)
{
	struct nmport_d *d = p->token;
	uint64_t no_tx = 0, do_rx = 0;

	if (nm_switch_key(p, 0, &no_tx) || nm_switch_key(p, 1, &do_rx))
		return -1;
	d->reg.nr_flags |= (no_tx ? NR_NO_TX_POLL : 0) |
			   (do_rx ? NR_DO_RX_POLL : 0);
	return 0;
}

static struct nmreq_opt_parser nm_opts[] = {
	{
		.prefix = "share", .parse = nm_share_parse, .nr_keys = 1,
		.keys = { { "port", 0, NMREQ_OPTK_MUSTSET | NMREQ_OPTK_DEFAULT } },
		.next = &nm_opts[1],
	}, {
		.prefix = "extmem", .parse = nm_extmem_parse, .nr_keys = 7,
		.keys = {
			{ "file", EXT_FILE,
			  NMREQ_OPTK_MUSTSET | NMREQ_OPTK_DEFAULT },
			{ "if-num", EXT_IF_NUM, 0 },
			{ "if-size", EXT_IF_SIZE, 0 },
			{ "ring-num", EXT_RING_NUM, 0 },
			{ "ring-size", EXT_RING_SIZE, 0 },
			{ "buf-num", EXT_BUF_NUM, 0 },
			{ "buf-size", EXT_BUF_SIZE, 0 },
		},
		.next = &nm_opts[2],
	}, {
		.prefix = "conf", .parse = nm_conf_parse, .nr_keys = 9,
		.default_key = CONF_RINGS,
		.keys = {
			{ "rings", CONF_RINGS, NMREQ_OPTK_DEFAULT },
			{ "tx-rings", CONF_TX_RINGS, 0 },
			{ "rx-rings", CONF_RX_RINGS, 0 },
			{ "host-rings", CONF_HOST_RINGS, 0 },
			{ "host-tx-rings", CONF_HOST_TX_RINGS, 0 },
			{ "host-rx-rings", CONF_HOST_RX_RINGS, 0 },
			{ "slots", CONF_SLOTS, 0 },
			{ "tx-slots", CONF_TX_SLOTS, 0 },
			{ "rx-slots", CONF_RX_SLOTS, 0 },
		},
		.next = &nm_opts[3],
	}, {
		.prefix = "offset", .parse = nm_offset_parse, .nr_keys = 2,
		.flags = NMREQ_OPTF_DISABLED,
		.keys = {
			{ "initial", 0, NMREQ_OPTK_MUSTSET | NMREQ_OPTK_DEFAULT },
			{ "bits", 1, 0 },
		},
		.next = &nm_opts[4],
	}, {
		.prefix = "bufs", .parse = nm_bufs_parse, .nr_keys = 1,
		.keys = { { "num", 0, NMREQ_OPTK_MUSTSET | NMREQ_OPTK_DEFAULT } },
		.next = &nm_opts[5],
	}, {
		.prefix = "extra-bufs", .parse = nm_bufs_parse, .nr_keys = 1,
		.keys = { { "num", 0, NMREQ_OPTK_MUSTSET | NMREQ_OPTK_DEFAULT } },
		.next = &nm_opts[6],
	}, {
		.prefix = "vnet", .parse = nm_vnet_parse, .nr_keys = 1,
		.flags = NMREQ_OPTF_ALLOWEMPTY,
		.keys = { { "len", 0, NMREQ_OPTK_DEFAULT } },
		.next = &nm_opts[7],
	}, {
		.prefix = "poll", .parse = nm_poll_parse, .nr_keys = 2,
		.default_key = -1,
		.keys = {
			{ "no-tx", 0, NMREQ_OPTK_ALLOWEMPTY },
			{ "do-rx", 1, NMREQ_OPTK_ALLOWEMPTY },
		},
	},
};

struct nmreq_opt_parser *nm_port_options(void)
{
	return nm_opts;
}

static struct nmreq_opt_parser *nm_opt_by_name(const char *name)
{
	struct nmreq_opt_parser *p;

	for (p = nm_opts; p; p = p->next)
		if (!strcmp(p->prefix, name))
			return p;
	return NULL;
}

/**
 * nmport_disable_option - refuse an option in specifications from now on
 * @opt: its name; one that does not exist is ignored
 *
 * Holds for the whole process and is not synchronised: call it at start-up.
 */
void nmport_disable_option(const char *opt)
{
	struct nmreq_opt_parser *p = nm_opt_by_name(opt);

	if (p)
		p->flags |= NMREQ_OPTF_DISABLED;
}

/**
 * nmport_enable_option - accept an option in specifications from now on
 * @opt: its name; "offset" is the one that is off at first
 *
 * Return: 0; -1 with errno EOPNOTSUPP when there is no such option.
 */
int nmport_enable_option(const char *opt)
{
	struct nmreq_opt_parser *p = nm_opt_by_name(opt);

	if (!p)
		return nm_fail(nmctx_get(), EOPNOTSUPP, "there is no option "
			"'%.64s' to enable", opt);
	p->flags &= ~NMREQ_OPTF_DISABLED;
	return 0;
}
