/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmsee: print the frames a port receives.
 *
 *	nmsee [-f] PORT COUNT SECONDS
 *
 * "ready" once open, then "frame LEN HEX" for each, with its first 24 bytes.
 * With -f every slot is marked NS_FORWARD and its ring NR_FORWARD.  When poll
 * says POLLERR, or a sync fails, "error POLLERR" or "error" and the errno, and
 * exit 3.  Exit 1 when fewer came than COUNT, else 0.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/tools/frame.h"

static unsigned int left;
static int forward;

/* One packet from slot r->head on; it is whole, as the interface promises. */
static void see(struct netmap_ring *r)
{
	uint8_t head[24];
	unsigned int n = 0, len = 0, take, i;
	struct netmap_slot *s;

	do {
		s = &r->slot[r->head];
		take = s->len < sizeof(head) - n ? s->len : sizeof(head) - n;
		memcpy(head + n, NETMAP_BUF(r, s->buf_idx), take);
		n += take;
		len += s->len;
		if (forward)
			s->flags |= NS_FORWARD;
		r->head = r->cur = nm_ring_next(r, r->head);
	} while (s->flags & NS_MOREFRAG && r->head != r->tail);
	printf("frame %u ", len);
	for (i = 0; i < n; i++)
		printf("%02x", head[i]);
	printf("\n");
	fflush(stdout);
	left--;
}

static int sync_error(struct nmport_d *d)
{
	if (!nmport_sync_rx(d))
		return 0;
	printf("error %d\n", errno);
	return 3;
}

int main(int argc, char **argv)
{
	struct nmport_d *d;
	struct netmap_ring *r;
	int64_t end;
	int i;

	if (argc > 1 && !strcmp(argv[1], "-f")) {
		forward = 1;
		argv++;
		argc--;
	}
	if (argc != 4) {
		fprintf(stderr, "usage: nmsee [-f] PORT COUNT SECONDS\n");
		return 2;
	}
	d = nmport_open(argv[1]);
	if (!d)
		return 1;
	left = (unsigned int)atoi(argv[2]);
	end = frame_now_ms() + atoi(argv[3]) * 1000;
	for (i = d->first_rx_ring; forward && i <= d->last_rx_ring; i++)
		NETMAP_RXRING(d->nifp, i)->flags |= NR_FORWARD;
	printf("ready\n");
	fflush(stdout);
	while (left && frame_now_ms() < end) {
		struct pollfd p = { .fd = d->fd, .events = POLLIN };

		if (nmport_poll(&p, 1, 200) < 0 || p.revents & POLLERR) {
			printf("error POLLERR\n");
			nmport_close(d);
			return 3;
		}
		for (i = d->first_rx_ring; i <= d->last_rx_ring; i++) {
			r = NETMAP_RXRING(d->nifp, i);
			while (left && r->head != r->tail)
				see(r);
		}
	}
	/* what was marked goes on at the sync that releases it */
	i = sync_error(d);
	nmport_close(d);
	return i ? i : left > 0;
}
