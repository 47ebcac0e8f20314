#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	stack --- n0^ <-- looks on and forwards --> n0 ===veth=== n1 --- stack
#
# Transparent mode: a program that marks what it has seen, or the parameter
# fwd, keeps the host on line both ways.  A program that has not all transmit
# rings forwards nothing to the wire.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

ping_peer()
{
	ping -c 3 -i 0.2 -W 2 10.1.1.2
}

server
room peer
veths n0 n1
check "move" ip link set n1 netns peer
at peer sh -c 'echo 1 > /proc/sys/net/ipv6/conf/n1/disable_ipv6'
at peer ip addr add 10.1.1.2/24 dev n1
at peer ip link set n1 up
ip addr add 10.1.1.1/24 dev n0
wait_until 10 "ping without netmap" ping_peer

start see nmsee -f netmap:n0* 1000 100
wait_until 20 "open" said see '^ready'
wait_until 20 "ping while it is looked at" ping_peer
(($(grep -c '^frame' "$T/see.out") >= 6)) || fail "not all of it was seen"
stop see

start see nmhold netmap:n0*
wait_until 20 "open" said see '^ready'
ping_peer >/dev/null && fail "forwarded without being asked to"
echo 1 >/sys/module/netmap/parameters/fwd
wait_until 20 "ping with fwd" ping_peer
echo 0 >/sys/module/netmap/parameters/fwd
stop see
wait_until 10 "ping afterwards" ping_peer
