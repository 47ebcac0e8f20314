/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stamp: what a sender writes into the payload so that a receiver can measure.
 *
 *	0  sequence number, 32 bits
 *	4  seconds, 32 bits
 *	8  nanoseconds, 32 bits
 *	12 magic; the low byte is the number of the sending thread
 *
 * All in the byte order of the sender: ping reads its own stamps, and --latency
 * is for machines of one kind.  The first three words are those that ping has
 * always used.  The clock is the sender's choice and not told.
 */
#ifndef NM_PKTGEN_STAMP_H
#define NM_PKTGEN_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "apps/common/clock.h"

#define STAMP_LEN	16
#define STAMP_MAGIC	0x6e6d5400U
#define STAMP_SENDERS	256

/* Bytes of the sequence number of txseq, big-endian. */
#define SEQ_LEN		4

struct stamp {
	uint32_t seq;
	uint32_t sec;
	uint32_t nsec;
	uint32_t magic;
};

_Static_assert(sizeof(struct stamp) == STAMP_LEN, "no padding in a stamp");

static inline struct stamp stamp_make(uint32_t seq, uint64_t now_ns,
		unsigned int sender)
{
	return (struct stamp){
		.seq = seq,
		.sec = (uint32_t)(now_ns / NS_PER_SEC),
		.nsec = (uint32_t)(now_ns % NS_PER_SEC),
		.magic = STAMP_MAGIC | (sender % STAMP_SENDERS),
	};
}

/* The stamp at p, if there is one. */
static inline bool stamp_read(const void *p, struct stamp *s)
{
	memcpy(s, p, sizeof(*s));
	return (s->magic & ~(STAMP_SENDERS - 1)) == STAMP_MAGIC;
}

/* Time since the stamp; 0 if it comes from the future. */
static inline uint64_t stamp_age(const struct stamp *s, uint64_t now_ns)
{
	uint64_t sent = s->sec * NS_PER_SEC + s->nsec;

	/* seconds wrap in 2106 */
	return now_ns > sent ? now_ns - sent : 0;
}

#endif /* NM_PKTGEN_STAMP_H */
