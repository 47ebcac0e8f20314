/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmstress: random operations by processes that get stopped and killed.
 *
 *	parent --- kill -9, SIGSTOP, SIGCONT, a new one in its place
 *	  +-- worker 0     open, close, send, receive, poll, on ports
 *	  +-- worker 1     taken at random from a small set of switches and pipes
 *	  ...
 *
 * Ports are opened exclusively, so that the workers get in each other's way
 * only through the engine.  Every frame carries a checksum: one damaged frame
 * ends the run.  In the end the workers leave, and then every port must be gone
 * and as many buffers be there as in the beginning.
 *
 *	nmstress [-t SECONDS] [-p PROCESSES] [-S SEED] [-q]
 *
 * -q: kill and stop nobody.  Prints the seed, and what was done.  Exit 0 or 1.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tests/tools/frame.h"
#include "tests/tools/stream.h"

#define WORKERS		32
#define PORTS_MAX	4	/* ports of a worker */

enum counted {
	OPENED, REFUSED, CLOSED, SENT, RECEIVED, DAMAGED, STALLED,
	KILLED, STOPPED, N_COUNTED,
};

static const char *const count_names[N_COUNTED] = {
	"opened", "refused", "closed", "sent", "received", "damaged",
	"no-room", "killed", "stopped",
};

/* What everybody counts, in shared memory: workers die without a word. */
struct tally {
	uint64_t n[N_COUNTED];
	int broken;		/* a worker's port failed; end the run */
	char why[256];
};

static const char *const universe[] = {
	"vale0:p0", "vale0:p1", "vale0:p2", "vale0:p3", "vale0:p4", "vale1:q0",
	"vale1:q1", "vale1:m@conf:rings=3", "vale0:s@conf:slots=64",
	"netmap:x{0", "netmap:x}0", "netmap:x{1", "netmap:x}1",
	"vale0:p0{7", "vale0:p0}7",
};

#define N_PORTS		(sizeof(universe) / sizeof(universe[0]))

struct worker {
	struct nmport_d *d[PORTS_MAX];
	unsigned int port[PORTS_MAX];
	uint64_t id, number;
	uint8_t buf[FRAME_MAX];
};

static struct tally *tally;
static uint64_t rng_state;

static uint32_t rnd(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state >> 16;
}

static void count(enum counted what)
{
	__atomic_fetch_add(&tally->n[what], 1, __ATOMIC_RELAXED);
}

static void quiet(struct nmctx *ctx, const char *msg)
{
	/* refusals are part of the game */
}

/* Something that never may happen: remember it, and end. */
__attribute__((__noreturn__))
static void broken(const char *what, const char *port)
{
	if (!__atomic_exchange_n(&tally->broken, 1, __ATOMIC_SEQ_CST))
		snprintf(tally->why, sizeof(tally->why), "%s: %s: %s", port,
			 what, nmport_last_error());
	_exit(1);
}

/* "vale1:m@conf:rings=3" -> "vale1:m/x@conf:rings=3" */
static void exclusive(char *out, size_t len, const char *name)
{
	const char *at = strchr(name, '@');
	int n = at ? (int)(at - name) : (int)strlen(name);

	snprintf(out, len, "%.*s/x%s", n, name, at ? at : "");
}

static void do_open(struct worker *w, unsigned int k)
{
	char name[64];

	if (w->d[k])
		return;
	w->port[k] = rnd() % N_PORTS;
	exclusive(name, sizeof(name), universe[w->port[k]]);
	w->d[k] = nmport_open(name);
	if (w->d[k])
		count(OPENED);
	else if (errno == EBUSY)
		count(REFUSED);
	else
		broken("cannot open", name);
}

static void do_close(struct worker *w, unsigned int k)
{
	if (!w->d[k])
		return;
	nmport_close(w->d[k]);
	w->d[k] = NULL;
	count(CLOSED);
}

static void do_send(struct worker *w, unsigned int k)
{
	struct frame_tx tx = { .timeout_ms = 1 };
	unsigned int n = 1 + rnd() % 64, len;

	while (w->d[k] && n-- > 0) {
		len = STREAM_MIN + (rnd() % 4 ? rnd() % 200 : rnd() % 9000);
		stream_build(w->buf, len, w->id, w->number,
			     rnd() % 2 ? 255 : rnd() % 16);
		if (frame_send(w->d[k], &tx, w->buf, len) == 0) {
			w->number++;
			count(SENT);
		} else if (errno == ETIMEDOUT) {
			count(STALLED);
			return;
		} else if (errno != EMSGSIZE) {
			broken("cannot send", universe[w->port[k]]);
		}
	}
}

static void do_receive(struct worker *w, unsigned int k)
{
	unsigned int n = 1 + rnd() % 128;
	uint64_t id, number;
	int len;

	while (w->d[k] && n-- > 0) {
		len = frame_receive(w->d[k], w->buf, rnd() % 3);
		if (len < 0 && errno == ETIMEDOUT)
			return;
		if (len < 0)
			broken("cannot receive", universe[w->port[k]]);
		if (stream_check(w->buf, len, &id, &number) != 1) {
			count(DAMAGED);
			broken("a damaged frame", universe[w->port[k]]);
		}
		count(RECEIVED);
	}
}

static void do_poll(struct worker *w, unsigned int k)
{
	struct pollfd pfd[PORTS_MAX];
	unsigned int i;

	for (i = 0; i < PORTS_MAX; i++) {
		pfd[i].fd = w->d[i] ? w->d[i]->fd : -1;
		pfd[i].events = 1 + rnd() % 7;
	}
	if (nmport_poll(pfd, PORTS_MAX, rnd() % 10) < 0 && errno != EINTR)
		broken("cannot poll", "ports");
	for (i = 0; i < PORTS_MAX; i++)
		if (pfd[i].revents & (POLLERR | POLLNVAL))
			broken("poll found an error", universe[w->port[i]]);
}

static const struct {
	unsigned int weight;
	void (*run)(struct worker *w, unsigned int k);
} ops[] = {
	{ 10, do_open }, { 3, do_close }, { 40, do_send },
	{ 40, do_receive }, { 7, do_poll },	/* sum 100 */
};

__attribute__((__noreturn__))
static void work(uint64_t id, uint64_t seed)
{
	static struct worker w;
	unsigned int dice, i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	w.id = id;
	rng_state = seed * 2 + 1;
	nmctx_get()->error = quiet;
	for (;;) {
		dice = rnd() % 100;
		for (i = 0; dice >= ops[i].weight; i++)
			dice -= ops[i].weight;
		ops[i].run(&w, rnd() % PORTS_MAX);
	}
}

/* Extra buffers that can be had: those that nobody has. */
static unsigned int spare(void)
{
	struct nmport_d *d = nmport_prepare("vale9:probe");
	unsigned int n;

	if (!d)
		return 0;
	d->reg.nr_extra_bufs = 1u << 20;
	if (nmport_open_desc(d)) {
		nmport_undo_prepare(d);
		return 0;
	}
	n = d->reg.nr_extra_bufs;
	nmport_close(d);
	return n;
}

static int port_exists(const char *name)
{
	struct nmreq_port_status st = { 0 };
	struct nmreq_header hdr;
	const char *at = strchr(name, '@');

	nmreq_header_init(&hdr, NETMAP_REQ_PORT_STATUS_GET, &st);
	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "%.*s",
		 at ? (int)(at - name) : (int)strlen(name), name);
	return nmreq_ctrl(&hdr) == 0;
}

static void nap(unsigned int ms)
{
	struct timespec ts = { 0, ms * 1000000L };

	nanosleep(&ts, NULL);
}

/* All ports gone and all buffers back, within ten seconds? */
static int conserved(unsigned int before)
{
	int64_t deadline = frame_now_ms() + 10000;
	unsigned int i, left, now;

	do {
		nap(20);
		for (i = 0, left = 0; i < N_PORTS; i++)
			left += !strncmp(universe[i], "vale", 4) &&
				!strchr(universe[i], '{') &&
				!strchr(universe[i], '}') &&
				port_exists(universe[i]);
		now = spare();
		if (!left && now == before)
			return 1;
	} while (frame_now_ms() < deadline);
	printf("%u ports are left, %u of %u buffers are back\n", left, now,
	       before);
	return 0;
}

static pid_t spawn(void)
{
	static uint64_t id = 100;
	uint64_t seed = rnd();
	pid_t pid;

	id++;
	pid = fork();
	if (pid == 0)
		work(id, seed);
	return pid;
}

/* Something happens to one of the workers. */
static void torment(pid_t *pid, int calm)
{
	switch (calm ? 3 : rnd() % 3) {
	case 0:
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
		count(KILLED);
		*pid = spawn();
		break;
	case 1:
		kill(*pid, SIGSTOP);
		count(STOPPED);
		nap(rnd() % 60);
		kill(*pid, rnd() % 4 ? SIGCONT : SIGKILL);
		break;
	default:
		break;
	}
	if (waitpid(*pid, NULL, WNOHANG) == *pid)
		*pid = spawn();
}

int main(int argc, char **argv)
{
	unsigned int seconds = 10, n = 4, i, before;
	uint64_t seed = time(NULL);
	pid_t pid[WORKERS];
	int opt, calm = 0, ret;
	int64_t end;

	while ((opt = getopt(argc, argv, "t:p:S:q")) != -1) {
		switch (opt) {
		case 't': seconds = strtoul(optarg, NULL, 10); break;
		case 'p': n = strtoul(optarg, NULL, 10); break;
		case 'S': seed = strtoull(optarg, NULL, 10); break;
		case 'q': calm = 1; break;
		default: return 2;
		}
	}
	if (n < 1 || n > WORKERS)
		return 2;
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 1;
	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	rng_state = seed * 2 + 1;
	before = spare();
	for (i = 0; i < n; i++)
		pid[i] = spawn();
	end = frame_now_ms() + seconds * 1000LL;
	while (frame_now_ms() < end && !tally->broken) {
		nap(rnd() % 30);
		torment(&pid[rnd() % n], calm);
	}
	for (i = 0; i < n; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	for (i = 0; i < N_COUNTED; i++)
		printf("%s %llu\n", count_names[i],
		       (unsigned long long)tally->n[i]);
	if (tally->broken)
		printf("broken: %s\n", tally->why);
	ret = !before || tally->broken || !tally->n[RECEIVED] ||
		!conserved(before);
	printf("%s\n", ret ? "FAILED" : "ok");
	return ret;
}
