/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of descriptors; see desc.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "preload/desc.h"
#include "preload/real.h"

#define LEAF		1024
#define LEAVES		1024
#define PRIVATE_FLOOR	4096u	/* higher numbers cost the kernel memory */

pthread_mutex_t pl_lock = PTHREAD_MUTEX_INITIALIZER;

static struct pl_desc **leaves[LEAVES];
static struct pl_desc *all, *free_list;
static int top;
static pid_t own_pid;

/* The place of a number in the table, made when @make. */
static struct pl_desc **place(int fd, bool make)
{
	struct pl_desc **leaf, **other = NULL;

	if (fd < 0 || fd >= LEAF * LEAVES)
		return NULL;
	leaf = __atomic_load_n(&leaves[fd / LEAF], __ATOMIC_ACQUIRE);
	if (!leaf && make) {
		leaf = calloc(LEAF, sizeof(*leaf));
		if (!leaf)
			return NULL;
		if (!__atomic_compare_exchange_n(&leaves[fd / LEAF], &other,
						 leaf, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE)) {
			free(leaf);
			leaf = other;
		}
	}
	return leaf ? &leaf[fd % LEAF] : NULL;
}

struct pl_desc *pl_slot(int fd)
{
	struct pl_desc **p = place(fd, false);

	return p ? __atomic_load_n(p, __ATOMIC_ACQUIRE) : PL_UNKNOWN;
}

static bool is_desc(struct pl_desc *d)
{
	return d > PL_PRIVATE;
}

static bool hold_any(struct pl_desc *d)
{
	uint32_t n = __atomic_load_n(&d->refs, __ATOMIC_RELAXED);

	do {
		if (!n)
			return false;
	} while (!__atomic_compare_exchange_n(&d->refs, &n, n + 1, true,
					      __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	return true;
}

bool pl_hold(struct pl_desc *d, uint32_t serial)
{
	if (!hold_any(d))
		return false;
	if (d->serial == serial)
		return true;
	pl_put(d);
	return false;
}

struct pl_desc *pl_get(int fd, enum pl_kind kind)
{
	struct pl_desc *d;

	while (is_desc(d = pl_slot(fd))) {
		if (!hold_any(d))
			continue;	/* just released: look again */
		if (pl_slot(fd) == d) {
			if (d->kind == kind)
				return d;
			pl_put(d);
			return NULL;
		}
		pl_put(d);
	}
	return NULL;
}

static void release(struct pl_desc *d)
{
	int saved = errno;

	if (d->kind == PL_EPOLL) {
		pl_epoll_release(&d->e);
	} else if (d->f.s) {
		nm_session_unkeep(d->f.s);
		nm_client_close(d->f.anchor);
		d->f.s = NULL;
	}
	pthread_mutex_lock(&pl_lock);
	d->free = free_list;
	free_list = d;
	pthread_mutex_unlock(&pl_lock);
	errno = saved;
}

void pl_put(struct pl_desc *d)
{
	if (__atomic_sub_fetch(&d->refs, 1, __ATOMIC_ACQ_REL) == 0)
		release(d);
}

struct pl_desc *pl_new(enum pl_kind kind)
{
	struct pl_desc *d;

	pthread_mutex_lock(&pl_lock);
	d = free_list;
	if (d)
		free_list = d->free;
	pthread_mutex_unlock(&pl_lock);
	if (!d) {
		d = calloc(1, sizeof(*d));
		if (!d)
			return NULL;
		pthread_mutex_init(&d->e.lock, NULL);
		pthread_mutex_lock(&pl_lock);
		d->next = all;
		all = d;
		pthread_mutex_unlock(&pl_lock);
	}
	d->serial++;
	d->kind = kind;
	memset(&d->f, 0, sizeof(d->f));
	d->f.anchor = -1;
	d->e.items = NULL;
	d->e.n_items = d->e.passive = 0;
	d->e.kick = -1;
	d->e.kicked = false;
	__atomic_store_n(&d->refs, 1, __ATOMIC_RELEASE);
	return d;
}

int pl_install(int fd, struct pl_desc *d)
{
	struct pl_desc **p = place(fd, true), *old;

	if (!p)
		return -EMFILE;
	pthread_mutex_lock(&pl_lock);
	old = __atomic_exchange_n(p, d, __ATOMIC_ACQ_REL);
	if (d >= PL_PRIVATE && fd >= top)
		__atomic_store_n(&top, fd + 1, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&pl_lock);
	if (is_desc(old))
		pl_put(old);
	return 0;
}

void pl_forget(int fd)
{
	if (pl_slot(fd) != PL_UNKNOWN)
		pl_install(fd, PL_UNKNOWN);
}

int pl_top(void)
{
	return __atomic_load_n(&top, __ATOMIC_ACQUIRE);
}

int pl_make_private(int fd)
{
	const struct pl_real *real = pl_real();
	struct rlimit rl = { .rlim_cur = 1024 };
	rlim_t floor;
	int high, saved = errno;

	getrlimit(RLIMIT_NOFILE, &rl);
	floor = rl.rlim_cur / 4 * 3;
	if (floor > PRIVATE_FLOOR)
		floor = PRIVATE_FLOOR;
	high = real->fcntl(fd, F_DUPFD_CLOEXEC, (int)floor);
	if (high >= 0) {
		real->close(fd);
		fd = high;
	}
	pl_install(fd, PL_PRIVATE);
	errno = saved;
	return fd;
}

struct pl_desc *pl_find_ino(ino_t ino)
{
	struct pl_desc *d;

	pthread_mutex_lock(&pl_lock);
	d = all;
	pthread_mutex_unlock(&pl_lock);
	for (; d; d = d->next) {
		if (!hold_any(d))
			continue;
		if (d->kind == PL_FILE && d->f.ino == ino && ino)
			return d;
		pl_put(d);
	}
	return NULL;
}

bool pl_is_foreign(void)
{
	return own_pid && getpid() != own_pid;
}

/* --- fork ---------------------------------------------------------------- */

static struct pl_desc *locked;	/* the list as fork_prepare() saw it */

static void fork_prepare(void)
{
	struct pl_desc *from, *d;

	pl_adopt_lock();
	pthread_mutex_lock(&pl_lock);
	from = all;
	pthread_mutex_unlock(&pl_lock);
	for (d = from; d; d = d->next)
		pthread_mutex_lock(&d->e.lock);
	pthread_mutex_lock(&pl_lock);
	locked = from;
	nm_client_before_fork();
}

static void fork_parent(void)
{
	struct pl_desc *from = locked, *d;

	nm_client_after_fork();
	pthread_mutex_unlock(&pl_lock);
	for (d = from; d; d = d->next)
		pthread_mutex_unlock(&d->e.lock);
	pl_adopt_unlock();
}

static void fork_child(void)
{
	struct pl_desc *d;

	own_pid = getpid();
	pl_adopt_unlock();
	pthread_mutex_init(&pl_lock, NULL);
	nm_client_forked();	/* closes what is the parent's */
	for (d = all; d; d = d->next) {
		pthread_mutex_init(&d->e.lock, NULL);
		__atomic_store_n(&d->e.passive, 0, __ATOMIC_RELAXED);
	}
	pl_wait_forked();
}

__attribute__((constructor)) static void desc_init(void)
{
	pl_real();
	own_pid = getpid();
	nm_client_host_forks();
	pthread_atfork(fork_prepare, fork_parent, fork_child);
}
