/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * port: what packets are sent to or received from.
 *
 * A netmap port is used through its rings.  The others (a TAP device, libpcap,
 * or nothing at all) take and give one frame at a time; they are there to
 * compare with, and to test without netmap.
 */
#ifndef NM_PKTGEN_PORT_H
#define NM_PKTGEN_PORT_H

#include <libnetmap.h>
#include <stdbool.h>
#include <stdint.h>

#include "apps/pkt-gen/options.h"

enum port_kind {
	PORT_NETMAP,
	PORT_TAP,
	PORT_PCAP,
	PORT_NULL,
};

struct pcap;

/**
 * struct port - an open port, used by one thread
 * @kind: which of the following is valid
 * @d: PORT_NETMAP
 * @fd: PORT_TAP
 * @pcap: PORT_PCAP
 */
struct port {
	enum port_kind kind;
	struct nmport_d *d;
	int fd;
	struct pcap *pcap;
};

/**
 * port_open - open the port of the options for the first thread
 * @p: written from scratch
 * @o: the options; with several threads only the first ring is bound
 *
 * Return: 0; otherwise the exit status, and it has been said what is wrong.
 */
int port_open(struct port *p, const struct options *o);

/**
 * port_open_thread - open the ring of another thread
 * @p: written from scratch
 * @o: the options
 * @first: the netmap port of the first thread
 * @thread: number of the thread, from 1
 *
 * Return: 0; otherwise the exit status, and it has been said what is wrong.
 */
int port_open_thread(struct port *p, const struct options *o,
		const struct port *first, unsigned int thread);

/* port_close - close it; also one that is not open, if zeroed */
void port_close(struct port *p);

/**
 * port_queues - rings of the whole port in the direction of the function
 * @p: an open port
 * @o: the options
 * Return: with host rings; 1 for ports without rings.
 */
unsigned int port_queues(const struct port *p, const struct options *o);

/**
 * port_vnet - settle the length of the virtio header with the port
 * @p: an open port
 * @o: the options; one that was asked for is set on the port
 *
 * Return: bytes to put before each frame.
 */
unsigned int port_vnet(const struct port *p, const struct options *o);

/**
 * port_mac - MAC address of the interface behind a port
 * @p: an open port
 * @mac: out; untouched when it has none
 * Return: does it have one?
 */
bool port_mac(const struct port *p, uint64_t *mac);

/**
 * port_mtu - largest packet that may be sent
 * @p: an open port
 * Return: bytes; PACKET_MAX_SIZE when nothing is known.
 */
unsigned int port_mtu(const struct port *p);

/**
 * port_send - send one frame; not for PORT_NETMAP
 * @p: an open port
 * @frame: the frame
 * @len: its bytes
 * Return: 0; -EAGAIN when there is no room now; another -errno.
 */
int port_send(struct port *p, const void *frame, unsigned int len);

/**
 * port_receive - receive one frame; not for PORT_NETMAP
 * @p: an open port
 * @buf: where to
 * @size: room in @buf
 * @timeout_ms: how long to wait
 * Return: bytes; 0 when nothing came; -errno.
 */
int port_receive(struct port *p, void *buf, unsigned int size, int timeout_ms);

#endif /* NM_PKTGEN_PORT_H */
