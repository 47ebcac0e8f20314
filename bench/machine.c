/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a figure must say about the machine it was taken on, and the two
 * things a measurement asks of it: a CPU of its own and precedence there.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/machine.h"

#define FAVOUR (-15)

static pid_t favoured_child;

/* Keep what follows the colon of the first line of @path that has @key. */
static void read_field(const char *path, const char *key, char *out, size_t size)
{
	char line[512];
	FILE *f = fopen(path, "re");

	snprintf(out, size, "unknown");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		char *value = strchr(line, ':');

		if (strncmp(line, key, strlen(key)) || !value)
			continue;
		value += 1 + strspn(value + 1, " \t");
		value[strcspn(value, "\n")] = 0;
		snprintf(out, size, "%s", value);
		break;
	}
	fclose(f);
}

static void read_command(const char *command, char *out, size_t size)
{
	FILE *p = popen(command, "re");

	if (!p || !fgets(out, (int)size, p))
		snprintf(out, size, "unknown");
	out[strcspn(out, "\n")] = 0;
	if (p)
		pclose(p);
}

static void read_revision(char *out, size_t size)
{
	read_command("git describe --always --dirty 2>/dev/null", out, size);
}

static void read_model(char *out, size_t size)
{
	char family[32], model[32], name[96];

	read_field("/proc/cpuinfo", "model name", name, sizeof(name));
	read_field("/proc/cpuinfo", "cpu family", family, sizeof(family));
	read_field("/proc/cpuinfo", "model\t", model, sizeof(model));
	snprintf(out, size, "%s (family %s model %s)", name, family, model);
}

void machine_json(struct json *j)
{
	char model[192], revision[64], date[64];
	double load[3] = { 0 };
	time_t now = time(NULL);
	struct utsname u;

	uname(&u);
	read_model(model, sizeof(model));
	read_revision(revision, sizeof(revision));
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	if (getloadavg(load, 3) != 3)
		load[0] = load[1] = load[2] = -1;

	json_string(j, "date", date);
	json_string(j, "revision", revision);
	json_open_object(j, "machine");
	json_string(j, "cpu", model);
	json_integer(j, "cores", sysconf(_SC_NPROCESSORS_ONLN));
	json_string(j, "kernel", u.release);
	json_string(j, "arch", u.machine);
	json_string(j, "compiler", __VERSION__);
	json_close_object(j);
	json_open_array(j, "load_average");
	for (int i = 0; i < 3; i++)
		json_number(j, NULL, load[i]);
	json_close_array(j);
}

void machine_print(void)
{
	char model[192], revision[64];
	double load[3] = { 0 };
	struct utsname u;

	uname(&u);
	read_model(model, sizeof(model));
	read_revision(revision, sizeof(revision));
	if (getloadavg(load, 3) < 1)
		load[0] = -1;
	printf("%s, %ld cores, Linux %s, load %.2f, revision %s\n", model,
	       sysconf(_SC_NPROCESSORS_ONLN), u.release, load[0], revision);
}

size_t machine_cpus(unsigned int *cpus, size_t max)
{
	cpu_set_t set;
	size_t n = 0;

	if (sched_getaffinity(0, sizeof(set), &set))
		CPU_SET(0, &set);
	for (unsigned int c = 0; c < CPU_SETSIZE && n < max; c++) {
		if (CPU_ISSET(c, &set))
			cpus[n++] = c;
	}
	return n;
}

int machine_pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

bool machine_favour_pid(pid_t pid, int value)
{
	char path[64];
	bool done;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/autogroup", (int)pid);
	f = fopen(path, "we");
	if (!f)
		return false;
	done = fprintf(f, "%d\n", value) > 0;
	return !fclose(f) && done;
}

static void pass_on(int sig)
{
	kill(favoured_child, sig);
}

static void stand_by(pid_t child)
{
	int status;

	favoured_child = child;
	signal(SIGINT, pass_on);
	signal(SIGTERM, pass_on);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			exit(1);
	}
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

bool machine_favour(void)
{
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child > 0)
		stand_by(child);
	if (child < 0 || setsid() < 0)
		return false;
	return machine_favour_pid(getpid(), FAVOUR);
}
