/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pkt-gen, the parts that need no port: address ranges and the odometer, the
 * packets with their checksums, size mixes, percentiles.
 *
 * Checksums are verified from scratch with a sum of this file's own, after
 * every kind of change that pkt-gen makes incrementally.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "apps/pkt-gen/addr.h"
#include "apps/pkt-gen/hist.h"
#include "apps/pkt-gen/packet.h"
#include "apps/pkt-gen/rng.h"
#include "apps/pkt-gen/sizes.h"
#include "apps/pkt-gen/stamp.h"
#include "tests/apps/check.h"

static const char *why;

static int v4(const char *s, struct addr_range *r)
{
	return addr_parse(s, AF_INET, r, &why);
}

static int v6(const char *s, struct addr_range *r)
{
	return addr_parse(s, AF_INET6, r, &why);
}

static void test_ipv4_ranges(void)
{
	struct addr_range r;

	expect(!v4("10.0.0.1", &r));
	expect(r.first == 0x0a000001 && r.last == r.first);
	expect(r.port_first == 1234 && r.port_last == 1234);
	expect(!v4("10.0.0.1:5000", &r));
	expect(r.port_first == 5000 && r.port_last == 5000);
	expect(!v4("10.0.0.1:5000-10.0.0.9:5010", &r));
	expect(r.last == 0x0a000009 && r.port_last == 5010);
	expect(!v4("10.0.0.1:7-10.0.0.9", &r));
	expect(r.port_first == 7 && r.port_last == 7);
	expect(!v4("10.0.0.9:0x20-10.0.0.1:010", &r));
	expect(r.first == 0x0a000001 && r.last == 0x0a000009);
	expect(r.port_first == 8 && r.port_last == 32);
}

static void test_ipv4_refused(void)
{
	static const char *const bad[] = {
		"", "10.0.0", "10.0.0.256", "10.0.0.1:", "10.0.0.1:65536",
		"10.0.0.1:-1", "10.0.0.1-", "10.0.0.1:5x", "2001:db8::1",
		"10.0.0.1 ", "10.0.0.1:1:2", "10.0.0.1:1e3",
	};
	struct addr_range r = { .first = 42 };
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why = NULL;
		expect(v4(bad[i], &r) == -EINVAL);
		expect(why && why[0]);
	}
	expect(r.first == 42);
}

static void test_ipv6_ranges(void)
{
	struct addr_range r;
	char text[ADDR_TEXT_LEN];

	expect(!v6("2001:db8::1", &r));
	expect(r.group == 7 && r.first == 1 && r.last == 1);
	expect(!v6("2001:db8::1-2001:db8::ff", &r));
	expect(r.first == 1 && r.last == 0xff);
	expect(!v6("3@2001:db8:0:5::1-2001:db8:0:9::1", &r));
	expect(r.group == 3 && r.first == 5 && r.last == 9);
	expect(!strcmp(addr_format(&r, 7, text), "2001:db8:0:7::1"));
	expect(!v6("0@[2001:db8::1]:53-[2002:db8::1]:54", &r));
	expect(r.first == 0x2001 && r.last == 0x2002);
	expect(r.port_first == 53 && r.port_last == 54);
	expect(!v6("[2001:db8::9]-2001:db8::1", &r));
	expect(r.first == 1 && r.last == 9);
}

static void test_ipv6_refused(void)
{
	struct addr_range r;

	expect(v6("10.0.0.1", &r) == -EINVAL);
	expect(v6("8@2001:db8::1", &r) == -EINVAL);
	expect(v6("[2001:db8::1", &r) == -EINVAL);
	expect(v6("[2001:db8::1]x", &r) == -EINVAL);
	expect(v6("[2001:db8::1]:", &r) == -EINVAL);
	expect(v6("2001:db8::1-2001:db9::2", &r) == -EINVAL);
	expect(v6("1@2001:db8::1-2@2001:db8::2", &r) == -EINVAL);
}

static void test_mac_ranges(void)
{
	struct mac_range r;
	uint8_t b[6];

	expect(!mac_parse("00:11:22:33:44:55", &r));
	expect(r.first == 0x001122334455ULL && r.last == r.first);
	expect(!mac_parse("2:0:0:0:0:1-2:0:0:0:0:ff", &r));
	expect(r.last - r.first == 0xfe);
	mac_to_bytes(r.last, b);
	expect(mac_from_bytes(b) == r.last && b[0] == 2 && b[5] == 0xff);
	expect(mac_parse("00:11:22:33:44", &r) == -EINVAL);
	expect(mac_parse("00:11:22:33:44:5g", &r) == -EINVAL);
	expect(mac_parse("00:11:22:33:44:555", &r) == -EINVAL);
	expect(mac_parse("", &r) == -EINVAL);
	expect(mac_parse("00:11:22:33:44:55-", &r) == -EINVAL);
}

static struct flow_spec flows(const char *src, const char *dst, int family)
{
	struct flow_spec f = { .src_mac = { 2, 2 }, .dst_mac = { 4, 4 } };

	expect(!addr_parse(src, family, &f.src, &why));
	expect(!addr_parse(dst, family, &f.dst, &why));
	return f;
}

/* Source port turns fastest, destination address slowest, then all again. */
static void test_odometer(void)
{
	struct flow_spec s = flows("10.0.0.1:5-10.0.0.2:6",
			"10.1.0.1:7-10.1.0.2:8", AF_INET);
	struct flow f;
	unsigned int i;

	expect(!flow_is_fixed(&s));
	flow_reset(&f, &s);
	for (i = 0; i < 40; i++) {
		expect(f.src_port == 5 + (i & 1));
		expect(f.src_addr == 0x0a000001 + (i >> 1 & 1));
		expect(f.dst_port == 7 + (i >> 2 & 1));
		expect(f.dst_addr == 0x0a010001 + (i >> 3 & 1));
		flow_step(&f, &s, 0);
	}
}

static void test_odometer_extremes(void)
{
	struct flow_spec s = flows("255.255.255.254:65534-"
			"255.255.255.255:65535", "10.1.0.1", AF_INET);
	struct flow f;
	unsigned int i;

	s.src_mac.last = 4;
	flow_reset(&f, &s);
	for (i = 0; i < 24; i++) {
		expect(f.src_port == 65534 + (i & 1));
		expect(f.src_addr == 0xfffffffe + (i >> 1 & 1));
		expect(f.src_mac == 2 + i / 4 % 3);
		flow_step(&f, &s, 0);
	}
	s = flows("10.0.0.1", "10.1.0.1", AF_INET);
	expect(flow_is_fixed(&s));
}

static void test_random_flows(void)
{
	struct flow_spec s = flows("10.0.0.5:10-10.0.0.8:12", "10.1.0.1",
			AF_INET);
	struct flow f;
	uint64_t rng = rng_seed(7);
	unsigned int i, seen = 0, other = 0;

	flow_reset(&f, &s);
	for (i = 0; i < 1000; i++) {
		flow_step(&f, &s, FLOW_RANDOM_SRC | FLOW_RANDOM_DST);
		flow_random(&f, &s, FLOW_RANDOM_SRC | FLOW_RANDOM_DST,
				rng_next(&rng));
		expect(f.src_addr >= 0x0a000005 && f.src_addr <= 0x0a000008);
		expect(f.src_port >= 10 && f.src_port <= 12);
		seen |= 1U << (f.src_addr - 0x0a000005) * 3 << (f.src_port - 10);
		other += f.dst_addr != 0x0a010001;
	}
	expect(seen == 0xfff);
	expect(other > 990);
}

/* The reference: sum over everything, nothing incremental. */
static uint16_t full_sum(uint32_t sum, const uint8_t *p, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static bool ip_sum_good(const uint8_t *ip)
{
	return full_sum(0, ip, 20) == 0xffff;
}

/* Headers consistent with len bytes of frame, and both checksums right. */
static bool frame_good(const uint8_t *f, unsigned int len, unsigned int l3,
		int family)
{
	unsigned int ip_len = family == AF_INET ? 20 : 40;
	const uint8_t *ip = f + l3, *udp = ip + ip_len;
	unsigned int udp_len = len - l3 - ip_len;
	uint32_t pseudo = 17 + udp_len;

	if ((unsigned int)(udp[4] << 8 | udp[5]) != udp_len)
		return false;
	if (udp[6] == 0 && udp[7] == 0)
		return false;
	if (family == AF_INET) {
		if ((unsigned int)(ip[2] << 8 | ip[3]) != len - l3 ||
		    !ip_sum_good(ip))
			return false;
		pseudo += full_sum(0, ip + 12, 8);
	} else {
		if ((unsigned int)(ip[4] << 8 | ip[5]) != udp_len)
			return false;
		pseudo += full_sum(0, ip + 8, 32);
	}
	return full_sum(pseudo, udp, udp_len) == 0xffff;
}

static void check_sizes_of(const struct flow_spec *flow, unsigned int least)
{
	static const unsigned int sizes[] = {
		0, 1, 2, 3, 17, 18, 1455, 1456, 9000, 65535 - 78, 65536 - 62,
	};
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct packet_spec spec = {
			.flow = flow,
			.size = least + sizes[i],
		};
		struct packet p;

		expect(packet_overhead(&spec) == least);
		expect(!packet_build(&p, &spec));
		expect(p.len == spec.size && p.payload == least);
		expect(frame_good(p.data, p.len, 14, flow->src.family));
		if (sizes[i])
			expect(p.data[p.len - 1] == 0);
		packet_free(&p);
	}
}

static void test_packets_ipv4(void)
{
	struct flow_spec f = flows("10.0.0.1:1-10.0.9.1:9", "10.1.0.1", AF_INET);
	struct packet_spec spec = { .flow = &f, .size = 60 };
	struct packet p;

	check_sizes_of(&f, 42);
	expect(!packet_build(&p, &spec));
	expect(p.data[14] == 0x45 && p.data[15] == 0x10);
	expect(p.data[18] == 0 && p.data[19] == 0);
	expect(p.data[20] == 0x40 && p.data[22] == 64 && p.data[23] == 17);
	packet_free(&p);
}

static void test_packets_ipv6(void)
{
	struct flow_spec f = flows("2001:db8::1", "2001:db8:1::1:77", AF_INET6);
	struct packet_spec spec = { .flow = &f, .size = 100 };
	struct packet p;

	check_sizes_of(&f, 62);
	expect(!packet_build(&p, &spec));
	expect(p.data[12] == 0x86 && p.data[13] == 0xdd && p.data[21] == 64);
	packet_free(&p);
}

static void test_packets_truncated(void)
{
	struct flow_spec f = flows("10.0.0.1", "10.1.0.1", AF_INET);
	struct packet_spec spec = { .flow = &f, .size = 16, .vnet = 12 };
	struct packet p;

	expect(!packet_build(&p, &spec));
	expect(p.len == 28);
	expect(p.data[12 + 12] == 8 && p.data[12 + 13] == 0);
	packet_free(&p);
}

/* Every kind of change, many times, and the sums must still be right. */
static void check_changes(const char *src, const char *dst, int family)
{
	struct flow_spec f = flows(src, dst, family);
	struct packet_spec spec = {
		.flow = &f, .size = 1003, .vnet = 10, .n_tags = 2,
		.tag = { 0x6064, 5 }, .blank = STAMP_LEN,
	};
	unsigned int ends = FLOW_RANDOM_SRC | FLOW_RANDOM_DST;
	uint64_t rng = rng_seed(3);
	uint8_t copy[1100];
	struct packet p;
	struct flow now;
	unsigned int i;

	expect(!packet_build(&p, &spec));
	expect(p.data[10 + 12] == 0x88 && p.data[10 + 13] == 0xa8);
	expect(p.data[10 + 16] == 0x81 && p.data[10 + 17] == 0);
	flow_reset(&now, &f);
	for (i = 0; i < 3000; i++) {
		unsigned int len = p.payload + STAMP_LEN + (unsigned int)
			rng_between(&rng, 0, p.len - p.payload - STAMP_LEN);
		struct stamp s = stamp_make(i, rng_next(&rng), i);

		if (i & 1)
			flow_step(&now, &f, 0);
		else
			flow_random(&now, &f, ends, rng_next(&rng));
		packet_set_flow(&p, &f, &now);
		expect(frame_good(p.data + 10, p.len - 10, 22, family));
		memcpy(copy, p.data, len);
		packet_shorten(&p, copy, len);
		expect(frame_good(copy + 10, len - 10, 22, family));
		packet_put(&p, copy, &s, STAMP_LEN);
		expect(frame_good(copy + 10, len - 10, 22, family));
		expect(packet_find_payload(copy + 10, len - 10, STAMP_LEN) ==
				p.payload - 10);
		packet_reflect(copy + 10, len - 10);
		expect(frame_good(copy + 10, len - 10, 22, family));
	}
	packet_free(&p);
}

static void test_changes_ipv4(void)
{
	check_changes("0.0.0.0:0-255.255.255.255:65535", "10.1.0.1:0-"
			"10.1.0.255:65535", AF_INET);
}

static void test_changes_ipv6(void)
{
	check_changes("3@[2001:db8::1]:0-[2001:db8:0:ffff::1]:65535",
			"[2001:db8::]:0-[2001:db8::ffff]:65535", AF_INET6);
}

static void test_reflect(void)
{
	struct flow_spec f = flows("10.0.0.1", "10.1.0.1", AF_INET);
	struct packet_spec spec = { .flow = &f, .size = 60 };
	struct packet p;

	expect(!packet_build(&p, &spec));
	packet_reflect(p.data, p.len);
	expect(p.data[5] == 2 && p.data[11] == 4);
	expect(!memcmp(p.data + 26, "\x0a\x01\x00\x01\x0a\x00\x00\x01", 8));
	expect(p.data[34] == 1234 >> 8 && p.data[36] == 1234 >> 8);
	packet_reflect(p.data, 13);
	expect(p.data[5] == 2);
	packet_free(&p);
}

static void test_verbatim(void)
{
	static const uint8_t bytes[20] = { 1, 2, 3 };
	struct packet p;
	uint8_t copy[64];

	expect(!packet_verbatim(&p, bytes, 20, 12));
	expect(p.len == 32 && p.data[0] == 0 && p.data[12] == 1);
	memcpy(copy, p.data, 32);
	packet_shorten(&p, copy, 25);
	expect(!memcmp(copy, p.data, 32));
	packet_free(&p);
}

static void test_sizes(void)
{
	struct size_mix m = { 0 };
	unsigned int i, n60 = 0, n590 = 0, n1514 = 0;
	uint64_t rng = rng_seed(1);

	expect(!sizes_parse("imix", &m));
	expect(sizes_min(&m) == 60 && sizes_max(&m) == 1514);
	for (i = 0; i < 12000; i++) {
		uint32_t size = sizes_pick(&m, &rng);

		n60 += size == 60;
		n590 += size == 590;
		n1514 += size == 1514;
	}
	expect(n60 + n590 + n1514 == 12000);
	expect(n60 > 6700 && n60 < 7300 && n590 > 3700 && n590 < 4300);
	expect(sizes_mean(&m) > 357.8 && sizes_mean(&m) < 357.9);
	expect(!sizes_parse("100-103", &m));
	for (i = 0, n60 = 0; i < 1000; i++) {
		uint32_t size = sizes_pick(&m, &rng);

		expect(size >= 100 && size <= 103);
		n60 |= 1U << (size - 100);
	}
	expect(n60 == 15);
	expect(sizes_parse("60:0", &m) == -ERANGE);
	expect(sizes_parse("15", &m) == -ERANGE);
	expect(sizes_parse("65537", &m) == -ERANGE);
	expect(sizes_parse("100-90", &m) == -EINVAL);
	expect(sizes_parse("60,", &m) == -EINVAL);
	expect(sizes_parse("", &m) == -EINVAL);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Against sorted values: at most 1/32 above the true percentile. */
static void test_percentiles(void)
{
	static const double points[] = { 0, 1, 50, 90, 99, 99.9, 100 };
	enum { N = 20000 };
	static uint64_t v[N];
	static struct hist h;
	uint64_t rng = rng_seed(11);
	unsigned int i;

	hist_init(&h);
	expect(hist_percentile(&h, 50) == 0 && hist_mean(&h) == 0);
	for (i = 0; i < N; i++) {
		v[i] = rng_next(&rng) >> rng_between(&rng, 5, 63);
		hist_add(&h, v[i]);
	}
	qsort(v, N, sizeof(v[0]), compare);
	expect(h.min == v[0] && h.max == v[N - 1] && h.count == N);
	for (i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		unsigned int rank = (unsigned int)(points[i] * N / 100 + 0.999);
		uint64_t exact = v[rank ? rank - 1 : 0];
		uint64_t p = hist_percentile(&h, points[i]);

		expect(p >= exact && p - exact <= exact / 32);
	}
}

static void test_hist_exact_and_extreme(void)
{
	static struct hist h;
	uint64_t octave[64];
	unsigned int i;

	hist_init(&h);
	for (i = 0; i < 100; i++)
		hist_add(&h, i % 32);
	expect(hist_percentile(&h, 50) == 15);
	hist_add(&h, UINT64_MAX);
	expect(h.max == UINT64_MAX && hist_percentile(&h, 100) == UINT64_MAX);
	hist_octaves(&h, octave);
	expect(octave[0] == 8 && octave[1] == 8 && octave[63] == 1);
}

static void test_hist_since(void)
{
	static struct hist before, now, since;
	unsigned int i;

	hist_init(&now);
	for (i = 0; i < 1000; i++)
		hist_add(&now, 10);
	before = now;
	for (i = 0; i < 100; i++)
		hist_add(&now, 5000);
	hist_since(&since, &now, &before);
	expect(since.count == 100 && hist_mean(&since) == 5000);
	expect(since.min > 4800 && since.min <= 5000 && since.max == 5000);
	expect(hist_percentile(&since, 1) == 5000);
	hist_merge(&since, &before);
	expect(since.count == 1100 && since.min == 10 && since.max == 5000);
	expect(hist_percentile(&since, 90) == 10);
}

static void test_stamps(void)
{
	struct stamp s = stamp_make(7, 5 * NS_PER_SEC + 3, 300), t;

	expect(stamp_read(&s, &t) && t.seq == 7);
	expect(t.magic % STAMP_SENDERS == 300 % 256);
	expect(stamp_age(&t, 5 * NS_PER_SEC + 10) == 7);
	expect(stamp_age(&t, 0) == 0);
	s.magic ^= 0x100;
	expect(!stamp_read(&s, &t));
}

int main(void)
{
	check_run("IPv4 ranges", test_ipv4_ranges);
	check_run("IPv4 ranges that are refused", test_ipv4_refused);
	check_run("IPv6 ranges", test_ipv6_ranges);
	check_run("IPv6 ranges that are refused", test_ipv6_refused);
	check_run("MAC ranges", test_mac_ranges);
	check_run("odometer: order of the wheels", test_odometer);
	check_run("odometer: ends of the number ranges",
			test_odometer_extremes);
	check_run("random flows stay in their range", test_random_flows);
	check_run("IPv4 packets of all sizes", test_packets_ipv4);
	check_run("IPv6 packets of all sizes", test_packets_ipv6);
	check_run("packets smaller than their headers", test_packets_truncated);
	check_run("IPv4 checksums after changes", test_changes_ipv4);
	check_run("IPv6 checksums after changes", test_changes_ipv6);
	check_run("reflection", test_reflect);
	check_run("verbatim packets", test_verbatim);
	check_run("size mixes", test_sizes);
	check_run("percentiles", test_percentiles);
	check_run("histogram: exact and extreme values",
			test_hist_exact_and_extreme);
	check_run("histogram: between two looks", test_hist_since);
	check_run("stamps", test_stamps);
	return check_end();
}
