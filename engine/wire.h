/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Connecting a port of a switch with an interface, ring by ring, with nobody
 * in between: what arrives in a receive ring of one goes to a transmit ring of
 * the other, moved by nm_wire_run(), which the home calls when a ring is woken.
 *
 *	switch                port w                        interface p
 *	frames for it ------> receive ring i --- moved ---> transmit ring i
 *	frames from it <----- transmit ring i <-- moved --- receive ring i
 *
 * The transmit rings of w have no slots: they stand for who sends, and count.
 *
 * Two use it: interfaces that are attached to a switch (vale_nic.c), whose w is
 * made for that, and the interfaces of persistent ports (vif.c), whose w is the
 * port itself while no program has it.
 */
#ifndef NM_ENGINE_WIRE_H
#define NM_ENGINE_WIRE_H

#include "engine/bind.h"

/**
 * nm_wire_ends - the rings of an interface's port that a wire connects
 * @k: 0 the hardware's, 1 the host's
 */
void nm_wire_ends(const struct nm_port *p, uint32_t k, struct nm_selection *s);

/** nm_wire_use - be a user of open rings, or no longer */
void nm_wire_use(struct nm_port *p, const struct nm_selection *s, int on);

/**
 * nm_wire_take - take rings of an interface as if a program had bound them
 * Return: 0; -errno with a sentence, and nothing has changed.
 */
int nm_wire_take(struct nm_file *f, struct nm_port *p,
		 const struct nm_selection *s);

/** nm_wire_release - undo it; @f may be NULL */
void nm_wire_release(struct nm_file *f, struct nm_port *p,
		     const struct nm_selection *s);

/**
 * nm_wire_connect - both ways
 * @w: port of a switch, its receive rings open and used, its transmit rings
 *     closed
 * @p: port of an interface, those rings taken
 * Return: 0; -ENOMEM some are connected: nm_wire_disconnect().
 */
int nm_wire_connect(struct nm_port *w, struct nm_port *p, uint32_t k);

/** nm_wire_disconnect - nothing moves any more */
void nm_wire_disconnect(struct nm_port *w, struct nm_port *p, uint32_t k);

#endif /* NM_ENGINE_WIRE_H */
