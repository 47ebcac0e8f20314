/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests in processes, and frames; see pt.h.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/preload/pt.h"

#define TEST_SECONDS	40

static int ready_fd = -1;
static int run_number;

void pt_fail(const char *file, int line, const char *what)
{
	printf("# %s:%d: %s (errno %d: %s)\n", file, line, what, errno,
	       strerror(errno));
	fflush(stdout);
	_exit(1);
}

static void timed_out(int sig)
{
	static const char text[] = "# timed out\n";

	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
		_exit(3);
	_exit(2);
}

static int run_one(const struct pt_test *t, const char *set)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		signal(SIGALRM, timed_out);
		signal(SIGPIPE, SIG_DFL);
		alarm(TEST_SECONDS);
		t->run();
		fflush(stdout);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		status = -1;
	if (status)
		printf("# status %#x\n", status);
	printf("%s - %s: %s\n", status ? "not ok" : "ok", set, t->name);
	return status != 0;
}

int pt_main(int argc, char **argv, const char *set, const struct pt_test *tests)
{
	int failed = 0, run = 0;

	for (; tests->name; tests++) {
		run_number++;
		if (argc > 1 && !strstr(tests->name, argv[1]))
			continue;
		failed += run_one(tests, set);
		run++;
	}
	fflush(stdout);
	return failed || (!run && argc < 2);
}

/* --- processes ------------------------------------------------------------ */

pid_t pt_fork(void (*fn)(void *arg), void *arg)
{
	int fds[2];
	char c;
	pid_t pid;

	CHECK(pipe(fds) == 0);
	fflush(stdout);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		alarm(TEST_SECONDS - 5);
		close(fds[0]);
		ready_fd = fds[1];
		fn(arg);
		fflush(stdout);
		_exit(0);
	}
	close(fds[1]);
	CHECK(read(fds[0], &c, 1) == 1);
	close(fds[0]);
	return pid;
}

void pt_ready(void)
{
	CHECK(write(ready_fd, "r", 1) == 1);
	close(ready_fd);
	ready_fd = -1;
}

void pt_join(pid_t pid)
{
	int status;

	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(status == 0);
}

/* Every test has its own switch: nothing is left over from the one before. */
const char *pt_name(const char *fmt)
{
	static char names[8][64];
	static unsigned int k;
	const char *at = strstr(fmt, "%d");
	char *out = names[k++ % 8];

	if (at)
		snprintf(out, 64, "%.*s%d%s", (int)(at - fmt), fmt, run_number,
			 at + 2);
	else
		snprintf(out, 64, "%s", fmt);
	return out;
}

/* --- frames ---------------------------------------------------------------- */

static uint32_t length_of(uint32_t seq)
{
	return 60 + seq * 37 % (PT_MAXFRAME - 60);
}

uint32_t pt_frame(uint8_t *buf, uint32_t seq)
{
	uint32_t len = length_of(seq), i;

	memset(buf, 0xff, 6);
	memcpy(buf + 6, "\x02\x00\x00\x00\x00\x01\x88\xb5", 8);
	memcpy(buf + 14, &seq, sizeof(seq));
	for (i = 18; i < len; i++)
		buf[i] = (uint8_t)(seq * 131 + i * 7);
	return len;
}

uint32_t pt_check(const uint8_t *buf, uint32_t len)
{
	static uint8_t want[PT_MAXFRAME];
	uint32_t seq;

	CHECK(len >= 60 && len <= PT_MAXFRAME);
	memcpy(&seq, buf + 14, sizeof(seq));
	CHECK(pt_frame(want, seq) == len);
	CHECK(memcmp(want, buf, len) == 0);
	return seq;
}
