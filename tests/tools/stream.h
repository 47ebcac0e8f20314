/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stream: numbered frames whose every byte can be checked.
 *
 *	bytes  0..13	Ethernet: dst, src, type 0x88b5 (for experiments)
 *	      14..21	stream
 *	      22..29	number in the stream, from 0
 *	      30..37	checksum of everything else
 *	      38..	bytes that follow from stream and number
 */
#ifndef NM_TESTS_TOOLS_STREAM_H
#define NM_TESTS_TOOLS_STREAM_H

#include <stdint.h>
#include <string.h>

#define STREAM_MIN	60u

struct stream_head {
	uint8_t dst[6], src[6];
	uint16_t type;
	uint64_t id, number, sum;
} __attribute__((__packed__));

static inline uint64_t stream_mix(uint64_t x)
{
	x ^= x >> 31;
	x *= 0x9e3779b97f4a7c15ull;
	return x ^ x >> 29;
}

static inline uint64_t stream_sum(const uint8_t *p, unsigned int len,
				  uint64_t id, uint64_t number)
{
	uint64_t sum = stream_mix(id) + stream_mix(number + 1) + len;
	unsigned int i;

	for (i = 0; i < len; i++)
		sum = (sum << 5 | sum >> 59) + p[i];
	return sum;
}

/**
 * stream_build - write frame @number of a stream
 * @dst: last byte of the destination 02:00:00:00:00:xx; 255: broadcast
 * @len: bytes, at least STREAM_MIN
 */
static inline void stream_build(uint8_t *buf, unsigned int len, uint64_t id,
				uint64_t number, unsigned int dst)
{
	struct stream_head h = { .type = 0xb588, .id = id, .number = number };
	unsigned int i;

	memset(h.dst, dst == 255 ? 255 : 0, 6);
	h.dst[0] = dst == 255 ? 255 : 2;
	h.dst[5] = dst;
	h.src[0] = 2;
	h.src[4] = 1;
	h.src[5] = id;
	for (i = sizeof(h); i < len; i++)
		buf[i] = stream_mix(id * 1000003 + number + (i >> 3)) >> (i & 7) * 8;
	h.sum = stream_sum(buf + sizeof(h), len - sizeof(h), id, number);
	memcpy(buf, &h, sizeof(h));
}

/**
 * stream_check - is this a frame of a stream, and whole?
 * Return: 1 whole, 0 something else, -1 damaged.
 */
static inline int stream_check(const uint8_t *buf, unsigned int len,
			       uint64_t *id, uint64_t *number)
{
	struct stream_head h;

	if (len < STREAM_MIN)
		return 0;
	memcpy(&h, buf, sizeof(h));
	if (h.type != 0xb588)
		return 0;
	*id = h.id;
	*number = h.number;
	return h.sum == stream_sum(buf + sizeof(h), len - sizeof(h), h.id,
				   h.number) ? 1 : -1;
}

#endif /* NM_TESTS_TOOLS_STREAM_H */
