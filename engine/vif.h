/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The interface of a persistent port, in homes that make real ones.
 *
 *	host's stack -- interface -- persistent port -- switch
 *	                                   |
 *	                               programs
 *
 * NEWIF makes an interface of the port's name.  While the port is on a switch
 * and no program has bound it, the interface is connected with the port, by a
 * wire (wire.h): what the host sends on it enters the switch as the port's, and
 * what the switch has for the port is received by the host.  A program that
 * binds the port takes the interface's place, which then has no carrier; when
 * the last one is gone the interface is connected again.
 *
 * To the home the interface is like any other (struct nm_nic_ops), with the
 * host at its far end; it has a nic port, that nobody else can bind.
 */
#ifndef NM_ENGINE_VIF_H
#define NM_ENGINE_VIF_H

#include "engine/port.h"

/**
 * nm_vif_new - give a persistent port an interface, if this home has them and
 * the caller may make one
 * Return: 0; -EEXIST, -EINVAL the name; -ENOMEM; with a sentence.
 */
int nm_vif_new(struct nm_file *f, struct nm_port *p);

/** nm_vif_end - take it away, if there is one */
void nm_vif_end(struct nm_port *p);

/**
 * nm_vif_connect - connect it, unless it is connected, a program has the port,
 * or the port is on no switch
 *
 * What cannot be done now is tried again by the engine's tick.
 */
void nm_vif_connect(struct nm_port *p);

/** nm_vif_disconnect - the opposite; before a program binds, or it leaves the switch */
void nm_vif_disconnect(struct nm_port *p);

/** nm_vifs_tick - connect those that could not be; 1: some still cannot */
int nm_vifs_tick(struct nm_engine *e);

#endif /* NM_ENGINE_VIF_H */
