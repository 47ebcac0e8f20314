/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * netmap_legacy.h: requests from before NIOCCTRL.
 *
 * One structure, struct nmreq, served for everything: bind a port (NIOCREGIF
 * with nr_cmd 0), look at a port (NIOCGINFO), and manage switches (NIOCREGIF
 * with another nr_cmd).  It is translated to today's requests where it enters
 * and still works; new programs use NIOCCTRL.  Comes with netmap.h.
 */

/* Alone it asks for netmap.h, which includes it at the right place. */
#ifndef _NET_NETMAP_H_
#include "netmap.h"
#endif

#ifndef _NET_NETMAP_LEGACY_H_
#define _NET_NETMAP_LEGACY_H_

/**
 * struct nmreq - the argument of NIOCGINFO and NIOCREGIF
 * @nr_name: in: name of the port, at most 15 characters
 * @nr_version: in: %NETMAP_API
 * @nr_offset: out: bytes to the netmap_if in the region
 * @nr_memsize: out: bytes of the region
 * @nr_tx_slots: in/out: slots of a tx ring
 * @nr_rx_slots: in/out: slots of an rx ring
 * @nr_tx_rings: in/out: tx rings
 * @nr_rx_rings: in/out: rx rings
 * @nr_ringid: in: number of a ring or pipe, with %NETMAP_NO_TX_POLL and
 *	%NETMAP_DO_RX_POLL; when nr_flags is 0 also %NETMAP_HW_RING and
 *	%NETMAP_SW_RING
 * @nr_cmd: in: 0 to bind, else NETMAP_BDG_* and the like
 * @nr_arg1: depends on @nr_cmd
 * @nr_arg2: in/out: number of the region
 * @nr_arg3: in/out: extra buffers
 * @nr_flags: in: NR_REG_* in the low four bits, NR_* flags above
 * @spare2: zero
 *
 * A region that needs more than 32 bits for @nr_offset or @nr_memsize cannot
 * be bound this way: EOVERFLOW.
 */
struct nmreq {
	char nr_name[NM_IFNAMSIZ];
	uint32_t nr_version;
	uint32_t nr_offset;
	uint32_t nr_memsize;
	uint32_t nr_tx_slots;
	uint32_t nr_rx_slots;
	uint16_t nr_tx_rings;
	uint16_t nr_rx_rings;
	uint16_t nr_ringid;
	uint16_t nr_cmd;
	uint16_t nr_arg1;
	uint16_t nr_arg2;
	uint32_t nr_arg3;
	uint32_t nr_flags;
	uint32_t spare2[1];
};

/* nmreq.nr_ringid */
#define NETMAP_HW_RING		0x4000	/* one pair of hardware rings */
#define NETMAP_SW_RING		0x2000	/* the host rings */
#define NETMAP_RING_MASK	0x0fff	/* number of the ring or pipe */
#define NETMAP_NO_TX_POLL	0x1000	/* see NR_NO_TX_POLL */
#define NETMAP_DO_RX_POLL	0x8000	/* see NR_DO_RX_POLL */

/* nmreq.nr_cmd */
#define NETMAP_BDG_ATTACH	1	/* interface into a switch */
#define NETMAP_BDG_DETACH	2	/* and out of it */
#define NETMAP_BDG_REGOPS	3	/* was for lookup modules */
#define NETMAP_BDG_LIST		4	/* find a port of a switch */
#define NETMAP_BDG_VNET_HDR	5	/* header length is nr_arg1 */
#define NETMAP_BDG_NEWIF	6	/* create a persistent port */
#define NETMAP_BDG_DELIF	7	/* destroy it */
#define NETMAP_PT_HOST_CREATE	8	/* was for virtual machines */
#define NETMAP_PT_HOST_DELETE	9	/* was for virtual machines */
#define NETMAP_BDG_POLLING_ON	10	/* threads that poll a port */
#define NETMAP_BDG_POLLING_OFF	11	/* stop them */
#define NETMAP_VNET_HDR_GET	12	/* header length into nr_arg1 */

#define NETMAP_BDG_HOST		1	/* nr_arg1 of ATTACH: host side too */

/* nmreq.nr_flags: the bits that hold NR_REG_* */
#define NR_REG_MASK		0xf

#define NM_IFRDATA_LEN		256	/* bytes of nm_ifreq.data */

/**
 * struct nm_ifreq - the argument of NIOCCONFIG
 * @nifr_name: name of a switch or of a port of it
 * @data: for the lookup module of the switch, as it likes
 */
struct nm_ifreq {
	char nifr_name[NM_IFNAMSIZ];
	char data[NM_IFRDATA_LEN];
};

NM_ASSERT_SIZE(nmreq, 60);
NM_ASSERT_AT(nmreq, nr_version, 16);
NM_ASSERT_AT(nmreq, nr_tx_rings, 36);
NM_ASSERT_AT(nmreq, nr_ringid, 40);
NM_ASSERT_AT(nmreq, nr_arg1, 44);
NM_ASSERT_AT(nmreq, nr_arg2, 46);
NM_ASSERT_AT(nmreq, nr_arg3, 48);
NM_ASSERT_AT(nmreq, nr_flags, 52);
NM_ASSERT_SIZE(nm_ifreq, 272);
NM_ASSERT_AT(nm_ifreq, data, 16);

#endif /* _NET_NETMAP_LEGACY_H_ */
