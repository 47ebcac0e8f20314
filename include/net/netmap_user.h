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
