/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rng: random numbers for traffic, one generator per thread (xorshift64*).
 * Fast and repeatable from a seed; not for secrets.
 */
#ifndef NM_PKTGEN_RNG_H
#define NM_PKTGEN_RNG_H

#include <stdint.h>

/* rng_seed - state from any seed; neighbouring seeds give unrelated streams */
static inline uint64_t rng_seed(uint64_t seed)
{
	seed += 0x9e3779b97f4a7c15ULL;
	seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9ULL;
	seed = (seed ^ seed >> 27) * 0x94d049bb133111ebULL;
	seed ^= seed >> 31;
	return seed ? seed : 1;
}

/* rng_next - 64 random bits; the state is never 0 */
static inline uint64_t rng_next(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

/* rng_between - a number from low to high, both included */
static inline uint32_t rng_between(uint64_t *state, uint32_t low, uint32_t high)
{
	uint64_t span = (uint64_t)high - low + 1;

	return low + (uint32_t)((rng_next(state) >> 32) * span >> 32);
}

#endif /* NM_PKTGEN_RNG_H */
