/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where clients and servers meet.
 *
 * A server listens at a path.  Its life begins and ends under the lock
 * PATH.lock, so that there is never a moment with two, and a client that
 * found none and has the lock knows that there is none:
 *
 *   client                              server that wants to end
 *   connect: refused, or no socket      lock, without waiting
 *   lock                                nobody queued on the socket?
 *   connect again: somebody was faster  remove the socket
 *   listen, start a server with it      unlock, exit
 *   unlock
 *   connect
 *
 * The lock file stays: removing it would let two holders lock two files.
 *
 * The user's own socket lies in a directory that nobody else can write to;
 * that is checked, since /tmp is everybody's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "os/user/meet.h"

#define BACKLOG 1024

_Static_assert(sizeof(((struct sockaddr_un *)0)->sun_path) == NM_MEET_PATH,
	       "NM_MEET_PATH is what an address holds");

/* Is @dir a directory of ours that nobody else writes to? */
static int check_dir(const char *dir, char *why, size_t why_len)
{
	struct stat st;
	int error;

	if (lstat(dir, &st)) {
		error = errno;
		snprintf(why, why_len, "%s: %s", dir, strerror(error));
		return -error;
	}
	if (!S_ISDIR(st.st_mode)) {
		snprintf(why, why_len, "%s is not a directory", dir);
		return -ENOTDIR;
	}
	if (st.st_uid != geteuid()) {
		snprintf(why, why_len, "%s belongs to user %u, not to %u", dir,
			 st.st_uid, geteuid());
		return -EACCES;
	}
	if (st.st_mode & 022) {
		snprintf(why, why_len, "%s can be written by others (mode %03o)",
			 dir, st.st_mode & 0777);
		return -EACCES;
	}
	return 0;
}

int nm_meet_own_path(char *path, char *why, size_t why_len)
{
	const char *run = secure_getenv("XDG_RUNTIME_DIR");
	char dir[NM_MEET_PATH];
	int n;

	if (run && run[0] == '/') {
		n = snprintf(path, NM_MEET_PATH, "%s/netmapd.sock", run);
		if (n >= NM_MEET_PATH) {
			snprintf(why, why_len, "XDG_RUNTIME_DIR is too long");
			return -ENAMETOOLONG;
		}
		if (!access(run, F_OK))
			return check_dir(run, why, why_len);
	}
	snprintf(dir, sizeof(dir), "/tmp/netmapd-%u", geteuid());
	if (mkdir(dir, 0700) && errno != EEXIST) {
		n = errno;
		snprintf(why, why_len, "%s: %s", dir, strerror(n));
		return -n;
	}
	snprintf(path, NM_MEET_PATH, "/tmp/netmapd-%u/sock", geteuid());
	return check_dir(dir, why, why_len);
}

int nm_meet_lock(const char *path, int wait)
{
	char name[NM_MEET_PATH + 8];
	int fd, r;

	snprintf(name, sizeof(name), "%s.lock", path);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	do {
		r = flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB));
	} while (r && errno == EINTR);
	if (r) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

void nm_meet_unlock(int fd)
{
	flock(fd, LOCK_UN);
	close(fd);
}

void nm_meet_absolute(const char *path, char *abs)
{
	char dir[NM_MEET_PATH];

	if (path[0] == '/' || !getcwd(dir, sizeof(dir)) ||
	    snprintf(abs, NM_MEET_PATH, "%s/%s", dir, path) >= NM_MEET_PATH)
		snprintf(abs, NM_MEET_PATH, "%s", path);
}

/* Return: a socket and *@addr for @path; -errno. */
static int unix_socket(const char *path, struct sockaddr_un *addr)
{
	int fd;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(addr->sun_path))
		return -ENAMETOOLONG;
	strcpy(addr->sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

int nm_meet_connect(const char *path)
{
	struct sockaddr_un addr;
	int fd, r;

	fd = unix_socket(path, &addr);
	if (fd < 0)
		return fd;
	do {
		r = connect(fd, (struct sockaddr *)&addr, sizeof(addr));
	} while (r && errno == EINTR);
	if (r) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int nm_meet_listen(const char *path, unsigned int mode)
{
	struct sockaddr_un addr;
	struct stat st;
	int fd, r;

	fd = unix_socket(path, &addr);
	if (fd < 0)
		return fd;
	if (!lstat(path, &st)) {
		if (!S_ISSOCK(st.st_mode)) {
			close(fd);
			return -EEXIST;
		}
		unlink(path);
	}
	/*
	 * bind() makes the socket with the mode of the descriptor less the
	 * umask: never with a permission more than it will have.
	 */
	if (fchmod(fd, mode) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    (mode & 077 && chmod(path, mode)) ||
	    listen(fd, BACKLOG)) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int nm_meet_path_of(int fd, char *path)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);

	memset(&addr, 0, sizeof(addr));
	if (getsockname(fd, (struct sockaddr *)&addr, &len) ||
	    addr.sun_family != AF_UNIX || !addr.sun_path[0])
		return -EINVAL;
	memcpy(path, addr.sun_path, NM_MEET_PATH);
	path[NM_MEET_PATH - 1] = '\0';
	return 0;
}
