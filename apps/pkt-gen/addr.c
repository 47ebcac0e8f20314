/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * addr: ranges of addresses, and walking through them.
 *
 * A range is split at the first '-'; each end is split into group, address and
 * port by the grammar of its family, and the two ends are put together.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apps/pkt-gen/addr.h"

/* One end of a range, taken apart. */
struct addr_end {
	uint8_t addr[16];	/* network order; IPv4 uses the first 4 */
	int group;		/* -1: not given */
	int port;		/* -1: not given */
};

static int parse_port(const char *s, int *port)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	value = strtoul(s, &end, 0);
	if (*end || errno || value > 65535)
		return -EINVAL;
	*port = (int)value;
	return 0;
}

static const char *parse_end_v4(char *s, struct addr_end *e)
{
	char *colon = strchr(s, ':');

	if (colon) {
		*colon = '\0';
		if (parse_port(colon + 1, &e->port))
			return "the UDP port must be 0 to 65535";
	}
	if (inet_pton(AF_INET, s, e->addr) != 1)
		return "not an IPv4 address (A.B.C.D)";
	return NULL;
}

static const char *parse_end_v6(char *s, struct addr_end *e)
{
	if (s[0] >= '0' && s[0] <= '9' && s[1] == '@') {
		e->group = s[0] - '0';
		if (e->group > 7)
			return "the group before '@' must be 0 to 7";
		s += 2;
	}
	if (*s == '[') {
		char *close = strchr(++s, ']');

		if (!close || (close[1] && close[1] != ':'))
			return "']' or ']:port' expected after '['";
		if (close[1] && parse_port(close + 2, &e->port))
			return "the UDP port must be 0 to 65535";
		*close = '\0';
	}
	if (inet_pton(AF_INET6, s, e->addr) != 1)
		return "not an IPv6 address";
	return NULL;
}

static void order32(uint32_t *low, uint32_t *high)
{
	if (*low > *high) {
		uint32_t t = *low;

		*low = *high;
		*high = t;
	}
}

static uint32_t be32_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		(uint32_t)p[2] << 8 | p[3];
}

/* Addresses of both ends into the range; they may only differ in one group. */
static const char *join_v6(const struct addr_end *a, const struct addr_end *b,
		struct addr_range *r)
{
	unsigned int g;
	int i;

	if (a->group >= 0 && b->group >= 0 && a->group != b->group)
		return "the two ends vary different groups";
	g = a->group >= 0 ? (unsigned int)a->group :
		b->group >= 0 ? (unsigned int)b->group : 7;
	for (i = 0; i < 16; i++)
		if (i / 2 != (int)g && a->addr[i] != b->addr[i])
			return "the two ends may only differ in one group "
				"(G@ in front chooses it)";
	memcpy(r->base, a->addr, 16);
	r->group = g;
	r->first = (uint32_t)(a->addr[2 * g] << 8 | a->addr[2 * g + 1]);
	r->last = (uint32_t)(b->addr[2 * g] << 8 | b->addr[2 * g + 1]);
	return NULL;
}

static const char *join_ends(const struct addr_end *a,
		const struct addr_end *b, int family, struct addr_range *out)
{
	struct addr_range r = { .family = family };
	uint32_t port_a, port_b;
	const char *why = NULL;

	if (family == AF_INET) {
		r.first = be32_at(a->addr);
		r.last = be32_at(b->addr);
	} else {
		why = join_v6(a, b, &r);
	}
	if (why)
		return why;
	order32(&r.first, &r.last);
	port_a = a->port >= 0 ? (uint32_t)a->port : ADDR_DEFAULT_PORT;
	port_b = b->port >= 0 ? (uint32_t)b->port : port_a;
	order32(&port_a, &port_b);
	r.port_first = (uint16_t)port_a;
	r.port_last = (uint16_t)port_b;
	*out = r;
	return NULL;
}

static const char *parse_range(char *s, int family, struct addr_range *r)
{
	const char *(*parse_end)(char *, struct addr_end *) =
		family == AF_INET ? parse_end_v4 : parse_end_v6;
	struct addr_end a = { .group = -1, .port = -1 };
	struct addr_end b = { .group = -1, .port = -1 };
	char *dash = strchr(s, '-');
	const char *why;

	if (dash)
		*dash = '\0';
	why = parse_end(s, &a);
	if (why)
		return why;
	if (!dash)
		b = a;
	else
		why = parse_end(dash + 1, &b);
	return why ? why : join_ends(&a, &b, family, r);
}

int addr_parse(const char *s, int family, struct addr_range *r,
		const char **why)
{
	char copy[128];

	if (strlen(s) >= sizeof(copy)) {
		*why = "too long";
		return -EINVAL;
	}
	strcpy(copy, s);
	*why = parse_range(copy, family, r);
	return *why ? -EINVAL : 0;
}

char *addr_format(const struct addr_range *r, uint32_t value, char *buf)
{
	uint8_t raw[16];

	if (r->family == AF_INET) {
		uint32_t be = htonl(value);

		memcpy(raw, &be, 4);
	} else {
		memcpy(raw, r->base, 16);
		raw[2 * r->group] = (uint8_t)(value >> 8);
		raw[2 * r->group + 1] = (uint8_t)value;
	}
	inet_ntop(r->family, raw, buf, ADDR_TEXT_LEN);
	return buf;
}

/* Six bytes in hex; *ps is moved past them. */
static int parse_one_mac(const char **ps, uint64_t *mac)
{
	const char *s = *ps;
	uint64_t value = 0;
	int i;

	for (i = 0; i < 6; i++) {
		char digits[3] = { 0 };
		int n = 0;

		while (n < 2 && isxdigit((unsigned char)s[n])) {
			digits[n] = s[n];
			n++;
		}
		if (!n)
			return -EINVAL;
		value = value << 8 | strtoul(digits, NULL, 16);
		s += n;
		if (i < 5 && *s++ != ':')
			return -EINVAL;
	}
	*ps = s;
	*mac = value;
	return 0;
}

int mac_parse(const char *s, struct mac_range *r)
{
	uint64_t first, last;

	if (parse_one_mac(&s, &first))
		return -EINVAL;
	last = first;
	if (*s == '-') {
		s++;
		if (parse_one_mac(&s, &last))
			return -EINVAL;
	}
	if (*s)
		return -EINVAL;
	r->first = first < last ? first : last;
	r->last = first < last ? last : first;
	return 0;
}

uint64_t mac_from_bytes(const uint8_t mac[6])
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < 6; i++)
		value = value << 8 | mac[i];
	return value;
}

void mac_to_bytes(uint64_t value, uint8_t mac[6])
{
	int i;

	for (i = 5; i >= 0; i--) {
		mac[i] = (uint8_t)value;
		value >>= 8;
	}
}

static bool range_is_single(const struct addr_range *r)
{
	return r->first == r->last && r->port_first == r->port_last;
}

bool flow_is_fixed(const struct flow_spec *spec)
{
	return range_is_single(&spec->src) && range_is_single(&spec->dst) &&
		spec->src_mac.first == spec->src_mac.last &&
		spec->dst_mac.first == spec->dst_mac.last;
}

void flow_reset(struct flow *f, const struct flow_spec *spec)
{
	f->src_port = spec->src.port_first;
	f->dst_port = spec->dst.port_first;
	f->src_addr = spec->src.first;
	f->dst_addr = spec->dst.first;
	f->src_mac = spec->src_mac.first;
	f->dst_mac = spec->dst_mac.first;
}

/* Turn one wheel; true when it came round and the next one has to turn. */
static bool turn16(uint16_t *wheel, uint16_t first, uint16_t last)
{
	bool round = *wheel == last;

	*wheel = round ? first : (uint16_t)(*wheel + 1);
	return round;
}

static bool turn32(uint32_t *wheel, uint32_t first, uint32_t last)
{
	bool round = *wheel == last;

	*wheel = round ? first : *wheel + 1;
	return round;
}

static bool turn_mac(uint64_t *wheel, const struct mac_range *r)
{
	bool round = *wheel == r->last;

	*wheel = round ? r->first : *wheel + 1;
	return round;
}

/* The port and then the address of one end; true when both came round. */
static bool turn_end(const struct addr_range *r, uint16_t *port,
		uint32_t *addr)
{
	return turn16(port, r->port_first, r->port_last) &&
		turn32(addr, r->first, r->last);
}

void flow_step(struct flow *f, const struct flow_spec *spec,
		unsigned int random_ends)
{
	if (!(random_ends & FLOW_RANDOM_SRC) &&
	    !turn_end(&spec->src, &f->src_port, &f->src_addr))
		return;
	if (!(random_ends & FLOW_RANDOM_DST) &&
	    !turn_end(&spec->dst, &f->dst_port, &f->dst_addr))
		return;
	if (turn_mac(&f->src_mac, &spec->src_mac))
		turn_mac(&f->dst_mac, &spec->dst_mac);
}

/* first + a number below the size of the range, from 32 random bits */
static uint32_t pick(uint32_t first, uint32_t last, uint32_t random)
{
	uint64_t span = (uint64_t)last - first + 1;

	return first + (uint32_t)(random * span >> 32);
}

static void random_end(const struct addr_range *r, uint64_t random,
		uint32_t *addr, uint16_t *port)
{
	uint32_t addr_max = r->family == AF_INET ? UINT32_MAX : UINT16_MAX;
	uint32_t high = (uint32_t)(random >> 32), low = (uint32_t)random;

	if (range_is_single(r)) {
		*addr = high & addr_max;
		*port = (uint16_t)low;
		return;
	}
	*addr = pick(r->first, r->last, high);
	*port = (uint16_t)pick(r->port_first, r->port_last, low);
}

void flow_random(struct flow *f, const struct flow_spec *spec,
		unsigned int random_ends, uint64_t random)
{
	if (random_ends & FLOW_RANDOM_SRC)
		random_end(&spec->src, random, &f->src_addr, &f->src_port);
	/* the same bits, stirred, so that both ends are independent */
	random ^= random >> 29;
	random *= 0xbf58476d1ce4e5b9ULL;
	random ^= random >> 32;
	if (random_ends & FLOW_RANDOM_DST)
		random_end(&spec->dst, random, &f->dst_addr, &f->dst_port);
}
