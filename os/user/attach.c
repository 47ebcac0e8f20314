/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A plane and its regions, mapped.
 *
 * The plane is one memfd: a header, then each array at its full length.
 *
 *   | header | rings | ports | switches | members | inboxes | fdb | regions | actors |
 *
 * It is some GiB long and almost empty; only what is used has memory.  The
 * layout follows from the version number, so whoever maps it computes the
 * same header and compares: a plane of another make is never walked.
 *
 * A client takes only memfds sealed against shrinking, so that the server
 * cannot make it fault either.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "os/user/os_user.h"

#define LAYOUT_ALIGN	65536u

/* One array of the plane: where its offset, its table and its shape are. */
struct array {
	size_t hdr_field;
	size_t table_field;
	uint32_t stride;
	uint32_t n;
};

#define ARRAY(name, bytes, count)					\
	{ offsetof(struct nm_plane_hdr, ofs_##name),			\
	  offsetof(struct nm_plane, name), (bytes), (count) }

static const struct array arrays[] = {
	ARRAY(rings, sizeof(struct nm_pring), NM_MAX_RINGS),
	ARRAY(ports, sizeof(struct nm_pport), NM_MAX_PORTS),
	ARRAY(switches, sizeof(struct nm_pswitch), NM_MAX_SWITCHES),
	ARRAY(members, NM_SWITCH_MEMBERS * sizeof(uint32_t), NM_MAX_SWITCHES),
	ARRAY(inboxes, NM_INBOX_ENTRIES * sizeof(struct nm_entry), NM_MAX_RINGS),
	ARRAY(fdb, sizeof(struct nm_bucket), NM_FDB_MAX_BUCKETS),
	ARRAY(regions, sizeof(struct nm_pregion), NM_MAX_REGIONS),
	ARRAY(actors, sizeof(struct nm_pactor), NM_MAX_ACTORS),
};

#define N_ARRAYS (sizeof(arrays) / sizeof(arrays[0]))

static uint64_t *hdr_field(struct nm_plane_hdr *hdr, const struct array *a)
{
	return (uint64_t *)(void *)((char *)hdr + a->hdr_field);
}

static uint64_t align_up(uint64_t v)
{
	return (v + LAYOUT_ALIGN - 1) & ~(uint64_t)(LAYOUT_ALIGN - 1);
}

void nm_user_plane_layout(struct nm_plane_hdr *hdr)
{
	uint64_t ofs = align_up(sizeof(*hdr));
	size_t i;

	memset(hdr, 0, sizeof(*hdr));
	hdr->magic = NM_PLANE_MAGIC;
	hdr->version = NM_PLANE_VERSION;
	for (i = 0; i < N_ARRAYS; i++) {
		*hdr_field(hdr, &arrays[i]) = ofs;
		ofs = align_up(ofs + (uint64_t)arrays[i].stride * arrays[i].n);
	}
	hdr->size = ofs;
}

int nm_user_plane_map(struct nm_plane *pl, const struct nm_plane_hdr *hdr,
		      int fd)
{
	struct nm_plane_hdr layout = *hdr;
	char *base;
	size_t i;

	base = mmap(NULL, hdr->size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	madvise(base, hdr->size, MADV_DONTDUMP);
	pl->hdr = (struct nm_plane_hdr *)(void *)base;
	for (i = 0; i < N_ARRAYS; i++) {
		struct nm_os_table *t = (struct nm_os_table *)(void *)
			((char *)pl + arrays[i].table_field);

		t->ofs = *hdr_field(&layout, &arrays[i]);
		t->base = base + t->ofs;
		t->stride = arrays[i].stride;
		t->n = arrays[i].n;
		t->fd = -1;
		t->promised = NULL;
	}
	return 0;
}

/* Is @fd a memfd of exactly @size bytes, now and for ever? */
static int is_fixed_size(int fd, uint64_t size)
{
	struct stat st;
	int seals;

	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || !(seals & F_SEAL_SHRINK))
		return 0;
	return !fstat(fd, &st) && (uint64_t)st.st_size == size;
}

int nm_user_plane_attach(struct nm_plane *pl, int fd, uint64_t size)
{
	struct nm_plane_hdr want, have;
	int error;

	nm_user_plane_layout(&want);
	if (size != want.size || !is_fixed_size(fd, size))
		return -EPROTO;
	error = nm_user_plane_map(pl, &want, fd);
	if (error)
		return error;
	have = *pl->hdr;
	have.mode_gen = 0;
	if (memcmp(&have, &want, sizeof(have))) {
		nm_user_plane_detach(pl);
		return -EPROTO;
	}
	return 0;
}

void nm_user_plane_detach(struct nm_plane *pl)
{
	struct nm_plane_hdr layout;
	size_t i;

	if (!pl->hdr)
		return;
	nm_user_plane_layout(&layout);
	munmap(pl->hdr, layout.size);
	pl->hdr = NULL;
	for (i = 0; i < N_ARRAYS; i++)
		memset((char *)pl + arrays[i].table_field, 0,
		       sizeof(struct nm_os_table));
}

int nm_user_mem_attach(struct nm_os_mem *m, int fd, uint64_t size)
{
	void *base;

	if (!size || !is_fixed_size(fd, size))
		return -EPROTO;
	base = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (base == MAP_FAILED)
		return -errno;
	madvise(base, size, MADV_DONTDUMP);
	m->fd = -1;
	m->size = size;
	/* pairs with the load in nm_os_mem_at(): size before base */
	__atomic_store_n(&m->base, base, __ATOMIC_RELEASE);
	return 0;
}

void nm_user_mem_detach(struct nm_os_mem *m)
{
	char *base = m->base;

	if (!base)
		return;
	__atomic_store_n(&m->base, NULL, __ATOMIC_RELEASE);
	munmap(base, m->size);
	m->size = 0;
}
