/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flow: a stream of checksummed, numbered frames, while others misbehave.
 *
 *	flow tx [-n COUNT] [-l LEN] [-R PPS] [-s STREAM] [-d DST] PORT
 *	flow rx [-n COUNT] [-t SECONDS] [-s STREAM] [-a ADDR] [-o STREAM] PORT
 *
 * Both print "ready" once open, "seen N" ten times a second while N grows, and
 * at the end (COUNT reached, SIGTERM, or -t seconds without a frame)
 *
 *	frames N damaged N order N other N
 *
 * N frames of our stream, frames whose checksum is wrong, frames that came
 * after a later one, frames of other streams.  rx -a sends one frame from the
 * address 02:00:00:00:00:ADDR first, so that a switch knows where that is; -o
 * names a stream whose frames are "other" even if damaged, because somebody
 * who gets them may send them again.  Exit 0; 1 when a frame was
 * damaged or out of order, or COUNT was not reached; 3 when the server died.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "tests/tools/frame.h"
#include "tests/tools/stream.h"

static volatile sig_atomic_t stopped;

struct flow {
	uint64_t count, stream, rate;
	unsigned int len, dst, announce;
	uint64_t replayed;
	int idle_ms;

	uint64_t frames, damaged, disorder, other, next;
	uint64_t said;
	int64_t said_at;
};

static void on_term(int sig)
{
	stopped = sig;
}

static void say(struct flow *f)
{
	int64_t now = frame_now_ms();

	if (f->said == f->frames || now - f->said_at < 100)
		return;
	printf("seen %llu\n", (unsigned long long)f->frames);
	f->said = f->frames;
	f->said_at = now;
}

/* Sleep until frame number f->frames is due. */
static void pace(struct flow *f, int64_t start)
{
	int64_t due = start + (int64_t)(f->frames * 1000 / f->rate);
	int64_t now = frame_now_ms();
	struct timespec ts = { 0, 0 };

	if (due <= now)
		return;
	ts.tv_sec = (due - now) / 1000;
	ts.tv_nsec = (due - now) % 1000 * 1000000;
	nanosleep(&ts, NULL);
}

static int run_tx(struct flow *f, struct nmport_d *d)
{
	struct frame_tx tx = { .timeout_ms = 500 };
	int64_t start = frame_now_ms();
	uint8_t buf[FRAME_MAX];

	while (!stopped && (!f->count || f->frames < f->count)) {
		pace(f, start);
		stream_build(buf, f->len, f->stream, f->frames, f->dst);
		if (frame_send(d, &tx, buf, f->len) == 0)
			f->frames++;
		else if (errno != ETIMEDOUT && errno != EINTR)
			return 3;
		say(f);
	}
	return 0;
}

static void account(struct flow *f, const uint8_t *buf, int len)
{
	uint64_t id, number;
	int ok = stream_check(buf, len, &id, &number);

	if (ok < 0 && (!f->replayed || id != f->replayed)) {
		f->damaged++;
		return;
	}
	if (ok <= 0 || id != f->stream) {
		f->other++;
		return;
	}
	f->frames++;
	if (number < f->next)
		f->disorder++;
	f->next = number + 1;
}

/* A broadcast that is of no stream, from the address to be known. */
static int announce(struct flow *f, struct nmport_d *d)
{
	struct frame_tx tx = { .timeout_ms = 5000 };
	uint8_t buf[FRAME_MAX];

	stream_build(buf, 60, f->stream, 0, 255);
	memset(buf + 6, 0, 6);
	buf[6] = 2;
	buf[11] = f->announce;
	buf[13] = 0xb6;
	return frame_send(d, &tx, buf, 60);
}

static int run_rx(struct flow *f, struct nmport_d *d)
{
	uint8_t buf[FRAME_MAX];
	int64_t last = frame_now_ms();
	uint64_t before;
	int len;

	if (f->announce && announce(f, d))
		return 3;
	while (!stopped && (!f->count || f->frames < f->count)) {
		before = f->frames;
		len = frame_receive(d, buf, 50);
		if (len < 0 && errno != ETIMEDOUT && errno != EINTR)
			return 3;
		if (len > 0)
			account(f, buf, len);
		if (f->frames != before)
			last = frame_now_ms();
		else if (f->idle_ms && frame_now_ms() - last > f->idle_ms)
			break;
		say(f);
	}
	return 0;
}

static int usage(void)
{
	fputs("usage: flow tx|rx [-n COUNT] [-l LEN] [-R PPS] [-s STREAM] [-d DST] [-t SECONDS] PORT\n",
	      stderr);
	return 2;
}

static int options(struct flow *f, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "n:l:R:s:d:t:a:o:")) != -1) {
		unsigned long v = optarg ? strtoul(optarg, NULL, 10) : 0;

		switch (opt) {
		case 'n': f->count = v; break;
		case 'l': f->len = v; break;
		case 'R': f->rate = v; break;
		case 's': f->stream = v; break;
		case 'd': f->dst = v; break;
		case 't': f->idle_ms = v * 1000; break;
		case 'a': f->announce = v; break;
		case 'o': f->replayed = v; break;
		default: return -1;
		}
	}
	return optind + 1 == argc && f->len >= STREAM_MIN &&
		f->len <= FRAME_MAX && f->rate ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct flow f = { .stream = 1, .len = 200, .rate = 2000, .dst = 255 };
	struct sigaction sa = { .sa_handler = on_term };
	struct nmport_d *d;
	int sender, ret;

	if (argc < 3 || (strcmp(argv[1], "tx") && strcmp(argv[1], "rx")))
		return usage();
	sender = argv[1][0] == 't';
	if (options(&f, argc - 1, argv + 1))
		return usage();
	sigaction(SIGTERM, &sa, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	d = nmport_open(argv[argc - 1]);
	if (!d)
		return 1;
	printf("ready\n");
	ret = sender ? run_tx(&f, d) : run_rx(&f, d);
	printf("frames %llu damaged %llu order %llu other %llu\n",
	       (unsigned long long)f.frames, (unsigned long long)f.damaged,
	       (unsigned long long)f.disorder, (unsigned long long)f.other);
	nmport_close(d);
	if (!ret && (f.damaged || f.disorder || f.frames < f.count))
		ret = 1;
	return ret;
}
