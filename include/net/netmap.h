/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * netmap.h: what a program and the engine agree on.
 *
 * A program opens a descriptor, binds it to a port with a control request
 * (sections 4 to 6) and maps one region of memory.  In the region it finds a
 * netmap_if, from there the rings, and from each slot of a ring a buffer:
 *
 *	region  +-- if pool ---+------- ring pool -------+---- buffer pool ---
 *	        | netmap_if    | netmap_ring | slots ... | 0 | 1 | 2 | 3 | ...
 *	        +--------------+-------------------------+--------------------
 *	           ring_ofs[] -------^   buf_ofs + buf_idx * nr_buf_size ^
 *
 * A ring is a circle of num_slots slots.  Slots from head up to, but not
 * including, tail belong to the program; the others belong to the engine.
 * The program gives slots back by moving head, and moves cur to tell when it
 * wants to be woken: when tail goes past cur.  Nothing moves before a sync:
 * NIOCTXSYNC, NIOCRXSYNC, or poll(2) on the descriptor.
 *
 * The layouts and numbers here are frozen: each one is checked below at
 * compile time for 64-bit machines, and by tests/abi for the rest.  What this
 * implementation adds to the interface is in section 9, numbered far away
 * from everything else.
 *
 * Compiles alone as C99, C11 and C++, in a Linux module (__KERNEL__), and in
 * the portable engine (NM_ENGINE) where nm_os_types.h brings all the types.
 */
#ifndef _NET_NETMAP_H_
#define _NET_NETMAP_H_

#if defined(NM_ENGINE)
#include <nm_os_types.h>
#elif defined(__KERNEL__)
#include <linux/types.h>
#include <linux/ioctl.h>
#include <linux/if.h>
#include <asm/barrier.h>
#else
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/time.h>
#include <sys/ioctl.h>
#endif

/*
 * 1. Helpers of this header
 */

#if defined(__cplusplus) && __cplusplus >= 201103L
#define NM_STATIC_ASSERT(cond, text)	static_assert(cond, text)
#elif defined(__cplusplus)
#define NM_STATIC_ASSERT(cond, text)	\
	extern int nm_static_assert(int (*)[(cond) ? 1 : -1])
#else
#define NM_STATIC_ASSERT(cond, text)	__extension__ _Static_assert(cond, text)
#endif

/* Sizes hold everywhere unless said otherwise, offsets on LP64 only. */
#define NM_ASSERT_SIZE(type, bytes)	\
	NM_STATIC_ASSERT(sizeof(struct type) == (bytes), #type " size")
#ifdef __LP64__
#define NM_ASSERT_SIZE64(type, bytes)	NM_ASSERT_SIZE(type, bytes)
#define NM_ASSERT_AT(type, field, at)	\
	NM_STATIC_ASSERT(__builtin_offsetof(struct type, field) == (at), \
		#type "." #field " offset")
#else
#define NM_ASSERT_SIZE64(type, bytes)	NM_STATIC_ASSERT(1, "")
#define NM_ASSERT_AT(type, field, at)	NM_STATIC_ASSERT(1, "")
#endif

/* Written once, by the engine, before a program can see it. */
#ifdef NM_ENGINE
#define NM_RDONLY
#else
#define NM_RDONLY	const
#endif

/* Interface names of the OS; a constant of the layout on every system. */
#define NM_IFNAMSIZ	16
#ifdef IFNAMSIZ
NM_STATIC_ASSERT(IFNAMSIZ == NM_IFNAMSIZ, "IFNAMSIZ is part of the layout");
#endif

/* A kernel has no struct timeval of its own any more. */
#if defined(__KERNEL__) && !defined(NM_ENGINE)
/**
 * struct nm_timeval - the layout a program knows as struct timeval
 * @tv_sec: seconds since the epoch
 * @tv_usec: microseconds, 0 to 999999
 */
struct nm_timeval {
	long tv_sec;
	long tv_usec;
};
#define NM_TIMEVAL	struct nm_timeval
#else
#define NM_TIMEVAL	struct timeval
#endif

/* ISO C++ has no arrays of open length at the end of a structure. */
#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#endif

/*
 * 2. Versions and general constants
 */

#define NETMAP_API	14	/* version of this interface */
#define NETMAP_MIN_API	14	/* oldest version NIOCCTRL accepts */
#define NETMAP_MAX_API	15	/* newest version NIOCCTRL accepts */

/* Names that begin so belong to a VALE switch: vale<switch>:<port>. */
#define NM_BDG_NAME	"vale"

#define NM_CACHE_ALIGN	128	/* bytes; no two rings share such a unit */

/* Slots one packet may occupy; longer ones are dropped. */
#define NETMAP_MAX_FRAGS	64

/*
 * 3. The data path: slot, ring, interface
 */

/**
 * struct netmap_slot - one entry of a ring: a buffer and what is in it
 * @buf_idx: number of the buffer in its region; 0 and 1 are never given out,
 *	and 0 means "none".  A program may put any buffer of the region here
 *	and then sets %NS_BUF_CHANGED
 * @len: valid bytes in the buffer, counted from the packet offset
 * @flags: NS_* bits; on the receive side of a VALE port the high byte is the
 *	number of slots of the packet
 * @ptr: with %NS_INDIRECT, the address of the payload in the memory of the
 *	program; on a ring with offsets, the bits under netmap_ring.offset_mask
 *	tell where in the buffer the packet starts
 */
struct netmap_slot {
	uint32_t buf_idx;
	uint16_t len;
	uint16_t flags;
	uint64_t ptr;
};

#define NS_BUF_CHANGED	0x0001	/* buf_idx is not the one seen last time */
#define NS_REPORT	0x0002	/* tx: tell soon that this slot was sent */
#define NS_FORWARD	0x0004	/* rx: pass on to the other side, see
				 * NR_FORWARD */
#define NS_NO_LEARN	0x0008	/* VALE tx: do not learn the source address */
#define NS_INDIRECT	0x0010	/* VALE tx: payload is at the address in ptr */
#define NS_MOREFRAG	0x0020	/* the packet goes on in the next slot */
#define NS_TXMON	0x0040	/* monitor rx: the frame was being sent */
/* 0x0080 is nobody's; programs use it privately and it is left alone. */

#define NS_PORT_SHIFT	8
#define NS_PORT_MASK	(0xff << NS_PORT_SHIFT)

/* Number of slots of the packet this rx slot of a VALE port belongs to. */
#define NS_RFRAGS(slot)	(((slot)->flags >> NS_PORT_SHIFT) & 0xff)

/**
 * struct netmap_ring - a circle of slots, shared by program and engine
 * @buf_ofs: bytes from the start of this ring to buffer 0; can be negative
 * @num_slots: slots in the circle; one of them always stays unused, so that
 *	head == tail means "nothing here"
 * @nr_buf_size: bytes of every buffer of the region
 * @ringid: number among the rings of this direction; host rings come after
 *	the hardware rings
 * @dir: 0 in rings to receive from, 1 in rings to transmit with
 * @head: (program) first slot the program keeps; those before it are released
 *	at the next sync
 * @cur: (program) wake-up point: poll returns when tail has gone past it.
 *	Lies between head and tail
 * @tail: (engine) first slot that is not the program's
 * @flags: (program) NR_TIMESTAMP, NR_FORWARD
 * @ts: (engine) time of the last rx sync that found packets or was asked to
 *	take the time by %NR_TIMESTAMP
 * @offset_mask: bits of netmap_slot.ptr that hold the packet offset; 0 when
 *	the port does not use offsets
 * @buf_align: bytes; a packet to transmit must start at a multiple; 0: any
 * @sem: for the program alone, e.g. a mutex between threads on one ring
 * @slot: the slots
 *
 * At creation a tx ring has head = cur = 0 and tail = num_slots - 1, an rx
 * ring all three 0; each slot has a buffer of its own.
 */
struct netmap_ring {
	NM_RDONLY int64_t buf_ofs;
	NM_RDONLY uint32_t num_slots;
	NM_RDONLY uint32_t nr_buf_size;
	NM_RDONLY uint16_t ringid;
	NM_RDONLY uint16_t dir;

	uint32_t head;
	uint32_t cur;
	uint32_t tail;
	uint32_t flags;
	NM_TIMEVAL ts;

	NM_RDONLY uint64_t offset_mask;
	NM_RDONLY uint64_t buf_align;

	uint8_t sem[128] __attribute__((__aligned__(NM_CACHE_ALIGN)));

	struct netmap_slot slot[];
};

/* netmap_ring.flags */
#define NR_TIMESTAMP	0x0002	/* write ts at every rx sync */
#define NR_FORWARD	0x0004	/* send slots marked NS_FORWARD to the other
				 * side: hardware to host, host to hardware */

/**
 * nm_ring_empty - is there no slot for the program in this ring?
 * @ring: a mapped ring
 *
 * Return: 1 when nothing can be received (rx) or no slot is free (tx), else
 *	0.  Looks at head, not at cur.
 */
static inline int nm_ring_empty(const struct netmap_ring *ring)
{
	return ring->head == ring->tail;
}

/**
 * struct netmap_if - where the rings of a bound descriptor are
 * @ni_name: name of the port, cut to 15 characters: text for people, not an
 *	identifier
 * @ni_version: NETMAP_API of the engine
 * @ni_flags: %NI_PRIV_MEM
 * @ni_tx_rings: hardware tx rings
 * @ni_rx_rings: hardware rx rings
 * @ni_bufs_head: first extra buffer, 0 when there is none.  The first 32 bits
 *	of an extra buffer are the number of the next.  When the descriptor is
 *	closed, the buffers found on this list are taken back
 * @ni_host_tx_rings: host entries among the tx entries of @ring_ofs; at
 *	least 1, even for a port without host rings
 * @ni_host_rx_rings: likewise for rx
 * @ni_spare1: zero
 * @ring_ofs: bytes from this structure to each ring, 0 for a ring this
 *	descriptor did not bind.  Order: hardware tx, host tx, hardware rx,
 *	host rx
 *
 * There is one per bound descriptor.  Programs may write @ni_bufs_head.
 */
struct netmap_if {
	char ni_name[NM_IFNAMSIZ];
	NM_RDONLY uint32_t ni_version;
	NM_RDONLY uint32_t ni_flags;
	NM_RDONLY uint32_t ni_tx_rings;
	NM_RDONLY uint32_t ni_rx_rings;
	uint32_t ni_bufs_head;
	NM_RDONLY uint32_t ni_host_tx_rings;
	NM_RDONLY uint32_t ni_host_rx_rings;
	uint32_t ni_spare1[3];
	NM_RDONLY ssize_t ring_ofs[];
};

/* netmap_if.ni_flags */
#define NI_PRIV_MEM	0x1	/* the region is not the common one */

/*
 * 4. Control requests: the header
 */

#define NETMAP_REQ_IFNAMSIZ	64	/* bytes of nr_name, with the NUL */
#define NETMAP_REQ_MAXSIZE	4096	/* bytes of body and options together */

/**
 * struct nmreq_header - the argument of NIOCCTRL
 * @nr_version: in: %NETMAP_API; checked before anything else
 * @nr_reqtype: in: NETMAP_REQ_*
 * @nr_reserved: zero
 * @nr_name: in: name of the port or switch, NUL terminated; for
 *	%NETMAP_REQ_VALE_LIST also out
 * @nr_options: address of the first struct nmreq_option, or 0
 * @nr_body: address of the body that belongs to the request, or 0
 *
 * The header is copied back also when the request fails; the body only when
 * it succeeds.
 */
struct nmreq_header {
	uint16_t nr_version;
	uint16_t nr_reqtype;
	uint32_t nr_reserved;
	char nr_name[NETMAP_REQ_IFNAMSIZ];
	uint64_t nr_options;
	uint64_t nr_body;
};

/* nmreq_header.nr_reqtype, and the body each wants */
#define NETMAP_REQ_REGISTER		1	/* nmreq_register */
#define NETMAP_REQ_PORT_INFO_GET	2	/* nmreq_port_info_get */
#define NETMAP_REQ_VALE_ATTACH		3	/* nmreq_vale_attach */
#define NETMAP_REQ_VALE_DETACH		4	/* nmreq_vale_detach */
#define NETMAP_REQ_VALE_LIST		5	/* nmreq_vale_list */
#define NETMAP_REQ_PORT_HDR_SET		6	/* nmreq_port_hdr */
#define NETMAP_REQ_PORT_HDR_GET		7	/* nmreq_port_hdr */
#define NETMAP_REQ_VALE_NEWIF		8	/* nmreq_vale_newif */
#define NETMAP_REQ_VALE_DELIF		9	/* none */
#define NETMAP_REQ_VALE_POLLING_ENABLE	10	/* nmreq_vale_polling */
#define NETMAP_REQ_VALE_POLLING_DISABLE	11	/* nmreq_vale_polling */
#define NETMAP_REQ_POOLS_INFO_GET	12	/* nmreq_pools_info */
#define NETMAP_REQ_SYNC_KLOOP_START	13	/* nmreq_sync_kloop_start */
#define NETMAP_REQ_SYNC_KLOOP_STOP	14	/* none */
#define NETMAP_REQ_CSB_ENABLE		15	/* none; option CSB */

/**
 * struct nmreq_option - the start of every option
 * @nro_next: address of the next option, or 0
 * @nro_reqtype: NETMAP_REQ_OPT_*
 * @nro_status: out: 0 when accepted, else a positive errno; written also when
 *	the request fails
 * @nro_size: bytes of the whole option for those of variable size, else 0
 */
struct nmreq_option {
	uint64_t nro_next;
	uint32_t nro_reqtype;
	uint32_t nro_status;
	uint64_t nro_size;
};

/* nmreq_option.nro_reqtype */
#define NETMAP_REQ_OPT_EXTMEM			1 /* REGISTER */
#define NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS	2 /* SYNC_KLOOP_START */
#define NETMAP_REQ_OPT_CSB			3 /* REGISTER, CSB_ENABLE */
#define NETMAP_REQ_OPT_SYNC_KLOOP_MODE		4 /* SYNC_KLOOP_START */
#define NETMAP_REQ_OPT_OFFSETS			5 /* REGISTER */
#define NETMAP_REQ_OPT_MAX			6 /* end of the common range */

/*
 * 5. Control requests: the bodies
 */

/**
 * struct nmreq_register - bind the descriptor to a port
 * @nr_offset: out: bytes from the start of the region to the netmap_if
 * @nr_memsize: out: bytes of the region, to be mapped
 * @nr_tx_slots: in/out: slots of a tx ring; 0 asks for the default
 * @nr_rx_slots: in/out: slots of an rx ring
 * @nr_tx_rings: in/out: hardware tx rings; 0 asks for the default
 * @nr_rx_rings: in/out: hardware rx rings
 * @nr_host_tx_rings: in/out: host tx rings; 0 in the answer of ports without
 * @nr_host_rx_rings: in/out: host rx rings
 * @nr_mem_id: in/out: number of the region; 0 lets the engine choose
 * @nr_ringid: in: the ring for %NR_REG_ONE_NIC and %NR_REG_ONE_SW
 * @nr_mode: in: NR_REG_*
 * @nr_extra_bufs: in/out: buffers wanted besides those in the rings; the
 *	answer can be less
 * @nr_flags: in: NR_* flags, passed back as given
 *
 * Geometry is a wish that counts only for the open that creates the port; the
 * answer tells how the port is.
 */
struct nmreq_register {
	uint64_t nr_offset;
	uint64_t nr_memsize;
	uint32_t nr_tx_slots;
	uint32_t nr_rx_slots;
	uint16_t nr_tx_rings;
	uint16_t nr_rx_rings;
	uint16_t nr_host_tx_rings;
	uint16_t nr_host_rx_rings;
	uint16_t nr_mem_id;
	uint16_t nr_ringid;
	uint32_t nr_mode;
	uint32_t nr_extra_bufs;
	uint64_t nr_flags;
};

/* nmreq_register.nr_mode: the rings to bind */
#define NR_REG_DEFAULT		0	/* only in legacy requests */
#define NR_REG_ALL_NIC		1	/* all hardware rings */
#define NR_REG_SW		2	/* all host rings */
#define NR_REG_NIC_SW		3	/* hardware and host rings */
#define NR_REG_ONE_NIC		4	/* one pair of hardware rings */
#define NR_REG_PIPE_MASTER	5	/* only in legacy requests: name{id */
#define NR_REG_PIPE_SLAVE	6	/* only in legacy requests: name}id */
#define NR_REG_NULL		7	/* a port that leads nowhere */
#define NR_REG_ONE_SW		8	/* one pair of host rings */

/* nmreq_register.nr_flags */
#define NR_MONITOR_TX		0x100	/* see what the port sends */
#define NR_MONITOR_RX		0x200	/* see what the port receives */
#define NR_ZCOPY_MON		0x400	/* see it before the port's owner, and
					 * without a copy */
#define NR_EXCLUSIVE		0x800	/* nobody else may have these rings */
/* 0x1000 was used by programs by mistake and means nothing. */
#define NR_RX_RINGS_ONLY	0x2000	/* do not bind tx rings */
#define NR_TX_RINGS_ONLY	0x4000	/* do not bind rx rings */
#define NR_ACCEPT_VNET_HDR	0x8000	/* the program knows that packets can
					 * begin with a virtio-net header */
#define NR_DO_RX_POLL		0x10000	/* poll releases rx slots even when
					 * only POLLOUT is asked for */
#define NR_NO_TX_POLL		0x20000	/* poll sends only when POLLOUT is
					 * asked for */

/**
 * struct nmreq_port_info_get - look at a port without binding it
 * @nr_memsize: out: bytes of its region
 * @nr_tx_slots: out: slots of a tx ring
 * @nr_rx_slots: out: slots of an rx ring
 * @nr_tx_rings: out: hardware tx rings
 * @nr_rx_rings: out: hardware rx rings
 * @nr_host_tx_rings: out: host tx rings
 * @nr_host_rx_rings: out: host rx rings
 * @nr_mem_id: in/out: number of its region
 * @pad: zero
 */
struct nmreq_port_info_get {
	uint64_t nr_memsize;
	uint32_t nr_tx_slots;
	uint32_t nr_rx_slots;
	uint16_t nr_tx_rings;
	uint16_t nr_rx_rings;
	uint16_t nr_host_tx_rings;
	uint16_t nr_host_rx_rings;
	uint16_t nr_mem_id;
	uint16_t pad[3];
};

/**
 * struct nmreq_vale_attach - make an OS interface a port of a switch
 * @reg: how to bind it; %NR_REG_NIC_SW also attaches the host side
 * @port_index: out: its position in the switch
 * @pad1: zero
 */
struct nmreq_vale_attach {
	struct nmreq_register reg;
	uint32_t port_index;
	uint32_t pad1;
};

/**
 * struct nmreq_vale_detach - take an interface out of a switch
 * @port_index: out: the position it had
 * @pad1: zero
 */
struct nmreq_vale_detach {
	uint32_t port_index;
	uint32_t pad1;
};

/**
 * struct nmreq_vale_list - find a port by position or by name
 * @nr_bridge_idx: in/out: number of the switch
 * @pad1: zero
 * @nr_port_idx: in/out: position in the switch
 */
struct nmreq_vale_list {
	uint16_t nr_bridge_idx;
	uint16_t pad1;
	uint32_t nr_port_idx;
};

/**
 * struct nmreq_port_hdr - length of the virtio-net header of a port
 * @nr_hdr_len: in or out: 0, 10 or 12 bytes
 * @pad1: zero
 */
struct nmreq_port_hdr {
	uint32_t nr_hdr_len;
	uint32_t pad1;
};

/**
 * struct nmreq_vale_newif - create a persistent VALE port
 * @nr_tx_slots: in/out: slots of a tx ring; 0 asks for the default
 * @nr_rx_slots: in/out: slots of an rx ring
 * @nr_tx_rings: in/out: tx rings
 * @nr_rx_rings: in/out: rx rings
 * @nr_mem_id: in/out: number of the region; 0 lets the engine choose
 * @pad1: zero
 */
struct nmreq_vale_newif {
	uint32_t nr_tx_slots;
	uint32_t nr_rx_slots;
	uint16_t nr_tx_rings;
	uint16_t nr_rx_rings;
	uint16_t nr_mem_id;
	uint16_t pad1;
};

/**
 * struct nmreq_vale_polling - threads that drain an attached interface
 * @nr_mode: in: NETMAP_POLLING_MODE_*
 * @nr_first_cpu_id: in: processor of the first thread, in MULTI mode also the
 *	first ring
 * @nr_num_polling_cpus: in: number of threads
 * @pad1: zero
 */
struct nmreq_vale_polling {
	uint32_t nr_mode;
	uint32_t nr_first_cpu_id;
	uint32_t nr_num_polling_cpus;
	uint32_t pad1;
};

#define NETMAP_POLLING_MODE_SINGLE_CPU	1	/* one thread, all rings */
#define NETMAP_POLLING_MODE_MULTI_CPU	2	/* a thread per ring */

/**
 * struct nmreq_pools_info - what a region is made of
 * @nr_memsize: bytes of the region; in for EXTMEM, out otherwise
 * @nr_mem_id: number of the region
 * @pad1: zero
 * @nr_if_pool_offset: bytes to the netmap_if pool: always 0
 * @nr_if_pool_objtotal: objects in it
 * @nr_if_pool_objsize: bytes of each
 * @nr_ring_pool_offset: bytes to the ring pool
 * @nr_ring_pool_objtotal: objects in it
 * @nr_ring_pool_objsize: bytes of each
 * @nr_buf_pool_offset: bytes to buffer 0
 * @nr_buf_pool_objtotal: buffers, with the reserved ones 0 and 1
 * @nr_buf_pool_objsize: bytes of each
 */
struct nmreq_pools_info {
	uint64_t nr_memsize;
	uint16_t nr_mem_id;
	uint16_t pad1[3];
	uint64_t nr_if_pool_offset;
	uint32_t nr_if_pool_objtotal;
	uint32_t nr_if_pool_objsize;
	uint64_t nr_ring_pool_offset;
	uint32_t nr_ring_pool_objtotal;
	uint32_t nr_ring_pool_objsize;
	uint64_t nr_buf_pool_offset;
	uint32_t nr_buf_pool_objtotal;
	uint32_t nr_buf_pool_objsize;
};

/**
 * struct nmreq_sync_kloop_start - let the engine sync in a loop
 * @sleep_us: in: microseconds between rounds, 0 to 1000000
 * @pad1: zero
 *
 * The call returns when %NETMAP_REQ_SYNC_KLOOP_STOP is issued on the same
 * descriptor.
 */
struct nmreq_sync_kloop_start {
	uint32_t sleep_us;
	uint32_t pad1;
};

/*
 * 6. Options
 */

/**
 * struct nmreq_opt_extmem - use memory of the program as region
 * @nro_opt: header
 * @nro_usrptr: address of the memory, page aligned
 * @nro_info: in: size and wished geometry, 0 for defaults; out: geometry used
 */
struct nmreq_opt_extmem {
	struct nmreq_option nro_opt;
	uint64_t nro_usrptr;
	struct nmreq_pools_info nro_info;
};

/**
 * struct nmreq_opt_csb - move head, cur and tail into memory of the program
 * @nro_opt: header
 * @csb_atok: address of an array of struct nm_csb_atok, 64-byte aligned
 * @csb_ktoa: address of an array of struct nm_csb_ktoa, 64-byte aligned
 *
 * One entry per bound ring in both: tx rings first, then rx rings.
 */
struct nmreq_opt_csb {
	struct nmreq_option nro_opt;
	uint64_t csb_atok;
	uint64_t csb_ktoa;
};

/**
 * struct nmreq_opt_offsets - let packets start inside their buffer
 * @nro_opt: header
 * @nro_max_offset: in/out: largest offset the program will use, bytes
 * @nro_initial_offset: in: offset written into all slots at first, bytes
 * @nro_offset_bits: in: low bits of netmap_slot.ptr to use; 0: all 64
 * @nro_tx_align: zero
 * @nro_min_gap: in: smallest distance in bytes between two packets in one
 *	buffer; 0 when buffers are not shared between slots
 */
struct nmreq_opt_offsets {
	struct nmreq_option nro_opt;
	uint64_t nro_max_offset;
	uint64_t nro_initial_offset;
	uint32_t nro_offset_bits;
	uint32_t nro_tx_align;
	uint64_t nro_min_gap;
};

/**
 * struct nmreq_opt_sync_kloop_eventfds - descriptors to wake each other with
 * @nro_opt: header; nro_size counts the entries too
 * @eventfds: one entry per bound ring, tx rings first: ioeventfd wakes the
 *	engine, irqfd wakes the program; -1 for none
 */
struct nmreq_opt_sync_kloop_eventfds {
	struct nmreq_option nro_opt;
	struct {
		int32_t ioeventfd;
		int32_t irqfd;
	} eventfds[];
};

/**
 * struct nmreq_opt_sync_kloop_mode - where the loop does its work
 * @nro_opt: header
 * @mode: NM_OPT_SYNC_KLOOP_DIRECT_* bits
 */
struct nmreq_opt_sync_kloop_mode {
	struct nmreq_option nro_opt;
	uint32_t mode;
};

/* sync in the context that signals the ioeventfd, not in the loop */
#define NM_OPT_SYNC_KLOOP_DIRECT_TX	0x1
#define NM_OPT_SYNC_KLOOP_DIRECT_RX	0x2

/*
 * 7. The communication block of option CSB
 *
 * The writer of each side stores the pointer that matters less first, and
 * the reader loads them the other way round: the engine never sees a head
 * that is newer than cur, the program never a hwtail newer than hwcur.
 * Whoever sets a "need kick" word issues a full barrier and looks again at
 * the pointers of the other side before it sleeps.
 */

/**
 * struct nm_csb_atok - from the program to the engine, for one ring
 * @head: as netmap_ring.head
 * @cur: as netmap_ring.cur
 * @appl_need_kick: not 0: the program wants to be woken
 * @sync_flags: flags for the next sync
 * @pad: fills 64 bytes
 */
struct nm_csb_atok {
	uint32_t head;
	uint32_t cur;
	uint32_t appl_need_kick;
	uint32_t sync_flags;
	uint32_t pad[12];
};

/**
 * struct nm_csb_ktoa - from the engine to the program, for one ring
 * @hwcur: how far the engine has taken the slots of the program
 * @hwtail: as netmap_ring.tail
 * @kern_need_kick: not 0: the engine wants to be woken
 * @pad: fills 64 bytes
 */
struct nm_csb_ktoa {
	uint32_t hwcur;
	uint32_t hwtail;
	uint32_t kern_need_kick;
	uint32_t pad[13];
};

/* nm_stst_barrier - stores before it are seen before stores after it */
static inline void nm_stst_barrier(void)
{
#if defined(__KERNEL__) && !defined(NM_ENGINE)
	smp_wmb();
#else
	__atomic_thread_fence(__ATOMIC_RELEASE);
#endif
}

/* nm_ldld_barrier - loads before it happen before loads after it */
static inline void nm_ldld_barrier(void)
{
#if defined(__KERNEL__) && !defined(NM_ENGINE)
	smp_rmb();
#else
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
#endif
}

/* nm_stld_barrier - stores before it are seen before loads after it happen */
static inline void nm_stld_barrier(void)
{
#if defined(__KERNEL__) && !defined(NM_ENGINE)
	smp_mb();
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/**
 * nm_sync_kloop_appl_write - tell the engine where the program is
 * @atok: the entry of the ring
 * @cur: new wake-up point
 * @head: new first slot kept
 *
 * What was written to slots and buffers before the call is visible to the
 * engine when it sees the new @head.
 */
static inline void nm_sync_kloop_appl_write(struct nm_csb_atok *atok,
		uint32_t cur, uint32_t head)
{
	__atomic_store_n(&atok->cur, cur, __ATOMIC_RELEASE);
	__atomic_store_n(&atok->head, head, __ATOMIC_RELEASE);
}

/**
 * nm_sync_kloop_appl_read - ask where the engine is
 * @ktoa: the entry of the ring
 * @hwtail: out: first slot that is not the program's
 * @hwcur: out: how far the engine has come
 *
 * Slots and buffers before *@hwtail may be read after the call.
 */
static inline void nm_sync_kloop_appl_read(struct nm_csb_ktoa *ktoa,
		uint32_t *hwtail, uint32_t *hwcur)
{
	*hwtail = __atomic_load_n(&ktoa->hwtail, __ATOMIC_ACQUIRE);
	*hwcur = __atomic_load_n(&ktoa->hwcur, __ATOMIC_ACQUIRE);
}

#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/*
 * 8. The older interface, and the calls
 */

#include "netmap_legacy.h"

#if defined(NM_ENGINE) || defined(__linux__)
#define NIOCGINFO	0xc03c6991U	/* struct nmreq */
#define NIOCREGIF	0xc03c6992U	/* struct nmreq */
#define NIOCTXSYNC	0x00006994U	/* no argument: sync bound tx rings */
#define NIOCRXSYNC	0x00006995U	/* no argument: sync bound rx rings */
#define NIOCCONFIG	0xc1106996U	/* struct nm_ifreq */
#define NIOCCTRL	0xc0586997U	/* struct nmreq_header */
#if defined(__linux__) && defined(_IOWR)
NM_STATIC_ASSERT(NIOCGINFO == _IOWR('i', 145, struct nmreq), "NIOCGINFO");
NM_STATIC_ASSERT(NIOCREGIF == _IOWR('i', 146, struct nmreq), "NIOCREGIF");
NM_STATIC_ASSERT(NIOCTXSYNC == _IO('i', 148), "NIOCTXSYNC");
NM_STATIC_ASSERT(NIOCRXSYNC == _IO('i', 149), "NIOCRXSYNC");
NM_STATIC_ASSERT(NIOCCONFIG == _IOWR('i', 150, struct nm_ifreq), "NIOCCONFIG");
NM_STATIC_ASSERT(NIOCCTRL == _IOWR('i', 151, struct nmreq_header), "NIOCCTRL");
#endif
#else
#define NIOCGINFO	_IOWR('i', 145, struct nmreq)
#define NIOCREGIF	_IOWR('i', 146, struct nmreq)
#define NIOCTXSYNC	_IO('i', 148)
#define NIOCRXSYNC	_IO('i', 149)
#define NIOCCONFIG	_IOWR('i', 150, struct nm_ifreq)
#define NIOCCTRL	_IOWR('i', 151, struct nmreq_header)
#endif

/*
 * 9. Extensions of this implementation, not in API 14 of others
 *
 * An engine that does not know them answers EINVAL or EOPNOTSUPP and does
 * nothing.  The rule for programs and libraries: try with them first; on one
 * of these two errors try once more without, and live without the answer.
 */

/* An option of every request: receive the sentence that explains a failure. */
#define NETMAP_REQ_OPT_ERROR	0x6e6d0001

/**
 * struct nmreq_opt_error - why the request failed, in words
 * @nro_opt: header; nro_reqtype is %NETMAP_REQ_OPT_ERROR, nro_size 0
 * @nro_msg: out: NUL-terminated sentence, empty on success
 *
 * Unlike other options it is copied back whole also when the request fails.
 */
struct nmreq_opt_error {
	struct nmreq_option nro_opt;
	char nro_msg[232];
};

/* Requests with a body, on a port that is named in the header. */
#define NETMAP_REQ_COUNTERS_GET		0x4001	/* nmreq_counters */
#define NETMAP_REQ_PORT_STATUS_GET	0x4002	/* nmreq_port_status */

/**
 * enum nm_drop - why a packet did not arrive
 * @NM_DROP_NO_ROOM: the ring it was for is full
 * @NM_DROP_NO_PORT: nobody to send to: the station is on a position that has
 *	left, is the sender itself, or the switch has no other port
 * @NM_DROP_SHORT: less than an Ethernet header of 14 bytes, or an empty slot
 * @NM_DROP_TOO_LONG: does not fit a slot or buffer of the receiver
 * @NM_DROP_FRAGS: more than %NETMAP_MAX_FRAGS slots
 * @NM_DROP_BAD_SLOT: buffer number or length out of range
 * @NM_DROP_INDIRECT: payload address not readable, or not usable here
 * @NM_DROP_RX_OFF: the ring it was for is stopped or not open for receiving
 * @NM_DROP_LOOKUP: the lookup function of the switch said so
 * @NM_DROP_VOIDED: the sender stalled or died between reserving and committing;
 *      of packets of several slots each slot counts
 * @NM_DROP_VNET: bad virtio-net header
 * @NM_DROP_REGION: the memory of the receiver cannot be reached
 * @NM_DROP_NO_MEM: no memory for a copy
 * @NM_DROP_REASON_LAST: number of reasons known
 */
enum nm_drop {
	NM_DROP_NO_ROOM = 0,
	NM_DROP_NO_PORT,
	NM_DROP_SHORT,
	NM_DROP_TOO_LONG,
	NM_DROP_FRAGS,
	NM_DROP_BAD_SLOT,
	NM_DROP_INDIRECT,
	NM_DROP_RX_OFF,
	NM_DROP_LOOKUP,
	NM_DROP_VOIDED,
	NM_DROP_VNET,
	NM_DROP_REGION,
	NM_DROP_NO_MEM,
	NM_DROP_REASON_LAST
};

#define NM_DROP_REASONS	32	/* room for reasons in nmreq_counters */

/**
 * nm_drop_name - short lower-case name of a reason
 * @reason: enum nm_drop
 *
 * Return: a constant string; "unknown" when @reason is not in the list.
 */
static inline const char *nm_drop_name(unsigned int reason)
{
	static const char *const name[] = {
		"no-room", "no-port", "short", "too-long", "frags",
		"bad-slot", "indirect", "rx-off", "lookup", "voided",
		"vnet", "region", "no-mem",
	};

	NM_STATIC_ASSERT(sizeof(name) / sizeof(name[0]) == NM_DROP_REASON_LAST,
		"each reason has a name");
	return reason < NM_DROP_REASON_LAST ? name[reason] : "unknown";
}

/**
 * struct nmreq_counters - what has gone through one ring of a port
 * @nr_dir: in: 0 rx, 1 tx
 * @nr_ringid: in: ring among those of this direction, host rings last
 * @nr_pad: zero
 * @nr_packets: out: packets since the ring was created
 * @nr_bytes: out: their bytes
 * @nr_syncs: out: syncs of this ring
 * @nr_wakeups: out: times a waiting program was woken for this ring
 * @nr_drops: out: packets lost, by enum nm_drop
 * @nr_tx_rings: out: tx rings of the port, with host rings
 * @nr_rx_rings: out: rx rings of the port, with host rings
 * @nr_pad2: zero
 */
struct nmreq_counters {
	uint16_t nr_dir;
	uint16_t nr_ringid;
	uint32_t nr_pad;
	uint64_t nr_packets;
	uint64_t nr_bytes;
	uint64_t nr_syncs;
	uint64_t nr_wakeups;
	uint64_t nr_drops[NM_DROP_REASONS];
	uint16_t nr_tx_rings;
	uint16_t nr_rx_rings;
	uint16_t nr_pad2[2];
};

/* nmreq_port_status.nr_home: where the engine of this port runs */
#define NM_HOME_KERNEL		1
#define NM_HOME_USER		2

/* nmreq_port_status.nr_path: how packets come to the program */
#define NM_PATH_ISOLATED	1	/* the server copies; peers never meet */
#define NM_PATH_DIRECT		2	/* peers that trust each other copy */
#define NM_PATH_KERNEL		3	/* system calls */

/* nmreq_port_status.nr_class: what the port stands on */
#define NM_CLASS_VIRTUAL	1	/* switch port, pipe, null port */
#define NM_CLASS_NATIVE		2	/* a driver that knows netmap */
#define NM_CLASS_XDP		3	/* AF_XDP */
#define NM_CLASS_EMULATED	4	/* the ordinary stack of the OS */

/**
 * struct nmreq_port_status - what a port is, and who has it
 * @nr_home: out: NM_HOME_*
 * @nr_path: out: NM_PATH_*
 * @nr_class: out: NM_CLASS_*
 * @nr_n_holders: out: descriptors bound to the port
 * @nr_holders: out: process ids of the first 16, the rest 0
 * @nr_path_reason: out: why this path, a sentence
 * @nr_class_reason: out: why this class, a sentence
 * @nr_kind: out: "vale", "pipe", "null", "monitor", "hardware", ...
 */
struct nmreq_port_status {
	uint16_t nr_home;
	uint16_t nr_path;
	uint16_t nr_class;
	uint16_t nr_n_holders;
	uint32_t nr_holders[16];
	char nr_path_reason[96];
	char nr_class_reason[96];
	char nr_kind[16];
};

/*
 * nmreq_register.nr_flags: poll on this end of a pipe reports POLLHUP once
 * the other end has been closed.
 */
#define NR_PEER_HUP	(1ULL << 40)

/*
 * 10. The layout, checked
 */

NM_ASSERT_SIZE(netmap_slot, 16);
NM_ASSERT_AT(netmap_slot, len, 4);
NM_ASSERT_AT(netmap_slot, flags, 6);
NM_ASSERT_AT(netmap_slot, ptr, 8);

NM_ASSERT_SIZE(netmap_ring, 256);
NM_ASSERT_AT(netmap_ring, num_slots, 8);
NM_ASSERT_AT(netmap_ring, nr_buf_size, 12);
NM_ASSERT_AT(netmap_ring, ringid, 16);
NM_ASSERT_AT(netmap_ring, dir, 18);
NM_ASSERT_AT(netmap_ring, head, 20);
NM_ASSERT_AT(netmap_ring, cur, 24);
NM_ASSERT_AT(netmap_ring, tail, 28);
NM_ASSERT_AT(netmap_ring, flags, 32);
NM_ASSERT_AT(netmap_ring, ts, 40);
NM_ASSERT_AT(netmap_ring, offset_mask, 56);
NM_ASSERT_AT(netmap_ring, buf_align, 64);
NM_ASSERT_AT(netmap_ring, sem, 128);
NM_ASSERT_AT(netmap_ring, slot, 256);

NM_ASSERT_SIZE(netmap_if, 56);
NM_ASSERT_AT(netmap_if, ni_version, 16);
NM_ASSERT_AT(netmap_if, ni_tx_rings, 24);
NM_ASSERT_AT(netmap_if, ni_bufs_head, 32);
NM_ASSERT_AT(netmap_if, ni_host_tx_rings, 36);
NM_ASSERT_AT(netmap_if, ni_host_rx_rings, 40);
NM_ASSERT_AT(netmap_if, ring_ofs, 56);

NM_ASSERT_SIZE(nmreq_header, 88);
NM_ASSERT_AT(nmreq_header, nr_name, 8);
NM_ASSERT_AT(nmreq_header, nr_options, 72);
NM_ASSERT_AT(nmreq_header, nr_body, 80);
NM_ASSERT_SIZE(nmreq_option, 24);
NM_ASSERT_AT(nmreq_option, nro_reqtype, 8);
NM_ASSERT_AT(nmreq_option, nro_status, 12);
NM_ASSERT_AT(nmreq_option, nro_size, 16);

NM_ASSERT_SIZE64(nmreq_register, 56);
NM_ASSERT_AT(nmreq_register, nr_tx_slots, 16);
NM_ASSERT_AT(nmreq_register, nr_tx_rings, 24);
NM_ASSERT_AT(nmreq_register, nr_host_tx_rings, 28);
NM_ASSERT_AT(nmreq_register, nr_mem_id, 32);
NM_ASSERT_AT(nmreq_register, nr_ringid, 34);
NM_ASSERT_AT(nmreq_register, nr_mode, 36);
NM_ASSERT_AT(nmreq_register, nr_extra_bufs, 40);
NM_ASSERT_AT(nmreq_register, nr_flags, 48);

NM_ASSERT_SIZE(nmreq_port_info_get, 32);
NM_ASSERT_AT(nmreq_port_info_get, nr_mem_id, 24);
NM_ASSERT_SIZE64(nmreq_vale_attach, 64);
NM_ASSERT_AT(nmreq_vale_attach, port_index, 56);
NM_ASSERT_SIZE(nmreq_vale_detach, 8);
NM_ASSERT_SIZE(nmreq_vale_list, 8);
NM_ASSERT_AT(nmreq_vale_list, nr_port_idx, 4);
NM_ASSERT_SIZE(nmreq_port_hdr, 8);
NM_ASSERT_SIZE(nmreq_vale_newif, 16);
NM_ASSERT_AT(nmreq_vale_newif, nr_mem_id, 12);
NM_ASSERT_SIZE(nmreq_vale_polling, 16);
NM_ASSERT_AT(nmreq_vale_polling, nr_num_polling_cpus, 8);
NM_ASSERT_SIZE(nmreq_pools_info, 64);
NM_ASSERT_AT(nmreq_pools_info, nr_if_pool_offset, 16);
NM_ASSERT_AT(nmreq_pools_info, nr_ring_pool_offset, 32);
NM_ASSERT_AT(nmreq_pools_info, nr_buf_pool_offset, 48);
NM_ASSERT_AT(nmreq_pools_info, nr_buf_pool_objsize, 60);
NM_ASSERT_SIZE(nmreq_sync_kloop_start, 8);

NM_ASSERT_SIZE(nmreq_opt_extmem, 96);
NM_ASSERT_AT(nmreq_opt_extmem, nro_usrptr, 24);
NM_ASSERT_AT(nmreq_opt_extmem, nro_info, 32);
NM_ASSERT_SIZE(nmreq_opt_csb, 40);
NM_ASSERT_AT(nmreq_opt_csb, csb_ktoa, 32);
NM_ASSERT_SIZE(nmreq_opt_offsets, 56);
NM_ASSERT_AT(nmreq_opt_offsets, nro_offset_bits, 40);
NM_ASSERT_AT(nmreq_opt_offsets, nro_min_gap, 48);
NM_ASSERT_SIZE(nmreq_opt_sync_kloop_eventfds, 24);
NM_ASSERT_AT(nmreq_opt_sync_kloop_eventfds, eventfds, 24);
NM_ASSERT_SIZE64(nmreq_opt_sync_kloop_mode, 32);
NM_ASSERT_AT(nmreq_opt_sync_kloop_mode, mode, 24);

NM_ASSERT_SIZE(nm_csb_atok, 64);
NM_ASSERT_AT(nm_csb_atok, sync_flags, 12);
NM_ASSERT_SIZE(nm_csb_ktoa, 64);
NM_ASSERT_AT(nm_csb_ktoa, kern_need_kick, 8);

NM_ASSERT_SIZE(nmreq_opt_error, 256);
NM_ASSERT_SIZE(nmreq_counters, 304);
NM_ASSERT_AT(nmreq_counters, nr_drops, 40);
NM_ASSERT_AT(nmreq_counters, nr_tx_rings, 296);
NM_ASSERT_SIZE(nmreq_port_status, 280);
NM_ASSERT_AT(nmreq_port_status, nr_path_reason, 72);
NM_ASSERT_AT(nmreq_port_status, nr_kind, 264);

#endif /* _NET_NETMAP_H_ */
