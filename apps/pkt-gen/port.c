/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * port: what packets are sent to or received from.
 *
 * With several threads a netmap port is bound ring by ring: first ring 0 by
 * the first thread, whose answer tells how many there are, then a clone of it
 * per thread.  Threads beyond the hardware rings get the host rings, if the
 * name asked for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "apps/common/complain.h"
#include "apps/pkt-gen/port.h"
#include "apps/pkt-gen/port_pcap.h"

static bool is_receiver(const struct options *o)
{
	return o->func == FUNC_RX || o->func == FUNC_RXSEQ;
}

static int open_tap(struct port *p, const struct options *o)
{
	const char *name = o->port;
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	if (!strncmp(name, "tap:", 4))
		name += 4;
	if (!name[0] || strlen(name) >= sizeof(ifr.ifr_name))
		return complain_usage(o->prog, "-i: '%s' is not a name for a "
				"TAP device", name);
	strcpy(ifr.ifr_name, name);
	p->kind = PORT_TAP;
	p->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (p->fd < 0 || ioctl(p->fd, TUNSETIFF, &ifr) < 0) {
		int err = errno;

		port_close(p);
		return complain_open(o->prog, o->port, err, "TAP device");
	}
	return 0;
}

static int open_pcap(struct port *p, const struct options *o)
{
	const char *why;

	p->kind = PORT_PCAP;
	p->pcap = pcap_port_open(o->port + strlen("pcap:"), &why);
	if (p->pcap)
		return 0;
	fprintf(stderr, "%s: cannot open %s: %s\n", o->prog, o->port, why);
	return EXIT_STATUS_FAILED;
}

static void apply_geometry(struct nmreq_register *reg, const struct options *o)
{
	if (!o->geometry_items)
		return;
	D("-C is deprecated, use %s@conf:slots=N,rings=N", o->port);
	if (o->geometry_items > 4)
		D("ignoring the numbers after the fourth");
	reg->nr_tx_slots = o->geometry.tx_slots;
	reg->nr_rx_slots = o->geometry.rx_slots;
	reg->nr_tx_rings = o->geometry.tx_rings;
	reg->nr_rx_rings = o->geometry.rx_rings;
}

/* Narrow a request for all rings to the first of them. */
static bool narrow_to_first_ring(struct nmreq_register *reg)
{
	if (reg->nr_mode == NR_REG_ALL_NIC || reg->nr_mode == NR_REG_NIC_SW)
		reg->nr_mode = NR_REG_ONE_NIC;
	else if (reg->nr_mode == NR_REG_SW)
		reg->nr_mode = NR_REG_ONE_SW;
	else
		return false;
	reg->nr_ringid = 0;
	return true;
}

/* The name and mode part of netmap ports was checked by the library. */
static int open_netmap(struct port *p, const struct options *o)
{
	struct nmport_d *d = nmport_prepare(o->port);

	p->kind = PORT_NETMAP;
	p->d = d;
	if (!d)
		return complain_open(o->prog, o->port, errno,
				nmport_last_error());
	apply_geometry(&d->reg, o);
	d->reg.nr_flags |= NR_ACCEPT_VNET_HDR;
	if (is_receiver(o))
		d->reg.nr_flags |= NR_NO_TX_POLL;
	if (o->threads > 1 && !narrow_to_first_ring(&d->reg)) {
		port_close(p);
		return complain_usage(o->prog, "-p: %s is a single ring",
				o->port);
	}
	if (nmport_open_desc(d) < 0) {
		int err = errno;

		complain_open(o->prog, o->port, err, nmport_last_error());
		port_close(p);
		return EXIT_STATUS_FAILED;
	}
	return 0;
}

int port_open(struct port *p, const struct options *o)
{
	memset(p, 0, sizeof(*p));
	p->fd = -1;
	if (!strcmp(o->port, "null")) {
		p->kind = PORT_NULL;
		return 0;
	}
	if (!strncmp(o->port, "tap", 3))
		return open_tap(p, o);
	if (!strncmp(o->port, "pcap:", 5))
		return open_pcap(p, o);
	return open_netmap(p, o);
}

/* Which ring a thread gets, as mode and number. */
static void choose_ring(struct nmreq_register *reg, const struct options *o,
		unsigned int thread)
{
	unsigned int hw = is_receiver(o) ? reg->nr_rx_rings : reg->nr_tx_rings;

	if (reg->nr_mode == NR_REG_ONE_NIC && thread >= hw &&
	    strchr(o->port, '*')) {
		reg->nr_mode = NR_REG_ONE_SW;
		thread -= hw;
	}
	reg->nr_ringid = (uint16_t)thread;
}

int port_open_thread(struct port *p, const struct options *o,
		const struct port *first, unsigned int thread)
{
	struct nmport_d *d = nmport_clone(first->d);

	memset(p, 0, sizeof(*p));
	p->kind = PORT_NETMAP;
	p->fd = -1;
	p->d = d;
	if (!d)
		return complain_open(o->prog, o->port, errno,
				nmport_last_error());
	d->reg.nr_extra_bufs = 0;
	choose_ring(&d->reg, o, thread);
	if (nmport_open_desc(d) < 0) {
		int err = errno;

		fprintf(stderr, "%s: no ring for thread %u\n", o->prog, thread);
		complain_open(o->prog, o->port, err, nmport_last_error());
		port_close(p);
		return EXIT_STATUS_FAILED;
	}
	return 0;
}

void port_close(struct port *p)
{
	if (p->d)
		nmport_close(p->d);
	if (p->kind == PORT_TAP && p->fd >= 0)
		close(p->fd);
	if (p->pcap)
		pcap_port_close(p->pcap);
	p->d = NULL;
	p->fd = -1;
	p->pcap = NULL;
}

unsigned int port_queues(const struct port *p, const struct options *o)
{
	const struct nmreq_register *reg;

	if (p->kind != PORT_NETMAP)
		return 1;
	reg = &p->d->reg;
	return is_receiver(o) ? reg->nr_rx_rings + reg->nr_host_rx_rings :
		reg->nr_tx_rings + reg->nr_host_tx_rings;
}

unsigned int port_vnet(const struct port *p, const struct options *o)
{
	struct nmreq_port_hdr body = { .nr_hdr_len = o->vnet };
	struct nmreq_header hdr;

	if (p->kind != PORT_NETMAP)
		return o->vnet;
	nmreq_header_init(&hdr, o->vnet_given ? NETMAP_REQ_PORT_HDR_SET :
			NETMAP_REQ_PORT_HDR_GET, &body);
	memcpy(hdr.nr_name, p->d->hdr.nr_name, sizeof(hdr.nr_name));
	if (!nmreq_ctrl(&hdr))
		return body.nr_hdr_len;
	if (o->vnet)
		D("cannot set the header length of %s to %u: %s", o->port,
				o->vnet, nmport_last_error());
	return o->vnet;
}

/* Name of the interface behind a port: without pipe, and no switch port. */
static bool interface_of(const struct port *p, struct ifreq *ifr)
{
	const char *name;
	size_t len;

	if (p->kind != PORT_NETMAP)
		return false;
	name = p->d->hdr.nr_name;
	len = strcspn(name, "{}");
	memset(ifr, 0, sizeof(*ifr));
	if (!strncmp(name, "vale", 4) || !len || len >= sizeof(ifr->ifr_name))
		return false;
	memcpy(ifr->ifr_name, name, len);
	return true;
}

static bool interface_ioctl(unsigned long request, struct ifreq *ifr)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	if (s < 0)
		return false;
	ok = !ioctl(s, request, ifr);
	close(s);
	return ok;
}

bool port_mac(const struct port *p, uint64_t *mac)
{
	struct ifreq ifr;

	if (!interface_of(p, &ifr) || !interface_ioctl(SIOCGIFHWADDR, &ifr) ||
	    ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return false;
	*mac = mac_from_bytes((const uint8_t *)ifr.ifr_hwaddr.sa_data);
	return true;
}

unsigned int port_mtu(const struct port *p)
{
	struct ifreq ifr;

	/* a pipe is not bound by the MTU of the interface it is named after */
	if (!interface_of(p, &ifr) || strpbrk(p->d->hdr.nr_name, "{}") ||
	    !interface_ioctl(SIOCGIFMTU, &ifr) || ifr.ifr_mtu <= 0)
		return PACKET_MAX_SIZE;
	return (unsigned int)ifr.ifr_mtu;
}

int port_send(struct port *p, const void *frame, unsigned int len)
{
	switch (p->kind) {
	case PORT_TAP:
		if (write(p->fd, frame, len) >= 0)
			return 0;
		return errno == ENOBUFS ? -EAGAIN : -errno;
	case PORT_PCAP:
		return pcap_port_send(p->pcap, frame, len);
	default:
		return 0;
	}
}

static int receive_tap(struct port *p, void *buf, unsigned int size,
		int timeout_ms)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	ssize_t n = read(p->fd, buf, size);

	if (n < 0 && errno == EAGAIN && poll(&pfd, 1, timeout_ms) > 0)
		n = read(p->fd, buf, size);
	if (n >= 0)
		return (int)n;
	return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

int port_receive(struct port *p, void *buf, unsigned int size, int timeout_ms)
{
	switch (p->kind) {
	case PORT_TAP:
		return receive_tap(p, buf, size, timeout_ms);
	case PORT_PCAP:
		return pcap_port_receive(p->pcap, buf, size, timeout_ms);
	default:
		/* nothing ever comes from the null port */
		poll(NULL, 0, timeout_ms);
		return 0;
	}
}
