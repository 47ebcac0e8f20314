/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of messages and a handler for each.
 *
 * A handler finds the body in the server's message buffer, checked for its
 * length only, and leaves the reply's body in the same place; what it returns
 * becomes the reply's result.  The whole body is sent back whatever the
 * result, so a handler leaves nothing in it that is not the client's to see.
 */
#include <sys/eventfd.h>
#include <unistd.h>
#include "engine/os.h"
#include "netmapd/creds.h"
#include "netmapd/process.h"
#include "netmapd/regions.h"
#include "netmapd/requests.h"
#include "netmapd/wake.h"
#include "netmapd/worker.h"

#define BODY(field) ((uint32_t)sizeof(((struct nm_wire *)0)->u.field))

#define ANYBODY		1u	/* before HELLO as well */
#define TRUSTED		2u	/* direct sessions only */
#define SILENT		4u	/* no reply */

struct message {
	const char *name;
	uint32_t in, out;	/* bytes of the body */
	uint32_t flags;
	int (*handler)(struct nmd_session *ss, struct nm_wire *m,
		       struct nmd_fds *fds);
};

/* Whether the sender of a HELLO, and so this session, is direct. */
static uint32_t decide(struct nmd_session *ss, uint32_t flags,
		       const char **why)
{
	uint32_t direct;
	int fd;

	if (ss->srv->opt->isolated) {
		*why = "isolated: the server was started with --isolated";
		return 0;
	}
	if (flags & NM_HELLO_NO_DIRECT) {
		*why = "isolated: the client asked for it (NETMAP_DIRECT=0)";
		return 0;
	}
	fd = nmd_pidfd(ss->from == ss->pid ? ss->src.fd : -1, ss->from);
	direct = (uint32_t)nmd_creds_direct(ss->from, ss->uid, fd, why);
	if (fd >= 0)
		close(fd);
	return direct;
}

/* The descriptors of a session and its file in the engine. */
static int set_up(struct nmd_session *ss)
{
	struct nmd_server *s = ss->srv;
	struct nm_cred cred = {
		.uid = ss->uid,
		.pid = ss->pid,
		.ns = (const void *)(uintptr_t)ss->netns,
		.ns_id = ss->netns,
		.user_ns = nmd_user_ns(ss->from),
		.direct = ss->direct,
		.why = ss->why,
	};
	int r;

	r = nmd_wake_open(ss);
	if (r)
		return r;
	ss->doorbell = s->doorbell;
	if (!ss->direct) {
		ss->doorbell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		r = ss->doorbell < 0 ? -errno :
			nmd_worker_doorbell(s->worker, ss->doorbell);
		if (r)
			goto err_doorbell;
	}
	r = nm_file_open(s->engine, &cred, &ss->file);
	if (!r)
		return 0;
err_doorbell:
	if (!ss->direct && ss->doorbell >= 0) {
		nmd_worker_no_doorbell(s->worker, ss->doorbell);
		close(ss->doorbell);
	}
	ss->doorbell = -1;
	nmd_wake_close(ss);
	return r;
}

static void describe_server(struct nmd_server *s, struct nm_wire_hello *h)
{
	memset(h, 0, sizeof(*h));
	h->version = NM_WIRE_VERSION;
	h->plane_version = NM_PLANE_VERSION;
	h->server_pid = (uint32_t)getpid();
	h->server_uid = (uint32_t)geteuid();
	snprintf(h->release, sizeof(h->release), "netmapd %s", NMD_RELEASE);
}

static int do_hello(struct nmd_session *ss, struct nm_wire *m,
		    struct nmd_fds *fds)
{
	struct nmd_server *s = ss->srv;
	struct nm_wire_hello *h = &m->u.hello;
	uint32_t flags = h->flags, direct;
	int match = h->version == NM_WIRE_VERSION &&
		h->plane_version == NM_PLANE_VERSION;
	const char *why;
	int r;

	describe_server(s, h);
	if (!match)
		return -EPROTONOSUPPORT;
	direct = decide(ss, flags, &why);
	if (!ss->file) {
		ss->direct = direct;
		ss->why = why;
		r = set_up(ss);
		if (r)
			return r;
	} else if (ss->direct && !direct) {
		/* passed on to somebody who may not have what it gives */
		snprintf(h->why, sizeof(h->why), "%s", why);
		return -EPERM;
	}
	h->direct = ss->direct;
	snprintf(h->why, sizeof(h->why), "%s", ss->why);
	fds->fd[fds->n++] = ss->wake_rx;
	fds->fd[fds->n++] = ss->doorbell;
	if (ss->direct) {
		h->plane_size = s->plane->hdr->size;
		fds->fd[fds->n++] = s->plane->rings.fd;
	}
	return 0;
}

/* @was: whether it was bound before the request at hand. */
static void fill_bound(struct nmd_session *ss, struct nm_wire_bound *w, int was)
{
	const struct nm_bound *b = &ss->bound;

	memset(w, 0, sizeof(*w));
	if (!ss->is_bound)
		return;
	w->bound = 1;
	w->port = b->port_idx;
	w->port_gen = b->port_gen;
	w->region = b->region;
	w->ring0 = b->ring0;
	w->n_rx = b->n_rx;
	w->n_tx = b->n_tx;
	w->rx_first = b->rx_first;
	w->rx_n = b->rx_n;
	w->tx_first = b->tx_first;
	w->tx_n = b->tx_n;
	w->direct = ss->direct;
	w->nr_flags = b->nr_flags;
	w->nifp_ofs = b->nifp_ofs;
	w->mem_size = b->mem_size;
	w->buf_ofs = b->buf_ofs;
	w->n_bufs = b->n_bufs;
	w->buf_size = b->buf_size;
	w->n_extra = was ? 0 : b->n_extra;
}

static int do_ctrl(struct nmd_session *ss, struct nm_wire *m,
		   struct nmd_fds *fds)
{
	int was = ss->is_bound;
	int r = nm_file_ctrl(ss->file, &m->u.ctrl.rb);

	r = nmd_session_refresh(ss, r);
	m->u.ctrl.rb.error = r;
	fill_bound(ss, &m->u.ctrl.bound, was);
	return r;
}

static void say_why(struct nmd_session *ss, int r, char *text, size_t len)
{
	memset(text, 0, len);
	if (r)
		snprintf(text, len, "%s", nm_file_error(ss->file));
}

static int do_legacy(struct nmd_session *ss, struct nm_wire *m,
		     struct nmd_fds *fds)
{
	struct nm_wire_legacy *l = &m->u.legacy;
	int was = ss->is_bound;
	int r = nm_file_legacy(ss->file, l->getinfo != 0, &l->nmr);

	r = nmd_session_refresh(ss, r);
	fill_bound(ss, &l->bound, was);
	say_why(ss, r, l->message, sizeof(l->message));
	return r;
}

static int do_config(struct nmd_session *ss, struct nm_wire *m,
		     struct nmd_fds *fds)
{
	struct nm_wire_config *c = &m->u.config;
	int r = nm_file_config(ss->file, &c->ifr);

	say_why(ss, r, c->message, sizeof(c->message));
	return r;
}

static int do_bound(struct nmd_session *ss, struct nm_wire *m,
		    struct nmd_fds *fds)
{
	fill_bound(ss, &m->u.bound, 1);
	return 0;
}

static int do_map(struct nmd_session *ss, struct nm_wire *m,
		  struct nmd_fds *fds)
{
	int fd, r = nmd_region_map(ss, &m->u.map, &fd);

	if (!r)
		fds->fd[fds->n++] = fd;
	return r;
}

static int do_actor(struct nmd_session *ss, struct nm_wire *m,
		    struct nmd_fds *fds)
{
	struct nm_wire_actor *a = &m->u.actor;

	if (a->end)
		return nmd_actor_end(ss, a->id);
	return nmd_actor_new(ss, &a->id);
}

static int do_sleepers(struct nmd_session *ss, struct nm_wire *m,
		       struct nmd_fds *fds)
{
	struct nmd_server *s = ss->srv;
	struct nm_wire_sleepers *sl = &m->u.sleepers;
	uint32_t ring = m->u.ring.ring;

	memset(sl, 0, sizeof(*sl));
	sl->ring = ring;
	if (ring >= NM_MAX_RINGS)
		return -ENODEV;
	sl->wake_gen = nm_load32_acq(&nm_pring_at(s->plane, ring)->wake_gen);
	/* the worker sleeps on a ring that it serves */
	if (nmd_worker_serves(s->worker, ring))
		fds->fd[fds->n++] = s->doorbell;
	fds->n += nmd_wake_fds(ring, fds->fd + fds->n,
			       NM_WIRE_MAX_FDS - fds->n, &sl->more);
	sl->n = fds->n;
	return 0;
}

static int do_wake(struct nmd_session *ss, struct nm_wire *m,
		   struct nmd_fds *fds)
{
	struct nmd_server *s = ss->srv;

	if (m->u.ring.ring >= NM_MAX_RINGS)
		return -ENODEV;
	nmd_wake_ring(m->u.ring.ring, NMD_WAKE_ALL);
	if (nmd_worker_serves(s->worker, m->u.ring.ring))
		nmd_worker_kick(s->worker);
	return 0;
}

static int do_stall(struct nmd_session *ss, struct nm_wire *m,
		    struct nmd_fds *fds)
{
	if (m->u.ring.ring >= NM_MAX_RINGS)
		return -ENODEV;
	nm_ring_stalled(ss->srv->engine, m->u.ring.ring);
	return 0;
}

static const struct message messages[] = {
	[NM_WIRE_HELLO] = { "HELLO", BODY(hello), BODY(hello), ANYBODY,
			    do_hello },
	[NM_WIRE_CTRL] = { "CTRL", BODY(ctrl), BODY(ctrl), 0, do_ctrl },
	[NM_WIRE_LEGACY] = { "LEGACY", BODY(legacy), BODY(legacy), 0,
			     do_legacy },
	[NM_WIRE_CONFIG] = { "CONFIG", BODY(config), BODY(config), 0,
			     do_config },
	[NM_WIRE_BOUND] = { "BOUND", 0, BODY(bound), 0, do_bound },
	[NM_WIRE_MAP] = { "MAP", BODY(map), BODY(map), 0, do_map },
	[NM_WIRE_ACTOR] = { "ACTOR", BODY(actor), BODY(actor), TRUSTED,
			    do_actor },
	[NM_WIRE_SLEEPERS] = { "SLEEPERS", BODY(ring), BODY(sleepers), TRUSTED,
			       do_sleepers },
	[NM_WIRE_WAKE] = { "WAKE", BODY(ring), 0, TRUSTED | SILENT, do_wake },
	[NM_WIRE_STALL] = { "STALL", BODY(ring), 0, TRUSTED | SILENT, do_stall },
};

#define N_MESSAGES (sizeof(messages) / sizeof(messages[0]))

/*
 * A HELLO of another version may have another length; what it begins with
 * stays as it is, so that both sides can say which versions they are.
 */
static int length_is_right(const struct message *msg, const struct nm_wire *m,
			   size_t body)
{
	if (m->hdr.type == NM_WIRE_HELLO)
		return body >= 2 * sizeof(uint32_t);
	return body == msg->in;
}

static const struct message *parse(struct nmd_session *ss, size_t len,
				   const char **why)
{
	const struct nm_wire *m = &ss->srv->msg;
	const struct message *msg;

	if (len < sizeof(m->hdr) || m->hdr.magic != NM_WIRE_MAGIC) {
		*why = "what it says is not of this protocol";
		return NULL;
	}
	if (m->hdr.type >= N_MESSAGES || !messages[m->hdr.type].handler) {
		*why = "it sent a message of unknown type";
		return NULL;
	}
	msg = &messages[m->hdr.type];
	if (m->hdr.len != len || !length_is_right(msg, m, len - sizeof(m->hdr))) {
		*why = "it sent a message of a wrong length";
		return NULL;
	}
	if (!ss->file && !(msg->flags & ANYBODY)) {
		*why = "it did not greet";
		return NULL;
	}
	return msg;
}

int nmd_request(struct nmd_session *ss, size_t len, struct nmd_fds *fds,
		const char **why)
{
	struct nm_wire *m = &ss->srv->msg;
	const struct message *msg = parse(ss, len, why);
	int r;

	fds->n = 0;
	if (!msg)
		return -EPROTO;
	/* what is shorter than the reply must not show another one's bytes */
	memset((char *)m + len, 0, sizeof(*m) - len);
	if ((msg->flags & TRUSTED) && !ss->direct)
		r = -EPERM;
	else
		r = msg->handler(ss, m, fds);
	nm_os_log(NM_LOG_DEBUG, "process %u: %s: %d", ss->from, msg->name, r);
	nmd_server_settle(ss->srv);
	if (msg->flags & SILENT)
		return 0;
	if (r)
		fds->n = 0;
	m->hdr.result = r;
	m->hdr.len = (uint32_t)sizeof(m->hdr) + msg->out;
	return (int)m->hdr.len;
}
