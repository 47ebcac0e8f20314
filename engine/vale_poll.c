/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Threads that poll attached interfaces: one for all receive rings, or one
 * each.  They run the same wires as whoever is woken otherwise, and whoever
 * comes second to a ring skips it.
 */
#include "engine/nic.h"
#include "engine/engine_priv.h"
#include "engine/file.h"

static int check_wire(struct nm_file *f, const struct nm_port *w)
{
	if (w->kind == &nm_wire_kind && w == w->inner->wire[0] &&
	    f->e->ops->poll_start)
		return 0;
	return nm_fail(f, EOPNOTSUPP,
		       "%s is no network card: only attached cards are polled",
		       w->name);
}

static int check_request(struct nm_file *f, const struct nm_port *w,
			 const struct nmreq_vale_polling *pol)
{
	uint32_t cpus = f->e->ops->n_cpus(f->e), rings = w->inner->geo.rx_rings;
	uint32_t n = pol->nr_num_polling_cpus, first = pol->nr_first_cpu_id;

	if (!n || n >= cpus)
		return nm_fail(f, EINVAL,
			       "%u polling processors, of %u that there are: give at least one, and leave one",
			       n, cpus);
	if (first >= cpus || first + n > cpus)
		return nm_fail(f, EINVAL,
			       "processors %u to %u: there are 0 to %u", first,
			       first + n - 1, cpus - 1);
	switch (pol->nr_mode) {
	case NETMAP_POLLING_MODE_SINGLE_CPU:
		if (n == 1)
			return 0;
		return nm_fail(f, EINVAL,
			       "one processor polls all rings in this mode, not %u",
			       n);
	case NETMAP_POLLING_MODE_MULTI_CPU:
		if (first + n <= rings)
			return 0;
		return nm_fail(f, EINVAL,
			       "rings %u to %u: %s has %u receive rings", first,
			       first + n - 1, w->name, rings);
	default:
		return nm_fail(f, EINVAL, "%u is no polling mode", pol->nr_mode);
	}
}

void nm_nic_poll_stop(struct nm_port *w)
{
	struct nm_engine *e = w->e;

	while (w->n_pollers)
		e->ops->poll_stop(w->pollers[--w->n_pollers]);
	nm_os_free(w->pollers);
	w->pollers = NULL;
}

static int start(struct nm_port *w, const struct nmreq_vale_polling *pol)
{
	int multi = pol->nr_mode == NETMAP_POLLING_MODE_MULTI_CPU;
	uint32_t ring0 = w->inner->ring0, cpu = pol->nr_first_cpu_id, i;
	int error = 0;

	for (i = 0; i < pol->nr_num_polling_cpus && !error; i++, cpu++) {
		error = w->e->ops->poll_start(w->e, cpu,
					      multi ? ring0 + cpu : ring0,
					      multi ? 1 : w->inner->geo.rx_rings,
					      &w->pollers[i]);
		if (!error)
			w->n_pollers++;
	}
	return error;
}

int nm_nic_poll(struct nm_file *f, struct nm_port *w,
		const struct nmreq_vale_polling *pol)
{
	int error;

	error = check_wire(f, w);
	if (error)
		return error;
	if (w->n_pollers)
		return nm_fail(f, EFAULT, "%s is polled already", w->name);
	error = check_request(f, w, pol);
	if (error)
		return error;
	w->pollers = nm_os_alloc(pol->nr_num_polling_cpus *
				 sizeof(*w->pollers));
	if (w->pollers && !start(w, pol))
		return 0;
	nm_nic_poll_stop(w);
	return nm_fail(f, EFAULT, "no threads to poll %s: is processor %u on line?",
		       w->name, pol->nr_first_cpu_id);
}

int nm_nic_poll_end(struct nm_file *f, struct nm_port *w)
{
	int error;

	error = check_wire(f, w);
	if (error)
		return error;
	if (!w->n_pollers)
		return nm_fail(f, EFAULT, "%s is not polled", w->name);
	nm_nic_poll_stop(w);
	return 0;
}
