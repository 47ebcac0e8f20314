/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stack: a program that knows nothing of netmap and talks through the
 * system's own network stack.
 *
 *	stack serve ADDR PORT		one TCP connection, read to its end
 *	stack talk ADDR PORT BYTES	the other side of it
 *	stack out IF COUNT LEN [CHAR]	frames to an interface, raw
 *	stack in IF COUNT SECONDS	frames from an interface, raw
 *	stack mtu IF BYTES		set an MTU and say how that ended
 *
 * serve prints "ready" once it listens, serve and talk "bytes N sum S" at the
 * end: the same on both sides when nothing was lost or changed.  in prints
 * "ready", then "frame LEN HEX" for each with its first 24 bytes, and exits 1
 * when fewer came than expected.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/tools/frame.h"

#define CHUNK	65536u

static int die(const char *what)
{
	fprintf(stderr, "stack: %s: %s\n", what, strerror(errno));
	return 1;
}

static void address(struct sockaddr_in *sa, char **argv)
{
	memset(sa, 0, sizeof(*sa));
	sa->sin_family = AF_INET;
	sa->sin_port = htons((uint16_t)atoi(argv[1]));
	inet_pton(AF_INET, argv[0], &sa->sin_addr);
}

/* Order matters, so that what comes twice or late does not go unnoticed. */
static uint64_t sum_up(uint64_t sum, const uint8_t *buf, ssize_t n)
{
	while (n-- > 0)
		sum = sum * 31 + *buf++;
	return sum;
}

static void report(uint64_t bytes, uint64_t sum)
{
	printf("bytes %llu sum %llx\n", (unsigned long long)bytes,
	       (unsigned long long)sum);
}

static int serve(char **argv)
{
	static uint8_t buf[CHUNK];
	uint64_t bytes = 0, sum = 0;
	struct sockaddr_in sa;
	int l, s, one = 1;
	ssize_t n;

	address(&sa, argv);
	l = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(l, (struct sockaddr *)&sa, sizeof(sa)) || listen(l, 1))
		return die("listen");
	printf("ready\n");
	fflush(stdout);
	s = accept(l, NULL, NULL);
	if (s < 0)
		return die("accept");
	while ((n = read(s, buf, sizeof(buf))) > 0) {
		bytes += (uint64_t)n;
		sum = sum_up(sum, buf, n);
	}
	if (n < 0)
		return die("read");
	report(bytes, sum);
	return 0;
}

static int talk(char **argv)
{
	static uint8_t buf[CHUNK];
	uint64_t left = strtoull(argv[2], NULL, 0), bytes = 0, sum = 0;
	struct sockaddr_in sa;
	ssize_t n;
	size_t i;
	int s;

	address(&sa, argv);
	s = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(s, (struct sockaddr *)&sa, sizeof(sa)))
		return die("connect");
	while (left > 0) {
		for (i = 0; i < sizeof(buf); i++)
			buf[i] = (uint8_t)((bytes + i) * 2654435761u >> 24);
		n = write(s, buf, left < sizeof(buf) ? left : sizeof(buf));
		if (n < 0)
			return die("write");
		sum = sum_up(sum, buf, n);
		bytes += (uint64_t)n;
		left -= (uint64_t)n;
	}
	close(s);
	report(bytes, sum);
	return 0;
}

static int raw_socket(const char *ifname)
{
	struct sockaddr_ll sl = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(ifname),
	};
	int s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	if (s >= 0 && sl.sll_ifindex &&
	    !bind(s, (struct sockaddr *)&sl, sizeof(sl)))
		return s;
	die(ifname);
	exit(1);
}

static int out(int argc, char **argv)
{
	static uint8_t buf[FRAME_MAX];
	struct frame_model m = {
		.dst = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		.len = (unsigned int)atoi(argv[2]),
		.fill = argc > 3 ? argv[3][0] : 'x',
	};
	int s = raw_socket(argv[0]), n = atoi(argv[1]);

	frame_build(&m, buf);
	while (n-- > 0)
		if (send(s, buf, m.len, 0) < 0)
			return die("send");
	return 0;
}

static void show(const uint8_t *buf, ssize_t n)
{
	int i;

	printf("frame %zd ", n);
	for (i = 0; i < 24 && i < n; i++)
		printf("%02x", buf[i]);
	printf("\n");
	fflush(stdout);
}

static int in(char **argv)
{
	static uint8_t buf[FRAME_MAX];
	int s = raw_socket(argv[0]), n = atoi(argv[1]);
	int64_t end = frame_now_ms() + atoi(argv[2]) * 1000;
	struct pollfd pfd = { .fd = s, .events = POLLIN };
	struct sockaddr_ll from;
	socklen_t len;
	ssize_t got;

	printf("ready\n");
	fflush(stdout);
	while (n > 0 && frame_now_ms() < end) {
		if (poll(&pfd, 1, 100) <= 0)
			continue;
		len = sizeof(from);
		got = recvfrom(s, buf, sizeof(buf), 0,
			       (struct sockaddr *)&from, &len);
		if (got < 0 || from.sll_pkttype == PACKET_OUTGOING)
			continue;
		show(buf, got);
		n--;
	}
	return n > 0;
}

static int mtu(char **argv)
{
	struct ifreq ifr;
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	memset(&ifr, 0, sizeof(ifr));
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", argv[0]);
	ifr.ifr_mtu = atoi(argv[1]);
	if (ioctl(s, SIOCSIFMTU, &ifr))
		return die("mtu");
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "serve") && argc == 4)
		return serve(argv + 2);
	if (!strcmp(what, "talk") && argc == 5)
		return talk(argv + 2);
	if (!strcmp(what, "out") && (argc == 5 || argc == 6))
		return out(argc - 2, argv + 2);
	if (!strcmp(what, "in") && argc == 5)
		return in(argv + 2);
	if (!strcmp(what, "mtu") && argc == 4)
		return mtu(argv + 2);
	fprintf(stderr, "usage: stack serve|talk|out|in|mtu ...\n");
	return 2;
}
