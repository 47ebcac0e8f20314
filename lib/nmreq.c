/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmreq: control requests, their options, and how they are issued.
 *
 * Every request the library issues carries one option more than the program
 * asked for: NETMAP_REQ_OPT_ERROR, in which the engine says in words what was
 * wrong.  It lives on the stack of nm_request() and is taken out before that
 * returns.  An engine that does not know it answers EOPNOTSUPP for the option;
 * then the request is issued once more as the program made it, and the option
 * is left out from then on for that home: for such an engine a refused
 * registration has already set up and torn down the port.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/nmio.h"
#include "lib/nmlib.h"

#define NM_STATUS_UNSET	0xffffffffU	/* the engine did not get to it */

/* By enum nmio_home; racing writers store the same value. */
static bool nm_error_unknown[NMIO_HOME_USER + 1];

/**
 * nmreq_header_init - prepare a request header
 * @hdr: zeroed, then version, type and body are set
 * @reqtype: NETMAP_REQ_*
 * @body: the structure that belongs to it, or NULL
 */
void nmreq_header_init(struct nmreq_header *hdr, uint16_t reqtype, void *body)
{
	memset(hdr, 0, sizeof(*hdr));
	hdr->nr_version = NETMAP_API;
	hdr->nr_reqtype = reqtype;
	hdr->nr_body = (uintptr_t)body;
}

/**
 * nmreq_push_option - put an option at the head of the list
 * @hdr: the request
 * @opt: stays the caller's, who removes it
 */
void nmreq_push_option(struct nmreq_header *hdr, struct nmreq_option *opt)
{
	opt->nro_next = hdr->nr_options;
	hdr->nr_options = (uintptr_t)opt;
}

/**
 * nmreq_remove_option - unlink an option
 * @hdr: the request
 * @opt: need not be in the list
 */
void nmreq_remove_option(struct nmreq_header *hdr, struct nmreq_option *opt)
{
	uint64_t *link = &hdr->nr_options;

	while (*link && *link != (uintptr_t)opt)
		link = &((struct nmreq_option *)(uintptr_t)*link)->nro_next;
	if (!*link)
		return;
	*link = opt->nro_next;
	opt->nro_next = 0;
}

/**
 * nmreq_find_option - the first option of a type
 * @hdr: the request
 * @reqtype: NETMAP_REQ_OPT_*
 *
 * Return: the option or NULL.
 */
struct nmreq_option *nmreq_find_option(struct nmreq_header *hdr,
				       uint32_t reqtype)
{
	struct nmreq_option *opt;

	nmreq_foreach_option(hdr, opt)
		if (opt->nro_reqtype == reqtype)
			return opt;
	return NULL;
}

/**
 * nmreq_free_options - free(3) every option and empty the list
 * @hdr: a request all of whose options come from malloc(3)
 */
void nmreq_free_options(struct nmreq_header *hdr)
{
	struct nmreq_option *opt, *next;

	for (opt = (void *)(uintptr_t)hdr->nr_options; opt; opt = next) {
		next = (void *)(uintptr_t)opt->nro_next;
		free(opt);
	}
	hdr->nr_options = 0;
}

/**
 * nmreq_option_name - what an option is called in messages
 * @reqtype: NETMAP_REQ_OPT_*
 *
 * Return: a constant string, "unknown" for a type that is not in the ABI.
 */
const char *nmreq_option_name(uint32_t reqtype)
{
	switch (reqtype) {
	case NETMAP_REQ_OPT_EXTMEM:
		return "extmem";
	case NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS:
		return "sync-kloop-eventfds";
	case NETMAP_REQ_OPT_CSB:
		return "csb";
	case NETMAP_REQ_OPT_SYNC_KLOOP_MODE:
		return "sync-kloop-mode";
	case NETMAP_REQ_OPT_OFFSETS:
		return "offsets";
	default:
		return "unknown";
	}
}

/* May the request succeed, or fail more to the point, without the option? */
static bool nm_refused_option(int err, uint32_t status)
{
	if (err == EMSGSIZE)	/* no status is written in this case */
		return status == NM_STATUS_UNSET;
	return (err == EOPNOTSUPP || err == EINVAL) && status == EOPNOTSUPP;
}

static void nm_answer_text(struct nm_answer *a, const char *text, size_t max)
{
	size_t len = strnlen(text, max);

	if (len >= sizeof(a->text))
		len = sizeof(a->text) - 1;
	memcpy(a->text, text, len);
	a->text[len] = '\0';
}

/*
 * Issue @hdr on @fd, which may be bound or not.  Result and errno are those of
 * the ioctl; @a is complete on failure and says on success whether the engine
 * is an extended one.  The option list is as it was.
 */
int nm_request(int fd, struct nmreq_header *hdr, struct nm_answer *a)
{
	enum nmio_home home = nmio_home_of(fd);
	struct nmreq_opt_error e;
	int rv, err = 0;

	memset(&e, 0, sizeof(e));
	e.nro_opt.nro_reqtype = NETMAP_REQ_OPT_ERROR;
	e.nro_opt.nro_status = NM_STATUS_UNSET;
	a->extended = false;
	a->text[0] = '\0';

	if (nm_error_unknown[home] ||
	    nmreq_find_option(hdr, NETMAP_REQ_OPT_ERROR)) {
		rv = nmio_ioctl(fd, NIOCCTRL, hdr);
		err = errno;
	} else {
		nmreq_push_option(hdr, &e.nro_opt);
		rv = nmio_ioctl(fd, NIOCCTRL, hdr);
		err = errno;
		nmreq_remove_option(hdr, &e.nro_opt);
		if (e.nro_opt.nro_status == EOPNOTSUPP)
			nm_error_unknown[home] = true;
		if (rv < 0 && nm_refused_option(err, e.nro_opt.nro_status)) {
			e.nro_msg[0] = '\0';
			rv = nmio_ioctl(fd, NIOCCTRL, hdr);
			err = errno;
		}
		a->extended = e.nro_opt.nro_status == 0;
	}
	if (rv < 0) {
		nm_answer_text(a, e.nro_msg, sizeof(e.nro_msg));
		if (!a->text[0])
			nm_answer_text(a, nmio_error(), sizeof(a->text));
		errno = err;
	}
	return rv;
}

/* Report that @hdr has failed with the present errno, which stays. */
int nm_request_fail(struct nmctx *ctx, const struct nmreq_header *hdr,
		    const struct nm_answer *a, const char *what)
{
	int err = errno;

	return nm_fail(ctx, err, "%.63s: cannot %s: %s", hdr->nr_name, what,
		       a->text[0] ? a->text : strerror(err));
}

/* Open a descriptor for requests; the failure is reported. */
static int nm_control_open(struct nmctx *ctx)
{
	int fd = nmio_open(NMIO_HOME_AUTO);
	int err = errno;

	if (fd < 0)
		nm_fail(ctx, err, "cannot reach netmap: %s",
			*nmio_error() ? nmio_error() : strerror(err));
	return fd;
}

/**
 * nmreq_ctrl - issue one request on a descriptor of its own
 * @hdr: the request, with body and options; they are not changed other than
 *	by the engine
 *
 * Return: 0; -1 with errno of opening the descriptor or of the engine.
 */
int nmreq_ctrl(struct nmreq_header *hdr)
{
	struct nmctx *ctx = nmctx_get();
	int fd = nm_control_open(ctx);
	struct nm_answer a;
	int rv, err;

	if (fd < 0)
		return -1;
	rv = nm_request(fd, hdr, &a);
	err = errno;
	nmio_close(fd);
	errno = err;
	return rv < 0 ? nm_request_fail(ctx, hdr, &a, "do the request") : 0;
}

/**
 * nmreq_get_mem_id - ask for the memory region of a port
 * @portname: "subsystem:vpname", anything may follow; on success points
 *	behind the name
 * @ctx: for the message
 *
 * Asking can create the adapter of the port.
 *
 * Return: 0..65535; -1 with errno EINVAL for a bad name, or that of the
 *	   engine.
 */
int32_t nmreq_get_mem_id(const char **portname, struct nmctx *ctx)
{
	struct nmreq_port_info_get info;
	const char *scan = *portname;
	struct nmreq_header hdr;
	struct nm_answer a;
	int fd, rv, err;

	memset(&info, 0, sizeof(info));
	nmreq_header_init(&hdr, NETMAP_REQ_PORT_INFO_GET, &info);
	if (nmreq_header_decode(&scan, &hdr, ctx))
		return -1;
	fd = nm_control_open(ctx);
	if (fd < 0)
		return -1;
	rv = nm_request(fd, &hdr, &a);
	err = errno;
	nmio_close(fd);
	errno = err;
	if (rv < 0)
		return nm_request_fail(ctx, &hdr, &a, "learn its region");
	*portname = scan;
	return info.nr_mem_id;
}
