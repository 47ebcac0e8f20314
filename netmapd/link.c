/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See link.h.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>
#include "netmapd/link.h"

#define NEWS	8192	/* bytes of a batch of messages */

int nmd_link_open(void)
{
	struct sockaddr_nl sa = {
		.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);
	int error;

	if (fd < 0)
		return -errno;
	if (!bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		return fd;
	error = errno;
	close(fd);
	return -error;
}

static int tells_of(const struct nlmsghdr *h, int len, int ifindex)
{
	const struct ifinfomsg *info;

	for (; NLMSG_OK(h, (unsigned int)len); h = NLMSG_NEXT(h, len)) {
		info = NLMSG_DATA(h);
		if (h->nlmsg_type == RTM_DELLINK &&
		    info->ifi_family == AF_UNSPEC && info->ifi_index == ifindex)
			return 1;
	}
	return 0;
}

int nmd_link_is_gone(int fd, int ifindex)
{
	static struct {
		_Alignas(struct nlmsghdr) char bytes[NEWS];
	} buf;
	int gone = 0;
	ssize_t n;

	for (;;) {
		n = recv(fd, buf.bytes, sizeof(buf.bytes), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return gone | (errno == ENOBUFS);
		gone |= tells_of((const void *)buf.bytes, (int)n, ifindex);
	}
}
