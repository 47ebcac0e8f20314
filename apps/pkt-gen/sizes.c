/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sizes: how large the packets are.
 *
 * The weights are kept as running sums, so a random number below the last sum
 * selects a class.
 */
#include <errno.h>
#include <string.h>

#include "apps/common/numbers.h"
#include "apps/pkt-gen/packet.h"
#include "apps/pkt-gen/rng.h"
#include "apps/pkt-gen/sizes.h"

/* IP packets of 40, 576 and 1500 bytes in Ethernet frames without CRC. */
#define IMIX		"60:7,590:4,1514:1"

#define MAX_WEIGHT	1000000

static int parse_size(const char *s, uint32_t *size)
{
	uint64_t value;
	int err = num_parse(s, PACKET_MIN_SIZE, PACKET_MAX_SIZE, &value);

	if (!err)
		*size = (uint32_t)value;
	return err;
}

/* SIZE[-SIZE][:WEIGHT], cut up in place */
static int parse_class(char *s, struct size_class *c, uint32_t *weight)
{
	char *colon = strchr(s, ':'), *dash;
	uint64_t value = 1;
	int err;

	if (colon) {
		*colon = '\0';
		err = num_parse(colon + 1, 1, MAX_WEIGHT, &value);
		if (err)
			return err;
	}
	*weight = (uint32_t)value;
	dash = strchr(s, '-');
	if (dash)
		*dash = '\0';
	err = parse_size(s, &c->low);
	c->high = c->low;
	if (!err && dash)
		err = parse_size(dash + 1, &c->high);
	return !err && c->high < c->low ? -EINVAL : err;
}

int sizes_parse(const char *s, struct size_mix *mix)
{
	struct size_mix m = { 0 };
	uint32_t weight, total = 0;
	char copy[256], *next;

	if (!strcmp(s, "imix"))
		s = IMIX;
	if (strlen(s) >= sizeof(copy))
		return -EINVAL;
	strcpy(copy, s);
	for (next = copy; next;) {
		char *item = strsep(&next, ",");
		int err;

		if (m.n == SIZES_MAX)
			return -EINVAL;
		err = parse_class(item, &m.class[m.n], &weight);
		if (err)
			return err;
		total += weight;
		m.class[m.n++].upto = total;
	}
	*mix = m;
	return 0;
}

uint32_t sizes_min(const struct size_mix *mix)
{
	uint32_t min = UINT32_MAX;
	unsigned int i;

	for (i = 0; i < mix->n; i++)
		if (mix->class[i].low < min)
			min = mix->class[i].low;
	return min;
}

uint32_t sizes_max(const struct size_mix *mix)
{
	uint32_t max = 0;
	unsigned int i;

	for (i = 0; i < mix->n; i++)
		if (mix->class[i].high > max)
			max = mix->class[i].high;
	return max;
}

double sizes_mean(const struct size_mix *mix)
{
	double sum = 0;
	uint32_t before = 0;
	unsigned int i;

	for (i = 0; i < mix->n; i++) {
		const struct size_class *c = &mix->class[i];

		sum += (c->upto - before) * ((double)c->low + c->high) / 2;
		before = c->upto;
	}
	return before ? sum / before : 0;
}

uint32_t sizes_pick(const struct size_mix *mix, uint64_t *rng)
{
	uint32_t at = rng_between(rng, 1, mix->class[mix->n - 1].upto);
	const struct size_class *c = mix->class;

	while (at > c->upto)
		c++;
	return c->low == c->high ? c->low : rng_between(rng, c->low, c->high);
}
