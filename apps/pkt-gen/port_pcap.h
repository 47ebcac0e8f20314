/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * port_pcap: what is done through libpcap.  In a build without it, opening
 * says so.
 */
#ifndef NM_PKTGEN_PORT_PCAP_H
#define NM_PKTGEN_PORT_PCAP_H

#include <stddef.h>

struct pcap;

/**
 * pcap_port_open - open an interface through libpcap
 * @name: of the interface
 * @why: out: on error a sentence; valid until the next call
 * Return: the handle; NULL on error.
 */
struct pcap *pcap_port_open(const char *name, const char **why);

void pcap_port_close(struct pcap *p);

/* pcap_port_send - as port_send() */
int pcap_port_send(struct pcap *p, const void *frame, unsigned int len);

/* pcap_port_receive - as port_receive() */
int pcap_port_receive(struct pcap *p, void *buf, unsigned int size,
		int timeout_ms);

/**
 * pcap_first_packet - the first packet of a capture file
 * @file: its name
 * @buf: where to
 * @size: room in @buf
 * @why: out: on error a sentence; valid until the next call
 * Return: bytes; -1 on error.
 */
int pcap_first_packet(const char *file, void *buf, unsigned int size,
		const char **why);

#endif /* NM_PKTGEN_PORT_PCAP_H */
