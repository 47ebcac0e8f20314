/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tools share: numbers in and out, geometry, JSON.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "apps/common/geometry.h"
#include "apps/common/json.h"
#include "apps/common/numbers.h"
#include "tests/apps/check.h"

static void test_counts(void)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{ "0", 0 }, { "60", 60 }, { "007", 7 }, { "1k", 1000 },
		{ "1K", 1000 }, { "14.88M", 14880000 }, { "1G", 1000000000 },
		{ "0.5k", 500 }, { "2T", 2000000000000 }, { "3.0", 3 },
		{ "18446744073709551615", UINT64_MAX },
	};
	uint64_t v;
	unsigned int i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		expect(!num_parse(good[i].text, 0, UINT64_MAX, &v) &&
				v == good[i].value);
}

static void test_counts_refused(void)
{
	static const char *const bad[] = {
		"", " 1", "1 ", "-1", "+1", "1x", "1kk", "k", ".5k", "1.",
		"0x10", "1.5", "1.0001k", "1m", "1e3", "1,000",
	};
	uint64_t v = 42;
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect(num_parse(bad[i], 0, UINT64_MAX, &v) == -EINVAL);
	expect(num_parse("18446744073709551616", 0, UINT64_MAX, &v) == -ERANGE);
	expect(num_parse("99999999999T", 0, UINT64_MAX, &v) == -ERANGE);
	expect(num_parse("15", 16, 20, &v) == -ERANGE);
	expect(num_parse("21", 16, 20, &v) == -ERANGE);
	expect(v == 42);
}

static void test_durations(void)
{
	uint64_t v, max = UINT64_MAX;

	expect(!num_parse_duration("500", 1000000, max, &v) && v == 500000000);
	expect(!num_parse_duration("500ms", 1, max, &v) && v == 500000000);
	expect(!num_parse_duration("1.5s", 1, max, &v) && v == 1500000000);
	expect(!num_parse_duration("10us", 1, max, &v) && v == 10000);
	expect(!num_parse_duration("2m", 1, max, &v) && v == 120000000000);
	expect(!num_parse_duration("1h", 1, max, &v) && v == 3600000000000);
	expect(num_parse_duration("1d", 1, max, &v) == -EINVAL);
	expect(num_parse_duration("1.5ns", 1, max, &v) == -EINVAL);
	expect(num_parse_duration("11", 1, 10, &v) == -ERANGE);
}

static void test_cpu_lists(void)
{
	unsigned int c[8];

	expect(num_parse_cpus("3", c, 8) == 1 && c[0] == 3);
	expect(num_parse_cpus("2-5,8", c, 8) == 5 && c[3] == 5 && c[4] == 8);
	expect(num_parse_cpus("0-8", c, 8) == -ERANGE);
	expect(num_parse_cpus("70000", c, 8) == -ERANGE);
	expect(num_parse_cpus("", c, 8) == -EINVAL);
	expect(num_parse_cpus("1,", c, 8) == -EINVAL);
	expect(num_parse_cpus("5-2", c, 8) == -EINVAL);
	expect(num_parse_cpus("1-", c, 8) == -EINVAL);
	expect(num_parse_cpus("1;2", c, 8) == -EINVAL);
}

static void norm_is(double v, const char *unit, bool raw, const char *want)
{
	char buf[40];

	num_normalise(buf, sizeof(buf), v, unit, raw);
	if (strcmp(buf, want))
		printf("# '%s', not '%s'\n", buf, want);
	expect(!strcmp(buf, want));
}

static void test_normalised(void)
{
	norm_is(14880952, "pps", false, "14.881 Mpps");
	norm_is(960000, "bps", false, "960.000 Kbps");
	norm_is(12, "pps", false, "12.000 pps");
	norm_is(0, "pps", false, "0.000 pps");
	norm_is(1000, "pps", false, "1.000 Kpps");
	norm_is(7.15e9, "bps", false, "7.150 Gbps");
	norm_is(5e15, "bps", false, "5000.000 Tbps");
	norm_is(14880952, "pps", true, "14880952 pps");
}

static void test_geometry(void)
{
	struct geometry g = { 0 };

	expect(geometry_parse("256", &g) == 1);
	expect(g.tx_slots == 256 && g.rx_slots == 256 && !g.tx_rings);
	expect(geometry_parse("256,512", &g) == 2 && g.rx_slots == 512);
	expect(geometry_parse("256,512,3", &g) == 3);
	expect(g.tx_rings == 3 && g.rx_rings == 3);
	expect(geometry_parse("1,2,3,4", &g) == 4 && g.rx_rings == 4);
	expect(geometry_parse("1,2,3,4,5", &g) == 5 && g.rx_rings == 4);
	expect(geometry_parse("", &g) == -EINVAL);
	expect(geometry_parse("1,,2", &g) == -EINVAL);
	expect(geometry_parse("x", &g) == -EINVAL);
	expect(geometry_parse("1,2,70000", &g) == -ERANGE);
	expect(g.tx_slots == 1);
}

static void test_json(void)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	struct json j;

	json_start(&j, f);
	json_object(&j, NULL);
	json_string(&j, "a\"b", "tab\t back\\ bad\xff\xc0\xaf good\xc3\xa9");
	json_array(&j, "list");
	json_u64(&j, NULL, UINT64_MAX);
	json_double(&j, NULL, NAN);
	json_bool(&j, NULL, true);
	json_end(&j);
	json_object(&j, "empty");
	json_end(&j);
	json_end(&j);
	fclose(f);
	expect(strstr(text, "\"a\\\"b\": \"tab\\u0009 back\\\\ "
			"bad\\ufffd\\ufffd\\ufffd good\xc3\xa9\""));
	expect(strstr(text, "18446744073709551615"));
	expect(strstr(text, "null") && strstr(text, "true"));
	expect(strstr(text, "\"empty\": {}"));
	expect(text[len - 1] == '\n' && text[len - 2] == '}');
	free(text);
}

int main(void)
{
	check_run("counts with suffixes", test_counts);
	check_run("counts that are refused", test_counts_refused);
	check_run("durations", test_durations);
	check_run("lists of CPUs", test_cpu_lists);
	check_run("normalised numbers", test_normalised);
	check_run("geometry", test_geometry);
	check_run("JSON escapes and nesting", test_json);
	return check_end();
}
