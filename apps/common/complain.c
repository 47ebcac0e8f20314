/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * complain: what a tool says when it is used wrongly or cannot open a port.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "apps/common/complain.h"

int complain_usage(const char *prog, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", prog);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry '%s --help' for a list of the options.\n",
			prog);
	return EXIT_STATUS_USAGE;
}

int complain_option(const char *prog, int key, int longs, char **argv)
{
	if (optopt > 0 && optopt < longs)
		return complain_usage(prog, "-%c %s", optopt, key == ':' ?
				"needs an argument" : "is not an option");
	return complain_usage(prog, "%s: unknown or ambiguous option, or an "
			"argument missing or too much", argv[optind - 1]);
}

const char *complain_hint(int err)
{
	switch (err) {
	case ENOENT:
		return "netmap module not loaded? Without it, check that "
			"netmapd is installed, or set NETMAP_HOME=user.";
	case EACCES:
	case EPERM:
		return "permission denied: run as root or adjust the mode of "
			"the device or socket.";
	case ENXIO:
	case ENODEV:
		return "interface not found: check the name with 'ip link', "
			"or use valeX:NAME for a port of a switch.";
	case EBUSY:
		return "busy: opened exclusively, or attached to a switch.";
	case EINVAL:
		return "check the port name and the number of rings asked for.";
	case ENOMEM:
		return "not enough memory in the region: fewer rings, slots "
			"or extra buffers may fit.";
	case ECONNREFUSED:
		return "the netmap server does not answer: is netmapd running?";
	default:
		return NULL;
	}
}

int complain_open(const char *prog, const char *port, int err,
		const char *detail)
{
	const char *hint = complain_hint(err);

	fprintf(stderr, "%s: cannot open %s: %s\n", prog, port, strerror(err));
	if (detail && detail[0])
		fprintf(stderr, "  %s\n", detail);
	if (hint)
		fprintf(stderr, "  %s\n", hint);
	return EXIT_STATUS_FAILED;
}
