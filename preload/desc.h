/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors the preload library has to do with, by their number.
 *
 *   number the program uses ---+
 *   dup of it -----------------+--> pl_desc ---> session, at a number of ours
 *   a mapping of the region ---+
 *
 * A pl_desc is what the kernel calls an open file: all duplicates share it, and
 * it lives until the last number and the last mapping are gone.  The session
 * beneath has a descriptor number of its own (private, high), so that the
 * program may close or reuse any number it knows about.
 *
 * Lookup takes no lock: a pl_desc is never given back to malloc, so counting a
 * reference on one that was just released is harmless and is noticed.
 *
 * Locks, in order: adopt_lock, epoll->lock, pl_lock.  No malloc or free is
 * called under pl_lock, because they may unmap memory through us.
 */
#ifndef NM_PRELOAD_DESC_H
#define NM_PRELOAD_DESC_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/client.h"

enum pl_kind {
	PL_FILE = 1,		/* an open /dev/netmap */
	PL_EPOLL = 2,		/* an epoll instance */
};

struct pl_item;

struct pl_file {
	struct nm_session *s;
	int anchor;		/* number of the session, private */
	int flags;		/* O_NONBLOCK as set by the program */
	uint32_t syncs;		/* syncs that were not epoll's */
	uint32_t looks;
	bool dead;		/* the server hung up */
	ino_t ino;		/* of the socket */
};

struct pl_epoll {
	pthread_mutex_t lock;
	struct pl_item *items;	/* netmap descriptors; the kernel has the rest */
	int n_items;
	int kick;		/* eventfd: look at the items again; -1: not yet */
	int passive;		/* threads in the real epoll_wait() */
	bool kicked;		/* @kick is in the real instance, for them */
	unsigned int turn;	/* who comes first in a result: alternates */
};

struct pl_desc {
	uint32_t refs;		/* 0: free */
	uint32_t serial;	/* of this life */
	enum pl_kind kind;
	struct pl_desc *next;	/* all there ever were */
	struct pl_desc *free;
	struct pl_file f;
	struct pl_epoll e;
};

/* What the table says about a number, besides a pl_desc. */
#define PL_UNKNOWN	((struct pl_desc *)0)
#define PL_ORDINARY	((struct pl_desc *)1)	/* looked: not ours */
#define PL_PRIVATE	((struct pl_desc *)2)	/* the library's own */

extern pthread_mutex_t pl_lock;

/**
 * pl_slot - what the table says about @fd, without a reference
 */
struct pl_desc *pl_slot(int fd);

/**
 * pl_get - the descriptor behind a number
 * Return: it, referenced; NULL when it is not of @kind.
 */
struct pl_desc *pl_get(int fd, enum pl_kind kind);

/**
 * pl_get_file - as pl_get() for PL_FILE, and looks at a number seen for the
 *               first time: it may be a session inherited or received
 */
struct pl_desc *pl_get_file(int fd);

/** pl_hold - a reference, if @d still lives its life @serial */
bool pl_hold(struct pl_desc *d, uint32_t serial);
void pl_put(struct pl_desc *d);

/** pl_cleanup - pl_put() as a cleanup attribute */
static inline void pl_cleanup(struct pl_desc **d)
{
	if (*d)
		pl_put(*d);
}
#define PL_SCOPED __attribute__((cleanup(pl_cleanup)))

/** pl_new - a descriptor with one reference; NULL when out of memory */
struct pl_desc *pl_new(enum pl_kind kind);

/**
 * pl_install - let @fd be @d
 * @d: referenced by the caller, who gives that reference away; or one of the
 *     three words above
 * Return: 0; -EMFILE when the number is beyond what we track.
 */
int pl_install(int fd, struct pl_desc *d);

/** pl_forget - @fd is about to be closed, or was made anew */
void pl_forget(int fd);

/** pl_top - no number at or above this was ever installed */
int pl_top(void);

/**
 * pl_make_private - move a descriptor of the library out of the program's way
 * Return: its new number, close-on-exec; @fd if there is no room.
 */
int pl_make_private(int fd);

/** pl_is_foreign - a vfork() child: memory of the parent, files of its own */
bool pl_is_foreign(void);

/** pl_open_session - a new descriptor; NULL with errno */
struct pl_desc *pl_open_session(void);

/** pl_find_ino - the open file whose socket has this inode, referenced */
struct pl_desc *pl_find_ino(ino_t ino);

/** pl_adopt_lock, pl_adopt_unlock - hold off adoptions, over a fork */
void pl_adopt_lock(void);
void pl_adopt_unlock(void);

/** pl_epoll_release - the last reference to an epoll instance is gone */
void pl_epoll_release(struct pl_epoll *e);

/** pl_wait_forked - in the child: no waiter of the parent may be used */
void pl_wait_forked(void);

#endif /* NM_PRELOAD_DESC_H */
