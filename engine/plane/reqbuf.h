/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A request, gathered: header, body and options in one flat block.
 *
 * The user's request is a header with pointers to a body and to a list of
 * options.  nm_reqbuf_gather() walks it once, in the order in which errors
 * have precedence, and copies what it finds; the engine works on the copy;
 * nm_reqbuf_scatter() writes back exactly what the interface promises.  The
 * kernel does this with copy_from_user, the library in the client's process
 * before the block travels over a socket, so both homes answer alike.
 */
#ifndef NM_PLANE_REQBUF_H
#define NM_PLANE_REQBUF_H

#include <nm_os_types.h>
#include <net/netmap.h>

#define NM_REQBUF_OPTS		128u	/* more than the documented bound */
#define NM_REQBUF_DATA		4096u	/* NETMAP_REQ_MAXSIZE */

/* One option of the list. */
struct nm_reqopt {
	uint64_t uaddr;		/* where the user keeps it */
	uint32_t type;		/* nro_reqtype */
	uint32_t status;	/* nro_status to be written back */
	uint64_t size;		/* nro_size as given */
	uint32_t ofs;		/* of the option (24-byte header first) in data */
	uint32_t len;		/* bytes copied, 24 when unknown */
};

struct nm_reqbuf {
	struct nmreq_header hdr;	/* user pointers kept as given */
	int32_t error;		/* 0 or -errno found while gathering, later the
				 * result of the request */
	uint32_t write_status;	/* 1: statuses are to be written back */
	uint32_t body_len;	/* bytes of body, first in data */
	uint32_t data_len;
	uint32_t n_opts;
	uint32_t pad;
	struct nm_reqopt opt[NM_REQBUF_OPTS];
	char message[232];	/* the sentence */
	uint8_t data[NM_REQBUF_DATA] __attribute__((aligned(8)));
};

/* Reading and writing the memory of whoever made the request. */
struct nm_uaccess {
	/* Return 0 or -EFAULT. */
	int (*in)(void *ctx, void *dst, uint64_t uaddr, uint32_t len);
	int (*out)(void *ctx, uint64_t uaddr, const void *src, uint32_t len);
	void *ctx;
};

/**
 * nm_req_body_size - bytes of body a request type has; 0 for unknown types
 */
uint32_t nm_req_body_size(uint32_t reqtype);

/**
 * nm_req_opt_size - bytes of an option with its header
 * @nro_size: as given; used for variable-size options only
 * Return: 0 for types that are not known.
 */
uint64_t nm_req_opt_size(uint32_t type, uint64_t nro_size);

/**
 * nm_reqbuf_gather - copy a request in
 * @uhdr: address of the nmreq_header
 *
 * Applies the checks that come before dispatch: version, reserved field, body
 * pointer, unreadable memory, the option list (spec: control plane, sections
 * 3 and 4).
 *
 * Return: 0; -errno, also in rb->error: the request must not be dispatched,
 *         but nm_reqbuf_scatter() must still be called unless it is -EFAULT
 *         for the header itself.
 */
int nm_reqbuf_gather(struct nm_reqbuf *rb, const struct nm_uaccess *ua,
		     uint64_t uhdr);

/**
 * nm_reqbuf_check - is a block consistent that somebody else gathered
 * @rb: any bytes, e.g. from a socket
 *
 * Holds for everything nm_reqbuf_gather() accepted; what it holds for can be
 * dispatched without further checks of lengths and offsets.
 *
 * Return: 0; -EINVAL.
 */
int nm_reqbuf_check(const struct nm_reqbuf *rb);

/**
 * nm_reqbuf_body - the body, for a handler
 */
static inline void *nm_reqbuf_body(struct nm_reqbuf *rb)
{
	return rb->data;
}

/**
 * nm_reqbuf_opt - find an option of the list by type
 * Return: the option, its bytes at rb->data + ofs; NULL when not there.
 */
struct nm_reqopt *nm_reqbuf_opt(struct nm_reqbuf *rb, uint32_t type);

/**
 * nm_reqbuf_scatter - copy results out
 *
 * Header always; body and option bodies only on success (the error option's
 * always); option statuses when rb->write_status.
 *
 * Return: rb->error; -EFAULT when a result could not be written.
 */
int nm_reqbuf_scatter(struct nm_reqbuf *rb, const struct nm_uaccess *ua,
		      uint64_t uhdr);

#endif /* NM_PLANE_REQBUF_H */
