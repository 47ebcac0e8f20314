/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NM_BENCH_MACHINE_H
#define NM_BENCH_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/json.h"

/**
 * machine_json - add "machine", "load" and "revision" to the open object
 *
 * The load average is read now: call it before and it is that of the others.
 */
void machine_json(struct json *j);

/** machine_print - the same on stdout, for people */
void machine_print(void);

/**
 * machine_cpus - the CPUs this process may run on
 * @cpus: out: CPU numbers, ascending
 * @max:  room in @cpus
 *
 * Return: how many were written.
 */
size_t machine_cpus(unsigned int *cpus, size_t max);

/**
 * machine_pin - run the calling thread on @cpu only
 * Return: 0; -errno
 */
int machine_pin(unsigned int cpu);

/**
 * machine_favour - let this process and its children go on in a new session
 *                  that is preferred to the others
 *
 * With the scheduler's autogroups, nice works only inside one session: a
 * spinning process shares its CPU evenly with any other session's work.  So
 * the caller forks; the child leads a new session, whose group gets -15 where
 * that is permitted, and returns from here; the parent only waits, passes
 * SIGINT and SIGTERM on, and exits with the child's status.  The group ends
 * with the session, so there is nothing to set back.
 *
 * Return: whether the preference was granted.
 */
bool machine_favour(void);

/**
 * machine_favour_pid - the same for a process in another session
 * @value: -15, or 0 to set it back
 */
bool machine_favour_pid(pid_t pid, int value);

#endif /* NM_BENCH_MACHINE_H */
