/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The double of lib/nmio.c.  It answers as an engine would, from the fields of
 * struct fake, and counts what must balance.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/lib/libtest.h"

struct fake fake;

#define FAKE_FD	1000

void fake_region(int tx, int htx, int rx, int hrx, const char *which)
{
	size_t ring_size = sizeof(struct netmap_ring) +
			   FAKE_SLOTS * sizeof(struct netmap_slot);
	int n = tx + htx + rx + hrx, i, s;
	size_t bufs = 4096 + n * ring_size;
	struct netmap_if *nifp;
	struct netmap_ring *r;
	uint32_t buf = 2;

	free(fake.region);
	fake.size = bufs + (n * FAKE_SLOTS + 10) * FAKE_BUF;
	fake.size = (fake.size + 4095) & ~4095UL;
	fake.region = aligned_alloc(4096, fake.size);
	memset(fake.region, 0, fake.size);
	nifp = (struct netmap_if *)(fake.region + FAKE_IF);
	*(uint32_t *)&nifp->ni_tx_rings = tx;
	*(uint32_t *)&nifp->ni_host_tx_rings = htx;
	*(uint32_t *)&nifp->ni_rx_rings = rx;
	*(uint32_t *)&nifp->ni_host_rx_rings = hrx;
	for (i = 0; i < n; i++) {
		size_t ofs = 4096 + i * ring_size;

		r = (struct netmap_ring *)(fake.region + ofs);
		*(int64_t *)&r->buf_ofs = bufs - ofs;
		*(uint32_t *)&r->num_slots = FAKE_SLOTS;
		*(uint32_t *)&r->nr_buf_size = FAKE_BUF;
		r->tail = i < tx + htx ? FAKE_SLOTS - 1 : 0;
		for (s = 0; s < FAKE_SLOTS; s++)
			r->slot[s].buf_idx = buf++;
		if (which[i] == '1')
			*(ssize_t *)&nifp->ring_ofs[i] = ofs - FAKE_IF;
	}
	memset(&fake.reply, 0, sizeof(fake.reply));
	fake.reply.nr_offset = FAKE_IF;
	fake.reply.nr_memsize = fake.size;
	fake.reply.nr_tx_rings = tx;
	fake.reply.nr_rx_rings = rx;
	fake.reply.nr_mem_id = 1;
}

int nmio_open(enum nmio_home home)
{
	if (fake.open_err) {
		errno = fake.open_err;
		return -1;
	}
	return FAKE_FD + fake.opens++;
}

int nmio_close(int fd)
{
	fake.closes++;
	errno = EIO;
	return 0;
}

int nmio_adopt(int fd)
{
	errno = fake.adopt_err ? fake.adopt_err : EIO;
	return fake.adopt_err ? -1 : 0;
}

/* Set the statuses as an engine does; true when OPT_ERROR is refused. */
static bool fake_options(struct nmreq_header *hdr, int err)
{
	struct nmreq_option *opt;
	bool refused = false;

	nmreq_foreach_option(hdr, opt) {
		if (opt->nro_reqtype != NETMAP_REQ_OPT_ERROR) {
			opt->nro_status = err ? fake.opt_status : 0;
			continue;
		}
		opt->nro_status = fake.knows_error ? 0 : EOPNOTSUPP;
		refused = !fake.knows_error;
		if (fake.knows_error && err && fake.sentence)
			strcpy(((struct nmreq_opt_error *)opt)->nro_msg,
			       fake.sentence);
	}
	return refused;
}

static int fake_ctrl(struct nmreq_header *hdr)
{
	void *body = (void *)(uintptr_t)hdr->nr_body;
	int err = fake.ioctl_err;

	fake.hdr = *hdr;
	if (fake.fail_type && fake.fail_type != hdr->nr_reqtype)
		err = 0;
	if (hdr->nr_reqtype == NETMAP_REQ_REGISTER)
		fake.asked = *(struct nmreq_register *)body;
	if (err && fake.late)
		return err;
	if (fake_options(hdr, err) && !err &&
	    hdr->nr_reqtype == NETMAP_REQ_REGISTER)
		err = EOPNOTSUPP;
	if (err)
		return err;
	switch (hdr->nr_reqtype) {
	case NETMAP_REQ_REGISTER: {
		struct nmreq_register *reg = body;

		reg->nr_offset = fake.reply.nr_offset;
		reg->nr_memsize = fake.reply.nr_memsize;
		reg->nr_tx_rings = fake.reply.nr_tx_rings;
		reg->nr_rx_rings = fake.reply.nr_rx_rings;
		reg->nr_mem_id = fake.reply.nr_mem_id;
		break;
	}
	case NETMAP_REQ_PORT_INFO_GET:
		((struct nmreq_port_info_get *)body)->nr_mem_id = 7;
		break;
	case NETMAP_REQ_PORT_HDR_SET:
		fake.hdr_len = ((struct nmreq_port_hdr *)body)->nr_hdr_len;
		break;
	case NETMAP_REQ_COUNTERS_GET:
		((struct nmreq_counters *)body)->nr_packets = 42;
		break;
	}
	return 0;
}

int nmio_ioctl(int fd, unsigned long request, void *arg)
{
	int err = fake.ioctl_err;

	fake.ioctls++;
	if (request == NIOCCTRL)
		err = fake_ctrl(arg);
	else
		fake.sync = request;
	errno = err ? err : EIO;
	return err ? -1 : 0;
}

void *nmio_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t ofs)
{
	if (fake.mmap_err) {
		errno = fake.mmap_err;
		return MAP_FAILED;
	}
	fake.maps++;
	return fake.region;
}

int nmio_munmap(void *addr, size_t len)
{
	fake.unmaps++;
	errno = EIO;
	return 0;
}

int nmio_poll(struct pollfd *fds, nfds_t nfds, int timeout_ms)
{
	return (int)nfds;
}

enum nmio_home nmio_home_of(int fd)
{
	return fake.home;
}

const char *nmio_error(void)
{
	return "";
}

uint64_t nmio_region_of(int fd)
{
	return 0;
}
