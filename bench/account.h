/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef NM_BENCH_ACCOUNT_H
#define NM_BENCH_ACCOUNT_H

#include <stdint.h>
#include <sys/types.h>

/* What a few processes hold together, in bytes. */
struct account_memory {
	uint64_t private_bytes;	/* anonymous pages and page tables, resident */
	uint64_t shared_bytes;	/* pages behind their memfds, each file once */
};

/**
 * account_memory - add up the memory of some processes
 * @pids: those that are 0 or gone count nothing
 *
 * A memfd is found through a descriptor or through a mapping; the latter needs
 * CAP_CHECKPOINT_RESTORE (or root) to be sized.
 */
struct account_memory account_memory(const pid_t *pids, unsigned int n);

/* What a process has used so far. */
struct account_cpu {
	uint64_t ns;		/* on a CPU, all threads */
	uint64_t switches;	/* times a thread stopped or was stopped */
};

struct account_cpu account_cpu(pid_t pid);

/**
 * account_server - the process that serves @client
 * @client: a process that has a memfd open or mapped
 * @name:   the server's name, as in /proc/PID/comm
 *
 * It is told from other servers of the same name by a memfd they share.
 *
 * Return: its pid; 0 when there is none of this user (the kernel serves).
 */
pid_t account_server(pid_t client, const char *name);

#endif /* NM_BENCH_ACCOUNT_H */
