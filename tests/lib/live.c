/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runner and helpers of live.h.
 *
 *   live PATH-OF-NETMAPD [WORD]
 *
 * A test that hangs is ended by its alarm, and has failed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/live.h"

#define LIMIT_S		60
#define SKIPPED		77

const char *live_netmapd;
char live_dir[64], live_path[96];
pid_t live_server;
bool live_isolated;
static unsigned int bad;

bool live_check(bool ok, const char *what, int line)
{
	if (!ok) {
		printf("# line %d: %s (errno %d %s)\n", line, what, errno,
		       nmio_error());
		bad++;
	}
	return ok;
}

void live_skip(const char *why)
{
	printf("# %s\n", why);
	live_server_kill();
	fflush(stdout);
	_exit(SKIPPED);
}

/* --- the server ------------------------------------------------------------ */

static pid_t fork_as(pid_t pid)
{
	struct clone_args a = { .exit_signal = SIGCHLD };

	if (!pid)
		return fork();
	a.set_tid = (uintptr_t)&pid;
	a.set_tid_size = 1;
	return syscall(SYS_clone3, &a, sizeof(a));
}

static bool can_connect(void)
{
	int fd = nmio_open(NMIO_HOME_USER);

	if (fd < 0)
		return false;
	nmio_close(fd);
	return true;
}

int live_server_start(const char *arg, const char *value, pid_t pid)
{
	int i;

	pid = fork_as(pid);
	if (pid < 0)
		return -1;
	if (!pid) {
		execl(live_netmapd, "netmapd", "--foreground", "--log-level",
		      "error", "--socket", live_path, arg, value, (char *)NULL);
		_exit(127);
	}
	live_server = pid;
	setenv("NETMAP_SOCKET", live_path, 1);
	for (i = 0; i < 500; i++) {
		if (!access(live_path, F_OK) && can_connect())
			return 0;
		if (waitpid(pid, NULL, WNOHANG) == pid)
			break;
		usleep(10000);
	}
	live_server = 0;
	return -1;
}

void live_server_kill(void)
{
	if (live_server <= 0)
		return;
	kill(live_server, SIGKILL);
	waitpid(live_server, NULL, 0);
	unlink(live_path);
	live_server = 0;
}

/* --- what a process uses ----------------------------------------------------- */

static uint64_t clock_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

uint64_t live_now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

uint64_t live_cpu_ms(void)
{
	return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

int live_count_fds(pid_t pid)
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

/* --- rings -------------------------------------------------------------------- */

struct netmap_ring *live_tx(struct nmport_d *d, int i)
{
	return NETMAP_TXRING(d->nifp, d->first_tx_ring + i);
}

struct netmap_ring *live_rx(struct nmport_d *d, int i)
{
	return NETMAP_RXRING(d->nifp, d->first_rx_ring + i);
}

uint32_t live_queue(struct netmap_ring *r, uint32_t n)
{
	uint32_t k, head = r->head;

	for (k = 0; k < n && head != r->tail; k++) {
		struct netmap_slot *s = &r->slot[head];
		char *p = NETMAP_BUF(r, s->buf_idx);

		memset(p, 0xff, 6);
		memset(p + 6, 2, 6);
		memset(p + 12, 0, 48);
		s->len = 60;
		s->flags = 0;
		head = nm_ring_next(r, head);
	}
	r->head = r->cur = head;
	return k;
}

uint32_t live_take(struct netmap_ring *r)
{
	uint32_t n = nm_ring_space(r);

	r->head = r->cur = r->tail;
	return n;
}

int live_poll1(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int n = nmio_poll(&p, 1, ms);

	return n <= 0 ? n : p.revents;
}

/* --- the runner ---------------------------------------------------------------- */

static void remove_dir(void)
{
	char path[400];
	struct dirent *e;
	DIR *d = opendir(live_dir);

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", live_dir, e->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(live_dir);
}

static int run_here(const struct live_test *t)
{
	alarm(LIMIT_S);
	setenv("NETMAP_DIRECT", live_isolated ? "0" : "1", 1);
	if (live_server_start(NULL, NULL, 0)) {
		printf("# the server did not start\n");
		return 1;
	}
	t->run();
	live_server_kill();
	return bad != 0;
}

/* The test leads a process group: what it leaves behind ends with it. */
static int run_one(const struct live_test *t)
{
	int status;
	pid_t pid;

	snprintf(live_dir, sizeof(live_dir), "/tmp/netmap-live-XXXXXX");
	if (!mkdtemp(live_dir))
		return 1;
	snprintf(live_path, sizeof(live_path), "%s/sock", live_dir);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		status = run_here(t);
		fflush(stdout);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	kill(-pid, SIGKILL);
	remove_dir();
	if (WIFSIGNALED(status))
		printf("# ended by signal %d\n", WTERMSIG(status));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void run_list(const struct live_test *t, const char *word, int *n,
		     int *failed)
{
	int r, path;

	for (; t->name; t++) {
		if (word && !strstr(t->name, word))
			continue;
		for (path = LIVE_DIRECT; path <= LIVE_ISOLATED; path++) {
			if (!(t->paths & path))
				continue;
			live_isolated = path == LIVE_ISOLATED;
			r = run_one(t);
			printf("%s %d %s, %s%s\n", r && r != SKIPPED ?
			       "not ok" : "ok", ++*n, t->name, live_isolated ?
			       "isolated" : "direct",
			       r == SKIPPED ? " # SKIP" : "");
			*failed += r && r != SKIPPED;
		}
	}
}

int main(int argc, char **argv)
{
	const char *word = argc > 2 ? argv[2] : NULL;
	static char path[PATH_MAX];
	int n = 0, failed = 0;

	if (argc == 2 && !strcmp(argv[1], "--open")) {	/* as a set-uid program */
		if (!getauxval(AT_SECURE))
			return 125;
		return nmio_open(NMIO_HOME_USER) < 0;
	}
	if (argc < 2 || !realpath(argv[1], path)) {
		fprintf(stderr, "usage: live PATH-OF-NETMAPD [WORD]\n");
		return 2;
	}
	live_netmapd = path;
	setenv("NETMAPD", path, 1);
	signal(SIGPIPE, SIG_IGN);
	run_list(live_poll, word, &n, &failed);
	run_list(live_life, word, &n, &failed);
	run_list(live_start, word, &n, &failed);
	printf("1..%d\n# %d of %d failed\n", n, failed, n);
	return failed != 0;
}
