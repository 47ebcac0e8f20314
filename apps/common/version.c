/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * version: what --version prints.  A file of its own, because it needs the
 * library and the rest of this folder does not.
 */
#include <stdio.h>
#include <libnetmap.h>

#include "apps/common/complain.h"
#include "apps/common/version.h"

int version_print(const char *prog)
{
	printf("%s (netmap) %d.%d, API %d\n", prog, nmport_version() / 1000,
			nmport_version() % 1000, NETMAP_API);
	return EXIT_STATUS_OK;
}
