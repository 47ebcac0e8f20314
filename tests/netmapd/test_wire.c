/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netmapd as a client sees it that speaks the protocol without the library,
 * and as it must stay when a client speaks something else.
 *
 *   test_wire PATH-OF-NETMAPD
 *
 * What a session leaves behind is looked for in the server's own /proc entry:
 * its descriptors and its resident memory.
 */
#include <dirent.h>
#include <errno.h>
#include <sys/sendfile.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "engine/plane/plane.h"
#include "os/user/os_user.h"
#include "tests/netmapd/raw.h"

static struct raw_server direct, isolated;
static unsigned int n_tests, n_failed, n_bad;
static const char *netmapd;	/* path of the server under test */
static struct raw a, b, c;

#define CHECK(cond) check((cond) != 0, #cond, __LINE__)
#define CHECK_EQ(x, y) check_eq((long)(x), (long)(y), #x, __LINE__)

static int check(int ok, const char *what, int line)
{
	if (!ok) {
		printf("# line %d: %s\n", line, what);
		n_bad++;
	}
	return ok;
}

static int check_eq(long x, long y, const char *what, int line)
{
	if (x != y) {
		printf("# line %d: %s is %ld, not %ld\n", line, what, x, y);
		n_bad++;
	}
	return x == y;
}

/* What the server holds. */

static int count_fds(int pid)
{
	char path[40];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	d = opendir(path);
	if (!d)
		return -1;
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

/*
 * What it holds for others than the caller, with all that was closed before
 * noticed: it answers in the order in which things happen.
 */
static int held_fds(const struct raw_server *s)
{
	struct raw r;
	int n;

	if (raw_connect(&r, s))
		return -1;
	if (raw_hello(&r, NM_HELLO_NO_DIRECT))
		n = -1;
	else	/* less this session: socket, both ends of a pipe, doorbell */
		n = count_fds(s->pid) - 4;
	raw_close(&r);
	return n;
}

/* Until the server has noticed what we closed; at most five seconds. */
static int fds_become(int pid, int want)
{
	int i, n = -1;

	for (i = 0; i < 500; i++) {
		n = count_fds(pid);
		if (n == want)
			return n;
		usleep(10000);
	}
	return n;
}

static long resident_kib(int pid)
{
	char path[40];
	long total, pages = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	f = fopen(path, "r");
	if (!f)
		return -1;
	if (fscanf(f, "%ld %ld", &total, &pages) != 2)
		pages = -1;
	fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static unsigned long cpu_ticks(int pid)
{
	char path[40], line[512], *p;
	unsigned long user = 0, sys = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fgets(line, sizeof(line), f) && (p = strrchr(line, ')')))
		sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
		       &user, &sys);
	fclose(f);
	return user + sys;
}

static int greeted(struct raw *r, struct raw_server *s, uint32_t flags)
{
	return CHECK(!raw_connect(r, s)) && CHECK_EQ(raw_hello(r, flags), 0);
}

static int new_actor(struct raw *r, uint32_t *id)
{
	int e;

	memset(&r->m, 0, sizeof(r->m));
	r->m.u.actor.pid = getpid();
	e = raw_call(r, NM_WIRE_ACTOR, sizeof(r->m.u.actor));
	*id = r->m.u.actor.id;
	return e;
}

/* The tests */

static void test_hello_direct(void)
{
	struct stat st;

	if (!greeted(&a, &direct, 0))
		return;
	CHECK_EQ(a.m.u.hello.version, NM_WIRE_VERSION);
	CHECK_EQ(a.m.u.hello.plane_version, NM_PLANE_VERSION);
	CHECK_EQ(a.m.u.hello.server_pid, direct.pid);
	CHECK_EQ(a.m.u.hello.direct, 1);
	CHECK(strstr(a.m.u.hello.why, "direct"));
	CHECK(a.m.u.hello.release[0]);
	if (CHECK_EQ(a.n_fds, 3) && CHECK(!fstat(a.fd[2], &st)))
		CHECK_EQ(st.st_size, a.m.u.hello.plane_size);
	raw_close(&a);
}

static void test_hello_isolated(void)
{
	if (greeted(&a, &isolated, 0)) {
		CHECK_EQ(a.m.u.hello.direct, 0);
		CHECK_EQ(a.n_fds, 2);
		CHECK(strstr(a.m.u.hello.why, "--isolated"));
	}
	raw_close(&a);
	if (greeted(&a, &direct, NM_HELLO_NO_DIRECT)) {
		CHECK_EQ(a.m.u.hello.direct, 0);
		CHECK_EQ(a.n_fds, 2);
		CHECK(strstr(a.m.u.hello.why, "NETMAP_DIRECT"));
	}
	raw_close(&a);
}

/* A copy of the server that an ordinary user can run, wherever ours lies. */
static int copy_server(char *dir, char *path, size_t len)
{
	int from = open(netmapd, O_RDONLY | O_CLOEXEC), to;
	struct stat st;
	ssize_t n = 0;

	strcpy(dir, "/tmp/nmwire.XXXXXX");
	if (from < 0 || fstat(from, &st) || !mkdtemp(dir) || chmod(dir, 0755))
		return -1;
	snprintf(path, len, "%s/netmapd", dir);
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	while (to >= 0 && st.st_size > 0 &&
	       (n = sendfile(to, from, NULL, st.st_size)) > 0)
		st.st_size -= n;
	close(from);
	close(to);
	return to < 0 || n < 0 ? -1 : 0;
}

/* The same process is admitted to the plane or not as it is dumpable or not. */
static int dumpable_decides(struct raw_server *s)
{
	uint32_t on;

	for (on = 0; on < 2; on++) {
		prctl(PR_SET_DUMPABLE, on);
		if (raw_connect(&a, s) || raw_hello(&a, 0) ||
		    a.m.u.hello.direct != on || a.n_fds != 2 + on)
			return 1;
		raw_close(&a);
	}
	return 0;
}

static int as_ordinary_user(const char *server)
{
	struct raw_server own;
	int bad;

	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534) ||
	    raw_server_start(&own, server, NULL))
		return 2;
	bad = dumpable_decides(&own);
	return raw_server_stop(&own) || bad;
}

/* For root it makes no difference: it may look into any process anyhow. */
static void test_hello_not_dumpable(void)
{
	char dir[32], path[64];
	int status;
	pid_t pid;

	if (!geteuid() && copy_server(dir, path, sizeof(path))) {
		CHECK(!"the server can be copied");
		return;
	}
	pid = fork();
	if (!pid)
		_exit(geteuid() ? dumpable_decides(&direct) :
		      as_ordinary_user(path));
	waitpid(pid, &status, 0);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
	if (!geteuid()) {
		unlink(path);
		rmdir(dir);
	}
}

/* The server is slow to accept: the greeting is there before the session. */
static void test_hello_before_accept(void)
{
	struct nm_wire w;
	uint32_t id;
	int status;

	memset(&w, 0, sizeof(w));
	w.hdr.magic = NM_WIRE_MAGIC;
	w.hdr.type = NM_WIRE_HELLO;
	w.hdr.len = sizeof(w.hdr) + sizeof(w.u.hello);
	w.u.hello.version = NM_WIRE_VERSION;
	w.u.hello.plane_version = NM_PLANE_VERSION;
	kill(direct.pid, SIGSTOP);
	CHECK_EQ(waitpid(direct.pid, &status, WUNTRACED), direct.pid);
	CHECK(!raw_connect(&a, &direct));
	CHECK(!raw_send(&a, &w, w.hdr.len));
	kill(direct.pid, SIGCONT);
	CHECK(raw_recv(&a) > 0);
	CHECK_EQ(a.m.hdr.result, 0);
	CHECK_EQ(a.m.u.hello.direct, 1);
	CHECK_EQ(new_actor(&a, &id), 0);
	raw_close(&a);
}

static void test_hello_versions(void)
{
	if (!CHECK(!raw_connect(&a, &direct)))
		return;
	memset(&a.m, 0, sizeof(a.m));
	a.m.u.hello.version = NM_WIRE_VERSION + 1;
	a.m.u.hello.plane_version = NM_PLANE_VERSION;
	CHECK_EQ(raw_call(&a, NM_WIRE_HELLO, sizeof(a.m.u.hello)),
		 -EPROTONOSUPPORT);
	CHECK_EQ(a.m.u.hello.version, NM_WIRE_VERSION);
	CHECK_EQ(a.m.u.hello.plane_version, NM_PLANE_VERSION);
	CHECK_EQ(a.n_fds, 0);
	/* another length, too: what it begins with stays */
	memset(&a.m, 0, sizeof(a.m));
	a.m.u.hello.version = 7;
	CHECK_EQ(raw_call(&a, NM_WIRE_HELLO, 8), -EPROTONOSUPPORT);
	memset(&a.m, 0, sizeof(a.m));
	a.m.u.hello.version = NM_WIRE_VERSION;
	a.m.u.hello.plane_version = NM_PLANE_VERSION + 1;
	CHECK_EQ(raw_call(&a, NM_WIRE_HELLO, sizeof(a.m.u.hello)),
		 -EPROTONOSUPPORT);
	/* not greeted by any of these */
	CHECK_EQ(raw_call(&a, NM_WIRE_BOUND, 0), -EPIPE);
	raw_close(&a);
}

/* A message that must close the session, and the session only. */
static void expect_closed(const char *what, const void *msg, size_t len,
			  int greet)
{
	if (!CHECK(!raw_connect(&a, &direct)))
		return;
	if (greet)
		CHECK_EQ(raw_hello(&a, 0), 0);
	if (!CHECK(!raw_send(&a, msg, len)))
		printf("# %s: could not be sent\n", what);
	else if (!CHECK_EQ(raw_recv(&a), 0))
		printf("# %s: session still open\n", what);
	raw_close(&a);
	if (!CHECK(!raw_connect(&a, &direct)) || !CHECK_EQ(raw_hello(&a, 0), 0))
		printf("# %s: nobody can connect any more\n", what);
	raw_close(&a);
}

static void test_malformed_messages(void)
{
	static struct {
		struct nm_wire m;
		char more[4096];
	} x;
	size_t len = sizeof(x.m.hdr) + sizeof(x.m.u.ctrl);
	struct nm_wire_hdr good = {
		.magic = NM_WIRE_MAGIC, .type = NM_WIRE_CTRL,
		.len = (uint32_t)len,
	};
	uint16_t type;

	memset(&x, 0, sizeof(x));
	x.m.hdr = good;
	expect_closed("no greeting", &x, len, 0);
	expect_closed("truncated body", &x, len - 1, 1);
	expect_closed("one byte", &x, 1, 1);
	expect_closed("header cut", &x, sizeof(x.m.hdr) - 1, 1);
	expect_closed("oversized", &x, sizeof(x), 1);
	x.m.hdr.len = sizeof(x);
	expect_closed("oversized and says so", &x, sizeof(x), 1);
	x.m.hdr = good;
	x.m.hdr.magic++;
	expect_closed("magic", &x, len, 1);
	x.m.hdr = good;
	x.m.hdr.len--;
	expect_closed("length differs", &x, len, 1);
	x.m.hdr = good;
	x.m.hdr.type = 0;
	expect_closed("type 0", &x, len, 1);
	x.m.hdr.type = 0xffff;
	expect_closed("type ~0", &x, len, 1);
	for (type = NM_WIRE_CTRL; type <= NM_WIRE_STALL; type++) {
		x.m.hdr = good;
		x.m.hdr.type = type;
		x.m.hdr.len = sizeof(x.m.hdr) + 3;
		expect_closed("three bytes of body", &x, x.m.hdr.len, 1);
	}
}

/* Every byte of a request may be anything; the server answers an error. */
static void test_random_requests(void)
{
	unsigned int seed = (unsigned int)time(NULL), i, k;
	int alive = 1;

	printf("# seed %u\n", seed);
	srand(seed);
	for (i = 0; i < 300 && alive; i++) {
		if (!greeted(&a, i % 2 ? &direct : &isolated, 0))
			break;
		for (k = 0; k < sizeof(a.m); k++)
			((char *)&a.m)[k] = (char)rand();
		if (i % 3)	/* get further than the first checks */
			a.m.u.ctrl.rb.n_opts = (uint32_t)rand() % 4;
		a.m.u.ctrl.rb.body_len %= 512;
		a.m.u.ctrl.rb.data_len %= 8192;
		a.m.u.ctrl.rb.hdr.nr_version = NETMAP_API;
		a.m.u.ctrl.rb.hdr.nr_reqtype = (uint16_t)rand() % 32;
		CHECK(raw_call(&a, NM_WIRE_CTRL, sizeof(a.m.u.ctrl)) < 0);
		alive = CHECK_EQ(raw_call(&a, NM_WIRE_BOUND, 0), 0);
		raw_close(&a);
	}
}

static void test_no_replies_read(void)
{
	struct nm_wire_hdr h = {
		.magic = NM_WIRE_MAGIC, .type = NM_WIRE_BOUND, .len = sizeof(h),
	};
	int i;

	if (!greeted(&a, &direct, 0))
		return;
	for (i = 0; i < 100000; i++)
		if (raw_send(&a, &h, sizeof(h)))
			break;
	CHECK(i < 100000);	/* the server hung up instead of queueing */
	raw_close(&a);
}

static void check_region(struct raw *r)
{
	struct nm_wire_bound bound = r->m.u.ctrl.bound;
	struct netmap_if *nifp;
	char *mem;

	memset(&r->m, 0, sizeof(r->m));
	r->m.u.map.region = ~0u;
	if (!CHECK_EQ(raw_call(r, NM_WIRE_MAP, sizeof(r->m.u.map)), 0) ||
	    !CHECK_EQ(r->n_fds, 1))
		return;
	CHECK_EQ(r->m.u.map.region, bound.region);
	CHECK_EQ(r->m.u.map.size, bound.mem_size);
	CHECK(ftruncate(r->fd[0], 4096) < 0 && errno == EPERM);
	CHECK(ftruncate(r->fd[0], 1L << 40) < 0 && errno == EPERM);
	mem = mmap(NULL, bound.mem_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		   r->fd[0], 0);
	if (!CHECK(mem != MAP_FAILED))
		return;
	nifp = (struct netmap_if *)(void *)(mem + bound.nifp_ofs);
	CHECK_EQ(nifp->ni_tx_rings, bound.n_tx);
	CHECK_EQ(nifp->ni_rx_rings, bound.n_rx);
	munmap(mem, bound.mem_size);
}

static void register_on(struct raw_server *s, uint32_t is_direct)
{
	struct nm_wire_bound first;

	if (!greeted(&a, s, 0))
		return;
	memset(&a.m, 0, sizeof(a.m));
	CHECK_EQ(raw_call(&a, NM_WIRE_BOUND, 0), 0);
	CHECK_EQ(a.m.u.bound.bound, 0);
	memset(&a.m, 0, sizeof(a.m));
	a.m.u.map.region = ~0u;
	CHECK_EQ(raw_call(&a, NM_WIRE_MAP, sizeof(a.m.u.map)), -ENXIO);
	if (!CHECK_EQ(raw_register(&a, "vale0:a"), 0))
		return;
	first = a.m.u.ctrl.bound;
	CHECK_EQ(first.bound, 1);
	CHECK_EQ(first.direct, is_direct);
	CHECK(first.mem_size >= 1 << 20);
	check_region(&a);
	CHECK_EQ(raw_call(&a, NM_WIRE_BOUND, 0), 0);
	CHECK(!memcmp(&a.m.u.bound, &first, sizeof(first)));
	CHECK_EQ(raw_register(&a, "vale0:b"), -EBUSY);
	CHECK(a.m.u.ctrl.rb.message[0]);
	raw_close(&a);
}

static void test_register_direct(void)
{
	register_on(&direct, 1);
}

static void test_register_isolated(void)
{
	register_on(&isolated, 0);
}

static void test_foreign_region(void)
{
	uint32_t other;

	if (!greeted(&a, &isolated, 0) || !greeted(&b, &isolated, 0) ||
	    !greeted(&c, &isolated, 0))
		return;
	CHECK_EQ(raw_register(&a, "vale0:a"), 0);
	other = a.m.u.ctrl.bound.region;
	CHECK_EQ(raw_register(&b, "vale0:b"), 0);
	CHECK(b.m.u.ctrl.bound.region != other);
	memset(&b.m, 0, sizeof(b.m));
	b.m.u.map.region = other;
	CHECK_EQ(raw_call(&b, NM_WIRE_MAP, sizeof(b.m.u.map)), -EPERM);
	CHECK_EQ(b.n_fds, 0);
	memset(&c.m, 0, sizeof(c.m));
	c.m.u.map.region = other;	/* not bound at all */
	CHECK_EQ(raw_call(&c, NM_WIRE_MAP, sizeof(c.m.u.map)), -EPERM);
	memset(&a.m, 0, sizeof(a.m));
	a.m.u.map.region = other;	/* its own, by number */
	CHECK_EQ(raw_call(&a, NM_WIRE_MAP, sizeof(a.m.u.map)), 0);
	raw_close(&a);
	raw_close(&b);
	raw_close(&c);
}

static void test_untrusted_messages(void)
{
	if (!greeted(&a, &isolated, 0))
		return;
	memset(&a.m, 0, sizeof(a.m));
	a.m.u.actor.pid = getpid();
	CHECK_EQ(raw_call(&a, NM_WIRE_ACTOR, sizeof(a.m.u.actor)), -EPERM);
	memset(&a.m, 0, sizeof(a.m));
	CHECK_EQ(raw_call(&a, NM_WIRE_SLEEPERS, sizeof(a.m.u.ring)), -EPERM);
	CHECK_EQ(a.n_fds, 0);
	raw_close(&a);
}

static int end_actor(struct raw *r, uint32_t id)
{
	memset(&r->m, 0, sizeof(r->m));
	r->m.u.actor.id = id;
	r->m.u.actor.end = 1;
	return raw_call(r, NM_WIRE_ACTOR, sizeof(r->m.u.actor));
}

static void test_actors(void)
{
	uint32_t one, two, again;
	int fds = held_fds(&direct);

	if (!greeted(&a, &direct, 0))
		return;
	CHECK_EQ(new_actor(&a, &one), 0);
	CHECK_EQ(new_actor(&a, &two), 0);
	CHECK(one != two);
	/* socket, eventfd, one pidfd */
	CHECK_EQ(fds_become(direct.pid, fds + 3), fds + 3);
	CHECK_EQ(end_actor(&a, one), 0);
	CHECK_EQ(end_actor(&a, one), -EINVAL);
	CHECK_EQ(end_actor(&a, 0), -EINVAL);	/* the server's own */
	CHECK_EQ(end_actor(&a, 0xffffffffu), -EINVAL);
	CHECK_EQ(new_actor(&a, &again), 0);
	if (greeted(&b, &direct, 0))		/* same process */
		CHECK_EQ(end_actor(&b, again), 0);
	raw_close(&b);
	raw_close(&a);		/* the other one ends with its session */
	CHECK_EQ(fds_become(direct.pid, fds), fds);
}

/* Attach the plane of the reply to a HELLO. */
static struct nm_plane *attach(struct raw *r)
{
	struct nm_plane *pl = calloc(1, sizeof(*pl));
	uint64_t size = r->m.u.hello.plane_size;

	CHECK_EQ(r->n_fds, 3);
	if (!pl)
		exit(1);
	CHECK_EQ(nm_user_plane_attach(pl, r->fd[2], size + 4096), -EPROTO);
	CHECK_EQ(nm_user_plane_attach(pl, r->fd[0], size), -EPROTO);
	if (!CHECK_EQ(nm_user_plane_attach(pl, r->fd[2], size), 0))
		exit(1);
	return pl;
}

static void test_sleepers(void)
{
	struct nm_plane *pl;
	uint32_t ring, gen;
	uint64_t v = 1;

	if (!greeted(&a, &direct, 0) || !greeted(&b, &direct, 0))
		return;
	pl = attach(&a);
	CHECK_EQ(raw_register(&a, "vale0:a"), 0);
	ring = a.m.u.ctrl.bound.ring0;
	gen = nm_load32(&nm_pring_at(pl, ring)->wake_gen);
	memset(&b.m, 0, sizeof(b.m));
	b.m.u.ring.ring = ring;
	CHECK_EQ(raw_call(&b, NM_WIRE_SLEEPERS, sizeof(b.m.u.ring)), 0);
	CHECK_EQ(b.m.u.sleepers.n, 1);
	CHECK_EQ(b.n_fds, 1);
	CHECK_EQ(b.m.u.sleepers.more, 0);
	CHECK_EQ(b.m.u.sleepers.wake_gen, gen);
	CHECK_EQ(write(b.fd[0], &v, sizeof(v)), (long)sizeof(v));
	raw_close(&a);
	/* the set has changed, and whoever remembers it can tell */
	for (v = 0; v < 500 && nm_load32(&nm_pring_at(pl, ring)->wake_gen) == gen; v++)
		usleep(10000);
	CHECK(nm_load32(&nm_pring_at(pl, ring)->wake_gen) != gen);
	memset(&b.m, 0, sizeof(b.m));
	b.m.u.ring.ring = NM_MAX_RINGS;
	CHECK_EQ(raw_call(&b, NM_WIRE_SLEEPERS, sizeof(b.m.u.ring)), -ENODEV);
	raw_close(&b);
	nm_user_plane_detach(pl);
	free(pl);
}

static void test_wake(void)
{
	struct pollfd pf = { .events = POLLIN };
	struct nm_wire w;

	if (!greeted(&a, &direct, 0) || !greeted(&b, &direct, 0))
		return;
	pf.fd = dup(a.fd[0]);
	CHECK_EQ(raw_register(&a, "vale0:a"), 0);
	CHECK_EQ(poll(&pf, 1, 0), 0);
	memset(&w, 0, sizeof(w));
	w.hdr.magic = NM_WIRE_MAGIC;
	w.hdr.type = NM_WIRE_WAKE;
	w.hdr.len = sizeof(w.hdr) + sizeof(w.u.ring);
	w.u.ring.ring = a.m.u.ctrl.bound.ring0;
	CHECK(!raw_send(&b, &w, w.hdr.len));
	CHECK_EQ(poll(&pf, 1, 5000), 1);
	w.u.ring.ring = 0xfffffff0u;
	CHECK(!raw_send(&b, &w, w.hdr.len));
	w.hdr.type = NM_WIRE_STALL;
	CHECK(!raw_send(&b, &w, w.hdr.len));
	w.u.ring.ring = 12345;		/* not in use */
	CHECK(!raw_send(&b, &w, w.hdr.len));
	CHECK_EQ(raw_call(&b, NM_WIRE_BOUND, 0), 0);
	close(pf.fd);
	raw_close(&a);
	raw_close(&b);
}

/* The wake descriptor of an isolated session cannot be used against us. */
static void test_wake_descriptor_abuse(void)
{
	int fd, doorbell, i;
	uint64_t v = UINT64_MAX - 1;
	char trash[64];

	if (!greeted(&a, &isolated, 0) || !greeted(&b, &isolated, 0))
		return;
	fd = dup(a.fd[0]);
	doorbell = dup(a.fd[1]);
	(void)!write(fd, &v, sizeof(v));
	(void)!write(doorbell, &v, sizeof(v));
	fcntl(fd, F_SETFL, 0);
	fcntl(doorbell, F_SETFL, 0);
	CHECK_EQ(raw_register(&a, "vale0:a"), 0);
	for (i = 0; i < 20; i++) {	/* wakes everybody on the switch */
		CHECK_EQ(raw_register(&b, "vale0:b"), 0);
		raw_close(&b);
		(void)!greeted(&b, &isolated, 0);
	}
	fcntl(doorbell, F_SETFL, O_NONBLOCK);
	while (read(doorbell, trash, sizeof(trash)) > 0)
		;
	CHECK_EQ(raw_register(&b, "vale0:b"), 0);
	close(fd);
	close(doorbell);
	raw_close(&a);
	raw_close(&b);
}

static void test_many_sessions(void)
{
	enum { N = 300 };
	static struct raw many[N];
	int fds = held_fds(&direct), i, good = 0;
	char name[32];

	for (i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "vale0:m%d", i);
		if (!raw_connect(&many[i], i % 2 ? &direct : &isolated) &&
		    !raw_hello(&many[i], 0) && !raw_register(&many[i], name))
			good++;
	}
	CHECK_EQ(good, N);
	for (i = 0; i < N; i++)
		good -= !raw_call(&many[i], NM_WIRE_BOUND, 0) &&
			many[i].m.u.bound.bound;
	CHECK_EQ(good, 0);
	for (i = 0; i < N; i++)
		raw_close(&many[i]);
	CHECK_EQ(fds_become(direct.pid, fds), fds);
}

static void test_idle_costs_nothing(void)
{
	enum { N = 20 };
	static struct raw many[N];
	unsigned long ticks;
	char name[32];
	int i;

	for (i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "vale0:i%d", i);
		CHECK(!raw_connect(&many[i], &isolated));
		CHECK_EQ(raw_hello(&many[i], 0), 0);
		CHECK_EQ(raw_register(&many[i], name), 0);
	}
	usleep(100000);
	ticks = cpu_ticks(isolated.pid);
	usleep(1000000);
	CHECK_EQ(cpu_ticks(isolated.pid), ticks);
	for (i = 0; i < N; i++)
		raw_close(&many[i]);
}

/* 1000 times, in both servers: nothing may grow. */
static void open_close(struct raw_server *s)
{
	int fds = held_fds(s), i;
	long before = 0, after;

	for (i = 0; i < 1000; i++) {
		if (i == 200)	/* allocators have settled */
			before = resident_kib(s->pid);
		if (!greeted(&a, s, 0) ||
		    !CHECK_EQ(a.m.u.hello.direct, s == &direct))
			return;
		if (i % 2 && !CHECK_EQ(raw_register(&a, "vale0:x"), 0))
			return;
		raw_close(&a);
	}
	CHECK_EQ(fds_become(s->pid, fds), fds);
	after = resident_kib(s->pid);
	if (!CHECK(after - before < 1024))
		printf("# resident %ld KiB, then %ld KiB\n", before, after);
}

static void test_open_close_1000_direct(void)
{
	open_close(&direct);
}

static void test_open_close_1000_isolated(void)
{
	open_close(&isolated);
}

/* kill -9 of a client that is bound and has an actor gives all back. */
static void test_death_returns_everything(void)
{
	int fds = held_fds(&direct), status, p[2], i;
	uint32_t id;
	pid_t pid;
	char ch;

	for (i = 0; i < 20; i++) {
		CHECK(!pipe(p));
		pid = fork();
		if (!pid) {
			if (!greeted(&a, &direct, 0) ||
			    !CHECK_EQ(raw_register(&a, "vale0:dead"), 0) ||
			    !CHECK_EQ(new_actor(&a, &id), 0)) {
				printf("# %.200s\n", a.m.u.ctrl.rb.message);
				fflush(stdout);
				_exit(1);
			}
			(void)!write(p[1], "x", 1);
			pause();
			_exit(1);
		}
		close(p[1]);
		CHECK_EQ(read(p[0], &ch, 1), 1);
		close(p[0]);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	CHECK_EQ(fds_become(direct.pid, fds), fds);
	/* the port is free: an exclusive-looking first binding works at once */
	if (greeted(&a, &direct, 0))
		CHECK_EQ(raw_register(&a, "vale0:dead"), 0);
	raw_close(&a);
}

/* A process that stopped inside a sync and died: its actor is repaired. */
static void test_death_inside_sync(void)
{
	int fds = held_fds(&direct), status, p[2];
	struct nm_plane *pl;
	uint32_t id = 0, ring = 0;
	pid_t pid;

	if (!greeted(&b, &direct, 0))
		return;
	pl = attach(&b);
	CHECK_EQ(raw_register(&b, "vale0:dead"), 0);
	ring = b.m.u.ctrl.bound.ring0;
	CHECK(!pipe(p));
	pid = fork();
	if (!pid) {
		raw_close(&b);
		if (!greeted(&a, &direct, 0) ||
		    raw_register(&a, "vale0:dead") || new_actor(&a, &id))
			_exit(1);
		nm_store32(&nm_pactor_at(pl, id)->seq, 1);
		nm_store32(&nm_pring_at(pl, ring)->busy, id + 1);
		(void)!write(p[1], &id, sizeof(id));
		pause();
		_exit(1);
	}
	close(p[1]);
	CHECK_EQ(read(p[0], &id, sizeof(id)), (long)sizeof(id));
	close(p[0]);
	CHECK_EQ(nm_load32(&nm_pring_at(pl, ring)->busy), id + 1);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	CHECK_EQ(fds_become(direct.pid, fds + 2), fds + 2);
	CHECK_EQ(nm_load32(&nm_pring_at(pl, ring)->busy), 0);
	raw_close(&b);
	nm_user_plane_detach(pl);
	free(pl);
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "hello_direct", test_hello_direct },
	{ "hello_isolated", test_hello_isolated },
	{ "hello_not_dumpable", test_hello_not_dumpable },
	{ "hello_before_accept", test_hello_before_accept },
	{ "hello_versions", test_hello_versions },
	{ "malformed_messages", test_malformed_messages },
	{ "random_requests", test_random_requests },
	{ "no_replies_read", test_no_replies_read },
	{ "register_direct", test_register_direct },
	{ "register_isolated", test_register_isolated },
	{ "foreign_region", test_foreign_region },
	{ "untrusted_messages", test_untrusted_messages },
	{ "actors", test_actors },
	{ "sleepers", test_sleepers },
	{ "wake", test_wake },
	{ "wake_descriptor_abuse", test_wake_descriptor_abuse },
	{ "many_sessions", test_many_sessions },
	{ "idle_costs_nothing", test_idle_costs_nothing },
	{ "open_close_1000_direct", test_open_close_1000_direct },
	{ "open_close_1000_isolated", test_open_close_1000_isolated },
	{ "death_returns_everything", test_death_returns_everything },
	{ "death_inside_sync", test_death_inside_sync },
};

static void report(const char *name)
{
	n_tests++;
	n_failed += n_bad != 0;
	printf("%s %u - netmapd_%s\n", n_bad ? "not ok" : "ok", n_tests, name);
	fflush(stdout);
	n_bad = 0;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc != 2) {
		fprintf(stderr, "usage: test_wire PATH-OF-NETMAPD\n");
		return 2;
	}
	netmapd = argv[1];
	a.sock = b.sock = c.sock = -1;
	if (raw_server_start(&direct, netmapd, NULL) ||
	    raw_server_start(&isolated, netmapd, "--isolated")) {
		printf("not ok 1 - netmapd_start\n");
		return 1;
	}
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		tests[i].run();
		raw_close(&a);
		raw_close(&b);
		raw_close(&c);
		report(tests[i].name);
	}
	CHECK_EQ(raw_server_stop(&direct), 0);
	CHECK_EQ(raw_server_stop(&isolated), 0);
	report("ends_cleanly");
	printf("1..%u\n", n_tests);
	return n_failed != 0;
}
