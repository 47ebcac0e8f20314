/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Servers that are started on demand, by programs in odd conditions, and what
 * a server keeps of clients that are gone or do not read.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/client.h"
#include "os/user/meet.h"
#include "tests/lib/live.h"

/* The socket is gone: the server that was started has ended. */
static bool ends(void)
{
	int i;

	for (i = 0; i < 800 && !access(live_path, F_OK); i++)
		usleep(10000);
	return i < 800;
}

static int exit_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Open a port, in a child without some of 0, 1 and 2. */
static void closed_standard(void)
{
	int first;
	pid_t pid;

	live_server_kill();
	for (first = 0; first < 3; first++) {
		pid = fork();
		if (!pid) {
			close_range(first, 2, 0);
			_exit(nmio_open(NMIO_HOME_USER) >= 0 ? 0 : 1);
		}
		CHECK(exit_of(pid) == 0);
		CHECK(ends());
	}
}

/* Who reads from a program until its end is not kept by the server. */
static void reader_ends(void)
{
	struct pollfd p = { .events = POLLIN };
	int ends_of[2];
	pid_t pid;
	char c;

	live_server_kill();
	NEED(!pipe(ends_of));
	pid = fork();
	if (!pid) {
		dup2(ends_of[1], 1);
		dup2(ends_of[1], 2);
		dup2(ends_of[1], 9);
		_exit(nmio_open(NMIO_HOME_USER) >= 0 ? 0 : 1);
	}
	CHECK(exit_of(pid) == 0);
	close(ends_of[1]);
	p.fd = ends_of[0];
	CHECK(poll(&p, 1, 1000) == 1 && read(ends_of[0], &c, 1) == 0);
	CHECK(!access(live_path, F_OK));
	close(ends_of[0]);
	CHECK(ends());
}

/* A socket named from a directory that is left. */
static void relative_path(void)
{
	struct nmport_d *a, *b;

	live_server_kill();
	NEED(!chdir(live_dir));
	setenv("NETMAP_SOCKET", "sock", 1);
	a = nmport_open("vale0:a");
	b = nmport_open("vale0:b");
	NEED(a && b);
	NEED(!chdir("/"));
	live_queue(live_tx(a, 0), 1);
	CHECK(!nmio_ioctl(a->fd, NIOCTXSYNC, NULL));
	CHECK(live_poll1(b->fd, POLLIN, 2000) == POLLIN);
	nmport_close(a);
	nmport_close(b);
	CHECK(ends());
	CHECK(access("/sock.log", F_OK));
}

/* A lock is given up even if a child has it open. */
static void forked_lock(void)
{
	int lock = nm_meet_lock(live_path, 1), p[2], again;
	pid_t pid;
	char c;

	NEED(lock >= 0 && !pipe(p));
	pid = fork();
	if (!pid) {
		close(p[1]);
		_exit(read(p[0], &c, 1));
	}
	nm_meet_unlock(lock);
	again = nm_meet_lock(live_path, 0);
	CHECK(again >= 0);
	if (again >= 0)
		nm_meet_unlock(again);
	close(p[0]);
	close(p[1]);
	CHECK(exit_of(pid) == 0);
}

/* Descriptors that the server's epoll instances watch. */
static int watched(void)
{
	char dir[40], path[400], line[200];
	struct dirent *e;
	int n = 0;
	FILE *f;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/fdinfo", live_server);
	d = opendir(dir);
	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		f = fopen(path, "r");
		while (f && fgets(line, sizeof(line), f))
			n += !strncmp(line, "tfd:", 4);
		if (f)
			fclose(f);
	}
	if (d)
		closedir(d);
	return n;
}

/* A client that keeps its doorbell leaves nothing watched in the server. */
static void kept_doorbell(void)
{
	struct nm_session *s;
	int fd, i, kept[20], before = watched();

	for (i = 0; i < 20; i++) {
		fd = nmio_open(NMIO_HOME_USER);
		NEED(fd >= 0);
		s = nm_session_get(fd);
		kept[i] = dup(s->doorbell_fd);
		nm_session_put(s);
		nmio_close(fd);
	}
	for (i = 0; i < 100 && watched() > before; i++)
		usleep(10000);
	CHECK(watched() <= before);
	for (i = 0; i < 20; i++)
		close(kept[i]);
}

/* Who waits for edges and never reads is woken for ever. */
static void edges(void)
{
	struct nmport_d *a = nmport_open("vale0:a"), *b = nmport_open("vale0:b");
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	struct nm_session *s;
	int ep = epoll_create1(0), i;

	NEED(a && b && ep >= 0);
	s = nm_session_get(b->fd);
	NEED(!epoll_ctl(ep, EPOLL_CTL_ADD, s->wake_fd, &ev));
	for (i = 0; i < 1200; i++) {
		epoll_wait(ep, &ev, 1, 0);
		nm_session_want(s, POLLIN);
		if (!nm_session_has_work(s, POLLIN)) {
			live_queue(live_tx(a, 0), 1);
			nmio_ioctl(a->fd, NIOCTXSYNC, NULL);
			if (!CHECK(epoll_wait(ep, &ev, 1, 2000) == 1))
				break;
		}
		nm_session_poll(s, POLLIN);
		live_take(live_rx(b, 0));
		nm_session_sync(s, false);
	}
	nm_session_put(s);
	close(ep);
	nmport_close(a);
	nmport_close(b);
}

/* A set-uid program starts what was installed, and nothing else. */
static void set_uid(void)
{
	char copy[120], self[200], text[1000], *mark = text;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	pid_t pid;

	if (geteuid())
		live_skip("needs root to make a set-uid program");
	NEED(n > 0);
	self[n] = '\0';
	snprintf(copy, sizeof(copy), "%s/copy", live_dir);
	snprintf(text, sizeof(text), "cp '%s' '%s' && chmod 4755 '%s' && "
		 "chmod 777 '%s' && printf '#!/bin/sh\\n: >%s/mark\\n' "
		 ">%s/evil && chmod 755 %s/evil", self, copy, copy, live_dir,
		 live_dir, live_dir, live_dir);
	NEED(!system(text));
	live_server_kill();
	snprintf(text, sizeof(text), "%s/evil", live_dir);
	setenv("NETMAPD", text, 1);
	setenv("XDG_RUNTIME_DIR", live_dir, 1);
	pid = fork();
	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(1);
		execl(copy, copy, "--open", (char *)NULL);
		_exit(126);
	}
	n = exit_of(pid);
	if (n == 126 || n == 125)
		live_skip("set-uid programs do not run there");
	snprintf(text, sizeof(text), "%s/mark", live_dir);
	CHECK(access(mark, F_OK));
}

const struct live_test live_start[] = {
	{ "start: closed standard descriptors", closed_standard, LIVE_DIRECT },
	{ "start: reader of the output ends", reader_ends, LIVE_DIRECT },
	{ "start: relative path", relative_path, LIVE_BOTH },
	{ "start: lock and fork", forked_lock, LIVE_DIRECT },
	{ "start: set-uid program", set_uid, LIVE_DIRECT },
	{ "server: kept doorbell", kept_doorbell, LIVE_BOTH },
	{ "server: edges of the wake descriptor", edges, LIVE_BOTH },
	{ NULL, NULL, 0 }
};
