/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session's life.
 *
 *   accepted --HELLO--> greeted --REGISTER--> bound --hang-up--> closed
 *
 * Whatever does not make sense closes the session: there is nothing to
 * negotiate with a client that speaks another protocol.  A client waits for
 * the reply before it asks again, so a reply that does not fit into the
 * socket is such a case, too; nothing is ever queued here, and a session
 * costs a structure of fixed size, what the engine keeps, and three
 * descriptors at most.
 *
 * The order of closing matters: actors first (nothing that a dead process
 * had reserved is left), then the worker (what was published is sent), the
 * list of waiters, and the descriptor of the engine.
 *
 * Every message carries the process that sent it (SO_PASSCRED): descriptors
 * are inherited and passed on, so it need not be the one that connected.
 */
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "engine/os.h"
#include "netmapd/process.h"
#include "netmapd/requests.h"
#include "netmapd/wake.h"
#include "netmapd/worker.h"
#include "os/user/os_user.h"

static void link_session(struct nmd_session *ss)
{
	struct nmd_server *s = ss->srv;

	ss->next = s->sessions;
	if (ss->next)
		ss->next->link = &ss->next;
	ss->link = &s->sessions;
	s->sessions = ss;
	s->n_sessions++;
}

static void unlink_session(struct nmd_session *ss)
{
	*ss->link = ss->next;
	if (ss->next)
		ss->next->link = ss->link;
	ss->next = ss->srv->dead;
	ss->srv->dead = ss;
	ss->srv->n_sessions--;
}

void nmd_session_close(struct nmd_session *ss, const char *why)
{
	struct nmd_server *s = ss->srv;

	if (ss->closed)
		return;
	ss->closed = 1;
	if (why)
		nm_os_log(NM_LOG_WARN, "session of process %u (user %u) closed: %s",
			  ss->pid, ss->uid, why);
	else
		nm_os_log(NM_LOG_DEBUG, "session of process %u ended", ss->pid);
	nmd_procs_settle(ss);
	if (ss->is_bound) {
		nmd_worker_unbind(s->worker, ss);
		nmd_wake_unbind(ss);
	}
	if (ss->file)
		nm_file_close(ss->file);
	nmd_wake_close(ss);
	if (!ss->direct && ss->doorbell >= 0) {
		nmd_worker_no_doorbell(s->worker, ss->doorbell);
		close(ss->doorbell);
	}
	epoll_ctl(s->hup_epfd, EPOLL_CTL_DEL, ss->src.fd, NULL);
	nmd_unwatch(s, &ss->src);
	unlink_session(ss);
	nmd_server_settle(s);
	nmd_server_sessions_changed(s);
}

void nmd_sessions_reap(struct nmd_server *s)
{
	struct nmd_session *ss;

	while ((ss = s->dead)) {
		s->dead = ss->next;
		free(ss);
	}
}

int nmd_session_refresh(struct nmd_session *ss, int result)
{
	int r;

	if (ss->is_bound || nm_file_bound(ss->file, &ss->bound))
		return result;
	r = nmd_wake_bind(ss);
	if (!r && !ss->direct) {
		r = nmd_worker_bind(ss->srv->worker, ss);
		if (r)
			nmd_wake_unbind(ss);
	}
	if (r) {
		ss->unwell = 1;
		return r;
	}
	ss->is_bound = 1;
	return result;
}

static void note_sender(struct nmd_session *ss, uint32_t pid)
{
	uint32_t i;

	ss->from = pid;
	for (i = 0; i < ss->n_pids && i < NMD_SESSION_PIDS; i++)
		if (ss->pids[i] == pid)
			return;
	if (ss->n_pids < NMD_SESSION_PIDS)
		ss->pids[ss->n_pids++] = pid;
	else
		ss->n_pids = NMD_SESSION_PIDS + 1;
}

/*
 * One message into the server's buffer.
 * Return: bytes; 0 hang-up; -EAGAIN there is none; -EMSGSIZE it is too long.
 */
static ssize_t receive(struct nmd_session *ss)
{
	union {
		char space[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {
		.iov_base = &ss->srv->msg, .iov_len = sizeof(ss->srv->msg),
	};
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	struct ucred cred = { .pid = 0 };
	ssize_t n;

	do {
		n = recvmsg(ss->src.fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	for (c = CMSG_FIRSTHDR(&mh); c; c = CMSG_NXTHDR(&mh, c))
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_CREDENTIALS)
			memcpy(&cred, CMSG_DATA(c), sizeof(cred));
	if (mh.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	/*
	 * A greeting sent after we accepted and before we asked for
	 * credentials carries none: it is from whoever connected.
	 */
	if (!cred.pid && !ss->file)
		cred.pid = (pid_t)ss->pid;
	if (n)
		note_sender(ss, (uint32_t)cred.pid);
	return n;
}

/* Return: 0; -errno: the client does not read its replies, or is gone. */
static int reply(struct nmd_session *ss, size_t len, const struct nmd_fds *fds)
{
	union {
		char space[CMSG_SPACE(NM_WIRE_MAX_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = &ss->srv->msg, .iov_len = len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t n;

	if (fds->n) {
		memset(&control, 0, sizeof(control));
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(fds->n * sizeof(int));
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(fds->n * sizeof(int));
		memcpy(CMSG_DATA(c), fds->fd, fds->n * sizeof(int));
	}
	do {
		n = sendmsg(ss->src.fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* One message; 0 when there may be another. */
static int serve_one(struct nmd_session *ss)
{
	struct nmd_fds fds;
	const char *why = NULL;
	ssize_t n;
	int r;

	n = receive(ss);
	if (n == -EAGAIN)
		return 1;
	if (n <= 0) {
		nmd_session_close(ss, n == -EMSGSIZE ?
				  "it sent a message that is too long" : NULL);
		return 1;
	}
	r = nmd_request(ss, (size_t)n, &fds, &why);
	if (r < 0) {
		nmd_session_close(ss, why);
		return 1;
	}
	n = r ? reply(ss, (size_t)r, &fds) : 0;
	if (n && n != -EPIPE && n != -ECONNRESET) {
		nmd_session_close(ss, "it does not read its replies");
		return 1;
	}
	if (ss->unwell)
		nmd_session_close(ss, "no memory to keep track of its rings");
	return ss->closed;
}

/*
 * Sessions whose clients have closed them.  A client can ask over another
 * connection for what he has just given up, and events come in no order that
 * one could rely on: so these first, with all that was still said over them.
 */
static void serve_hangups(struct nmd_server *s)
{
	struct nmd_session *ss;
	struct epoll_event ev;

	while (epoll_wait(s->hup_epfd, &ev, 1, 0) == 1) {
		ss = ev.data.ptr;
		while (!serve_one(ss))
			;
		nmd_session_close(ss, NULL);
	}
}

static void session_ready(struct nmd_source *src, uint32_t events)
{
	struct nmd_session *ss = (struct nmd_session *)src;

	serve_hangups(ss->srv);
	if (!ss->closed)
		serve_one(ss);
}

/* Another user's sessions must leave descriptors for everybody else's. */
static int too_many_of(struct nmd_server *s, uint32_t uid)
{
	const struct nmd_session *ss;
	uint32_t n = 0;

	if (uid == geteuid())
		return 0;
	for (ss = s->sessions; ss; ss = ss->next)
		n += ss->uid == uid;
	return n >= s->max_fds / 12;
}

void nmd_session_accept(struct nmd_server *s, int fd)
{
	struct nmd_session *ss = calloc(1, sizeof(*ss));
	struct epoll_event hup = { .events = 0, .data.ptr = ss };
	struct ucred cred;
	socklen_t len = sizeof(cred);
	int on = 1;

	if (!ss || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) ||
	    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
		goto err_fd;
	if (too_many_of(s, cred.uid)) {
		nm_os_log(NM_LOG_WARN, "user %u has too many sessions: one more refused",
			  cred.uid);
		goto err_fd;
	}
	ss->srv = s;
	ss->src.fd = fd;
	ss->src.ready = session_ready;
	ss->pid = (uint32_t)cred.pid;
	ss->uid = cred.uid;
	ss->why = "";
	ss->wake_rx = ss->wake_tx = ss->doorbell = -1;
	/* of who cannot be looked at we assume that he is where we are */
	ss->netns = ss->pid ? nm_user_netns(ss->pid) : 0;
	if (!ss->netns)
		ss->netns = nm_user_netns(0);
	if (epoll_ctl(s->hup_epfd, EPOLL_CTL_ADD, fd, &hup) ||
	    nmd_watch(s, &ss->src))
		goto err_fd;
	link_session(ss);
	nmd_server_sessions_changed(s);
	return;
err_fd:
	close(fd);
	free(ss);
}
