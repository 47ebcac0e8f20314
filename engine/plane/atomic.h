/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The few atomic operations the data plane uses, by name and not by habit.
 *
 * They are compiler builtins, so the same text serves a process and a kernel.
 * Each use of an acquire or release in the plane carries a label and names its
 * partner; doc/user-mode.md lists the pairs.
 */
#ifndef NM_PLANE_ATOMIC_H
#define NM_PLANE_ATOMIC_H

#include <nm_os_types.h>

/* One plain load that the compiler may neither repeat nor split. */
static inline uint32_t nm_load32(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline uint64_t nm_load64(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline uint16_t nm_load16(const uint16_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline void nm_store16(uint16_t *p, uint16_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELAXED);
}

static inline void nm_store32(uint32_t *p, uint32_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELAXED);
}

static inline void nm_store64(uint64_t *p, uint64_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELAXED);
}

static inline uint32_t nm_load32_acq(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline uint64_t nm_load64_acq(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void nm_store32_rel(uint32_t *p, uint32_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

static inline void nm_store64_rel(uint64_t *p, uint64_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

/* Compare and swap, full barrier on success; true when it happened. */
static inline int nm_cas32(uint32_t *p, uint32_t from, uint32_t to)
{
	return __atomic_compare_exchange_n(p, &from, to, 0, __ATOMIC_SEQ_CST,
					   __ATOMIC_ACQUIRE);
}

static inline int nm_cas64(uint64_t *p, uint64_t from, uint64_t to)
{
	return __atomic_compare_exchange_n(p, &from, to, 0, __ATOMIC_SEQ_CST,
					   __ATOMIC_ACQUIRE);
}

static inline uint32_t nm_xchg32(uint32_t *p, uint32_t v)
{
	return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);
}

/* Counters that several writers share; order does not matter. */
static inline void nm_add64(uint64_t *p, uint64_t n)
{
	__atomic_fetch_add(p, n, __ATOMIC_RELAXED);
}

static inline uint32_t nm_add32(uint32_t *p, uint32_t n)
{
	return __atomic_add_fetch(p, n, __ATOMIC_SEQ_CST);
}

/* A counter with one writer at a time, read by others at any time. */
static inline void nm_count64(uint64_t *p, uint64_t n)
{
	__atomic_store_n(p, *p + n, __ATOMIC_RELAXED);
}

/* Store before, load after: the only order that acquire/release cannot give. */
static inline void nm_fence_full(void)
{
#ifdef __SANITIZE_THREAD__
	/*
	 * The sanitizer does not see fences, and gcc says so.  It need not:
	 * these order a store before a load and publish nothing.
	 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wtsan"
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#pragma GCC diagnostic pop
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

static inline void nm_prefetch_r(const void *p)
{
	__builtin_prefetch(p, 0, 3);
}

static inline void nm_prefetch_w(const void *p)
{
	__builtin_prefetch(p, 1, 3);
}

#endif /* NM_PLANE_ATOMIC_H */
