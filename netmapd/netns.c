/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See netns.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "engine/name.h"
#include "engine/os.h"
#include "netmapd/netns.h"

static int fail(int error, const char *what, char *msg)
{
	snprintf(msg, NM_WHY_LEN, "%s: %s", what, strerror(error));
	return -error;
}

int nmd_netns_enter(struct nmd_netns *ns, uint32_t pid, uint64_t id, char *msg)
{
	struct stat here, there;
	char path[64];
	int fd, error;

	ns->home = -1;
	if (stat("/proc/thread-self/ns/net", &here))
		return fail(errno, "our own network namespace", msg);
	if (here.st_ino == id)
		return 0;
	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(errno, "the client's network namespace", msg);
	if (fstat(fd, &there) || there.st_ino != id) {
		close(fd);
		return fail(ESRCH, "the client's network namespace", msg);
	}
	ns->home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	error = ns->home < 0 || setns(fd, CLONE_NEWNET) ? errno : 0;
	close(fd);
	if (!error)
		return 0;
	if (ns->home >= 0)
		close(ns->home);
	ns->home = -1;
	return fail(error, "the client's network namespace cannot be entered (netmapd needs CAP_SYS_ADMIN for that, or start one there)",
		    msg);
}

void nmd_netns_leave(struct nmd_netns *ns)
{
	if (ns->home < 0)
		return;
	if (setns(ns->home, CLONE_NEWNET)) {
		nm_os_log(NM_LOG_ERR, "cannot return to our network namespace: %s",
			  strerror(errno));
		abort();
	}
	close(ns->home);
	ns->home = -1;
}
