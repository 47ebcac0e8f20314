/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * For the patcher's parser only: words of newer sources that are not C.  Where
 * it meets one it does not know, it silently leaves a function as it is.
 */
#define __free(f)
#define __counted_by(m)
#define DEFINE_FREE(n, t, f)
