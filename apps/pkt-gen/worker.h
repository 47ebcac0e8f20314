/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * worker: a thread that sends or receives.
 *
 * The main thread makes one worker per ring, starts them, looks at their
 * counters while they run, and asks them to stop.  A worker blocks all signals
 * but one, SIG_KICK, whose only effect is to end a system call; SIG_DONE tells
 * the main thread that a worker has ended.
 */
#ifndef NM_PKTGEN_WORKER_H
#define NM_PKTGEN_WORKER_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "apps/common/clock.h"
#include "apps/pkt-gen/hist.h"
#include "apps/pkt-gen/options.h"
#include "apps/pkt-gen/port.h"
#include "apps/pkt-gen/stamp.h"

#define SIG_KICK	SIGUSR2
#define SIG_DONE	SIGALRM

#define MIN_SPACE_UNKNOWN	99999

/**
 * struct counters - what a worker has done; written by it, read by anyone
 * @pkts: packets sent or received
 * @bytes: their bytes, as in the slots
 * @events: batches
 * @drops: packets that a port without rings did not take, or slots received
 *	with the wrong sequence number (rxseq)
 * @min_space: rx: smallest number of free slots seen since the last report
 */
struct counters {
	uint64_t pkts;
	uint64_t bytes;
	uint64_t events;
	uint64_t drops;
	uint32_t min_space;
} __attribute__((aligned(64)));

/**
 * struct stream - what an rx worker has seen of one sender's stamps
 * @count: packets
 * @first: lowest sequence number
 * @last: highest sequence number
 */
struct stream {
	uint64_t count;
	uint32_t first;
	uint32_t last;
};

struct run;

/**
 * struct worker - a thread and what belongs to it
 * @c: counters, in a cache line of their own
 * @run: what all threads share
 * @index: number of the thread, from 0
 * @thread: its id
 * @port: its port
 * @limit: packets to send or receive, 0: no limit
 * @start_ns: monotonic time of the first packet (or of the start), 0 before
 * @end_ns: monotonic time of the end; 0 leaves it to the caller of @body
 * @body: what the thread does
 * @failed: ended because of an error
 * @done: has ended; the rest may be read
 * @started: pthread_create() was called for it
 * @latency: round trips (ping), or delay of stamped packets; NULL without
 * @streams: rx with --latency: STAMP_SENDERS of them; NULL without
 */
struct worker {
	struct counters c;
	struct run *run;
	unsigned int index;
	pthread_t thread;
	struct port port;
	uint64_t limit;
	uint64_t start_ns;
	uint64_t end_ns;
	void (*body)(struct worker *w);
	bool failed;
	bool done;
	bool started;
	struct hist *latency;
	struct stream *streams;
};

/**
 * struct run - what all threads share
 * @o: the options
 * @worker: the workers
 * @n: how many
 * @main_thread: gets SIG_DONE
 * @vnet: bytes of the virtio header
 * @stop: set once, by anyone: no more packets
 * @file_packet: the packet of -P, or NULL
 * @file_packet_len: its bytes
 */
struct run {
	const struct options *o;
	struct worker *worker;
	unsigned int n;
	pthread_t main_thread;
	unsigned int vnet;
	bool stop;
	uint8_t *file_packet;
	unsigned int file_packet_len;
};

static inline bool worker_stopped(const struct worker *w)
{
	return __atomic_load_n(&w->run->stop, __ATOMIC_RELAXED);
}

/* worker_count - add to the counters after a batch */
static inline void worker_count(struct worker *w, uint64_t pkts, uint64_t bytes)
{
	struct counters *c = &w->c;

	__atomic_store_n(&c->pkts, c->pkts + pkts, __ATOMIC_RELAXED);
	__atomic_store_n(&c->bytes, c->bytes + bytes, __ATOMIC_RELAXED);
	__atomic_store_n(&c->events, c->events + 1, __ATOMIC_RELAXED);
}

static inline void worker_count_drops(struct worker *w, uint64_t n)
{
	__atomic_store_n(&w->c.drops, w->c.drops + n, __ATOMIC_RELAXED);
}

/* worker_clock - the clock that stamps are taken from */
static inline clockid_t worker_clock(const struct worker *w)
{
	return w->run->o->wall_clock ? CLOCK_REALTIME : CLOCK_MONOTONIC;
}

enum wait_result {
	WAIT_READY,	/* look at the rings */
	WAIT_TIMEOUT,	/* nothing yet, or interrupted: look whether to stop */
	WAIT_FAILED,	/* logged */
};

/**
 * worker_wait - sync the rings and wait until there is something to do
 * @w: a worker with a netmap port
 * @events: POLLIN, POLLOUT or both
 * @timeout_ms: how long
 * @revents: out: which of @events have come; NULL if it does not matter
 *
 * With --busy it only syncs and returns WAIT_READY.
 */
enum wait_result worker_wait(struct worker *w, short events, int timeout_ms,
		short *revents);

/**
 * worker_sleep_until - sleep, unless asked to stop
 * @w: a worker
 * @when_ns: monotonic time; with --busy the wait spins
 */
void worker_sleep_until(struct worker *w, uint64_t when_ns);

/* worker_total - packets of all workers so far */
uint64_t worker_total(const struct run *run);

/**
 * worker_limit_reached - has the worker done what it was to do?
 *
 * Receivers share one limit, because nobody knows which ring packets come to.
 */
bool worker_limit_reached(const struct worker *w);

/**
 * worker_start - start the thread
 * @w: a worker that is filled in
 * @body: what it does
 * Return: 0; -errno.
 */
int worker_start(struct worker *w, void (*body)(struct worker *));

/* worker_install_kick - catch SIG_KICK; once, before any worker is started */
void worker_install_kick(void);

/**
 * worker_dump - print a slot as text, for -X
 * @ring: its ring
 * @idx: number of the slot
 * @data: its bytes
 */
void worker_dump(const struct netmap_ring *ring, uint32_t idx,
		const void *data);

/* worker_dump_bytes - the same for bytes that are in no slot */
void worker_dump_bytes(const void *data, unsigned int len);

/* What the threads do, by function. */
void tx_body(struct worker *w);
void tx_frames_body(struct worker *w);
void rx_body(struct worker *w);
void rx_frames_body(struct worker *w);
void ping_body(struct worker *w);
void pong_body(struct worker *w);
void txseq_body(struct worker *w);
void rxseq_body(struct worker *w);

#endif /* NM_PKTGEN_WORKER_H */
