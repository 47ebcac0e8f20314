/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * talk: the conversations two hosts have, over ordinary sockets.
 *
 * Both sides are written down here next to each other.  No call waits longer
 * than a few seconds, so a conversation fails rather than hangs.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "apps/demo/talk.h"

#define PATIENCE_S	3
#define ORDINARY_MSS	1448
#define PAGE_BYTES	16000
#define JUMBO_PAGE_BYTES	45000
#define LOOKUPS		6
#define KEYSTROKES	40
#define DNS_HEAD	12

static const char *const names[LOOKUPS] = {
	"www.example.org", "mail.example.org", "a.example", "ntp.example.net",
	"a-rather-long-name.with.many.labels.example.com", "example.com",
};

static int fail(int s)
{
	int err = errno ? errno : EPROTO;

	if (s >= 0)
		close(s);
	return -err;
}

static socklen_t make_address(const struct talk *t, struct sockaddr_storage *sa)
{
	struct sockaddr_in6 *a6 = (struct sockaddr_in6 *)sa;
	struct sockaddr_in *a4 = (struct sockaddr_in *)sa;

	memset(sa, 0, sizeof(*sa));
	if (inet_pton(AF_INET, t->server, &a4->sin_addr) == 1) {
		a4->sin_family = AF_INET;
		a4->sin_port = htons(t->port);
		return sizeof(*a4);
	}
	inet_pton(AF_INET6, t->server, &a6->sin6_addr);
	a6->sin6_family = AF_INET6;
	a6->sin6_port = htons(t->port);
	return sizeof(*a6);
}

static int open_socket(const struct talk *t, int family)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int mss = ORDINARY_MSS, one = 1;
	int s = socket(family, (t->kind == TALK_DNS ? SOCK_DGRAM :
			SOCK_STREAM) | SOCK_CLOEXEC, 0);

	if (s < 0)
		return s;
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (t->kind == TALK_DNS)
		return s;
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (!t->jumbo)
		setsockopt(s, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof(mss));
	return s;
}

int talk_listen(const struct talk *t)
{
	struct sockaddr_storage sa;
	socklen_t len = make_address(t, &sa);
	int s = open_socket(t, sa.ss_family);

	if (s < 0 || bind(s, (struct sockaddr *)&sa, len) ||
	    (t->kind != TALK_DNS && listen(s, 4)))
		return fail(s);
	return s;
}

/* A query for an address; returns its length. */
static size_t make_query(const char *name, uint16_t id, uint8_t *q)
{
	static const uint8_t tail[] = { 0, 0, 1, 0, 1 };
	size_t at = DNS_HEAD;

	memset(q, 0, DNS_HEAD);
	q[0] = (uint8_t)(id >> 8);
	q[1] = (uint8_t)id;
	q[2] = 1;		/* recursion desired */
	q[5] = 1;		/* one question */
	while (*name) {
		size_t label = strcspn(name, ".");

		q[at++] = (uint8_t)label;
		memcpy(q + at, name, label);
		at += label;
		name += label + (name[label] == '.');
	}
	memcpy(q + at, tail, sizeof(tail));
	return at + sizeof(tail);
}

/* Turn a query into its answer: one address, valid for an hour. */
static size_t make_answer(uint8_t *q, size_t len)
{
	static const uint8_t record[] = {
		0xc0, DNS_HEAD, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 192, 0, 2, 80,
	};

	q[2] = 0x81;		/* an answer */
	q[3] = 0x80;		/* recursion available */
	q[7] = 1;		/* one record */
	memcpy(q + len, record, sizeof(record));
	return len + sizeof(record);
}

static int serve_dns(int s)
{
	struct sockaddr_storage who;
	unsigned int i;

	for (i = 0; i < LOOKUPS; i++) {
		socklen_t wholen = sizeof(who);
		uint8_t q[512];
		ssize_t n = recvfrom(s, q, sizeof(q) - 16, 0,
				(struct sockaddr *)&who, &wholen);

		if (n < DNS_HEAD || sendto(s, q, make_answer(q, (size_t)n), 0,
					(struct sockaddr *)&who, wholen) < 0)
			return fail(-1);
	}
	return 0;
}

static int use_dns(int s)
{
	unsigned int i;

	for (i = 0; i < LOOKUPS; i++) {
		uint16_t id = (uint16_t)(0x1d2e + 977 * i);
		uint8_t q[512], a[512];
		size_t len = make_query(names[i], id, q);

		if (send(s, q, len, 0) < 0 ||
		    recv(s, a, sizeof(a), 0) <= (ssize_t)len ||
		    memcmp(a, q, 2))
			return fail(-1);
	}
	return 0;
}

static int write_all(int s, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len) {
		ssize_t n = send(s, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return fail(-1);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int read_all(int s, size_t len)
{
	uint8_t sink[4096];

	while (len) {
		ssize_t n = recv(s, sink, len < sizeof(sink) ? len :
				sizeof(sink), 0);

		if (n <= 0)
			return fail(-1);
		len -= (size_t)n;
	}
	return 0;
}

/* Text that is different everywhere, so that mixed up parts are noticed. */
static void fill_page(char *page, size_t len)
{
	char line[64];
	size_t at, n;

	for (at = 0; at < len; at += n) {
		snprintf(line, sizeof(line), "<p>Line at byte %zu of the "
				"page.</p>\n", at);
		n = strlen(line);
		n = n < len - at ? n : len - at;
		memcpy(page + at, line, n);
	}
}

static size_t page_bytes(const struct talk *t)
{
	return t->jumbo ? JUMBO_PAGE_BYTES : PAGE_BYTES;
}

static int serve_http(const struct talk *t, int s)
{
	static char page[JUMBO_PAGE_BYTES];
	char head[128], request[512];
	int status;

	if (recv(s, request, sizeof(request), 0) <= 0)
		return fail(-1);
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Type: "
			"text/html\r\nContent-Length: %zu\r\nConnection: "
			"close\r\n\r\n", page_bytes(t));
	fill_page(page, page_bytes(t));
	status = write_all(s, head, strlen(head));
	return status ? status : write_all(s, page, page_bytes(t));
}

static int use_http(const struct talk *t, int s)
{
	static const char request[] = "GET /index.html HTTP/1.1\r\n"
		"Host: www.example.org\r\nAccept: */*\r\n"
		"Connection: close\r\n\r\n";
	int status = write_all(s, request, sizeof(request) - 1);
	char sink[4096];
	size_t sum = 0;
	ssize_t n;

	while (!status && (n = recv(s, sink, sizeof(sink), 0)) > 0)
		sum += (size_t)n;
	if (!status && sum < page_bytes(t))
		return fail(-1);
	return status;
}

/* Lengths and bytes as of an encrypted session; the same on both sides. */
static size_t keystroke(uint32_t *seed, uint8_t *data)
{
	size_t len, i;

	*seed = *seed * 1664525u + 1013904223u;
	len = 36 + 4 * (*seed >> 27);
	for (i = 0; i < len; i++) {
		*seed = *seed * 1664525u + 1013904223u;
		data[i] = (uint8_t)(*seed >> 24);
	}
	return len;
}

/* Both sides of the session: who types waits for each echo. */
static int converse(int s, bool typing)
{
	static const char banner[] = "SSH-2.0-netmap_demo\r\n";
	uint32_t mine = typing ? 1 : 2, theirs = typing ? 2 : 1;
	int status = write_all(s, banner, sizeof(banner) - 1);
	uint8_t data[256], expected[256];
	unsigned int i;

	if (!status)
		status = read_all(s, sizeof(banner) - 1);
	for (i = 0; i < KEYSTROKES && !status; i++) {
		size_t out = keystroke(&mine, data);

		if (typing)
			status = write_all(s, data, out);
		if (!status)
			status = read_all(s, keystroke(&theirs, expected));
		if (!status && !typing)
			status = write_all(s, data, out);
	}
	return status;
}

int talk_serve(const struct talk *t, int s)
{
	int peer, status;

	errno = 0;
	if (t->kind == TALK_DNS)
		return serve_dns(s);
	peer = accept(s, NULL, NULL);
	if (peer < 0)
		return fail(-1);
	status = t->kind == TALK_HTTP ? serve_http(t, peer) :
		converse(peer, false);
	close(peer);
	return status;
}

int talk_use(const struct talk *t)
{
	struct sockaddr_storage sa;
	socklen_t len = make_address(t, &sa);
	int s = open_socket(t, sa.ss_family);
	int status;

	errno = 0;
	if (s < 0 || connect(s, (struct sockaddr *)&sa, len))
		return fail(s);
	status = t->kind == TALK_DNS ? use_dns(s) :
		t->kind == TALK_HTTP ? use_http(t, s) : converse(s, true);
	close(s);
	return status;
}
