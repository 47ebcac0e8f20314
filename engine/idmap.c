/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Numbers in use; see idmap.h.
 */
#include "engine/idmap.h"
#include "engine/os.h"

int nm_idmap_init(struct nm_idmap *m, uint32_t n)
{
	memset(m, 0, sizeof(*m));
	m->used = nm_os_alloc((n + 63) / 64 * sizeof(uint64_t));
	if (!m->used)
		return -ENOMEM;
	m->n = n;
	return 0;
}

void nm_idmap_fini(struct nm_idmap *m)
{
	nm_os_free(m->used);
	memset(m, 0, sizeof(*m));
}

/* First number >= @from whose bit is @bit; m->n when there is none. */
static uint32_t idmap_find(const struct nm_idmap *m, uint32_t from, int bit)
{
	uint64_t flip = bit ? 0 : ~0ULL;
	uint32_t w = from / 64, last = (m->n + 63) / 64;
	uint64_t v;
	uint32_t i;

	if (from >= m->n)
		return m->n;
	v = (m->used[w] ^ flip) & (~0ULL << (from % 64));
	while (!v) {
		if (++w >= last)
			return m->n;
		v = m->used[w] ^ flip;
	}
	i = w * 64 + __builtin_ctzll(v);
	return i < m->n ? i : m->n;
}

uint32_t nm_idmap_take(struct nm_idmap *m, uint32_t len)
{
	uint32_t first = idmap_find(m, m->low, 0), end, i;

	m->low = first;
	while (first < m->n) {
		end = idmap_find(m, first, 1);
		if (end - first >= len)
			break;
		first = idmap_find(m, end, 0);
	}
	if (first >= m->n || m->n - first < len)
		return NM_ID_NONE;
	for (i = first; i < first + len; i++)
		m->used[i / 64] |= 1ULL << (i % 64);
	m->n_used += len;
	return first;
}

void nm_idmap_put(struct nm_idmap *m, uint32_t first, uint32_t len)
{
	uint32_t i;

	for (i = first; i < first + len; i++)
		m->used[i / 64] &= ~(1ULL << (i % 64));
	m->n_used -= len;
	if (first < m->low)
		m->low = first;
}
