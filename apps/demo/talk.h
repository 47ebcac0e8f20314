/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * talk: the conversations two hosts have, over ordinary sockets.
 *
 * Name lookups, web pages, and an interactive session that looks like ssh:
 * banners in clear, then short packets of random bytes in both directions.
 */
#ifndef NM_DEMO_TALK_H
#define NM_DEMO_TALK_H

#include <stdbool.h>
#include <stdint.h>

enum talk_kind {
	TALK_DNS,
	TALK_HTTP,
	TALK_SSH,
};

/**
 * struct talk - one conversation
 * @kind: TALK_*
 * @server: address of the host that serves, IPv4 or IPv6
 * @port: its port
 * @jumbo: TCP segments as large as the link allows, instead of 1448 bytes
 */
struct talk {
	enum talk_kind kind;
	const char *server;
	uint16_t port;
	bool jumbo;
};

/**
 * talk_listen - be ready to serve a conversation
 * @t: the conversation
 * Return: a socket; a negative errno.
 */
int talk_listen(const struct talk *t);

/**
 * talk_serve - serve it once
 * @t: the conversation
 * @s: socket from talk_listen()
 * Return: 0; a negative errno.
 */
int talk_serve(const struct talk *t, int s);

/**
 * talk_use - be the one who asks
 * @t: the conversation
 * Return: 0; a negative errno.
 */
int talk_use(const struct talk *t);

#endif /* NM_DEMO_TALK_H */
