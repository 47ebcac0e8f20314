/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Port names: each rule of the grammar, and random text.
 */
#include "tests/unit/nmtest.h"
#include "engine/name.h"

#define X15	"abcdefghijklmno"
#define BAD	((enum nm_name_kind)-1)

static const struct {
	const char *text;
	uint32_t mode;
	uint64_t flags;
	enum nm_name_kind kind;
	const char *base, *id;
	char end;
} row[] = {
	{ "eth0", 1, 0, NM_NAME_OTHER, "eth0", "", 0 },
	{ "", 1, 0, NM_NAME_OTHER, "", "", 0 },
	{ "eth0-3", 4, 0, NM_NAME_OTHER, "eth0-3", "", 0 },
	{ "valid0", 1, 0, NM_NAME_OTHER, "valid0", "", 0 },
	{ "val", 1, 0, NM_NAME_OTHER, "val", "", 0 },
	{ "Vale0:1", 1, 0, NM_NAME_OTHER, "Vale0:1", "", 0 },
	/* null and monitor go by mode and flags, whatever the text */
	{ "any{thing", NR_REG_NULL, 0, NM_NAME_NULL, "any{thing", "", 0 },
	{ "x", NR_REG_NULL, NR_MONITOR_TX, NM_NAME_NULL, "x", "", 0 },
	{ "vale0:1", 1, NR_MONITOR_TX, NM_NAME_MONITOR, "vale0:1", "", 0 },
	{ "eth0{1", 1, NR_MONITOR_RX, NM_NAME_MONITOR, "eth0{1", "", 0 },
	{ "eth0", 1, NR_ZCOPY_MON, NM_NAME_MONITOR, "eth0", "", 0 },
	{ "eth0", 1, NR_EXCLUSIVE, NM_NAME_OTHER, "eth0", "", 0 },
	/* pipes */
	{ "a{1", 1, 0, NM_NAME_PIPE, "a", "1", '{' },
	{ "a}1", 1, 0, NM_NAME_PIPE, "a", "1", '}' },
	{ "a{1{2", 1, 0, NM_NAME_PIPE, "a{1", "2", '{' },
	{ "a{1}2", 1, 0, NM_NAME_PIPE, "a", "1}2", '{' },
	{ "a}1{2", 1, 0, NM_NAME_PIPE, "a}1", "2", '{' },
	{ "a}1}2", 1, 0, NM_NAME_PIPE, "a}1", "2", '}' },
	{ "vale0:1{x", 1, 0, NM_NAME_PIPE, "vale0:1", "x", '{' },
	{ "{1", 1, 0, BAD, NULL, NULL, 0 },
	{ "a{", 1, 0, BAD, NULL, NULL, 0 },
	{ "}", 1, 0, BAD, NULL, NULL, 0 },
	/* switches */
	{ "vale0:1", 1, 0, NM_NAME_VALE, "vale0", "1", 0 },
	{ "vale:1", 1, 0, NM_NAME_VALE, "vale", "1", 0 },
	{ "valeA_z9:p-1", 1, 0, NM_NAME_VALE, "valeA_z9", "p-1", 0 },
	{ "vale0:a:b", 1, 0, NM_NAME_VALE, "vale0", "a:b", 0 },
	{ "vale45678901234:" X15, 1, 0, NM_NAME_VALE, "vale45678901234", X15, 0 },
	{ "vale456789012345:x", 1, 0, BAD, NULL, NULL, 0 },
	{ "vale0:" X15 "p", 1, 0, BAD, NULL, NULL, 0 },
	{ "vale0", 1, 0, BAD, NULL, NULL, 0 },
	{ "vale0:", 1, 0, BAD, NULL, NULL, 0 },
	{ "vale-0:1", 1, 0, BAD, NULL, NULL, 0 },
	{ "vale0/1", 1, 0, BAD, NULL, NULL, 0 },
};

NM_TEST(parse)
{
	char why[NM_WHY_LEN];
	struct nm_name n;
	size_t i;
	int r;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		nm_test_case(row[i].text);
		why[0] = '\0';
		r = nm_name_parse(row[i].text, row[i].mode, row[i].flags, &n, why);
		if (row[i].kind == BAD) {
			NM_CHECK_EQ(r, -EINVAL);
			NM_CHECK(strstr(why, row[i].text) != NULL);
			continue;
		}
		NM_CHECK_EQ(r, 0);
		NM_CHECK_EQ(n.kind, row[i].kind);
		NM_CHECK_STR(n.full, row[i].text);
		NM_CHECK_STR(n.base, row[i].base);
		NM_CHECK_STR(n.id, row[i].id);
		NM_CHECK_EQ(n.end, row[i].end);
	}
}

NM_TEST(switch_of)
{
	char sw[NM_SWITCH_LEN], why[NM_WHY_LEN];

	NM_CHECK_EQ(nm_name_switch("vale7", sw, why), 0);
	NM_CHECK_STR(sw, "vale7");
	NM_CHECK_EQ(nm_name_switch("vale7:", sw, why), 0);
	NM_CHECK_STR(sw, "vale7");
	NM_CHECK_EQ(nm_name_switch("vale7:x", sw, why), 0);
	NM_CHECK_STR(sw, "vale7");
	NM_CHECK_EQ(nm_name_switch("vale45678901234", sw, why), 0);
	NM_CHECK_EQ(strlen(sw), 15);
	NM_CHECK_EQ(nm_name_switch("vale456789012345", sw, why), -EINVAL);
	NM_CHECK_EQ(nm_name_switch("eth0", sw, why), -EINVAL);
	NM_CHECK_EQ(nm_name_switch("", sw, why), -EINVAL);
}

/* Whatever the text: bounded results that put together give it again. */
NM_TEST(random_text)
{
	static const char chars[] = "vale{}:0_-/\xff";
	uint32_t seed = nm_test_seed(), i, k, len;
	char text[NM_NAME_LEN], again[2 * NM_NAME_LEN + 2], why[NM_WHY_LEN];
	struct nm_name n;
	uint32_t n_ok = 0;

	for (i = 0; i < 20000; i++) {
		memset(text, 0, sizeof(text));
		k = 0;
		if (nm_test_rand(&seed) & 1) {
			memcpy(text, "vale", 4);
			k = 4;
		}
		len = nm_test_rand(&seed) % NM_NAME_LEN;
		for (; k < len; k++)
			text[k] = chars[nm_test_rand(&seed) % (sizeof(chars) - 1)];
		if (nm_name_parse(text, 1, 0, &n, why))
			continue;
		n_ok++;
		switch (n.kind) {
		case NM_NAME_PIPE:
			snprintf(again, sizeof(again), "%s%c%s", n.base, n.end, n.id);
			break;
		case NM_NAME_VALE:
			snprintf(again, sizeof(again), "%s:%s", n.base, n.id);
			NM_CHECK(strlen(n.base) < NM_SWITCH_LEN);
			NM_CHECK(strlen(n.id) < 16);
			break;
		default:
			snprintf(again, sizeof(again), "%s", n.base);
			break;
		}
		if (!NM_CHECK_STR(again, text))
			return;
	}
	NM_CHECK(n_ok > 1000);
}

NM_TEST_SUITE(name,
	NM_T(parse),
	NM_T(switch_of),
	NM_T(random_text));
