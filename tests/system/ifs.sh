# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# For scenarios with network interfaces; after lib.sh:
#
#   . "$(dirname "$0")/ifs.sh"
#   veths v0 v1			a pair, both ends here and up, without addresses
#   room peer			a network namespace of that name
#   at peer ip link show	a command in it
#
# Everything made here goes away at the end.

IFS_MADE=()
ROOMS_MADE=()

ifs_cleanup()
{
	local x

	for x in "${PIDS[@]}"; do
		kill -9 "$x" 2>/dev/null
	done
	{ wait; } 2>/dev/null
	for x in "${ROOMS_MADE[@]}"; do
		ip netns del "$x" 2>/dev/null
	done
	for x in "${IFS_MADE[@]}"; do
		ip link del "$x" 2>/dev/null
	done
}

# First what uses interfaces, then they: the other clean-up ends the rest.
trap 'status=$?; functional -c >/dev/null 2>&1; ifs_cleanup; (exit $status); cleanup' EXIT

# quiet IF: nothing but what we send; no neighbour discovery
quiet()
{
	echo 1 >"/proc/sys/net/ipv6/conf/$1/disable_ipv6" 2>/dev/null
}

# veths A B [OPTION...]: a pair of interfaces, up
veths()
{
	local a=$1 b=$2

	shift 2
	check "make $a and $b" ip link add "$a" "$@" type veth peer name "$b" "$@"
	IFS_MADE+=("$a" "$b")
	quiet "$a"
	quiet "$b"
	check "$a up" ip link set "$a" up
	check "$b up" ip link set "$b" up
}

room()
{
	check "namespace $1" ip netns add "$1"
	ROOMS_MADE+=("$1")
	ip netns exec "$1" ip link set lo up
}

at()
{
	local room=$1

	shift
	ip netns exec "$room" "$@"
}

# Interfaces in user mode need root, and a server that was built with libbpf.
need_xdp()
{
	need_user_mode
	need_root
	ldd "$NETMAPD" | grep -q libbpf || skip "a netmapd built with libbpf"
}

# rooms NAME...: namespaces called by these variables from now on; what is
# made in them goes with them
rooms()
{
	local r

	ip netns list >/dev/null 2>&1 || skip "ip and network namespaces"
	for r; do
		printf -v "$r" '%s' "nm$$$r"
		room "nm$$$r"
		ip netns exec "nm$$$r" sh -c \
			'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6' 2>/dev/null
	done
}

# pair ROOM A ROOM B: a pair of interfaces between two rooms, up
pair()
{
	check "make $2 and $4" ip link add "$2" netns "$1" type veth \
		peer name "$4" netns "$3"
	check "$2 up" ip -n "$1" link set "$2" up
	check "$4 up" ip -n "$3" link set "$4" up
}

# looks IF: what can be seen of its settings
looks()
{
	ip -d link show dev "$1" | sed 's/state [A-Z]*//'
	tc qdisc show dev "$1"
	tc filter show dev "$1" egress 2>/dev/null
	tc filter show dev "$1" ingress 2>/dev/null
}

# counter NAME IF: from /sys
counter()
{
	cat "/sys/class/net/$2/statistics/$1"
}
