/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netmapd: the command line, and becoming a daemon.
 *
 * Most servers are started by a client, with a listening socket (--fd) and
 * --daemonize; they end when nobody needs them.  One that is started by hand
 * or by the system finds its own socket and stays.
 *
 * A daemon's parent returns when clients are answered, or with the error that
 * kept the server from getting there.  Until then messages go to where they
 * are read, afterwards to a file beside the socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "engine/os.h"
#include "netmapd/server.h"
#include "os/user/meet.h"
#include "os/user/os_user.h"

#define GRACE_S		2

static int ready_fd = -1;		/* where the parent waits */
static char log_path[NM_MEET_PATH + 8];

static const char usage_text[] =
"Usage: netmapd [options]\n"
"The server of netmap in user mode.  Programs start it by themselves when they\n"
"need it; start it by hand to choose its options, or to serve every user.\n"
"\n"
"  --foreground          stay in the foreground, log to standard error\n"
"  --daemonize           go to the background (the default without --fd)\n"
"  --socket PATH         listen here instead of the user's own place\n"
"  --system              serve every user, at " NM_MEET_SYSTEM "\n"
"  --isolated            run all syncs in the server, trust nobody\n"
"  --grace SECONDS       end so long after the last session (default: stay;\n"
"                        2 with --fd)\n"
"  --log-level LEVEL     error, warning, info or debug (default: warning)\n"
"  --memory MIB          at most so much shared memory for all ports\n"
"  --fd N                descriptor N is a listening socket: use it\n"
"  --param NAME=VALUE    set a parameter of the engine\n"
"  --help, --version\n"
"\n"
"Exit status: 0 ok, 1 failed, 2 wrong usage.\n";

enum {
	O_FOREGROUND = 256, O_DAEMONIZE, O_SOCKET, O_SYSTEM, O_ISOLATED,
	O_GRACE, O_LOG_LEVEL, O_MEMORY, O_FD, O_PARAM, O_HELP, O_VERSION,
};

static const struct option long_options[] = {
	{ "foreground", no_argument, NULL, O_FOREGROUND },
	{ "daemonize", no_argument, NULL, O_DAEMONIZE },
	{ "socket", required_argument, NULL, O_SOCKET },
	{ "system", no_argument, NULL, O_SYSTEM },
	{ "isolated", no_argument, NULL, O_ISOLATED },
	{ "grace", required_argument, NULL, O_GRACE },
	{ "log-level", required_argument, NULL, O_LOG_LEVEL },
	{ "memory", required_argument, NULL, O_MEMORY },
	{ "fd", required_argument, NULL, O_FD },
	{ "param", required_argument, NULL, O_PARAM },
	{ "help", no_argument, NULL, O_HELP },
	{ "version", no_argument, NULL, O_VERSION },
	{ NULL, 0, NULL, 0 },
};

static void usage_error(const char *what, const char *arg)
{
	fprintf(stderr, "netmapd: %s%s; see netmapd --help\n", what, arg);
	exit(2);
}

static long number(const char *option, const char *text, long max)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(text, &end, 10);
	if (errno || end == text || *end || v < 0 || v > max) {
		fprintf(stderr, "netmapd: %s %s: not a number from 0 to %ld; see netmapd --help\n",
			option, text, max);
		exit(2);
	}
	return v;
}

static int log_level(const char *text)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };
	int i;

	for (i = 0; i < 4; i++)
		if (!strcmp(text, names[i]))
			return i;
	usage_error("no such log level: ", text);
	return 0;
}

static void parse(int argc, char **argv, struct nmd_options *o)
{
	int c, foreground = 0;

	o->param = calloc((size_t)argc, sizeof(*o->param));
	if (!o->param)
		exit(1);
	o->listen_fd = -1;
	o->grace_s = INT_MIN;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case O_FOREGROUND:
			foreground = 1;
			break;
		case O_DAEMONIZE:
			o->daemonize = 1;
			break;
		case O_SOCKET:
			o->socket = optarg;
			break;
		case O_SYSTEM:
			o->system = 1;
			break;
		case O_ISOLATED:
			o->isolated = 1;
			break;
		case O_GRACE:
			o->grace_s = (int)number("--grace", optarg, 1000000);
			break;
		case O_LOG_LEVEL:
			nm_user_log_level = log_level(optarg);
			break;
		case O_MEMORY:
			o->mem_limit = (uint64_t)number("--memory", optarg,
							1L << 30) << 20;
			break;
		case O_FD:
			o->listen_fd = (int)number("--fd", optarg, INT_MAX);
			break;
		case O_PARAM:
			o->param[o->n_param++] = optarg;
			break;
		case O_HELP:
			fputs(usage_text, stdout);
			exit(0);
		case O_VERSION:
			printf("netmapd %s, protocol %u.%u\n", NMD_RELEASE,
			       NM_WIRE_VERSION, NM_PLANE_VERSION);
			exit(0);
		default:
			usage_error("cannot use ", argv[optind - 1]);
		}
	}
	if (optind < argc)
		usage_error("takes no arguments: ", argv[optind]);
	if (foreground && o->daemonize)
		usage_error("--foreground and --daemonize exclude each other", "");
	if (o->listen_fd >= 0 && o->socket)
		usage_error("--fd and --socket exclude each other", "");
	if (o->listen_fd < 0 && !foreground)
		o->daemonize = 1;
	if (o->grace_s == INT_MIN)
		o->grace_s = o->listen_fd >= 0 ? GRACE_S : -1;
}

/* The path to listen at.  Return 0, or -1 after saying why not. */
static int choose_path(const struct nmd_options *o, char *path)
{
	char why[200];

	if (o->socket || o->system) {
		const char *p = o->socket ? o->socket : NM_MEET_SYSTEM;

		if (strlen(p) >= NM_MEET_PATH) {
			nm_os_log(NM_LOG_ERR, "%s: longer than %u bytes", p,
				  NM_MEET_PATH - 1);
			return -1;
		}
		nm_meet_absolute(p, path);
		return 0;
	}
	if (nm_meet_own_path(path, why, sizeof(why))) {
		nm_os_log(NM_LOG_ERR, "no place for a socket: %s", why);
		return -1;
	}
	return 0;
}

/* Listen, unless somebody does.  Return the socket; -1 after saying why. */
static int open_door(const struct nmd_options *o, const char *path)
{
	int lock, fd;

	lock = nm_meet_lock(path, 1);
	if (lock < 0) {
		nm_os_log(NM_LOG_ERR, "%s.lock: %s", path, strerror(-lock));
		return -1;
	}
	fd = nm_meet_connect(path);
	if (fd >= 0) {
		close(fd);
		nm_os_log(NM_LOG_ERR, "a server is running already at %s", path);
		fd = -1;
	} else if (fd == -ENOENT || fd == -ECONNREFUSED) {
		fd = nm_meet_listen(path, o->system ? 0666 : 0600);
		if (fd < 0)
			nm_os_log(NM_LOG_ERR, "cannot listen at %s: %s", path,
				  strerror(-fd));
	} else {
		nm_os_log(NM_LOG_ERR, "cannot examine %s: %s", path,
			  strerror(-fd));
	}
	nm_meet_unlock(lock);
	return fd < 0 ? -1 : fd;
}

/*
 * In the child, with the parent waiting for a byte.  Descriptors that whoever
 * started us happened to have open are closed: somebody may be waiting for
 * the end of a pipe.
 */
static void become_daemon(int keep)
{
	int p[2];
	char c;

	if (keep > 3)
		close_range(3, (unsigned int)keep - 1, 0);
	close_range((unsigned int)keep + 1, ~0u, 0);
	if (pipe2(p, O_CLOEXEC)) {
		nm_os_log(NM_LOG_ERR, "pipe: %s", strerror(errno));
		exit(1);
	}
	switch (fork()) {
	case -1:
		nm_os_log(NM_LOG_ERR, "fork: %s", strerror(errno));
		exit(1);
	case 0:
		close(p[0]);
		ready_fd = p[1];
		setsid();
		(void)!chdir("/");
		umask(077);
		return;
	default:
		close(p[1]);
		_exit(read(p[0], &c, 1) == 1 ? 0 : 1);
	}
}

/*
 * Who starts us may have closed these.  What we open must not get their
 * numbers: a daemon gives them up later.
 */
static void fill_standard(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

/* Clients are answered: let the parent go, and let go of its terminal. */
static void daemon_ready(void)
{
	int fd;

	if (ready_fd < 0)
		return;
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		dup2(fd, 0);
		dup2(fd, 1);
		dup2(fd, 2);
		close(fd);
	}
	fd = open(log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND |
		  O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0) {
		dup2(fd, 2);
		close(fd);
	}
	(void)!write(ready_fd, "", 1);
	close(ready_fd);
	ready_fd = -1;
}

/* The socket to serve, inherited or opened here; -1 after saying why. */
static int find_door(const struct nmd_options *o, char *path)
{
	if (o->listen_fd < 0)
		return choose_path(o, path) ? -1 : open_door(o, path);
	if (nm_meet_path_of(o->listen_fd, path)) {
		nm_os_log(NM_LOG_ERR, "--fd %d is not a bound unix socket",
			  o->listen_fd);
		return -1;
	}
	return o->listen_fd;
}

int main(int argc, char **argv)
{
	struct nmd_options o;
	char path[NM_MEET_PATH] = "";
	int fd, r = -1;

	fill_standard();
#ifdef M_MMAP_THRESHOLD
	/*
	 * Tables of a region are large and mostly never touched: fresh pages
	 * each time, not what the heap would have to clear.
	 */
	mallopt(M_MMAP_THRESHOLD, 128 << 10);
#endif
	memset(&o, 0, sizeof(o));
	nm_user_log_name = "netmapd";
	parse(argc, argv, &o);
	fd = find_door(&o, path);
	if (fd < 0)
		goto out;
	snprintf(log_path, sizeof(log_path), "%s.log", path);
	if (o.daemonize)
		become_daemon(fd);
	r = nmd_server_run(&o, fd, daemon_ready);
	if (r)
		nm_os_log(NM_LOG_ERR, "cannot serve %s: %s", path, strerror(-r));
out:
	free(o.param);
	return r ? 1 : 0;
}
