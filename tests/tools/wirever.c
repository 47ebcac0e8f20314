/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wirever: one end of a handshake whose other end is of another version.
 *
 *	wirever client SOCKET	greet the server there as version 99; prints the
 *				errno of the answer and what the server speaks
 *	wirever server SOCKET	answer one greeting as version 99 would; prints
 *				"ready" once it listens
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "lib/wire.h"
#include "engine/plane/layout.h"

#define OTHER_VERSION	99u

static void hello(struct nm_wire *m, int result)
{
	memset(m, 0, sizeof(*m));
	m->hdr.magic = NM_WIRE_MAGIC;
	m->hdr.type = NM_WIRE_HELLO;
	m->hdr.len = sizeof(m->hdr) + sizeof(m->u.hello);
	m->hdr.result = result;
	m->u.hello.version = OTHER_VERSION;
	m->u.hello.plane_version = NM_PLANE_VERSION;
	m->u.hello.flags = NM_HELLO_NO_DIRECT;
}

static int client(int fd, const struct sockaddr_un *sa)
{
	struct nm_wire m;
	ssize_t n;

	hello(&m, 0);
	if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) ||
	    send(fd, &m, m.hdr.len, MSG_NOSIGNAL) < 0)
		return 1;
	memset(&m, 0, sizeof(m));
	n = recv(fd, &m, sizeof(m), 0);
	if (n < (ssize_t)(sizeof(m.hdr) + sizeof(m.u.hello.version)))
		return 1;
	printf("result %d\nversion %u\n", m.hdr.result, m.u.hello.version);
	return 0;
}

static int server(int fd, const struct sockaddr_un *sa)
{
	struct nm_wire m;
	int s;

	if (bind(fd, (const struct sockaddr *)sa, sizeof(*sa)) || listen(fd, 4))
		return 1;
	printf("ready\n");
	fflush(stdout);
	s = accept(fd, NULL, NULL);
	if (s < 0 || recv(s, &m, sizeof(m), 0) <= 0)
		return 1;
	hello(&m, -EPROTONOSUPPORT);
	return send(s, &m, m.hdr.len, MSG_NOSIGNAL) < 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (argc != 3 || fd < 0)
		return 2;
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", argv[2]);
	return strcmp(argv[1], "client") ? server(fd, &sa) : client(fd, &sa);
}
