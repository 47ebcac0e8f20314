/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frame: the packets that test tools send and expect, and how they go through
 * a port.
 *
 * Works on a port of libnetmap with nmport_poll() and nmport_sync_*() only, so
 * a tool that uses this runs in the kernel and in user mode alike.
 */
#ifndef NM_TESTS_TOOLS_FRAME_H
#define NM_TESTS_TOOLS_FRAME_H

#include <stdint.h>
#include <libnetmap.h>

#define FRAME_MAX	65536u

/* What a model packet looks like. */
struct frame_model {
	uint8_t dst[6], src[6];
	unsigned int len;	/* bytes, FRAME_HEADERS to FRAME_MAX */
	char fill;		/* every byte of the payload */
};

/* Ethernet, IPv4, UDP */
#define FRAME_HEADERS	42u

/**
 * frame_build - write a packet 10.0.0.5 -> 10.0.0.7 over UDP
 * @m: what it looks like
 * @buf: @m->len bytes
 */
void frame_build(const struct frame_model *m, uint8_t *buf);

/* How to send. */
struct frame_tx {
	unsigned int frag;	/* most bytes per slot; 0: a whole buffer */
	int timeout_ms;		/* how long to wait for room */
	uint32_t *extra;	/* extra buffers to swap into the slots */
	unsigned int n_extra;	/* 0: use the slots' own */
	unsigned int next;	/* which is next */
};

/**
 * frame_send - put a packet into a tx ring and sync
 * @d: mapped port
 * @tx: how; the buffers taken out of slots replace those in @tx->extra
 * @buf: the packet
 * @len: bytes
 *
 * Return: 0; -1 with errno ETIMEDOUT (no room), EMSGSIZE, or that of the port.
 */
int frame_send(struct nmport_d *d, struct frame_tx *tx, const void *buf,
	       unsigned int len);

/**
 * frame_receive - take one packet out of the port
 * @d: mapped port
 * @buf: FRAME_MAX bytes
 * @timeout_ms: how long to wait
 *
 * The slots are released at the next sync.
 *
 * Return: bytes, FRAME_MAX of those that are longer; -1 with errno ETIMEDOUT or
 *	that of the port.
 */
int frame_receive(struct nmport_d *d, uint8_t *buf, int timeout_ms);

/** frame_tx_room - free slots of the first tx ring after a sync, or -1 */
int frame_tx_room(struct nmport_d *d);

/** frame_now_ms - a clock that only goes forward, in ms */
int64_t frame_now_ms(void);

/**
 * frame_mac_parse - "02:0:0:0:0:1"
 * Return: 0, or -1 when @text is no address.
 */
int frame_mac_parse(const char *text, uint8_t *mac);

#endif /* NM_TESTS_TOOLS_FRAME_H */
