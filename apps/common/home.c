/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * home: the library reads NETMAP_HOME at each open, so that is where an option
 * of ours goes; it counts more than what was there before.
 */
#include <stdlib.h>
#include <string.h>

#include "apps/common/complain.h"
#include "apps/common/home.h"

int home_choose(const char *prog, const char *text)
{
	if (strcmp(text, "kernel") && strcmp(text, "user") &&
	    strcmp(text, "auto"))
		return complain_usage(prog, "--home: '%s' is none: use kernel, "
				"user or auto", text);
	return setenv("NETMAP_HOME", text, 1) ?
		complain_usage(prog, "--home: out of memory") : 0;
}
