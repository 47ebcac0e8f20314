/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The environment, read once; see home.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <net/netmap_user.h>
#include "lib/nmio.h"
#include "preload/home.h"
#include "preload/real.h"

static enum nmio_home home;
static bool verbose;

bool pl_is_device(const char *path)
{
	return path && !strcmp(path, NETMAP_DEVICE_NAME);
}

bool pl_try_kernel(void)
{
	return home != NMIO_HOME_USER;
}

bool pl_try_user(int err)
{
	if (home != NMIO_HOME_AUTO)
		return home == NMIO_HOME_USER;
	return err == ENOENT || err == ENXIO || err == ENODEV ||
		err == EACCES || err == EPERM;
}

bool pl_verbose(void)
{
	return verbose;
}

void pl_complain(const char *what)
{
	char line[420];
	int saved = errno, n;

	n = snprintf(line, sizeof(line), "netmap-preload: %s: %s\n", what,
		     nmio_error()[0] ? nmio_error() : strerror(saved));
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	if (pl_real()->write(STDERR_FILENO, line, n) < 0)
		errno = saved;	/* no standard error: nobody to tell */
	errno = saved;
}

__attribute__((constructor)) static void home_init(void)
{
	const char *e = getenv("NETMAP_HOME");

	if (e && e[0]) {
		setenv("NETMAP_PRELOAD_HOME", e, 1);
		unsetenv("NETMAP_HOME");
	}
	e = getenv("NETMAP_PRELOAD_HOME");
	if (e && !strcasecmp(e, "user"))
		home = NMIO_HOME_USER;
	else if (e && !strcasecmp(e, "kernel"))
		home = NMIO_HOME_KERNEL;
	e = getenv("NETMAP_PRELOAD_VERBOSE");
	verbose = e && e[0] && strcmp(e, "0");
}
