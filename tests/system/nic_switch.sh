#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	a ---+
#	     +--- vale0 --- n0 ===veth=== n1 --- stack       (peer)
#	b ---+      |
#	            +------ n0^ --- stack                      (here)
#
# An interface on a switch, and its host: programs on the switch reach the wire
# and the other way round; what is attached belongs to nobody else; with its
# host on the switch too, that stays on line.  It comes off again, also when it
# does not exist any more, and all is as before.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

ping_peer()
{
	ping -c 3 -i 0.2 -W 2 10.1.1.2
}

listed()
{
	vale-ctl 2>&1 | grep -q "$1"
}

server
room peer
veths n0 n1
check "move" ip link set n1 netns peer
at peer sh -c 'echo 1 > /proc/sys/net/ipv6/conf/n1/disable_ipv6'
at peer ip link set n1 up
wait_until 10 "carrier" grep -q 1 /sys/class/net/n0/carrier
looks n0 >"$T/before"

check "attach n0" vale-ctl -a vale0:n0
listed vale0:n0 || fail "it is not listed: $(vale-ctl 2>&1)"
refused 1 "attach it twice" vale-ctl -a vale0:n0
refused 1 "attach it elsewhere" vale-ctl -a vale1:n0
refused 1 "open what is attached" nmsee netmap:n0 1 1
refused 1 "open the switch's end of it" nmsee vale0:n0 1 1
hold vale0:a vale0:b
start out at peer stack in n1 5 20
wait_until 20 "the stack listens" said out '^ready'
send vale0:a 300:x:5
finish out || fail "the wire did not get what was sent on the switch"
expect vale0:b 300:x:5
silent vale0:a
check "the wire sends" at peer stack out n1 5 200 w
expect vale0:a 200:w:5
expect vale0:b 200:w:5
refused 1 "poll by all processors" vale-ctl -p vale0:n0 -C 1,0,2
refused 1 "end what was not begun" vale-ctl -P vale0:n0
check "poll" vale-ctl -p vale0:n0 -C 0,1
refused 1 "poll twice" vale-ctl -p vale0:n0 -C 0,1
refused 1 "detach what is polled" vale-ctl -d vale0:n0
check "the wire sends" at peer stack out n1 5 200 p
expect vale0:a 200:p:5
expect vale0:b 200:p:5
check "end polling" vale-ctl -P vale0:n0
refused 1 "poll what is no card" vale-ctl -p vale0:a -C 0,1
check "the wire sends" at peer stack out n1 5 200 q
expect vale0:a 200:q:5
expect vale0:b 200:q:5
release vale0:a vale0:b
check "detach" vale-ctl -d vale0:n0
refused 1 "detach again" vale-ctl -d vale0:n0
looks n0 >"$T/after"
cmp -s "$T/before" "$T/after" ||
	fail "settings remain changed: $(diff "$T/before" "$T/after")"

at peer ip addr add 10.1.1.2/24 dev n1
ip addr add 10.1.1.1/24 dev n0
wait_until 10 "ping without netmap" ping_peer
hold netmap:n0
refused 1 "attach what is open" vale-ctl -a vale0:n0
release netmap:n0
check "attach without the host" vale-ctl -a vale0:n0
ping_peer >/dev/null && fail "the host is not on the switch, and on line"
check "detach" vale-ctl -d vale0:n0
wait_until 10 "ping afterwards" ping_peer
check "attach with the host" vale-ctl -h vale0:n0
listed 'vale0:n0^' || fail "the host is not listed"
wait_until 20 "ping over the switch" ping_peer
start serve ip netns exec peer stack serve 10.1.1.2 5000
wait_until 20 "server" said serve '^ready'
start talk timeout $((60 * SLOW)) stack talk 10.1.1.2 5000 $((4000000 / SLOW))
finish talk || fail "TCP over the switch ended with $?"
finish serve || fail "TCP to the peer ended with $?"
[[ $(grep bytes "$T/serve.out") == "$(<"$T/talk.out")" ]] ||
	fail "what came is not what was sent"
check "delete it while it is attached" ip link del n0
listed vale0:n0 || fail "it is not listed when it is gone"
check "detach it" vale-ctl -d vale0:n0
listed vale0 && fail "something is left: $(vale-ctl 2>&1)"
refused 1 "what does not exist" vale-ctl -a vale0:n0

# whoever unloads the module while something is attached takes it off
veths n2 n3
check "attach n2" vale-ctl -h vale7:n2
exit 0
