/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmlib: what the files of libnetmap share with each other and nobody else.
 *
 * Errors.  Whoever finds the cause calls nm_fail() (or nm_spec_fail(), which
 * knows where in a port specification the cause stands): it sets errno, keeps
 * the sentence for nmport_last_error() and hands it to the context.  Callers
 * further up only undo their own work and pass the failure on, so a failure
 * gives one sentence.
 *
 * The specification being parsed is a variable of the thread.  The decoders
 * are public functions that get only the rest of a string; the outermost one
 * enters the whole specification, and an inner one that is handed a part of
 * it reports positions in the whole.
 */
#ifndef NM_LIB_NMLIB_H
#define NM_LIB_NMLIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The library must not ask for the lock on behalf of the program. */
#ifndef LIBNETMAP_NOTHREADSAFE
#define LIBNETMAP_NOTHREADSAFE
#endif
#include <libnetmap.h>

/*
 * Something to do for a port later; either function may be NULL.  @cleanup
 * runs when the port is taken apart, last in first out, before the record is
 * freed.  @bound runs once the port is registered; its failure fails the
 * registration.
 */
struct nmport_cleanup_d {
	struct nmport_cleanup_d *next;
	void (*cleanup)(struct nmport_cleanup_d *c, struct nmport_d *d);
	int (*bound)(struct nmport_cleanup_d *c, struct nmport_d *d);
};

/* errors: nmctx.c */
int nm_fail(struct nmctx *ctx, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void nm_last_error_clear(void);
const char *nm_last_error(void);

/* the specification of this thread: nmreq_parse.c */
const char *nm_spec_enter(const char *spec);
void nm_spec_leave(const char *outer);
int nm_spec_fail(struct nmctx *ctx, int err, const char *at,
		 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* values of keys, for the callbacks of this library only: nmreq_opts.c */
bool nm_key_is_bare(const struct nmreq_parse_ctx *p, int id);
int nm_key_number(struct nmreq_parse_ctx *p, int id, uint64_t min,
		  uint64_t max, bool suffix, uint64_t *val);
int nm_key_fail(struct nmreq_parse_ctx *p, int id, int err,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * What the engine added to errno: @text is empty when it said nothing,
 * @extended tells whether it knows the extensions of section 9 of netmap.h.
 */
struct nm_answer {
	bool extended;
	char text[256];
};

int nm_request(int fd, struct nmreq_header *hdr, struct nm_answer *a);
int nm_request_fail(struct nmctx *ctx, const struct nmreq_header *hdr,
		    const struct nm_answer *a, const char *what);

/* cleanup lists: nmport.c; options: nmport_opts.c */
void nm_port_push_cleanup(struct nmport_d *d, struct nmport_cleanup_d *c);
void nm_port_cleanup(struct nmport_d *d, struct nmport_cleanup_d *until);
struct nmreq_opt_parser *nm_port_options(void);

#endif /* NM_LIB_NMLIB_H */
