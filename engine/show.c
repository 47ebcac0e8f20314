/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Ports, switches and stations as text, for people and for scripts.
 *
 * Lines are "noun name key value key value ..."; what belongs to something
 * follows it, indented by a space.  Keys may be added, and are not renamed.
 * Counters are read while they run.
 */
#include "engine/engine_priv.h"
#include "engine/file.h"
#include "engine/port.h"
#include "engine/vale.h"
#include "engine/plane/fdb.h"

static void show_ring(const struct nm_show *s, struct nm_plane *pl,
		      const struct nm_ring *r, const char *dir, uint32_t idx)
{
	const struct nm_pring *pr = nm_pring_at(pl, r->idx);
	uint64_t drops;
	uint32_t i;

	s->put(s->ctx, " %s %u packets %llu bytes %llu syncs %llu wakeups %llu",
	       dir, idx, (unsigned long long)nm_load64(&pr->packets),
	       (unsigned long long)nm_load64(&pr->bytes),
	       (unsigned long long)nm_load64(&pr->syncs),
	       (unsigned long long)nm_load64(&pr->wakeups));
	for (i = 0; i < NM_DROP_REASON_LAST; i++) {
		drops = nm_load64(&pr->drops[i]);
		if (drops)
			s->put(s->ctx, " drop-%s %llu", nm_drop_name(i),
			       (unsigned long long)drops);
	}
	s->put(s->ctx, "\n");
}

static void show_port(const struct nm_show *s, struct nm_port *p)
{
	const struct nm_file *f;
	uint32_t i;

	s->put(s->ctx,
	       "port %s ns %llu kind %s region %u rx-rings %u tx-rings %u rx-slots %u tx-slots %u holders %u\n",
	       p->name, (unsigned long long)p->ns_id, p->kind->name,
	       p->region->id, p->geo.rx_rings, p->geo.tx_rings,
	       p->geo.rx_slots, p->geo.tx_slots, p->n_files);
	for (f = p->files; f; f = f->port_next)
		s->put(s->ctx, " holder %u uid %u\n", f->cred.pid, f->cred.uid);
	for (i = 0; i < p->geo.rx_rings; i++)
		show_ring(s, &p->e->pl, nm_port_rx(p, i), "rx", i);
	for (i = 0; i < p->geo.tx_rings; i++)
		show_ring(s, &p->e->pl, nm_port_tx(p, i), "tx", i);
}

static void show_ports(struct nm_engine *e, const struct nm_show *s)
{
	struct nm_port *p;
	uint32_t i;

	for (i = 0; i < NM_PORT_HASH; i++)
		for (p = e->ports[i]; p; p = p->hash_next)
			show_port(s, p);
}

static void show_switch(struct nm_engine *e, const struct nm_show *s,
			const struct nm_switch *sw)
{
	const struct nm_pswitch *ps = nm_pswitch_at(&e->pl, sw->idx);
	uint32_t i;

	s->put(s->ctx, "switch %s ns %llu index %u ports %u stations %u age %u\n",
	       sw->name, (unsigned long long)sw->ns_id, sw->idx,
	       nm_load32(&ps->n_active), nm_fdb_count(&e->pl, sw->idx),
	       nm_load32(&ps->age_s));
	for (i = 0; i < sw->n_at; i++)
		if (sw->at[i])
			s->put(s->ctx, " port %s position %u\n",
			       sw->at[i]->name, i);
}

static void show_switches(struct nm_engine *e, const struct nm_show *s)
{
	const struct nm_switch *sw;

	for (sw = e->switches; sw; sw = sw->next)
		show_switch(e, s, sw);
}

/* One bucket.  Who learns meanwhile may be seen half, as anywhere. */
static void show_bucket(const struct nm_show *s, const struct nm_switch *sw,
			const struct nm_fdb *t, const struct nm_bucket *b)
{
	uint32_t i, pos, age;
	uint64_t v;

	for (i = 0; i < NM_FDB_WAYS; i++) {
		v = nm_load64(&b->station[i]);
		age = nm_fdb_age(t, nm_load32(&b->stamp[i]));
		pos = (v & 0xffff) - 1;
		if (!(v & 0xffff) || pos >= sw->n_at || !sw->at[pos] ||
		    (t->age_s && age > t->age_s))
			continue;
		v >>= 16;	/* the first byte is the lowest */
		s->put(s->ctx,
		       "station %02x:%02x:%02x:%02x:%02x:%02x switch %s ns %llu port %s seen %u\n",
		       (unsigned int)(v & 0xff), (unsigned int)(v >> 8 & 0xff),
		       (unsigned int)(v >> 16 & 0xff),
		       (unsigned int)(v >> 24 & 0xff),
		       (unsigned int)(v >> 32 & 0xff),
		       (unsigned int)(v >> 40 & 0xff), sw->name,
		       (unsigned long long)sw->ns_id, sw->at[pos]->name, age);
	}
}

static void show_stations(struct nm_engine *e, const struct nm_show *s)
{
	const struct nm_switch *sw;
	struct nm_fdb t;
	uint32_t i;

	for (sw = e->switches; sw; sw = sw->next) {
		if (nm_fdb_init(&e->pl, sw->idx, nm_os_now_s(), &t))
			continue;
		for (i = 0; i <= t.mask; i++) {
			show_bucket(s, sw, &t, nm_bucket_at(&e->pl, t.first + i));
			if (i % 1024 == 0)
				nm_os_usleep(0);	/* a table may be long */
		}
	}
}

void nm_show(struct nm_engine *e, enum nm_show_what what,
	     const struct nm_show *s)
{
	nm_engine_lock(e);
	switch (what) {
	case NM_SHOW_PORTS:
		show_ports(e, s);
		break;
	case NM_SHOW_SWITCHES:
		show_switches(e, s);
		break;
	case NM_SHOW_STATIONS:
		show_stations(e, s);
		break;
	}
	nm_engine_unlock(e);
}
