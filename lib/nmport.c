/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmport: the life of a port descriptor.
 *
 *	(nothing) --new--> created --parse--> parsed --register--> bound
 *	          <-delete        <-undo_parse     <-undo_register |   ^
 *	                                                     mmap  v   | undo_mmap
 *	                                                          mapped
 *
 * Every undo may be called in any state and does nothing when there is nothing
 * to undo, so nmport_close() is right after any failure.  What parsing and the
 * option functions acquire (options, file mappings) is undone by a list of
 * cleanups, last in first out; a failed parse runs the list back to where it
 * began.  No undo changes errno.
 *
 * Mapping is in nmport_mem.c, options in nmport_opts.c.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "lib/nmio.h"
#include "lib/nmlib.h"

void nm_port_push_cleanup(struct nmport_d *d, struct nmport_cleanup_d *c)
{
	c->next = d->clist;
	d->clist = c;
}

/* Undo what was pushed after @until, which is NULL for everything. */
void nm_port_cleanup(struct nmport_d *d, struct nmport_cleanup_d *until)
{
	struct nmport_cleanup_d *c;
	int saved = errno;

	while ((c = d->clist) != NULL && c != until) {
		d->clist = c->next;
		if (c->cleanup)
			c->cleanup(c, d);
		nmctx_free(d->ctx, c);
	}
	errno = saved;
}

static void nm_port_reset(struct nmport_d *d)
{
	memset(&d->reg, 0, sizeof(d->reg));
	nmreq_header_init(&d->hdr, NETMAP_REQ_REGISTER, &d->reg);
}

static struct nmport_d *nm_port_new(struct nmctx *ctx)
{
	struct nmport_d *d = nmctx_malloc(ctx, sizeof(*d));

	if (!d) {
		nm_fail(ctx, ENOMEM, "no memory for a port descriptor");
		return NULL;
	}
	memset(d, 0, sizeof(*d));
	nm_port_reset(d);
	d->ctx = ctx;
	d->fd = -1;
	return d;
}

/**
 * nmport_new - create an empty descriptor in the default context
 *
 * Return: the descriptor; NULL with errno ENOMEM.
 */
struct nmport_d *nmport_new(void)
{
	return nm_port_new(nmctx_get());
}

/**
 * nmport_delete - free a descriptor and nothing that hangs on it
 * @d: may be NULL
 */
void nmport_delete(struct nmport_d *d)
{
	if (d)
		nmctx_free(d->ctx, d);
}

/**
 * nmport_parse - fill in the request from a specification
 * @d: not registered
 * @portspec: see the grammar in nmreq_parse.c; not kept
 *
 * Return: 0; -1 with errno EINVAL (grammar), EOPNOTSUPP (disabled option), or
 *	   what an option has met.  Then @d is as it was before.
 */
int nmport_parse(struct nmport_d *d, const char *portspec)
{
	struct nmport_cleanup_d *mark = d->clist;
	struct nmreq_register reg = d->reg;
	struct nmreq_header hdr = d->hdr;
	const char *scan = portspec, *outer;
	int rv;

	if (!portspec)
		return nm_fail(d->ctx, EINVAL, "the port specification is NULL");
	if (d->register_done)
		return nm_fail(d->ctx, EINVAL, "'%.300s': this descriptor is bound "
			"to %s already; close it first", portspec,
			d->hdr.nr_name);
	outer = nm_spec_enter(portspec);
	rv = nmreq_header_decode(&scan, &d->hdr, d->ctx) ||
	     nmreq_register_decode(&scan, &d->reg, d->ctx) ||
	     nmreq_options_decode(scan, nm_port_options(), d, d->ctx);
	nm_spec_leave(outer);
	if (!rv)
		return 0;
	nm_port_cleanup(d, mark);
	d->hdr = hdr;
	d->reg = reg;
	return -1;
}

/**
 * nmport_undo_parse - drop options and forget the specification
 * @d: afterwards like one from nmport_new(); options that the program has
 *	pushed itself stay the program's
 */
void nmport_undo_parse(struct nmport_d *d)
{
	nm_port_cleanup(d, NULL);
	nm_port_reset(d);
}

/**
 * nmport_prepare - nmport_new() and nmport_parse()
 * @portspec: see nmport_parse()
 *
 * Return: the descriptor; NULL with errno.
 */
struct nmport_d *nmport_prepare(const char *portspec)
{
	struct nmport_d *d = nmport_new();

	if (d && nmport_parse(d, portspec)) {
		nmport_delete(d);
		return NULL;
	}
	return d;
}

/**
 * nmport_undo_prepare - nmport_undo_parse() and nmport_delete()
 * @d: may be NULL
 */
void nmport_undo_prepare(struct nmport_d *d)
{
	if (!d)
		return;
	nmport_undo_parse(d);
	nmport_delete(d);
}

/*
 * Say why registration failed with @err.  An engine marks the options it did
 * not get to as not supported, so unless some status is the error itself the
 * options are not the whole story.
 */
static int nm_register_fail(struct nmport_d *d, int err,
			    const struct nm_answer *a)
{
	struct nmreq_option *opt;
	bool explained = false;

	nmreq_foreach_option(&d->hdr, opt) {
		if (!opt->nro_status)
			continue;
		if ((int)opt->nro_status == err)
			explained = true;
		nm_fail(d->ctx, err, "%s: option %s: %s", d->hdr.nr_name,
			nmreq_option_name(opt->nro_reqtype),
			strerror(opt->nro_status));
	}
	errno = err;
	if (explained && !a->text[0])
		return -1;
	return nm_request_fail(d->ctx, &d->hdr, a, "open this port");
}

/**
 * nmport_register - open a descriptor and bind it to the port
 * @d: parsed, or with hdr and reg filled in; reg holds the reply afterwards
 *
 * Return: 0; -1 with errno EINVAL (registered already), of opening netmap, or
 *	   of the engine.  Then there is no descriptor and @d is as before.
 */
int nmport_register(struct nmport_d *d)
{
	struct nmreq_register asked = d->reg;
	struct nmport_cleanup_d *c;
	struct nm_answer a;
	int err;

	if (d->register_done)
		return nm_fail(d->ctx, EINVAL, "%s: already registered",
			d->hdr.nr_name);
	d->fd = nmio_open(NMIO_HOME_AUTO);
	if (d->fd < 0) {
		err = errno;
		d->fd = -1;
		return nm_fail(d->ctx, err, "%s: %s", d->hdr.nr_name,
			*nmio_error() ? nmio_error() : strerror(err));
	}
	if (nm_request(d->fd, &d->hdr, &a) < 0) {
		nm_register_fail(d, errno, &a);
		goto fail;
	}
	d->register_done = 1;
	for (c = d->clist; c; c = c->next)
		if (c->bound && c->bound(c, d))
			goto fail;
	return 0;
fail:
	nmport_undo_register(d);
	d->reg = asked;
	return -1;
}

/**
 * nmport_undo_register - close the descriptor, which unbinds the port
 * @d: need not be registered
 */
void nmport_undo_register(struct nmport_d *d)
{
	int saved = errno;

	if (d->fd >= 0)
		nmio_close(d->fd);
	d->fd = -1;
	d->register_done = 0;
	errno = saved;
}

/**
 * nmport_open_desc - nmport_register() and nmport_mmap()
 * @d: parsed
 *
 * Return: 0; -1 with errno, and @d is parsed as before.
 */
int nmport_open_desc(struct nmport_d *d)
{
	if (nmport_register(d))
		return -1;
	if (nmport_mmap(d)) {
		nmport_undo_register(d);
		return -1;
	}
	return 0;
}

/**
 * nmport_undo_open_desc - unmap and unbind
 * @d: in any state
 */
void nmport_undo_open_desc(struct nmport_d *d)
{
	nmport_undo_mmap(d);
	nmport_undo_register(d);
}

/**
 * nmport_open - parse, bind and map in one call
 * @portspec: see nmport_parse()
 *
 * Return: the descriptor; NULL with errno, and nothing is left open.
 */
struct nmport_d *nmport_open(const char *portspec)
{
	struct nmport_d *d = nmport_prepare(portspec);

	if (d && nmport_open_desc(d)) {
		nmport_undo_prepare(d);
		return NULL;
	}
	return d;
}

/**
 * nmport_close - undo everything and free the descriptor
 * @d: in any state; may be NULL
 */
void nmport_close(struct nmport_d *d)
{
	if (!d)
		return;
	nmport_undo_open_desc(d);
	nmport_undo_prepare(d);
}

/**
 * nmport_clone - prepare a descriptor with the same request
 * @d: parsed; registered too when it uses external memory
 *
 * The copy has no options and is not bound.  The values in reg are those of
 * @d, the engine's answers included: nr_mem_id keeps the clone in the same
 * region, nr_extra_bufs asks for as many buffers again.
 *
 * Return: the copy; NULL with errno EINVAL or ENOMEM.
 */
struct nmport_d *nmport_clone(struct nmport_d *d)
{
	struct nmport_d *c;

	if (d->extmem && !d->register_done) {
		nm_fail(d->ctx, EINVAL, "%s: a port with external memory can be "
			"cloned once it is registered, not before",
			d->hdr.nr_name);
		return NULL;
	}
	c = nm_port_new(d->ctx);
	if (!c)
		return NULL;
	c->hdr = d->hdr;
	c->hdr.nr_options = 0;
	c->hdr.nr_body = (uintptr_t)&c->reg;
	c->reg = d->reg;
	return c;
}
