/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nmctx_pthread: the default context of programs with threads.
 *
 * This file is a member of its own in the static archive.  A program that did
 * not define LIBNETMAP_NOTHREADSAFE refers to nmctx_threadsafe (the header
 * does it), which makes the linker take this member along, and its
 * constructor runs before main().  A program that did define it everywhere
 * does not get the member, and none of the nmctx and nmport members refers to
 * a pthread symbol.
 *
 * Two limits.  The transport to the user-mode engine may need threads by
 * itself, and then brings in what it needs.  Since version 2.34 the C library
 * contains the pthread functions, so that the choice no longer decides about
 * linking -lpthread, only about the cost of the lock.  The shared library
 * always contains this file.
 */
#include <pthread.h>

#include "lib/nmlib.h"

/* Referring to this variable is what brings in the file. */
extern __attribute__((visibility("default"))) int nmctx_threadsafe;
int nmctx_threadsafe;

static pthread_mutex_t nmctx_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct nmctx nmctx_locked;

static void nmctx_mutex_lock(struct nmctx *ctx, int lock)
{
	if (lock)
		pthread_mutex_lock(&nmctx_mutex);
	else
		pthread_mutex_unlock(&nmctx_mutex);
}

/**
 * nmctx_set_threadsafe - make a context with a lock the default
 *
 * The context is a copy of the present default, with a mutex as its lock.  It
 * keeps a region list of its own: ports that exist already stay with their
 * context, and do not share a mapping with later ones.  Calling this again
 * does nothing while that context is the default; after nmctx_set_default()
 * it takes over the callbacks of the new default.
 *
 * Runs before main() in programs that do not opt out.
 */
__attribute__((constructor))
void nmctx_set_threadsafe(void)
{
	struct nmctx *old = nmctx_get();

	if (old == &nmctx_locked)
		return;
	nmctx_locked.verbose = old->verbose;
	nmctx_locked.error = old->error;
	nmctx_locked.malloc = old->malloc;
	nmctx_locked.free = old->free;
	nmctx_locked.lock = nmctx_mutex_lock;
	nmctx_set_default(&nmctx_locked);
}
