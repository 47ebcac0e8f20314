/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * traffic: a capture of real traffic, made on the spot.
 *
 * Two processes, each in a network namespace of its own, are two hosts:
 *
 *	near			far
 *	near0 --- cable ------- far0	192.0.2.0/24, 2001:db8::/64
 *	near0.7 ---------------	far0.7	198.51.100.0/24, VLAN 7
 *
 * A kernel without VLAN support gets a second cable instead, whose frames are
 * recorded with the tag they would have on a trunk.
 *
 * The far host serves names, pages and sessions, the near one uses them and
 * records its end of the cable.  Segmentation and checksums are done by the
 * hosts and not left to a card that is not there, so that the capture holds
 * frames as they would be on a wire.  Nothing outside is touched: when the
 * processes end, so do namespaces and interfaces.
 *
 * They do everything in lock step, over two pipes: 'a' address me, 's'
 * serving, and so on; see near() and far().
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/demo/capture.h"
#include "apps/demo/netlink.h"
#include "apps/demo/talk.h"
#include "apps/demo/traffic.h"

#define VLAN_ID		7
#define MTU		9000
#define WHY_BYTES	160

/* All conversations, in the order in which they take place. */
static const struct talk talks[] = {
	{ TALK_DNS, "192.0.2.2", 53, false },
	{ TALK_HTTP, "192.0.2.2", 80, false },
	{ TALK_SSH, "192.0.2.2", 22, false },
	{ TALK_DNS, "2001:db8::2", 53, false },
	{ TALK_HTTP, "2001:db8::2", 80, false },
	{ TALK_SSH, "2001:db8::2", 22, false },
	{ TALK_DNS, "198.51.100.2", 53, false },
	{ TALK_HTTP, "198.51.100.2", 80, false },
	{ TALK_HTTP, "192.0.2.2", 8080, true },
};

#define N_TALKS	(sizeof(talks) / sizeof(talks[0]))

/**
 * struct host - one of the two
 * @end: its end of the cable
 * @vlan: its interface in the VLAN
 * @ip4: its addresses
 * @ip6: likewise
 * @vlan_ip4: likewise
 */
struct host {
	struct cable_end end;
	const char *vlan;
	const char *ip4, *ip6, *vlan_ip4;
};

static const struct host near_host = {
	.end = { "near0", { 2, 0, 0, 0, 0, 1 } }, .vlan = "near0.7",
	.ip4 = "192.0.2.1", .ip6 = "2001:db8::1", .vlan_ip4 = "198.51.100.1",
};
static const struct host far_host = {
	.end = { "far0", { 2, 0, 0, 0, 0, 2 } }, .vlan = "far0.7",
	.ip4 = "192.0.2.2", .ip6 = "2001:db8::2", .vlan_ip4 = "198.51.100.2",
};

/* What went wrong, for the parent to read from a pipe. */
static int report_fd;

static int explain(int err, const char *what)
{
	char text[WHY_BYTES];
	int n = snprintf(text, sizeof(text), "%s: %s\n", what, strerror(-err));

	if (write(report_fd, text, (size_t)n) != n)
		return err;
	return err;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n < 0 ? -errno : 0;
}

/* Become root of a user namespace of our own. */
static int own_user_namespace(void)
{
	unsigned int uid = getuid(), gid = getgid();
	char map[64];
	int err;

	if (unshare(CLONE_NEWUSER))
		return -errno;
	err = write_file("/proc/self/setgroups", "deny");
	if (err && err != -ENOENT)
		return err;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	err = write_file("/proc/self/uid_map", map);
	if (err)
		return err;
	snprintf(map, sizeof(map), "0 %u 1", gid);
	return write_file("/proc/self/gid_map", map);
}

static int own_network(void)
{
	int err;

	if (!unshare(CLONE_NEWNET))
		return 0;
	if (errno != EPERM)
		return -errno;
	err = own_user_namespace();
	if (err)
		return err;
	return unshare(CLONE_NEWNET) ? -errno : 0;
}

static void offload_off(const char *ifname)
{
	static const uint32_t what[] = {
		ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO,
	};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned int i;

	for (i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		struct ethtool_value v = { .cmd = what[i] };
		struct ifreq ifr = { .ifr_data = (char *)&v };

		snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
		ioctl(s, SIOCETHTOOL, &ifr);
	}
	close(s);
}

/* The interfaces are there: give them addresses and switch them on. */
static int configure(const struct host *h)
{
	int err;

	offload_off(h->end.name);
	if (!if_nametoindex(h->vlan)) {
		err = netlink_vlan(h->end.name, h->vlan, VLAN_ID);
		if (err)
			return explain(err, "cannot make a VLAN interface");
	}
	offload_off(h->vlan);
	err = netlink_address(h->end.name, h->ip4, 24);
	if (!err)
		err = netlink_address(h->vlan, h->vlan_ip4, 24);
	if (!err)
		err = netlink_up(h->end.name);
	if (!err)
		err = netlink_up(h->vlan);
	if (err)
		return explain(err, "cannot configure an interface");
	err = netlink_address(h->end.name, h->ip6, 64);
	return err ? explain(err, "cannot use IPv6") : 0;
}

/* Lock step: tell the other host how far we are; wait until it is there. */
static int tell(int fd, char step)
{
	return write(fd, &step, 1) == 1 ? 0 : -EPIPE;
}

static int await(int fd, char step)
{
	char got = 0;

	return read(fd, &got, 1) == 1 && got == step ? 0 : -EPIPE;
}

static int serve_all(int out)
{
	int s[N_TALKS];
	unsigned int i;
	int err = 0;

	for (i = 0; i < N_TALKS; i++) {
		s[i] = talk_listen(&talks[i]);
		if (s[i] < 0)
			return explain(s[i], "cannot listen");
	}
	if (tell(out, 's'))
		return -EPIPE;
	for (i = 0; i < N_TALKS && !err; i++)
		err = talk_serve(&talks[i], s[i]);
	return err ? explain(err, "a conversation failed at its server") : 0;
}

static int far(int in, int out)
{
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET))
		return explain(-errno, "no second network namespace");
	err = tell(out, 'n');
	if (!err)
		err = await(in, 'c');	/* the cable is there */
	if (!err)
		err = configure(&far_host);
	if (!err)
		err = serve_all(out);
	return err ? err : await(in, 'e');
}

static int use_all(const char *path, bool has_vlans)
{
	const char *standin = has_vlans ? NULL : near_host.vlan;
	struct recorder *r;
	unsigned int i;
	int err = 0, end;

	r = recorder_start(near_host.end.name, standin, VLAN_ID, path, &err);
	if (!r)
		return explain(err, "cannot record");
	for (i = 0; i < N_TALKS && !err; i++)
		err = talk_use(&talks[i]);
	end = recorder_stop(r);
	if (err)
		return explain(err, "a conversation failed");
	return end ? explain(end, "frames of the recording were lost") : 0;
}

/* Both ends of all cables. */
static int lay_cables(pid_t other, bool *has_vlans)
{
	struct cable_end a = near_host.end, b = far_host.end;
	int err = netlink_cable(&a, &b, other, MTU);

	if (err)
		return explain(err, "cannot make a pair of interfaces");
	*has_vlans = !netlink_vlan(a.name, near_host.vlan, VLAN_ID);
	if (*has_vlans)
		return 0;
	a.name = near_host.vlan;
	b.name = far_host.vlan;
	err = netlink_cable(&a, &b, other, MTU);
	return err ? explain(err, "cannot make a second pair") : 0;
}

static int near(const char *path, pid_t other, int in, int out)
{
	bool has_vlans = false;
	int err = await(in, 'n');

	if (!err)
		err = lay_cables(other, &has_vlans);
	if (!err)
		err = tell(out, 'c');
	if (!err)
		err = configure(&near_host);
	if (!err)
		err = await(in, 's');
	if (!err)
		err = use_all(path, has_vlans);
	tell(out, 'e');
	return err;
}

static int both_hosts(const char *path)
{
	int to_far[2], to_near[2], err;
	pid_t other;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	err = own_network();
	if (err)
		return explain(err, "network namespaces are not permitted");
	if (pipe2(to_far, O_CLOEXEC) || pipe2(to_near, O_CLOEXEC))
		return explain(-errno, "no pipe");
	other = fork();
	if (other < 0)
		return explain(-errno, "no second process");
	if (!other) {
		close(to_far[1]);
		close(to_near[0]);
		_exit(far(to_far[0], to_near[1]) ? 1 : 0);
	}
	close(to_far[0]);
	close(to_near[1]);
	err = near(path, other, to_near[0], to_far[1]);
	close(to_far[1]);
	waitpid(other, NULL, 0);
	return err;
}

int traffic_capture(const char *path, char *why, size_t len)
{
	char text[2 * WHY_BYTES] = "";
	int report[2], status = -1;
	ssize_t n;
	pid_t pid;

	snprintf(why, len, "the processes that make it ended unexpectedly");
	if (pipe2(report, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		report_fd = report[1];
		_exit(both_hosts(path) ? 1 : 0);
	}
	close(report[1]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	n = read(report[0], text, sizeof(text) - 1);
	if (n > 0)	/* what the first to notice has said */
		snprintf(why, len, "%.*s", (int)strcspn(text, "\n"), text);
	close(report[0]);
	return pid > 0 && status == 0 ? 0 : -1;
}
