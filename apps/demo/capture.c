/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capture: record what passes an interface into a capture file.
 *
 * A packet socket and a thread that empties it.  The kernel takes VLAN tags
 * out of frames and hands them over beside; they are put back here.  If the
 * socket lost a frame the recording has failed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apps/common/clock.h"
#include "apps/demo/capture.h"
#include "apps/demo/pcapfile.h"

#define MAX_FRAME	65536
#define TAG_BYTES	4
#define MACS_BYTES	12
#define BUFFER_BYTES	(8 << 20)
#define QUIET_MS	50	/* so long without a frame is the end */

/**
 * struct recorder - a recording
 * @s: packet socket: sees all interfaces
 * @ifindex: the interface to record
 * @standin: the one whose frames get a tag; 0: none
 * @tag: that tag, as on the wire
 * @f: file being written
 * @thread: empties the socket
 * @stop: it shall end
 * @error: why it ended; a negative errno
 */
struct recorder {
	int s;
	int ifindex;
	int standin;
	uint16_t tag[2];
	FILE *f;
	pthread_t thread;
	atomic_bool stop;
	int error;
};

/* The tag that belongs to a frame; false when there is none. */
static bool find_tag(const struct recorder *r, struct msghdr *msg,
		uint8_t *tag)
{
	const struct sockaddr_ll *from = msg->msg_name;
	struct tpacket_auxdata aux;
	struct cmsghdr *c;

	if (from->sll_ifindex == r->standin) {
		memcpy(tag, r->tag, TAG_BYTES);
		return true;
	}
	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		uint16_t word[2];

		if (c->cmsg_level != SOL_PACKET ||
		    c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			return false;
		word[0] = htons(aux.tp_status & TP_STATUS_VLAN_TPID_VALID ?
				aux.tp_vlan_tpid : ETHERTYPE_VLAN);
		word[1] = htons(aux.tp_vlan_tci);
		memcpy(tag, word, TAG_BYTES);
		return true;
	}
	return false;
}

/* Take one frame from the socket and write it down. */
static int record_one(struct recorder *r, uint8_t *room)
{
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec iov = {
		.iov_base = room + TAG_BYTES, .iov_len = MAX_FRAME,
	};
	struct sockaddr_ll from = { .sll_ifindex = 0 };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(r->s, &msg, MSG_DONTWAIT);
	uint8_t *frame = room + TAG_BYTES;
	uint8_t tag[TAG_BYTES];

	if (n < 0)
		return -errno;
	if (from.sll_ifindex != r->ifindex && from.sll_ifindex != r->standin)
		return 0;
	if (n < ETHER_HDR_LEN || (msg.msg_flags & MSG_TRUNC))
		return -EMSGSIZE;
	if (find_tag(r, &msg, tag)) {
		frame = room;
		memmove(room, room + TAG_BYTES, MACS_BYTES);
		memcpy(room + MACS_BYTES, tag, TAG_BYTES);
		n += TAG_BYTES;
	}
	capture_write_frame(r->f, clock_read_ns(CLOCK_REALTIME), frame,
			(uint32_t)n);
	return 0;
}

static void *record(void *arg)
{
	static uint8_t room[TAG_BYTES + MAX_FRAME];
	struct recorder *r = arg;
	struct pollfd pfd = { .fd = r->s, .events = POLLIN };
	bool stop = false;
	int ready;

	while (!r->error) {
		ready = poll(&pfd, 1, QUIET_MS);
		if (ready > 0)
			r->error = record_one(r, room);
		else if (stop)
			break;
		stop = atomic_load(&r->stop);
	}
	return NULL;
}

static int open_socket(void)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
	};
	int bytes = BUFFER_BYTES, one = 1;
	int s = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (s < 0)
		return -errno;
	if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (!setsockopt(s, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) &&
	    !bind(s, (struct sockaddr *)&at, sizeof(at)))
		return s;
	one = -errno;
	close(s);
	return one;
}

struct recorder *recorder_start(const char *ifname, const char *standin,
		uint16_t vlan, const char *path, int *why)
{
	struct recorder *r = calloc(1, sizeof(*r));

	*why = r ? 0 : -ENOMEM;
	if (!r)
		return NULL;
	r->ifindex = (int)if_nametoindex(ifname);
	r->standin = standin ? (int)if_nametoindex(standin) : 0;
	r->tag[0] = htons(ETHERTYPE_VLAN);
	r->tag[1] = htons(vlan);
	r->s = open_socket();
	r->f = r->s < 0 ? NULL : fopen(path, "wb");
	if (r->s < 0)
		*why = r->s;
	else if (!r->f)
		*why = -errno;
	else
		capture_write_head(r->f);
	if (!*why)
		*why = -pthread_create(&r->thread, NULL, record, r);
	if (!*why)
		return r;
	if (r->f)
		fclose(r->f);
	if (r->s >= 0)
		close(r->s);
	free(r);
	return NULL;
}

int recorder_stop(struct recorder *r)
{
	struct tpacket_stats stats = { .tp_drops = 0 };
	socklen_t len = sizeof(stats);
	int error;

	atomic_store(&r->stop, true);
	pthread_join(r->thread, NULL);
	error = r->error;
	getsockopt(r->s, SOL_PACKET, PACKET_STATISTICS, &stats, &len);
	if (!error && stats.tp_drops)
		error = -ENOBUFS;
	if (fclose(r->f) && !error)
		error = -errno;
	close(r->s);
	free(r);
	return error;
}
