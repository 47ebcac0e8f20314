/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * port_pcap: what is done through libpcap.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "apps/pkt-gen/port_pcap.h"

#ifdef HAVE_PCAP
#include <pcap/pcap.h>

#define SNAPLEN		65536

static __thread char errbuf[PCAP_ERRBUF_SIZE];

struct pcap *pcap_port_open(const char *name, const char **why)
{
	pcap_t *p = pcap_open_live(name, SNAPLEN, 1, 1, errbuf);

	if (p && pcap_setnonblock(p, 1, errbuf)) {
		pcap_close(p);
		p = NULL;
	}
	*why = p ? NULL : errbuf;
	return p;
}

void pcap_port_close(struct pcap *p)
{
	pcap_close(p);
}

int pcap_port_send(struct pcap *p, const void *frame, unsigned int len)
{
	if (pcap_inject(p, frame, len) >= 0)
		return 0;
	return errno == ENOBUFS ? -EAGAIN : errno ? -errno : -EIO;
}

int pcap_port_receive(struct pcap *p, void *buf, unsigned int size,
		int timeout_ms)
{
	struct pollfd pfd = {
		.fd = pcap_get_selectable_fd(p),
		.events = POLLIN,
	};
	struct pcap_pkthdr *hdr;
	const u_char *data;
	int n = pcap_next_ex(p, &hdr, &data);

	if (!n) {
		if (poll(&pfd, 1, timeout_ms) <= 0)
			return 0;
		n = pcap_next_ex(p, &hdr, &data);
	}
	if (n < 0)
		return -EIO;
	if (!n)
		return 0;
	if (size > hdr->caplen)
		size = hdr->caplen;
	memcpy(buf, data, size);
	return (int)size;
}

int pcap_first_packet(const char *file, void *buf, unsigned int size,
		const char **why)
{
	pcap_t *p = pcap_open_offline(file, errbuf);
	struct pcap_pkthdr *hdr;
	const u_char *data;
	int n = -1;

	*why = errbuf;
	if (!p)
		return -1;
	if (pcap_datalink(p) != DLT_EN10MB) {
		*why = "not a capture of Ethernet frames";
	} else if (pcap_next_ex(p, &hdr, &data) != 1) {
		*why = "there is no packet in it";
	} else if (hdr->caplen > size) {
		*why = "the first packet is too large";
	} else {
		n = (int)hdr->caplen;
		memcpy(buf, data, hdr->caplen);
	}
	pcap_close(p);
	return n;
}

#else /* !HAVE_PCAP */

static const char without[] = "this pkt-gen was built without libpcap";

struct pcap *pcap_port_open(const char *name, const char **why)
{
	*why = without;
	return NULL;
}

void pcap_port_close(struct pcap *p)
{
}

int pcap_port_send(struct pcap *p, const void *frame, unsigned int len)
{
	return -EOPNOTSUPP;
}

int pcap_port_receive(struct pcap *p, void *buf, unsigned int size,
		int timeout_ms)
{
	return -EOPNOTSUPP;
}

int pcap_first_packet(const char *file, void *buf, unsigned int size,
		const char **why)
{
	*why = without;
	return -1;
}

#endif /* HAVE_PCAP */
