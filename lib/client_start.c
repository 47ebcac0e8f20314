/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding the server, or starting one.
 *
 * Order: NETMAP_SOCKET alone if set; else the system server's socket, if it
 * exists and admits us; else the user's own, which is started on demand.  To
 * start it we bind and listen ourselves under a lock and hand the listening
 * socket to the new process, so that whoever comes next just connects.
 *
 * A program that has more rights than its user (set-uid) takes neither the
 * socket nor the server's program from the environment, and looks for the
 * latter only where it was installed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/client.h"
#include "lib/nmio.h"
#include "os/user/meet.h"

#ifndef NM_SBINDIR
#define NM_SBINDIR	"/usr/local/sbin"
#endif

extern char **environ;

/* Where this library (or the program it is linked into) was installed. */
static int beside_us(char *path, size_t len)
{
	static const char *const rel[] = {
		"netmapd", "../netmapd/netmapd", "../sbin/netmapd",
	};
	char self[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t i;

	if (n <= 0)
		return 0;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return 0;
	*slash = '\0';
	for (i = 0; i < sizeof(rel) / sizeof(rel[0]); i++) {
		if ((size_t)snprintf(path, len, "%s/%s", self, rel[i]) < len &&
		    access(path, X_OK) == 0)
			return 1;
	}
	return 0;
}

static int find_program(char *path, size_t len)
{
	const char *env = secure_getenv("NETMAPD");
	bool secure = getauxval(AT_SECURE);

	if (env && env[0]) {
		snprintf(path, len, "%s", env);
		return 0;
	}
	if (!secure && beside_us(path, len))
		return 0;
	snprintf(path, len, "%s/netmapd", NM_SBINDIR);
	if (access(path, X_OK) == 0)
		return 0;
	snprintf(path, len, "/usr/sbin/netmapd");
	if (access(path, X_OK) == 0)
		return 0;
	if (!secure)
		snprintf(path, len, "netmapd");
	return 0;
}

/* The new server inherits the listening socket as descriptor 3. */
static int spawn_server(int listener)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	char prog[PATH_MAX];
	char *argv[] = { (char *)"netmapd", (char *)"--fd", (char *)"3",
			 (char *)"--daemonize", NULL };
	sigset_t none;
	pid_t pid;
	int error, status;

	find_program(prog, sizeof(prog));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, listener, 3);
	posix_spawnattr_init(&at);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&at, &none);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETSIGMASK);
	error = posix_spawnp(&pid, prog, &fa, &at, argv, environ);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	if (error)
		return nm_client_fail(error, "cannot start %s: %s; install it or set NETMAPD to its path",
				      prog, strerror(error));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 0;	/* somebody else reaps: assume success */
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return nm_client_fail(ECONNREFUSED, "%s did not start (status %#x); try it with --foreground",
				      prog, status);
	return 0;
}

/* Nobody listens on @path: become the one who starts the server. */
static int start_server(const char *path)
{
	int lock, listener, fd, error;

	lock = nm_meet_lock(path, 1);
	if (lock < 0)
		return nm_client_fail(-lock, "cannot lock %s to start netmapd: %s",
				      path, strerror(-lock));
	fd = nm_meet_connect(path);		/* somebody was faster? */
	if (fd == -ECONNREFUSED || fd == -ENOENT) {
		listener = nm_meet_listen(path, 0600);
		if (listener < 0) {
			nm_meet_unlock(lock);
			return nm_client_fail(-listener, "cannot listen on %s: %s",
					      path, strerror(-listener));
		}
		error = spawn_server(listener);
		close(listener);
		fd = error ? error : nm_meet_connect(path);
	}
	nm_meet_unlock(lock);
	return fd;
}

/* Connect to the server at @path, starting it if there is none. */
static int reach(const char *path)
{
	int fd = nm_meet_connect(path);

	if (fd == -ECONNREFUSED || fd == -ENOENT)
		fd = start_server(path);
	if (fd < 0 && !nmio_error()[0])
		nm_client_fail(-fd, "cannot reach netmapd at %s: %s", path,
			       strerror(-fd));
	return fd;
}

int nm_server_connect(void)
{
	const char *env = secure_getenv("NETMAP_SOCKET");
	char path[NM_MEET_PATH], why[160];
	int fd, error;

	if (env && env[0]) {
		nm_meet_absolute(env, path);
		return reach(path);
	}
	fd = nm_meet_connect(NM_MEET_SYSTEM);
	if (fd >= 0)
		return fd;
	error = nm_meet_own_path(path, why, sizeof(why));
	if (error)
		return nm_client_fail(-error, "%s", why);
	return reach(path);
}
