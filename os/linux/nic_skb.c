/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Packets of the network stack and frames of rings, one made from the other.
 *
 * A program expects frames as they are on the wire.  The stack and drivers put
 * off what later hardware could do: cutting large packets into frames,
 * checksums, VLAN tags.  All of it is done here, in software, so nobody has to
 * turn off features of an interface.
 */
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "os/linux/actor.h"
#include "os/linux/compat.h"
#include "os/linux/nic.h"

#define TAG_OFS		(2 * ETH_ALEN)	/* where a VLAN tag goes */

/* A packet as a frame: its bytes, with the tag that lies beside it. */
struct skb_feed {
	struct nm_feed f;
	const struct sk_buff *skb;
};

/* Bytes [ofs, end) as far as they lie in [from, to), which is at @src. */
static void copy_part(void *dst, u32 ofs, u32 end, const void *src, u32 from,
		      u32 to)
{
	u32 a = max(ofs, from), b = min(end, to);

	if (a < b)
		memcpy(dst + (a - ofs), src + (a - from), b - a);
}

static int copy_tagged(const struct sk_buff *skb, u32 ofs, void *dst, u32 len)
{
	__be16 tag[2] = { skb->vlan_proto, htons(skb_vlan_tag_get(skb)) };
	u32 end = ofs + len, rest = TAG_OFS + VLAN_HLEN, from;

	copy_part(dst, ofs, end, skb->data, 0, TAG_OFS);
	copy_part(dst, ofs, end, tag, TAG_OFS, rest);
	if (end <= rest)
		return 0;
	from = max(ofs, rest);
	return skb_copy_bits(skb, from - VLAN_HLEN, dst + (from - ofs),
			     end - from);
}

static int skb_feed_copy(const struct nm_feed *f, uint32_t ofs, void *dst,
			 uint32_t len)
{
	const struct sk_buff *skb = container_of(f, struct skb_feed, f)->skb;

	if (skb_vlan_tag_present(skb))
		return copy_tagged(skb, ofs, dst, len);
	return skb_copy_bits(skb, ofs, dst, len);
}

/* One frame; true if it was dropped, and counted. */
static bool put_frame(struct sk_buff *skb, u32 ring)
{
	struct nm_plane *pl = nm_dev_plane();
	struct skb_feed sf = {
		.f = {
			.len = skb->len,
			.copy = skb_feed_copy,
		},
		.skb = skb,
	};

	if (skb_vlan_tag_present(skb)) {
		/* the tag goes between addresses that are in one piece */
		if (!pskb_may_pull(skb, ETH_HLEN)) {
			nm_drop(nm_pring_at(pl, ring), NM_DROP_SHORT, 1);
			return true;
		}
		sf.f.len += VLAN_HLEN;
	}
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_csum_hwoffload_help(skb, 0)) {
		nm_drop(nm_pring_at(pl, ring), NM_DROP_NO_MEM, 1);
		return true;
	}
	switch (nm_feed_put(pl, ring, &sf.f)) {
	case 0:
		return false;
	case -ENODEV:	/* it stopped a moment ago */
		nm_drop(nm_pring_at(pl, ring), NM_DROP_RX_OFF, 1);
		return true;
	default:
		return true;
	}
}

/* A large packet, as the frames it stands for. */
static void put_segments(struct sk_buff *skb, u32 ring, u32 *dropped)
{
	struct sk_buff *segs = skb_gso_segment(skb, 0), *seg, *next;

	if (IS_ERR_OR_NULL(segs)) {
		nm_drop(nm_pring_at(nm_dev_plane(), ring), NM_DROP_NO_MEM, 1);
		++*dropped;
		return;
	}
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		*dropped += put_frame(seg, ring);
		consume_skb(seg);
	}
}

bool nm_nic_skb_put(struct sk_buff *skb, u32 ring, u32 *dropped)
{
	struct nm_kactor *ka;

	if (!nm_feed_is_open(nm_dev_plane(), ring))
		return false;
	ka = nm_soft_actor_get();
	if (!ka) {
		nm_drop(nm_pring_at(nm_dev_plane(), ring), NM_DROP_RX_OFF, 1);
		++*dropped;
		kfree_skb(skb);
		return true;
	}
	/* what hardware has merged (LRO) cannot be cut: it is one long frame */
	if (skb_is_gso(skb) && skb_shinfo(skb)->gso_type)
		put_segments(skb, ring, dropped);
	else
		*dropped += put_frame(skb, ring);
	nm_ring_notify(nm_dev_plane(), &ka->a, ring);
	nm_soft_actor_put(ka);
	consume_skb(skb);
	return true;
}

struct sk_buff *nm_nic_skb_new(struct net_device *dev,
			       const struct nm_frames *f, u32 i)
{
	const struct nm_out *o = &f->frame[i];
	struct sk_buff *skb;
	u32 k;

	skb = alloc_skb(LL_RESERVED_SPACE(dev) + o->len + dev->needed_tailroom,
			GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, LL_RESERVED_SPACE(dev));
	for (k = o->first; k < o->first + o->n; k++)
		skb_put_data(skb, f->piece[k].buf, f->piece[k].len);
	skb->dev = dev;
	return skb;
}
