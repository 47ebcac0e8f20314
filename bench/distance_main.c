/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * distance [-m] [CPU CPU] - print how far apart two CPUs are now
 *
 * Output: the class and the one-way hand-off in ns, "near 51.3".  With -m,
 * print instead the members of a JSON object that describe the machine.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/distance.h"
#include "bench/machine.h"

static int print_machine(void)
{
	struct json j = { .f = stdout };

	json_open_object(&j, NULL);
	machine_json(&j);
	json_close_object(&j);
	return 0;
}

static int parse_cpu(const char *text, unsigned int *cpu)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (*text == 0 || *end || v < 0 || v >= 1024)
		return -1;
	*cpu = (unsigned int)v;
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int cpu[2] = { 0, 1 };
	struct distance d;
	int error;

	if (argc == 2 && !strcmp(argv[1], "-m"))
		return print_machine();
	if (argc != 1 && (argc != 3 || parse_cpu(argv[1], &cpu[0]) ||
			  parse_cpu(argv[2], &cpu[1]))) {
		fprintf(stderr, "usage: distance [-m | CPU CPU]\n");
		return 2;
	}
	error = distance_probe(cpu[0], cpu[1], &d);
	if (error) {
		fprintf(stderr, "distance: cannot probe CPU %u and %u: %s\n",
			cpu[0], cpu[1], strerror(-error));
		return 1;
	}
	printf("%s %.1f\n", distance_name(d.class), d.hop_ns);
	return 0;
}
