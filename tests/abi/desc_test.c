/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nm_parse() and nm_open() of netmap_user.h.
 *
 * The calls nm_open() makes on the device are replaced by ones that answer
 * from `dev`, remember what they were asked, and hand out a region made by
 * hand whose offsets can be made to lie.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <net/netmap.h>

enum { REGION = 16384, RING_AT = 4096, BUFS_AT = 8192, FD = 1234 };

static struct {
	int open_error, ioctl_error;
	int opened, closed, mapped, unmapped;
	struct nmreq req;		/* as it came in */
	uint32_t nr_offset, nr_memsize;
	uint16_t tx_rings, rx_rings;
	char mem[REGION] __attribute__((__aligned__(128)));
} dev;

static int dev_open(const char *path, int flags)
{
	if (strcmp(path, "/dev/netmap") || flags != O_RDWR || dev.open_error) {
		errno = dev.open_error ? dev.open_error : ENOENT;
		return -1;
	}
	dev.opened++;
	return FD;
}

static int dev_close(int fd)
{
	dev.closed += fd == FD;
	errno = EIO;			/* must not reach the caller */
	return 0;
}

static int dev_ioctl(int fd, unsigned long request, struct nmreq *req)
{
	dev.req = *req;
	if (fd != FD || request != NIOCREGIF || dev.ioctl_error) {
		errno = dev.ioctl_error ? dev.ioctl_error : EBADF;
		return -1;
	}
	req->nr_offset = dev.nr_offset;
	req->nr_memsize = dev.nr_memsize;
	req->nr_tx_rings = dev.tx_rings;
	req->nr_rx_rings = dev.rx_rings;
	if (req->nr_arg2 == 0)
		req->nr_arg2 = 1;
	return 0;
}

static void *dev_mmap(void *addr, size_t len, int prot, int flags, int fd,
		off_t ofs)
{
	if (addr || len != dev.nr_memsize || fd != FD || ofs ||
	    prot != (PROT_READ | PROT_WRITE) || flags != MAP_SHARED) {
		errno = ENODEV;
		return MAP_FAILED;
	}
	dev.mapped++;
	return dev.mem;
}

static int dev_munmap(void *addr, size_t len)
{
	dev.unmapped += addr == dev.mem && len == dev.nr_memsize;
	return 0;
}

#define open(path, flags)	dev_open(path, flags)
#define close(fd)		dev_close(fd)
#define ioctl(fd, rq, arg)	dev_ioctl(fd, rq, arg)
#define mmap(a, l, p, f, fd, o)	dev_mmap(a, l, p, f, fd, o)
#define munmap(a, l)		dev_munmap(a, l)
#define NETMAP_WITH_LIBS
#include <net/netmap_user.h>
#undef open
#undef close

#include "tests/abi/abi_check.h"

#define SET(type, field, value)	(*(type *)(uintptr_t)&(field) = (value))

/* One rx ring of 4 slots in a region of 16 KiB, netmap_if at 64. */
static struct netmap_ring *setup(void)
{
	struct netmap_ring *ring;
	struct netmap_if *nifp;

	memset(&dev, 0, sizeof(dev));
	dev.nr_offset = 64;
	dev.nr_memsize = REGION;
	dev.tx_rings = 4;
	dev.rx_rings = 2;
	nifp = NETMAP_IF(dev.mem, 64);
	SET(uint32_t, nifp->ni_tx_rings, 4);
	SET(uint32_t, nifp->ni_rx_rings, 2);
	SET(uint32_t, nifp->ni_host_tx_rings, 1);
	SET(uint32_t, nifp->ni_host_rx_rings, 1);
	SET(ssize_t, nifp->ring_ofs[6], RING_AT - 64);
	ring = (struct netmap_ring *)(void *)(dev.mem + RING_AT);
	SET(int64_t, ring->buf_ofs, BUFS_AT - RING_AT);
	SET(uint32_t, ring->num_slots, 4);
	SET(uint32_t, ring->nr_buf_size, 2048);
	return ring;
}

static const struct {
	const char *in, *name;
	uint32_t flags;
	uint16_t ringid, region;
} good[] = {
	{ "netmap:eth0", "eth0", NR_REG_ALL_NIC, 0, 0 },
	{ "netmap:eth0.100", "eth0.100", NR_REG_ALL_NIC, 0, 0 },
	{ "netmap:eth0^", "eth0", NR_REG_SW, 0, 0 },
	{ "netmap:eth0*", "eth0", NR_REG_NIC_SW, 0, 0 },
	{ "netmap:eth0-0", "eth0", NR_REG_ONE_NIC, 0, 0 },
	{ "netmap:eth0-4094", "eth0", NR_REG_ONE_NIC, 4094, 0 },
	{ "netmap:eth0{3", "eth0", NR_REG_PIPE_MASTER, 3, 0 },
	{ "netmap:eth0}17", "eth0", NR_REG_PIPE_SLAVE, 17, 0 },
	{ "netmap:eth0/x", "eth0", NR_REG_ALL_NIC | NR_EXCLUSIVE, 0, 0 },
	{ "netmap:eth0-1/zt@2", "eth0",
		NR_REG_ONE_NIC | NR_ZCOPY_MON | NR_MONITOR_TX, 1, 2 },
	{ "netmap:eth0@3/rRT", "eth0", NR_REG_ALL_NIC | NR_MONITOR_RX |
		NR_RX_RINGS_ONLY | NR_TX_RINGS_ONLY, 0, 3 },
	{ "netmap:eth0@65535", "eth0", NR_REG_ALL_NIC, 0, 65535 },
	{ "netmap:a23456789012345", "a23456789012345", NR_REG_ALL_NIC, 0, 0 },
	{ "vale:1", "vale:1", NR_REG_ALL_NIC, 0, 0 },
	{ "vale0:a_b", "vale0:a_b", NR_REG_ALL_NIC, 0, 0 },
	{ "valeX:p}5/x", "valeX:p", NR_REG_PIPE_SLAVE | NR_EXCLUSIVE, 5, 0 },
};

static const char *const bad[] = {
	"eth0", "tap:eth0", "netmap:", "netmap:{1", "netmap:eth0-",
	"netmap:eth0-4095", "netmap:eth0-99999999999999999999",
	"netmap:eth0-x", "netmap:eth0--1", "netmap:eth0{", "netmap:eth0}x",
	"netmap:eth0{1x", "netmap:eth0^3", "netmap:eth0*3", "netmap:eth0-2^",
	"netmap:eth0/", "netmap:eth0/q", "netmap:eth0/x/R", "netmap:eth0@",
	"netmap:eth0@0", "netmap:eth0@65536", "netmap:eth0@3@3",
	"netmap:eth0@conf:rings=2", "netmap:br-lan", "netmap:a234567890123456",
	"vale", "valeX", "vale-x:1", "vale0:a.b", "vale.0:a",
	"vale0:a2345678901",
};

static void names_are_understood(void)
{
	char err[MAXERRMSG];
	unsigned int i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct nm_desc *d = (struct nm_desc *)calloc(1, sizeof(*d));
		int ret;

		if (!d)
			exit(1);
		memset(d->req.nr_name, 'z', sizeof(d->req.nr_name));
		d->req.nr_arg2 = 9;
		err[0] = 0;
		ret = nm_parse(good[i].in, d, err);
		if (ret || strcmp(d->req.nr_name, good[i].name) ||
		    d->req.nr_flags != good[i].flags ||
		    d->req.nr_ringid != good[i].ringid ||
		    d->req.nr_arg2 != good[i].region) {
			printf("# %s: %d, flags %#x ring %u region %u %s\n",
				good[i].in, ret, d->req.nr_flags,
				d->req.nr_ringid, d->req.nr_arg2, err);
			CHECK(!"as expected");
		}
		free(d);
	}
}

static void bad_names_change_nothing(void)
{
	static struct nmreq zero;
	char err[MAXERRMSG];
	struct nm_desc *d = (struct nm_desc *)calloc(1, sizeof(*d));
	unsigned int i;

	if (!d)
		exit(1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		errno = 0;
		err[0] = 0;
		if (nm_parse(bad[i], d, err) != -1 || errno != EINVAL ||
		    err[0] == 0 || memcmp(&d->req, &zero, sizeof(zero))) {
			printf("# %s: errno %d, %s\n", bad[i], errno, err);
			CHECK(!"refused");
		}
		CHECK(nm_parse(bad[i], d, NULL) == -1);
	}
	free(d);
}

static void flags_are_added_to_the_request(void)
{
	struct nm_desc *d = (struct nm_desc *)calloc(1, sizeof(*d));

	if (!d)
		exit(1);
	d->req.nr_flags = NR_ACCEPT_VNET_HDR;
	d->req.nr_ringid = NETMAP_NO_TX_POLL;
	CHECK(!nm_parse("netmap:eth0-2/x", d, NULL));
	CHECK(d->req.nr_flags ==
	      (NR_ACCEPT_VNET_HDR | NR_EXCLUSIVE | NR_REG_ONE_NIC));
	CHECK(d->req.nr_ringid == (NETMAP_NO_TX_POLL | 2));
	free(d);
}

static void foreign_names_are_not_ours(void)
{
	setup();
	errno = 5;
	CHECK(nm_open("eth0", NULL, 0, NULL) == NULL && errno == 0);
	errno = 5;
	CHECK(nm_open("netmapX:eth0", NULL, 0, NULL) == NULL && errno == 0);
	CHECK(dev.opened == 0);
}

static void open_and_close(void)
{
	struct netmap_ring *ring = setup();
	struct nm_desc *d;

	d = nm_open("netmap:eth0", NULL, NETMAP_NO_TX_POLL, NULL);
	CHECK(d && IS_NETMAP_DESC(d));
	if (!d)
		return;
	CHECK(NETMAP_FD(d) == FD && d->done_mmap == 1);
	CHECK(d->mem == dev.mem && d->memsize == REGION);
	CHECK((char *)d->nifp == dev.mem + 64 && d->some_ring == ring);
	CHECK((char *)d->buf_start == dev.mem + BUFS_AT);
	CHECK((char *)d->buf_end == dev.mem + REGION);
	CHECK(d->first_tx_ring == 0 && d->last_tx_ring == 3);
	CHECK(d->first_rx_ring == 0 && d->last_rx_ring == 1);
	CHECK(dev.req.nr_version == NETMAP_API);
	CHECK(dev.req.nr_ringid == NETMAP_NO_TX_POLL);
	CHECK(nm_close(d) == 0 && dev.closed == 1 && dev.unmapped == 1);
	CHECK(nm_close(NULL) == EINVAL);
}

static const struct {
	const char *name;
	uint16_t first_tx, last_tx, first_rx, last_rx;
} interval[] = {
	{ "netmap:eth0", 0, 3, 0, 1 },
	{ "netmap:eth0^", 4, 4, 2, 2 },
	{ "netmap:eth0*", 0, 4, 0, 2 },
	{ "netmap:eth0-1", 1, 1, 1, 1 },
	{ "netmap:eth0{9", 0, 0, 0, 0 },
	{ "netmap:eth0/R", 0, 3, 0, 1 },
};

static void intervals_follow_the_mode(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(interval) / sizeof(interval[0]); i++) {
		struct nm_desc *d;

		setup();
		d = nm_open(interval[i].name, NULL, 0, NULL);
		CHECK(d != NULL);
		if (!d)
			continue;
		CHECK(d->first_tx_ring == interval[i].first_tx);
		CHECK(d->last_tx_ring == interval[i].last_tx);
		CHECK(d->first_rx_ring == interval[i].first_rx);
		CHECK(d->last_rx_ring == interval[i].last_rx);
		CHECK(d->cur_tx_ring == d->first_tx_ring);
		CHECK(d->cur_rx_ring == d->first_rx_ring);
		nm_close(d);
	}
}

static void children_share_and_import(void)
{
	struct nm_desc *parent, *child;
	struct nmreq base;

	setup();
	memset(&base, 0, sizeof(base));
	base.nr_arg1 = 8;
	base.nr_arg3 = 100;
	base.nr_ringid = NETMAP_DO_RX_POLL;
	parent = nm_open("netmap:eth0", &base, 0, NULL);
	CHECK(parent && dev.req.nr_arg3 == 100 && dev.req.nr_ringid == 0);
	if (!parent)
		return;

	child = nm_open("netmap:eth0-1", NULL, NM_OPEN_NO_MMAP, parent);
	CHECK(child && child->mem == parent->mem && !child->done_mmap);
	CHECK(dev.req.nr_arg1 == 4 && dev.req.nr_arg3 == 0);
	CHECK(nm_close(child) == 0 && dev.unmapped == 0);

	child = nm_open("netmap:eth0@7", NULL, NM_OPEN_ARG1 | NM_OPEN_ARG3 |
			NM_OPEN_RING_CFG, parent);
	CHECK(child && child->done_mmap && dev.mapped == 2);
	CHECK(dev.req.nr_arg1 == 8 && dev.req.nr_arg3 == 100);
	CHECK(dev.req.nr_arg2 == 7 && dev.req.nr_tx_rings == 4);
	nm_close(child);

	parent->req.nr_ringid = NETMAP_DO_RX_POLL | 1;
	parent->req.nr_flags = NR_REG_ONE_NIC;
	child = nm_open("netmap:-", NULL, NM_OPEN_IFNAME | NM_OPEN_ARG2,
			parent);
	CHECK(child && !strcmp(dev.req.nr_name, "eth0"));
	CHECK(dev.req.nr_ringid == (NETMAP_DO_RX_POLL | 1));
	CHECK(child && child->first_rx_ring == 1 && child->last_rx_ring == 1);
	CHECK(dev.req.nr_arg2 == parent->req.nr_arg2);
	nm_close(child);

	child = nm_open("netmap:eth0", NULL, NM_OPEN_NO_MMAP, NULL);
	CHECK(child && child->mem == NULL && child->nifp == NULL);
	CHECK(child && nm_inject(child, "x", 1) == 0);
	nm_close(child);
	nm_close(parent);
	CHECK(dev.opened == dev.closed && dev.mapped == dev.unmapped);
}

static void failures_keep_errno(void)
{
	setup();
	dev.open_error = EACCES;
	errno = 0;
	CHECK(!nm_open("netmap:eth0", NULL, 0, NULL) && errno == EACCES);
	setup();
	dev.ioctl_error = ENXIO;
	CHECK(!nm_open("netmap:eth0", NULL, 0, NULL) && errno == ENXIO);
	CHECK(dev.opened == 1 && dev.closed == 1);
	setup();
	CHECK(!nm_open("netmap:eth0-", NULL, 0, NULL) && errno == EINVAL);
}

/* Each lie alone must be found, and everything given back. */
static void lies_are_found(void)
{
	int lie;

	for (lie = 0; lie < 11; lie++) {
		struct netmap_ring *ring = setup();
		struct netmap_if *nifp = NETMAP_IF(dev.mem, 64);
		struct nm_desc *d;

		switch (lie) {
		case 0: dev.nr_offset = REGION - 8; break;
		case 1: dev.nr_offset = 0xfffffff8U; break;
		case 2: dev.nr_offset = 68; break;
		case 3: SET(uint32_t, nifp->ni_tx_rings, 0xffffffffU); break;
		case 4: SET(ssize_t, nifp->ring_ofs[0], REGION - 128); break;
		case 5: SET(ssize_t, nifp->ring_ofs[0], -128); break;
		case 6: SET(uint32_t, ring->num_slots, 4096); break;
		case 7: SET(uint32_t, ring->num_slots, 0); break;
		case 8: SET(int64_t, ring->buf_ofs, REGION); break;
		case 9: SET(int64_t, ring->buf_ofs, INT64_MIN); break;
		case 10: SET(uint32_t, ring->nr_buf_size, 0); break;
		}
		d = nm_open("netmap:eth0", NULL, 0, NULL);
		if (d || errno != EINVAL || dev.unmapped != 1 ||
		    dev.closed != 1) {
			printf("# lie %d\n", lie);
			CHECK(!"found");
		}
	}
}

int main(void)
{
	RUN(names_are_understood);
	RUN(bad_names_change_nothing);
	RUN(flags_are_added_to_the_request);
	RUN(foreign_names_are_not_ours);
	RUN(open_and_close);
	RUN(intervals_follow_the_mode);
	RUN(children_share_and_import);
	RUN(failures_keep_errno);
	RUN(lies_are_found);
	return check_failed != 0;
}
