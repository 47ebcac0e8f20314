/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sizes: how large the packets are: one size, any size of a range, or a mix
 * of sizes by weight such as IMIX.
 */
#ifndef NM_PKTGEN_SIZES_H
#define NM_PKTGEN_SIZES_H

#include <stdbool.h>
#include <stdint.h>

#define SIZES_MAX	16

/**
 * struct size_class - sizes that share a weight
 * @low: smallest, bytes without CRC
 * @high: largest
 * @upto: sum of the weights up to and with this class
 */
struct size_class {
	uint32_t low;
	uint32_t high;
	uint32_t upto;
};

/**
 * struct size_mix - the classes
 * @n: how many, 1 to SIZES_MAX; 0: no mix
 * @class: the classes
 */
struct size_mix {
	unsigned int n;
	struct size_class class[SIZES_MAX];
};

/**
 * sizes_parse - read a mix
 * @s: "imix" (60, 590 and 1514 bytes, 7:4:1), or SIZE[-SIZE][:WEIGHT] items
 *	separated by commas; a weight is 1 unless given, 1000000 at most
 * @mix: out; untouched on error
 *
 * Return: 0; -EINVAL; -ERANGE when a size is not one that can be sent.
 */
int sizes_parse(const char *s, struct size_mix *mix);

/* sizes_min, sizes_max - smallest and largest size of a mix */
uint32_t sizes_min(const struct size_mix *mix);
uint32_t sizes_max(const struct size_mix *mix);

/* sizes_mean - average size of a mix, bytes */
double sizes_mean(const struct size_mix *mix);

/**
 * sizes_pick - the size of the next packet
 * @mix: the mix
 * @rng: state of the generator
 */
uint32_t sizes_pick(const struct size_mix *mix, uint64_t *rng);

#endif /* NM_PKTGEN_SIZES_H */
