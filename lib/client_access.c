/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading and writing the user's memory the way a kernel would.
 *
 * A request may carry any address.  The kernel answers EFAULT; a library that
 * just followed the pointer would crash the program.  So we have the kernel
 * copy from ourselves to ourselves.  Where a sandbox forbids that system call
 * a plain copy has to do.
 */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include "lib/client.h"

int nm_user_copy_in(void *ctx, void *dst, uint64_t uaddr, uint32_t len)
{
	struct iovec to = { dst, len };
	struct iovec from = { (void *)(uintptr_t)uaddr, len };
	ssize_t n;

	if (!len)
		return 0;
	n = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
	if (n < 0 && (errno == EPERM || errno == ENOSYS)) {
		memcpy(dst, from.iov_base, len);
		return 0;
	}
	return n == (ssize_t)len ? 0 : -EFAULT;
}

int nm_user_copy_out(void *ctx, uint64_t uaddr, const void *src, uint32_t len)
{
	struct iovec from = { (void *)(uintptr_t)src, len };
	struct iovec to = { (void *)(uintptr_t)uaddr, len };
	ssize_t n;

	if (!len)
		return 0;
	n = process_vm_writev(getpid(), &from, 1, &to, 1, 0);
	if (n < 0 && (errno == EPERM || errno == ENOSYS)) {
		memcpy(to.iov_base, src, len);
		return 0;
	}
	return n == (ssize_t)len ? 0 : -EFAULT;
}
