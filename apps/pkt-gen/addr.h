/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * addr: ranges of addresses, and walking through them.
 *
 * An IP range is a rectangle: addresses from-to, times UDP ports from-to.  Of
 * an IPv6 address one group of 16 bits varies.  A flow is six wheels of an
 * odometer, the first turning with every packet and each next one whenever the
 * one before it comes round:
 *
 *	source port, source address, destination port, destination address,
 *	source MAC, destination MAC
 */
#ifndef NM_PKTGEN_ADDR_H
#define NM_PKTGEN_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADDR_DEFAULT_PORT	1234
#define ADDR_TEXT_LEN		64

/**
 * struct addr_range - addresses and ports of one end
 * @family: AF_INET or AF_INET6
 * @base: IPv6: the address; only group @group varies
 * @group: IPv6: 0 to 7, the 16-bit group that varies
 * @first: IPv4: lowest address; IPv6: lowest value of the group; host order
 * @last: the highest
 * @port_first: lowest UDP port
 * @port_last: highest UDP port
 */
struct addr_range {
	int family;
	uint8_t base[16];
	unsigned int group;
	uint32_t first;
	uint32_t last;
	uint16_t port_first;
	uint16_t port_last;
};

/**
 * struct mac_range - MAC addresses, as 48-bit numbers
 * @first: lowest
 * @last: highest
 */
struct mac_range {
	uint64_t first;
	uint64_t last;
};

/**
 * struct flow_spec - all wheels
 * @src: source addresses and ports
 * @dst: destination addresses and ports; same family
 * @src_mac: source MAC
 * @dst_mac: destination MAC
 */
struct flow_spec {
	struct addr_range src;
	struct addr_range dst;
	struct mac_range src_mac;
	struct mac_range dst_mac;
};

/* Ends that take a random address and port with every packet. */
#define FLOW_RANDOM_SRC	0x1
#define FLOW_RANDOM_DST	0x2

/**
 * struct flow - where the wheels stand; the fields are as in the ranges
 */
struct flow {
	uint16_t src_port;
	uint16_t dst_port;
	uint32_t src_addr;
	uint32_t dst_addr;
	uint64_t src_mac;
	uint64_t dst_mac;
};

/**
 * addr_parse - read a range of addresses
 * @s: IPv4 A[:P][-B[:Q]]; IPv6 [G@]A or [G@][A]:P, "-" between two ends
 * @family: AF_INET or AF_INET6
 * @r: out; untouched on error
 * @why: out: on error a sentence about it
 *
 * Ends that are the wrong way round are exchanged.
 *
 * Return: 0; -EINVAL.
 */
int addr_parse(const char *s, int family, struct addr_range *r,
		const char **why);

/**
 * addr_format - an address of a range as text
 * @r: the range
 * @value: between first and last
 * @buf: at least ADDR_TEXT_LEN bytes
 * Return: @buf.
 */
char *addr_format(const struct addr_range *r, uint32_t value, char *buf);

/**
 * mac_parse - read a MAC address or a range, aa:bb:cc:dd:ee:ff[-...]
 * @s: text
 * @r: out; untouched on error
 * Return: 0; -EINVAL.
 */
int mac_parse(const char *s, struct mac_range *r);

/* mac_from_bytes, mac_to_bytes - between a number and six bytes */
uint64_t mac_from_bytes(const uint8_t mac[6]);
void mac_to_bytes(uint64_t value, uint8_t mac[6]);

/* flow_is_fixed - is there only one flow in it? */
bool flow_is_fixed(const struct flow_spec *spec);

/* flow_reset - all wheels at their start */
void flow_reset(struct flow *f, const struct flow_spec *spec);

/**
 * flow_step - go on to the next flow
 * @f: where the wheels stand
 * @spec: the ranges
 * @random_ends: FLOW_RANDOM_* bits of ends that do not turn
 */
void flow_step(struct flow *f, const struct flow_spec *spec,
		unsigned int random_ends);

/**
 * flow_random - put the wheels of some ends anywhere
 * @f: where the wheels stand
 * @spec: the ranges; one with a single address and port stands for all
 * @random_ends: FLOW_RANDOM_* bits
 * @random: 64 random bits
 */
void flow_random(struct flow *f, const struct flow_spec *spec,
		unsigned int random_ends, uint64_t random);

#endif /* NM_PKTGEN_ADDR_H */
