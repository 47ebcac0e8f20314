/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Persistent VALE ports: named like an interface, made by NEWIF or, when a
 * pipe names a parent that does not exist, by the pipe.
 *
 * One that NEWIF made holds a reference to itself until DELIF; one that a
 * pipe made goes with its last user.  On a switch it holds another one
 * between ATTACH and DETACH.  Off the switch it works, and what is sent on it
 * goes nowhere.  Where the home makes interfaces, NEWIF's has one (vif.h).
 */
#include "engine/vale.h"
#include "engine/engine_priv.h"
#include "engine/file.h"
#include "engine/nic.h"
#include "engine/vif.h"

int nm_persistent_new(struct nm_file *f, const struct nm_want *w, int how,
		      struct nm_port **out)
{
	int error;

	error = nm_vale_port_new(f, w, &nm_persistent_kind, w->text, out);
	if (error)
		return error;
	(*out)->persistent = how;
	if (how == 1)
		nm_port_ref(*out);
	nm_port_publish(*out);
	nm_port_hash(*out);
	return 0;
}

static int persistent_get(struct nm_file *f, const struct nm_want *w,
			  const struct nm_name *name, struct nm_port **out)
{
	struct nm_port *p = nm_port_find(f->e, f->cred.ns_id,
					 &nm_persistent_kind, name->full);

	if (!p)
		return nm_nic_get(f, w, out);
	nm_port_ref(p);
	*out = p;
	return 0;
}

/* Its interface, and the host behind it, give way to a program. */
static int persistent_first(struct nm_file *f, struct nm_port *p, int rx)
{
	nm_vif_disconnect(p);
	return 0;
}

const struct nm_port_kind nm_persistent_kind = {
	.name = "persistent",
	.plane = NM_PLANE_VALE,
	.get = persistent_get,
	.first = persistent_first,
	.idle = nm_vif_connect,
	.hide = nm_vale_hide,
};
