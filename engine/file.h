/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A descriptor: who opened it, what it is bound to, and the sentence about
 * what it did wrong last.
 *
 *   open --> unbound --REGISTER--> bound --close--> gone
 *
 * There is no way back from bound to unbound but a failed REGISTER.
 */
#ifndef NM_ENGINE_FILE_H
#define NM_ENGINE_FILE_H

#include "engine/engine.h"

/* All fields: the engine's lock. */
struct nm_file {
	struct nm_file *next;		/* e->files */
	struct nm_file *port_next;	/* port->files */
	struct nm_engine *e;
	struct nm_cred cred;
	struct nm_port *port;		/* NULL: not bound; a reference */
	struct nm_bound bound;
	uint32_t if_obj;		/* netmap_if object in port->region */
	uint32_t n_extra;		/* extra buffers it was given, */
	uint32_t extra_owner;		/* as this owner */
	uint32_t to_spread;		/* of them, still as runs; nm_bind_spread() */
	uint32_t exclusive;
	char msg[232];			/* "" or a sentence */
};

/**
 * nm_fail - remember why a request fails
 * @err: errno, positive
 * @fmt: the sentence, naming the offender and what to do; no full stop needed
 * Return: -@err.
 */
int nm_fail(struct nm_file *f, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** nm_file_open_locked, nm_file_close_locked - with the engine's lock held */
int nm_file_open_locked(struct nm_engine *e, const struct nm_cred *cred,
			struct nm_file **out);
void nm_file_close_locked(struct nm_file *f);

#endif /* NM_ENGINE_FILE_H */
