/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening a port for the bench.  Through the public library only, so that the
 * bench measures what any program gets.
 */
#include <errno.h>

#include "bench/port.h"

int port_open(struct port *p, const char *spec)
{
	*p = (struct port){ .d = nmport_open(spec) };
	if (!p->d)
		return -1;
	if (p->d->first_tx_ring <= p->d->last_tx_ring)
		p->tx = NETMAP_TXRING(p->d->nifp, p->d->first_tx_ring);
	if (p->d->first_rx_ring <= p->d->last_rx_ring)
		p->rx = NETMAP_RXRING(p->d->nifp, p->d->first_rx_ring);
	if (p->tx && p->rx)
		return 0;
	port_close(p);
	errno = ENODEV;
	return -1;
}

void port_close(struct port *p)
{
	nmport_close(p->d);
	*p = (struct port){ .d = NULL };
}

static void set_address(uint8_t *address, uint8_t last)
{
	static const uint8_t prefix[5] = { 0x02 };

	if (last == 0xff) {
		memset(address, 0xff, 6);
		return;
	}
	memcpy(address, prefix, sizeof(prefix));
	address[5] = last;
}

void port_frame_init(struct port_frame *f, uint8_t dst, uint8_t src)
{
	*f = (struct port_frame){ .ethertype = { 0x88, 0xb5 } };
	set_address(f->dst, dst);
	set_address(f->src, src);
	for (unsigned int i = 0; i < sizeof(f->rest); i++)
		f->rest[i] = (uint8_t)i;
}
