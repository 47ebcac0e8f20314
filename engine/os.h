/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The door: everything the engine asks of its home.
 *
 * engine/ includes no header of any operating system.  Fixed-width types,
 * errno numbers, struct timeval, IFNAMSIZ, memcpy and friends, snprintf, and
 * the three concrete types below come from <nm_os_types.h>, one per home,
 * found by include path; the functions here are implemented once per home:
 *
 *   os/user/    a process (netmapd, unit tests, fuzzers)
 *   os/linux/   the kernel
 *   os/null/    types only; proves that this is the only door
 *
 * <nm_os_types.h> defines:
 *   struct nm_os_mutex   a sleeping lock
 *   struct nm_os_table   an array of fixed-stride objects, reserved at its
 *                        full length, populated piecewise;
 *                        void *nm_os_table_at(const struct nm_os_table *, uint32_t i)
 *   struct nm_os_mem     a region's memory, reserved at its full size;
 *                        void *nm_os_mem_at(const struct nm_os_mem *, uint64_t ofs)
 *                        gives the address of an object (objects do not
 *                        straddle the units of populate), or NULL when there
 *                        is no memory behind it or none mapped here; may
 *                        sleep to have memory that was only promised;
 *                        uint64_t nm_os_mem_size(const struct nm_os_mem *)
 *                        is its reserved size in bytes;
 *                        uint8_t *nm_os_mem_flat(const struct nm_os_mem *)
 *                        is the address of offset 0 where all of it is
 *                        contiguous here, else NULL
 *
 * Context, unless said otherwise: may sleep, no lock needed.
 */
#ifndef NM_ENGINE_OS_H
#define NM_ENGINE_OS_H

#include <nm_os_types.h>

struct nm_plane;

/**
 * nm_os_alloc - zeroed private memory
 * Return: the memory; NULL when there is none (or a test says so).
 */
void *nm_os_alloc(size_t len);

/** nm_os_free - give back what nm_os_alloc() gave; NULL is fine */
void nm_os_free(void *p);

/** nm_os_mutex_init, nm_os_mutex_fini - memory is the caller's */
void nm_os_mutex_init(struct nm_os_mutex *m);
void nm_os_mutex_fini(struct nm_os_mutex *m);
void nm_os_mutex_lock(struct nm_os_mutex *m);
void nm_os_mutex_unlock(struct nm_os_mutex *m);
/** nm_os_assert_held - complain loudly, in debug builds, unless held */
void nm_os_assert_held(struct nm_os_mutex *m);

/**
 * nm_os_plane_create - reserve the arrays of a plane
 * @pl: zeroed; hdr and every table are set on success
 *
 * In user mode all tables lie in one memfd that can be given to clients.
 * Return: 0; -ENOMEM.
 */
int nm_os_plane_create(struct nm_plane *pl);
void nm_os_plane_destroy(struct nm_plane *pl);

/**
 * nm_os_table_populate - have memory behind objects [first, first + n)
 *
 * Idempotent.  Objects that had no memory read as zeroes.
 * Return: 0; -ENOMEM, in which case nothing must be used that was not before.
 */
int nm_os_table_populate(struct nm_os_table *t, uint32_t first, uint32_t n);

/**
 * nm_os_table_release - objects [first, first + n) are not used any more
 *
 * They read as zeroes afterwards; their memory is given back as far as pages
 * allow.
 */
void nm_os_table_release(struct nm_os_table *t, uint32_t first, uint32_t n);

/**
 * nm_os_mem_create - reserve a region
 * @m:    zeroed
 * @size: bytes, a multiple of the page size, at most 2 GiB
 * Return: 0; -ENOMEM.
 */
int nm_os_mem_create(struct nm_os_mem *m, uint64_t size);
void nm_os_mem_destroy(struct nm_os_mem *m);

/**
 * nm_os_mem_populate - promise memory for [ofs, ofs + len)
 * @unit: 0: it will be touched at once; take it for real, adjacent
 *        else whole pages: account it; memory may come when it is first
 *        touched, @unit bytes at a time from @ofs on, and is adjacent there
 *
 * Return: 0; -ENOMEM when the machine or the owner's quota is exhausted.
 */
int nm_os_mem_populate(struct nm_os_mem *m, uint64_t ofs, uint64_t len,
		       uint64_t unit);

/** nm_os_mem_release - undo nm_os_mem_populate(); contents become zero */
void nm_os_mem_release(struct nm_os_mem *m, uint64_t ofs, uint64_t len);

/** nm_os_now_ns - monotonic time; any context */
uint64_t nm_os_now_ns(void);

/** nm_os_now_s - monotonic coarse time in seconds; any context; cheap */
uint32_t nm_os_now_s(void);

/** nm_os_walltime - what ring->ts shows; any context */
void nm_os_walltime(struct timeval *tv);

/** nm_os_random32 - for hashing seeds; any context */
uint32_t nm_os_random32(void);

/**
 * nm_os_usleep - let others run for about @us microseconds
 */
void nm_os_usleep(uint32_t us);

enum nm_log_level {
	NM_LOG_ERR = 0,
	NM_LOG_WARN = 1,
	NM_LOG_INFO = 2,
	NM_LOG_DEBUG = 3,
};

/** nm_os_log - one line, without newline; any context; rate limited by home */
void nm_os_log(enum nm_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * nm_os_if_exists - is there a network interface of this name
 * @ns: the requester's network namespace, opaque (struct nm_cred)
 * Return: 1 or 0.
 */
int nm_os_if_exists(const char *name, const void *ns);

#endif /* NM_ENGINE_OS_H */
