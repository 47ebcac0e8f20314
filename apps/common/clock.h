/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock: time as one 64-bit number of nanoseconds.
 *
 * Schedules and measured intervals use CLOCK_MONOTONIC, which nobody sets;
 * CLOCK_REALTIME is for dates that are shown and for comparing with another
 * machine.
 */
#ifndef NM_APPS_CLOCK_H
#define NM_APPS_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_SEC	1000000000ULL
#define NS_PER_MS	1000000ULL

/**
 * clock_read_ns - read a clock
 * @clock: CLOCK_MONOTONIC or CLOCK_REALTIME
 * Return: nanoseconds since the epoch of that clock.
 */
static inline uint64_t clock_read_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

/**
 * clock_to_timespec - the same time in the form system calls want
 * @ns: nanoseconds
 */
static inline struct timespec clock_to_timespec(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NS_PER_SEC),
		.tv_nsec = (long)(ns % NS_PER_SEC),
	};
}

#endif /* NM_APPS_CLOCK_H */
