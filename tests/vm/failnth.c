/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * failnth: every operation of /dev/netmap, with its first, second, ... allocation
 * failing, until it needs no more.
 *
 * The kernel counts the allocations of a thread and fails the one that
 * /proc/self/fail-nth names; what is left of the number tells whether it came to
 * that.  An operation that is refused must be possible right afterwards, and
 * whatever it began must be gone: the caller looks for leaks and unloads.
 *
 *	failnth		TAP; exit 0, 1, or 77 if the kernel cannot do this
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <net/netmap_user.h>

#define LIMIT	2000		/* more allocations than any of these makes */

static int knob;		/* /proc/self/fail-nth */
static int dev = -1;		/* what prepare() left for run() */
static int other = -1;		/* who keeps a region there */
static uint16_t mem_id;
static uint32_t if_ofs;
static char *mem;
static size_t mem_size;
static sigjmp_buf no_page;

struct op {
	const char *name;
	void (*prepare)(void);
	int (*run)(void);	/* 0, or -1 and errno */
	void (*undo)(void);
};

static void fail_nth(int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", n);

	if (pwrite(knob, text, len, 0) != len)
		abort();
}

/* What is left of it: not 0 if the operation made fewer allocations. */
static int left_over(void)
{
	char text[16] = "";

	if (pread(knob, text, sizeof(text) - 1, 0) <= 0)
		abort();
	return atoi(text);
}

static int ctrl(int fd, uint16_t type, const char *name, void *body)
{
	struct nmreq_header hdr;

	memset(&hdr, 0, sizeof(hdr));
	hdr.nr_version = NETMAP_API;
	hdr.nr_reqtype = type;
	hdr.nr_body = (uintptr_t)body;
	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "%s", name);
	return ioctl(fd, NIOCCTRL, &hdr);
}

static void shut(void)
{
	if (mem)
		munmap(mem, mem_size);
	mem = NULL;
	if (dev >= 0)
		close(dev);
	if (other >= 0)
		close(other);
	dev = other = -1;
	mem_id = 0;
}

static int open_dev(void)
{
	dev = open("/dev/netmap", O_RDWR | O_CLOEXEC);
	return dev < 0 ? -1 : 0;
}

static void must_open(void)
{
	if (open_dev() < 0)
		abort();
}

static int bind_as(const char *name, uint16_t mode, uint32_t extra)
{
	struct nmreq_register reg;

	memset(&reg, 0, sizeof(reg));
	reg.nr_mode = mode;
	reg.nr_extra_bufs = extra;
	reg.nr_mem_id = mem_id;
	if (mode == NR_REG_NULL) {
		reg.nr_tx_rings = reg.nr_rx_rings = 1;
		reg.nr_tx_slots = reg.nr_rx_slots = 64;
	}
	if (ctrl(dev, NETMAP_REQ_REGISTER, name, &reg) < 0)
		return -1;
	mem_size = reg.nr_memsize;
	mem_id = reg.nr_mem_id;
	if_ofs = reg.nr_offset;
	return 0;
}

static int bind_vale(void)
{
	return bind_as("vale0:fn", NR_REG_ALL_NIC, 0);
}

static int bind_extra(void)
{
	return bind_as("vale0:fn", NR_REG_ALL_NIC, 100);
}

static int bind_pipe(void)
{
	return bind_as("fn{1", NR_REG_ALL_NIC, 0);
}

static int bind_null(void)
{
	return bind_as("fn", NR_REG_NULL, 0);
}

static void must_bind(void)
{
	must_open();
	if (bind_vale() < 0)
		abort();
}

/* Null ports live in a region that is there. */
static void must_keep(void)
{
	must_bind();
	other = dev;
	must_open();
}

static int map(void)
{
	mem = mmap(NULL, mem_size, PROT_READ | PROT_WRITE, MAP_SHARED, dev, 0);
	if (mem == MAP_FAILED) {
		mem = NULL;
		return -1;
	}
	return 0;
}

static void must_map(void)
{
	must_bind();
	if (map() < 0)
		abort();
}

static void has_no_page(int sig)
{
	siglongjmp(no_page, 1);
}

/*
 * The rings and their buffers.  A fault that finds no memory is SIGBUS, or is
 * tried again by the kernel.
 */
static int touch(void)
{
	struct netmap_ring *r;
	uint32_t i;

	if (sigsetjmp(no_page, 1)) {
		errno = ENOMEM;
		return -1;
	}
	r = NETMAP_TXRING(NETMAP_IF(mem, if_ofs), 0);
	for (i = 0; i < r->num_slots && i < 100; i++)
		(void)*(volatile char *)NETMAP_BUF(r, r->slot[i].buf_idx);
	return 0;
}

static int wait_in(void)
{
	struct pollfd p = { .fd = dev, .events = POLLIN };

	return poll(&p, 1, 0) < 0 ? -1 : 0;
}

static int sync_both(void)
{
	if (ioctl(dev, NIOCTXSYNC, NULL) < 0)
		return -1;
	return ioctl(dev, NIOCRXSYNC, NULL);
}

static int newif(void)
{
	struct nmreq_vale_newif body;

	memset(&body, 0, sizeof(body));
	return ctrl(dev, NETMAP_REQ_VALE_NEWIF, "fnp", &body);
}

static void must_newif(void)
{
	must_open();
	if (newif() < 0)
		abort();
}

/* Nobody may have it bound. */
static void delif(void)
{
	shut();
	must_open();
	ctrl(dev, NETMAP_REQ_VALE_DELIF, "fnp", NULL);
	shut();
}

static int attach(void)
{
	struct nmreq_vale_attach body;

	memset(&body, 0, sizeof(body));
	body.reg.nr_mode = NR_REG_ALL_NIC;
	return ctrl(dev, NETMAP_REQ_VALE_ATTACH, "vale0:fnp", &body);
}

static void detach(void)
{
	struct nmreq_vale_detach body;

	memset(&body, 0, sizeof(body));
	ctrl(dev, NETMAP_REQ_VALE_DETACH, "vale0:fnp", &body);
	delif();
}

static int bind_persistent(void)
{
	return bind_as("fnp", NR_REG_ALL_NIC, 0);
}

static int info(void)
{
	struct nmreq_port_info_get body;

	memset(&body, 0, sizeof(body));
	return ctrl(dev, NETMAP_REQ_PORT_INFO_GET, "vale0:fn", &body);
}

static int list(void)
{
	struct nmreq_vale_list body;

	memset(&body, 0, sizeof(body));
	return ctrl(dev, NETMAP_REQ_VALE_LIST, "vale0:fn", &body);
}

static const struct op ops[] = {
	{ "open", NULL, open_dev, shut },
	{ "REGISTER a port of a switch", must_open, bind_vale, shut },
	{ "REGISTER with extra buffers", must_open, bind_extra, shut },
	{ "REGISTER a pipe", must_open, bind_pipe, shut },
	{ "REGISTER a null port", must_keep, bind_null, shut },
	{ "mmap", must_bind, map, shut },
	{ "page faults", must_map, touch, shut },
	{ "poll", must_bind, wait_in, shut },
	{ "TXSYNC, RXSYNC", must_bind, sync_both, shut },
	{ "VALE_NEWIF", must_open, newif, delif },
	{ "VALE_ATTACH", must_newif, attach, detach },
	{ "REGISTER a persistent port", must_newif, bind_persistent, delif },
	{ "PORT_INFO_GET", must_bind, info, shut },
	{ "VALE_LIST", must_bind, list, shut },
};

static int sweep(const struct op *op)
{
	int n, r, error, failures = 0;

	for (n = 1; n < LIMIT; n++) {
		if (op->prepare)
			op->prepare();
		fail_nth(n);
		r = op->run();
		error = errno;
		r = left_over() ? r + 2 : r;	/* 2: went through unharmed */
		fail_nth(0);
		if (r == -1) {
			failures++;
			if (error != ENOMEM && error != EFAULT)
				printf("# %s: allocation %d: %s\n", op->name, n,
				       strerror(error));
		}
		op->undo();
		if (r == 1) {
			printf("not ok - %s: refused without a reason: %s\n",
			       op->name, strerror(error));
			return 1;
		}
		if (r == 2) {
			printf("ok - %s: %d allocations, %d of them refused it\n",
			       op->name, n - 1, failures);
			return 0;
		}
	}
	printf("not ok - %s: no end after %d allocations\n", op->name, LIMIT);
	return 1;
}

int main(void)
{
	size_t i;
	int failed = 0;

	knob = open("/proc/self/fail-nth", O_RDWR);
	if (knob < 0) {
		printf("SKIP this kernel has no fault injection\n");
		return 77;
	}
	signal(SIGBUS, has_no_page);
	/* once, so that what is made with the first user is there or gone */
	must_map();
	shut();
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		failed |= sweep(&ops[i]);
		fflush(stdout);
	}
	return failed;
}
