/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ends of a measurement.
 *
 * Throughput ends count in a variable of their own and publish the count once
 * per batch, on a line that the controller reads twice per sample.  The
 * receiver is the one that decides the figure: a frame that was dropped on
 * the way was not delivered.
 *
 * Latency ends put what they measure into a histogram and leave percentiles
 * at the pause.  A round trip is timed with one clock reading per trip, which
 * adds about 25 ns to it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/clock.h"
#include "bench/ends.h"
#include "bench/port.h"
#include "bench/stats.h"

#define POLL_MS			100
#define TICK_NS			2000000
#define LOST_AFTER_NS		100000000ull

struct ends_state {
	unsigned int n_ports;
	struct port port[ENDS_PORTS];
	struct port_frame frame[ENDS_PORTS];
	uint64_t count;
	uint64_t sum;		/* of the bytes read, so that they are read */
	uint64_t bad;
	uint64_t seq;
	struct histogram age, sync;
};

static void ends_close(struct crew_worker *w)
{
	struct ends_state *s = w->state;

	for (unsigned int i = 0; i < s->n_ports; i++)
		port_close(&s->port[i]);
	free(s);
}

static int ends_open(struct crew_worker *w)
{
	const struct ends_arg *arg = w->arg;
	struct ends_state *s = calloc(1, sizeof(*s));

	if (!s)
		return crew_fail(w, "out of memory");
	w->state = s;
	for (unsigned int i = 0; i < arg->n_ports; i++) {
		if (port_open(&s->port[i], arg->spec[i]))
			return crew_fail(w, "cannot open %s: %s", arg->spec[i], strerror(errno));
		s->n_ports++;
		port_frame_init(&s->frame[i], arg->dst, arg->src[i]);
	}
	return 0;
}

static int sync_tx(struct crew_worker *w, struct port *p)
{
	if (!nmport_sync_tx(p->d))
		return 0;
	return crew_fail(w, "tx sync of %s: %s", p->d->hdr.nr_name, strerror(errno));
}

static int sync_rx(struct crew_worker *w, struct port *p)
{
	if (!nmport_sync_rx(p->d))
		return 0;
	return crew_fail(w, "rx sync of %s: %s", p->d->hdr.nr_name, strerror(errno));
}

/* Let the switch learn where our addresses are. */
static int announce(struct crew_worker *w)
{
	struct ends_state *s = w->state;

	for (unsigned int i = 0; i < s->n_ports; i++) {
		struct port_frame f = s->frame[i];

		memset(f.dst, 0xff, sizeof(f.dst));
		port_put(&s->port[i], &f, PORT_SHORTEST, 1);
		if (sync_tx(w, &s->port[i]))
			return -1;
	}
	return 0;
}

/*
 * What lies in the receive rings is from before; throw it away.  Twice, as the
 * port may hold another ring's worth; not for ever, as senders may be running.
 */
static int drain(struct crew_worker *w)
{
	struct ends_state *s = w->state;
	uint64_t sum = 0, bad = 0;

	for (unsigned int i = 0; i < 2 * s->n_ports; i++) {
		struct port *p = &s->port[i / 2];

		if (sync_rx(w, p))
			return -1;
		port_take(p, 0, UINT32_MAX, &sum, &bad);
	}
	return 0;
}

static const char *path_name(uint16_t path)
{
	switch (path) {
	case NM_PATH_ISOLATED:
		return "isolated";
	case NM_PATH_DIRECT:
		return "direct";
	case NM_PATH_KERNEL:
		return "kernel";
	default:
		return "unknown";
	}
}

/* Asked after the work: a path may change when somebody else comes or goes. */
static void check_path(struct crew_worker *w)
{
	const struct ends_arg *arg = w->arg;
	struct ends_state *s = w->state;
	struct nmreq_port_status st;

	if (nmport_status(s->port[0].d, &st) || st.nr_path == arg->path)
		return;
	snprintf(w->post->remark, sizeof(w->post->remark), "path in use: %s (%.80s)",
		 path_name(st.nr_path), st.nr_path_reason);
}

static int work_send(struct crew_worker *w)
{
	const struct ends_arg *arg = w->arg;
	struct ends_state *s = w->state;

	while (!crew_is_over(w)) {
		for (unsigned int i = 0; i < s->n_ports; i++) {
			s->count += port_put(&s->port[i], &s->frame[i], arg->len, ENDS_BATCH);
			if (sync_tx(w, &s->port[i]))
				return -1;
		}
		crew_publish(w, s->count);
	}
	return 0;
}

static int work_receive(struct crew_worker *w)
{
	const struct ends_arg *arg = w->arg;
	struct ends_state *s = w->state;

	if (announce(w) || drain(w))
		return -1;
	s->bad = 0;
	while (!crew_is_over(w)) {
		for (unsigned int i = 0; i < s->n_ports; i++) {
			if (sync_rx(w, &s->port[i]))
				return -1;
			s->count += port_take(&s->port[i], arg->len, ENDS_BATCH,
					      &s->sum, &s->bad);
		}
		crew_publish(w, s->count);
	}
	/* The others' announcements are shorter; anything more is an error. */
	if (s->bad > ENDS_PORTS)
		return crew_fail(w, "%llu frames of a wrong length arrived",
				 (unsigned long long)s->bad);
	return 0;
}

static int wait_input(struct crew_worker *w, struct port *p)
{
	const struct ends_arg *arg = w->arg;
	struct pollfd pfd = { .fd = p->d->fd, .events = POLLIN };

	if (!arg->blocking)
		return sync_rx(w, p);
	if (nmport_poll(&pfd, 1, POLL_MS) < 0 && errno != EINTR)
		return crew_fail(w, "poll of %s: %s", p->d->hdr.nr_name, strerror(errno));
	return 0;
}

static int send_one(struct crew_worker *w, struct port *p, struct port_frame *f)
{
	port_put(p, f, PORT_SHORTEST, 1);
	return sync_tx(w, p);
}

/* Wait until the frame numbered @seq is back.  1: it is; 0: lost or over. */
static int await_echo(struct crew_worker *w, struct port *p, uint64_t seq,
		      uint64_t sent_ns)
{
	struct port_frame f;

	while (!crew_is_over(w)) {
		if (wait_input(w, p))
			return -1;
		while (port_take_one(p, &f)) {
			if (f.seq == seq)
				return 1;
		}
		if (clock_ns() - sent_ns > LOST_AFTER_NS)
			return 0;
	}
	return 0;
}

static void leave_percentiles(struct crew_worker *w)
{
	struct ends_state *s = w->state;

	w->post->figures[ENDS_P50_NS] = histogram_percentile(&s->age, 50);
	w->post->figures[ENDS_P99_NS] = histogram_percentile(&s->age, 99);
	w->post->figures[ENDS_SYNC_P50_NS] = histogram_percentile(&s->sync, 50);
	s->age = (struct histogram){ .n = 0 };
	s->sync = (struct histogram){ .n = 0 };
}

static int work_ping(struct crew_worker *w)
{
	struct ends_state *s = w->state;
	struct port *p = &s->port[0];
	struct port_frame *f = &s->frame[0];
	uint64_t sent_ns, now_ns;
	int got;

	if (announce(w) || drain(w))
		return -1;
	sent_ns = clock_ns();
	while (!crew_is_over(w)) {
		f->seq = ++s->seq;
		if (send_one(w, p, f))
			return -1;
		got = await_echo(w, p, f->seq, sent_ns);
		if (got < 0)
			return -1;
		now_ns = clock_ns();
		if (got) {
			histogram_add(&s->age, now_ns - sent_ns);
			s->count++;
		}
		sent_ns = now_ns;
	}
	crew_publish(w, s->count);
	leave_percentiles(w);
	return 0;
}

static int work_pong(struct crew_worker *w)
{
	struct ends_state *s = w->state;
	struct port *p = &s->port[0];
	struct port_frame f, *reply = &s->frame[0];

	if (announce(w) || drain(w))
		return -1;
	while (!crew_is_over(w)) {
		if (wait_input(w, p))
			return -1;
		while (port_take_one(p, &f)) {
			if (!f.seq)
				continue;	/* an announcement */
			reply->seq = f.seq;
			if (send_one(w, p, reply))
				return -1;
		}
	}
	return 0;
}

static int work_tick(struct crew_worker *w)
{
	struct ends_state *s = w->state;
	struct port_frame *f = &s->frame[0];

	while (!crew_is_over(w)) {
		clock_sleep_ns(TICK_NS);
		f->seq = ++s->seq;
		f->time_ns = clock_ns();
		if (send_one(w, &s->port[0], f))
			return -1;
		histogram_add(&s->sync, clock_ns() - f->time_ns);
	}
	leave_percentiles(w);
	return 0;
}

static int work_sleep(struct crew_worker *w)
{
	struct ends_state *s = w->state;
	struct port *p = &s->port[0];
	struct port_frame f;

	if (announce(w) || drain(w))
		return -1;
	while (!crew_is_over(w)) {
		if (wait_input(w, p))
			return -1;
		while (port_take_one(p, &f)) {
			if (!f.seq)
				continue;
			histogram_add(&s->age, clock_ns() - f.time_ns);
			s->count++;
		}
	}
	crew_publish(w, s->count);
	leave_percentiles(w);
	return 0;
}

static struct crew_job job_of(int (*work)(struct crew_worker *w),
			      const struct ends_arg *arg, unsigned int cpu)
{
	return (struct crew_job){
		.open = ends_open, .work = work, .check = check_path,
		.close = ends_close, .arg = arg, .cpu = cpu,
	};
}

struct crew_job ends_sender(const struct ends_arg *arg, unsigned int cpu)
{
	return job_of(work_send, arg, cpu);
}

struct crew_job ends_receiver(const struct ends_arg *arg, unsigned int cpu)
{
	return job_of(work_receive, arg, cpu);
}

struct crew_job ends_pinger(const struct ends_arg *arg, unsigned int cpu)
{
	return job_of(work_ping, arg, cpu);
}

struct crew_job ends_ponger(const struct ends_arg *arg, unsigned int cpu)
{
	return job_of(work_pong, arg, cpu);
}

struct crew_job ends_ticker(const struct ends_arg *arg, unsigned int cpu)
{
	return job_of(work_tick, arg, cpu);
}

struct crew_job ends_sleeper(const struct ends_arg *arg, unsigned int cpu)
{
	return job_of(work_sleep, arg, cpu);
}
