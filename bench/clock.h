/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time in nanoseconds, the same in every process of the machine.
 */
#ifndef NM_BENCH_CLOCK_H
#define NM_BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void clock_sleep_ns(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / 1000000000u),
			      .tv_nsec = (long)(ns % 1000000000u) };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t))
		;
}

#endif /* NM_BENCH_CLOCK_H */
