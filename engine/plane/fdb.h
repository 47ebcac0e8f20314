/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The learning table of a switch: which position did this station last send
 * from.
 *
 * A run of buckets, one cache line each, of NM_FDB_WAYS stations.  A station
 * is one 64-bit word, so looking up, learning, moving and forgetting need no
 * lock; who races with whom can at worst leave a station in two ways of its
 * bucket, of which the first counts until the other ages.  A full bucket
 * gives up its oldest station.
 */
#ifndef NM_PLANE_FDB_H
#define NM_PLANE_FDB_H

#include "engine/plane/plane.h"

/* The product's bits from here on choose among NM_FDB_MAX_BUCKETS, 2^21. */
#define NM_FDB_HASH_SHIFT	(64 - 21)

/* A table, as checked once per sync. */
struct nm_fdb {
	struct nm_os_table buckets;	/* the plane's, of all switches */
	uint32_t first;		/* bucket; first + mask is one, too */
	uint32_t mask;
	uint32_t seed;
	int32_t age_s;		/* stations live this long */
	uint32_t now_s;
};

#define NM_MAC_MASK	0xffffffffffffULL

/* The 6 bytes at @p as a number; 8 bytes must be readable. */
static inline uint64_t nm_mac_load(const uint8_t *p)
{
	uint64_t v;

	__builtin_memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v & NM_MAC_MASK;
}

/*
 * Both addresses of a frame, destination first, as 8 bytes and 4: the
 * destination is [47:0] of lo, the source starts at [63:48].
 */
struct nm_addrs {
	uint64_t lo;
	uint32_t hi;
};

static inline struct nm_addrs nm_addrs_load(const uint8_t *p)
{
	struct nm_addrs a;

	__builtin_memcpy(&a.lo, p, 8);
	__builtin_memcpy(&a.hi, p + 8, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	a.lo = __builtin_bswap64(a.lo);
	a.hi = __builtin_bswap32(a.hi);
#endif
	return a;
}

static inline struct nm_addrs nm_addrs_of(uint64_t dst, uint64_t src)
{
	return (struct nm_addrs) { src << 48 | dst, (uint32_t)(src >> 16) };
}

static inline int nm_mac_is_group(uint64_t mac)
{
	return mac & 1;
}

/*
 * A bit of an address moves only bits of the product that are not below it, so
 * what chooses the bucket is taken from above: the last byte of an address,
 * in which stations differ most, is the highest of its 48 bits.
 */
static inline struct nm_bucket *nm_fdb_bucket(const struct nm_fdb *t,
					      uint64_t mac)
{
	uint64_t h = (mac ^ t->seed) * 0x9e3779b97f4a7c15ULL;

	return nm_os_table_at(&t->buckets, t->first +
			      ((h >> NM_FDB_HASH_SHIFT) & t->mask));
}

/* Seconds since @stamp; 0 for one of somebody whose clock is a little ahead. */
static inline uint32_t nm_fdb_age(const struct nm_fdb *t, uint32_t stamp)
{
	int32_t age = (int32_t)(t->now_s - stamp);

	return age > 0 ? (uint32_t)age : 0;
}

static inline int nm_fdb_is_old(const struct nm_fdb *t, uint32_t stamp)
{
	return (int32_t)(t->now_s - stamp) > t->age_s;
}

/**
 * nm_fdb_init - the table of a switch
 * Return: 0; -ENODEV when its description makes no sense.
 */
int nm_fdb_init(struct nm_plane *pl, uint32_t sw, uint32_t now_s,
		struct nm_fdb *t);

/**
 * nm_fdb_lookup - where is a station
 * @b:   its bucket
 * Return: position; NM_POS_BROADCAST when not known, as groups never are.
 */
static inline uint32_t nm_fdb_lookup(const struct nm_fdb *t,
				     const struct nm_bucket *b, uint64_t mac)
{
	uint32_t i;

	for (i = 0; i < NM_FDB_WAYS; i++) {
		/* where it is, counted from 0, if this is the station */
		uint64_t pos = (nm_load64(&b->station[i]) ^ mac << 16) - 1;

		if (pos >= 0xffff)
			continue;
		if (nm_fdb_is_old(t, nm_load32(&b->stamp[i])))
			break;
		return pos;
	}
	return NM_POS_BROADCAST;
}

/**
 * nm_fdb_learn - a station sent from a position
 * @mac: not a group address
 */
void nm_fdb_learn(const struct nm_fdb *t, uint64_t mac, uint32_t pos);

/* Nearly always: the station is where it was, and was seen this second. */
static inline int nm_fdb_is_known(const struct nm_fdb *t,
				  const struct nm_bucket *b, uint64_t mac,
				  uint32_t pos)
{
	return nm_load64(&b->station[0]) == (mac << 16 | (pos + 1)) &&
		nm_load32(&b->stamp[0]) == t->now_s;
}

/**
 * nm_fdb_flush - forget every station of a position
 * @pos: position, or ~0: all of them
 */
void nm_fdb_flush(struct nm_plane *pl, uint32_t sw, uint32_t pos);

/**
 * nm_fdb_count - stations in the table, old ones included
 */
uint32_t nm_fdb_count(struct nm_plane *pl, uint32_t sw);

#endif /* NM_PLANE_FDB_H */
