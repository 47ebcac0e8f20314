/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server's main loop and its end.
 *
 * One event at a time: whoever is freed while an event is handled has no
 * other one waiting in our hands.  Of a session one message at a time, and
 * before it those whose clients have gone (session.c): what a client closed
 * before he asked for something is closed when we look at what he asks.
 *
 * An idle server sleeps without limit; the
 * timer is armed only while the engine has something in quarantine or in a
 * grace period, and when the last session has gone and the server is one that
 * ends then.
 *
 * Such a server must not end with a client at the door.  It takes the lock of
 * the meeting place (os/user/meet.c), stops listening, and looks: whoever had
 * connected before is still let in, and we listen anew.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "engine/engine_priv.h"
#include "engine/os.h"
#include "engine/port.h"
#include "engine/vale_ops.h"
#include "netmapd/nics.h"
#include "netmapd/process.h"
#include "netmapd/regions.h"
#include "netmapd/wake.h"
#include "netmapd/worker.h"
#include "os/user/meet.h"
#include "os/user/os_user.h"

#define TICK_NS		10000000u
#define ACCEPT_BATCH	16

#define of_source(src, field) \
	((struct nmd_server *)(void *)((char *)(src) - \
				       offsetof(struct nmd_server, field)))

/* What is watched */

int nmd_watch(struct nmd_server *s, struct nmd_source *src)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = src };

	return epoll_ctl(s->epfd, EPOLL_CTL_ADD, src->fd, &ev) ? -errno : 0;
}

void nmd_unwatch(struct nmd_server *s, struct nmd_source *src)
{
	if (src->fd < 0)
		return;
	epoll_ctl(s->epfd, EPOLL_CTL_DEL, src->fd, NULL);
	close(src->fd);
	src->fd = -1;
}

/* Time */

static void arm(struct nmd_server *s)
{
	uint64_t at = s->tick_at;
	struct itimerspec it;

	if (s->grace_at && (!at || s->grace_at < at))
		at = s->grace_at;
	memset(&it, 0, sizeof(it));
	it.it_value.tv_sec = (time_t)(at / 1000000000u);
	it.it_value.tv_nsec = (long)(at % 1000000000u);
	timerfd_settime(s->timer.fd, TFD_TIMER_ABSTIME, &it, NULL);
}

static void tell_changed(struct nmd_server *s)
{
	struct nmd_session *ss;
	uint32_t i, k;

	if (s->n_changed > NMD_CHANGED) {
		for (ss = s->sessions; ss; ss = ss->next)
			if (ss->is_bound)
				nmd_wake_session(ss);
	} else {
		for (i = 0; i < s->n_changed; i++)
			for (k = 0; k < s->changed[i].n; k++)
				nmd_wake_ring(s->changed[i].ring0 + k,
					      NMD_WAKE_ALL);
	}
	s->n_changed = 0;
}

void nmd_server_settle(struct nmd_server *s)
{
	uint64_t was = s->tick_at;

	tell_changed(s);
	s->tick_at = 0;
	if (nm_engine_tick(s->engine))
		s->tick_at = nm_os_now_ns() + TICK_NS;
	if (was || s->tick_at)
		arm(s);
}

/* Ports that were made to outlive their makers. */
static int has_persistent_ports(struct nmd_server *s)
{
	struct nm_engine *e = s->engine;
	const struct nm_port *p;
	uint32_t i;
	int yes = 0;

	nm_engine_lock(e);
	for (i = 0; i < NM_PORT_HASH && !yes; i++)
		for (p = e->ports[i]; p && !yes; p = p->hash_next)
			yes = p->persistent == 1;
	nm_engine_unlock(e);
	return yes;
}

static void watch_listener(struct nmd_server *s)
{
	if (!s->accepting && s->listener.fd >= 0 && !nmd_watch(s, &s->listener))
		s->accepting = 1;
}

void nmd_server_sessions_changed(struct nmd_server *s)
{
	uint64_t was = s->grace_at;

	watch_listener(s);
	s->grace_at = 0;
	if (s->opt->grace_s >= 0 && !s->n_sessions && !has_persistent_ports(s))
		s->grace_at = nm_os_now_ns() +
			(uint64_t)s->opt->grace_s * 1000000000u + 1;
	if (was || s->grace_at)
		arm(s);
}

/* The door */

static int accept_one(struct nmd_server *s)
{
	int fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0) {
		nmd_session_accept(s, fd);
		return 1;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
	    errno == ENOBUFS) {
		nm_os_log(NM_LOG_ERR, "no descriptor for another session (%u sessions): %s",
			  s->n_sessions, strerror(errno));
		/* until one ends: there is nothing else to wait for */
		epoll_ctl(s->epfd, EPOLL_CTL_DEL, s->listener.fd, NULL);
		s->accepting = 0;
		return 0;
	}
	return errno == EINTR || errno == ECONNABORTED;
}

static void listener_ready(struct nmd_source *src, uint32_t events)
{
	struct nmd_server *s = of_source(src, listener);
	int i;

	for (i = 0; i < ACCEPT_BATCH && accept_one(s); i++)
		;
}

static void take_listener(struct nmd_server *s, int fd)
{
	struct stat st;
	int on = 1;

	/* inherited by sessions where the kernel can do that */
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	s->listener.fd = fd;
	s->listener.ready = listener_ready;
	s->path_ino = s->path[0] && !lstat(s->path, &st) ? st.st_ino : 0;
	s->accepting = 0;
}

static void remove_socket(struct nmd_server *s)
{
	struct stat st;

	if (s->path_ino && !lstat(s->path, &st) && st.st_ino == s->path_ino)
		unlink(s->path);
	s->path_ino = 0;
}

/* Nobody was here for a while: end, unless somebody is coming. */
static void try_end(struct nmd_server *s)
{
	uint32_t before = s->n_sessions;
	int lock = -1, fd;

	if (s->path_ino) {
		lock = nm_meet_lock(s->path, 0);
		if (lock < 0) {		/* a client is just looking for us */
			nmd_server_sessions_changed(s);
			return;
		}
	}
	shutdown(s->listener.fd, SHUT_RDWR);
	while (accept_one(s))
		;
	nmd_unwatch(s, &s->listener);
	if (s->n_sessions == before) {
		remove_socket(s);
		s->stop = 1;
	} else {
		fd = nm_meet_listen(s->path, s->opt->system ? 0666 : 0600);
		if (fd >= 0) {
			take_listener(s, fd);
			watch_listener(s);
		} else {
			nm_os_log(NM_LOG_ERR, "cannot listen on %s any more: %s",
				  s->path, strerror(-fd));
		}
	}
	if (lock >= 0)
		nm_meet_unlock(lock);
}

/* Events that are the server's own */

static void timer_ready(struct nmd_source *src, uint32_t events)
{
	struct nmd_server *s = of_source(src, timer);
	uint64_t now, n;

	(void)!read(src->fd, &n, sizeof(n));
	now = nm_os_now_ns();
	if (s->tick_at && now >= s->tick_at)
		nmd_server_settle(s);
	if (s->grace_at && now >= s->grace_at) {
		s->grace_at = 0;
		try_end(s);
	}
	arm(s);
}

static void signals_ready(struct nmd_source *src, uint32_t events)
{
	struct nmd_server *s = of_source(src, signals);
	struct signalfd_siginfo si;

	if (read(src->fd, &si, sizeof(si)) != sizeof(si))
		return;
	nm_os_log(NM_LOG_INFO, "signal %u: ending with %u sessions",
		  si.ssi_signo, s->n_sessions);
	s->stop = 1;
}

void nmd_server_alarm(struct nmd_server *s)
{
	uint64_t one = 1;

	(void)!write(s->alarm.fd, &one, sizeof(one));
}

void nmd_server_stalled(struct nmd_server *s, uint32_t ring)
{
	nm_store32_rel(&s->stalled, ring + 1);
	nmd_server_alarm(s);
}

static void alarm_ready(struct nmd_source *src, uint32_t events)
{
	struct nmd_server *s = of_source(src, alarm);
	uint32_t ring;
	uint64_t n;

	(void)!read(src->fd, &n, sizeof(n));
	nmd_sigbus_settle(s);
	ring = nm_xchg32(&s->stalled, 0);
	if (ring) {
		nm_ring_stalled(s->engine, ring - 1);
		nmd_worker_kick(s->worker);
		nmd_server_settle(s);
	}
}

/* What the engine tells us, with its lock held */

static void on_serve(struct nm_engine *e, struct nm_port *p, int on)
{
	struct nmd_server *s = nm_engine_host(e);

	nmd_worker_port(s->worker, p, on);
	if (s->n_changed < NMD_CHANGED) {
		s->changed[s->n_changed].ring0 = p->ring0;
		s->changed[s->n_changed].n = nm_port_n_rings(p);
	}
	if (s->n_changed <= NMD_CHANGED)
		s->n_changed++;
}

static const struct nm_host_ops host_ops = {
	.serve = on_serve,
	.client_spreads = 1,
	.drive = nmd_nics_drive,
	.nic = &nmd_nic_ops,
};

/* The server sees every region from the moment it is made. */
static int op_map_region(struct nm_plane *pl, uint32_t region)
{
	return pl->mem[region & (NM_MAX_REGIONS - 1)].base ? 0 : -ENODEV;
}

/* Addresses of clients mean nothing here. */
static int op_copy_in(struct nm_plane *pl, struct nm_actor *me, void *dst,
		      uint64_t uaddr, uint32_t len)
{
	return -EOPNOTSUPP;
}

static const struct nm_plane_ops plane_ops = {
	.wake = nmd_wake_op,
	.map_region = op_map_region,
	.copy_in = op_copy_in,
	.lookup = nm_vale_ops_lookup,
	.frames_out = nmd_nics_frames_out,
	.in_flight = nmd_nics_in_flight,
};

/* Beginning and end */

static int set_params(struct nmd_server *s)
{
	unsigned int i;

	for (i = 0; i < s->opt->n_param; i++) {
		char name[64], *end;
		const char *text = s->opt->param[i];
		const char *eq = strchr(text, '=');
		long long value;
		int r = -EINVAL;

		if (eq && (size_t)(eq - text) < sizeof(name)) {
			snprintf(name, sizeof(name), "%.*s", (int)(eq - text),
				 text);
			errno = 0;
			value = strtoll(eq + 1, &end, 0);
			if (end != eq + 1 && !*end && !errno)
				r = nm_param_set(nm_engine_params(s->engine),
						 name, value);
		}
		if (r) {
			nm_os_log(NM_LOG_ERR, "--param %s: %s", text,
				  r == -ENOENT ? "there is no such parameter" :
				  r == -EPERM ? "cannot be set" :
				  r == -ERANGE ? "out of range" :
				  "give NAME=NUMBER");
			return r;
		}
	}
	return 0;
}

static uint32_t raise_descriptors(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl))
		return 1024;
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
	getrlimit(RLIMIT_NOFILE, &rl);
	return rl.rlim_cur > UINT32_MAX ? UINT32_MAX : (uint32_t)rl.rlim_cur;
}

static int open_sources(struct nmd_server *s)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);

	s->epfd = epoll_create1(EPOLL_CLOEXEC);
	s->hup_epfd = epoll_create1(EPOLL_CLOEXEC);
	s->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	s->signals.ready = signals_ready;
	s->timer.fd = timerfd_create(CLOCK_MONOTONIC,
				     TFD_CLOEXEC | TFD_NONBLOCK);
	s->timer.ready = timer_ready;
	s->alarm.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->alarm.ready = alarm_ready;
	s->doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->epfd < 0 || s->hup_epfd < 0 || s->signals.fd < 0 || s->timer.fd < 0 ||
	    s->alarm.fd < 0 || s->doorbell < 0)
		return -EMFILE;
	if (nmd_watch(s, &s->signals) || nmd_watch(s, &s->timer) ||
	    nmd_watch(s, &s->alarm))
		return -ENOMEM;
	return 0;
}

static void close_sources(struct nmd_server *s)
{
	nmd_unwatch(s, &s->listener);
	nmd_unwatch(s, &s->signals);
	nmd_unwatch(s, &s->timer);
	nmd_unwatch(s, &s->alarm);
	if (s->doorbell >= 0)
		close(s->doorbell);
	if (s->hup_epfd >= 0)
		close(s->hup_epfd);
	if (s->epfd >= 0)
		close(s->epfd);
}

static int start(struct nmd_server *s, int listen_fd)
{
	int r;

	r = nm_meet_path_of(listen_fd, s->path);
	if (r)
		return r;
	take_listener(s, listen_fd);
	s->max_fds = raise_descriptors();
	nm_user_mem_limit(s->opt->mem_limit);
	r = open_sources(s);
	if (r)
		return r;
	r = nm_engine_create(&host_ops, &plane_ops, s, NM_HOME_USER,
			     &s->engine);
	if (r)
		return r;
	s->plane = nm_engine_plane(s->engine);
	s->nics = nmd_nics_new(s);
	r = s->nics ? set_params(s) : -ENOMEM;
	if (!r)
		r = nmd_worker_start(s);
	if (!r)
		r = nmd_worker_doorbell(s->worker, s->doorbell);
	if (r)
		return r;
	nmd_sigbus_init(s);
	watch_listener(s);
	return s->accepting ? 0 : -ENOMEM;
}

static void finish(struct nmd_server *s)
{
	remove_socket(s);
	while (s->sessions)
		nmd_session_close(s->sessions, NULL);
	nmd_sessions_reap(s);
	nmd_procs_fini(s);
	if (s->engine)
		nm_engine_detach_nics(s->engine);
	if (s->worker)
		nmd_worker_stop(s);
	if (s->engine)
		nm_engine_destroy(s->engine);
	nmd_nics_free(s->nics);
	close_sources(s);
}

static void loop(struct nmd_server *s)
{
	struct nmd_source *src;
	struct epoll_event ev;

	while (!s->stop) {
		if (epoll_wait(s->epfd, &ev, 1, -1) != 1)
			continue;
		src = ev.data.ptr;
		src->ready(src, ev.events);
		nmd_sessions_reap(s);
	}
}

int nmd_server_run(const struct nmd_options *opt, int listen_fd,
		   void (*ready)(void))
{
	struct nmd_server *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->opt = opt;
	s->epfd = s->hup_epfd = -1;
	s->listener.fd = s->signals.fd = s->timer.fd = -1;
	s->alarm.fd = s->doorbell = -1;
	r = start(s, listen_fd);
	if (!r) {
		nm_os_log(NM_LOG_INFO, "netmapd %s, process %d, serves %s",
			  NMD_RELEASE, getpid(), s->path);
		if (ready)
			ready();
		nmd_server_sessions_changed(s);
		loop(s);
	}
	finish(s);
	free(s);
	return r;
}
