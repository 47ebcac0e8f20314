/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is at the other end.
 *
 * The direct path gives a process the plane and the shared region: it could
 * disturb everybody else who has them.  So it is for processes that could do
 * that anyhow, with a debugger: same user id, same user namespace, dumpable.
 * (/proc/PID of a process that is not dumpable belongs to root.)
 *
 * All is asked about a number, and numbers are used again; the pidfd, got
 * first, tells afterwards whether the process was still there.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "netmapd/creds.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77		/* Linux 6.5 */
#endif

int nmd_pidfd(int sock, uint32_t pid)
{
	socklen_t len = sizeof(int);
	int fd = -1;

	if (sock >= 0 &&
	    !getsockopt(sock, SOL_SOCKET, SO_PEERPIDFD, &fd, &len) && fd >= 0) {
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		return fd;
	}
	if (!pid)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	return fd < 0 ? -errno : fd;
}

static int is_alive(int pidfd)
{
	return !syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) ||
		errno != ESRCH;
}

uint64_t nmd_user_ns(uint32_t pid)
{
	struct stat st;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%u/ns/user", pid);
	return stat(path, &st) ? 0 : (uint64_t)st.st_ino;
}

static int same_userns(uint32_t pid)
{
	uint64_t theirs = nmd_user_ns(pid);

	return theirs && theirs == nmd_user_ns((uint32_t)getpid());
}

int nmd_creds_direct(uint32_t pid, uint32_t uid, int pidfd, const char **why)
{
	struct stat st;
	char path[32];

	if (uid != geteuid()) {
		*why = "isolated: another user than the server's";
		return 0;
	}
	snprintf(path, sizeof(path), "/proc/%u", pid);
	if (!pid || pidfd < 0 || stat(path, &st)) {
		*why = "isolated: the server cannot see the process";
		return 0;
	}
	if (st.st_uid != uid) {
		*why = "isolated: the process is not dumpable";
		return 0;
	}
	if (!same_userns(pid)) {
		*why = "isolated: another user namespace than the server's";
		return 0;
	}
	if (!is_alive(pidfd)) {
		*why = "isolated: the process has ended";
		return 0;
	}
	*why = "direct: same user and user namespace as the server, dumpable";
	return 1;
}

int nmd_pid_is_dying(uint32_t pid)
{
	char path[32], text[64];
	ssize_t n;
	int fd;

	/* a process lets go of its memory before its descriptors */
	snprintf(path, sizeof(path), "/proc/%u/statm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n <= 0 || !strncmp(text, "0 ", 2);
}
