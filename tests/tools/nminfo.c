/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nminfo: ask about ports in words a shell can read.
 *
 *	nminfo status PORT		home path class kind and holders
 *	nminfo counters PORT tx|rx [RING]	packets, bytes, drops by reason
 *	nminfo pid			the server's process
 *	nminfo open PORT		open it, say what came of it
 *	nminfo spare PORT		open it, say how many extra buffers can
 *					be had: what nobody else has
 *
 * PORT is asked about by name (as the engine knows it: "vale0:a"), without
 * opening it, but for `open` and `spare`.  One "key value" pair per line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <libnetmap.h>
#include "lib/wire.h"
#include "engine/plane/layout.h"

static int ask(const char *port, uint16_t type, void *body)
{
	struct nmreq_header hdr;

	nmreq_header_init(&hdr, type, body);
	snprintf(hdr.nr_name, sizeof(hdr.nr_name), "%s", port);
	if (nmreq_ctrl(&hdr) == 0)
		return 0;
	fprintf(stderr, "nminfo: %s: %s: %s\n", port, strerror(errno),
		nmport_last_error());
	return 1;
}

static int status(const char *port)
{
	static const char *const path[] = { "?", "isolated", "direct", "kernel" };
	struct nmreq_port_status st = { 0 };
	unsigned int i;

	if (ask(port, NETMAP_REQ_PORT_STATUS_GET, &st))
		return 1;
	printf("home %s\npath %s\nclass %u\nkind %s\nholders %u\n",
	       st.nr_home == NM_HOME_KERNEL ? "kernel" : "user",
	       path[st.nr_path & 3], st.nr_class, st.nr_kind, st.nr_n_holders);
	for (i = 0; i < 16 && st.nr_holders[i]; i++)
		printf("holder %u\n", st.nr_holders[i]);
	printf("path-reason %s\n", st.nr_path_reason);
	return 0;
}

static int counters(const char *port, const char *dir, const char *ring)
{
	struct nmreq_counters c = { .nr_dir = dir[0] == 't' };
	unsigned int i;

	c.nr_ringid = ring ? atoi(ring) : 0;
	if (ask(port, NETMAP_REQ_COUNTERS_GET, &c))
		return 1;
	printf("packets %llu\nbytes %llu\nsyncs %llu\nwakeups %llu\n",
	       (unsigned long long)c.nr_packets,
	       (unsigned long long)c.nr_bytes, (unsigned long long)c.nr_syncs,
	       (unsigned long long)c.nr_wakeups);
	for (i = 0; i < NM_DROP_REASON_LAST; i++)
		printf("drop-%s %llu\n", nm_drop_name(i),
		       (unsigned long long)c.nr_drops[i]);
	return 0;
}

static int open_port(const char *spec)
{
	struct nmport_d *d = nmport_open(spec);
	struct netmap_ring *r;

	if (!d) {
		printf("errno %d\nerror %s\n", errno, nmport_last_error());
		return 1;
	}
	printf("region %u\ntx-rings %u\nrx-rings %u\nextra %u\nhome %s\n",
	       d->reg.nr_mem_id, nmport_tx_rings(d), nmport_rx_rings(d),
	       d->reg.nr_extra_bufs, nmport_home(d));
	if (nmport_tx_rings(d)) {
		r = NETMAP_TXRING(d->nifp, d->first_tx_ring);
		printf("first-tx %u\ntx-slots %u\nbuf-size %u\n",
		       d->first_tx_ring, r->num_slots, r->nr_buf_size);
	}
	if (nmport_rx_rings(d)) {
		r = NETMAP_RXRING(d->nifp, d->first_rx_ring);
		printf("first-rx %u\nrx-slots %u\n", d->first_rx_ring,
		       r->num_slots);
	}
	nmport_close(d);
	return 0;
}

static int spare(const char *spec)
{
	struct nmport_d *d = nmport_prepare(spec);

	if (!d)
		return 1;
	d->reg.nr_extra_bufs = 1u << 20;
	if (nmport_open_desc(d)) {
		fprintf(stderr, "nminfo: %s\n", nmport_last_error());
		nmport_undo_prepare(d);
		return 1;
	}
	printf("spare %u\n", d->reg.nr_extra_bufs);
	nmport_close(d);
	return 0;
}

/* Greet the server at NETMAP_SOCKET; a HELLO has no side effect. */
static int server_pid(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct nm_wire m = { .hdr = {
		.magic = NM_WIRE_MAGIC, .type = NM_WIRE_HELLO,
		.len = sizeof(m.hdr) + sizeof(m.u.hello),
	} };
	const char *path = getenv("NETMAP_SOCKET");
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path ? path : "");
	m.u.hello.version = NM_WIRE_VERSION;
	m.u.hello.plane_version = NM_PLANE_VERSION;
	m.u.hello.flags = NM_HELLO_NO_DIRECT;
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) ||
	    send(fd, &m, m.hdr.len, MSG_NOSIGNAL) < 0 ||
	    recv(fd, &m, sizeof(m), 0) < (ssize_t)sizeof(m.hdr) || m.hdr.result)
		return 1;
	printf("%u\n", m.u.hello.server_pid);
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "pid") && argc == 2)
		return server_pid();
	if (!strcmp(what, "status") && argc == 3)
		return status(argv[2]);
	if (!strcmp(what, "counters") && argc >= 4)
		return counters(argv[2], argv[3], argv[4]);
	if (!strcmp(what, "open") && argc == 3)
		return open_port(argv[2]);
	if (!strcmp(what, "spare") && argc == 3)
		return spare(argv[2]);
	fputs("usage: nminfo pid | status PORT | counters PORT tx|rx [RING] | open PORT | spare PORT\n",
	      stderr);
	return 2;
}
