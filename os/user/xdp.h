/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_XDP, without threads and without policy: a program that steers frames of
 * an interface's queues into sockets, and the sockets.
 *
 * Everything here is undone by closing descriptors, so a process that is
 * killed leaves the interface as it was.
 */
#ifndef NM_USER_XDP_H
#define NM_USER_XDP_H

#include <stdint.h>
#include "engine/plane/feed.h"

/* The program on an interface. */
struct nm_xdp {
	int map, prog, link;	/* descriptors */
	uint32_t native;	/* 1: run by the driver; 0: by the stack */
};

/**
 * nm_xdp_attach - have queues of an interface steered, to begin with to the host
 * @ifindex: in the network namespace of the calling thread
 * @queues:  how many
 * @msg:     takes a sentence on failure, NM_WHY_LEN bytes
 *
 * Native if the driver can, else generic.
 * Return: 0; -EBUSY somebody else has a program there; -EPERM; -EOPNOTSUPP
 *         this system, or this build, has no XDP; other -errno.
 */
int nm_xdp_attach(struct nm_xdp *x, int ifindex, uint32_t queues, char *msg);

/** nm_xdp_steer - frames of @queue go to socket @fd, or to the host (-1) */
int nm_xdp_steer(struct nm_xdp *x, uint32_t queue, int fd);

/** nm_xdp_detach - as if it had never been there */
void nm_xdp_detach(struct nm_xdp *x);

struct nm_xsk;

/**
 * nm_xsk_open - a socket on a queue of an interface
 * @ifindex: in the network namespace of the calling thread
 * @frames:  that can be on their way in each direction, a power of two
 * @mtu:     of the interface
 *
 * Zero-copy if the driver can; nm_xsk_is_zerocopy() tells.
 * Return: 0; -errno with a sentence in @msg.
 */
int nm_xsk_open(struct nm_xsk **out, int ifindex, uint32_t queue,
		uint32_t frames, uint32_t mtu, char *msg);
void nm_xsk_close(struct nm_xsk *x);

/** nm_xsk_fd - readable when frames have come */
int nm_xsk_fd(const struct nm_xsk *x);
int nm_xsk_is_zerocopy(const struct nm_xsk *x);

/**
 * nm_xsk_recv - what has come, at most @max frames
 * @frame: called for each; the bytes are there until it returns
 * Return: how many.
 */
uint32_t nm_xsk_recv(struct nm_xsk *x, uint32_t max,
		     void (*frame)(void *ctx, const void *data, uint32_t len),
		     void *ctx);

/**
 * nm_xsk_send - copy frames, and have them sent
 * @too_long: incremented by those that are taken, and dropped for their length
 * Return: how many of @f were taken, from the first on.
 */
uint32_t nm_xsk_send(struct nm_xsk *x, const struct nm_frames *f,
		     uint32_t *too_long);

/** nm_xsk_in_flight - frames taken by nm_xsk_send() and not sent yet */
uint32_t nm_xsk_in_flight(struct nm_xsk *x);

/** nm_xsk_push - have the kernel look again at what was not sent */
void nm_xsk_push(struct nm_xsk *x);

#endif /* NM_USER_XDP_H */
