/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netlink: make network interfaces inside a namespace of ours.
 *
 * Just what two hosts with a cable between them need, spoken directly to the
 * kernel so that no tool has to be installed.  All functions return 0 or a
 * negative errno.
 */
#ifndef NM_DEMO_NETLINK_H
#define NM_DEMO_NETLINK_H

#include <stdint.h>
#include <sys/types.h>

/**
 * struct cable_end - one end of a cable
 * @name: the interface
 * @mac: its address
 */
struct cable_end {
	const char *name;
	uint8_t mac[6];
};

/**
 * netlink_cable - a pair of interfaces, the far one in another namespace
 * @near: stays here
 * @far: goes to the network namespace of @pid
 * @pid: a process in that namespace
 * @mtu: of both
 */
int netlink_cable(const struct cable_end *near, const struct cable_end *far,
		pid_t pid, uint32_t mtu);

/**
 * netlink_vlan - an interface for one VLAN of another interface
 * @parent: that interface
 * @name: of the new one
 * @id: of the VLAN, 1 to 4094
 */
int netlink_vlan(const char *parent, const char *name, uint16_t id);

/**
 * netlink_address - give an interface an address
 * @name: the interface
 * @text: IPv4 or IPv6 address
 * @prefix: bits of the network
 */
int netlink_address(const char *name, const char *text, uint8_t prefix);

/* netlink_up - switch an interface on */
int netlink_up(const char *name);

#endif /* NM_DEMO_NETLINK_H */
