/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Memory of user mode: private allocations, the plane, regions.
 *
 * Plane and regions are memfds, sparse, mapped whole, sealed so that nobody
 * who gets the descriptor can change their size.  They stay out of core
 * dumps: a core of the server or of a client would hold other people's
 * packets, and some GiB of holes.
 *
 * Having memory behind an object means one of two things:
 *
 *   taken      fallocate: pages are there, a touch cannot fail.  Small
 *              objects of the plane; ring and if objects of a region.
 *   accounted  a promise (os/user/budget.c); pages come at first touch.
 *              Buffers; rows of the plane larger than a page, of which
 *              mostly the first part is used.
 *
 * Both count as promised.  Memory is given back by punching holes, which
 * also zeroes what shares a page with something still in use.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "engine/os.h"
#include "os/user/budget.h"
#include "os/user/os_user.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL	8u
#endif

#define ROW_BYTES	4096u	/* larger objects are accounted, not taken */
#define SIZE_SEALS	(F_SEAL_SHRINK | F_SEAL_GROW)

int nm_os_fail_after = -1;

static int must_fail(void)
{
	if (nm_os_fail_after < 0)
		return 0;
	if (nm_os_fail_after == 0)
		return 1;
	nm_os_fail_after--;
	return 0;
}

void *nm_os_alloc(size_t len)
{
	if (must_fail())
		return NULL;
	return calloc(1, len ? len : 1);
}

void nm_os_free(void *p)
{
	free(p);
}

/* A sealed memfd of @size bytes. Return: the descriptor; -ENOMEM. */
static int memfd_sized(const char *name, uint64_t size)
{
	int fd;

	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING |
			  MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL)	/* before Linux 6.3 */
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -ENOMEM;
	if (ftruncate(fd, (off_t)size) ||
	    fcntl(fd, F_ADD_SEALS, SIZE_SEALS | F_SEAL_SEAL)) {
		close(fd);
		return -ENOMEM;
	}
	return fd;
}

/* Pages behind [ofs, ofs + len) for real.  Idempotent. */
static int take_pages(int fd, uint64_t ofs, uint64_t len)
{
	int r;

	do {
		r = fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)ofs, (off_t)len);
	} while (r && errno == EINTR);
	return r ? -ENOMEM : 0;
}

static void punch_hole(int fd, char *at, uint64_t ofs, uint64_t len)
{
	int r;

	do {
		r = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			      (off_t)ofs, (off_t)len);
	} while (r && errno == EINTR);
	if (r)	/* keep the promise of zeroes, if not that of memory */
		memset(at, 0, len);
}

static struct nm_os_table *const *plane_tables(struct nm_plane *pl,
					       struct nm_os_table **list)
{
	list[0] = &pl->rings;
	list[1] = &pl->ports;
	list[2] = &pl->switches;
	list[3] = &pl->members;
	list[4] = &pl->inboxes;
	list[5] = &pl->fdb;
	list[6] = &pl->regions;
	list[7] = &pl->actors;
	return list;
}

#define N_TABLES 8

static void free_tables(struct nm_plane *pl)
{
	struct nm_os_table *list[N_TABLES];
	uint64_t bytes = 0;
	uint32_t i, k;

	plane_tables(pl, list);
	for (i = 0; i < N_TABLES; i++) {
		if (!list[i]->promised)
			continue;
		for (k = 0; k < (list[i]->n + 63) / 64; k++)
			bytes += (uint64_t)list[i]->stride *
				__builtin_popcountll(list[i]->promised[k]);
		free(list[i]->promised);
		list[i]->promised = NULL;
	}
	nm_budget_give(bytes);
}

static int init_tables(struct nm_plane *pl, int fd)
{
	struct nm_os_table *list[N_TABLES];
	uint32_t i;

	plane_tables(pl, list);
	for (i = 0; i < N_TABLES; i++) {
		list[i]->fd = fd;
		list[i]->promised = calloc((list[i]->n + 63) / 64,
					   sizeof(uint64_t));
		if (!list[i]->promised)
			return -ENOMEM;
	}
	return 0;
}

int nm_os_plane_create(struct nm_plane *pl)
{
	struct nm_plane_hdr hdr;
	int fd;

	if (must_fail())
		return -ENOMEM;
	nm_user_plane_layout(&hdr);
	fd = memfd_sized("netmap-plane", hdr.size);
	if (fd < 0)
		return fd;
	if (take_pages(fd, 0, sizeof(hdr)) || nm_budget_watch(fd))
		goto err_fd;
	if (nm_user_plane_map(pl, &hdr, fd))
		goto err_watch;
	*pl->hdr = hdr;
	if (init_tables(pl, fd))
		goto err_tables;
	return 0;

err_tables:
	free_tables(pl);
	nm_user_plane_detach(pl);
err_watch:
	nm_budget_unwatch(fd);
err_fd:
	close(fd);
	return -ENOMEM;
}

void nm_os_plane_destroy(struct nm_plane *pl)
{
	int fd = pl->rings.fd;

	if (!pl->hdr)
		return;
	free_tables(pl);
	nm_user_plane_detach(pl);
	nm_budget_unwatch(fd);
	close(fd);
}

static int is_promised(const struct nm_os_table *t, uint32_t i)
{
	return t->promised[i / 64] >> (i % 64) & 1;
}

static void unpromise(struct nm_os_table *t, uint32_t first, uint32_t n)
{
	uint64_t bytes = 0;
	uint32_t i;

	for (i = first; i < first + n; i++) {
		if (!is_promised(t, i))
			continue;
		t->promised[i / 64] &= ~(1ull << (i % 64));
		bytes += t->stride;
	}
	nm_budget_give(bytes);
}

int nm_os_table_populate(struct nm_os_table *t, uint32_t first, uint32_t n)
{
	uint64_t bytes = 0;
	uint32_t i;

	if (must_fail())
		return -ENOMEM;
	if (n > t->n || first > t->n - n)
		return -ENOMEM;
	for (i = first; i < first + n; i++)
		if (!is_promised(t, i))
			bytes += t->stride;
	if (!bytes)
		return 0;
	if (nm_budget_take(bytes))
		return -ENOMEM;
	if (t->stride <= ROW_BYTES &&
	    take_pages(t->fd, t->ofs + (uint64_t)first * t->stride,
		       (uint64_t)n * t->stride)) {
		nm_budget_give(bytes);
		return -ENOMEM;
	}
	for (i = first; i < first + n; i++)
		t->promised[i / 64] |= 1ull << (i % 64);
	return 0;
}

void nm_os_table_release(struct nm_os_table *t, uint32_t first, uint32_t n)
{
	if (!n || n > t->n || first > t->n - n)
		return;
	punch_hole(t->fd, nm_os_table_at(t, first),
		   t->ofs + (uint64_t)first * t->stride,
		   (uint64_t)n * t->stride);
	unpromise(t, first, n);
}

int nm_os_mem_create(struct nm_os_mem *m, uint64_t size)
{
	int fd;

	if (must_fail())
		return -ENOMEM;
	fd = memfd_sized("netmap-region", size);
	if (fd < 0)
		return fd;
	if (nm_budget_watch(fd))
		goto err_fd;
	if (nm_user_mem_attach(m, fd, size))
		goto err_watch;
	m->fd = fd;
	m->promised = 0;
	return 0;

err_watch:
	nm_budget_unwatch(fd);
err_fd:
	close(fd);
	return -ENOMEM;
}

void nm_os_mem_destroy(struct nm_os_mem *m)
{
	int fd = m->fd;

	if (!m->base)
		return;
	nm_user_mem_detach(m);
	nm_budget_give(m->promised);
	nm_budget_unwatch(fd);
	close(fd);
	memset(m, 0, sizeof(*m));
}

int nm_os_mem_populate(struct nm_os_mem *m, uint64_t ofs, uint64_t len,
		       uint64_t unit)
{
	if (must_fail())
		return -ENOMEM;
	if (len > m->size || ofs > m->size - len)
		return -ENOMEM;
	if (!len)
		return 0;
	if (nm_budget_take(len))
		return -ENOMEM;
	if (!unit && take_pages(m->fd, ofs, len)) {
		nm_budget_give(len);
		return -ENOMEM;
	}
	m->promised += len;
	return 0;
}

void nm_os_mem_release(struct nm_os_mem *m, uint64_t ofs, uint64_t len)
{
	if (!len || len > m->size || ofs > m->size - len)
		return;
	punch_hole(m->fd, m->base + ofs, ofs, len);
	len = len < m->promised ? len : m->promised;
	m->promised -= len;
	nm_budget_give(len);
}
