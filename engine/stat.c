/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What a port has done, and what it is: COUNTERS_GET and PORT_STATUS_GET.
 *
 * Both look at a port that exists and never make one.  Counters are read from
 * the plane while it runs, each by itself: a packet can be in nr_packets and
 * its bytes not yet in nr_bytes.
 */
#include "engine/req.h"
#include "engine/engine_priv.h"
#include "engine/file.h"
#include "engine/nic.h"

/* The port named in the header, by name only; a reference is taken. */
static int find_port(struct nm_file *f, struct nm_reqbuf *rb,
		     struct nm_port **out)
{
	struct nm_want w;
	int r;

	memset(&w, 0, sizeof(w));
	w.text = rb->hdr.nr_name;
	w.mode = NR_REG_ALL_NIC;
	r = nm_port_get(f, &w, out);
	if (r)
		return r;
	r = nm_port_may_admin(f, *out);
	if (r)
		nm_port_put(*out);
	return r;
}

/*
 * A pipe's sender does not look at what it sends: its packets and bytes are
 * those that the linked receive ring has taken.
 */
static void read_ring(struct nm_plane *pl, const struct nm_ring *r,
		      struct nmreq_counters *c)
{
	const struct nm_pring *pr = nm_pring_at(pl, r->idx), *seen = pr;
	uint32_t i;

	if (r->peer && r->dir)
		seen = nm_pring_at(pl, r->peer->idx);
	c->nr_packets = nm_load64(&seen->packets);
	c->nr_bytes = nm_load64(&seen->bytes);
	c->nr_syncs = nm_load64(&pr->syncs);
	c->nr_wakeups = nm_load64(&pr->wakeups);
	for (i = 0; i < NM_DROP_REASONS; i++)
		c->nr_drops[i] = nm_load64(&pr->drops[i]);
}

int nm_req_counters(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nmreq_counters *c = nm_reqbuf_body(rb);
	uint16_t dir = c->nr_dir, ringid = c->nr_ringid;
	struct nm_port *p;
	uint32_t n;
	int r;

	if (dir > 1)
		return nm_fail(f, EINVAL, "nr_dir is %u; 0 is receive, 1 transmit",
			       dir);
	r = find_port(f, rb, &p);
	if (r)
		return r;
	n = dir ? nm_port_n_tx(p) : nm_port_n_rx(p);
	if (ringid >= n) {
		nm_fail(f, EINVAL, "port '%s' has %u %s rings, there is none with "
			"number %u", p->name, n, dir ? "transmit" : "receive",
			ringid);
		nm_port_put(p);
		return -EINVAL;
	}
	memset(c, 0, sizeof(*c));
	c->nr_dir = dir;
	c->nr_ringid = ringid;
	c->nr_tx_rings = (uint16_t)p->geo.tx_rings;
	c->nr_rx_rings = (uint16_t)p->geo.rx_rings;
	read_ring(&f->e->pl, dir ? nm_port_tx(p, ringid) : nm_port_rx(p, ringid),
		  c);
	nm_port_put(p);
	return 0;
}

/* Why the packets of @p take the path they take. */
static void path_reason(const struct nm_port *p, int home, char *text, size_t len)
{
	if (home == NM_HOME_KERNEL)
		snprintf(text, len, "the engine runs in the kernel");
	else if (p->path == NM_PATH_DIRECT)
		snprintf(text, len, "%s", p->why ? p->why :
			 "the programs on it trust each other");
	else if (p->self_isolated)
		snprintf(text, len, "%s", !p->direct && p->why ? p->why :
			 "a program bound to it may not run the plane itself");
	else
		snprintf(text, len, "a port it exchanges packets with is isolated, "
			 "or the switch has a plug-in");
}

int nm_req_port_status(struct nm_file *f, struct nm_reqbuf *rb)
{
	struct nmreq_port_status *s = nm_reqbuf_body(rb);
	const struct nm_nic_info *info;
	const struct nm_file *h;
	struct nm_port *p;
	uint32_t n = 0;
	int r;

	r = find_port(f, rb, &p);
	if (r)
		return r;
	memset(s, 0, sizeof(*s));
	s->nr_home = (uint16_t)f->e->home;
	s->nr_path = (uint16_t)(f->e->home == NM_HOME_KERNEL ? NM_PATH_KERNEL :
				p->path);
	info = p->inner ? p->inner->nic_info : p->nic_info;
	s->nr_class = info ? info->class : NM_CLASS_VIRTUAL;
	for (h = p->files; h; h = h->port_next)
		if (n < sizeof(s->nr_holders) / sizeof(s->nr_holders[0]))
			s->nr_holders[n++] = h->cred.pid;
	s->nr_n_holders = (uint16_t)(p->n_files < 0xffff ? p->n_files : 0xffff);
	path_reason(p, f->e->home, s->nr_path_reason, sizeof(s->nr_path_reason));
	snprintf(s->nr_class_reason, sizeof(s->nr_class_reason), "%.95s",
		 info ? info->why :
		 "a software port: there is no device behind it");
	snprintf(s->nr_kind, sizeof(s->nr_kind), "%s", p->kind->name);
	nm_port_put(p);
	return 0;
}
