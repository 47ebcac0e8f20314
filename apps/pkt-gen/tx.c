/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tx: send as fast as the port, or the rate, allows.
 *
 * For each turn: wait for room, then for each ring put up to a burst of
 * packets and publish them by moving head once.  There are three ways to put a
 * packet, chosen once:
 *
 *	plain	all packets are the same bytes in one slot.  A buffer is filled
 *		when its slot is used for the first time, or comes back with
 *		another buffer; after that only the slot is looked at, and
 *		written if it differs.
 *	copy	each packet is written anew, in one slot.
 *	split	each packet is written anew, over several slots.
 *
 * If fewer packets fit than wanted, cur is moved to tail: wake up when there
 * is more room than now.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/pkt-gen/pace.h"
#include "apps/pkt-gen/source.h"
#include "apps/pkt-gen/worker.h"

#define POLL_TIMEOUT_MS	2000

/* Longest pause between two looks whether the rings have drained. */
#define DRAIN_PAUSE_US	1000

/**
 * struct tx_ring - a ring of this thread
 * @ring: the ring
 * @unfilled: slots whose buffer does not hold the packet yet (plain)
 * @area: with -I, payload of the slots one after the other; NULL otherwise
 */
struct tx_ring {
	struct netmap_ring *ring;
	uint32_t unfilled;
	uint8_t *area;
};

/**
 * struct tx - a sending thread
 * @w: the worker
 * @o: the options
 * @src: its packets
 * @pace: its schedule
 * @n_rings: rings
 * @rings: the rings
 * @put: the way packets are put; up to n of them; returns how many, and adds
 *	their bytes to *bytes
 * @max_frag: bytes per slot at most
 * @slot_flags: NS_INDIRECT with -I
 * @scratch: room for one packet (split)
 */
struct tx {
	struct worker *w;
	const struct options *o;
	struct source src;
	struct pace pace;
	unsigned int n_rings;
	struct tx_ring *rings;
	unsigned int (*put)(struct tx *t, struct tx_ring *tr, unsigned int n,
			uint64_t *bytes);
	unsigned int max_frag;
	uint16_t slot_flags;
	uint8_t *scratch;
};

/* Where the payload of a slot goes. */
static inline uint8_t *slot_payload(const struct tx *t,
		const struct tx_ring *tr, struct netmap_slot *slot,
		uint32_t idx)
{
	uint8_t *to;

	if (!tr->area)
		return (uint8_t *)NETMAP_BUF_OFFSET(tr->ring, slot);
	to = tr->area + (size_t)idx * t->max_frag;
	slot->ptr = (uintptr_t)to;
	return to;
}

/* First use of a slot, or another buffer in it. */
static __attribute__((noinline)) void fill_slot(struct tx *t,
		struct tx_ring *tr, struct netmap_slot *slot)
{
	if (tr->unfilled)
		tr->unfilled--;
	if (t->slot_flags & NS_INDIRECT)
		slot->ptr = (uintptr_t)t->src.pkt.data;
	else if (!(t->o->flags & OPT_RUBBISH))
		memcpy(NETMAP_BUF_OFFSET(tr->ring, slot), t->src.pkt.data,
				t->src.pkt.len);
}

/* -o 1 and -o 2: have the buffer in the cache, as a real sender would. */
static inline void touch(const struct tx *t, const struct netmap_ring *ring,
		uint32_t idx)
{
	const char *buf = NETMAP_BUF(ring, ring->slot[idx].buf_idx);

	if (t->o->flags & OPT_PREFETCH)
		__builtin_prefetch(buf);
	if (t->o->flags & OPT_ACCESS)
		(void)*(const volatile char *)buf;
}

/* Move head behind what was put; ask to be woken for more if it was less. */
static inline void publish(struct netmap_ring *ring, uint32_t head, bool short_of)
{
	ring->head = head;
	ring->cur = short_of ? ring->tail : head;
}

/* Length and flags of a slot as one word: what has to be right in it. */
static inline uint32_t slot_word(const struct netmap_slot *slot)
{
	uint32_t word;

	_Static_assert(offsetof(struct netmap_slot, flags) ==
			offsetof(struct netmap_slot, len) + sizeof(slot->len),
			"length and flags are neighbours");
	memcpy(&word, &slot->len, sizeof(word));
	return word;
}

/* A slot that is not as it was left, or one that has to be looked at. */
static __attribute__((noinline)) void put_slot(struct tx *t, struct tx_ring *tr,
		uint32_t head, const struct netmap_slot *want)
{
	struct netmap_slot *slot = &tr->ring->slot[head];

	if (tr->unfilled || (slot->flags & NS_BUF_CHANGED))
		fill_slot(t, tr, slot);
	if (t->o->flags & (OPT_PREFETCH | OPT_ACCESS))
		touch(t, tr->ring, head);
	/* a slot that is right stays clean in the receiver's cache */
	if (slot_word(slot) != slot_word(want)) {
		slot->len = want->len;
		slot->flags = want->flags;
	}
	if (unlikely(t->o->flags & OPT_DUMP))
		worker_dump(tr->ring, head,
				NETMAP_BUF_OFFSET(tr->ring, slot));
}

/*
 * Up to @max slots from @head on, before the ring wraps, that have got another
 * buffer: a receiver that exchanges buffers leaves them all like that.
 * Return: how many.
 */
static unsigned int put_exchanged(const struct tx *t, struct netmap_ring *ring,
		uint32_t head, unsigned int max, uint32_t word)
{
	struct netmap_slot *s = &ring->slot[head];
	const struct netmap_slot *end = s +
		(max < ring->num_slots - head ? max : ring->num_slots - head);
	const void *data = t->src.pkt.data;
	const size_t len = t->src.pkt.len;

	for (; s != end && (s->flags & NS_BUF_CHANGED); s++) {
		memcpy(NETMAP_BUF_OFFSET(ring, s), data, len);
		memcpy(&s->len, &word, sizeof(word));
	}
	return (unsigned int)(s - &ring->slot[head]);
}

static unsigned int put_plain(struct tx *t, struct tx_ring *tr, unsigned int n,
		uint64_t *bytes)
{
	struct netmap_ring *ring = tr->ring;
	uint32_t head = ring->head, room = nm_ring_space(ring);
	const uint32_t n_slots = ring->num_slots;
	struct netmap_slot want = {
		.len = (uint16_t)source_batch_len(&t->src),
		.flags = t->slot_flags,
	};
	const uint32_t word = slot_word(&want);
	const bool all = tr->unfilled ||
		(t->o->flags & (OPT_PREFETCH | OPT_ACCESS | OPT_DUMP));
	const bool slow = all || (t->o->flags & OPT_RUBBISH) ||
		(t->slot_flags & NS_INDIRECT);
	unsigned int i, k, m = n < room ? n : room;

	if (!m) {
		publish(ring, head, true);
		return 0;
	}
	for (i = 1; i < m; i += k) {
		k = 1;
		if (unlikely(all || slot_word(&ring->slot[head]) != word)) {
			k = slow ? 0 : put_exchanged(t, ring, head, m - i, word);
			if (!k) {
				put_slot(t, tr, head, &want);
				k = 1;
			}
		}
		head = unlikely(head + k == n_slots) ? 0 : head + k;
	}
	want.flags |= NS_REPORT;
	put_slot(t, tr, head, &want);
	publish(ring, nm_ring_next(ring, head), m < n);
	*bytes += (uint64_t)want.len * m;
	return m;
}

static unsigned int put_copy(struct tx *t, struct tx_ring *tr, unsigned int n,
		uint64_t *bytes)
{
	struct netmap_ring *ring = tr->ring;
	uint32_t head = ring->head, room = nm_ring_space(ring);
	unsigned int batch_len = source_batch_len(&t->src);
	unsigned int i, m = n < room ? n : room;

	for (i = 0; i < m; i++) {
		struct netmap_slot *slot = &ring->slot[head];
		uint32_t next = nm_ring_next(ring, head);
		unsigned int len = source_len(&t->src, batch_len);
		uint8_t *to = slot_payload(t, tr, slot, head);

		if (t->o->flags & (OPT_PREFETCH | OPT_ACCESS))
			touch(t, ring, next);
		source_emit(&t->src, to, len);
		slot->len = (uint16_t)len;
		slot->flags = t->slot_flags | (i + 1 == m ? NS_REPORT : 0);
		if (unlikely(t->o->flags & OPT_DUMP))
			worker_dump(ring, head, to);
		*bytes += len;
		head = next;
	}
	publish(ring, head, m < n);
	return m;
}

/* Slots for a packet of len bytes; *frag gets the bytes of all but the last. */
static unsigned int split(const struct tx *t, unsigned int len,
		unsigned int *frag)
{
	unsigned int frags = t->o->frags < len ? t->o->frags : len;
	unsigned int rest;

	*frag = len / frags;
	rest = len - *frag * (frags - 1);
	if (*frag <= t->max_frag && rest <= t->max_frag)
		return frags;
	*frag = t->max_frag;
	return (len + *frag - 1) / *frag;
}

/* One packet from scratch into frags slots; returns the slot after them. */
static uint32_t put_frags(struct tx *t, struct tx_ring *tr, unsigned int len,
		unsigned int frags, unsigned int frag, uint32_t head)
{
	struct netmap_ring *ring = tr->ring;
	unsigned int i;

	for (i = 0; i < frags; i++) {
		struct netmap_slot *slot = &ring->slot[head];
		uint8_t *to = slot_payload(t, tr, slot, head);
		unsigned int at = i * frag;
		unsigned int n = i + 1 < frags ? frag : len - at;

		if (!(t->o->flags & OPT_RUBBISH))
			memcpy(to, t->scratch + at, n);
		slot->len = (uint16_t)n;
		slot->flags = t->slot_flags |
			(i + 1 < frags ? NS_MOREFRAG : 0);
		if (unlikely(t->o->flags & OPT_DUMP))
			worker_dump(ring, head, to);
		head = nm_ring_next(ring, head);
	}
	return head;
}

/* The slot before head ends the batch. */
static void report_last(struct netmap_ring *ring, uint32_t head)
{
	uint32_t last = head ? head - 1 : ring->num_slots - 1;

	ring->slot[last].flags |= NS_REPORT;
}

static unsigned int put_split(struct tx *t, struct tx_ring *tr, unsigned int n,
		uint64_t *bytes)
{
	struct netmap_ring *ring = tr->ring;
	uint32_t head = ring->head, room = nm_ring_space(ring);
	unsigned int batch_len = source_batch_len(&t->src);
	unsigned int m;

	for (m = 0; m < n; m++) {
		unsigned int len = source_len(&t->src, batch_len), frag;
		unsigned int frags = split(t, len, &frag);

		if (room < frags)
			break;
		source_emit(&t->src, t->scratch, len);
		head = put_frags(t, tr, len, frags, frag, head);
		room -= frags;
		*bytes += len;
	}
	if (m)
		report_last(ring, head);
	publish(ring, head, m < n);
	return m;
}

/* One turn over the rings; returns packets put. */
static unsigned int put_rings(struct tx *t)
{
	const struct worker *w = t->w;
	unsigned int i, total = 0;

	for (i = 0; i < t->n_rings; i++) {
		struct tx_ring *tr = &t->rings[i];
		uint64_t left = w->limit ? w->limit - w->c.pkts : UINT64_MAX;
		unsigned int n = t->o->burst < left ? t->o->burst :
			(unsigned int)left;
		uint64_t bytes = 0;

		n = pace_allowed(&t->pace, n);
		if (!n)
			break;
		if (nm_ring_empty(tr->ring))
			continue;
		n = t->put(t, tr, n, &bytes);
		if (!n)
			continue;
		pace_spent(&t->pace, n);
		worker_count(t->w, n, bytes);
		total += n;
	}
	return total;
}

static bool drained(const struct tx *t)
{
	unsigned int i;

	for (i = 0; i < t->n_rings; i++)
		if (nm_tx_pending(t->rings[i].ring))
			return false;
	return true;
}

/* Send what was put, and wait until it has gone. */
static void drain(struct tx *t)
{
	useconds_t pause = 1;

	for (;;) {
		if (nmport_sync_tx(t->w->port.d)) {
			D("sync error on queue %u: %s", t->w->index,
					strerror(errno));
			t->w->failed = true;
			return;
		}
		if (drained(t) || worker_stopped(t->w))
			return;
		if (!t->o->busy) {
			usleep(pause);
			pause = pause * 2 < DRAIN_PAUSE_US ? pause * 2 :
				DRAIN_PAUSE_US;
		}
	}
}

static bool init_rings(struct tx *t)
{
	const struct nmport_d *d = t->w->port.d;
	unsigned int i;

	t->n_rings = nmport_tx_rings(d);
	t->rings = calloc(t->n_rings ? t->n_rings : 1, sizeof(*t->rings));
	if (!t->rings)
		return false;
	for (i = 0; i < t->n_rings; i++) {
		struct netmap_ring *ring = NETMAP_TXRING(d->nifp,
				d->first_tx_ring + i);
		unsigned int room = ring->nr_buf_size -
			(unsigned int)NETMAP_ROFFSET(ring, &ring->slot[0]);

		t->rings[i].ring = ring;
		t->rings[i].unfilled = ring->num_slots;
		if (!t->max_frag || room < t->max_frag)
			t->max_frag = room;
	}
	if (t->o->max_frag && t->o->max_frag < t->max_frag)
		t->max_frag = t->o->max_frag;
	return true;
}

/* With -I and packets that differ, every slot needs payload of its own. */
static bool init_areas(struct tx *t)
{
	unsigned int i;

	if (!(t->o->flags & OPT_INDIRECT))
		return true;
	t->slot_flags = NS_INDIRECT;
	if (t->put == put_plain)
		return true;
	for (i = 0; i < t->n_rings; i++) {
		struct tx_ring *tr = &t->rings[i];

		tr->area = calloc(tr->ring->num_slots, t->max_frag);
		if (!tr->area)
			return false;
	}
	return true;
}

static bool tx_init(struct tx *t, struct worker *w)
{
	unsigned int frag, frags;

	memset(t, 0, sizeof(*t));
	t->w = w;
	t->o = w->run->o;
	if (source_init(&t->src, w, 0) || !init_rings(t)) {
		D("no memory for the packets of thread %u", w->index);
		return false;
	}
	if (!t->n_rings) {
		D("thread %u has no ring to send with", w->index);
		return false;
	}
	frags = split(t, t->src.pkt.len, &frag);
	if (frags >= t->rings[0].ring->num_slots) {
		D("a packet of %u bytes needs %u slots, the ring has %u",
			t->src.pkt.len, frags, t->rings[0].ring->num_slots);
		return false;
	}
	t->put = frags > 1 ? put_split : t->src.plain ||
		(t->o->flags & OPT_RUBBISH) ? put_plain : put_copy;
	if (frags > 1 && w->index == 0)
		D("%u slots of up to %u bytes per packet", frags, frag);
	t->scratch = malloc(t->src.pkt.len);
	return t->scratch && init_areas(t);
}

static void tx_fini(struct tx *t)
{
	unsigned int i;

	for (i = 0; t->rings && i < t->n_rings; i++)
		free(t->rings[i].area);
	free(t->rings);
	free(t->scratch);
	source_fini(&t->src);
}

static void tx_loop(struct tx *t)
{
	struct worker *w = t->w;

	while (!worker_stopped(w) && (!w->limit || w->c.pkts < w->limit)) {
		pace_wait(&t->pace, w);
		switch (worker_wait(w, POLLOUT, POLL_TIMEOUT_MS, NULL)) {
		case WAIT_FAILED:
			w->failed = true;
			return;
		case WAIT_TIMEOUT:
			if (!worker_stopped(w))
				D("poll error on queue %u: timeout", w->index);
			break;
		case WAIT_READY:
			put_rings(t);
			break;
		}
	}
	drain(t);
}

void tx_body(struct worker *w)
{
	struct tx t;

	if (!tx_init(&t, w)) {
		w->failed = true;
		tx_fini(&t);
		return;
	}
	pace_start(&t.pace, w);
	w->start_ns = clock_read_ns(CLOCK_MONOTONIC);
	/* a worker that was to send nothing still counts as a sender */
	if (!(w->run->o->count && !w->limit))
		tx_loop(&t);
	tx_fini(&t);
}

/* One burst to a port without rings; returns 0 or -errno. */
static int send_burst(struct source *s, struct pace *pace, uint8_t *frame)
{
	struct worker *w = s->w;
	uint64_t left = w->limit ? w->limit - w->c.pkts : UINT64_MAX;
	unsigned int n = s->o->burst < left ? s->o->burst : (unsigned int)left;
	unsigned int batch_len = source_batch_len(s), i, sent = 0;
	uint64_t bytes = 0;
	int err = 0;

	n = pace_allowed(pace, n);
	for (i = 0; i < n && !err; i++) {
		unsigned int len = source_len(s, batch_len);

		if (!s->plain)
			source_emit(s, frame, len);
		err = port_send(&w->port, s->plain ? s->pkt.data : frame, len);
		if (err == -EAGAIN) {
			err = 0;
			worker_count_drops(w, 1);
			continue;
		}
		if (!err) {
			sent++;
			bytes += len;
		}
	}
	pace_spent(pace, i);
	if (sent)
		worker_count(w, sent, bytes);
	return err;
}

void tx_frames_body(struct worker *w)
{
	uint8_t *frame = malloc(PACKET_MAX_SIZE + 12);
	struct source src;
	struct pace pace;
	int err = source_init(&src, w, 0);

	if (err || !frame) {
		w->failed = true;
	} else {
		pace_start(&pace, w);
		w->start_ns = clock_read_ns(CLOCK_MONOTONIC);
		while (!err && !worker_stopped(w) &&
		       (!w->limit || w->c.pkts < w->limit)) {
			pace_wait(&pace, w);
			err = send_burst(&src, &pace, frame);
		}
	}
	if (err) {
		D("cannot send to %s: %s", src.o->port, strerror(-err));
		w->failed = true;
	}
	source_fini(&src);
	free(frame);
}
