/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where clients and servers meet: socket paths, the lock under which a server
 * starts and ends, connecting and listening.  See os/user/meet.c.
 */
#ifndef NM_OS_USER_MEET_H
#define NM_OS_USER_MEET_H

#include <stddef.h>

#define NM_MEET_SYSTEM	"/run/netmapd.sock"
#define NM_MEET_PATH	108		/* bytes of a path with its zero */

/**
 * nm_meet_own_path - the socket of the user's own server
 * @path: out, NM_MEET_PATH bytes
 * @why:  out, @why_len bytes: on failure a sentence that names the directory
 *
 * $XDG_RUNTIME_DIR/netmapd.sock, or /tmp/netmapd-UID/sock, whose directory is
 * made if it is not there.
 *
 * Return: 0; -EACCES when the directory belongs to somebody else or others
 *         may write to it; -ENAMETOOLONG; -errno of mkdir(2).
 */
int nm_meet_own_path(char *path, char *why, size_t why_len);

/**
 * nm_meet_lock - be the only one who starts or ends a server at @path
 * @wait: 0: do not wait for another holder
 * Return: a descriptor for nm_meet_unlock(); -EWOULDBLOCK; -errno.
 */
int nm_meet_lock(const char *path, int wait);

/** nm_meet_unlock - also when a child that was forked meanwhile has it open */
void nm_meet_unlock(int fd);

/**
 * nm_meet_absolute - a path that stays good when the directory changes
 * @abs: out, NM_MEET_PATH bytes; @path itself, cut, when there is no room
 */
void nm_meet_absolute(const char *path, char *abs);

/**
 * nm_meet_connect - connect to a server
 * Return: a SOCK_SEQPACKET descriptor, close-on-exec; -ENOENT or
 *         -ECONNREFUSED when there is no server; -errno.
 */
int nm_meet_connect(const char *path);

/**
 * nm_meet_listen - take the address @path
 * @mode: permissions of the socket: 0600, or 0666 for a server that serves
 *        everybody
 *
 * Whoever calls this holds the lock and found nobody to connect to: a socket
 * that is left over is removed.
 *
 * Return: a listening descriptor, close-on-exec; -EEXIST when there is
 *         something at @path that is not a socket; -errno.
 */
int nm_meet_listen(const char *path, unsigned int mode);

/**
 * nm_meet_path_of - where a listening socket was bound
 * @path: out, NM_MEET_PATH bytes
 * Return: 0; -EINVAL it is no unix socket with a path.
 */
int nm_meet_path_of(int fd, char *path);

#endif /* NM_OS_USER_MEET_H */
