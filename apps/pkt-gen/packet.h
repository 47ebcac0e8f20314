/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packet: the packet that a sender repeats.
 *
 *	| virtio header | Ethernet | VLAN tags | IPv4 or IPv6 | UDP | payload |
 *	^ data          ^ vnet                  ^ l3           ^ l4  ^ payload
 *
 * It is built once, at its largest size.  From then on it only changes where
 * it has to: addresses when the flow moves on, and, in a copy of it, length
 * and payload.  Each change adjusts the checksums by the difference, so the
 * cost does not depend on the size.
 */
#ifndef NM_PKTGEN_PACKET_H
#define NM_PKTGEN_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apps/pkt-gen/addr.h"

#define PACKET_MAX_SIZE	65536
#define PACKET_MIN_SIZE	16
#define PACKET_MAX_TAGS	2

/**
 * struct packet_spec - what to build
 * @flow: addresses; their family chooses the IP version
 * @size: bytes of the frame, without virtio header and CRC
 * @vnet: bytes of the virtio header, 0, 10 or 12
 * @n_tags: VLAN tags, 0 to PACKET_MAX_TAGS
 * @tag: priority and VLAN number of each, outermost first
 * @blank: leading bytes of the payload that are 0; even; the sender will put
 *	its own there with packet_put()
 */
struct packet_spec {
	const struct flow_spec *flow;
	unsigned int size;
	unsigned int vnet;
	unsigned int n_tags;
	uint16_t tag[PACKET_MAX_TAGS];
	unsigned int blank;
};

/**
 * struct packet - the packet
 * @data: its bytes
 * @len: bytes to send at its largest size, with the virtio header
 * @vnet: offset of the frame
 * @l3: offset of the IP header
 * @l4: offset of the UDP header
 * @payload: offset of the payload
 * @family: AF_INET or AF_INET6; 0 for a verbatim packet
 * @now: the flow that is in it
 * @prefix_sum: [k] checksum of the first 2k bytes of the payload
 */
struct packet {
	uint8_t *data;
	unsigned int len;
	unsigned int vnet;
	unsigned int l3;
	unsigned int l4;
	unsigned int payload;
	int family;
	struct flow now;
	uint16_t *prefix_sum;
};

/**
 * packet_overhead - bytes of all headers of a frame
 * @spec: what to build; size need not be set
 */
unsigned int packet_overhead(const struct packet_spec *spec);

/**
 * packet_build - build it, with the first flow of the ranges
 * @p: written from scratch; packet_free() releases it
 * @spec: what to build
 *
 * A size below the headers gives a truncated frame.
 *
 * Return: 0; -ENOMEM.
 */
int packet_build(struct packet *p, const struct packet_spec *spec);

/**
 * packet_verbatim - a packet made of given bytes, which never change
 * @p: written from scratch; packet_free() releases it
 * @frame: the bytes
 * @size: how many, up to PACKET_MAX_SIZE
 * @vnet: bytes of the virtio header to put in front
 *
 * Return: 0; -ENOMEM.
 */
int packet_verbatim(struct packet *p, const void *frame, unsigned int size,
		unsigned int vnet);

/* packet_free - release the memory of a packet, also of a zeroed one */
void packet_free(struct packet *p);

/**
 * packet_set_flow - put the addresses of a flow into it
 * @p: the packet
 * @spec: the ranges the flow walks through
 * @f: the flow
 */
void packet_set_flow(struct packet *p, const struct flow_spec *spec,
		const struct flow *f);

/**
 * packet_shorten - make a copy of it consistent with a smaller size
 * @p: the packet
 * @copy: copy of its beginning, at least up to the payload
 * @len: bytes that will be sent, with the virtio header, at most p->len
 *
 * Sets IP and UDP length and both checksums.  A length below the headers
 * leaves @copy as it is, and so does a verbatim packet.
 */
void packet_shorten(const struct packet *p, uint8_t *copy, unsigned int len);

/**
 * packet_put - put bytes into the blank part of a copy of it
 * @p: the packet
 * @copy: copy of its beginning, up to the end of those bytes
 * @bytes: what to put at the start of the payload
 * @n: how many; even, at most the blank of the packet_spec
 */
void packet_put(const struct packet *p, uint8_t *copy, const void *bytes,
		unsigned int n);

/**
 * packet_reflect - send a frame back where it came from
 * @frame: a frame, without virtio header; MAC addresses and, behind up to two
 *	VLAN tags, IPv4 or IPv6 addresses are exchanged
 * @len: bytes of it that are here
 */
void packet_reflect(uint8_t *frame, unsigned int len);

/**
 * packet_find_payload - where the payload of a received UDP packet starts
 * @frame: a frame, without virtio header
 * @len: bytes of it that are here
 * @need: bytes of payload wanted
 *
 * Return: offset in @frame; 0 when it is not UDP or has less payload.
 */
unsigned int packet_find_payload(const uint8_t *frame, unsigned int len,
		unsigned int need);

#endif /* NM_PKTGEN_PACKET_H */
