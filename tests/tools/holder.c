/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * holder: one process per port, so that frames can be sent to a port before
 * anybody reads it.
 *
 *	functional -i vale0:a -r 60     DIR/vale0:a        holder of vale0:a
 *	  connect -------------------->   (socket) ------> runs the events on
 *	  status, report <----------------------------------- its own port
 *
 * The events are carried out by the holder itself, so no descriptor has to be
 * passed around and the ports of a test are in processes of their own.  DIR is
 * FUNCTIONAL_DIR, or /tmp/netmap-functional-UID.  Nobody's holder stays for
 * long: it ends when it has not been asked anything for two minutes.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "tests/tools/holder.h"
#include "tests/tools/script.h"

#define HOLDER_IDLE_MS	120000
#define HOLDER_ARGS	4096
#define HOLDER_ARGC	128

struct holder_answer {
	int status;
	char report[SCRIPT_REPORT];
};

static void dir_path(char *path, size_t len)
{
	const char *env = getenv("FUNCTIONAL_DIR");

	if (env && *env)
		snprintf(path, len, "%s", env);
	else
		snprintf(path, len, "/tmp/netmap-functional-%u", getuid());
}

/* Address of the holder of @port: a file name without slashes. */
static int address(const char *port, struct sockaddr_un *sa)
{
	char dir[64];
	char *p;
	int n;

	dir_path(dir, sizeof(dir));
	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	n = snprintf(sa->sun_path, sizeof(sa->sun_path), "%s/%s", dir, port);
	if (n < 0 || (size_t)n >= sizeof(sa->sun_path))
		return -1;
	for (p = sa->sun_path + strlen(dir) + 1; *p; p++)
		if (*p == '/')
			*p = '|';
	return 0;
}

static int reach(const struct sockaddr_un *sa)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0)
		return fd;
	close(fd);
	return -1;
}

int holder_begin(void)
{
	char dir[64];

	dir_path(dir, sizeof(dir));
	return mkdir(dir, 0700) && errno != EEXIST;
}

/* The words of a request, each ended by a zero byte. */
static int split(char *text, ssize_t len, char **argv)
{
	int argc = 0;
	ssize_t i;

	for (i = 0; i < len && argc < HOLDER_ARGC - 1; i += strlen(text + i) + 1)
		argv[argc++] = text + i;
	argv[argc] = NULL;
	return argc;
}

/* Answer one request; 0 when it was the last one. */
static int serve(int fd, struct nmport_d *d)
{
	struct holder_answer a = { 0 };
	char text[HOLDER_ARGS + 1];
	char *argv[HOLDER_ARGC];
	struct script s = { 0 };
	ssize_t len = recv(fd, text, HOLDER_ARGS, 0);

	if (len <= 0)
		return 1;
	text[len] = '\0';
	a.status = script_parse(&s, split(text, len, argv), argv, a.report) ||
		(!s.stop && script_run(&s, d, a.report));
	if (s.stop)
		nmport_close(d);
	if (send(fd, &a, sizeof(a), MSG_NOSIGNAL) < 0)
		return 1;
	return !s.stop;
}

__attribute__((__noreturn__))
static void hold(const struct sockaddr_un *sa, int listener, struct nmport_d *d)
{
	struct pollfd pfd = { .fd = listener, .events = POLLIN };
	int fd, go_on = 1;

	while (go_on && poll(&pfd, 1, HOLDER_IDLE_MS) > 0) {
		fd = accept(listener, NULL, NULL);
		if (fd < 0)
			continue;
		go_on = serve(fd, d);
		if (!go_on)
			unlink(sa->sun_path);
		close(fd);
	}
	unlink(sa->sun_path);
	_exit(0);
}

/* In the child: open the port, tell the parent, then hold. */
__attribute__((__noreturn__))
static void begin(const struct sockaddr_un *sa, const struct script *s, int say)
{
	struct holder_answer a = { .status = 1 };
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct nmport_d *d = NULL;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	unlink(sa->sun_path);
	if (listener < 0 || null < 0 || bind(listener,
			(const struct sockaddr *)sa, sizeof(*sa)) ||
	    listen(listener, 8))
		snprintf(a.report, sizeof(a.report), "%s: %s", sa->sun_path,
			 strerror(errno));
	else
		d = script_open(s, a.report);
	a.status = !d;
	if (!d)
		unlink(sa->sun_path);
	else {
		/* whoever reads our caller's output must not wait for us */
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
	}
	if (write(say, &a, sizeof(a)) != sizeof(a) || !d)
		_exit(1);
	close(say);
	hold(sa, listener, d);
}

static int start(const struct sockaddr_un *sa, const struct script *s,
		 char *report)
{
	struct holder_answer a = { .status = 1 };
	int say[2];
	pid_t pid;

	snprintf(report, SCRIPT_REPORT, "%s: the holder died", s->port);
	if (holder_begin() || pipe2(say, O_CLOEXEC))
		return 1;
	pid = fork();
	if (pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		begin(sa, s, say[1]);
	}
	close(say[1]);
	if (pid > 0 && read(say[0], &a, sizeof(a)) == sizeof(a) && a.status)
		memcpy(report, a.report, sizeof(a.report));
	close(say[0]);
	return a.status;
}

/* Send the words of a command line, get the answer. */
static int talk(int fd, int argc, char **argv, char *report)
{
	struct holder_answer a = { .status = 1 };
	char text[HOLDER_ARGS];
	size_t used = 0, n;
	int i;

	for (i = 0; i < argc; i++) {
		n = strlen(argv[i]) + 1;
		if (used + n > sizeof(text)) {
			snprintf(report, SCRIPT_REPORT, "too many words");
			return 1;
		}
		memcpy(text + used, argv[i], n);
		used += n;
	}
	snprintf(report, SCRIPT_REPORT, "the holder died");
	if (send(fd, text, used, MSG_NOSIGNAL) != (ssize_t)used ||
	    recv(fd, &a, sizeof(a), 0) != sizeof(a))
		return 1;
	memcpy(report, a.report, sizeof(a.report));
	return a.status;
}

int holder_ask(const char *port, int argc, char **argv, char *report)
{
	struct script s;
	struct sockaddr_un sa;
	int fd, ret;

	if (address(port, &sa)) {
		snprintf(report, SCRIPT_REPORT, "%s: name too long", port);
		return 1;
	}
	if (script_parse(&s, argc, argv, report))
		return 1;
	fd = reach(&sa);
	if (fd < 0 && s.stop)
		return 0;
	if (fd < 0) {
		if (start(&sa, &s, report))
			return 1;
		fd = reach(&sa);
	}
	if (fd < 0) {
		snprintf(report, SCRIPT_REPORT, "%s: %s", sa.sun_path,
			 strerror(errno));
		return 1;
	}
	ret = talk(fd, argc, argv, report);
	close(fd);
	return ret;
}

int holder_end(void)
{
	char stop[] = "functional", k[] = "-k", i[] = "-i", x[] = "any";
	char *argv[] = { stop, i, x, k, NULL };
	char dir[64], report[SCRIPT_REPORT];
	struct sockaddr_un sa;
	struct dirent *e;
	DIR *dp;
	int fd;

	dir_path(dir, sizeof(dir));
	dp = opendir(dir);
	if (!dp)
		return 0;
	while ((e = readdir(dp)) != NULL) {
		if (e->d_name[0] == '.' || address(e->d_name, &sa))
			continue;
		fd = reach(&sa);
		if (fd < 0)
			continue;
		talk(fd, 4, argv, report);
		close(fd);
	}
	closedir(dp);
	return 0;
}
