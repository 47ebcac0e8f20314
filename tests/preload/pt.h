/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the preload tests share: running tests, raw ports, numbered frames.
 *
 * A test is a function that runs in a process of its own under an alarm; it
 * passes if it returns.  The programs use the binary interface only, as
 * existing programs do: open("/dev/netmap"), ioctl, mmap, and a way to wait.
 */
#ifndef NM_TESTS_PRELOAD_PT_H
#define NM_TESTS_PRELOAD_PT_H

#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <net/netmap_user.h>

struct pt_test {
	const char *name;
	void (*run)(void);
};

/* How a program waits for its port. */
enum pt_how {
	PT_POLL, PT_PPOLL, PT_SELECT, PT_PSELECT, PT_EPOLL, PT_EPOLL_ET,
	PT_SYNC, PT_N_HOW
};

extern const char *const pt_how_name[PT_N_HOW];

struct pt_port {
	int fd;
	int epfd;
	char *mem;
	size_t size;
	struct netmap_if *nifp;
	uint16_t mem_id;
	uint32_t tx0, tx1, rx0, rx1;	/* rings [x0, x1) */
};

/** pt_main - run all tests whose names contain argv[1]; the exit status */
int pt_main(int argc, char **argv, const char *set,
	    const struct pt_test *tests);

void pt_fail(const char *file, int line, const char *what)
	__attribute__((noreturn));
#define CHECK(x) ((x) ? (void)0 : pt_fail(__FILE__, __LINE__, #x))

/** pt_fork - run @fn in a child; it says pt_ready(), which is waited for */
pid_t pt_fork(void (*fn)(void *arg), void *arg);
void pt_ready(void);
/** pt_join - the child must have returned from its function */
void pt_join(pid_t pid);

/** pt_name - "@fmt" with a number of this test run in place of %d */
const char *pt_name(const char *fmt);

int pt_dev(void);
/** pt_legacy - bind with NIOCREGIF and nr_flags 0, and map */
void pt_legacy(struct pt_port *p, const char *name);
/** pt_ctrl - bind with NIOCCTRL, and map unless @parent has the region */
void pt_ctrl(struct pt_port *p, const char *name, uint32_t mode,
	     uint16_t ring, uint64_t flags, const struct pt_port *parent);
void pt_close(struct pt_port *p);

/** pt_wait - until the port has @events, by @how; fails after 10 s */
void pt_wait(struct pt_port *p, short events, enum pt_how how);

/** pt_send, pt_recv - @n frames numbered from @first, contents checked */
void pt_send(struct pt_port *p, uint32_t first, uint32_t n, enum pt_how how);
void pt_recv(struct pt_port *p, uint32_t first, uint32_t n, enum pt_how how);
/** pt_take - frames there are, without waiting; sets bits in @seen */
uint32_t pt_take(struct pt_port *p, uint8_t *seen, uint32_t max);

#define PT_MAXFRAME 1514u
uint32_t pt_frame(uint8_t *buf, uint32_t seq);
/** pt_check - the number of a good frame; fails if it is not one */
uint32_t pt_check(const uint8_t *buf, uint32_t len);

#endif /* NM_TESTS_PRELOAD_PT_H */
