/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Spreading runs of extra buffers; see extra.h.
 */
#include "engine/plane/extra.h"

void nm_extra_spread(const struct nm_bufs *b, uint32_t head, uint32_t n)
{
	uint32_t *w, next, len;

	while (n && head >= 2) {
		w = (uint32_t *)(void *)nm_buf_at(b, head);
		if (!w)
			return;
		next = nm_load32(&w[0]);
		len = nm_load32(&w[1]);
		if (!len || len > n || len > b->n - head)
			return;
		n -= len;
		while (--len) {
			nm_store32(w, ++head);
			w = (uint32_t *)(void *)nm_buf_at(b, head);
			if (!w)
				return;
		}
		nm_store32(w, next);
		head = next;
	}
}
