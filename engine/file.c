/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Descriptors: opening, closing, and what went wrong last.
 */
#include "engine/file.h"
#include "engine/bind.h"
#include "engine/engine_priv.h"

int nm_fail(struct nm_file *f, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->msg, sizeof(f->msg), fmt, ap);
	va_end(ap);
	return -err;
}

int nm_file_open_locked(struct nm_engine *e, const struct nm_cred *cred,
			struct nm_file **out)
{
	struct nm_file *f;

	nm_os_assert_held(&e->lock);
	/* region 1 is made here and not earlier: parameters come first */
	if (!e->last_mem_id && nm_region_first(e))
		return -ENOMEM;
	f = nm_os_alloc(sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->e = e;
	f->cred = *cred;
	f->next = e->files;
	e->files = f;
	*out = f;
	return 0;
}

void nm_file_close_locked(struct nm_file *f)
{
	struct nm_file **pp;

	nm_os_assert_held(&f->e->lock);
	nm_unbind(f);
	for (pp = &f->e->files; *pp != f; pp = &(*pp)->next)
		;
	*pp = f->next;
	nm_os_free(f);
}

int nm_file_open(struct nm_engine *e, const struct nm_cred *cred,
		 struct nm_file **out)
{
	int error;

	nm_engine_lock(e);
	error = nm_file_open_locked(e, cred, out);
	nm_engine_unlock(e);
	return error;
}

void nm_file_close(struct nm_file *f)
{
	struct nm_engine *e = f->e;

	nm_engine_lock(e);
	nm_file_close_locked(f);
	nm_engine_unlock(e);
}

const char *nm_file_error(const struct nm_file *f)
{
	return f->msg;
}

int nm_file_bound(const struct nm_file *f, struct nm_bound *b)
{
	if (!f->port)
		return -ENXIO;
	*b = f->bound;
	return 0;
}
