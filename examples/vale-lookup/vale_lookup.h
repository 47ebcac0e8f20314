/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What a program puts into NIOCCONFIG for the example: behind the 16 bytes of
 * the switch's name.
 */
#ifndef VALE_LOOKUP_H
#define VALE_LOOKUP_H

#define VALE_LOOKUP_DEL	0	/* IPv4 from @src goes to @src + 1 again */
#define VALE_LOOKUP_ADD	1	/* IPv4 from @src goes to @dst */

struct vale_lookup_conf {
	unsigned short src;	/* positions in the switch */
	unsigned short dst;
	int command;
};

#endif /* VALE_LOOKUP_H */
