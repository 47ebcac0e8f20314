/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mappings of regions, and what keeps a port bound.
 *
 * As with the device, a mapping holds the open file: the port stays bound
 * after close() until the last piece of its last mapping is gone.  So each
 * mapped range is remembered with a reference, and cut or split when munmap(),
 * or a mapping at a fixed address, takes a part away.
 *
 * Most calls have nothing to do with regions.  They are told apart by the hull
 * of all ranges, without a lock.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "preload/desc.h"
#include "preload/home.h"
#include "preload/real.h"

struct range {
	uintptr_t from, to;
	struct pl_desc *d;
	struct range *next;
};

static struct range *ranges;
static uintptr_t hull_from = UINTPTR_MAX, hull_to;

static bool in_hull(uintptr_t from, uintptr_t to)
{
	return from < __atomic_load_n(&hull_to, __ATOMIC_ACQUIRE) &&
		to > __atomic_load_n(&hull_from, __ATOMIC_ACQUIRE);
}

static uintptr_t page_up(uintptr_t x)
{
	uintptr_t mask = sysconf(_SC_PAGESIZE) - 1;

	return (x + mask) & ~mask;
}

/* pl_lock held; ranges only widen the hull, an empty list resets it. */
static void hull_update(void)
{
	uintptr_t from = UINTPTR_MAX, to = 0;
	struct range *r;

	for (r = ranges; r; r = r->next) {
		from = r->from < from ? r->from : from;
		to = r->to > to ? r->to : to;
	}
	__atomic_store_n(&hull_from, from, __ATOMIC_RELEASE);
	__atomic_store_n(&hull_to, to, __ATOMIC_RELEASE);
}

static void give_back(struct range *r)
{
	struct range *next;

	for (; r; r = next) {
		next = r->next;
		if (r->d)
			pl_put(r->d);
		free(r);
	}
}

/*
 * pl_lock held: take [from, to) out of what is mapped.  @spare serves for the
 * one range that may be cut in two.
 *
 * Return: ranges to give back once the lock is dropped.
 */
static struct range *cut(uintptr_t from, uintptr_t to, struct range *spare)
{
	struct range **p = &ranges, *gone = NULL, *r;

	while ((r = *p)) {
		if (r->to <= from || r->from >= to) {
			p = &r->next;
		} else if (r->from >= from && r->to <= to) {
			*p = r->next;
			r->next = gone;
			gone = r;
		} else if (r->from < from && r->to > to && spare) {
			__atomic_add_fetch(&r->d->refs, 1, __ATOMIC_RELAXED);
			*spare = (struct range){ to, r->to, r->d, r->next };
			r->to = from;
			r->next = spare;
			spare = NULL;
			p = &r->next;
		} else {
			if (r->from < from)
				r->to = from;
			else
				r->from = to;
			p = &r->next;
		}
	}
	hull_update();
	if (spare) {
		spare->d = NULL;
		spare->next = gone;
		gone = spare;
	}
	return gone;
}

/* Something else is mapped at [from, to) now, or nothing. */
static void forget_range(uintptr_t from, uintptr_t to)
{
	struct range *spare, *gone;
	int saved = errno;

	if (!in_hull(from, to))
		return;
	spare = calloc(1, sizeof(*spare));
	pthread_mutex_lock(&pl_lock);
	gone = cut(from, to, spare);
	pthread_mutex_unlock(&pl_lock);
	give_back(gone);
	errno = saved;
}

static void remember(struct range *r, struct range *spare, void *addr,
		     size_t len, struct pl_desc *d)
{
	struct range *gone;

	*r = (struct range){ (uintptr_t)addr,
			     page_up((uintptr_t)addr + len), d, NULL };
	pthread_mutex_lock(&pl_lock);
	gone = cut(r->from, r->to, spare);
	r->next = ranges;
	ranges = r;
	hull_update();
	pthread_mutex_unlock(&pl_lock);
	give_back(gone);
}

/* @d is referenced, and keeps the reference with the mapping. */
static void *map_region(struct pl_desc *d, void *addr, size_t len, int prot,
			int flags, off_t ofs)
{
	struct range *r = calloc(1, sizeof(*r));
	struct range *spare = calloc(1, sizeof(*spare));
	int saved = errno, error = ENOMEM;
	void *p = MAP_FAILED;

	if (r && spare) {
		p = nm_client_mmap(addr, len, prot, flags, d->f.anchor, ofs);
		error = errno;
	}
	if (p == MAP_FAILED) {
		if (pl_verbose())
			pl_complain("mmap");
		free(r);
		free(spare);
		pl_put(d);
		errno = error;
		return p;
	}
	remember(r, spare, p, len, d);
	errno = saved;
	return p;
}

static void *any_mmap(void *addr, size_t len, int prot, int flags, int fd,
		      off_t ofs)
{
	struct pl_desc *d = NULL;
	void *p;

	if (fd >= 0 && !(flags & MAP_ANONYMOUS))
		d = pl_get(fd, PL_FILE);
	if (d)
		return map_region(d, addr, len, prot, flags, ofs);
	p = pl_real()->mmap(addr, len, prot, flags, fd, ofs);
	if (p != MAP_FAILED) {
		if (flags & MAP_FIXED)
			forget_range((uintptr_t)p, page_up((uintptr_t)p + len));
		return p;
	}
	/* A socket cannot be mapped: is it a session we have not met yet? */
	if (errno == ENODEV && fd >= 0 && !(flags & MAP_ANONYMOUS)) {
		d = pl_get_file(fd);
		if (d)
			return map_region(d, addr, len, prot, flags, ofs);
	}
	return p;
}

PL_EXPORT void *mmap(void *addr, size_t len, int prot, int flags, int fd,
		     off_t ofs)
{
	return any_mmap(addr, len, prot, flags, fd, ofs);
}

PL_EXPORT void *mmap64(void *addr, size_t len, int prot, int flags, int fd,
		       off_t ofs)
{
	return any_mmap(addr, len, prot, flags, fd, ofs);
}

PL_EXPORT int munmap(void *addr, size_t len)
{
	uintptr_t from = (uintptr_t)addr, to = page_up(from + len);
	int r = pl_real()->munmap(addr, len);

	if (r == 0)
		forget_range(from, to);
	return r;
}

/* A region that is moved or shrunk keeps its file as far as it goes. */
static void moved(uintptr_t from, size_t old_len, uintptr_t to, size_t len)
{
	struct range *r, *fresh = calloc(1, sizeof(*fresh));
	struct range *spare = calloc(1, sizeof(*spare));
	struct pl_desc *d = NULL;
	int saved = errno;

	pthread_mutex_lock(&pl_lock);
	for (r = ranges; r; r = r->next)
		if (r->from <= from && from < r->to)
			d = r->d;
	if (d)
		__atomic_add_fetch(&d->refs, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&pl_lock);
	forget_range(from, page_up(from + old_len));
	if (d && fresh && spare) {
		remember(fresh, spare, (void *)to, len, d);
	} else {
		free(fresh);
		free(spare);
		if (d)
			pl_put(d);
	}
	errno = saved;
}

PL_EXPORT void *mremap(void *addr, size_t old_len, size_t len, int flags, ...)
{
	uintptr_t from = (uintptr_t)addr;
	va_list ap;
	void *to, *p;

	va_start(ap, flags);
	to = flags & MREMAP_FIXED ? va_arg(ap, void *) : NULL;
	va_end(ap);
	p = pl_real()->mremap(addr, old_len, len, flags, to);
	if (p != MAP_FAILED && in_hull(from, page_up(from + old_len)))
		moved(from, old_len, (uintptr_t)p, len);
	return p;
}
