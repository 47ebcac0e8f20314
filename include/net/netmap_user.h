/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netmap_user.h: walking rings and buffers from a program.
 *
 * Part 1 is arithmetic on mapped memory and always there.  Part 2 comes with
 *
 *	#define NETMAP_WITH_LIBS
 *
 * before the include: nm_open(), nm_inject(), nm_dispatch() and relatives, a
 * whole small library in this header, on the older NIOCREGIF request.  New
 * programs are better served by libnetmap.h; both live together in one unit,
 * when this header is included first.
 *
 * A receiver in a few lines:
 *
 *	struct nm_desc *d = nm_open("netmap:eth0", NULL, 0, NULL);
 *	struct pollfd pfd = { .fd = NETMAP_FD(d), .events = POLLIN };
 *	struct nm_pkthdr h;
 *	unsigned char *p;
 *
 *	while (poll(&pfd, 1, -1) >= 0)
 *		while ((p = nm_nextpkt(d, &h)))
 *			consume(p, h.caplen);
 *
 * The macros D, RD and ND are not defined when ND already is, or when the
 * program defines NETMAP_NO_DEBUG_MACROS.
 */
#ifndef _NET_NETMAP_USER_H_
#define _NET_NETMAP_USER_H_

#include <stdint.h>
#include <stdarg.h>
#include <stdio.h>
#include <ctype.h>
#include <string.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <net/if.h>
#include <net/netmap.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef likely
#define likely(x)	__builtin_expect(!!(x), 1)
#endif
#ifndef unlikely
#define unlikely(x)	__builtin_expect(!!(x), 0)
#endif

/*
 * Part 1: addresses
 */

#define NETMAP_DEVICE_NAME	"/dev/netmap"

/* An object of @type, @offset bytes after @ptr. */
#define _NETMAP_OFFSET(type, ptr, offset)	\
	((type)(void *)((char *)(ptr) + (offset)))

/* The netmap_if of a bound descriptor: mapping address, nr_offset. */
#define NETMAP_IF(base, ofs)	_NETMAP_OFFSET(struct netmap_if *, base, ofs)

/*
 * Ring @index of a direction: hardware rings from 0, host rings after them.
 * A ring the descriptor did not bind gives the address of @nifp itself.
 */
#define NETMAP_TXRING(nifp, index)	nm_txring(nifp, (uint32_t)(index))
#define NETMAP_RXRING(nifp, index)	nm_rxring(nifp, (uint32_t)(index))

/* Address of a buffer, and number of the buffer that contains an address. */
#define NETMAP_BUF(ring, index)		nm_buf(ring, (uint32_t)(index))
#define NETMAP_BUF_IDX(ring, buf)	nm_buf_idx(ring, buf)

/* Where the packet of a slot starts in its buffer; read, write, address. */
#define NETMAP_ROFFSET(ring, slot)	nm_roffset(ring, slot)
#define NETMAP_WOFFSET(ring, slot, offset)	nm_woffset(ring, slot, offset)
#define NETMAP_BUF_OFFSET(ring, slot)	nm_buf_offset(ring, slot)

/* nm_txring - see NETMAP_TXRING() */
static inline struct netmap_ring *nm_txring(const struct netmap_if *nifp,
		uint32_t index)
{
	return _NETMAP_OFFSET(struct netmap_ring *, (uintptr_t)nifp,
			nifp->ring_ofs[index]);
}

/* nm_rxring - see NETMAP_RXRING() */
static inline struct netmap_ring *nm_rxring(const struct netmap_if *nifp,
		uint32_t index)
{
	return nm_txring(nifp,
			index + nifp->ni_tx_rings + nifp->ni_host_tx_rings);
}

/* nm_buf - see NETMAP_BUF() */
static inline char *nm_buf(const struct netmap_ring *ring, uint32_t index)
{
	return (char *)(uintptr_t)ring + ring->buf_ofs +
			(size_t)index * ring->nr_buf_size;
}

/* nm_buf_idx - see NETMAP_BUF_IDX() */
static inline uint32_t nm_buf_idx(const struct netmap_ring *ring,
		const void *buf)
{
	return (uint32_t)((size_t)((const char *)buf - nm_buf(ring, 0)) /
			ring->nr_buf_size);
}

/* nm_roffset - see NETMAP_ROFFSET() */
static inline uint64_t nm_roffset(const struct netmap_ring *ring,
		const struct netmap_slot *slot)
{
	return slot->ptr & ring->offset_mask;
}

/* nm_woffset - change only the bits of ptr that hold the offset */
static inline void nm_woffset(const struct netmap_ring *ring,
		struct netmap_slot *slot, uint64_t offset)
{
	slot->ptr = (slot->ptr & ~ring->offset_mask) |
			(offset & ring->offset_mask);
}

/* nm_buf_offset - see NETMAP_BUF_OFFSET() */
static inline char *nm_buf_offset(const struct netmap_ring *ring,
		const struct netmap_slot *slot)
{
	return nm_buf(ring, slot->buf_idx) + nm_roffset(ring, slot);
}

/**
 * nm_ring_next - the slot after slot @i of the circle
 * @r: a mapped ring
 * @i: 0 to num_slots - 1
 */
static inline uint32_t nm_ring_next(const struct netmap_ring *r, uint32_t i)
{
	return unlikely(i + 1 >= r->num_slots) ? 0 : i + 1;
}

/**
 * nm_ring_space - number of slots from head to tail: the program's
 * @r: a mapped ring
 */
static inline uint32_t nm_ring_space(const struct netmap_ring *r)
{
	uint32_t head = r->head, tail = r->tail;

	return tail >= head ? tail - head : tail + r->num_slots - head;
}

/**
 * nm_tx_pending - are there packets in a tx ring that were not sent yet?
 * @r: a mapped tx ring
 *
 * Return: not 0 unless the engine has given back every slot; it does so at a
 *	sync.
 */
static inline int nm_tx_pending(const struct netmap_ring *r)
{
	return nm_ring_next(r, r->tail) != r->head;
}

/**
 * nm_pkt_copy - copy a packet
 * @src: from
 * @dst: to; must not overlap
 * @len: bytes; exactly so many are read and written, none when negative
 *
 * Mind the order of the arguments, the reverse of memcpy().  Lengths that are
 * small multiples of 64 go in blocks of known size, which compilers turn into
 * a few wide moves.
 */
static inline void nm_pkt_copy(const void *src, void *dst, int len)
{
	const char *s = (const char *)src;
	char *d = (char *)dst;

	if (unlikely(len <= 0))
		return;
	if (unlikely(len >= 1024 || len % 64)) {
		memcpy(d, s, (size_t)len);
		return;
	}
	for (; len > 0; len -= 64, s += 64, d += 64)
		memcpy(d, s, 64);
}

/**
 * nm_log_line - one line to stderr: time, function, line, text
 * @func: name of the calling function
 * @line: line in its file
 * @fmt: as for printf(), without the newline
 *
 * The time is seconds modulo 1000 and microseconds.  errno is kept.
 */
__attribute__((__format__(__printf__, 3, 4)))
static inline void nm_log_line(const char *func, int line, const char *fmt, ...)
{
	struct timeval now;
	char text[1024];
	va_list ap;

	gettimeofday(&now, NULL);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "%03d.%06d %s [%d] %s\n", (int)(now.tv_sec % 1000),
			(int)now.tv_usec, func, line, text);
}

/**
 * nm_log_admit - may this call site write a line now?
 * @second: memory of the call site, 0 at first
 * @lines: memory of the call site
 * @lps: lines per second allowed
 */
static inline int nm_log_admit(long *second, int *lines, int lps)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	if (*second != (long)now.tv_sec) {
		*second = (long)now.tv_sec;
		*lines = 0;
	}
	return (*lines)++ < lps;
}

#if !defined(ND) && !defined(NETMAP_NO_DEBUG_MACROS)
/* Nothing; the arguments are not evaluated. */
#define ND(...)		do { } while (0)
/* One line to stderr, arguments as for printf() without the newline. */
#define D(...)		nm_log_line(__func__, __LINE__, __VA_ARGS__)
/* The same, at most @lps lines per second from this place. */
#define RD(lps, ...)							\
	do {								\
		static long nm_rd_second_;				\
		static int nm_rd_lines_;				\
		if (nm_log_admit(&nm_rd_second_, &nm_rd_lines_, lps))	\
			nm_log_line(__func__, __LINE__, __VA_ARGS__);	\
	} while (0)
#endif

#ifdef __cplusplus
}
#endif

#endif /* _NET_NETMAP_USER_H_ */

/*
 * Part 2: the library in a header
 */

#if defined(NETMAP_WITH_LIBS) && !defined(_NET_NETMAP_USER_LIBS_)
#define _NET_NETMAP_USER_LIBS_

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nm_desc;

/**
 * struct nm_pkthdr - a received packet; begins like struct pcap_pkthdr
 * @ts: when the ring was synced
 * @caplen: bytes readable in one piece from @buf
 * @len: bytes of the packet; more than @caplen when it lies in pieces
 * @flags: %NM_MORE_PKTS
 * @d: where it came from
 * @slot: its first slot
 * @buf: its first byte
 */
struct nm_pkthdr {
	struct timeval ts;
	uint32_t caplen;
	uint32_t len;
	uint64_t flags;
	struct nm_desc *d;
	struct netmap_slot *slot;
	uint8_t *buf;
};

#define NM_MORE_PKTS	1	/* nm_dispatch() has another packet after it */

/**
 * struct nm_stat - like struct pcap_stat
 * @ps_recv: packets that nm_dispatch() and nm_nextpkt() gave out
 * @ps_drop: packets they threw away because they could not be read: buffers
 *	outside of the region, or an end that never comes
 * @ps_ifdrop: 0
 */
struct nm_stat {
	unsigned int ps_recv;
	unsigned int ps_drop;
	unsigned int ps_ifdrop;
};

#define NM_ERRBUF_SIZE	512	/* bytes of nm_desc.msg */
#define MAXERRMSG	80	/* bytes of the text nm_parse() writes */

/**
 * struct nm_desc - an open port
 * @self: its own address while it is valid; set it anew after a copy
 * @fd: the descriptor
 * @mem: the region
 * @memsize: bytes of it
 * @done_mmap: 1: nm_close() unmaps @mem
 * @nifp: its netmap_if, NULL unless mapped
 * @first_tx_ring: first tx ring of the interval
 * @last_tx_ring: last one
 * @cur_tx_ring: where nm_inject() begins
 * @first_rx_ring: first rx ring of the interval
 * @last_rx_ring: last one
 * @cur_rx_ring: where nm_dispatch() and nm_nextpkt() begin
 * @req: the request, as answered
 * @hdr: the packet nm_dispatch() is giving out
 * @some_ring: a bound ring, for NETMAP_BUF(); NULL when there is none
 * @buf_start: address of buffer 0; NULL when @some_ring is
 * @buf_end: end of the region
 * @snaplen: for the program, as are the fields up to @if_curcap
 * @promisc: for the program
 * @to_ms: for the program
 * @errbuf: for the program
 * @if_flags: for the program
 * @if_reqcap: for the program
 * @if_curcap: for the program
 * @st: counters
 * @msg: for the program
 *
 * The intervals follow from the mode alone.  A ring in them that is not bound,
 * because of NR_RX_RINGS_ONLY or NR_TX_RINGS_ONLY, is skipped by the functions
 * here; programs that walk the rings must do so too.
 */
struct nm_desc {
	struct nm_desc *self;
	int fd;
	void *mem;
	size_t memsize;
	int done_mmap;
	struct netmap_if * const nifp;
	uint16_t first_tx_ring;
	uint16_t last_tx_ring;
	uint16_t cur_tx_ring;
	uint16_t first_rx_ring;
	uint16_t last_rx_ring;
	uint16_t cur_rx_ring;
	struct nmreq req;
	struct nm_pkthdr hdr;
	struct netmap_ring * const some_ring;
	void * const buf_start;
	void * const buf_end;
	int snaplen;
	int promisc;
	int to_ms;
	char *errbuf;
	uint32_t if_flags;
	uint32_t if_reqcap;
	uint32_t if_curcap;
	struct nm_stat st;
	char msg[NM_ERRBUF_SIZE];
};

#define P2NMD(p)		((const struct nm_desc *)(p))
#define IS_NETMAP_DESC(d)	((d) && P2NMD(d)->self == P2NMD(d))
#define NETMAP_FD(d)		(P2NMD(d)->fd)

/* What nm_open() shall take from its last argument, and other wishes. */
enum {
	NM_OPEN_NO_MMAP = 0x040000,	/* do not map, unless with a parent */
	NM_OPEN_IFNAME = 0x080000,	/* name, nr_ringid, nr_flags */
	NM_OPEN_ARG1 = 0x100000,
	NM_OPEN_ARG2 = 0x200000,	/* region */
	NM_OPEN_ARG3 = 0x400000,	/* extra buffers */
	NM_OPEN_RING_CFG = 0x800000	/* numbers of rings and slots */
};

/* nm_cb_t - receives a packet from nm_dispatch() */
typedef void (*nm_cb_t)(unsigned char *arg, const struct nm_pkthdr *hdr,
		const unsigned char *data);

/* nm_is_identifier - only letters, digits and '_' from @s up to @e? */
static inline int nm_is_identifier(const char *s, const char *e)
{
	while (s != e && (isalnum((unsigned char)*s) || *s == '_'))
		s++;
	return s == e;
}

/* nm_parse_fail - say in @err what is wrong, and where */
static inline int nm_parse_fail(char *err, const char *what, const char *at)
{
	if (err)
		snprintf(err, MAXERRMSG, "%s at '%s'", what, at);
	errno = EINVAL;
	return -1;
}

/* nm_parse_num - a decimal number from @lo to @hi; -1 when there is none */
static inline long nm_parse_num(const char **pp, long lo, long hi)
{
	const char *p = *pp;
	long n = 0;

	if (!isdigit((unsigned char)*p))
		return -1;
	for (; isdigit((unsigned char)*p); p++)
		n = n > hi ? n : n * 10 + (*p - '0');
	if (n < lo || n > hi)
		return -1;
	*pp = p;
	return n;
}

/* nm_parse_name - find the end of the name; check it; -1 or its length */
static inline int nm_parse_name(const char *name, int is_vale, char *err)
{
	const char *end = name + strcspn(name, "-*^{}/@");
	const char *colon;

	if (end == name)
		return nm_parse_fail(err, "name of the port missing", name);
	if (end - name >= NM_IFNAMSIZ)
		return nm_parse_fail(err, "name longer than 15 characters",
				name);
	if (!is_vale)
		return (int)(end - name);
	colon = (const char *)memchr(name, ':', (size_t)(end - name));
	if (!colon)
		return nm_parse_fail(err, "':' missing after the switch", name);
	if (!nm_is_identifier(name, colon))
		return nm_parse_fail(err, "bad name of a switch", name);
	if (!nm_is_identifier(colon + 1, end))
		return nm_parse_fail(err, "bad name of a switch port", name);
	return (int)(end - name);
}

/* nm_parse_rings - the suffix that chooses rings; sets mode and number */
static inline int nm_parse_rings(const char **pp, uint32_t *mode,
		uint16_t *ringid, char *err)
{
	const char *p = *pp;
	long num;

	switch (*p) {
	case '^':
		*mode = NR_REG_SW;
		*pp = p + 1;
		return 0;
	case '*':
		*mode = NR_REG_NIC_SW;
		*pp = p + 1;
		return 0;
	case '-':
		*mode = NR_REG_ONE_NIC;
		break;
	case '{':
		*mode = NR_REG_PIPE_MASTER;
		break;
	case '}':
		*mode = NR_REG_PIPE_SLAVE;
		break;
	default:
		*mode = NR_REG_ALL_NIC;
		return 0;
	}
	p++;
	num = nm_parse_num(&p, 0, NETMAP_RING_MASK - 1);
	if (num < 0)
		return nm_parse_fail(err, "want a number from 0 to 4094", p);
	*ringid = (uint16_t)num;
	*pp = p;
	return 0;
}

/* nm_parse_flags - letters after the '/'; at least one */
static inline int nm_parse_flags(const char **pp, uint32_t *flags, char *err)
{
	static const char letter[] = "xztrRT";
	static const uint32_t bit[] = {
		NR_EXCLUSIVE, NR_ZCOPY_MON, NR_MONITOR_TX, NR_MONITOR_RX,
		NR_RX_RINGS_ONLY, NR_TX_RINGS_ONLY,
	};
	const char *p = *pp, *l;

	do {
		l = *p ? strchr(letter, *p) : NULL;
		if (!l)
			return nm_parse_fail(err,
					"want flags out of x z t r R T", p);
		*flags |= bit[l - letter];
		p++;
	} while (*p && *p != '@');
	*pp = p;
	return 0;
}

/**
 * nm_parse - fill the request of a descriptor from a port name
 * @ifname: ("netmap:" NAME | "vale" SWITCH ":" PORT)
 *	["^" | "*" | "-" N | "{" N | "}" N] ["/" FLAGS] ["@" REGION]
 * @d: nr_name and nr_arg2 of its request are set; what the name says about
 *	rings and flags is OR-ed into nr_flags and nr_ringid
 * @err: gets what is wrong with the name; %MAXERRMSG bytes, or NULL
 *
 * Return: 0; -1 with errno EINVAL, and @d as it was.
 */
static inline int nm_parse(const char *ifname, struct nm_desc *d, char *err)
{
	int is_vale = !strncmp(ifname, NM_BDG_NAME, strlen(NM_BDG_NAME));
	int have_flags = 0, len;
	const char *name = ifname, *p;
	uint32_t mode = 0, flags = 0;
	uint16_t ringid = 0;
	long mem = 0;

	if (!strncmp(ifname, "netmap:", 7))
		name += 7;
	else if (!is_vale)
		return nm_parse_fail(err, "want netmap: or vale", ifname);
	len = nm_parse_name(name, is_vale, err);
	if (len < 0)
		return -1;
	p = name + len;
	if (nm_parse_rings(&p, &mode, &ringid, err))
		return -1;
	while (*p) {
		if (*p == '/' && !have_flags) {
			p++;
			have_flags = 1;
			if (nm_parse_flags(&p, &flags, err))
				return -1;
		} else if (*p == '@' && !mem) {
			p++;
			mem = nm_parse_num(&p, 1, UINT16_MAX);
			if (mem < 0)
				return nm_parse_fail(err,
					"want a region from 1 to 65535", p);
		} else {
			return nm_parse_fail(err, "not understood", p);
		}
	}
	memset(d->req.nr_name, 0, sizeof(d->req.nr_name));
	memcpy(d->req.nr_name, name, (size_t)len);
	d->req.nr_flags |= mode | flags;
	d->req.nr_ringid |= ringid;
	d->req.nr_arg2 = (uint16_t)mem;
	return 0;
}

/* nm_check_ring - does a ring at @at lie in the region with its buffers? */
static inline int nm_check_ring(const char *mem, int64_t size, int64_t at)
{
	const struct netmap_ring *r;
	int64_t buf;

	if (at < 0 || at % 8 || at > size - (int64_t)sizeof(*r))
		return 0;
	r = (const struct netmap_ring *)(const void *)(mem + at);
	if (r->num_slots < 2 || r->nr_buf_size == 0)
		return 0;
	if (r->num_slots > (size - at - (int64_t)sizeof(*r)) /
			(int64_t)sizeof(r->slot[0]))
		return 0;
	if (r->buf_ofs < -size || r->buf_ofs > size)
		return 0;
	buf = at + r->buf_ofs;
	return buf >= 0 && buf <= size - (int64_t)r->nr_buf_size;
}

/* nm_check_if - do a netmap_if at @at and its rings lie in the region? */
static inline int nm_check_if(const char *mem, int64_t size, int64_t at)
{
	const struct netmap_if *nifp;
	uint64_t n, i;

	if (at % 8 || at > size - (int64_t)sizeof(*nifp))
		return 0;
	nifp = (const struct netmap_if *)(const void *)(mem + at);
	n = (uint64_t)nifp->ni_tx_rings + nifp->ni_rx_rings +
			nifp->ni_host_tx_rings + nifp->ni_host_rx_rings;
	if (n > (uint64_t)(size - at - (int64_t)sizeof(*nifp)) /
			sizeof(nifp->ring_ofs[0]))
		return 0;
	for (i = 0; i < n; i++) {
		int64_t ofs = nifp->ring_ofs[i];

		if (ofs && (ofs < -size || ofs > size ||
				!nm_check_ring(mem, size, at + ofs)))
			return 0;
	}
	return 1;
}

/* nm_tx_ring_at - tx ring @i, NULL when there is none or it is not bound */
static inline struct netmap_ring *nm_tx_ring_at(const struct nm_desc *d,
		uint32_t i)
{
	const struct netmap_if *nifp = d->nifp;

	if (!nifp || i >= nifp->ni_tx_rings + nifp->ni_host_tx_rings)
		return NULL;
	return nifp->ring_ofs[i] ? NETMAP_TXRING(nifp, i) : NULL;
}

/* nm_rx_ring_at - rx ring @i, NULL when there is none or it is not bound */
static inline struct netmap_ring *nm_rx_ring_at(const struct nm_desc *d,
		uint32_t i)
{
	const struct netmap_if *nifp = d->nifp;

	if (!nifp || i >= nifp->ni_rx_rings + nifp->ni_host_rx_rings)
		return NULL;
	i += nifp->ni_tx_rings + nifp->ni_host_tx_rings;
	return nifp->ring_ofs[i] ? NETMAP_TXRING(nifp, i) : NULL;
}

/* nm_some_ring - a bound ring: rx rather than tx, early rather than late */
static inline struct netmap_ring *nm_some_ring(const struct nm_desc *d)
{
	uint32_t ntx = d->nifp->ni_tx_rings + d->nifp->ni_host_tx_rings;
	uint32_t nrx = d->nifp->ni_rx_rings + d->nifp->ni_host_rx_rings;
	struct netmap_ring *ring = NULL;
	uint32_t i;

	for (i = 0; i < nrx && !ring; i++)
		ring = nm_rx_ring_at(d, i);
	for (i = 0; i < ntx && !ring; i++)
		ring = nm_tx_ring_at(d, i);
	return ring;
}

/* nm_set_ptr - write one of the pointers that are constant for programs */
static inline void nm_set_ptr(const void *field, void *value)
{
	memcpy((void *)(uintptr_t)field, &value, sizeof(value));
}

/**
 * nm_mmap - map the region of a bound descriptor
 * @d: from nm_open() with NM_OPEN_NO_MMAP; nothing happens if it has mapped
 * @parent: NULL, or a descriptor whose mapping is shared when it is of the
 *	same region; it must then be closed last
 *
 * Return: 0; EINVAL, also when the offsets the engine gave do not lie in the
 *	region.
 */
static inline int nm_mmap(struct nm_desc *d, const struct nm_desc *parent)
{
	int own = 0;
	void *mem;

	if (d->done_mmap)
		return 0;
	if (IS_NETMAP_DESC(parent) && parent->mem &&
	    parent->req.nr_arg2 == d->req.nr_arg2) {
		mem = parent->mem;
		d->memsize = parent->memsize;
	} else {
		d->memsize = d->req.nr_memsize;
		mem = mmap(NULL, d->memsize, PROT_READ | PROT_WRITE,
				MAP_SHARED, d->fd, 0);
		if (mem == MAP_FAILED)
			return EINVAL;
		own = 1;
	}
	if (!nm_check_if((const char *)mem, (int64_t)d->memsize,
			d->req.nr_offset)) {
		if (own)
			munmap(mem, d->memsize);
		errno = EINVAL;
		return EINVAL;
	}
	d->mem = mem;
	d->done_mmap = own;
	nm_set_ptr(&d->nifp, NETMAP_IF(mem, d->req.nr_offset));
	nm_set_ptr(&d->some_ring, nm_some_ring(d));
	if (d->some_ring)
		nm_set_ptr(&d->buf_start, NETMAP_BUF(d->some_ring, 0));
	nm_set_ptr(&d->buf_end, (char *)mem + d->memsize);
	return 0;
}

/**
 * nm_close - unmap what this descriptor mapped, close it, free it
 * @d: from nm_open()
 * Return: 0; EINVAL when @d is NULL or not valid.
 */
static inline int nm_close(struct nm_desc *d)
{
	if (!IS_NETMAP_DESC(d))
		return EINVAL;
	if (d->done_mmap && d->mem)
		munmap(d->mem, d->memsize);
	if (d->fd != -1)
		close(d->fd);
	memset((void *)d, 0, sizeof(*d));
	free(d);
	return 0;
}

/* nm_open_fail - one line on stderr, and everything undone; errno is kept */
static inline struct nm_desc *nm_open_fail(struct nm_desc *d,
		const char *ifname, const char *what)
{
	int error = errno ? errno : EINVAL;

	nm_log_line("nm_open", __LINE__, "%s: %s: %s", ifname, what,
			strerror(error));
	nm_close(d);
	errno = error;
	return NULL;
}

/* nm_open_import - take from the parent what @flags say */
static inline void nm_open_import(struct nmreq *req, uint64_t flags,
		const struct nmreq *from)
{
	req->nr_arg1 = flags & NM_OPEN_ARG1 ? from->nr_arg1 : 4;
	if (flags & NM_OPEN_ARG2)
		req->nr_arg2 = from->nr_arg2;
	req->nr_arg3 = flags & NM_OPEN_ARG3 ? from->nr_arg3 : 0;
	if (flags & NM_OPEN_RING_CFG) {
		req->nr_tx_slots = from->nr_tx_slots;
		req->nr_rx_slots = from->nr_rx_slots;
		req->nr_tx_rings = from->nr_tx_rings;
		req->nr_rx_rings = from->nr_rx_rings;
	}
	if (flags & NM_OPEN_IFNAME) {
		memcpy(req->nr_name, from->nr_name, sizeof(req->nr_name));
		req->nr_ringid = from->nr_ringid;
		req->nr_flags = from->nr_flags;
	}
}

/* nm_open_rings - the interval of rings that a mode stands for */
static inline void nm_open_rings(struct nm_desc *d)
{
	const struct nmreq *req = &d->req;
	uint16_t first = 0, ntx = 1, nrx = 1;

	d->first_rx_ring = 0;
	switch (req->nr_flags & NR_REG_MASK) {
	case NR_REG_DEFAULT:
	case NR_REG_ALL_NIC:
		ntx = req->nr_tx_rings;
		nrx = req->nr_rx_rings;
		break;
	case NR_REG_NIC_SW:
		ntx = (uint16_t)(req->nr_tx_rings + 1);
		nrx = (uint16_t)(req->nr_rx_rings + 1);
		break;
	case NR_REG_SW:
		first = req->nr_tx_rings;
		d->first_rx_ring = req->nr_rx_rings;
		break;
	case NR_REG_ONE_NIC:
		first = req->nr_ringid & NETMAP_RING_MASK;
		d->first_rx_ring = first;
		break;
	}
	d->first_tx_ring = first;
	d->last_tx_ring = (uint16_t)(d->first_tx_ring + ntx - 1);
	d->last_rx_ring = (uint16_t)(d->first_rx_ring + nrx - 1);
	d->cur_tx_ring = d->first_tx_ring;
	d->cur_rx_ring = d->first_rx_ring;
}

/**
 * nm_open - open a port by name
 * @ifname: port name, see nm_parse(); not looked at with NM_OPEN_IFNAME
 *	beyond its beginning
 * @req: the request to start from, or NULL
 * @flags: NM_OPEN_*, and NETMAP_NO_TX_POLL and NETMAP_DO_RX_POLL
 * @arg: a descriptor to take values from, as @flags say, and to share the
 *	mapping with when the region is the same; or NULL
 *
 * Return: the descriptor; NULL with errno, and a line on stderr.  NULL with
 *	errno 0, and no line, when the name is not one of netmap at all.
 */
static inline struct nm_desc *nm_open(const char *ifname,
		const struct nmreq *req, uint64_t flags,
		const struct nm_desc *arg)
{
	char err[MAXERRMSG];
	struct nm_desc *d;

	if (strncmp(ifname, "netmap:", 7) && strncmp(ifname, NM_BDG_NAME, 4)) {
		errno = 0;
		return NULL;
	}
	d = (struct nm_desc *)calloc(1, sizeof(*d));
	if (!d) {
		errno = ENOMEM;
		return nm_open_fail(NULL, ifname, "no memory");
	}
	d->self = d;
	d->fd = -1;
	if (req)
		d->req = *req;
	errno = 0;
	if (!(flags & NM_OPEN_IFNAME) && nm_parse(ifname, d, err))
		return nm_open_fail(d, ifname, err);
	d->fd = open(NETMAP_DEVICE_NAME, O_RDWR);
	if (d->fd == -1)
		return nm_open_fail(d, ifname, "open " NETMAP_DEVICE_NAME);
	d->req.nr_version = NETMAP_API;
	d->req.nr_ringid &= NETMAP_RING_MASK;
	if (IS_NETMAP_DESC(arg) && flags)
		nm_open_import(&d->req, flags, &arg->req);
	d->req.nr_ringid |= (uint16_t)(flags &
			(NETMAP_NO_TX_POLL | NETMAP_DO_RX_POLL));
	if (ioctl(d->fd, NIOCREGIF, &d->req))
		return nm_open_fail(d, ifname, "cannot bind");
	nm_open_rings(d);
	if ((!(flags & NM_OPEN_NO_MMAP) || arg) && nm_mmap(d, arg))
		return nm_open_fail(d, ifname, "cannot map the region");
	return d;
}

/*
 * nm_slot_data - where the packet of a slot starts, and the room from there
 * to the end of the buffer; NULL when the buffer is not in the region
 */
static inline char *nm_slot_data(const struct nm_desc *d,
		const struct netmap_ring *ring, const struct netmap_slot *slot,
		uint32_t *room)
{
	uint32_t size = ring->nr_buf_size;
	uint64_t ofs = NETMAP_ROFFSET(ring, slot);
	char *buf = NETMAP_BUF(ring, slot->buf_idx);

	if (ofs >= size)
		return NULL;
	if (d->buf_end && (buf < (char *)d->mem ||
			buf > (char *)d->buf_end - size))
		return NULL;
	*room = (uint32_t)(size - ofs);
	if (*room > UINT16_MAX)
		*room = UINT16_MAX;
	return buf + ofs;
}

/* nm_inject_fits - is there room for @size bytes from cur on? */
static inline int nm_inject_fits(const struct nm_desc *d,
		const struct netmap_ring *ring, size_t size)
{
	uint32_t i = ring->cur, tail = ring->tail, room;

	if (i >= ring->num_slots || tail >= ring->num_slots)
		return 0;
	for (; i != tail; i = nm_ring_next(ring, i)) {
		if (!nm_slot_data(d, ring, &ring->slot[i], &room))
			return 0;
		if (size <= room)
			return 1;
		size -= room;
	}
	return 0;
}

/* nm_inject_copy - put a packet that fits into the slots from cur on */
static inline void nm_inject_copy(const struct nm_desc *d,
		struct netmap_ring *ring, const char *buf, size_t size)
{
	uint32_t i = ring->cur, room = 0;

	while (size > 0) {
		struct netmap_slot *slot = &ring->slot[i];
		char *dst = nm_slot_data(d, ring, slot, &room);
		uint32_t len = size < room ? (uint32_t)size : room;

		nm_pkt_copy(buf, dst, (int)len);
		buf += len;
		size -= len;
		slot->len = (uint16_t)len;
		slot->flags = size > 0 ? NS_MOREFRAG : 0;
		i = nm_ring_next(ring, i);
	}
	ring->head = ring->cur = i;
}

/**
 * nm_inject - copy one packet into a tx ring
 * @d: a mapped port
 * @buf: the packet
 * @size: its bytes; more than a buffer holds goes into several slots
 *
 * Tries each tx ring once, beginning with cur_tx_ring.  Nothing is sent before
 * the next sync.
 *
 * Return: @size; 0 when nothing was queued, with errno EAGAIN (no ring has
 *	room now), EMSGSIZE (no ring is long enough ever) or EINVAL (@size 0,
 *	or no tx ring bound).
 */
static inline int nm_inject(struct nm_desc *d, const void *buf, size_t size)
{
	uint16_t n = (uint16_t)(d->last_tx_ring - d->first_tx_ring + 1);
	uint16_t ri = d->cur_tx_ring;
	int error = EINVAL;

	for (; n > 0 && size > 0; n--) {
		struct netmap_ring *ring = nm_tx_ring_at(d, ri);

		if (ring && nm_inject_fits(d, ring, size)) {
			nm_inject_copy(d, ring, (const char *)buf, size);
			d->cur_tx_ring = ri;
			return (int)size;
		}
		if (ring && size <= (size_t)(ring->num_slots - 1) *
				ring->nr_buf_size)
			error = EAGAIN;
		else if (ring && error != EAGAIN)
			error = EMSGSIZE;
		ri = ri == d->last_tx_ring ? d->first_tx_ring :
				(uint16_t)(ri + 1);
	}
	errno = error;
	return 0;
}

/*
 * nm_rx_gather - describe the packet that begins at head
 *
 * Return: its slots; 0 when it is not there completely.  h->buf is NULL for
 * one that cannot be read, or that fills the ring without an end.
 */
static inline uint32_t nm_rx_gather(const struct nm_desc *d,
		struct netmap_ring *ring, struct nm_pkthdr *h)
{
	uint32_t i = ring->head, tail = ring->tail, n = 0, room = 0;
	int in_one_piece = 1, readable = 1;

	memset(h, 0, sizeof(*h));
	if (i >= ring->num_slots || tail >= ring->num_slots)
		return 0;
	h->ts = ring->ts;
	h->slot = &ring->slot[i];
	for (; i != tail; i = nm_ring_next(ring, i)) {
		const struct netmap_slot *slot = &ring->slot[i];
		uint8_t *data = (uint8_t *)nm_slot_data(d, ring, slot, &room);
		uint32_t len = slot->len < room ? slot->len : room;

		if (!data)
			readable = 0;
		else if (n == 0)
			h->buf = data;
		else if (h->buf + h->caplen != data)
			in_one_piece = 0;
		if (in_one_piece)
			h->caplen += len;
		h->len += len;
		n++;
		if (!(slot->flags & NS_MOREFRAG))
			break;
	}
	if (i == tail && n + 1 < ring->num_slots)
		return 0;
	if (i == tail || !readable)
		h->buf = NULL;
	return n;
}

/* nm_rx_packet - take the next packet out of a ring; 0 when there is none */
static inline int nm_rx_packet(struct nm_desc *d, struct netmap_ring *ring,
		struct nm_pkthdr *h)
{
	uint32_t n, next;

	while ((n = nm_rx_gather(d, ring, h)) > 0) {
		next = ring->head + n;
		if (next >= ring->num_slots)
			next -= ring->num_slots;
		ring->head = ring->cur = next;
		if (h->buf) {
			d->st.ps_recv++;
			return 1;
		}
		d->st.ps_drop++;
	}
	/* wake up only when more has come than the part that is here */
	if (!nm_ring_empty(ring))
		ring->cur = ring->tail;
	return 0;
}

/**
 * nm_dispatch - give received packets to a function
 * @d: a mapped port
 * @cnt: number of packets at most; 0 or less: all there are
 * @cb: called for each; all but the last have NM_MORE_PKTS in hdr->flags
 * @arg: for @cb
 *
 * Goes once round the rings, beginning with cur_rx_ring; makes no system call
 * and does not wait.  Packets that are not there completely stay for the next
 * time.  Data stay valid until the next sync.
 *
 * Return: number of packets.
 */
static inline int nm_dispatch(struct nm_desc *d, int cnt, nm_cb_t cb,
		unsigned char *arg)
{
	uint16_t n = (uint16_t)(d->last_rx_ring - d->first_rx_ring + 1);
	uint16_t ri = d->cur_rx_ring;
	struct nm_pkthdr next;
	int got = 0;

	if (cnt <= 0)
		cnt = -1;
	for (; n > 0 && got != cnt; n--) {
		struct netmap_ring *ring = nm_rx_ring_at(d, ri);

		while (ring && got != cnt && nm_rx_packet(d, ring, &next)) {
			if (got++ > 0)
				cb(arg, &d->hdr, d->hdr.buf);
			d->hdr = next;
			d->hdr.d = d;
			d->hdr.flags = NM_MORE_PKTS;
			d->cur_rx_ring = ri;
		}
		ri = ri == d->last_rx_ring ? d->first_rx_ring :
				(uint16_t)(ri + 1);
	}
	if (got > 0) {
		d->hdr.flags = 0;
		cb(arg, &d->hdr, d->hdr.buf);
	}
	return got;
}

/**
 * nm_nextpkt - the next received packet
 * @d: a mapped port
 * @hdr: ts, len and caplen are set; a packet that lies in pieces has a caplen
 *	less than len
 *
 * Return: its first byte, valid until the next sync; NULL when there is none.
 */
static inline unsigned char *nm_nextpkt(struct nm_desc *d,
		struct nm_pkthdr *hdr)
{
	uint16_t n = (uint16_t)(d->last_rx_ring - d->first_rx_ring + 1);
	uint16_t ri = d->cur_rx_ring;
	struct nm_pkthdr h;

	for (; n > 0; n--) {
		struct netmap_ring *ring = nm_rx_ring_at(d, ri);

		if (ring && nm_rx_packet(d, ring, &h)) {
			hdr->ts = h.ts;
			hdr->len = h.len;
			hdr->caplen = h.caplen;
			d->cur_rx_ring = ri;
			return h.buf;
		}
		ri = ri == d->last_rx_ring ? d->first_rx_ring :
				(uint16_t)(ri + 1);
	}
	return NULL;
}

#ifdef __cplusplus
}
#endif

#endif /* NETMAP_WITH_LIBS */
