/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Doing something in a client's network namespace, for names of interfaces and
 * new sockets: those stay where they were made.
 */
#ifndef NM_NETMAPD_NETNS_H
#define NM_NETMAPD_NETNS_H

#include <stdint.h>

struct nmd_netns {
	int home;	/* descriptor of our own; -1: we are there already */
};

/**
 * nmd_netns_enter - move the calling thread to the namespace of a process
 * @pid: one that is in it
 * @id:  number of the namespace: that of another process with the same number
 *       by now is not entered
 * @msg: takes a sentence, NM_WHY_LEN bytes
 * Return: 0; -errno, and the thread is where it was.
 */
int nmd_netns_enter(struct nmd_netns *ns, uint32_t pid, uint64_t id, char *msg);

/** nmd_netns_leave - and back; a thread that cannot ends the process */
void nmd_netns_leave(struct nmd_netns *ns);

#endif /* NM_NETMAPD_NETNS_H */
