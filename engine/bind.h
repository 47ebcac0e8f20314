/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Binding a descriptor to rings of a port.
 */
#ifndef NM_ENGINE_BIND_H
#define NM_ENGINE_BIND_H

#include "engine/file.h"
#include "engine/port.h"

/**
 * nm_bind - bind @f to @p
 * @reg: in: mode, ringid, flags, extra buffers; the answer is filled in
 *
 * Takes over the caller's reference to @p on success.
 * Return: 0; -errno with a sentence, in which case nothing has changed.
 */
int nm_bind(struct nm_file *f, struct nm_port *p, struct nmreq_register *reg);

/* Adjacent rings of a port, by direction, 0 receive. */
struct nm_selection {
	uint32_t first[2], n[2];
};

/**
 * nm_rings_open - open those of the selected rings that are closed
 * Return: 0; -ENOMEM with a sentence, and none was opened.
 */
int nm_rings_open(struct nm_file *f, struct nm_port *p,
		  const struct nm_selection *s);

/** nm_rings_close - close those of the selected rings that nobody uses */
void nm_rings_close(struct nm_port *p, const struct nm_selection *s);

/** nm_unbind - undo it; nothing if @f is not bound */
void nm_unbind(struct nm_file *f);

#endif /* NM_ENGINE_BIND_H */
