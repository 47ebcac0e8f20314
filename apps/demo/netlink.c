/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netlink: make network interfaces inside a namespace of ours.
 *
 * A request is a header, a fixed body and attributes, some of which contain
 * attributes again; each request has a socket of its own and is acknowledged.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apps/demo/netlink.h"

/**
 * struct request - a message being built
 * @hdr: its header, which counts its bytes
 * @room: for the rest
 */
struct request {
	struct nlmsghdr hdr;
	uint8_t room[1024];
};

static void *append(struct request *r, const void *data, size_t len)
{
	void *at = (uint8_t *)r + NLMSG_ALIGN(r->hdr.nlmsg_len);

	if (data)
		memcpy(at, data, len);
	r->hdr.nlmsg_len = (uint32_t)(NLMSG_ALIGN(r->hdr.nlmsg_len) +
			NLMSG_ALIGN(len));
	return at;
}

static void begin(struct request *r, uint16_t type, const void *body,
		size_t len)
{
	memset(r, 0, sizeof(*r));
	r->hdr.nlmsg_len = sizeof(r->hdr);
	r->hdr.nlmsg_type = type;
	r->hdr.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE |
		NLM_F_EXCL;
	append(r, body, len);
}

static void attribute(struct request *r, uint16_t type, const void *data,
		size_t len)
{
	struct rtattr a = {
		.rta_type = type, .rta_len = (uint16_t)RTA_LENGTH(len),
	};

	append(r, &a, sizeof(a));
	append(r, data, len);
}

static void text(struct request *r, uint16_t type, const char *value)
{
	attribute(r, type, value, strlen(value) + 1);
}

/* An attribute that contains others; ended with leave(). */
static struct rtattr *enter(struct request *r, uint16_t type)
{
	struct rtattr a = { .rta_type = type, .rta_len = sizeof(a) };

	return append(r, &a, sizeof(a));
}

static void leave(struct request *r, struct rtattr *a)
{
	a->rta_len = (uint16_t)((uint8_t *)r + r->hdr.nlmsg_len - (uint8_t *)a);
}

static int submit(struct request *r)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct request answer;
	struct nlmsgerr e = { .error = -EPROTO };
	ssize_t n = -1;

	if (s < 0)
		return -errno;
	if (sendto(s, r, r->hdr.nlmsg_len, 0, (struct sockaddr *)&kernel,
		   sizeof(kernel)) >= 0)
		n = recv(s, &answer, sizeof(answer), 0);
	if (n < 0)
		e.error = -errno;
	else if (n >= (ssize_t)(sizeof(answer.hdr) + sizeof(e.error)) &&
		 answer.hdr.nlmsg_type == NLMSG_ERROR)
		memcpy(&e.error, answer.room, sizeof(e.error));
	close(s);
	return e.error;
}

static void describe_end(struct request *r, const struct cable_end *end,
		uint32_t mtu)
{
	text(r, IFLA_IFNAME, end->name);
	attribute(r, IFLA_ADDRESS, end->mac, sizeof(end->mac));
	attribute(r, IFLA_MTU, &mtu, sizeof(mtu));
}

int netlink_cable(const struct cable_end *near, const struct cable_end *far,
		pid_t pid, uint32_t mtu)
{
	struct ifinfomsg body = { .ifi_family = AF_UNSPEC };
	struct rtattr *info, *data, *peer;
	uint32_t where = (uint32_t)pid;
	struct request r;

	begin(&r, RTM_NEWLINK, &body, sizeof(body));
	describe_end(&r, near, mtu);
	info = enter(&r, IFLA_LINKINFO);
	text(&r, IFLA_INFO_KIND, "veth");
	data = enter(&r, IFLA_INFO_DATA);
	peer = enter(&r, VETH_INFO_PEER);
	append(&r, &body, sizeof(body));
	describe_end(&r, far, mtu);
	attribute(&r, IFLA_NET_NS_PID, &where, sizeof(where));
	leave(&r, peer);
	leave(&r, data);
	leave(&r, info);
	return submit(&r);
}

int netlink_vlan(const char *parent, const char *name, uint16_t id)
{
	struct ifinfomsg body = { .ifi_family = AF_UNSPEC };
	uint32_t below = if_nametoindex(parent);
	struct rtattr *info, *data;
	struct request r;

	begin(&r, RTM_NEWLINK, &body, sizeof(body));
	text(&r, IFLA_IFNAME, name);
	attribute(&r, IFLA_LINK, &below, sizeof(below));
	info = enter(&r, IFLA_LINKINFO);
	text(&r, IFLA_INFO_KIND, "vlan");
	data = enter(&r, IFLA_INFO_DATA);
	attribute(&r, IFLA_VLAN_ID, &id, sizeof(id));
	leave(&r, data);
	leave(&r, info);
	return submit(&r);
}

int netlink_address(const char *name, const char *value, uint8_t prefix)
{
	struct ifaddrmsg body = {
		.ifa_family = strchr(value, ':') ? AF_INET6 : AF_INET,
		.ifa_prefixlen = prefix, .ifa_index = if_nametoindex(name),
		.ifa_flags = IFA_F_NODAD,
	};
	uint8_t address[16];
	struct request r;
	size_t len = body.ifa_family == AF_INET ? 4 : 16;

	if (inet_pton(body.ifa_family, value, address) != 1)
		return -EINVAL;
	begin(&r, RTM_NEWADDR, &body, sizeof(body));
	attribute(&r, IFA_LOCAL, address, len);
	attribute(&r, IFA_ADDRESS, address, len);
	return submit(&r);
}

int netlink_up(const char *name)
{
	struct ifinfomsg body = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = (int)if_nametoindex(name),
		.ifi_flags = IFF_UP, .ifi_change = IFF_UP,
	};
	struct request r;

	begin(&r, RTM_NEWLINK, &body, sizeof(body));
	r.hdr.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	return submit(&r);
}
