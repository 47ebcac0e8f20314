/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * worker: a thread that sends or receives.
 *
 * Stopping: the main thread sets run->stop and kicks each worker with a signal
 * until it has ended.  A kick that arrives between the look at run->stop and
 * the system call is lost; the next one is not.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "apps/pkt-gen/worker.h"

/* Longest sleep in one piece, so that a stop is seen. */
#define SLEEP_SLICE_NS	(100 * NS_PER_MS)

static enum wait_result sync_only(struct worker *w, short events,
		short *revents)
{
	struct nmport_d *d = w->port.d;
	int err = 0;

	if (events & POLLOUT)
		err = nmport_sync_tx(d);
	if (!err && (events & POLLIN))
		err = nmport_sync_rx(d);
	if (err) {
		D("sync error on queue %u: %s", w->index, strerror(errno));
		return WAIT_FAILED;
	}
	if (revents)
		*revents = events;
	return WAIT_READY;
}

enum wait_result worker_wait(struct worker *w, short events, int timeout_ms,
		short *revents)
{
	struct pollfd pfd = { .fd = w->port.d->fd, .events = events };
	int n;

	if (w->run->o->busy)
		return sync_only(w, events, revents);
	n = nmport_poll(&pfd, 1, timeout_ms);
	if (n < 0 && errno == EINTR)
		return WAIT_TIMEOUT;
	if (n < 0) {
		D("poll error on queue %u: %s", w->index, strerror(errno));
		return WAIT_FAILED;
	}
	if (n == 0)
		return WAIT_TIMEOUT;
	if (pfd.revents & (POLLERR | POLLNVAL)) {
		D("poll error on queue %u: the port is gone", w->index);
		return WAIT_FAILED;
	}
	if (revents)
		*revents = pfd.revents;
	return WAIT_READY;
}

void worker_sleep_until(struct worker *w, uint64_t when_ns)
{
	uint64_t now = clock_read_ns(CLOCK_MONOTONIC);

	while (now < when_ns && !worker_stopped(w)) {
		uint64_t slice = when_ns - now < SLEEP_SLICE_NS ? when_ns :
			now + SLEEP_SLICE_NS;
		struct timespec ts = clock_to_timespec(slice);

		if (!w->run->o->busy)
			clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts,
					NULL);
		now = clock_read_ns(CLOCK_MONOTONIC);
	}
}

uint64_t worker_total(const struct run *run)
{
	uint64_t total = 0;
	unsigned int i;

	for (i = 0; i < run->n; i++)
		total += __atomic_load_n(&run->worker[i].c.pkts,
				__ATOMIC_RELAXED);
	return total;
}

static bool is_receiver(const struct worker *w)
{
	return w->run->o->func == FUNC_RX || w->run->o->func == FUNC_RXSEQ;
}

bool worker_limit_reached(const struct worker *w)
{
	const struct run *run = w->run;

	if (!run->o->count)
		return false;
	return is_receiver(w) ? worker_total(run) >= run->o->count :
		w->c.pkts >= w->limit;
}

/* CPU of a thread; -1: any. */
static int choose_cpu(const struct options *o, unsigned int index)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	if (o->n_cpu_list)
		return (int)o->cpu_list[index % o->n_cpu_list];
	if (o->affinity < 0)
		return -1;
	return (int)(((unsigned int)o->affinity + index) %
			(o->cpus_given ? o->n_cpus : (unsigned int)online));
}

static void pin(const struct worker *w)
{
	int cpu = choose_cpu(w->run->o, w->index);
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	if (cpu < CPU_SETSIZE)
		CPU_SET(cpu, &set);
	if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set))
		D("cannot run thread %u on CPU %d", w->index, cpu);
}

static void *thread_main(void *arg)
{
	struct worker *w = arg;
	sigset_t kick;

	sigemptyset(&kick);
	sigaddset(&kick, SIG_KICK);
	pthread_sigmask(SIG_UNBLOCK, &kick, NULL);
	pin(w);
	w->body(w);
	/* the others may be waiting for packets that need not come */
	if (is_receiver(w) && worker_limit_reached(w))
		__atomic_store_n(&w->run->stop, true, __ATOMIC_RELAXED);
	if (!w->end_ns)
		w->end_ns = clock_read_ns(CLOCK_MONOTONIC);
	__atomic_store_n(&w->done, true, __ATOMIC_RELEASE);
	pthread_kill(w->run->main_thread, SIG_DONE);
	return NULL;
}

int worker_start(struct worker *w, void (*body)(struct worker *))
{
	int err;

	w->body = body;
	err = pthread_create(&w->thread, NULL, thread_main, w);
	w->started = !err;
	return -err;
}

static void kicked(int sig)
{
}

void worker_install_kick(void)
{
	struct sigaction sa = { .sa_handler = kicked };

	sigaction(SIG_KICK, &sa, NULL);
}

/* One line: offset, 16 bytes in hex, the same as ASCII. */
static void dump_line(const uint8_t *p, unsigned int at, unsigned int len)
{
	char line[5 + 1 + 16 * 3 + 1 + 16 + 1];
	unsigned int i, n = len - at < 16 ? len - at : 16;
	char *q = line + sprintf(line, "%5u ", at);

	for (i = 0; i < 16; i++)
		q += i < n ? sprintf(q, "%02x ", p[at + i]) :
			sprintf(q, "   ");
	*q++ = ' ';
	for (i = 0; i < n; i++)
		*q++ = p[at + i] >= 0x20 && p[at + i] < 0x7f ?
			(char)p[at + i] : '.';
	*q = '\0';
	printf("%s\n", line);
}

void worker_dump_bytes(const void *data, unsigned int len)
{
	unsigned int at;

	for (at = 0; at < len; at += 16)
		dump_line(data, at, len);
}

void worker_dump(const struct netmap_ring *ring, uint32_t idx,
		const void *data)
{
	const struct netmap_slot *slot = &ring->slot[idx];

	flockfile(stdout);
	printf("ring %p cur %5u [buf %6u flags 0x%04x len %5u]\n",
		(const void *)ring, idx, slot->buf_idx, slot->flags, slot->len);
	worker_dump_bytes(data, slot->len);
	funlockfile(stdout);
}
