/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The small things of engine/os.h in user mode: locks, clocks, randomness,
 * the log, interface names.
 *
 * The log goes to standard error, one write per line so that lines of several
 * processes do not mix.  A burst of LOG_BURST lines passes, then LOG_PER_S a
 * second; how many were left out is said with the next line that passes.
 */
#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "engine/os.h"
#include "os/user/os_user.h"

#define LOG_BURST	50
#define LOG_PER_S	10

int nm_user_log_level = NM_LOG_WARN;
const char *nm_user_log_name = "";

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t log_last_s;		/* [log_lock] */
static int log_credit = LOG_BURST;	/* [log_lock] */
static unsigned int log_left_out;	/* [log_lock] */

/* A lock that cannot be taken is a bug: there is no way to go on. */
static void must(int error)
{
	if (error) {
		nm_os_log(NM_LOG_ERR, "lock: %s", strerror(error));
		abort();
	}
}

void nm_os_mutex_init(struct nm_os_mutex *m)
{
	must(pthread_mutex_init(&m->lock, NULL));
	m->held = 0;
}

void nm_os_mutex_fini(struct nm_os_mutex *m)
{
	must(pthread_mutex_destroy(&m->lock));
}

void nm_os_mutex_lock(struct nm_os_mutex *m)
{
	must(pthread_mutex_lock(&m->lock));
	m->owner = pthread_self();
	m->held = 1;
}

void nm_os_mutex_unlock(struct nm_os_mutex *m)
{
	nm_os_assert_held(m);
	m->held = 0;
	must(pthread_mutex_unlock(&m->lock));
}

void nm_os_assert_held(struct nm_os_mutex *m)
{
	assert(m->held && pthread_equal(m->owner, pthread_self()));
}

uint64_t nm_os_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint32_t nm_os_now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint32_t)ts.tv_sec;
}

void nm_os_walltime(struct timeval *tv)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
}

uint32_t nm_os_random32(void)
{
	uint32_t v;

	if (getrandom(&v, sizeof(v), GRND_NONBLOCK) != sizeof(v))
		v = (uint32_t)(nm_os_now_ns() * 2654435761u);
	return v;
}

void nm_os_usleep(uint32_t us)
{
	struct timespec ts = {
		.tv_sec = us / 1000000,
		.tv_nsec = (long)(us % 1000000) * 1000,
	};

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

/* May a line pass?  *@left_out: lines that did not since the last that did. */
static int log_may_pass(unsigned int *left_out)
{
	uint32_t now = nm_os_now_s();
	int pass;

	pthread_mutex_lock(&log_lock);
	if (now != log_last_s) {
		uint32_t more = (now - log_last_s) * LOG_PER_S;

		log_last_s = now;
		if (more > LOG_BURST)
			more = LOG_BURST;
		log_credit += (int)more;
		if (log_credit > LOG_BURST)
			log_credit = LOG_BURST;
	}
	pass = log_credit > 0;
	*left_out = 0;
	if (pass) {
		log_credit--;
		*left_out = log_left_out;
		log_left_out = 0;
	} else {
		log_left_out++;
	}
	pthread_mutex_unlock(&log_lock);
	return pass;
}

void nm_os_log(enum nm_log_level level, const char *fmt, ...)
{
	static const char *const word[] = { "error: ", "warning: ", "", "" };
	char line[512];
	unsigned int left_out;
	int error = errno;
	size_t n;
	va_list ap;

	if ((int)level > nm_user_log_level || !log_may_pass(&left_out))
		return;
	n = 0;
	if (left_out)
		n += (size_t)snprintf(line, sizeof(line),
				      "%s%s(%u lines left out)\n",
				      nm_user_log_name,
				      *nm_user_log_name ? ": " : "", left_out);
	n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s%s",
			      nm_user_log_name, *nm_user_log_name ? ": " : "",
			      word[level & 3]);
	va_start(ap, fmt);
	n += (size_t)vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	va_end(ap);
	if (n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	(void)!write(STDERR_FILENO, line, n);	/* nowhere else to complain */
	errno = error;
}

uint64_t nm_user_netns(uint32_t pid)
{
	char path[40];
	struct stat st;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	else
		snprintf(path, sizeof(path), "/proc/self/ns/net");
	return stat(path, &st) ? 0 : (uint64_t)st.st_ino;
}

int nm_os_if_exists(const char *name, const void *ns)
{
	/* names of other namespaces cannot be seen from here */
	if (ns && (uint64_t)(uintptr_t)ns != nm_user_netns(0))
		return 0;
	return if_nametoindex(name) != 0;
}
