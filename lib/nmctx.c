/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmctx: the surroundings of the library.
 *
 * A context says where errors go, where memory comes from, how the list of
 * regions is locked, and holds that list.  A port remembers the context that
 * was the default when it was created, so a program may change the default at
 * any time; ports of different contexts never share a mapping.
 *
 * The default context has no lock.  nmctx_pthread.c replaces it by one that
 * has, in programs that want it; nothing here refers to threads.
 *
 * None of these functions changes errno on its own account: an error callback
 * that prints may do as it likes.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/nmlib.h"

#define NM_ERROR_MAX	1000	/* longest sentence, with its NUL */

static __thread char nm_error_text[NM_ERROR_MAX];

static void nmctx_print(struct nmctx *ctx, const char *msg)
{
	fprintf(stderr, "%s\n", msg);
}

static void *nmctx_libc_malloc(struct nmctx *ctx, size_t size)
{
	return malloc(size);
}

static void nmctx_libc_free(struct nmctx *ctx, void *mem)
{
	free(mem);
}

static struct nmctx nmctx_builtin = {
	.verbose = 1,
	.error = nmctx_print,
	.malloc = nmctx_libc_malloc,
	.free = nmctx_libc_free,
};

static struct nmctx *nmctx_default = &nmctx_builtin;

/**
 * nmctx_get - the default context
 *
 * Return: never NULL.
 */
struct nmctx *nmctx_get(void)
{
	return nmctx_default;
}

/**
 * nmctx_set_default - make @ctx the context of ports created from now on
 * @ctx: usually a copy of *nmctx_get() with some members changed and
 *	mem_descs NULL; must outlive every port created with it
 *
 * Not synchronised with other threads.
 *
 * Return: the previous default.
 */
struct nmctx *nmctx_set_default(struct nmctx *ctx)
{
	struct nmctx *old = nmctx_default;

	nmctx_default = ctx;
	return old;
}

static void nmctx_verror(struct nmctx *ctx, const char *fmt, va_list ap)
{
	int saved = errno;
	int len = vsnprintf(nm_error_text, sizeof(nm_error_text), fmt, ap);

	if (len < 0 || (size_t)len >= sizeof(nm_error_text))
		snprintf(nm_error_text, sizeof(nm_error_text),
			 "an error occurred whose message is too long to show");
	if (ctx && ctx->verbose && ctx->error)
		ctx->error(ctx, nm_error_text);
	errno = saved;
}

/**
 * nmctx_ferror - report an error to the context
 * @ctx: its error callback is called unless verbose is 0
 * @fmt: as printf(3), without newline; the result is at most 999 bytes, a
 *	longer one is replaced by a fixed notice
 *
 * errno is what it was before.
 */
void nmctx_ferror(struct nmctx *ctx, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	nmctx_verror(ctx, fmt, ap);
	va_end(ap);
}

/* Report a sentence and fail: -1 with errno @err. */
int nm_fail(struct nmctx *ctx, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	nmctx_verror(ctx, fmt, ap);
	va_end(ap);
	errno = err;
	return -1;
}

void nm_last_error_clear(void)
{
	nm_error_text[0] = '\0';
}

const char *nm_last_error(void)
{
	return nm_error_text;
}

/**
 * nmctx_malloc - allocate with the context
 * @ctx: whose allocator
 * @size: bytes
 *
 * Return: memory as malloc(3) would give; NULL with errno ENOMEM.
 */
void *nmctx_malloc(struct nmctx *ctx, size_t size)
{
	void *mem = ctx->malloc(ctx, size);

	if (!mem)
		errno = ENOMEM;
	return mem;
}

/**
 * nmctx_free - give back memory of nmctx_malloc()
 * @ctx: the context it came from
 * @mem: may be NULL
 */
void nmctx_free(struct nmctx *ctx, void *mem)
{
	int saved = errno;

	if (mem)
		ctx->free(ctx, mem);
	errno = saved;
}

/**
 * nmctx_lock - lock the region list of the context
 * @ctx: does nothing when it has no lock
 */
void nmctx_lock(struct nmctx *ctx)
{
	if (ctx->lock)
		ctx->lock(ctx, 1);
}

/**
 * nmctx_unlock - undo nmctx_lock()
 * @ctx: the same context
 */
void nmctx_unlock(struct nmctx *ctx)
{
	if (ctx->lock)
		ctx->lock(ctx, 0);
}
