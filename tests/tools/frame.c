/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frame: packets of the test tools.  See frame.h.
 *
 * A send looks for a ring with room for the whole packet, never leaves half a
 * packet behind, and waits for room with nmport_poll().  With back-pressure (a
 * pipe whose peer does not read) room never comes and the send times out: that
 * is what some tests want to see.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "tests/tools/frame.h"

int64_t frame_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

int frame_mac_parse(const char *text, uint8_t *mac)
{
	unsigned int b[6], i;
	char end;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2],
		   &b[3], &b[4], &b[5], &end) != 6)
		return -1;
	for (i = 0; i < 6; i++)
		mac[i] = b[i];
	return 0;
}

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static unsigned int sum16(const uint8_t *p, unsigned int len, uint32_t sum)
{
	unsigned int i;

	for (i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	if (len & 1)
		sum += p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void frame_build(const struct frame_model *m, uint8_t *buf)
{
	static const uint8_t ip[20] = {
		0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0,
		10, 0, 0, 5, 10, 0, 0, 7,
	};
	unsigned int udp_len = m->len - 34;

	memcpy(buf, m->dst, 6);
	memcpy(buf + 6, m->src, 6);
	put16(buf + 12, 0x0800);
	memcpy(buf + 14, ip, sizeof(ip));
	put16(buf + 16, m->len - 14);
	put16(buf + 24, ~sum16(buf + 14, 20, 0));
	put16(buf + 34, 1234);
	put16(buf + 36, 1234);
	put16(buf + 38, udp_len);
	put16(buf + 40, 0);
	memset(buf + FRAME_HEADERS, m->fill, m->len - FRAME_HEADERS);
	put16(buf + 40, ~sum16(buf + 26, 8 + udp_len, 17 + udp_len));
}

/* Wait until something can have changed; 0, or -1 with errno. */
static int wait_for(struct nmport_d *d, short events, int64_t deadline)
{
	struct pollfd pfd = { .fd = d->fd, .events = events };
	int64_t left = deadline - frame_now_ms();
	int n;

	if (left <= 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	do {
		n = nmport_poll(&pfd, 1, left);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if (pfd.revents & (POLLERR | POLLNVAL)) {
		errno = EIO;
		return -1;
	}
	return 0;
}

static struct netmap_ring *ring_with_room(struct nmport_d *d,
					  unsigned int slots)
{
	unsigned int i;

	for (i = 0; i < nmport_tx_rings(d); i++) {
		struct netmap_ring *r = NETMAP_TXRING(d->nifp,
						      d->first_tx_ring + i);

		if (nm_ring_space(r) >= slots)
			return r;
	}
	return NULL;
}

/* cur = tail: wake us only when more comes; cur = head: as usual */
static void ask_for_more(struct nmport_d *d, int more)
{
	unsigned int i;

	for (i = 0; i < nmport_tx_rings(d); i++) {
		struct netmap_ring *r = NETMAP_TXRING(d->nifp,
						      d->first_tx_ring + i);

		r->cur = more ? r->tail : r->head;
	}
}

/* A ring with that much room, waiting for it; NULL with errno. */
static struct netmap_ring *get_room(struct nmport_d *d, unsigned int slots,
				    int timeout_ms)
{
	int64_t deadline = frame_now_ms() + timeout_ms;
	struct netmap_ring *r = ring_with_room(d, slots);

	if (!r && nmport_sync_tx(d))
		return NULL;
	while (!(r = ring_with_room(d, slots))) {
		ask_for_more(d, 1);
		if (wait_for(d, POLLOUT, deadline))
			break;
	}
	ask_for_more(d, 0);
	return r;
}

/* Fill the slots of one packet, which fits. */
static void put_slots(struct netmap_ring *r, struct frame_tx *tx,
		      const char *buf, unsigned int len, unsigned int frag)
{
	unsigned int chunk;
	uint32_t i, idx;

	for (i = r->head; len > 0; len -= chunk, buf += chunk) {
		struct netmap_slot *slot = &r->slot[i];

		chunk = len < frag ? len : frag;
		slot->flags = chunk < len ? NS_MOREFRAG : 0;
		if (tx->n_extra) {
			idx = slot->buf_idx;
			slot->buf_idx = tx->extra[tx->next];
			slot->flags |= NS_BUF_CHANGED;
			tx->extra[tx->next] = idx;
			tx->next = (tx->next + 1) % tx->n_extra;
		}
		memcpy(NETMAP_BUF_OFFSET(r, slot), buf, chunk);
		slot->len = chunk;
		i = nm_ring_next(r, i);
	}
	r->head = r->cur = i;
}

int frame_send(struct nmport_d *d, struct frame_tx *tx, const void *buf,
	       unsigned int len)
{
	unsigned int frag, slots;
	struct netmap_ring *r;

	if (!nmport_tx_rings(d)) {
		errno = EINVAL;
		return -1;
	}
	r = NETMAP_TXRING(d->nifp, d->first_tx_ring);
	frag = r->nr_buf_size;
	if (tx->frag && tx->frag < frag)
		frag = tx->frag;
	slots = (len + frag - 1) / frag;
	if (slots >= r->num_slots) {
		errno = EMSGSIZE;
		return -1;
	}
	r = get_room(d, slots, tx->timeout_ms);
	if (!r)
		return -1;
	put_slots(r, tx, buf, len, frag);
	return nmport_sync_tx(d);
}

/* One whole packet from @r, cut at FRAME_MAX; 0 when there is none. */
static int take(struct netmap_ring *r, uint8_t *buf)
{
	unsigned int len = 0, left = nm_ring_space(r), chunk;
	uint32_t i = r->head;
	int more = 1;

	while (left-- > 0 && more) {
		struct netmap_slot *slot = &r->slot[i];

		chunk = slot->len;
		if (chunk > FRAME_MAX - len)
			chunk = FRAME_MAX - len;
		memcpy(buf + len, NETMAP_BUF_OFFSET(r, slot), chunk);
		len += chunk;
		more = slot->flags & NS_MOREFRAG;
		i = nm_ring_next(r, i);
	}
	if (more)
		return 0;
	r->head = r->cur = i;
	return len;
}

int frame_receive(struct nmport_d *d, uint8_t *buf, int timeout_ms)
{
	int64_t deadline = frame_now_ms() + timeout_ms;
	unsigned int i;
	int n;

	for (;;) {
		for (i = 0; i < nmport_rx_rings(d); i++) {
			n = take(NETMAP_RXRING(d->nifp, d->first_rx_ring + i),
				 buf);
			if (n)
				return n;
		}
		if (wait_for(d, POLLIN, deadline))
			return -1;
	}
}

int frame_tx_room(struct nmport_d *d)
{
	if (!nmport_tx_rings(d) || nmport_sync_tx(d))
		return -1;
	return nm_ring_space(NETMAP_TXRING(d->nifp, d->first_tx_ring));
}
