#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	box                                     peer
#	stack --- n0^ --bridge-- n0 ===veth=== n1 --- stack
#
# A program between an interface and its host keeps the host on line: ping,
# and TCP both ways, with all offloads of the interfaces on.  Without the
# program nothing passes, and when it is gone everything is as before, killed
# or not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

BYTES=3000000

tcp()	# from-room, to-room, address
{
	start serve ip netns exec "$2" stack serve "$3" 5000
	wait_until 20 "server of $2" said serve '^ready'
	start talk ip netns exec "$1" timeout 60 stack talk "$3" 5000 $BYTES
	finish talk || fail "TCP from $1: ended with $?"
	finish serve || fail "TCP to $2: ended with $?"
	[[ $(<"$T/talk.out") == "bytes $BYTES "* ]] || fail "not all was sent"
	[[ $(grep bytes "$T/serve.out") == "$(<"$T/talk.out")" ]] ||
		fail "TCP from $1 to $2: what came is not what was sent"
}

ping_peer()
{
	at box ping -c 3 -i 0.2 -W 2 10.1.1.2
}

server
room box
room peer
veths n0 n1
check "move" ip link set n0 netns box
check "move" ip link set n1 netns peer
for x in box:n0:10.1.1.1 peer:n1:10.1.1.2; do
	IFS=: read -r r i a <<<"$x"
	at "$r" sh -c "echo 1 > /proc/sys/net/ipv6/conf/$i/disable_ipv6"
	check "address" at "$r" ip addr add "$a/24" dev "$i"
	check "up" at "$r" ip link set "$i" up
done
wait_until 10 "ping without netmap" ping_peer
at box bash -c "$(declare -f looks); looks n0" >"$T/before"

start hold ip netns exec box nmhold netmap:n0
wait_until 20 "the interface is open" said hold '^ready'
at box ping -c 1 -W 1 10.1.1.2 >/dev/null && fail "ping past netmap"
stop hold
wait_until 10 "ping after that" ping_peer

start bridge ip netns exec box bridge -i netmap:n0 -i netmap:n0^
wait_until 20 "ping through the bridge" ping_peer
tcp box peer 10.1.1.2
tcp peer box 10.1.1.1
at box bash -c "$(declare -f looks); looks n0" >"$T/during"
cmp -s "$T/before" "$T/during" ||
	fail "settings change: $(diff "$T/before" "$T/during")"
stop bridge KILL
wait_until 10 "ping when the bridge is gone" ping_peer
at box bash -c "$(declare -f looks); looks n0" >"$T/after"
cmp -s "$T/before" "$T/after" ||
	fail "settings remain changed: $(diff "$T/before" "$T/after")"
tcp peer box 10.1.1.1
check "it can join a bridge again" at box ip link add br0 type bridge
check "it can join a bridge again" at box ip link set n0 master br0
