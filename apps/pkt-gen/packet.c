/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packet: the packet that a sender repeats.
 *
 * packet_build() writes the layers from the inside of the buffer out: payload,
 * UDP, IP, tags, Ethernet; the checksums come last.  The sums of all beginnings
 * of the payload are kept, so that the checksum of a shorter packet is one
 * subtraction away.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "apps/pkt-gen/checksum.h"
#include "apps/pkt-gen/packet.h"

#define ETH_LEN		14
#define TAG_LEN		4
#define IP4_LEN		20
#define IP6_LEN		40
#define UDP_LEN		8

#define TYPE_IP4	0x0800
#define TYPE_IP6	0x86dd
#define TYPE_TAG	0x8100
#define TYPE_OUTER_TAG	0x88a8

/* Offsets inside the headers. */
#define IP4_TOTAL	2
#define IP4_CSUM	10
#define IP4_SRC		12
#define IP4_DST		16
#define IP6_PAYLEN	4
#define IP6_SRC		8
#define IP6_DST		24
#define UDP_SRC		0
#define UDP_DST		2
#define UDP_TOTAL	4
#define UDP_CSUM	6

#define TOS_LOW_DELAY	0x10
#define DONT_FRAGMENT	0x4000
#define HOP_LIMIT	64

static const char payload_text[] =
	"netmap packet generator test traffic, made to be dropped. ";

static int spec_family(const struct packet_spec *spec)
{
	return spec->flow->src.family;
}

unsigned int packet_overhead(const struct packet_spec *spec)
{
	return ETH_LEN + spec->n_tags * TAG_LEN + UDP_LEN +
		(spec_family(spec) == AF_INET ? IP4_LEN : IP6_LEN);
}

/* Text over and over, a blank beginning, and 0 as last byte. */
static void write_payload(uint8_t *payload, unsigned int len,
		unsigned int blank)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		payload[i] = (uint8_t)payload_text[i %
			(sizeof(payload_text) - 1)];
	if (len)
		payload[len - 1] = 0;
	memset(payload, 0, blank < len ? blank : len);
}

static int sum_payload(struct packet *p, unsigned int len)
{
	unsigned int words = (len + 1) / 2, i;
	const uint8_t *payload = p->data + p->payload;
	uint32_t sum = 0;

	p->prefix_sum = calloc(words + 1, sizeof(*p->prefix_sum));
	if (!p->prefix_sum)
		return -ENOMEM;
	for (i = 0; i < words; i++) {
		sum = csum_fold(csum_add(sum, payload + 2 * i,
					2 * i + 1 < len ? 2 : 1));
		p->prefix_sum[i + 1] = (uint16_t)sum;
	}
	return 0;
}

/* Checksum of the first len bytes of the payload. */
static uint32_t payload_sum(const struct packet *p, unsigned int len)
{
	uint32_t sum = p->prefix_sum[len / 2];

	return len & 1 ? sum + (uint32_t)(p->data[p->payload + len - 1] << 8) :
		sum;
}

static void write_ethernet(struct packet *p, const struct packet_spec *spec)
{
	uint8_t *q = p->data + p->vnet;
	unsigned int i;

	mac_to_bytes(p->now.dst_mac, q);
	mac_to_bytes(p->now.src_mac, q + 6);
	q += 12;
	for (i = 0; i < spec->n_tags; i++, q += TAG_LEN) {
		put_be16(q, i + 1 < spec->n_tags ? TYPE_OUTER_TAG : TYPE_TAG);
		put_be16(q + 2, spec->tag[i]);
	}
	put_be16(q, p->family == AF_INET ? TYPE_IP4 : TYPE_IP6);
}

static void write_ip4(struct packet *p, unsigned int udp_len)
{
	uint8_t *ip = p->data + p->l3;

	ip[0] = 0x45;
	ip[1] = TOS_LOW_DELAY;
	put_be16(ip + IP4_TOTAL, (uint16_t)(IP4_LEN + udp_len));
	put_be16(ip + 6, DONT_FRAGMENT);
	ip[8] = HOP_LIMIT;
	ip[9] = IPPROTO_UDP;
	put_be32(ip + IP4_SRC, p->now.src_addr);
	put_be32(ip + IP4_DST, p->now.dst_addr);
	put_be16(ip + IP4_CSUM, (uint16_t)~csum_fold(csum_add(0, ip, IP4_LEN)));
}

static void write_ip6_addr(uint8_t *to, const struct addr_range *r,
		uint32_t value)
{
	memcpy(to, r->base, 16);
	put_be16(to + 2 * r->group, (uint16_t)value);
}

static void write_ip6(struct packet *p, const struct flow_spec *flow,
		unsigned int udp_len)
{
	uint8_t *ip = p->data + p->l3;

	ip[0] = 0x60;
	put_be16(ip + IP6_PAYLEN, (uint16_t)udp_len);
	ip[6] = IPPROTO_UDP;
	ip[7] = HOP_LIMIT;
	write_ip6_addr(ip + IP6_SRC, &flow->src, p->now.src_addr);
	write_ip6_addr(ip + IP6_DST, &flow->dst, p->now.dst_addr);
}

/* Needs the IP header, for the pseudo header. */
static void write_udp(struct packet *p, unsigned int udp_len)
{
	const uint8_t *ip = p->data + p->l3;
	uint8_t *udp = p->data + p->l4;
	uint32_t sum;

	put_be16(udp + UDP_SRC, p->now.src_port);
	put_be16(udp + UDP_DST, p->now.dst_port);
	put_be16(udp + UDP_TOTAL, (uint16_t)udp_len);
	if (p->family == AF_INET)
		sum = csum_add(0, ip + IP4_SRC, 8);
	else
		sum = csum_add(0, ip + IP6_SRC, 32);
	sum += IPPROTO_UDP + udp_len;
	sum = csum_add(sum, udp, UDP_LEN);
	sum += payload_sum(p, udp_len - UDP_LEN);
	put_be16(udp + UDP_CSUM, csum_udp((uint16_t)~csum_fold(sum)));
}

int packet_build(struct packet *p, const struct packet_spec *spec)
{
	unsigned int overhead = packet_overhead(spec);
	unsigned int room = spec->size > overhead ? spec->size : overhead;
	unsigned int payload_len = room - overhead;

	memset(p, 0, sizeof(*p));
	p->family = spec_family(spec);
	p->vnet = spec->vnet;
	p->len = spec->vnet + spec->size;
	p->payload = spec->vnet + overhead;
	p->l4 = p->payload - UDP_LEN;
	p->l3 = p->l4 - (p->family == AF_INET ? IP4_LEN : IP6_LEN);
	flow_reset(&p->now, spec->flow);
	p->data = calloc(1, spec->vnet + room);
	if (!p->data)
		return -ENOMEM;
	write_payload(p->data + p->payload, payload_len, spec->blank);
	if (sum_payload(p, payload_len)) {
		packet_free(p);
		return -ENOMEM;
	}
	if (p->family == AF_INET)
		write_ip4(p, UDP_LEN + payload_len);
	else
		write_ip6(p, spec->flow, UDP_LEN + payload_len);
	write_udp(p, UDP_LEN + payload_len);
	write_ethernet(p, spec);
	return 0;
}

int packet_verbatim(struct packet *p, const void *frame, unsigned int size,
		unsigned int vnet)
{
	memset(p, 0, sizeof(*p));
	p->data = calloc(1, vnet + size);
	if (!p->data)
		return -ENOMEM;
	memcpy(p->data + vnet, frame, size);
	p->vnet = vnet;
	p->len = vnet + size;
	return 0;
}

void packet_free(struct packet *p)
{
	free(p->data);
	free(p->prefix_sum);
	p->data = NULL;
	p->prefix_sum = NULL;
}

/* Change n bytes (even) under a checksum field; both are 16-bit aligned. */
static uint16_t replace(uint8_t *at, const uint8_t *with, unsigned int n,
		uint16_t field)
{
	field = csum_change(field, csum_add(0, at, n), csum_add(0, with, n));
	memcpy(at, with, n);
	return field;
}

static void set_port(struct packet *p, unsigned int at, uint16_t port)
{
	uint8_t *udp = p->data + p->l4;
	uint8_t with[2];

	put_be16(with, port);
	put_be16(udp + UDP_CSUM, csum_udp(replace(udp + at, with, 2,
					get_be16(udp + UDP_CSUM))));
}

static void set_addr4(struct packet *p, unsigned int at, uint32_t addr)
{
	uint8_t *ip = p->data + p->l3, *udp = p->data + p->l4;
	uint32_t before = csum_add(0, ip + at, 4);
	uint32_t after = (addr >> 16) + (addr & 0xffff);

	put_be32(ip + at, addr);
	put_be16(ip + IP4_CSUM, csum_change(get_be16(ip + IP4_CSUM), before,
				after));
	put_be16(udp + UDP_CSUM, csum_udp(csum_change(get_be16(udp + UDP_CSUM),
					before, after)));
}

static void set_addr6(struct packet *p, unsigned int at, unsigned int group,
		uint32_t value)
{
	uint8_t *udp = p->data + p->l4;
	uint8_t with[2];

	put_be16(with, (uint16_t)value);
	put_be16(udp + UDP_CSUM, csum_udp(replace(p->data + p->l3 + at +
					2 * group, with, 2,
					get_be16(udp + UDP_CSUM))));
}

static void set_src_addr(struct packet *p, const struct flow_spec *spec,
		uint32_t addr)
{
	if (p->family == AF_INET)
		set_addr4(p, IP4_SRC, addr);
	else
		set_addr6(p, IP6_SRC, spec->src.group, addr);
}

static void set_dst_addr(struct packet *p, const struct flow_spec *spec,
		uint32_t addr)
{
	if (p->family == AF_INET)
		set_addr4(p, IP4_DST, addr);
	else
		set_addr6(p, IP6_DST, spec->dst.group, addr);
}

void packet_set_flow(struct packet *p, const struct flow_spec *spec,
		const struct flow *f)
{
	if (f->src_port != p->now.src_port)
		set_port(p, UDP_SRC, f->src_port);
	if (f->src_addr != p->now.src_addr)
		set_src_addr(p, spec, f->src_addr);
	if (f->dst_port != p->now.dst_port)
		set_port(p, UDP_DST, f->dst_port);
	if (f->dst_addr != p->now.dst_addr)
		set_dst_addr(p, spec, f->dst_addr);
	if (f->src_mac != p->now.src_mac)
		mac_to_bytes(f->src_mac, p->data + p->vnet + 6);
	if (f->dst_mac != p->now.dst_mac)
		mac_to_bytes(f->dst_mac, p->data + p->vnet);
	p->now = *f;
}

void packet_shorten(const struct packet *p, uint8_t *copy, unsigned int len)
{
	uint8_t *ip = copy + p->l3, *udp = copy + p->l4;
	unsigned int udp_old, udp_new;
	uint32_t before, after;

	if (!p->family || len < p->payload || len == p->len)
		return;
	udp_old = p->len - p->l4;
	udp_new = len - p->l4;
	if (p->family == AF_INET) {
		uint16_t total = get_be16(ip + IP4_TOTAL);
		uint16_t shorter = (uint16_t)(total - (udp_old - udp_new));

		put_be16(ip + IP4_TOTAL, shorter);
		put_be16(ip + IP4_CSUM, csum_change(get_be16(ip + IP4_CSUM),
					total, shorter));
	} else {
		put_be16(ip + IP6_PAYLEN, (uint16_t)udp_new);
	}
	/* the length counts twice: in the header and in the pseudo header */
	before = 2 * udp_old + payload_sum(p, udp_old - UDP_LEN);
	after = 2 * udp_new + payload_sum(p, udp_new - UDP_LEN);
	put_be16(udp + UDP_TOTAL, (uint16_t)udp_new);
	put_be16(udp + UDP_CSUM, csum_udp(csum_change(get_be16(udp + UDP_CSUM),
					before, after)));
}

void packet_put(const struct packet *p, uint8_t *copy, const void *bytes,
		unsigned int n)
{
	uint8_t *udp = copy + p->l4;

	memcpy(copy + p->payload, bytes, n);
	put_be16(udp + UDP_CSUM, csum_udp(csum_change(get_be16(udp + UDP_CSUM),
					0, csum_add(0, bytes, n))));
}

static void swap_bytes(uint8_t *a, uint8_t *b, unsigned int n)
{
	uint8_t t[16];

	memcpy(t, a, n);
	memcpy(a, b, n);
	memcpy(b, t, n);
}

/* Offset of the IP header behind up to two tags; 0 if it is not IP. */
static unsigned int find_ip(const uint8_t *frame, unsigned int len,
		uint16_t *type)
{
	unsigned int at = 12, tags = 0;

	if (len < ETH_LEN)
		return 0;
	*type = get_be16(frame + at);
	while ((*type == TYPE_TAG || *type == TYPE_OUTER_TAG) &&
	       tags++ < PACKET_MAX_TAGS && at + TAG_LEN + 2 <= len) {
		at += TAG_LEN;
		*type = get_be16(frame + at);
	}
	at += 2;
	if (*type == TYPE_IP4 && len >= at + IP4_LEN)
		return at;
	return *type == TYPE_IP6 && len >= at + IP6_LEN ? at : 0;
}

unsigned int packet_find_payload(const uint8_t *frame, unsigned int len,
		unsigned int need)
{
	uint16_t type;
	unsigned int at = find_ip(frame, len, &type), l4;

	if (!at)
		return 0;
	l4 = type == TYPE_IP4 ? at + (frame[at] & 0xf) * 4U : at + IP6_LEN;
	if (frame[at + (type == TYPE_IP4 ? 9 : 6)] != IPPROTO_UDP ||
	    len < l4 + UDP_LEN + need)
		return 0;
	return l4 + UDP_LEN;
}

void packet_reflect(uint8_t *frame, unsigned int len)
{
	uint16_t type;
	unsigned int at = find_ip(frame, len, &type);

	if (len >= ETH_LEN)
		swap_bytes(frame, frame + 6, 6);
	if (at && type == TYPE_IP4)
		swap_bytes(frame + at + IP4_SRC, frame + at + IP4_DST, 4);
	else if (at)
		swap_bytes(frame + at + IP6_SRC, frame + at + IP6_DST, 16);
}
