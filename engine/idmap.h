/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Which numbers of a table are in use.
 *
 * One bit per number.  The lowest free number, or the lowest free run of
 * adjacent numbers, is taken; memory behind the low end of a table is used
 * again before new memory is touched.  The caller holds the engine's lock.
 */
#ifndef NM_ENGINE_IDMAP_H
#define NM_ENGINE_IDMAP_H

#include <nm_os_types.h>

#define NM_ID_NONE	0xffffffffu

struct nm_idmap {
	uint64_t *used;		/* a bit per number */
	uint32_t n;		/* numbers 0..n-1 */
	uint32_t low;		/* no number below is free */
	uint32_t n_used;
};

/**
 * nm_idmap_init - all numbers are free
 * @n: numbers
 * Return: 0; -ENOMEM.
 */
int nm_idmap_init(struct nm_idmap *m, uint32_t n);
void nm_idmap_fini(struct nm_idmap *m);

/**
 * nm_idmap_take - take @len adjacent numbers
 * @len: at least 1
 * Return: the first of them; NM_ID_NONE when there is no such run.
 */
uint32_t nm_idmap_take(struct nm_idmap *m, uint32_t len);

/** nm_idmap_put - give @len adjacent numbers back */
void nm_idmap_put(struct nm_idmap *m, uint32_t first, uint32_t len);

/** nm_idmap_has - whether a number is in use; 0 for numbers out of range */
static inline int nm_idmap_has(const struct nm_idmap *m, uint32_t i)
{
	return i < m->n && (m->used[i / 64] >> (i % 64) & 1);
}

#endif /* NM_ENGINE_IDMAP_H */
