/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where open files come from: a new session with netmapd, or one that was
 * there before us, inherited over exec or received over a socket.
 *
 * Such a one is recognised by being a connected SOCK_SEQPACKET socket whose
 * other end is bound to a path where a netmapd may listen.  Nothing is said on
 * a socket that does not pass this test.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "os/user/meet.h"
#include "preload/desc.h"
#include "preload/real.h"

static pthread_mutex_t adopt_mutex = PTHREAD_MUTEX_INITIALIZER;

void pl_adopt_lock(void)
{
	pthread_mutex_lock(&adopt_mutex);
}

void pl_adopt_unlock(void)
{
	pthread_mutex_unlock(&adopt_mutex);
}

static ino_t inode_of(int fd)
{
	struct stat st;

	return pl_real()->fstat(fd, &st) ? 0 : st.st_ino;
}

/* The open file of the session at our number @anchor. */
static struct pl_desc *file_of(int anchor)
{
	struct pl_desc *d = pl_new(PL_FILE);

	if (!d) {
		nm_client_close(anchor);
		errno = ENOMEM;
		return NULL;
	}
	d->f.anchor = anchor;
	d->f.ino = inode_of(anchor);
	d->f.s = nm_session_keep(anchor);
	return d;
}

struct pl_desc *pl_open_session(void)
{
	int anchor = nm_client_open();	/* sockets are made private: wrap.c */

	return anchor < 0 ? NULL : file_of(anchor);
}

/* May a netmapd listen at @path? */
static bool is_meeting_place(const char *path)
{
	const char *env = getenv("NETMAP_SOCKET");
	char own[NM_MEET_PATH], why[160];

	if (env && !strcmp(path, env))
		return true;
	if (!strcmp(path, NM_MEET_SYSTEM))
		return true;
	return !nm_meet_own_path(own, why, sizeof(why)) && !strcmp(path, own);
}

static bool is_session(int fd)
{
	struct sockaddr_un peer = { .sun_family = AF_UNSPEC };
	socklen_t len = sizeof(peer), tlen = sizeof(int);
	char path[sizeof(peer.sun_path) + 1];
	int type = 0;

	if (pl_real()->getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &tlen) ||
	    type != SOCK_SEQPACKET)
		return false;
	if (getpeername(fd, (struct sockaddr *)&peer, &len) ||
	    peer.sun_family != AF_UNIX ||
	    len <= offsetof(struct sockaddr_un, sun_path) || !peer.sun_path[0])
		return false;
	memcpy(path, peer.sun_path, sizeof(peer.sun_path));
	path[sizeof(peer.sun_path)] = '\0';
	return is_meeting_place(path);
}

/* adopt_mutex held; @fd is a session that the table does not know. */
static struct pl_desc *adopt(int fd)
{
	struct pl_desc *d = pl_find_ino(inode_of(fd));
	int anchor;

	if (d)
		return d;	/* a duplicate of one we know */
	anchor = pl_real()->fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (anchor < 0)
		return NULL;
	anchor = pl_make_private(anchor);
	if (nm_client_adopt(anchor) < 0) {
		pl_install(anchor, PL_UNKNOWN);
		pl_real()->close(anchor);
		return NULL;
	}
	return file_of(anchor);
}

struct pl_desc *pl_get_file(int fd)
{
	struct pl_desc *d = pl_slot(fd);
	int saved = errno;

	if (d == PL_ORDINARY || d == PL_PRIVATE || fd < 0)
		return NULL;
	if (d != PL_UNKNOWN)
		return pl_get(fd, PL_FILE);
	if (!is_session(fd)) {
		/* A number that is not open is not remembered as anything. */
		if (errno != EBADF)
			pl_install(fd, PL_ORDINARY);
		errno = saved;
		return NULL;
	}
	pl_adopt_lock();
	d = pl_get(fd, PL_FILE);
	if (!d) {
		d = adopt(fd);
		if (d && pl_hold(d, d->serial) && pl_install(fd, d)) {
			pl_put(d);
			pl_put(d);
			d = NULL;
		} else if (!d) {
			pl_install(fd, PL_ORDINARY);
		}
	}
	pl_adopt_unlock();
	errno = saved;
	return d;
}
