/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netmap-run: run a program that knows only /dev/netmap in user mode.
 *
 * It sets LD_PRELOAD and the variables that the options stand for, and becomes
 * the program, whose exit status is then ours.  Before that it looks at the
 * file: where no dynamic loader will read LD_PRELOAD the program would not find
 * a device and nobody would know why.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define LIBNETMAP_NOTHREADSAFE
#include <libnetmap.h>

#ifndef NM_LIBDIR
#define NM_LIBDIR	"/usr/local/lib"
#endif

#define SO_NAME		"libnetmap-preload.so"
#define SCRIPT_DEPTH	4	/* interpreters of interpreters, as the kernel */
#define NO_PROGRAM	127	/* as a shell says it */

static const char usage[] =
"usage: netmap-run [options] PROGRAM [ARGUMENT...]\n"
"\n"
"Runs PROGRAM, which opens /dev/netmap by itself, in user mode: netmapd does\n"
"what the kernel module would.  The exit status is that of PROGRAM.\n"
"\n"
"  -H, --home=HOME      user, kernel or auto (default auto: the device if\n"
"                       there is one, else user mode)\n"
"  -s, --socket=PATH    talk to the netmapd that listens at PATH\n"
"  -i, --isolated       let netmapd move all frames (NETMAP_DIRECT=0)\n"
"  -d, --direct         let PROGRAM's threads move frames where they may\n"
"  -v, --verbose        report every request that fails, on standard error\n"
"  -h, --help           this text\n"
"  -V, --version        the version\n"
"\n"
"Environment: NETMAP_HOME, NETMAP_SOCKET, NETMAP_DIRECT, NETMAPD (the server to\n"
"start on demand).  Statically linked and set-user-id programs cannot be run\n"
"this way; they need the kernel module.\n";

static int fail(int status, const char *what, const char *why)
{
	fprintf(stderr, "netmap-run: %s: %s\n", what, why);
	return status;
}

/* --- what kind of program is it ------------------------------------------- */

/* Where execvp() would find @name. */
static int find_program(const char *name, char *path)
{
	const char *dir = getenv("PATH"), *end;
	size_t len;

	if (strchr(name, '/'))
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX ? 0 : -1;
	if (!dir)
		dir = "/usr/local/bin:/bin:/usr/bin";
	for (;; dir = end + 1) {
		end = strchrnul(dir, ':');
		len = end - dir;
		if (snprintf(path, PATH_MAX, "%.*s%s%s", (int)len, dir,
			     len ? "/" : "", name) < PATH_MAX &&
		    access(path, X_OK) == 0)
			return 0;
		if (!*end)
			return -1;
	}
}

/* Return NULL when the loader will take LD_PRELOAD, else why not. */
static const char *elf_objection(int fd, const Elf64_Ehdr *eh)
{
	Elf64_Phdr ph;
	int i;

	if (eh->e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 :
				      ELFCLASS32))
		return "a program of another word size cannot load "
			SO_NAME "; build both for the same machine";
	for (i = 0; i < eh->e_phnum; i++) {
		if (pread(fd, &ph, sizeof(ph), eh->e_phoff +
			  (off_t)i * eh->e_phentsize) != sizeof(ph))
			return "the file is cut off";
		if (ph.p_type == PT_INTERP)
			return NULL;
	}
	return "statically linked programs call the kernel directly and need "
		"the kernel module; link it dynamically to use user mode";
}

/* The interpreter that the #! line in @head names, into @path. */
static int interpreter(char *head, char *path)
{
	char *p = head + 2 + strspn(head + 2, " \t");
	size_t n = strcspn(p, " \t\n");

	if (!n || n >= PATH_MAX)
		return -1;
	memcpy(path, p, n);
	path[n] = '\0';
	return 0;
}

static const char *objection(const char *program)
{
	char path[PATH_MAX], head[PATH_MAX] = "";
	const char *why = NULL;
	struct stat st;
	ssize_t n;
	int fd, depth;

	snprintf(path, sizeof(path), "%s", program);
	for (depth = 0; depth < SCRIPT_DEPTH; depth++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return NULL;	/* may be run but not read */
		memset(head, 0, sizeof(head));
		n = pread(fd, head, sizeof(head) - 1, 0);
		if (!fstat(fd, &st) && geteuid() &&
		    ((st.st_mode & S_ISUID && st.st_uid != geteuid()) ||
		     (st.st_mode & S_ISGID && st.st_gid != getegid())))
			why = "the loader ignores LD_PRELOAD for set-user-id "
				"and set-group-id programs; run a copy without the bit";
		else if (n >= (ssize_t)sizeof(Elf64_Ehdr) &&
			 !memcmp(head, ELFMAG, SELFMAG))
			why = elf_objection(fd, (Elf64_Ehdr *)head);
		close(fd);
		if (why || n < 3 || memcmp(head, "#!", 2) ||
		    interpreter(head, path))
			return why;
	}
	return NULL;
}

/* --- where we are ---------------------------------------------------------- */

/* The first of @rel, relative to our own directory, that is there. */
static int beside_us(const char *const *rel, char *path)
{
	char self[PATH_MAX], try[PATH_MAX + 64], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return -1;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return -1;
	*slash = '\0';
	for (; *rel; rel++) {
		snprintf(try, sizeof(try), "%s/%s", self, *rel);
		if (realpath(try, path))
			return 0;
	}
	return -1;
}

static int find_so(char *path)
{
	static const char *const rel[] = {
		SO_NAME, "../lib/" SO_NAME, NULL
	};

	if (!beside_us(rel, path))
		return 0;
	return realpath(NM_LIBDIR "/" SO_NAME, path) ? 0 : -1;
}

static int set_preload(void)
{
	const char *old = getenv("LD_PRELOAD");
	char so[PATH_MAX], *all;
	int r;

	if (find_so(so))
		return fail(1, SO_NAME, "not found beside netmap-run nor in "
			    NM_LIBDIR "; reinstall, or run it from build/");
	if (strpbrk(so, ": "))
		return fail(1, so, "LD_PRELOAD cannot name a path with a space "
			    "or colon; install it elsewhere");
	if (!old || !old[0])
		return setenv("LD_PRELOAD", so, 1) ? 1 : 0;
	if (asprintf(&all, "%s:%s", so, old) < 0)
		return fail(1, "LD_PRELOAD", "out of memory");
	r = setenv("LD_PRELOAD", all, 1);
	free(all);
	return r ? 1 : 0;
}

/* The library looks for netmapd beside the program, which is not beside us. */
static void set_server(void)
{
	static const char *const rel[] = {
		"netmapd", "../netmapd/netmapd", "../sbin/netmapd", NULL
	};
	char path[PATH_MAX];
	struct stat st;

	if (getenv("NETMAPD") || beside_us(rel, path))
		return;
	if (!stat(path, &st) && S_ISREG(st.st_mode))
		setenv("NETMAPD", path, 1);
}

/* --- options --------------------------------------------------------------- */

static int set_home(const char *home)
{
	if (strcmp(home, "user") && strcmp(home, "kernel") &&
	    strcmp(home, "auto"))
		return fail(2, home, "not a home; use user, kernel or auto");
	setenv("NETMAP_HOME", home, 1);
	return 0;
}

/* A program may change its directory before it opens a port. */
static int set_socket(const char *path)
{
	char cwd[PATH_MAX], *all;

	if (path[0] == '/' || !getcwd(cwd, sizeof(cwd)))
		return setenv("NETMAP_SOCKET", path, 1);
	if (asprintf(&all, "%s/%s", cwd, path) < 0)
		return fail(1, path, "out of memory");
	setenv("NETMAP_SOCKET", all, 1);
	free(all);
	return 0;
}

/* Return -1 to go on, else the exit status. */
static int take_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "home", required_argument, NULL, 'H' },
		{ "socket", required_argument, NULL, 's' },
		{ "isolated", no_argument, NULL, 'i' },
		{ "direct", no_argument, NULL, 'd' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c, r = 0;

	while ((c = getopt_long(argc, argv, "+H:s:idvhV", options, NULL)) >= 0) {
		if (c == 'H') {
			r = set_home(optarg);
		} else if (c == 's') {
			r = set_socket(optarg);
		} else if (c == 'i') {
			setenv("NETMAP_DIRECT", "0", 1);
		} else if (c == 'd') {
			unsetenv("NETMAP_DIRECT");
		} else if (c == 'v') {
			setenv("NETMAP_PRELOAD_VERBOSE", "1", 1);
		} else if (c == 'h') {
			fputs(usage, stdout);
			return fflush(stdout) ? 1 : 0;
		} else if (c == 'V') {
			printf("netmap-run %d.%d\n", LIBNETMAP_VERSION_MAJOR,
			       LIBNETMAP_VERSION_MINOR);
			return fflush(stdout) ? 1 : 0;
		} else {
			fputs("Try 'netmap-run --help'.\n", stderr);
			return 2;
		}
		if (r)
			return r;
	}
	return -1;
}

int main(int argc, char **argv)
{
	char path[PATH_MAX];
	const char *why;
	int r = take_options(argc, argv);

	if (r >= 0)
		return r;
	if (optind == argc) {
		fail(2, "no program given", "what shall be run?");
		fputs("Try 'netmap-run --help'.\n", stderr);
		return 2;
	}
	if (find_program(argv[optind], path))
		return fail(NO_PROGRAM, argv[optind], "not found in PATH");
	why = objection(path);
	if (why)
		return fail(2, path, why);
	r = set_preload();
	if (r)
		return r;
	set_server();
	execv(path, argv + optind);
	return fail(errno == ENOENT ? NO_PROGRAM : 126, path, strerror(errno));
}
