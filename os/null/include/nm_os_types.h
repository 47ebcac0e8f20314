/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nm_os_types.h, no operating system at all: the names the interface headers
 * and the engine need, and nothing behind them.
 *
 * `make test-door' compiles the engine against this file alone, with no
 * system include path.  What is declared here is therefore everything the
 * engine may use besides engine/os.h; the list grows only together with every
 * other home's.
 */
#ifndef NM_OS_TYPES_H
#define NM_OS_TYPES_H

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef signed long ssize_t;
typedef __INT8_TYPE__ int8_t;
typedef __INT16_TYPE__ int16_t;
typedef __INT32_TYPE__ int32_t;
typedef __INT64_TYPE__ int64_t;
typedef __UINT8_TYPE__ uint8_t;
typedef __UINT16_TYPE__ uint16_t;
typedef __UINT32_TYPE__ uint32_t;
typedef __UINT64_TYPE__ uint64_t;
typedef __UINTPTR_TYPE__ uintptr_t;
typedef __builtin_va_list va_list;

#define va_start(ap, last)	__builtin_va_start(ap, last)
#define va_end(ap)		__builtin_va_end(ap)
#define va_arg(ap, type)	__builtin_va_arg(ap, type)
#define offsetof(type, field)	__builtin_offsetof(type, field)
#define NULL			((void *)0)

#define INT32_MAX	0x7fffffff
#define UINT8_MAX	0xffu
#define UINT16_MAX	0xffffu
#define UINT32_MAX	0xffffffffu
#define UINT64_MAX	0xffffffffffffffffull

struct timeval {
	long tv_sec;
	long tv_usec;
};

#define IFNAMSIZ	16

#define EPERM		1
#define ENOENT		2
#define ESRCH		3
#define EINTR		4
#define EIO		5
#define ENXIO		6
#define E2BIG		7
#define EBADF		9
#define EAGAIN		11
#define ENOMEM		12
#define EACCES		13
#define EFAULT		14
#define EBUSY		16
#define EEXIST		17
#define ENODEV		19
#define EINVAL		22
#define EMFILE		24
#define ENOTTY		25
#define ENOSPC		28
#define ERANGE		34
#define ENAMETOOLONG	36
#define EPROTO		71
#define EOVERFLOW	75
#define EMSGSIZE	90
#define EOPNOTSUPP	95
#define ECONNRESET	104
#define ETIMEDOUT	110
#define EINPROGRESS	115
#define ESTALE		116

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strpbrk(const char *s, const char *accept);
int snprintf(char *buf, size_t len, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int vsnprintf(char *buf, size_t len, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

struct nm_os_mutex {
	int held;
};

struct nm_os_table {
	char *base;
	uint32_t stride;
	uint32_t n;
};

struct nm_os_mem {
	char *base;
	uint64_t size;
};

static inline void *nm_os_table_at(const struct nm_os_table *t, uint32_t i)
{
	return t->base + (size_t)i * t->stride;
}

static inline void *nm_os_mem_at(const struct nm_os_mem *m, uint64_t ofs)
{
	return m->base && ofs < m->size ? m->base + ofs : (void *)0;
}

static inline uint64_t nm_os_mem_size(const struct nm_os_mem *m)
{
	return m->base ? m->size : 0;
}

/* Memory here is not known to be contiguous. */
static inline uint8_t *nm_os_mem_flat(const struct nm_os_mem *m)
{
	(void)m;
	return NULL;
}

/* Copy @len bytes, more than 128, that do not overlap. */
static inline void nm_os_copy(void *d, const void *s, uint32_t len)
{
	memcpy(d, s, len);
}

#endif /* NM_OS_TYPES_H */
