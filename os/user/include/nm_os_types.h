/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nm_os_types.h, user mode: the types the interface headers and the engine
 * need, from the C library, and the three concrete types of engine/os.h.
 * Each OS directory has a file of this name; the include path decides which
 * one is found.
 *
 * Tables and regions are whole mappings of memfds, reserved at full length;
 * the address of an object is one multiplication or addition.  Clients
 * map the same memfds: the inline functions here are all they need.
 */
#ifndef NM_OS_TYPES_H
#define NM_OS_TYPES_H

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/time.h>
#include <net/if.h>

struct nm_os_mutex {
	pthread_mutex_t lock;
	pthread_t owner;	/* valid while held is 1 */
	int held;
};

/* An array of objects inside a memfd. */
struct nm_os_table {
	char *base;		/* where object 0 is mapped here */
	uint32_t stride;	/* bytes from one object to the next */
	uint32_t n;		/* objects reserved */
	int fd;			/* the memfd; -1 where memory is not managed */
	uint64_t ofs;		/* of object 0 in it */
	uint64_t *promised;	/* bit per object that was accounted, or NULL:
				 * its memory is taken when populated */
};

/* A region.  All zero: none. */
struct nm_os_mem {
	char *base;		/* NULL: not mapped here */
	uint64_t size;		/* bytes */
	int fd;			/* the memfd; -1 where memory is not managed */
	uint64_t promised;	/* bytes accounted */
};

static inline void *nm_os_table_at(const struct nm_os_table *t, uint32_t i)
{
	return t->base + (size_t)i * t->stride;
}

static inline void *nm_os_mem_at(const struct nm_os_mem *m, uint64_t ofs)
{
	char *base = __atomic_load_n(&m->base, __ATOMIC_ACQUIRE);

	if (__builtin_expect(!base || ofs >= m->size, 0))
		return NULL;
	return base + ofs;
}

static inline uint64_t nm_os_mem_size(const struct nm_os_mem *m)
{
	return __atomic_load_n(&m->base, __ATOMIC_ACQUIRE) ? m->size : 0;
}

/* Where the whole region is contiguous; NULL where it is not, or not mapped. */
static inline uint8_t *nm_os_mem_flat(const struct nm_os_mem *m)
{
	return (uint8_t *)__atomic_load_n(&m->base, __ATOMIC_ACQUIRE);
}

/* Copy @len bytes, more than 128, that do not overlap. */
static inline void nm_os_copy(void *d, const void *s, uint32_t len)
{
	memcpy(d, s, len);
}

/* In a loop that waits for another CPU. */
static inline void nm_os_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

#endif /* NM_OS_TYPES_H */
