/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options_settle: what the options mean together.
 */
#ifndef NM_PKTGEN_OPTIONS_SETTLE_H
#define NM_PKTGEN_OPTIONS_SETTLE_H

#include "apps/pkt-gen/options.h"

/**
 * struct raw_options - options while they are being read
 * @o: what they will become
 * @port: as given
 * @src: source range as given, or NULL
 * @dst: destination range as given, or NULL
 * @n_sizes: how many times -l was given
 * @wait_given: -w was given
 */
struct raw_options {
	struct options *o;
	const char *port;
	const char *src;
	const char *dst;
	unsigned int n_sizes;
	bool wait_given;
};

/**
 * options_defaults - what holds without any option
 * @o: written from scratch
 * @prog: name the program was called by; one that ends in "-b" never sleeps
 */
void options_defaults(struct options *o, const char *prog);

/**
 * options_settle - complete and check the options once all are read
 * @r: the options
 *
 * Return: -1 when they are good; else the exit status, and it has been said
 *	what is wrong.
 */
int options_settle(struct raw_options *r);

#endif /* NM_PKTGEN_OPTIONS_SETTLE_H */
