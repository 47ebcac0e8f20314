/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library against a live server: each test is a process of its own with a
 * server of its own, run on the direct and on the isolated path.
 */
#ifndef NM_TESTS_LIB_LIVE_H
#define NM_TESTS_LIB_LIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <libnetmap.h>

#include "lib/nmio.h"

enum live_path {
	LIVE_DIRECT = 1,
	LIVE_ISOLATED = 2,
	LIVE_BOTH = 3,
};

struct live_test {
	const char *name;
	void (*run)(void);
	enum live_path paths;
};

extern const struct live_test live_poll[], live_life[], live_start[];

extern const char *live_netmapd;	/* absolute path of the program */
extern char live_dir[64];		/* of this test */
extern char live_path[96];		/* of its server's socket */
extern pid_t live_server;
extern bool live_isolated;		/* this run is on the isolated path */

/** live_server_start - at live_path, as process @pid if not 0; 0 or -1 */
int live_server_start(const char *arg, const char *value, pid_t pid);
/** live_server_kill - SIGKILL, and wait for its end */
void live_server_kill(void);

/** live_skip - leave the test: it cannot run here */
void live_skip(const char *why) __attribute__((noreturn));

bool live_check(bool ok, const char *what, int line);
#define CHECK(cond)	live_check((cond), #cond, __LINE__)
/* Leave the test when it fails. */
#define NEED(cond)							\
	do {								\
		if (!live_check((cond), #cond, __LINE__))		\
			return;						\
	} while (0)

uint64_t live_now_ms(void);
uint64_t live_cpu_ms(void);		/* of this process */
int live_count_fds(pid_t pid);

struct netmap_ring *live_tx(struct nmport_d *d, int i);
struct netmap_ring *live_rx(struct nmport_d *d, int i);

/** live_queue - @n frames of 60 bytes into a tx ring, no sync; how many fit */
uint32_t live_queue(struct netmap_ring *r, uint32_t n);
/** live_take - release all frames of an rx ring; how many */
uint32_t live_take(struct netmap_ring *r);
/** live_poll1 - nmio_poll() of one descriptor; revents, 0 timeout, -1 error */
int live_poll1(int fd, short events, int ms);

#endif /* NM_TESTS_LIB_LIVE_H */
