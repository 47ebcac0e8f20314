/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interfaces: handles, their sockets, and the frames between sockets and
 * rings; see nics.h.
 *
 * A ring in netmap mode is a queue of the interface: one socket for both
 * directions, opened for whichever is taken first.  Only queues whose receive
 * ring is taken are steered to us, the others stay with the host.
 */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "engine/engine.h"
#include "engine/os.h"
#include "engine/plane/wire_sync.h"
#include "netmapd/link.h"
#include "netmapd/netns.h"
#include "netmapd/nics.h"
#include "netmapd/wake.h"
#include "netmapd/worker.h"
#include "os/user/xdp.h"

#define MAX_QUEUES	64u
#define SLOTS		1024u	/* per ring, and frames per socket */
#define BURST		256u	/* frames of a queue per pass */
#define RX_MAX		1792u	/* longer frames take several slots */

/* One queue.  All but the first: the worker's lock. */
struct queue {
	struct nm_xsk *xsk;	/* written by the main thread, with the lock */
	struct nm_nic *nic;
	uint32_t i;
	uint32_t rx, tx;	/* taken */
	uint32_t flying;	/* last seen */
};

struct nm_nic {
	struct nm_nic *next;		/* [lock] nics->list */
	struct nmd_nics *nics;
	uint32_t refs;
	char name[IFNAMSIZ];
	int ifindex;
	uint64_t ns_id;
	uint32_t pid;			/* a process of that namespace */
	uint32_t n;			/* queues */
	struct nm_xdp xdp;
	uint32_t hung;			/* the program is on the interface */
	uint32_t gone;			/* [lock] the interface is */
	struct nmd_source link;		/* tells that; -1: nothing is open */
	/* the port, while rings are taken; [lock] */
	uint32_t port, rx0, tx0, n_tx;
	struct queue q[MAX_QUEUES];
};

struct nmd_nics {
	struct nmd_server *srv;
	struct nm_nic *list;		/* [lock] changed by the main thread */
	struct nm_nic **by_port;	/* [lock] NM_MAX_PORTS of them */
	uint32_t *wires;		/* [lock] driven rings */
	uint32_t n_wires, max_wires;
};

static struct nmd_server *server_of(struct nm_engine *e)
{
	return nm_engine_host(e);
}

struct nmd_nics *nmd_nics_new(struct nmd_server *s)
{
	struct nmd_nics *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->srv = s;
	n->by_port = calloc(NM_MAX_PORTS, sizeof(*n->by_port));
	if (n->by_port)
		return n;
	free(n);
	return NULL;
}

void nmd_nics_free(struct nmd_nics *n)
{
	if (!n)
		return;
	free(n->wires);
	free(n->by_port);
	free(n);
}

/* --- what the interface is like ------------------------------------------------ */

/* An ioctl about an interface, in the namespace the thread is in. */
static int ask(int request, struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -errno;
	r = ioctl(fd, (unsigned long)request, ifr) ? -errno : 0;
	close(fd);
	return r;
}

static uint32_t count_queues(const char *name)
{
	struct ethtool_channels ch = { .cmd = ETHTOOL_GCHANNELS };
	struct ifreq ifr = { .ifr_data = (void *)&ch };
	uint32_t rx, tx, n;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ask(SIOCETHTOOL, &ifr))
		return 1;
	rx = ch.combined_count + ch.rx_count;
	tx = ch.combined_count + ch.tx_count;
	n = rx < tx ? rx : tx;
	return n < 1 ? 1 : n > MAX_QUEUES ? MAX_QUEUES : n;
}

static int no_interface(const char *name, char *msg)
{
	snprintf(msg, NM_WHY_LEN,
		 "there is no port or interface %s: open vale<switch>:<port>, see ip link, or make a persistent port with vale-ctl -n %s",
		 name, name);
	return -ENXIO;
}

static struct nm_nic *find(struct nmd_nics *n, uint64_t ns_id, int ifindex)
{
	struct nm_nic *nic;

	for (nic = n->list; nic; nic = nic->next)
		if (nic->ifindex == ifindex && nic->ns_id == ns_id &&
		    !nic->gone)
			return nic;
	return NULL;
}

/* The interface is gone for good: its rings stop. */
static void stop_rings(struct nm_nic *nic, struct nmd_server *s)
{
	static struct nm_actor alarm;	/* nobody's: everybody is woken */
	uint32_t i;

	for (i = 0; i < nic->n; i++) {
		if (nic->q[i].rx)
			nm_nic_rings_state(s->plane, &alarm, nic->rx0 + i, 1,
					   NM_RING_STOPPED);
		if (nic->q[i].tx)
			nm_nic_rings_state(s->plane, &alarm, nic->tx0 + i, 1,
					   NM_RING_STOPPED);
	}
}

static void link_ready(struct nmd_source *src, uint32_t events)
{
	struct nm_nic *nic = (void *)((char *)src -
				      offsetof(struct nm_nic, link));
	struct nmd_server *s = nic->nics->srv;

	if (!nmd_link_is_gone(src->fd, nic->ifindex) || nic->gone)
		return;
	nmd_worker_lock(s->worker);
	nic->gone = 1;
	nmd_worker_unlock(s->worker);
	stop_rings(nic, s);
	nm_os_log(NM_LOG_WARN, "interface %s is gone", nic->name);
}

static int make(struct nmd_nics *n, const struct nm_cred *cred,
		const char *name, int ifindex, struct nm_nic **out, char *msg)
{
	struct nm_nic *nic = calloc(1, sizeof(*nic));
	uint32_t i;

	if (!nic) {
		snprintf(msg, NM_WHY_LEN, "no memory for interface %s", name);
		return -ENOMEM;
	}
	snprintf(nic->name, sizeof(nic->name), "%s", name);
	nic->nics = n;
	nic->ifindex = ifindex;
	nic->ns_id = cred->ns_id;
	nic->pid = cred->pid;
	nic->n = count_queues(name);
	nic->link.fd = -1;
	nic->link.ready = link_ready;
	for (i = 0; i < nic->n; i++) {
		nic->q[i].nic = nic;
		nic->q[i].i = i;
	}
	nmd_worker_lock(n->srv->worker);
	nic->next = n->list;
	n->list = nic;
	nmd_worker_unlock(n->srv->worker);
	*out = nic;
	return 0;
}

/* In the client's namespace. */
static int get_there(struct nmd_nics *n, const struct nm_cred *cred,
		     const char *name, struct nm_nic **out, char *msg)
{
	int ifindex = strlen(name) < IFNAMSIZ ? (int)if_nametoindex(name) : 0;
	struct nm_nic *nic;
	int r = 0;

	if (!ifindex)
		return no_interface(name, msg);
	/* whoever runs the server may do what it may, and root anything */
	if (cred->uid && cred->uid != getuid()) {
		snprintf(msg, NM_WHY_LEN,
			 "interfaces are for the user who runs netmapd, and for root");
		return -EPERM;
	}
	nic = find(n, cred->ns_id, ifindex);
	if (!nic)
		r = make(n, cred, name, ifindex, &nic, msg);
	if (r)
		return r;
	nic->pid = cred->pid;
	nic->refs++;
	*out = nic;
	return 0;
}

static int nic_get(struct nm_engine *e, const struct nm_cred *cred,
		   const char *name, uint32_t admode, struct nm_nic **out,
		   char *msg)
{
	struct nmd_netns ns;
	int r;

	if (admode == 1) {
		snprintf(msg, NM_WHY_LEN,
			 "parameter admode is 1, and user mode has no native ports: set it to 0");
		return -EOPNOTSUPP;
	}
	r = nmd_netns_enter(&ns, cred->pid, cred->ns_id, msg);
	if (r)
		return r;
	r = get_there(server_of(e)->nics, cred, name, out, msg);
	nmd_netns_leave(&ns);
	return r;
}

static void nic_put(struct nm_nic *nic)
{
	struct nm_nic **pp;

	if (--nic->refs > 0)
		return;
	nmd_worker_lock(nic->nics->srv->worker);
	for (pp = &nic->nics->list; *pp != nic; pp = &(*pp)->next)
		;
	*pp = nic->next;
	nmd_worker_unlock(nic->nics->srv->worker);
	free(nic);
}

/* The interface by its number, in its namespace; 0 or -errno with a sentence. */
static int enter(struct nm_nic *nic, struct nmd_netns *ns, char *msg)
{
	int r = nmd_netns_enter(ns, nic->pid, nic->ns_id, msg);

	if (r)
		return r;
	if (!nic->gone && if_indextoname((unsigned int)nic->ifindex, nic->name))
		return 0;
	nmd_netns_leave(ns);
	snprintf(msg, NM_WHY_LEN,
		 "the interface of this port is gone: close the port");
	return -ENXIO;
}

static int mtu_of(const char *name, uint32_t *mtu)
{
	struct ifreq ifr = { 0 };
	int r;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	r = ask(SIOCGIFMTU, &ifr);
	*mtu = (uint32_t)ifr.ifr_mtu;
	return r;
}

/* What was chosen, or will be tried. */
static void describe(const struct nm_nic *nic, char *why)
{
	const struct nm_xsk *x = NULL;
	uint32_t i;

	for (i = 0; i < nic->n && !x; i++)
		x = nic->q[i].xsk;
	if (!x)
		snprintf(why, NM_WHY_LEN,
			 "AF_XDP; nothing is open yet, so its mode is not known");
	else if (nm_xsk_is_zerocopy(x))
		snprintf(why, NM_WHY_LEN,
			 "AF_XDP, zero-copy in the driver");
	else
		snprintf(why, NM_WHY_LEN, "AF_XDP, copying%s",
			 !nic->hung ? "" : nic->xdp.native ?
			 ", program in the driver (it has no zero-copy)" :
			 ", program in the stack (the driver takes none)");
}

static int nic_info(struct nm_nic *nic, struct nm_nic_info *info, char *msg)
{
	struct nmd_netns ns;
	int r = enter(nic, &ns, msg);

	if (r)
		return r;
	memset(info, 0, sizeof(*info));
	info->tx_rings = info->rx_rings = nic->n;
	info->tx_slots = info->rx_slots = SLOTS;
	info->hdr_len = 18;
	info->rx_max = RX_MAX;
	info->multi = 1;
	info->class = NM_CLASS_XDP;
	r = mtu_of(nic->name, &info->mtu);
	nmd_netns_leave(&ns);
	describe(nic, info->why);
	if (r)
		snprintf(msg, NM_WHY_LEN, "the MTU of %s: %s", nic->name,
			 strerror(-r));
	return r;
}

/* --- opening and closing ------------------------------------------------------- */

static struct nmd_worker *worker_of(const struct nm_port *p)
{
	return server_of(p->e)->worker;
}

/* In the interface's namespace. */
static int hear(struct nm_nic *nic, struct nmd_server *s, char *msg)
{
	int r = nmd_link_open();

	if (r >= 0) {
		nic->link.fd = r;
		r = nmd_watch(s, &nic->link);
	}
	if (r)
		snprintf(msg, NM_WHY_LEN, "news of interfaces: %s",
			 strerror(-r));
	return r;
}

/* Have the program where it belongs: there if a receive ring is taken. */
static int hang(struct nm_nic *nic, int on, char *msg)
{
	int r = 0;

	if (on == (int)nic->hung)
		return 0;
	if (on)
		r = nm_xdp_attach(&nic->xdp, nic->ifindex, nic->n, msg);
	else
		nm_xdp_detach(&nic->xdp);
	if (!r)
		nic->hung = on;
	return r;
}

/* In the interface's namespace: the sockets that are needed. */
static int open_queues(struct nm_nic *nic, struct nm_port *p,
		       const uint8_t *want, char *msg)
{
	struct nmd_worker *w = worker_of(p);
	struct nm_xsk *x;
	uint32_t i, mtu = 1500;
	int r = 0;

	mtu_of(nic->name, &mtu);
	for (i = 0; i < nic->n && !r; i++) {
		if (!want[i] || nic->q[i].xsk)
			continue;
		r = nm_xsk_open(&x, nic->ifindex, i, SLOTS, mtu, msg);
		if (r)
			break;
		r = nmd_worker_doorbell(w, nm_xsk_fd(x));
		if (r) {
			snprintf(msg, NM_WHY_LEN, "queue %u: %s", i,
				 strerror(-r));
			nm_xsk_close(x);
			break;
		}
		nmd_worker_lock(w);
		nic->q[i].xsk = x;
		nic->q[i].flying = 0;
		nmd_worker_unlock(w);
	}
	return r;
}

/* Those that are not wanted any more. */
static void close_queues(struct nm_nic *nic, struct nm_port *p,
			 const uint8_t *want)
{
	struct nmd_worker *w = worker_of(p);
	struct nm_xsk *x;
	uint32_t i;

	for (i = 0; i < nic->n; i++) {
		x = nic->q[i].xsk;
		if (!x || want[i])
			continue;
		nmd_worker_lock(w);
		nic->q[i].xsk = NULL;
		nmd_worker_unlock(w);
		nmd_worker_no_doorbell(w, nm_xsk_fd(x));
		nm_xsk_close(x);
	}
}

static int steer(struct nm_nic *nic, const uint8_t *rx, char *msg)
{
	uint32_t i;
	int r;

	for (i = 0; i < nic->n; i++) {
		if (!nic->q[i].xsk || rx[i] == nic->q[i].rx)
			continue;
		r = nm_xdp_steer(&nic->xdp, i,
				 rx[i] ? nm_xsk_fd(nic->q[i].xsk) : -1);
		if (!r || !rx[i])
			continue;
		snprintf(msg, NM_WHY_LEN, "queue %u of %s: %s", i, nic->name,
			 strerror(-r));
		return r;
	}
	return 0;
}

/* From here on the worker moves frames as it says here. */
static void publish(struct nm_nic *nic, struct nm_port *p, const uint8_t *rx,
		    const uint8_t *tx, int any)
{
	struct nmd_worker *w = worker_of(p);
	uint32_t i;

	nmd_worker_lock(w);
	nic->port = p->idx;
	nic->rx0 = p->ring0;
	nic->tx0 = p->ring0 + p->geo.rx_rings;
	nic->n_tx = p->geo.tx_rings;
	for (i = 0; i < nic->n; i++) {
		nic->q[i].rx = rx[i];
		nic->q[i].tx = tx[i];
	}
	nic->nics->by_port[p->idx] = any ? nic : NULL;
	nmd_worker_unlock(w);
}

/* Which queues; returns whether any of them is. */
static int taken(const struct nm_port *p, uint32_t dir, uint32_t n, uint8_t *q)
{
	uint32_t i;
	int any = 0;

	for (i = 0; i < n; i++) {
		q[i] = nm_ring_is_taken(dir ? nm_port_tx(p, i) :
					nm_port_rx(p, i)) != 0;
		any |= q[i];
	}
	return any;
}

static int nic_mode(struct nm_nic *nic, struct nm_port *p, char *msg)
{
	uint8_t rx[MAX_QUEUES] = { 0 }, tx[MAX_QUEUES] = { 0 };
	uint8_t want[MAX_QUEUES] = { 0 }, had[MAX_QUEUES] = { 0 };
	int any_rx, any, r = 0, opened = 0;
	char text[NM_WHY_LEN];
	struct nmd_netns ns;
	uint32_t i;

	any_rx = taken(p, 0, nic->n, rx);
	any = taken(p, 1, nic->n, tx) | any_rx;
	for (i = 0; i < nic->n; i++) {
		want[i] = rx[i] | tx[i];
		had[i] = nic->q[i].xsk != NULL;
		opened |= want[i] && !had[i];
	}
	msg = msg ? msg : text;
	if (opened || (any_rx && !nic->hung)) {
		r = enter(nic, &ns, msg);
		if (r)
			return r;
		if (nic->link.fd < 0)
			r = hear(nic, server_of(p->e), msg);
		if (!r)
			r = open_queues(nic, p, want, msg);
		if (!r && any_rx)
			r = hang(nic, 1, msg);
		nmd_netns_leave(&ns);
	}
	if (!r && any_rx)
		r = steer(nic, rx, msg);
	if (r) {
		close_queues(nic, p, had);
		for (any_rx = 0, i = 0; i < nic->n; i++)
			any_rx |= nic->q[i].rx;
		hang(nic, any_rx, text);
		return r;
	}
	publish(nic, p, rx, tx, any);
	hang(nic, any_rx, msg);
	close_queues(nic, p, want);
	if (!any)
		nmd_unwatch(server_of(p->e), &nic->link);
	if (opened) {
		describe(nic, p->nic_info->why);
		nm_os_log(NM_LOG_INFO, "%s: %s", nic->name, p->nic_info->why);
	}
	return 0;
}

const struct nm_nic_ops nmd_nic_ops = {
	.get = nic_get,
	.put = nic_put,
	.info = nic_info,
	.mode = nic_mode,
};

/* --- frames, in the worker ------------------------------------------------------ */

/* Where frames of a queue go. */
struct sink {
	struct nm_plane *pl;
	uint32_t ring;
};

struct xsk_feed {
	struct nm_feed f;
	const uint8_t *data;
};

static int feed_copy(const struct nm_feed *f, uint32_t ofs, void *dst,
		     uint32_t len)
{
	const struct xsk_feed *x = (const void *)f;

	memcpy(dst, x->data + ofs, len);
	return 0;
}

static void feed(void *ctx, const void *data, uint32_t len)
{
	const struct sink *to = ctx;
	struct xsk_feed x = {
		.f = { .len = len, .copy = feed_copy }, .data = data,
	};

	if (nm_feed_put(to->pl, to->ring, &x.f) == -ENODEV)
		nm_drop(nm_pring_at(to->pl, to->ring), NM_DROP_RX_OFF, 1);
}

static int receive(struct nm_plane *pl, struct nm_actor *me, struct queue *q)
{
	struct sink to = { pl, q->nic->rx0 + q->i };

	if (!q->rx || !nm_xsk_recv(q->xsk, BURST, feed, &to))
		return 0;
	nm_ring_notify(pl, me, to.ring);
	return 2;
}

/* Frames on their way: nobody tells when they have gone. */
static int watch_flying(struct nm_plane *pl, struct nm_actor *me,
			struct queue *q)
{
	uint32_t was = q->flying;

	if (!was)
		return 0;
	q->flying = nm_xsk_in_flight(q->xsk);
	if (q->flying == was) {
		nm_xsk_push(q->xsk);
		return 1;
	}
	nm_ring_notify(pl, me, q->nic->tx0 + q->i);
	return 2;
}

static int more_of(int a, int b)
{
	return a > b ? a : b;
}

/* What is shown and did not move waits for room where it goes. */
static int run_wire(struct nm_plane *pl, struct nm_actor *me, uint32_t ring)
{
	uint32_t hwcur[2] = { 0 }, hwtail[2] = { 0 };
	int more;

	nm_ring_positions(pl, ring, &hwcur[0], &hwtail[0]);
	if (hwcur[0] == hwtail[0] && !nm_ring_has_work(pl, ring))
		return 0;
	more = nm_wire_run(pl, me, ring);
	nm_ring_positions(pl, ring, &hwcur[1], &hwtail[1]);
	if (more || hwcur[0] != hwcur[1] || hwtail[0] != hwtail[1])
		return 2;
	return hwcur[1] != hwtail[1];
}

static int run_wires(struct nmd_nics *n, struct nm_plane *pl,
		     struct nm_actor *me)
{
	uint32_t i;
	int r = 0;

	for (i = 0; i < n->n_wires; i++)
		r = more_of(r, run_wire(pl, me, n->wires[i]));
	return r;
}

int nmd_nics_pass(struct nmd_nics *n, struct nm_plane *pl, struct nm_actor *me)
{
	struct nm_nic *nic;
	uint32_t i;
	int r = 0;

	if (!n->list && !n->n_wires)
		return 0;
	nm_actor_enter(pl, me);
	for (nic = n->list; nic; nic = nic->next) {
		for (i = 0; i < nic->n; i++) {
			if (!nic->q[i].xsk || nic->gone)
				continue;
			r = more_of(r, receive(pl, me, &nic->q[i]));
			r = more_of(r, watch_flying(pl, me, &nic->q[i]));
		}
	}
	nm_actor_leave(pl, me);
	return more_of(r, run_wires(n, pl, me));
}

uint32_t nmd_nics_frames_out(struct nm_plane *pl, struct nm_actor *me,
			     uint32_t port, uint32_t i,
			     const struct nm_frames *f)
{
	struct nmd_server *s = pl->host;
	struct nm_nic *nic = s->nics->by_port[port & (NM_MAX_PORTS - 1)];
	struct nm_pport *pp = nm_pport_at(pl, port);
	struct nm_pring *r = nm_pring_at(pl, pp->ring0 + pp->n_rx + i);
	uint32_t too_long = 0, n;

	if (!nic || nic->gone || i >= nic->n || !nic->q[i].xsk) {
		nm_drop(r, NM_DROP_RX_OFF, f->n);
		return f->n;
	}
	n = nm_xsk_send(nic->q[i].xsk, f, &too_long);
	nic->q[i].flying = nm_xsk_in_flight(nic->q[i].xsk);
	if (too_long)
		nm_drop(r, NM_DROP_TOO_LONG, too_long);
	return n;
}

uint32_t nmd_nics_in_flight(struct nm_plane *pl, uint32_t port, uint32_t i)
{
	struct nmd_server *s = pl->host;
	struct nm_nic *nic = s->nics->by_port[port & (NM_MAX_PORTS - 1)];

	if (!nic || i >= nic->n || !nic->q[i].xsk || nic->gone)
		return 0;
	return nm_xsk_in_flight(nic->q[i].xsk);
}

/* --- wires ----------------------------------------------------------------------- */

static int wire_add(struct nmd_nics *n, uint32_t ring)
{
	uint32_t max = n->max_wires ? 2 * n->max_wires : 16;
	uint32_t *more;

	if (n->n_wires == n->max_wires) {
		more = realloc(n->wires, max * sizeof(*more));
		if (!more)
			return -ENOMEM;
		n->wires = more;
		n->max_wires = max;
	}
	n->wires[n->n_wires++] = ring;
	return 0;
}

static uint32_t wire_at(const struct nmd_nics *n, uint32_t ring)
{
	uint32_t i;

	for (i = 0; i < n->n_wires && n->wires[i] != ring; i++)
		;
	return i;
}

static void wire_del(struct nmd_nics *n, uint32_t ring)
{
	uint32_t i = wire_at(n, ring);

	if (i < n->n_wires)
		n->wires[i] = n->wires[--n->n_wires];
}

int nmd_nics_drives(const struct nmd_nics *n, uint32_t ring)
{
	return wire_at(n, ring) < n->n_wires;
}

int nmd_nics_drive(struct nm_engine *e, uint32_t ring, int on)
{
	struct nmd_server *s = server_of(e);
	int r = 0;

	nmd_worker_lock(s->worker);
	if (on) {
		r = wire_add(s->nics, ring);
		/* whoever sends to it is to ring from now on */
		nm_ring_want(s->plane, ring);
	} else {
		wire_del(s->nics, ring);
	}
	nmd_worker_unlock(s->worker);
	nmd_wake_changed(s->plane, ring);
	nmd_worker_kick(s->worker);
	return r;
}
