/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * torture: everything /dev/netmap can be asked, at random, by processes that
 * get killed.
 *
 *	parent --- kill -9, SIGSTOP, SIGCONT, a new one in its place
 *	  |   \--- events: a program that changes interfaces, unloads, loads
 *	  +-- worker 0     open, bind, map, poll, sync, unmap, close, requests,
 *	  +-- worker 1     on ports taken from one small set
 *	  ...
 *
 * Nothing is expected of a single call: any answer is fine, and rings hold
 * nonsense half of the time.  What counts is what the kernel says afterwards,
 * and that in the end nobody holds the module any more.
 *
 *	torture [-t SECONDS] [-p PROCESSES] [-S SEED] [-e EVENTS] [PORT...]
 *
 * PORTs are more names to bind, e.g. those of interfaces.  EVENTS is run with
 * one random number as its argument, again and again.  Prints the seed and what
 * was done.  Exit 0; 1 if workers cannot do anything at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <net/netmap_user.h>

#define WORKERS		16
#define FILES		4	/* descriptors of a worker */
#define MAPS		3	/* mappings of a descriptor */
#define NAMES		64

enum counted {
	OPENS, BOUND, REFUSED, MAPPED, POLLS, SYNCS, REQUESTS, FORKS, KILLS,
	EVENTS, N_COUNTED,
};

static const char *const count_names[N_COUNTED] = {
	"opens", "bound", "refused", "mapped", "polls", "syncs", "requests",
	"forks", "kills", "events",
};

static uint64_t *tally;		/* shared: workers die without a word */

static const char *names[NAMES] = {
	"vale0:a", "vale0:b", "vale0:c", "vale1:a", "vale1:b", "netmap:x{0",
	"netmap:x}0", "netmap:x{1", "netmap:x}1", "vale0:a{3", "vale0:a}3",
	"vale0:tp0", "netmap:tp0", "netmap:tp1", "vale1:tp1", "vale:", "",
};
static uint32_t n_names = 17;

struct map {
	char *at;
	size_t len;
};

struct file {
	int fd;
	uint32_t bound;
	uint32_t tx0, n_tx, n_rx;
	struct nmreq_register reg;
	char *mem;			/* all of the region, or NULL */
	struct map map[MAPS];
};

static struct file files[FILES];
static uint32_t rng;

static uint32_t rnd(uint32_t n)
{
	rng ^= rng << 13;
	rng ^= rng >> 17;
	rng ^= rng << 5;
	return rng % n;
}

static void count(enum counted what)
{
	__atomic_fetch_add(&tally[what], 1, __ATOMIC_RELAXED);
}

static uint64_t seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec;
}

/* --- what a worker does ----------------------------------------------------- */

static const char *name_of(const char *name)
{
	return strncmp(name, "netmap:", 7) ? name : name + 7;
}

static void header(struct nmreq_header *hdr, uint16_t type, void *body)
{
	memset(hdr, 0, sizeof(*hdr));
	hdr->nr_version = rnd(50) ? NETMAP_API : rnd(20);
	hdr->nr_reqtype = type;
	hdr->nr_body = (uintptr_t)body;
	snprintf(hdr->nr_name, sizeof(hdr->nr_name), "%s",
		 name_of(names[rnd(n_names)]));
}

static void unmap(struct map *m)
{
	if (m->at)
		munmap(m->at, m->len);
	m->at = NULL;
}

static void shut(struct file *f)
{
	uint32_t i;

	for (i = 0; i < MAPS; i++)
		if (rnd(4))
			unmap(&f->map[i]);
	if (f->fd >= 0)
		close(f->fd);
	for (i = 0; i < MAPS; i++)
		unmap(&f->map[i]);
	memset(f, 0, sizeof(*f));
	f->fd = -1;
}

static void bind_port(struct file *f)
{
	static const uint16_t modes[] = {
		NR_REG_ALL_NIC, NR_REG_ALL_NIC, NR_REG_ALL_NIC, NR_REG_SW,
		NR_REG_NIC_SW, NR_REG_ONE_NIC, NR_REG_PIPE_MASTER,
		NR_REG_PIPE_SLAVE, NR_REG_NULL, NR_REG_ONE_SW,
	};
	struct nmreq_header hdr;

	memset(&f->reg, 0, sizeof(f->reg));
	header(&hdr, NETMAP_REQ_REGISTER, &f->reg);
	f->reg.nr_mode = modes[rnd(sizeof(modes) / sizeof(modes[0]))];
	if (f->reg.nr_mode == NR_REG_NULL) {
		f->reg.nr_tx_rings = rnd(3);
		f->reg.nr_rx_rings = rnd(3);
		f->reg.nr_tx_slots = f->reg.nr_rx_slots = 64;
	}
	if (!rnd(3)) {
		f->reg.nr_tx_slots = 1u << rnd(12);
		f->reg.nr_rx_slots = rnd(2000);
		f->reg.nr_tx_rings = rnd(5);
		f->reg.nr_rx_rings = rnd(5);
	}
	f->reg.nr_ringid = rnd(4) ? 0 : rnd(4);
	f->reg.nr_extra_bufs = rnd(4) ? 0 : rnd(200);
	f->reg.nr_mem_id = rnd(8) ? 0 : rnd(5);
	if (!rnd(4))
		f->reg.nr_flags = rnd(0x10000);
	if (ioctl(f->fd, NIOCCTRL, &hdr) < 0) {
		count(REFUSED);
		return;
	}
	count(BOUND);
	f->bound = 1;
}

static void map_some(struct file *f)
{
	size_t pages = f->reg.nr_memsize >> 12, ofs = 0, len = pages;
	struct map *m = &f->map[rnd(MAPS)];
	char *at;

	unmap(m);
	if (!pages)
		return;
	if (rnd(3) == 0) {
		ofs = rnd(pages);
		len = rnd(pages - ofs + 2);	/* one too many, at times */
	}
	at = mmap(NULL, len << 12, rnd(8) ? PROT_READ | PROT_WRITE : PROT_READ,
		  rnd(20) ? MAP_SHARED : MAP_PRIVATE, f->fd, (off_t)ofs << 12);
	if (at == MAP_FAILED)
		return;
	count(MAPPED);
	m->at = at;
	m->len = len << 12;
}

/* A page that is not there any more is a signal, and the end of the worker. */
static void touch(struct file *f)
{
	struct map *m = &f->map[rnd(MAPS)];
	volatile char *at = m->at;
	uint32_t i;

	for (i = 0; at && i < 8; i++)
		(void)at[(size_t)rnd(m->len >> 12) << 12];
	if (at && !rnd(6))
		madvise(m->at, m->len, MADV_DONTNEED);
	if (at && !rnd(6))
		mprotect(m->at, m->len, PROT_READ);
}

/* Give back or send some slots; once in four times, whatever comes to mind. */
static void move_rings(struct file *f)
{
	struct map *m = &f->map[0];
	struct netmap_ring *r;
	struct netmap_if *nifp;
	uint32_t i, n, k, slots, head, tail;

	for (k = 0; k < MAPS && m->len != f->reg.nr_memsize; k++)
		m = &f->map[k];
	if (!m->at || m->len != f->reg.nr_memsize)
		return;
	mprotect(m->at, m->len, PROT_READ | PROT_WRITE);
	nifp = NETMAP_IF(m->at, f->reg.nr_offset);
	n = f->reg.nr_tx_rings + f->reg.nr_rx_rings;
	if (!n || f->reg.nr_mode != NR_REG_ALL_NIC)
		return;
	k = rnd(n);
	r = k < f->reg.nr_tx_rings ? NETMAP_TXRING(nifp, k) :
		NETMAP_RXRING(nifp, k - f->reg.nr_tx_rings);
	if ((char *)r < m->at || (char *)r + sizeof(*r) > m->at + m->len)
		return;
	/* others write here, too: what we do not read twice stays ours */
	slots = *(volatile uint32_t *)&r->num_slots;
	if (slots < 2 || slots > 4096 ||
	    (char *)&r->slot[slots] > m->at + m->len)
		return;
	if (!rnd(4)) {
		r->head = rnd(4) ? rnd(slots) : rng;
		r->cur = rnd(4) ? r->head : rnd(slots);
		r->slot[rnd(slots)].buf_idx = rnd(4) ? rnd(5000) : rng;
		r->slot[rnd(slots)].len = rnd(70000);
		r->slot[rnd(slots)].flags = rnd(0x10000);
		return;
	}
	head = *(volatile uint32_t *)&r->head % slots;
	tail = *(volatile uint32_t *)&r->tail % slots;
	for (i = rnd((tail + slots - head) % slots + 1); i > 0; i--) {
		r->slot[head].len = 60 + rnd(1400);
		head = head + 1 == slots ? 0 : head + 1;
	}
	r->head = r->cur = head;
}

static void wait_some(struct file *f)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };

	if (rnd(2))
		p.events |= POLLOUT;
	poll(&p, 1, rnd(5));
	count(POLLS);
}

static void sync_some(struct file *f)
{
	ioctl(f->fd, rnd(2) ? NIOCTXSYNC : NIOCRXSYNC, NULL);
	count(SYNCS);
}

/* Requests with bodies of the right size, and nonsense in them. */
static void request(struct file *f)
{
	static const uint16_t types[] = {
		NETMAP_REQ_PORT_INFO_GET, NETMAP_REQ_VALE_ATTACH,
		NETMAP_REQ_VALE_DETACH, NETMAP_REQ_VALE_LIST,
		NETMAP_REQ_PORT_HDR_SET, NETMAP_REQ_PORT_HDR_GET,
		NETMAP_REQ_VALE_NEWIF, NETMAP_REQ_VALE_NEWIF,
		NETMAP_REQ_VALE_DELIF, NETMAP_REQ_POOLS_INFO_GET,
		NETMAP_REQ_VALE_POLLING_ENABLE,
		NETMAP_REQ_VALE_POLLING_DISABLE, NETMAP_REQ_SYNC_KLOOP_STOP,
		NETMAP_REQ_CSB_ENABLE, NETMAP_REQ_COUNTERS_GET,
		NETMAP_REQ_PORT_STATUS_GET,
	};
	uint64_t body[128];
	struct nmreq_header hdr;
	uint32_t i;

	memset(body, 0, sizeof(body));
	for (i = 0; i < 8 && rnd(2); i++)
		((uint16_t *)body)[i] = rnd(4) ? rnd(4) : rnd(65536);
	header(&hdr, types[rnd(sizeof(types) / sizeof(types[0]))], body);
	if (hdr.nr_reqtype == NETMAP_REQ_VALE_NEWIF ||
	    hdr.nr_reqtype == NETMAP_REQ_VALE_DELIF)
		snprintf(hdr.nr_name, sizeof(hdr.nr_name), "tp%u", rnd(2));
	if (!rnd(30))
		hdr.nr_body = rnd(2) ? 0 : 0x1000;
	if (!rnd(30))
		hdr.nr_options = (uintptr_t)body;
	ioctl(f->fd, NIOCCTRL, &hdr);
	count(REQUESTS);
}

/* A child has descriptors and mappings, too, and leaves before or after us. */
static void fork_some(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		usleep(rnd(20000));
		if (rnd(2))
			_exit(0);
		raise(SIGKILL);
	}
	if (pid > 0 && rnd(2))
		waitpid(pid, NULL, 0);
	count(FORKS);
}

static void step(void)
{
	struct file *f = &files[rnd(FILES)];

	if (f->fd < 0) {
		f->fd = open("/dev/netmap", O_RDWR | O_CLOEXEC);
		if (f->fd < 0) {
			usleep(1000);	/* the module is being exchanged */
			return;
		}
		count(OPENS);
		bind_port(f);
		if (f->bound && rnd(8))
			map_some(f);
		return;
	}
	switch (rnd(20)) {
	case 0:
		shut(f);
		break;
	case 1:
		if (!f->bound)
			bind_port(f);
		break;
	case 2:
		map_some(f);
		break;
	case 3: case 4:
		touch(f);
		break;
	case 5: case 6: case 7: case 8: case 9:
		move_rings(f);
		sync_some(f);
		break;
	case 10: case 11: case 12: case 13: case 14:
		move_rings(f);
		wait_some(f);
		break;
	case 15: case 16: case 17:
		request(f);
		break;
	case 18:
		if (!rnd(8))
			fork_some();
		break;
	case 19:
		if (!f->bound && rnd(2))
			shut(f);
		break;
	}
}

static void work(uint32_t seed)
{
	uint32_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	rng = seed | 1;
	for (i = 0; i < FILES; i++)
		files[i].fd = -1;
	for (;;)
		step();
}

/* --- the parent ------------------------------------------------------------- */

static pid_t start(uint32_t seed)
{
	pid_t pid = fork();

	if (pid == 0)
		work(seed);
	return pid;
}

static void event(const char *program)
{
	char number[16];
	pid_t pid;

	snprintf(number, sizeof(number), "%u", rnd(1u << 20));
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", program, number, (char *)NULL);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	count(EVENTS);
}

int main(int argc, char **argv)
{
	uint32_t secs = 20, procs = 4, seed = (uint32_t)time(NULL), i;
	const char *events = NULL;
	pid_t pid[WORKERS];
	uint64_t end;
	int c;

	while ((c = getopt(argc, argv, "t:p:S:e:")) != -1) {
		switch (c) {
		case 't': secs = atoi(optarg); break;
		case 'p': procs = atoi(optarg); break;
		case 'S': seed = strtoul(optarg, NULL, 0); break;
		case 'e': events = optarg; break;
		default: return 2;
		}
	}
	if (procs < 1 || procs > WORKERS)
		return 2;
	for (; optind < argc && n_names < NAMES; optind++)
		names[n_names++] = argv[optind];
	tally = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 1;
	printf("# torture: seed %u, %u s, %u processes\n", seed, secs, procs);
	fflush(stdout);
	rng = seed | 1;
	for (i = 0; i < procs; i++)
		pid[i] = start(rnd(~0u));
	for (end = seconds() + secs; seconds() < end;) {
		usleep(rnd(150000));
		i = rnd(procs);
		if (!rnd(3)) {
			kill(pid[i], SIGSTOP);
			usleep(rnd(60000));
			kill(pid[i], SIGCONT);
		}
		if (rnd(2)) {
			kill(pid[i], SIGKILL);
			count(KILLS);
		}
		/* killed by us, or by a page that had gone */
		while ((c = waitpid(-1, NULL, WNOHANG)) > 0)
			for (i = 0; i < procs; i++)
				if (pid[i] == c)
					pid[i] = start(rnd(~0u));
		if (events && !rnd(2))
			event(events);
	}
	for (i = 0; i < procs; i++)
		kill(pid[i], SIGKILL);
	while (wait(NULL) > 0)
		;
	printf("#");
	for (i = 0; i < N_COUNTED; i++)
		printf(" %s %llu", count_names[i], (unsigned long long)tally[i]);
	printf("\n");
	return !tally[BOUND] || !tally[MAPPED] || !tally[SYNCS];
}
