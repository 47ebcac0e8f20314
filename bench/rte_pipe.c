/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rte_pipe - a rival of the netmap pipe: mbufs through one rte_ring
 *
 * One lcore allocates packet buffers, writes 64 bytes into each and enqueues
 * them; another dequeues them, reads 8 bytes of each and frees them.  Single
 * producer, single consumer, 1024 entries, pool of 8191 with a cache of 256.
 * The main lcore prints once per second, in the form that testpmd uses.
 *
 *   rte_pipe EAL-OPTIONS -- [BURST [FRAME-BYTES]]      (256, 60)
 *
 * EAL-OPTIONS must give three lcores: main, sender, receiver.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <rte_ring.h>

#include "bench/clock.h"

#define RING_SIZE	1024
#define POOL_SIZE	8191
#define POOL_CACHE	256
#define BURST_MAX	512
#define WRITTEN		64

struct pipe {
	struct rte_ring *ring;
	struct rte_mempool *pool;
	unsigned int burst;
	uint16_t len;
	_Alignas(128) _Atomic uint64_t received;
	_Alignas(128) _Atomic uint64_t sum;
};

static struct pipe the_pipe = { .burst = 256, .len = 60 };

static int send_frames(void *arg)
{
	struct rte_mbuf *m[BURST_MAX];
	struct pipe *p = arg;
	uint8_t frame[WRITTEN];
	unsigned int done;

	memset(frame, 0x5a, sizeof(frame));
	for (;;) {
		if (rte_pktmbuf_alloc_bulk(p->pool, m, p->burst)) {
			rte_pause();
			continue;
		}
		for (unsigned int i = 0; i < p->burst; i++) {
			memcpy(rte_pktmbuf_mtod(m[i], void *), frame, sizeof(frame));
			m[i]->data_len = p->len;
			m[i]->pkt_len = p->len;
		}
		done = 0;
		while (done < p->burst)
			done += rte_ring_sp_enqueue_burst(p->ring, (void **)&m[done],
							  p->burst - done, NULL);
	}
	return 0;
}

static int receive_frames(void *arg)
{
	struct rte_mbuf *m[BURST_MAX];
	struct pipe *p = arg;
	uint64_t count = 0, sum = 0;

	for (;;) {
		unsigned int n = rte_ring_sc_dequeue_burst(p->ring, (void **)m,
							   p->burst, NULL);

		for (unsigned int i = 0; i < n; i++)
			sum += *rte_pktmbuf_mtod(m[i], uint64_t *);
		if (n)
			rte_pktmbuf_free_bulk(m, n);
		count += n;
		atomic_store_explicit(&p->received, count, memory_order_relaxed);
		atomic_store_explicit(&p->sum, sum, memory_order_relaxed);
	}
	return 0;
}

static int parse_rest(struct pipe *p, int argc, char **argv)
{
	if (argc > 1)
		p->burst = (unsigned int)atoi(argv[1]);
	if (argc > 2)
		p->len = (uint16_t)atoi(argv[2]);
	if (argc > 3 || p->burst < 1 || p->burst > BURST_MAX || p->len < 60 ||
	    p->len > 1514) {
		fprintf(stderr, "usage: rte_pipe EAL-OPTIONS -- [BURST [FRAME-BYTES]]\n");
		return -1;
	}
	return 0;
}

static int build(struct pipe *p)
{
	p->ring = rte_ring_create("bench", RING_SIZE, SOCKET_ID_ANY,
				  RING_F_SP_ENQ | RING_F_SC_DEQ);
	p->pool = rte_pktmbuf_pool_create("bench", POOL_SIZE, POOL_CACHE, 0,
					  RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (p->ring && p->pool)
		return 0;
	fprintf(stderr, "rte_pipe: no memory for the ring or the pool\n");
	return -1;
}

static void report(struct pipe *p)
{
	uint64_t count = 0, at = clock_ns();

	for (;;) {
		uint64_t now_count, now;

		sleep(1);
		now_count = atomic_load_explicit(&p->received, memory_order_relaxed);
		now = clock_ns();
		printf("Rx-pps: %.0f\n", (double)(now_count - count) * 1e9 /
		       (double)(now - at));
		fflush(stdout);
		count = now_count;
		at = now;
	}
}

int main(int argc, char **argv)
{
	unsigned int sender, receiver;
	int n = rte_eal_init(argc, argv);

	if (n < 0)
		return 1;
	if (parse_rest(&the_pipe, argc - n, argv + n))
		return 2;
	sender = rte_get_next_lcore(-1, 1, 0);
	receiver = rte_get_next_lcore(sender, 1, 0);
	if (receiver >= RTE_MAX_LCORE) {
		fprintf(stderr, "rte_pipe: three lcores are needed\n");
		return 2;
	}
	if (build(&the_pipe))
		return 1;
	rte_eal_remote_launch(receive_frames, &the_pipe, receiver);
	rte_eal_remote_launch(send_frames, &the_pipe, sender);
	report(&the_pipe);
	return 0;
}
