/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Null ports: rings that lead nowhere, in a region that exists already.
 *
 * They serve to get a netmap_if, rings, or nothing but extra buffers in the
 * region of other ports.  The name is a label; each REGISTER makes a port of
 * its own.
 */
#include "engine/file.h"
#include "engine/port.h"

/* Taken literally; 0 rings are fine, rings without slots are not. */
static int null_geometry(struct nm_file *f, const struct nm_want *w,
			 struct nm_geometry *geo)
{
	if (w->tx_rings > NM_NULL_MAX_RINGS || w->rx_rings > NM_NULL_MAX_RINGS)
		return nm_fail(f, EINVAL,
			       "null port %s: %u transmit and %u receive rings, at most %u of each are possible",
			       w->text, w->tx_rings, w->rx_rings,
			       NM_NULL_MAX_RINGS);
	if (w->tx_slots > NM_MAX_SLOTS || w->rx_slots > NM_MAX_SLOTS)
		return nm_fail(f, EINVAL,
			       "null port %s: rings of %u and %u slots, at most %u are possible",
			       w->text, w->tx_slots, w->rx_slots, NM_MAX_SLOTS);
	if ((w->tx_rings && w->tx_slots < 2) || (w->rx_rings && w->rx_slots < 2))
		return nm_fail(f, EINVAL,
			       "null port %s: a ring needs at least 2 slots",
			       w->text);
	geo->tx_rings = w->tx_rings;
	geo->rx_rings = w->rx_rings;
	geo->tx_slots = w->tx_slots;
	geo->rx_slots = w->rx_slots;
	return 0;
}

static int null_get(struct nm_file *f, const struct nm_want *w,
		    const struct nm_name *name, struct nm_port **out)
{
	char label[NETMAP_REQ_IFNAMSIZ];
	struct nm_geometry geo = { 0 };
	struct nm_region *rg;
	int error;

	if (!w->create)
		return nm_fail(f, EINVAL,
			       "null port %s: each one is made by REGISTER, there is none to look at",
			       w->text);
	if (!w->mem_id)
		return nm_fail(f, EINVAL,
			       "null port %s needs a memory region: set nr_mem_id to that of an open port",
			       w->text);
	error = null_geometry(f, w, &geo);
	if (error)
		return error;
	error = nm_region_by_id(f, w->mem_id, &rg);
	if (error)
		return error;
	snprintf(label, sizeof(label), "null:%.*s", (int)sizeof(label) - 6,
		 name->full);
	error = nm_port_new(f, &nm_null_kind, label, &geo, rg, out);
	if (error) {
		nm_region_put(rg);
		return error;
	}
	nm_port_publish(*out);
	return 0;
}

static int null_mode_ok(struct nm_file *f, struct nm_port *p, uint32_t mode)
{
	return 0;
}

const struct nm_port_kind nm_null_kind = {
	.name = "null",
	.plane = NM_PLANE_NULL,
	.get = null_get,
	.mode_ok = null_mode_ok,
};
