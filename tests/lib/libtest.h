/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libtest: a runner of a page, a context that counts, and an engine made of
 * answers, shared by the tests of the library.
 */
#ifndef NM_TESTS_LIBTEST_H
#define NM_TESTS_LIBTEST_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <libnetmap.h>

#include "lib/nmio.h"

/* A test is a function that uses CHECK; the first failure is shown. */
struct libtest {
	const char *name;
	void (*run)(void);
};

extern const struct libtest tests_parse[], tests_opts[], tests_port[],
	tests_use[];

bool libtest_check(bool ok, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#define CHECK(cond)	libtest_check((cond), __FILE__, __LINE__, "%s", #cond)
#define CHECK_ERR(call, err)						\
	do {								\
		bool ok_;						\
									\
		errno = 0;						\
		ok_ = (call);						\
		ok_ = ok_ && errno == (err);				\
		libtest_check(ok_, __FILE__, __LINE__,			\
			      "%s, errno %d, not %s", #call, errno, #err); \
	} while (0)

/* The context: counts, fails on demand, remembers the message. */
struct libtest_ctx {
	struct nmctx ctx;
	int live;		/* allocations not freed */
	int allocs;
	int fail_at;		/* which allocation fails, from 1; 0 none */
	int errors;		/* calls of the error callback */
	char all[4096];		/* the messages, a line each */
};

extern struct libtest_ctx tc;
void libtest_reset(void);

/*
 * The double of nmio: a descriptor is a number, a region is one allocation.
 * nmio_close() spoils errno, as a real close may.
 */
struct fake {
	int open_err, ioctl_err, mmap_err, adopt_err;
	bool knows_error;	/* the engine understands OPT_ERROR */
	bool late;		/* ioctl_err arises before options are read */
	const char *sentence;
	int opt_status;		/* status of every other option on failure */
	uint16_t fail_type;	/* ioctl_err only for this request; 0 all */
	enum nmio_home home;
	int opens, closes, ioctls, maps, unmaps;
	struct nmreq_header hdr;	/* of the last NIOCCTRL */
	struct nmreq_register asked;	/* of the last REGISTER */
	uint32_t hdr_len;		/* of the last PORT_HDR_SET */
	unsigned long sync;		/* the last sync */
	struct nmreq_register reply;	/* to REGISTER, geometry and region */
	char *region;
	size_t size;
};

extern struct fake fake;

/* Geometry of the fake region; which[] says which entries are bound. */
void fake_region(int tx, int htx, int rx, int hrx, const char *which);

#define FAKE_IF		256	/* offset of the netmap_if */
#define FAKE_SLOTS	8
#define FAKE_BUF	2048

#endif /* NM_TESTS_LIBTEST_H */
