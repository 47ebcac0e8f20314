/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * checksum: the Internet checksum (RFC 1071), and changing it in place
 * (RFC 1624) when some of the bytes it covers change.
 *
 * A sum is kept unfolded in 32 bits over big-endian words of 16 bits; that is
 * room for 128 KiB.
 */
#ifndef NM_PKTGEN_CHECKSUM_H
#define NM_PKTGEN_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, (uint16_t)(v >> 16));
	put_be16(p + 2, (uint16_t)v);
}

static inline uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)get_be16(p) << 16 | get_be16(p + 2);
}

/* Sum of len bytes on top of sum; an odd last byte counts as a high byte. */
static inline uint32_t csum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; len -= 2, p += 2)
		sum += get_be16(p);
	return len ? sum + (uint32_t)(*p << 8) : sum;
}

static inline uint16_t csum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The checksum field after the bytes with sum before were replaced by after. */
static inline uint16_t csum_change(uint16_t field, uint32_t before,
		uint32_t after)
{
	uint32_t sum = (uint16_t)~field;

	sum += (uint16_t)~csum_fold(before);
	sum += csum_fold(after);
	return (uint16_t)~csum_fold(sum);
}

/* UDP keeps 0 for "no checksum"; the other spelling of zero is sent. */
static inline uint16_t csum_udp(uint16_t field)
{
	return field ? field : 0xffff;
}

#endif /* NM_PKTGEN_CHECKSUM_H */
