/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Copying a frame: exactly its bytes, never more.
 *
 * Short frames are most frames.  Up to 128 bytes go in chunks of fixed size,
 * the last one laid so that it ends where the frame ends; the chunks overlap
 * instead of running past the end.  Longer ones are nm_os_copy()'s business.
 */
#ifndef NM_PLANE_COPY_H
#define NM_PLANE_COPY_H

#include <nm_os_types.h>

static inline void nm_copy16(uint8_t *d, const uint8_t *s)
{
	__builtin_memcpy(d, s, 16);
}

static inline void nm_copy32(uint8_t *d, const uint8_t *s)
{
	nm_copy16(d, s);
	nm_copy16(d + 16, s + 16);
}

/* Fewer than 16 bytes: overlapping halves. */
static inline void nm_copy_tiny(uint8_t *d, const uint8_t *s, uint32_t len)
{
	if (len >= 8) {
		__builtin_memcpy(d, s, 8);
		__builtin_memcpy(d + len - 8, s + len - 8, 8);
	} else if (len >= 4) {
		__builtin_memcpy(d, s, 4);
		__builtin_memcpy(d + len - 4, s + len - 4, 4);
	} else if (len) {
		d[0] = s[0];
		d[len / 2] = s[len / 2];
		d[len - 1] = s[len - 1];
	}
}

/* Up to 128 bytes, but not 32 to 64, or more. */
static inline void nm_copy_other(uint8_t *d, const uint8_t *s, uint32_t len)
{
	if (len > 128) {
		nm_os_copy(d, s, len);
	} else if (len > 64) {
		nm_copy32(d, s);
		nm_copy32(d + 32, s + 32);
		if (len > 96)
			nm_copy32(d + 64, s + 64);
		nm_copy32(d + len - 32, s + len - 32);
	} else if (len >= 16) {
		nm_copy16(d, s);
		nm_copy16(d + len - 16, s + len - 16);
	} else {
		nm_copy_tiny(d, s, len);
	}
}

/**
 * nm_copy - copy @len bytes; @d and @s do not overlap
 */
static inline void nm_copy(uint8_t *d, const uint8_t *s, uint32_t len)
{
	if (__builtin_expect(len - 32 <= 32, 1)) {
		nm_copy32(d, s);
		d += len;
		s += len;
		nm_copy32(d - 32, s - 32);
	} else {
		nm_copy_other(d, s, len);
	}
}

#endif /* NM_PLANE_COPY_H */
