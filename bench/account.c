/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory and CPU of processes, from /proc.
 *
 * The resident size of a process counts a shared page once per process, and
 * of a shared file only what this process has touched.  So the two kinds are
 * kept apart: anonymous pages and page tables per process, and for shared
 * memory the pages that really exist behind each memfd, once, no matter who
 * maps it.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/account.h"

#define FILES_MAX 8192

/* The memfds met so far, so that none is counted twice. */
struct file_set {
	unsigned int n;
	struct {
		dev_t dev;
		ino_t ino;
	} file[FILES_MAX];
	uint64_t bytes;
};

/* The number after @key in a file of "Key: number" lines; 0 if absent. */
static uint64_t read_key(pid_t pid, const char *file, const char *key)
{
	char path[64], line[256];
	uint64_t value = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	f = fopen(path, "re");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, strlen(key)) || line[strlen(key)] != ':')
			continue;
		value = strtoull(line + strlen(key) + 1, NULL, 10);
		break;
	}
	fclose(f);
	return value;
}

static void add_file(struct file_set *set, const struct stat *st)
{
	for (unsigned int i = 0; i < set->n; i++) {
		if (set->file[i].dev == st->st_dev && set->file[i].ino == st->st_ino)
			return;
	}
	if (set->n == FILES_MAX)
		return;
	set->file[set->n].dev = st->st_dev;
	set->file[set->n].ino = st->st_ino;
	set->n++;
	set->bytes += (uint64_t)st->st_blocks * 512;
}

/* @folder is "fd" or "map_files": links, some of them to memfds. */
static void add_folder(struct file_set *set, pid_t pid, const char *folder)
{
	char path[320], target[64];
	struct dirent *e;
	struct stat st;
	ssize_t n;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, folder);
	d = opendir(path);
	if (!d)
		return;
	while ((e = readdir(d))) {
		snprintf(path, sizeof(path), "/proc/%d/%s/%s", (int)pid, folder, e->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = 0;
		if (!strncmp(target, "/memfd:", 7) && !stat(path, &st))
			add_file(set, &st);
	}
	closedir(d);
}

struct account_cpu account_cpu(pid_t pid)
{
	struct account_cpu c = { 0 };
	char path[320];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		pid_t tid = (pid_t)atoi(e->d_name);
		unsigned long long ns;
		FILE *f;

		if (tid <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)tid);
		f = fopen(path, "re");
		if (f && fscanf(f, "%llu", &ns) == 1)
			c.ns += ns;
		if (f)
			fclose(f);
		c.switches += read_key(tid, "status", "voluntary_ctxt_switches");
		c.switches += read_key(tid, "status", "nonvoluntary_ctxt_switches");
	}
	if (d)
		closedir(d);
	return c;
}

static bool has_name(pid_t pid, const char *name)
{
	char path[64], comm[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = 0;
	fclose(f);
	comm[strcspn(comm, "\n")] = 0;
	return !strcmp(comm, name);
}

static bool is_mine(pid_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return !stat(path, &st) && st.st_uid == geteuid();
}

static void add_process(struct file_set *set, pid_t pid)
{
	add_folder(set, pid, "fd");
	add_folder(set, pid, "map_files");
}

struct account_memory account_memory(const pid_t *pids, unsigned int n)
{
	struct file_set *set = calloc(1, sizeof(*set));
	struct account_memory m = { 0 };

	for (unsigned int i = 0; i < n; i++) {
		if (!pids[i])
			continue;
		m.private_bytes += 1024 * read_key(pids[i], "smaps_rollup", "Anonymous");
		m.private_bytes += 1024 * read_key(pids[i], "status", "VmPTE");
		if (set)
			add_process(set, pids[i]);
	}
	if (set)
		m.shared_bytes = set->bytes;
	free(set);
	return m;
}

static bool has_common_file(const struct file_set *a, const struct file_set *b)
{
	for (unsigned int i = 0; i < a->n; i++) {
		for (unsigned int k = 0; k < b->n; k++) {
			if (a->file[i].dev == b->file[k].dev &&
			    a->file[i].ino == b->file[k].ino)
				return true;
		}
	}
	return false;
}

static bool is_server_of(pid_t pid, const char *name, const struct file_set *client,
			 struct file_set *scratch)
{
	if (pid <= 0 || !has_name(pid, name) || !is_mine(pid))
		return false;
	memset(scratch, 0, sizeof(*scratch));
	add_process(scratch, pid);
	return has_common_file(client, scratch);
}

pid_t account_server(pid_t client, const char *name)
{
	struct file_set *set = calloc(2, sizeof(*set));
	DIR *d = opendir("/proc");
	struct dirent *e;
	pid_t found = 0;

	if (set)
		add_process(&set[0], client);
	while (set && d && !found && (e = readdir(d))) {
		pid_t pid = (pid_t)atoi(e->d_name);

		if (is_server_of(pid, name, &set[0], &set[1]))
			found = pid;
	}
	if (d)
		closedir(d);
	free(set);
	return found;
}
