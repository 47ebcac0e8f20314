/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The arithmetic of netmap_user.h and its packet functions, over a region
 * made by hand: one netmap_if, two tx rings and two rx rings of 8 slots (the
 * second of each is the host entry, not bound), and 40 buffers of 256 bytes.
 *
 *	0      1024   2048 (tx)      4096 (rx)      8192
 *	| nifp |      | ring, slots  | ring, slots  | buffers ...
 */
#define NETMAP_WITH_LIBS
#include <net/netmap_user.h>

#include "tests/abi/abi_check.h"

enum {
	SLOTS = 8,
	BUF_SIZE = 256,
	BUFS = 40,
	TX_AT = 2048,
	RX_AT = 4096,
	BUFS_AT = 8192,
	REGION = BUFS_AT + BUFS * BUF_SIZE,
};

static char region[REGION] __attribute__((__aligned__(128)));
static struct netmap_if *nifp;
static struct netmap_ring *tx, *rx;
static struct nm_desc *d;

#define SET(type, field, value)	(*(type *)(uintptr_t)&(field) = (value))

static struct netmap_ring *make_ring(uint32_t at, uint16_t dir, uint32_t buf)
{
	struct netmap_ring *r = (struct netmap_ring *)(void *)(region + at);
	uint32_t i;

	SET(int64_t, r->buf_ofs, (int64_t)BUFS_AT - at);
	SET(uint32_t, r->num_slots, SLOTS);
	SET(uint32_t, r->nr_buf_size, BUF_SIZE);
	SET(uint16_t, r->dir, dir);
	for (i = 0; i < SLOTS; i++) {
		r->slot[i].buf_idx = buf + i;
		r->slot[i].len = BUF_SIZE;
	}
	return r;
}

static void setup(void)
{
	static struct nmreq zero;

	memset(region, 0, sizeof(region));
	nifp = NETMAP_IF(region, 0);
	SET(uint32_t, nifp->ni_tx_rings, 1);
	SET(uint32_t, nifp->ni_rx_rings, 1);
	SET(uint32_t, nifp->ni_host_tx_rings, 1);
	SET(uint32_t, nifp->ni_host_rx_rings, 1);
	SET(ssize_t, nifp->ring_ofs[0], TX_AT);
	SET(ssize_t, nifp->ring_ofs[2], RX_AT);
	tx = make_ring(TX_AT, 1, 2);
	tx->tail = SLOTS - 1;
	rx = make_ring(RX_AT, 0, 2 + SLOTS);

	memset((void *)d, 0, sizeof(*d));
	d->self = d;
	d->fd = -1;
	d->mem = region;
	d->memsize = REGION;
	d->req = zero;
	d->last_tx_ring = d->last_rx_ring = 1;
	nm_set_ptr(&d->nifp, nifp);
	nm_set_ptr(&d->some_ring, rx);
	nm_set_ptr(&d->buf_start, NETMAP_BUF(rx, 0));
	nm_set_ptr(&d->buf_end, region + REGION);
}

/* Put a slot at the tail of the rx ring; byte @fill says which one it is. */
static void arrive(uint16_t len, uint16_t flags, int fill)
{
	struct netmap_slot *slot = &rx->slot[rx->tail];

	slot->len = len;
	slot->flags = flags;
	memset(NETMAP_BUF(rx, slot->buf_idx), fill, BUF_SIZE);
	rx->tail = nm_ring_next(rx, rx->tail);
}

static void addresses(void)
{
	setup();
	CHECK(NETMAP_TXRING(nifp, 0) == tx);
	CHECK(NETMAP_RXRING(nifp, 0) == rx);
	CHECK((void *)NETMAP_TXRING(nifp, 1) == (void *)nifp);
	CHECK((void *)NETMAP_RXRING(nifp, 1) == (void *)nifp);
	CHECK(NETMAP_BUF(tx, 0) == region + BUFS_AT);
	CHECK(NETMAP_BUF(rx, 39) == region + BUFS_AT + 39 * BUF_SIZE);
	CHECK(NETMAP_BUF_IDX(rx, NETMAP_BUF(tx, 17)) == 17);
	CHECK(NETMAP_BUF_IDX(rx, NETMAP_BUF(tx, 17) + BUF_SIZE - 1) == 17);
	CHECK(NETMAP_BUF_IDX(rx, NETMAP_BUF(tx, 17) + BUF_SIZE) == 18);
	if (sizeof(size_t) == 8) {
		/* beyond 4 GiB: the product must not be cut to 32 bits */
		SET(uint32_t, rx->nr_buf_size, 65536);
		CHECK((uintptr_t)NETMAP_BUF(rx, 100000) ==
		      (uintptr_t)region + BUFS_AT + 100000ULL * 65536);
	}
}

static void slot_offsets(void)
{
	struct netmap_slot *slot;

	setup();
	slot = &rx->slot[3];
	slot->ptr = 0x1122334455667788ULL;
	CHECK(NETMAP_ROFFSET(rx, slot) == 0);
	NETMAP_WOFFSET(rx, slot, 99);
	CHECK(slot->ptr == 0x1122334455667788ULL);
	SET(uint64_t, rx->offset_mask, 0xffff);
	CHECK(NETMAP_ROFFSET(rx, slot) == 0x7788);
	NETMAP_WOFFSET(rx, slot, 0xabcd0040);
	CHECK(slot->ptr == 0x1122334455660040ULL);
	CHECK(NETMAP_BUF_OFFSET(rx, slot) ==
	      NETMAP_BUF(rx, slot->buf_idx) + 0x40);
	SET(uint64_t, rx->offset_mask, ~0ULL);
	NETMAP_WOFFSET(rx, slot, 7);
	CHECK(slot->ptr == 7);
}

static void ring_positions(void)
{
	uint32_t head, tail;

	setup();
	CHECK(nm_ring_next(tx, 0) == 1);
	CHECK(nm_ring_next(tx, SLOTS - 2) == SLOTS - 1);
	CHECK(nm_ring_next(tx, SLOTS - 1) == 0);
	CHECK(nm_ring_space(tx) == SLOTS - 1 && !nm_tx_pending(tx));
	CHECK(nm_ring_space(rx) == 0 && nm_ring_empty(rx));
	for (head = 0; head < SLOTS; head++)
		for (tail = 0; tail < SLOTS; tail++) {
			rx->head = head;
			rx->tail = tail;
			rx->cur = tail;
			CHECK(nm_ring_space(rx) == (tail + SLOTS - head) % SLOTS);
			CHECK(nm_ring_empty(rx) == (head == tail));
			CHECK(!nm_tx_pending(rx) == ((tail + 1) % SLOTS == head));
		}
}

/* Not a byte before or after, whatever the length and the alignment. */
static void copy_is_exact(void)
{
	static unsigned char src[2200], dst[2200];
	int len, from, i, bad = 0;

	for (i = 0; i < (int)sizeof(src); i++)
		src[i] = (unsigned char)(i * 7 + 1) | 1;
	for (len = -1; len <= 2100; len++) {
		from = 16 + len % 9;
		memset(dst, 0, sizeof(dst));
		nm_pkt_copy(src + 3, dst + from, len);
		for (i = 0; i < (int)sizeof(dst); i++) {
			int in = i >= from && i < from + len;

			bad += dst[i] != (in ? src[3 + i - from] : 0);
		}
	}
	CHECK(bad == 0);
}

struct seen {
	int n;
	struct nm_pkthdr hdr[SLOTS];
	unsigned char first[SLOTS];
};

static void see(unsigned char *arg, const struct nm_pkthdr *hdr,
		const unsigned char *data)
{
	struct seen *s = (struct seen *)(void *)arg;

	CHECK(data == hdr->buf && hdr->d == d);
	s->hdr[s->n] = *hdr;
	s->first[s->n++] = data[0];
}

static int dispatch(int cnt, struct seen *s)
{
	memset(s, 0, sizeof(*s));
	return nm_dispatch(d, cnt, see, (unsigned char *)s);
}

static void dispatch_gives_single_slots(void)
{
	struct seen s;

	setup();
	CHECK(dispatch(-1, &s) == 0 && s.n == 0);
	rx->ts.tv_sec = 77;
	arrive(60, 0, 'a');
	arrive(61, 0, 'b');
	arrive(62, 0, 'c');
	CHECK(dispatch(2, &s) == 2 && s.n == 2);
	CHECK(s.first[0] == 'a' && s.hdr[0].flags == NM_MORE_PKTS);
	CHECK(s.first[1] == 'b' && s.hdr[1].flags == 0);
	CHECK(s.hdr[0].len == 60 && s.hdr[0].caplen == 60);
	CHECK(s.hdr[0].ts.tv_sec == 77 && s.hdr[0].slot == &rx->slot[0]);
	CHECK(rx->head == 2 && rx->cur == 2);
	CHECK(dispatch(0, &s) == 1 && s.first[0] == 'c' && !s.hdr[0].flags);
	CHECK(d->st.ps_recv == 3 && d->st.ps_drop == 0);
}

static void dispatch_joins_fragments(void)
{
	struct seen s;

	setup();
	rx->head = rx->cur = rx->tail = SLOTS - 2;
	arrive(BUF_SIZE, NS_MOREFRAG, 'a');
	arrive(100, 0, 'b');			/* next buffer follows in memory */
	rx->slot[0].buf_idx = 30;
	arrive(200, NS_MOREFRAG, 'c');		/* not full: a hole after it */
	arrive(50, NS_MOREFRAG, 'd');
	arrive(7, 0, 'e');
	CHECK(dispatch(-1, &s) == 2);
	CHECK(s.hdr[0].len == BUF_SIZE + 100);
	CHECK(s.hdr[0].caplen == BUF_SIZE + 100);
	CHECK(s.hdr[0].buf[BUF_SIZE] == 'b');
	CHECK(s.hdr[1].len == 257 && s.hdr[1].caplen == 200);
	CHECK(nm_ring_empty(rx) && rx->head == 3);
}

static void dispatch_leaves_the_incomplete(void)
{
	struct seen s;

	setup();
	arrive(10, 0, 'a');
	arrive(BUF_SIZE, NS_MOREFRAG, 'b');
	arrive(BUF_SIZE, NS_MOREFRAG, 'c');
	CHECK(dispatch(-1, &s) == 1 && s.first[0] == 'a' && !s.hdr[0].flags);
	CHECK(rx->head == 1 && rx->cur == 3);	/* woken by what comes next */
	CHECK(dispatch(-1, &s) == 0 && rx->head == 1);
	arrive(5, 0, 'd');
	CHECK(dispatch(-1, &s) == 1 && s.first[0] == 'b');
	CHECK(s.hdr[0].len == 2 * BUF_SIZE + 5);
	CHECK(rx->head == 4 && rx->cur == 4);
}

static void dispatch_drops_the_endless(void)
{
	struct seen s;
	int i;

	setup();
	for (i = 0; i < SLOTS - 1; i++)
		arrive(BUF_SIZE, NS_MOREFRAG, 'x');
	CHECK(dispatch(-1, &s) == 0);
	CHECK(nm_ring_empty(rx) && d->st.ps_drop == 1);
}

static void dispatch_stays_in_the_region(void)
{
	struct seen s;

	setup();
	rx->slot[0].buf_idx = BUFS;
	rx->tail = 1;				/* beyond the end */
	arrive(60, 0, 'b');
	CHECK(dispatch(-1, &s) == 1 && s.first[0] == 'b');
	CHECK(d->st.ps_drop == 1);
	arrive(60000, 0, 'c');			/* longer than its buffer */
	CHECK(dispatch(-1, &s) == 1 && s.hdr[0].len == BUF_SIZE);
	rx->tail = SLOTS;			/* no such slot */
	CHECK(dispatch(-1, &s) == 0);
}

static void dispatch_honours_offsets(void)
{
	struct seen s;

	setup();
	SET(uint64_t, rx->offset_mask, 0xffff);
	arrive(60, 0, 'a');
	NETMAP_BUF(rx, rx->slot[0].buf_idx)[32] = 'o';
	NETMAP_WOFFSET(rx, &rx->slot[0], 32);
	CHECK(dispatch(-1, &s) == 1 && s.first[0] == 'o');
}

static void nextpkt_takes_whole_packets(void)
{
	struct nm_pkthdr h;
	unsigned char *p;

	setup();
	memset(&h, 0xee, sizeof(h));
	CHECK(nm_nextpkt(d, &h) == NULL);
	arrive(BUF_SIZE, NS_MOREFRAG, 'a');
	CHECK(nm_nextpkt(d, &h) == NULL && rx->head == 0);
	arrive(4, 0, 'b');
	arrive(64, 0, 'c');
	p = nm_nextpkt(d, &h);
	CHECK(p && *p == 'a' && h.len == BUF_SIZE + 4 && h.caplen == h.len);
	CHECK(rx->head == 2 && rx->cur == 2);
	CHECK(h.flags == 0xeeeeeeeeeeeeeeeeULL);	/* pcap's header ends before */
	p = nm_nextpkt(d, &h);
	CHECK(p && *p == 'c' && h.len == 64);
	CHECK(nm_nextpkt(d, &h) == NULL && d->st.ps_recv == 2);
}

static void inject_splits_and_wraps(void)
{
	char pkt[2 * BUF_SIZE + 10];

	setup();
	memset(pkt, 'p', sizeof(pkt));
	tx->head = tx->cur = SLOTS - 2;
	tx->tail = SLOTS - 3;
	CHECK(nm_inject(d, pkt, sizeof(pkt)) == (int)sizeof(pkt));
	CHECK(tx->head == 1 && tx->cur == 1);
	CHECK(tx->slot[6].len == BUF_SIZE && tx->slot[6].flags == NS_MOREFRAG);
	CHECK(tx->slot[7].len == BUF_SIZE && tx->slot[7].flags == NS_MOREFRAG);
	CHECK(tx->slot[0].len == 10 && tx->slot[0].flags == 0);
	CHECK(NETMAP_BUF(tx, tx->slot[0].buf_idx)[9] == 'p');
	CHECK(NETMAP_BUF(tx, tx->slot[0].buf_idx)[10] == 0);
	CHECK(nm_inject(d, pkt, BUF_SIZE) == BUF_SIZE);
	CHECK(tx->slot[1].len == BUF_SIZE && tx->slot[1].flags == 0);
}

static void inject_says_why_not(void)
{
	static char pkt[SLOTS * BUF_SIZE];
	int i;

	setup();
	CHECK(nm_inject(d, pkt, 0) == 0 && errno == EINVAL);
	CHECK(nm_inject(d, pkt, (SLOTS - 1) * BUF_SIZE + 1) == 0);
	CHECK(errno == EMSGSIZE && tx->head == 0);
	for (i = 0; i < SLOTS - 1; i++)
		CHECK(nm_inject(d, pkt, 60) == 60);
	CHECK(nm_inject(d, pkt, 60) == 0 && errno == EAGAIN);
	CHECK(tx->head == SLOTS - 1 && tx->slot[SLOTS - 1].len == BUF_SIZE);
	SET(ssize_t, nifp->ring_ofs[0], 0);
	CHECK(nm_inject(d, pkt, 60) == 0 && errno == EINVAL);
}

static void inject_honours_offsets(void)
{
	char pkt[BUF_SIZE];

	setup();
	SET(uint64_t, tx->offset_mask, 0xff);
	memset(pkt, 'p', sizeof(pkt));
	NETMAP_WOFFSET(tx, &tx->slot[0], 56);
	CHECK(nm_inject(d, pkt, BUF_SIZE) == BUF_SIZE);
	CHECK(tx->slot[0].len == 200 && tx->slot[1].len == 56);
	CHECK(NETMAP_BUF(tx, tx->slot[0].buf_idx)[55] == 0);
	CHECK(NETMAP_BUF(tx, tx->slot[0].buf_idx)[56] == 'p');
}

static void communication_block(void)
{
	struct nm_csb_atok a = { 0 };
	struct nm_csb_ktoa k = { 0 };
	uint32_t hwtail = 0, hwcur = 0;

	nm_sync_kloop_appl_write(&a, 5, 4);
	CHECK(a.cur == 5 && a.head == 4);
	k.hwtail = 9;
	k.hwcur = 8;
	nm_sync_kloop_appl_read(&k, &hwtail, &hwcur);
	CHECK(hwtail == 9 && hwcur == 8);
}

static void drop_names(void)
{
	unsigned int i, j;

	CHECK(!strcmp(nm_drop_name(NM_DROP_NO_ROOM), "no-room"));
	CHECK(!strcmp(nm_drop_name(NM_DROP_RX_OFF), "rx-off"));
	CHECK(!strcmp(nm_drop_name(NM_DROP_NO_MEM), "no-mem"));
	CHECK(!strcmp(nm_drop_name(NM_DROP_REASON_LAST), "unknown"));
	CHECK(!strcmp(nm_drop_name(~0U), "unknown"));
	for (i = 0; i < NM_DROP_REASON_LAST; i++)
		for (j = 0; j < i; j++)
			CHECK(strcmp(nm_drop_name(i), nm_drop_name(j)));
}

int main(void)
{
	d = (struct nm_desc *)calloc(1, sizeof(*d));
	if (!d)
		return 1;
	RUN(addresses);
	RUN(slot_offsets);
	RUN(ring_positions);
	RUN(copy_is_exact);
	RUN(dispatch_gives_single_slots);
	RUN(dispatch_joins_fragments);
	RUN(dispatch_leaves_the_incomplete);
	RUN(dispatch_drops_the_endless);
	RUN(dispatch_stays_in_the_region);
	RUN(dispatch_honours_offsets);
	RUN(nextpkt_takes_whole_packets);
	RUN(inject_splits_and_wraps);
	RUN(inject_says_why_not);
	RUN(inject_honours_offsets);
	RUN(communication_block);
	RUN(drop_names);
	free(d);
	return check_failed != 0;
}
