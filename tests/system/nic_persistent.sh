#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	stack (here)  --- p0 --+
#	                       +-- vale0 -- a (programs)
#	stack (there) --- p1 --+
#
# Persistent ports are interfaces: two hosts talk over a switch through them,
# with packets larger than frames and larger than buffers; programs on the
# switch hear them; a program that binds such a port takes the host's place
# until it goes, or is killed.  They live and die with vale-ctl, or with their
# namespace, and the module stays loaded for them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

carrier()
{
	[[ $(cat /sys/class/net/p0/carrier 2>/dev/null) == "$1" ]]
}

ping_peer()
{
	ping -c 2 -i 0.2 -W 1 "$@" 10.1.1.2
}

# talk NAME FROM BYTES: TCP from the peer to us, or the other way round
talk()
{
	local serve=(ip netns exec peer) talk=() addr=10.1.1.2

	if [[ $2 == peer ]]; then
		talk=("${serve[@]}") serve=() addr=10.1.1.1
	fi
	start "$1.serve" "${serve[@]}" stack serve $addr 5000
	wait_until 20 "$1: server" said "$1.serve" '^ready'
	start "$1.talk" "${talk[@]}" timeout $((60 * SLOW)) stack talk $addr 5000 "$3"
	finish "$1.talk" || fail "$1: TCP ended with $?"
	finish "$1.serve" || fail "$1: the server ended with $?"
	[[ $(grep bytes "$T/$1.serve.out") == "$(<"$T/$1.talk.out")" ]] ||
		fail "$1: what came is not what was sent"
}

server
room peer
check "create p0" vale-ctl -n p0
check "create p1" vale-ctl -n p1
[[ -d /sys/class/net/p0 ]] || fail "there is no interface p0"
refused 1 "create it twice" vale-ctl -n p0
refused 2 "delete it as an interface" ip link del p0
refused 1 "unload" rmmod netmap
refused 1 "a name that is taken" vale-ctl -n lo
check "move" ip link set p1 netns peer
at peer sh -c 'echo 1 > /proc/sys/net/ipv6/conf/p1/disable_ipv6'
echo 1 >/proc/sys/net/ipv6/conf/p0/disable_ipv6
at peer ip link set p1 up
ip link set p0 up
ip addr add 10.1.1.1/24 dev p0
at peer ip addr add 10.1.1.2/24 dev p1
carrier 0 || fail "a carrier before it is on a switch"
check "attach p0" vale-ctl -a vale0:p0
check "attach p1" vale-ctl -a vale0:p1
wait_until 10 "carrier" carrier 1
refused 1 "delete it while attached" vale-ctl -r p0
wait_until 20 "ping over the switch" ping_peer
talk out here $((6000000 / SLOW))
talk in peer $((6000000 / SLOW))

# longer frames than buffers
ip link set p0 mtu 9000
at peer ip link set p1 mtu 9000
wait_until 20 "ping with 8 kB" ping_peer -s 8000
talk jumbo here $((6000000 / SLOW))
ip link set p0 mtu 1500
at peer ip link set p1 mtu 1500

# programs on the switch are its neighbours
hold vale0:a
check "the host sends" stack out p0 5 200 w
expect vale0:a 200:w:5
start in at peer stack in p1 5 20
wait_until 20 "the stack listens" said in '^ready'
send vale0:a 300:x:5
finish in || fail "the other host did not get what a program sent"

# and one that binds the port is in the host's place
hold vale0:p0
carrier 0 || fail "a carrier although a program has the port"
send vale0:p0 70:s:5
expect vale0:a 70:s:5
release vale0:p0
wait_until 10 "carrier is back" carrier 1
started holder nmhold netmap:p0
carrier 0 || fail "a carrier although a program holds the port"
stop holder KILL
wait_until 10 "carrier is back when that was killed" carrier 1
wait_until 20 "ping afterwards" ping_peer
release vale0:a

# down: nothing comes, and nothing hangs
ip link set p0 down
hold vale0:a
send vale0:a 60:d:5
release vale0:a
ip link set p0 up
wait_until 20 "ping when it is up again" ping_peer

check "detach p0" vale-ctl -d vale0:p0
carrier 0 || fail "a carrier off the switch"
check "delete p0" vale-ctl -r p0
[[ -d /sys/class/net/p0 ]] && fail "p0 is still there"

# the other namespace ends: its interface comes back
check "end of the other host" ip netns del peer
wait_until 20 "p1 is back" test -d /sys/class/net/p1
check "detach p1" vale-ctl -d vale0:p1
check "delete p1" vale-ctl -r p1

# the namespace of a port ends: so does the port
room other
at other vale-ctl -n q0
at other vale-ctl -a vale0:q0
check "end of the namespace" ip netns del other
wait_until 20 "the module is free" rmmod netmap
module

for ((i = 0; i < 200 / SLOW; i++)); do
	vale-ctl -n r$i >/dev/null && vale-ctl -a vale3:r$i >/dev/null &&
		vale-ctl -d vale3:r$i >/dev/null && vale-ctl -r r$i >/dev/null ||
		fail "round $i"
done
check "unload" rmmod netmap
module
