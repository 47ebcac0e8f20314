/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hearing that an interface goes away: a socket of the namespace it is in.
 */
#ifndef NM_NETMAPD_LINK_H
#define NM_NETMAPD_LINK_H

/**
 * nmd_link_open - hear of interfaces of the namespace the thread is in
 * Return: a descriptor, readable when there is news; -errno.
 */
int nmd_link_open(void);

/**
 * nmd_link_is_gone - take all the news
 * Return: 1 interface @ifindex has left the namespace, or news was lost and it
 *         may have; 0 it is there.
 */
int nmd_link_is_gone(int fd, int ifindex);

#endif /* NM_NETMAPD_LINK_H */
