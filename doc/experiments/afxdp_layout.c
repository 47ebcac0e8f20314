/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * afxdp_layout: can a netmap region be the UMEM of an AF_XDP socket, so that
 * buffer n of the pool is frame n of the UMEM without any offset in between?
 *
 *	afxdp_layout TX_NETNS TX_IF RX_NETNS RX_IF drv|skb
 *
 * Two regions, one per end of a veth pair, each a memfd that is mapped twice:
 * as the engine (registers it, drives the rings) and as a client (looks at
 * buffers through NETMAP_BUF() only).
 *
 *	0        page     2 pages          UMEM (page aligned)
 *	+--------+--------+----------------+------+-----------------+------+---
 *	| netmap | netmap | ... filling    | 256  | buffer 0, 1792  | 256  | buffer 1
 *	| _if    | _ring  |                |      |                 |      |
 *	+--------+--------+----------------+------+-----------------+------+---
 *	                                   chunk 0 (2048)           chunk 1
 *
 * Frames of all lengths go from buffers of one region to buffers of the other;
 * then everything outside the frames must still hold the fill pattern.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <poll.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/netmap.h>
#include <net/netmap_user.h>

#define STRIDE		2048u
#define HEAD		256u			/* XDP_PACKET_HEADROOM */
#define USABLE		(STRIDE - HEAD)
#define N_BUFS		64u			/* 0 and 1 are reserved */
#define RING_OFS	4096u
#define UMEM_OFS	16384u
#define SIZE		(UMEM_OFS + N_BUFS * STRIDE)
#define N_DESC		64u
#define BLANK		0xa5
#define ETHERTYPE	0x88b5			/* for experiments */

struct xring {
	uint32_t *prod, *cons;
	void *desc;
};

struct end {
	int fd, ifindex;
	char *engine, *client;		/* the two mappings */
	struct netmap_ring *ring;	/* in the client's */
	struct xring rx, tx, fill, comp;
};

static void need(int cond, const char *what)
{
	if (cond)
		return;
	fprintf(stderr, "afxdp_layout: FAILED: %s (%s)\n", what, strerror(errno));
	exit(1);
}

static void said(const char *what)
{
	printf("  %s\n", what);
}

/* UMEM address of netmap buffer @idx, and back. */
static uint64_t addr_of(uint32_t idx)
{
	return (uint64_t)idx * STRIDE + HEAD;
}

static uint32_t idx_of(uint64_t addr)
{
	return addr / STRIDE;
}

static int reg(int fd, void *addr, uint64_t len, uint32_t stride)
{
	struct xdp_umem_reg mr = { .addr = (uintptr_t)addr, .len = len,
				   .chunk_size = stride };

	return setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &mr, sizeof(mr));
}

static void map_xring(int fd, struct xring *r, int opt, uint64_t pgoff,
		      const struct xdp_ring_offset *o, size_t entry)
{
	uint32_t n = N_DESC;
	char *p;

	need(!setsockopt(fd, SOL_XDP, opt, &n, sizeof(n)), "size of a ring");
	p = mmap(NULL, o->desc + n * entry, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_POPULATE, fd, pgoff);
	need(p != MAP_FAILED, "mapping of a ring");
	r->prod = (uint32_t *)(p + o->producer);
	r->cons = (uint32_t *)(p + o->consumer);
	r->desc = p + o->desc;
}

static void enter(const char *netns)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY);
	need(fd >= 0 && !setns(fd, CLONE_NEWNET), path);
	close(fd);
}

static void make_region(struct end *e)
{
	int fd = memfd_create("region", MFD_CLOEXEC);

	need(fd >= 0 && !ftruncate(fd, SIZE), "memfd");
	e->engine = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	e->client = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	need(e->engine != MAP_FAILED && e->client != MAP_FAILED, "mmap");
	close(fd);
	memset(e->engine + UMEM_OFS, BLANK, SIZE - UMEM_OFS);
	e->ring = (struct netmap_ring *)(e->client + RING_OFS);
	/* The fields are constant for programs, not for who makes the ring. */
	*(int64_t *)(uintptr_t)&e->ring->buf_ofs = UMEM_OFS + HEAD - RING_OFS;
	*(uint32_t *)(uintptr_t)&e->ring->nr_buf_size = STRIDE;
}

static void open_end(struct end *e, const char *netns, const char *ifname)
{
	struct xdp_mmap_offsets o;
	socklen_t len = sizeof(o);

	enter(netns);
	e->ifindex = if_nametoindex(ifname);
	need(e->ifindex > 0, ifname);
	make_region(e);
	e->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	need(e->fd >= 0, "AF_XDP socket");

	/* What the kernel does not take, and so forces the layout. */
	need(reg(e->fd, e->engine + UMEM_OFS + HEAD, (N_BUFS - 2) * STRIDE,
		 STRIDE) < 0 && errno == EINVAL, "UMEM off the page refused");
	need(reg(e->fd, e->engine + UMEM_OFS, 60 * 2304, 2304) < 0 &&
	     errno == EINVAL, "stride 2304 refused");
	need(!reg(e->fd, e->engine + UMEM_OFS, N_BUFS * STRIDE, STRIDE),
	     "region registered as UMEM");

	need(!getsockopt(e->fd, SOL_XDP, XDP_MMAP_OFFSETS, &o, &len), "offsets");
	map_xring(e->fd, &e->rx, XDP_RX_RING, XDP_PGOFF_RX_RING, &o.rx,
		  sizeof(struct xdp_desc));
	map_xring(e->fd, &e->tx, XDP_TX_RING, XDP_PGOFF_TX_RING, &o.tx,
		  sizeof(struct xdp_desc));
	map_xring(e->fd, &e->fill, XDP_UMEM_FILL_RING,
		  XDP_UMEM_PGOFF_FILL_RING, &o.fr, 8);
	map_xring(e->fd, &e->comp, XDP_UMEM_COMPLETION_RING,
		  XDP_UMEM_PGOFF_COMPLETION_RING, &o.cr, 8);
}

/* A socket that was closed a moment ago may still hold the queue. */
static void bind_end(struct end *e)
{
	struct sockaddr_xdp sa = { .sxdp_family = AF_XDP,
		.sxdp_flags = XDP_COPY, .sxdp_ifindex = e->ifindex };
	int i, r = -1;

	for (i = 0; i < 50 && r < 0; i++) {
		r = bind(e->fd, (struct sockaddr *)&sa, sizeof(sa));
		if (r < 0 && errno != EBUSY)
			break;
		if (r < 0)
			poll(NULL, 0, 100);
	}
	need(r == 0, "bind");
}

/* return bpf_redirect_map(&xsks, ctx->rx_queue_index, XDP_PASS); */
static void attach(struct end *e, uint32_t flags)
{
	int map = bpf_map_create(BPF_MAP_TYPE_XSKMAP, "xsks", 4, 4, 1, NULL);
	struct bpf_insn prog[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1,
		  .off = offsetof(struct xdp_md, rx_queue_index) },
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_FD, .imm = map },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3,
		  .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "to_xsk", "BSD", prog,
			       sizeof(prog) / sizeof(prog[0]), NULL);
	uint32_t queue = 0;

	need(map >= 0 && fd >= 0, "program loaded");
	need(!bpf_map_update_elem(map, &queue, &e->fd, 0), "socket in the map");
	need(!bpf_xdp_attach(e->ifindex, fd, flags, NULL), "program attached");
}

static void post(struct end *e, uint32_t idx)
{
	uint32_t p = *e->fill.prod;

	((uint64_t *)e->fill.desc)[p % N_DESC] = addr_of(idx);
	__atomic_store_n(e->fill.prod, p + 1, __ATOMIC_RELEASE);
}

/* Wait until ring @r of @e has an entry; 0 after a second without. */
static int arrived(struct end *e, const struct xring *r, short events)
{
	struct pollfd pfd = { .fd = e->fd, .events = events };
	int i;

	for (i = 0; i < 100; i++) {
		if (__atomic_load_n(r->prod, __ATOMIC_ACQUIRE) != *r->cons)
			return 1;
		poll(&pfd, 1, 10);
	}
	return 0;
}

static void build(struct netmap_ring *ring, uint32_t idx, uint32_t len,
		  uint32_t seed)
{
	uint8_t *b = (uint8_t *)NETMAP_BUF(ring, idx);
	uint32_t i;

	memset(b, 0xff, 6);
	memcpy(b + 6, "\x02\0\0\0\0\x01\x88\xb5", 8);
	for (i = 14; i < len; i++)
		b[i] = seed * 31 + i;
}

static void send_frame(struct end *e, uint32_t idx, uint32_t len)
{
	uint32_t p = *e->tx.prod;

	((struct xdp_desc *)e->tx.desc)[p % N_DESC] =
		(struct xdp_desc){ .addr = addr_of(idx), .len = len };
	__atomic_store_n(e->tx.prod, p + 1, __ATOMIC_RELEASE);
	sendto(e->fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
}

/* One frame from buffer @idx of @a to whatever buffer @b gets it in. */
static void exchange(struct end *a, struct end *b, uint32_t idx, uint32_t len)
{
	struct xdp_desc d;
	uint8_t *buf;

	build(a->ring, idx, len, idx + len);
	send_frame(a, idx, len);
	need(arrived(b, &b->rx, POLLIN), "a frame arrived");
	d = ((struct xdp_desc *)b->rx.desc)[*b->rx.cons % N_DESC];
	__atomic_store_n(b->rx.cons, *b->rx.cons + 1, __ATOMIC_RELEASE);
	need(d.len == len, "length");
	need(d.addr == addr_of(idx_of(d.addr)) && idx_of(d.addr) >= 2,
	     "frame data lies where the netmap buffer begins");
	buf = (uint8_t *)NETMAP_BUF(b->ring, idx_of(d.addr));
	need(!memcmp(buf, NETMAP_BUF(a->ring, idx), len),
	     "the client reads the frame at NETMAP_BUF()");
	memset(buf, BLANK, len);
	post(b, idx_of(d.addr));

	need(arrived(a, &a->comp, POLLOUT), "a frame completed");
	need(((uint64_t *)a->comp.desc)[*a->comp.cons % N_DESC] == addr_of(idx),
	     "completion names the address that was sent");
	__atomic_store_n(a->comp.cons, *a->comp.cons + 1, __ATOMIC_RELEASE);
	memset(NETMAP_BUF(a->ring, idx), BLANK, len);
}

static void is_blank(struct end *e, const char *what)
{
	uint32_t i;

	for (i = UMEM_OFS; i < SIZE; i++)
		need((uint8_t)e->engine[i] == BLANK, what);
}

static struct xdp_statistics stats(struct end *e)
{
	struct xdp_statistics s;
	socklen_t len = sizeof(s);

	need(!getsockopt(e->fd, SOL_XDP, XDP_STATISTICS, &s, &len), "statistics");
	return s;
}

/* A frame one byte too long, from a packet socket; then one that fits. */
static void too_long(struct end *a, struct end *b, const char *netns)
{
	static uint8_t frame[USABLE + 1] = { [12] = 0x88, 0xb5 };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE), .sll_ifindex = a->ifindex,
		.sll_halen = 6 };
	int fd;

	enter(netns);
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	need(fd >= 0 && sendto(fd, frame, sizeof(frame), 0,
			       (struct sockaddr *)&ll, sizeof(ll)) ==
	     (ssize_t)sizeof(frame), "packet socket sends 1793 bytes");
	close(fd);
	exchange(a, b, 2, 60);		/* behind it, so it was handled */
	need(stats(b).rx_dropped == 1, "1793 bytes dropped and counted");

	send_frame(a, 2, USABLE + 1);
	need(stats(a).tx_invalid_descs == 1, "1793 bytes to send refused");
}

int main(int argc, char **argv)
{
	struct end a = { 0 }, b = { 0 };
	uint32_t i, len, n = 0;

	if (argc != 6 || (strcmp(argv[5], "drv") && strcmp(argv[5], "skb"))) {
		fprintf(stderr, "usage: afxdp_layout TX_NETNS TX_IF RX_NETNS RX_IF drv|skb\n");
		return 2;
	}
	open_end(&a, argv[1], argv[2]);
	bind_end(&a);
	open_end(&b, argv[3], argv[4]);
	attach(&b, strcmp(argv[5], "drv") ? XDP_FLAGS_SKB_MODE :
					    XDP_FLAGS_DRV_MODE);
	bind_end(&b);
	printf("%s mode:\n", argv[5]);
	said("UMEM that starts 256 past a page, or has stride 2304: EINVAL");
	said("region registered from its first page-aligned chunk, stride 2048");

	for (i = 2; i < N_BUFS; i++)
		post(&b, i);
	for (len = 60; len <= USABLE; len += 4)
		exchange(&a, &b, 2 + n++ % (N_BUFS - 2), len);
	printf("  %u frames of 60..%u bytes: sent from and received at the address of a\n"
	       "  netmap buffer; fill ring takes that address, completion returns it\n",
	       n, USABLE);
	is_blank(&a, "sender's region unchanged outside frames");
	is_blank(&b, "receiver's region unchanged outside frames");
	said("nothing outside the frames was written, buffers 0 and 1 included");
	too_long(&a, &b, argv[1]);
	is_blank(&b, "nothing of the long frame in the receiver's region");
	said("1793 bytes: dropped and counted on receive, refused on send");
	return 0;
}
