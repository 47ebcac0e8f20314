#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	host --- v1 ===veth=== v0 --+-- a
#	(room B)                    +-- vale0 (room A)
#	host --- w1 ===veth=== w0 --+-- b
#	(room C)
#
# Interfaces on a switch in user mode: programs on it reach the wires and hear
# them, the hosts at their ends reach each other; what is attached can be
# detached, and then is the host's; a server that ends leaves nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

need_xdp
rooms A B C
pair "$A" v0 "$B" v1
pair "$A" w0 "$C" w1
server

check "attach v0" at "$A" vale-ctl -a vale0:v0
refused 1 "attach it twice" at "$A" vale-ctl -a vale0:v0
refused 1 "open what is attached" at "$A" functional -I netmap:v0
check "open a" at "$A" functional -i vale0:a
check "open b" at "$A" functional -i vale0:b
check "a wire sends" at "$B" stack out v1 5 200 w
expect vale0:a 200:w:5
expect vale0:b 200:w:5
start in ip netns exec "$B" stack in v1 5 20
wait_until 20 "the host listens" said in '^ready'
send vale0:a 300:x:5
finish in || fail "the wire did not get what was sent on the switch"
expect vale0:b 300:x:5
check "attach w0" at "$A" vale-ctl -a vale0:w0
start in ip netns exec "$C" stack in w1 5 20
wait_until 20 "the other host listens" said in '^ready'
check "a wire sends" at "$B" stack out v1 5 400 y
finish in || fail "one wire did not get what the other sent"
expect vale0:a 400:y:5
release vale0:a vale0:b

# more at a time than the interface takes: all of it leaves, or is counted
sent()
{
	ip netns exec "$A" cat /sys/class/net/v0/statistics/tx_packets
}
lost()
{
	at "$A" nminfo counters vale0:v0 rx | sed -n 's/^drop-no-room //p'
}
before=$(($(sent) + $(lost)))
check "a flood" at "$A" flow tx -n 20000 -l 1000 vale0:c
all_gone()
{
	(($(sent) + $(lost) - before >= 20000))
}
wait_until 20 "all of the flood has left" all_gone
check "detach v0" at "$A" vale-ctl -d vale0:v0
check "detach w0" at "$A" vale-ctl -d vale0:w0
ip -n "$A" link show v0 | grep -q xdp && fail "the program is still on v0"
check "open it now" at "$A" functional -I netmap:v0
check "attach v0 again" at "$A" vale-ctl -a vale0:v0
pid=$(server_pid)
kill "$pid"
free_again()
{
	! ip -n "$A" link show v0 | grep -q xdp
}
wait_until 5 "nothing is left of it" free_again
