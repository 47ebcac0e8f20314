#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	netmap:v0 --- v0 ===veth=== v1 --- v1.5 (VLAN 5)     (room)
#	                            v0.7 (VLAN 7) on v0
#
# VLAN tags that lie beside packets in the stack are in the frames that a
# program sees, from the wire and from the host; and tags that a program sends
# arrive as such.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

arp()	# room, address: an ARP request, as a frame with known bytes
{
	at "$1" ping -c 1 -W 1 "$2" >/dev/null 2>&1
}

server
room peer
veths v0 v1
check "move" ip link set v1 netns peer
at peer ip link set v1 up
check "VLAN 5" at peer ip link add v1.5 link v1 type vlan id 5
at peer sh -c 'for i in v1 v1.5; do echo 1 > /proc/sys/net/ipv6/conf/$i/disable_ipv6; done'
at peer ip addr add 10.5.0.1/24 dev v1.5
at peer ip link set v1.5 up

start see nmsee netmap:v0 1 20
wait_until 20 "open" said see '^ready'
wait_until 10 "carrier" grep -q 1 /sys/class/net/v0/carrier
arp peer 10.5.0.2
finish see || fail "nothing came from the VLAN"
# broadcast, anybody, 8100 0005, ARP
said see '^frame [0-9]+ f{12}[0-9a-f]{12}810000050806' ||
	fail "no tag in the frame: $(<"$T/see.out")"

check "VLAN 7" ip link add v0.7 link v0 type vlan id 7
quiet v0.7
ip addr add 10.7.0.1/24 dev v0.7
ip link set v0.7 up
start nic nmhold netmap:v0
wait_until 20 "open" said nic '^ready'
start see nmsee netmap:v0^ 1 20
wait_until 20 "open" said see '^ready'
ping -c 1 -W 1 10.7.0.2 >/dev/null 2>&1
finish see || fail "nothing came from the host"
said see '^frame [0-9]+ f{12}[0-9a-f]{12}810000070806' ||
	fail "no tag in the host's frame: $(<"$T/see.out")"
stop nic
