/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may do what with a real /dev/netmap, what user memory can do to it
 * while it is being read, and what ports cost.
 *
 * Tests in the manner of tests/preload, run in the guest with the others, as
 * root.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/preload/pt.h"

#define PAGE	4096u
#define NOBODY	65534

static int request(int fd, uint16_t type, const char *name, void *body)
{
	struct nmreq_header hdr;

	memset(&hdr, 0, sizeof(hdr));
	hdr.nr_version = NETMAP_API;
	hdr.nr_reqtype = type;
	hdr.nr_body = (uintptr_t)body;
	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "%s", name);
	return ioctl(fd, NIOCCTRL, &hdr) < 0 ? errno : 0;
}

static int bind_as(int fd, const char *name, uint16_t mem_id)
{
	struct nmreq_register reg = {
		.nr_mode = NR_REG_ALL_NIC, .nr_mem_id = mem_id,
	};

	return request(fd, NETMAP_REQ_REGISTER, name, &reg);
}

/* --- user memory that changes while it is read ------------------------------- */

struct race {
	struct nmreq_header hdr;
	struct nmreq_register reg;
	struct nmreq_option opt;
	char *page;
	volatile int stop;
};

static void *racer(void *arg)
{
	struct race *r = arg;
	uint32_t i;

	for (i = 0; !r->stop; i++) {
		r->hdr.nr_reqtype = i % 11 ? NETMAP_REQ_REGISTER :
			NETMAP_REQ_VALE_LIST;
		r->hdr.nr_body = i % 7 ? (uintptr_t)&r->reg :
			i % 2 ? 0 : (uintptr_t)r->page;
		r->hdr.nr_options = i % 3 ? 0 : i % 2 ? (uintptr_t)&r->opt :
			(uintptr_t)r->page + PAGE - 8;
		r->opt.nro_next = i % 5 ? 0 : (uintptr_t)&r->opt;
		r->opt.nro_size = i * 77;
		r->reg.nr_mode = i % 4 ? NR_REG_ALL_NIC : i;
		memset(r->hdr.nr_name + 32, i % 13 ? 0 : 'x', 32);
		if (i % 64 == 0)
			mprotect(r->page, PAGE, i % 128 ? PROT_READ : PROT_NONE);
		if (i % 256 == 0)
			sched_yield();
	}
	return NULL;
}

static void racing(void)
{
	struct race *r = calloc(1, sizeof(*r));
	uint32_t i, bound = 0;
	pthread_t t;
	int fd;

	CHECK(r);
	r->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(r->page != MAP_FAILED);
	r->hdr.nr_version = NETMAP_API;
	snprintf(r->hdr.nr_name, sizeof(r->hdr.nr_name), "%s",
		 pt_name("vale%d:x"));
	CHECK(!pthread_create(&t, NULL, racer, r));
	for (i = 0; i < 300; i++) {
		fd = pt_dev();
		if (!ioctl(fd, NIOCCTRL, &r->hdr))
			bound += !ioctl(fd, NIOCTXSYNC, NULL);
		CHECK(close(fd) == 0);
	}
	r->stop = 1;
	CHECK(!pthread_join(t, NULL));
	CHECK(bound > 0);
	/* nothing is left over of those that were not answered */
	fd = pt_dev();
	memset(&r->reg, 0, sizeof(r->reg));
	r->reg.nr_mode = NR_REG_ALL_NIC;
	r->reg.nr_flags = NR_EXCLUSIVE;
	CHECK(request(fd, NETMAP_REQ_REGISTER, pt_name("vale%d:x"),
		      &r->reg) == 0);
	close(fd);
	free(r);
}

/* --- other users and namespaces ----------------------------------------------- */

static void as_nobody(void *arg)
{
	struct pt_port *root = arg;
	struct nmreq_counters c = { 0 };
	struct nmreq_vale_detach d = { 0 };
	struct pt_port own;
	int fd;

	CHECK(setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
	pt_ready();
	fd = pt_dev();
	/* what belongs to root can neither be bound, nor looked into, nor undone */
	CHECK(bind_as(fd, pt_name("vale%d:root"), 0) == EPERM);
	CHECK(bind_as(fd, pt_name("vale%d:nobody"), root->mem_id) == EPERM);
	CHECK(request(fd, NETMAP_REQ_COUNTERS_GET, pt_name("vale%d:root"),
		      &c) == EPERM);
	CHECK(request(fd, NETMAP_REQ_VALE_DELIF, "guard0", NULL) == EPERM);
	CHECK(request(fd, NETMAP_REQ_VALE_DETACH, pt_name("vale%d:guard0"),
		      &d) == EPERM);
	close(fd);
	/* a port of his own, on the same switch, in memory of his own */
	pt_ctrl(&own, pt_name("vale%d:own"), NR_REG_ALL_NIC, 0, 0, NULL);
	CHECK(own.mem_id != root->mem_id);
	pt_send(&own, 0, 20, PT_POLL);
	pt_close(&own);
}

static void no_privilege(void)
{
	struct nmreq_vale_newif nif = { 0 };
	struct nmreq_vale_attach att = { 0 };
	struct nmreq_vale_detach det = { 0 };
	struct pt_port p;
	int fd = pt_dev();
	pid_t pid;

	pt_ctrl(&p, pt_name("vale%d:root"), NR_REG_ALL_NIC, 0, 0, NULL);
	CHECK(request(fd, NETMAP_REQ_VALE_NEWIF, "guard0", &nif) == 0);
	att.reg.nr_mode = NR_REG_ALL_NIC;
	CHECK(request(fd, NETMAP_REQ_VALE_ATTACH, pt_name("vale%d:guard0"),
		      &att) == 0);
	/* without a rule the device is for root alone */
	fflush(stdout);
	pid = fork();
	if (!pid) {
		CHECK(setuid(NOBODY) == 0);
		CHECK(open("/dev/netmap", O_RDWR) < 0 && errno == EACCES);
		_exit(0);
	}
	pt_join(pid);
	CHECK(chmod("/dev/netmap", 0666) == 0);
	pid = pt_fork(as_nobody, &p);
	pt_recv(&p, 0, 20, PT_POLL);
	pt_join(pid);
	CHECK(chmod("/dev/netmap", 0600) == 0);
	CHECK(request(fd, NETMAP_REQ_VALE_DETACH, pt_name("vale%d:guard0"),
		      &det) == 0);
	CHECK(request(fd, NETMAP_REQ_VALE_DELIF, "guard0", NULL) == 0);
	pt_close(&p);
	close(fd);
}

/* In a namespace of its own: nothing of ours is there, and what it makes ends. */
static void elsewhere(void *arg)
{
	struct nmreq_vale_newif nif = { 0 };
	struct nmreq_vale_attach att = { 0 };
	struct nmreq_vale_list list = { 0 };
	struct pt_port *ours = arg, p;
	int fd;

	CHECK(unshare(CLONE_NEWNET) == 0);
	fd = pt_dev();
	CHECK(request(fd, NETMAP_REQ_VALE_LIST, "", &list) == ENOENT);
	pt_ctrl(&p, pt_name("vale%d:x"), NR_REG_ALL_NIC, 0, NR_EXCLUSIVE, NULL);
	pt_send(&p, 0, 5, PT_SYNC);
	pt_close(&p);
	/* a descriptor stays where it was opened */
	pt_send(ours, 0, 30, PT_POLL);
	CHECK(request(fd, NETMAP_REQ_VALE_NEWIF, "guard1", &nif) == 0);
	att.reg.nr_mode = NR_REG_ALL_NIC;
	CHECK(request(fd, NETMAP_REQ_VALE_ATTACH, pt_name("vale%d:guard1"),
		      &att) == 0);
	close(fd);
	pt_ready();
}

static int in_debugfs(const char *file, const char *word)
{
	static char text[1 << 16];
	char path[64];
	ssize_t n;
	int fd;

	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	snprintf(path, sizeof(path), "/sys/kernel/debug/netmap/%s", file);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	CHECK(n >= 0);
	text[n] = '\0';
	close(fd);
	return strstr(text, word) != NULL;
}

static void namespaces(void)
{
	struct pt_port tx, rx;
	pid_t pid;
	int i;

	pt_ctrl(&tx, pt_name("vale%d:x"), NR_REG_ALL_NIC, 0, 0, NULL);
	pt_ctrl(&rx, pt_name("vale%d:y"), NR_REG_ALL_NIC, 0, 0, NULL);
	pid = pt_fork(elsewhere, &tx);
	pt_recv(&rx, 0, 30, PT_POLL);
	pt_join(pid);
	CHECK(in_debugfs("ports", pt_name("port vale%d:x ")));
	CHECK(in_debugfs("switches", pt_name("switch vale%d ")));
	CHECK(in_debugfs("stations", "station 02:00:00:00:00:01 "));
	/* the namespace ends some time after its last process */
	for (i = 0; i < 200 && in_debugfs("ports", "port guard1 "); i++)
		usleep(50000);
	CHECK(!in_debugfs("ports", "port guard1 "));
	pt_close(&tx);
	pt_close(&rx);
}

/* --- what it costs --------------------------------------------------------------- */

/* KiB of a line of /proc/meminfo */
static long meminfo(const char *key)
{
	char line[128];
	size_t len = strlen(key);
	long kib = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	CHECK(f);
	while (kib < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, len) && line[len] == ':')
			kib = strtol(line + len + 1, NULL, 10);
	fclose(f);
	CHECK(kib >= 0);
	return kib;
}

struct memory {
	long free, slab, vmalloc;
};

static void measure(struct memory *m)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	CHECK(fd >= 0 && write(fd, "3", 1) == 1);
	close(fd);
	m->free = meminfo("MemFree");
	m->slab = meminfo("SUnreclaim");
	m->vmalloc = meminfo("VmallocUsed");
}

static void one_pair(struct pt_port p[2], int i)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%d", pt_name("vale%d:a"), i);
	pt_ctrl(&p[0], name, NR_REG_ALL_NIC, 0, 0, NULL);
	snprintf(name, sizeof(name), "%s%d", pt_name("vale%d:b"), i);
	pt_ctrl(&p[1], name, NR_REG_ALL_NIC, 0, 0, NULL);
}

#define PAIRS	32

static void idle_ports(void)
{
	static struct pt_port p[PAIRS + 1][2];
	struct memory a, b;
	int i;

	one_pair(p[PAIRS], PAIRS);
	measure(&a);
	for (i = 0; i < PAIRS; i++)
		one_pair(p[i], i);
	measure(&b);
	printf("# %ld KiB for a sender and a receiver: slab %ld, vmalloc %ld\n",
	       (a.free - b.free) / PAIRS, (b.slab - a.slab) / PAIRS,
	       (b.vmalloc - a.vmalloc) / PAIRS);
	CHECK(a.free - b.free < PAIRS * 1024);
	for (i = 0; i <= PAIRS; i++) {
		pt_close(&p[i][0]);
		pt_close(&p[i][1]);
	}
}

static void churn(int n)
{
	struct pt_port p[2];
	int i;

	for (i = 0; i < n; i++) {
		one_pair(p, 0);
		if (i % 10 == 0) {
			pt_send(&p[0], 0, 100, PT_SYNC);
			pt_recv(&p[1], 0, 100, PT_SYNC);
		}
		pt_close(&p[0]);
		pt_close(&p[1]);
	}
}

static void all_is_back(void)
{
	struct memory a, b;
	int i;

	churn(50);
	measure(&a);
	churn(500);
	/* what waits for a grace period comes a little later */
	for (i = 0; i < 50; i++) {
		measure(&b);
		if (a.free - b.free < 2048 && b.slab - a.slab < 1024 &&
		    b.vmalloc - a.vmalloc < 256)
			break;
		usleep(100000);
	}
	printf("# after 1000 opens: free %+ld KiB, slab %+ld, vmalloc %+ld\n",
	       b.free - a.free, b.slab - a.slab, b.vmalloc - a.vmalloc);
	CHECK(i < 50);
}

int main(int argc, char **argv)
{
	static const struct pt_test tests[] = {
		{ "user memory that changes while it is read", racing },
		{ "other users: what they may not, and what they may", no_privilege },
		{ "network namespaces, and debugfs", namespaces },
		{ "an idle sender and receiver take less than 1 MiB", idle_ports },
		{ "all memory is back after 1000 opens", all_is_back },
		{ NULL, NULL },
	};

	return pt_main(argc, argv, "guard", tests);
}
