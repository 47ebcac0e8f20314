/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * netmap_virt.h: registers of the two PCI devices with which a hypervisor
 * gives netmap ports to a guest.
 *
 * The memory device shows a whole region of the host in a BAR; the network
 * device is one port in it.  A guest pairs them by the region number.  All
 * registers are 32 bits wide and live in BAR PTNETMAP_IO_PCI_BAR; wider
 * values are split into a high and a low half.  Names that end in _BAH / _BAL
 * are such halves of an address: the high one is written first, writing the
 * low one takes effect, and zero withdraws.
 *
 * The guest starts the loop of the host by writing PTNETMAP_PTCTL_CREATE to
 * PTNET_IO_PTCTL and reading it back: 0 means success.  From then on head,
 * cur and tail travel in the two arrays of struct nm_csb_atok (guest to host)
 * and struct nm_csb_ktoa (host to guest), one page each.
 */
#ifndef _NET_NETMAP_VIRT_H_
#define _NET_NETMAP_VIRT_H_

/* PCI identity */
#define PTNETMAP_PCI_VENDOR_ID	0x1b36
#define PTNETMAP_PCI_DEVICE_ID	0x000c	/* memory device */
#define PTNETMAP_PCI_NETIF_ID	0x000d	/* network device */
#define PTNETMAP_MEMDEV_NAME	"ptnetmap-memdev"

#define PTNETMAP_IO_PCI_BAR	0	/* registers */
#define PTNETMAP_MEM_PCI_BAR	1	/* the region */
#define PTNETMAP_MSIX_PCI_BAR	2	/* interrupts */

/* Memory device: registers, all to be read only */
#define PTNET_MDEV_IO_MEMSIZE_LO	0	/* bytes of the region */
#define PTNET_MDEV_IO_MEMSIZE_HI	4
#define PTNET_MDEV_IO_MEMID		8	/* its number on the host */
/* Each pool: offset in bytes, number of objects, bytes of an object */
#define PTNET_MDEV_IO_IF_POOL_OFS	64
#define PTNET_MDEV_IO_IF_POOL_OBJNUM	68
#define PTNET_MDEV_IO_IF_POOL_OBJSZ	72
#define PTNET_MDEV_IO_RING_POOL_OFS	76
#define PTNET_MDEV_IO_RING_POOL_OBJNUM	80
#define PTNET_MDEV_IO_RING_POOL_OBJSZ	84
#define PTNET_MDEV_IO_BUF_POOL_OFS	88
#define PTNET_MDEV_IO_BUF_POOL_OBJNUM	92
#define PTNET_MDEV_IO_BUF_POOL_OBJSZ	96
#define PTNET_MDEV_IO_END		100

/* Network device: features the guest asks for in PTNET_IO_PTFEAT */
#define PTNETMAP_F_VNET_HDR	1	/* packets have a virtio-net header */

/* Network device: registers */
#define PTNET_IO_PTFEAT		0	/* write wish, read what is granted */
#define PTNET_IO_PTCTL		4	/* write command, read its result */
#define PTNET_IO_MAC_LO		8	/* bytes 2 to 5, 2 in the high bits */
#define PTNET_IO_MAC_HI		12	/* bytes 0 and 1 in bits 15 to 0 */
#define PTNET_IO_CSBBAH		16	/* superseded by the four below */
#define PTNET_IO_CSBBAL		20
#define PTNET_IO_NIFP_OFS	24	/* netmap_if, bytes into the region */
#define PTNET_IO_NUM_TX_RINGS	28
#define PTNET_IO_NUM_RX_RINGS	32
#define PTNET_IO_NUM_TX_SLOTS	36
#define PTNET_IO_NUM_RX_SLOTS	40
#define PTNET_IO_VNET_HDR_LEN	44	/* write wish, read what is granted */
#define PTNET_IO_HOSTMEMID	48	/* as PTNET_MDEV_IO_MEMID */
#define PTNET_IO_CSB_GH_BAH	52	/* struct nm_csb_atok array */
#define PTNET_IO_CSB_GH_BAL	56
#define PTNET_IO_CSB_HG_BAH	60	/* struct nm_csb_ktoa array */
#define PTNET_IO_CSB_HG_BAL	64
#define PTNET_IO_END		68
#define PTNET_IO_KICK_BASE	128	/* 4 bytes per ring, tx rings first:
					 * any write wakes the host */
#define PTNET_IO_MASK		0xff

/* Network device: commands for PTNET_IO_PTCTL */
#define PTNETMAP_PTCTL_CREATE	1	/* start serving the rings */
#define PTNETMAP_PTCTL_DELETE	2	/* stop */

#endif /* _NET_NETMAP_VIRT_H_ */
