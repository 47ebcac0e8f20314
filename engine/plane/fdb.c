/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Learning, flushing and counting stations; the lookup is in fdb.h.
 */
#include "engine/plane/fdb.h"

int nm_fdb_init(struct nm_plane *pl, uint32_t sw, uint32_t now_s,
		struct nm_fdb *t)
{
	struct nm_pswitch *s = nm_pswitch_at(pl, sw);
	uint32_t age_s = nm_load32(&s->age_s);

	t->buckets = pl->fdb;
	t->first = nm_load32(&s->fdb_first);
	t->mask = nm_load32(&s->fdb_mask);
	if (t->first >= NM_FDB_MAX_BUCKETS || (t->mask & (t->mask + 1)) ||
	    t->mask >= NM_FDB_MAX_BUCKETS - t->first)
		return -ENODEV;
	t->seed = nm_load32(&s->seed);
	/* 0: for ever; and nobody can tell more than half of 2^32 seconds */
	t->age_s = age_s && age_s < INT32_MAX ? (int32_t)age_s : INT32_MAX;
	t->now_s = now_s;
	return 0;
}

/* The way to give up: an empty one, else an old one, else the oldest. */
static uint32_t fdb_victim(const struct nm_fdb *t, const struct nm_bucket *b)
{
	uint32_t i, victim = 0, age, oldest = 0;

	for (i = 0; i < NM_FDB_WAYS; i++) {
		if (!nm_load64(&b->station[i]))
			return i;
		age = nm_fdb_age(t, nm_load32(&b->stamp[i]));
		if (age > oldest) {
			oldest = age;
			victim = i;
		}
	}
	return victim;
}

static void fdb_insert(const struct nm_fdb *t, struct nm_bucket *b,
		       uint64_t mac, uint64_t station)
{
	uint32_t i, way = fdb_victim(t, b);

	nm_store32(&b->stamp[way], t->now_s);
	nm_store64(&b->station[way], station);
	/* somebody may have inserted the same station meanwhile: keep one */
	for (i = 0; i < NM_FDB_WAYS; i++)
		if (i != way && nm_load64(&b->station[i]) >> 16 == mac)
			nm_store64(&b->station[i], 0);
}

void nm_fdb_learn(const struct nm_fdb *t, uint64_t mac, uint32_t pos)
{
	struct nm_bucket *b = nm_fdb_bucket(t, mac);
	uint64_t station = mac << 16 | (pos + 1);
	uint32_t i;

	for (i = 0; i < NM_FDB_WAYS; i++) {
		uint64_t s = nm_load64(&b->station[i]);

		if (s >> 16 != mac || !s)
			continue;
		if (s != station)
			nm_store64(&b->station[i], station);
		if (nm_load32(&b->stamp[i]) != t->now_s)
			nm_store32(&b->stamp[i], t->now_s);
		return;
	}
	fdb_insert(t, b, mac, station);
}

void nm_fdb_flush(struct nm_plane *pl, uint32_t sw, uint32_t pos)
{
	struct nm_fdb t;
	uint32_t i, w;

	if (nm_fdb_init(pl, sw, 0, &t))
		return;
	for (i = 0; i <= t.mask; i++) {
		struct nm_bucket *b = nm_bucket_at(pl, t.first + i);

		for (w = 0; w < NM_FDB_WAYS; w++) {
			uint64_t s = nm_load64(&b->station[w]);

			if (s && (pos == ~0u || (s & 0xffff) == pos + 1))
				nm_cas64(&b->station[w], s, 0);
		}
	}
}

uint32_t nm_fdb_count(struct nm_plane *pl, uint32_t sw)
{
	struct nm_fdb t;
	uint32_t i, w, n = 0;

	if (nm_fdb_init(pl, sw, 0, &t))
		return 0;
	for (i = 0; i <= t.mask; i++)
		for (w = 0; w < NM_FDB_WAYS; w++)
			n += nm_load64(&nm_bucket_at(pl, t.first + i)->station[w]) != 0;
	return n;
}
