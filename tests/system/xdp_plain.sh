#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	netmap:v0 --- v0 ===veth=== v1 --- netmap:v1, or its host
#	     (room A)                   (room B)
#
# Interfaces in user mode, in network namespaces that are not the server's:
# frames of many sizes both ways, in order and undamaged; who binds only the
# transmit side leaves what comes to the host; afterwards all is as before.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

need_xdp
rooms A B
pair "$A" v0 "$B" v1
ip -n "$A" addr add 10.9.1.1/24 dev v0
ip -n "$B" addr add 10.9.1.2/24 dev v1
server

random_frames()
{
	local chars=abcdefghijklmnopqrstuvwxyz

	echo "$((60 + RANDOM % 1454)):${chars:$((RANDOM % 26)):1}:$((1 + RANDOM % 60))"
}

# answers: the hosts at both ends reach each other
answers()
{
	ip netns exec "$A" stack talk 10.9.1.2 5000 1000
}

start serve ip netns exec "$B" stack serve 10.9.1.2 5000
wait_until 20 "the host listens" said serve '^ready'
wait_until 20 "the hosts talk to begin with" answers
finish serve

for p in v0 v1; do
	room=$A
	[[ $p == v1 ]] && room=$B
	check "open $p" at "$room" functional -i "netmap:$p"
done
for i in 1 2 3 4; do
	p=$(random_frames)
	send netmap:v0 "$p"
	expect netmap:v1 "$p"
	p=$(random_frames)
	send netmap:v1 "$p"
	expect netmap:v0 "$p"
done
silent netmap:v0 netmap:v1
ip -n "$A" link show v0 | grep -q xdp || fail "no program on v0"
release netmap:v0 netmap:v1

start rx ip netns exec "$B" flow rx -n 2000 -t 10 netmap:v1
wait_until 20 "the receiver is ready" said rx '^ready'
start tx ip netns exec "$A" taskset 1 flow tx -n 2000 -l 300 -R 1000 netmap:v0
finish tx || fail "the sender ended with $?"
finish rx || fail "frames were lost or damaged: $(tail -n 1 "$T/rx.out")"

# the transmit side alone: nothing is taken from the host
check "open to send" at "$A" functional -i netmap:v0/T
start serve ip netns exec "$B" stack serve 10.9.1.2 5000
wait_until 20 "the host listens" said serve '^ready'
wait_until 20 "the hosts talk beside a sender" answers
finish serve
release netmap:v0/T

# one queue of several
refused 1 "a queue that is not there" at "$A" functional -I netmap:v0-7
check "open a queue" at "$A" functional -i netmap:v0-0
release netmap:v0-0
refused 1 "an interface that is not there" at "$A" functional -I netmap:v77
refused 1 "host rings" at "$A" functional -I 'netmap:v0^'
gone()
{
	! ip -n "$A" link show v0 | grep -q xdp
}
wait_until 10 "the program is gone" gone
start serve ip netns exec "$B" stack serve 10.9.1.2 5000
wait_until 20 "the host listens" said serve '^ready'
wait_until 20 "the hosts talk in the end" answers
