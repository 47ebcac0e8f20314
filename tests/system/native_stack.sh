#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: a driver with native ports, one end; the other is the system's
#
#	netmap:v0 --- v0 ===veth=== v1 --- stack
#
# 1. Frames of the program reach the stack of the other end, and the reverse.
# 2. A VLAN tag that the stack keeps beside a packet is in the frame.
# 3. The stack's large packets arrive cut to frames, with checksums.
# 4. More than the ring holds is dropped and counted, not queued.
# 5. When the program goes the interface is as before.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

[[ ${NM_NATIVE:-} ]] || skip "the veth driver here has no native ports"

# The rest of a frame that nmsee or stack in printed, from byte $2 on
frame_has()
{
	grep -qE "^frame $2 $3" "$T/$1.out"
}

server
veths v0 v1
started taker stack in v1 3 10
check "send to the stack" functional -I netmap:v0 -w 0 -t 100:h:3
finish taker || fail "the stack did not get the frames"
check "as they were sent" frame_has taker 100 ffffffffffff

started see nmsee netmap:v0 4 10
check "send from the stack" stack out v1 4 200 z
finish see || fail "the port did not get the frames"
check "as they were sent" frame_has see 200 ffffffffffff

# a tag that lies beside the packet
check "vlan" ip link add link v1 name v1.7 type vlan id 7
quiet v1.7
check "vlan up" ip link set v1.7 up
started see nmsee netmap:v0 1 10
check "send into the vlan" stack out v1.7 1 100 z
finish see || fail "the tagged frame did not come"
check "with its tag" frame_has see 104 'f{12}[0-9a-f]{12}8100[02468ace]007'
ip link del v1.7

# 40 KB by TCP from one namespace, handed on to another by a netmap program
room east
room west
veths w0 w1
check "v1 moves" ip link set v1 netns east
check "w1 moves" ip link set w1 netns west
inside_up() {	# room interface address
	ip netns exec "$1" sysctl -qw "net.ipv6.conf.$2.disable_ipv6=1" 2>/dev/null
	ip netns exec "$1" ip addr add "$3" dev "$2" &&
		ip netns exec "$1" ip link set "$2" up
}
check "v1 up" inside_up east v1 10.9.0.1/24
check "w1 up" inside_up west w1 10.9.0.2/24
start bridge bridge -i netmap:v0 -i netmap:w0 -w 0
started serve ip netns exec west stack serve 10.9.0.2 7777
check "talk through the bridge" ip netns exec east stack talk 10.9.0.2 7777 400000
finish serve || fail "the server ended with $?"
check "all bytes came" grep -q '^bytes 400000 ' "$T/serve.out"
stop bridge INT

# the ring has room for 1023
start many nmhold netmap:v0
wait_until 10 "the port is open" said many '^ready'
kill -STOP "${PID_OF[many]}"
before=$(counter rx_dropped v0)
check "send more than fits" ip netns exec east stack out v1 1500 100
after=$(counter rx_dropped v0)
nminfo counters v0 rx 0 >"$T/counters"
((after - before >= 400)) || fail "drops of the interface: $before, then $after"
check "drops of the ring" grep -qE "^drop-no-room [4-9][0-9][0-9]" "$T/counters"
kill -CONT "${PID_OF[many]}"
stop many

# no program: the stack has both ends
check "v0 gets an address" ip addr add 10.9.0.3/24 dev v0
started serve stack serve 10.9.0.3 7778
check "talk" ip netns exec east stack talk 10.9.0.3 7778 100000
finish serve || fail "the server ended with $?"
check "all bytes came" grep -q '^bytes 100000 ' "$T/serve.out"
