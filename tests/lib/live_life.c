/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors, processes and servers that come and go.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/live.h"

/* One frame from @a to @b. */
static bool passes(struct nmport_d *a, struct nmport_d *b)
{
	if (live_queue(live_tx(a, 0), 1) != 1 ||
	    nmio_ioctl(a->fd, NIOCTXSYNC, NULL) ||
	    live_poll1(b->fd, POLLIN, 2000) != POLLIN)
		return false;
	return live_take(live_rx(b, 0)) == 1;
}

static long vm_pages(void)
{
	long pages = -1;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f) {
		if (fscanf(f, "%ld", &pages) != 1)
			pages = -1;
		fclose(f);
	}
	return pages;
}

/* Neither descriptors nor addresses are used up. */
static void open_close(void)
{
	int i, fds = 0, server_fds = 0;
	long pages = 0;

	for (i = 0; i < 500; i++) {
		struct nmport_d *a = nmport_open("vale0:a");
		struct nmport_d *b = nmport_open("vale0:b");

		NEED(a && b);
		NEED(passes(a, b));
		nmport_close(a);
		nmport_close(b);
		if (i == 20) {
			fds = live_count_fds(getpid());
			pages = vm_pages();
			server_fds = live_count_fds(live_server);
		}
	}
	CHECK(live_count_fds(getpid()) == fds);
	CHECK(vm_pages() - pages < 1024);
	CHECK(live_count_fds(live_server) - server_fds < 16);
}

/* An idle thread keeps no server alive that ends when nobody needs it. */
static void grace(void)
{
	struct nmport_d *a, *b;
	int status, i;

	live_server_kill();
	NEED(!live_server_start("--grace", "1", 0));
	a = nmport_open("vale0:a");
	b = nmport_open("vale0:b");
	NEED(a && b);
	CHECK(passes(a, b));
	nmport_close(a);
	nmport_close(b);
	for (i = 0; i < 500; i++) {
		if (waitpid(live_server, &status, WNOHANG) == live_server) {
			live_server = 0;
			return;
		}
		usleep(10000);
	}
	CHECK(!"the server ended");
}

static void *sync_in_thread(void *arg)
{
	struct nmport_d *d = arg;

	nmio_ioctl(d->fd, NIOCRXSYNC, NULL);
	return NULL;
}

/* Nobody who only syncs starts a server in place of one that is dead. */
static void server_dies(void)
{
	struct nmport_d *a = nmport_open("vale0:a"), *b = nmport_open("vale0:b");
	struct nmreq_header h = { .nr_version = NETMAP_API };
	pthread_t t;
	int i;

	NEED(a && b);
	CHECK(passes(a, b));
	live_server_kill();
	CHECK(live_poll1(b->fd, POLLIN, 5000) == POLLERR);
	CHECK(live_poll1(b->fd, POLLIN, -1) == POLLERR);
	pthread_create(&t, NULL, sync_in_thread, a);
	pthread_join(t, NULL);
	for (i = 0; i < 100; i++) {
		if (nmio_ioctl(a->fd, NIOCTXSYNC, NULL))
			break;
		usleep(10000);
	}
	CHECK(i < 100 && errno == EIO);
	h.nr_reqtype = NETMAP_REQ_PORT_INFO_GET;
	h.nr_body = (uintptr_t)&(struct nmreq_port_info_get){ 0 };
	strcpy(h.nr_name, "vale0:a");
	CHECK(nmio_ioctl(a->fd, NIOCCTRL, &h) == -1 && nmio_error()[0]);
	NEED(!live_server_start(NULL, NULL, 0));
	nmport_close(a);
	a = nmport_open("vale0:a");
	nmport_close(b);
	b = nmport_open("vale0:b");
	NEED(a && b);
	CHECK(passes(a, b));
	nmport_close(a);
	nmport_close(b);
}

/* A new server may be the process that the old one was. */
static void same_number(void)
{
	struct nmport_d *a = nmport_open("vale0:a"), *b = nmport_open("vale0:b");
	struct nmport_d *c, *d;
	pid_t pid = live_server;

	NEED(a && b);
	CHECK(passes(a, b));
	live_server_kill();
	if (live_server_start(NULL, NULL, pid))
		live_skip("cannot choose a process number");
	c = nmport_open("vale0:c");
	d = nmport_open("vale0:d");
	NEED(c && d);
	CHECK(live_server == pid);
	CHECK(passes(c, d));
	nmport_close(a);
	nmport_close(b);
	CHECK(passes(d, c));
	nmport_close(c);
	nmport_close(d);
}

static int wait_for(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* A child uses its parent's ports, and ends; the parent goes on. */
static void child_uses(void)
{
	struct nmport_d *a = nmport_open("vale0:a"), *b = nmport_open("vale0:b");
	int i;
	pid_t pid;

	NEED(a && b);
	for (i = 0; i < 10; i++) {
		CHECK(passes(a, b));
		pid = fork();
		if (!pid)
			_exit(passes(a, b) && passes(b, a) ? 0 : 1);
		CHECK(wait_for(pid) == 0);
		CHECK(passes(b, a));
	}
	nmport_close(a);
	nmport_close(b);
}

static void *poll_long(void *arg)
{
	struct nmport_d *d = arg;

	return (void *)(intptr_t)live_poll1(d->fd, POLLIN, 30000);
}

/* What the parent's threads were doing keeps nothing open in the child. */
static void child_closes(void)
{
	struct nmport_d *a = nmport_open("vale0:a"), *b = nmport_open("vale0:b");
	pthread_t t;
	int fds, left;
	pid_t pid;

	NEED(a && b);
	CHECK(passes(a, b));
	pthread_create(&t, NULL, poll_long, b);
	usleep(100000);
	fds = live_count_fds(getpid());
	pid = fork();
	if (!pid) {
		nmport_close(a);
		nmport_close(b);
		left = live_count_fds(getpid());
		/* socket, wake, doorbell each; the parent's own connection */
		_exit(left <= fds - 6 - !live_isolated ? 0 : 1);
	}
	CHECK(wait_for(pid) == 0);
	CHECK(live_queue(live_tx(a, 0), 1) == 1);
	CHECK(!nmio_ioctl(a->fd, NIOCTXSYNC, NULL));
	pthread_join(t, NULL);
	CHECK(live_take(live_rx(b, 0)) == 1);
	nmport_close(a);
	nmport_close(b);
}

/* Who waits with a descriptor that is closed is told at once. */
static void close_polled(void)
{
	struct nmport_d *b = nmport_open("vale0:b");
	uint64_t t0;
	pthread_t t;
	void *r;

	NEED(b);
	pthread_create(&t, NULL, poll_long, b);
	usleep(100000);
	t0 = live_now_ms();
	CHECK(!nmio_close(b->fd));
	pthread_join(t, &r);
	CHECK(live_now_ms() - t0 < 2000 && (intptr_t)r == POLLNVAL);
	b->fd = -1;
}

/* A request about a port, with the old-fashioned precision of its errno. */
static int request(int fd, uint16_t type, const char *name, void *body)
{
	struct nmreq_header h = {
		.nr_version = NETMAP_API, .nr_reqtype = type,
		.nr_body = (uintptr_t)body,
	};

	snprintf(h.nr_name, sizeof(h.nr_name), "%s", name);
	return nmio_ioctl(fd, NIOCCTRL, &h) ? -errno : 0;
}

static int bind_exclusive(int fd, const char *name)
{
	struct nmreq_register reg = {
		.nr_mode = NR_REG_ALL_NIC, .nr_flags = NR_EXCLUSIVE,
	};

	return request(fd, NETMAP_REQ_REGISTER, name, &reg);
}

/* What was closed is free for whoever asks next, on any descriptor. */
static void closed_is_free(void)
{
	int a, b, i;

	a = nmio_open(NMIO_HOME_USER);
	NEED(a >= 0 && !bind_exclusive(a, "vale0:a"));
	for (i = 0; i < 1000; i++) {
		b = nmio_open(NMIO_HOME_USER);
		NEED(b >= 0);
		CHECK(!nmio_close(a));
		if (!CHECK(bind_exclusive(b, "vale0:a") == 0))
			break;
		a = b;
	}
	nmio_close(b);
}

/* The same, by processes: one ends, and the other opens. */
static void ended_is_free(void)
{
	struct nmport_d *d;
	int i, fd, ends[2];
	pid_t pid;
	char c;

	for (i = 0; i < 100; i++) {
		fd = nmio_open(NMIO_HOME_USER);
		NEED(fd >= 0 && !pipe(ends));
		pid = fork();
		if (!pid) {
			close(fd);
			d = nmport_open("vale0:a/x");
			_exit(d && write(ends[1], "", 1) == 1 ? 0 : 1);
		}
		CHECK(read(ends[0], &c, 1) == 1);
		CHECK(wait_for(pid) == 0);
		if (!CHECK(bind_exclusive(fd, "vale0:a") == 0))
			break;
		CHECK(!nmio_close(fd));
		close(ends[0]);
		close(ends[1]);
	}
}

/* A descriptor, and whether the thread that polls it has come that far. */
struct polled {
	int fd;
	int begun;
};

static void *poll_fd_long(void *arg)
{
	struct polled *p = arg;
	int fd = p->fd;

	__atomic_store_n(&p->begun, 1, __ATOMIC_RELEASE);
	return (void *)(intptr_t)live_poll1(fd, POLLIN, 30000);
}

/* ... and by threads: one sleeps with the descriptor that is closed. */
static void polled_is_free(void)
{
	struct polled p;
	int a, b, i;
	pthread_t t;
	void *r;

	a = nmio_open(NMIO_HOME_USER);
	NEED(a >= 0 && !bind_exclusive(a, "vale0:a"));
	for (i = 0; i < 300; i++) {
		b = nmio_open(NMIO_HOME_USER);
		NEED(b >= 0);
		p.fd = a;
		p.begun = 0;
		pthread_create(&t, NULL, poll_fd_long, &p);
		/* once closed the number may be that of a region's memory */
		while (!__atomic_load_n(&p.begun, __ATOMIC_ACQUIRE))
			sched_yield();
		usleep(i % 8 * 40);
		CHECK(!nmio_close(a));
		CHECK(bind_exclusive(b, "vale0:a") == 0);
		pthread_join(t, &r);
		if (!CHECK((intptr_t)r == POLLNVAL))
			break;
		a = b;
	}
	nmio_close(b);
}

struct asker {
	int fd;
	const char *name;
	uint32_t slots;
	uint32_t n;
};

/* Ask for the slots of a port, again and again. */
static void *ask(void *arg)
{
	const struct asker *k = arg;
	uint32_t i;

	for (i = 0; i < k->n; i++) {
		struct nmreq_port_info_get pi = { 0 };

		if (request(k->fd, NETMAP_REQ_PORT_INFO_GET, k->name, &pi) ||
		    pi.nr_tx_slots != k->slots)
			return "wrong answer";
	}
	return NULL;
}

/*
 * Two processes ask over one descriptor: each gets his answers.  Some die
 * waiting for theirs.
 */
static void shared_requests(void)
{
	struct nmreq_register reg = { .nr_mode = NR_REG_ALL_NIC };
	struct asker a = { .name = "vale0:a", .slots = 64, .n = 1000 };
	struct asker b = { .name = "vale0:b", .slots = 128, .n = 1000 };
	struct asker c = { .name = "vale0:b", .slots = 128, .n = ~0u };
	pid_t pid, doomed;
	int pa, pb, i;

	pa = nmio_open(NMIO_HOME_USER);
	pb = nmio_open(NMIO_HOME_USER);
	a.fd = b.fd = c.fd = nmio_open(NMIO_HOME_USER);
	NEED(pa >= 0 && pb >= 0 && a.fd >= 0);
	reg.nr_tx_slots = reg.nr_rx_slots = 64;
	NEED(!request(pa, NETMAP_REQ_REGISTER, "vale0:a", &reg));
	memset(&reg, 0, sizeof(reg));
	reg.nr_mode = NR_REG_ALL_NIC;
	reg.nr_tx_slots = reg.nr_rx_slots = 128;
	NEED(!request(pb, NETMAP_REQ_REGISTER, "vale0:b", &reg));
	pid = fork();
	if (!pid) {
		alarm(30);
		_exit(ask(&b) ? 1 : 0);
	}
	alarm(30);
	CHECK(!ask(&a));
	CHECK(wait_for(pid) == 0);
	a.n = 100;
	for (i = 0; i < 30; i++) {
		doomed = fork();
		if (!doomed)
			_exit(ask(&c) ? 1 : 0);
		usleep(rand() % 3000);
		CHECK(!kill(doomed, SIGKILL));
		waitpid(doomed, NULL, 0);
		if (!CHECK(!ask(&a)))
			break;
	}
	alarm(0);
	nmio_close(pa);
	nmio_close(pb);
	nmio_close(a.fd);
}

struct busy {
	volatile bool stop;
	struct nmport_d *d;
};

static void *poll_busily(void *arg)
{
	struct busy *y = arg;

	while (!y->stop)
		live_poll1(y->d->fd, POLLIN, 1);
	return NULL;
}

static void *ask_busily(void *arg)
{
	struct busy *y = arg;
	struct asker k = { .fd = y->d->fd, .name = "vale0:a", .n = 1 };

	while (!y->stop)
		ask(&k);
	return NULL;
}

static void *open_busily(void *arg)
{
	struct busy *y = arg;

	while (!y->stop)
		nmio_close(nmio_open(NMIO_HOME_USER));
	return NULL;
}

static void *send_busily(void *arg)
{
	struct busy *y = arg;

	while (!y->stop) {
		live_queue(live_tx(y->d, 0), 1);
		nmio_ioctl(y->d->fd, NIOCTXSYNC, NULL);
	}
	return NULL;
}

/* Threads may be anywhere when one forks: the child finds all in order. */
static void fork_of_threads(void)
{
	static void *(*const what[])(void *) = {
		poll_busily, ask_busily, open_busily, send_busily,
	};
	struct nmport_d *b = nmport_open("vale0:b"), *c;
	struct busy y = { .d = nmport_open("vale0:a") };
	pthread_t t[4];
	pid_t pid;
	int i, fds;

	NEED(y.d && b);
	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, what[i], &y);
	for (i = 0; i < 200; i++) {
		pid = fork();
		if (!pid) {
			alarm(20);
			c = nmport_open("vale0:c");
			if (!c || nmio_ioctl(c->fd, NIOCTXSYNC, NULL) ||
			    live_poll1(y.d->fd, POLLIN, 0) < 0)
				_exit(1);
			/* what the calls of others held is let go */
			fds = live_count_fds(getpid());
			nmio_close(y.d->fd);
			_exit(live_count_fds(getpid()) <= fds - 3 ? 0 : 2);
		}
		if (!CHECK(wait_for(pid) == 0))
			break;
	}
	y.stop = true;
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	nmport_close(y.d);
	nmport_close(b);
}

/* A session closed with close(2), and its number used again. */
static void number_reused(void)
{
	struct pollfd p = { .events = POLLIN };
	uint64_t one = 1;
	int fd, ev, fds = 0, i;

	for (i = 0; i < 8; i++) {
		fd = nmio_open(NMIO_HOME_USER);
		NEED(fd >= 0);
		CHECK(nmio_home_of(fd) == NMIO_HOME_USER);
		close(fd);
		ev = eventfd(0, EFD_NONBLOCK);
		NEED(ev == fd);
		p.fd = ev;
		CHECK(nmio_poll(&p, 1, 50) == 0);
		CHECK(write(ev, &one, sizeof(one)) == sizeof(one));
		CHECK(nmio_poll(&p, 1, 1000) == 1 && p.revents == POLLIN);
		CHECK(nmio_home_of(ev) == NMIO_HOME_KERNEL);
		CHECK(!nmio_close(ev));
		fd = nmio_open(NMIO_HOME_USER);
		NEED(fd >= 0);
		close(fd);
		if (i == 1)
			fds = live_count_fds(getpid());
	}
	CHECK(live_count_fds(getpid()) == fds);
}

/* --- a wake-up that is lost is lost for good -------------------------------- */

#define PINGS	5000

static void *pong(void *arg)
{
	struct nmport_d *d = arg;
	int i;

	for (i = 0; i < PINGS; i++) {
		if (live_poll1(d->fd, POLLIN, 5000) != POLLIN)
			return "lost";
		live_take(live_rx(d, 0));
		live_queue(live_tx(d, 0), 1);
		if (i % 3 == 0)
			usleep(rand() % 120);
		nmio_ioctl(d->fd, NIOCTXSYNC, NULL);
	}
	return NULL;
}

static void ping(const char *mine, const char *other, bool mixed)
{
	struct nmport_d *a = nmport_open(mine), *b;
	pthread_t t;
	void *r;
	int i;

	if (mixed)
		setenv("NETMAP_DIRECT", live_isolated ? "1" : "0", 1);
	b = nmport_open(other);
	NEED(a && b);
	pthread_create(&t, NULL, pong, b);
	for (i = 0; i < PINGS; i++) {
		live_queue(live_tx(a, 0), 1);
		if (i % 5 == 0)
			usleep(rand() % 120);
		if (!CHECK(live_poll1(a->fd, POLLIN, 5000) == POLLIN))
			break;
		live_take(live_rx(a, 0));
	}
	pthread_join(t, &r);
	CHECK(!r);
	nmport_close(a);
	nmport_close(b);
}

static void ping_vale(void)
{
	ping("vale0:a", "vale0:b", false);
}

static void ping_pipe(void)
{
	ping("vale0:a{1", "vale0:a}1", false);
}

static void ping_mixed(void)
{
	ping("vale0:a", "vale0:b", true);
}

/* The path of the switch changes while frames pass. */
static void *flip(void *arg)
{
	volatile bool *stop = arg;
	struct nmport_d *d;

	setenv("NETMAP_DIRECT", "0", 1);
	while (!*stop) {
		d = nmport_open("vale0:z");
		usleep(3000);
		nmport_close(d);
		usleep(3000);
	}
	return NULL;
}

static void ping_flips(void)
{
	struct nmport_d *a = nmport_open("vale0:a"), *b = nmport_open("vale0:b");
	volatile bool stop = false;
	pthread_t t;
	int i;

	NEED(a && b);
	pthread_create(&t, NULL, flip, (void *)&stop);
	for (i = 0; i < PINGS / 2; i++)
		if (!CHECK(passes(a, b) && passes(b, a)))
			break;
	stop = true;
	pthread_join(t, NULL);
	nmport_close(a);
	nmport_close(b);
}

const struct live_test live_life[] = {
	{ "life: open and close", open_close, LIVE_BOTH },
	{ "life: grace", grace, LIVE_BOTH },
	{ "life: server dies", server_dies, LIVE_BOTH },
	{ "life: server of the same number", same_number, LIVE_BOTH },
	{ "life: child uses", child_uses, LIVE_BOTH },
	{ "life: child closes", child_closes, LIVE_BOTH },
	{ "life: close while polled", close_polled, LIVE_BOTH },
	{ "life: closed is free", closed_is_free, LIVE_BOTH },
	{ "life: ended is free", ended_is_free, LIVE_BOTH },
	{ "life: closed while polled is free", polled_is_free, LIVE_BOTH },
	{ "life: requests of two processes", shared_requests, LIVE_BOTH },
	{ "life: fork of threads", fork_of_threads, LIVE_BOTH },
	{ "life: number reused", number_reused, LIVE_BOTH },
	{ "life: ping, vale", ping_vale, LIVE_BOTH },
	{ "life: ping, pipe", ping_pipe, LIVE_BOTH },
	{ "life: ping, mixed", ping_mixed, LIVE_BOTH },
	{ "life: ping, path flips", ping_flips, LIVE_DIRECT },
	{ NULL, NULL, 0 }
};
