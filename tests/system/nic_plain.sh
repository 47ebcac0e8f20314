#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	netmap:v0 --- v0 ===veth=== v1 --- netmap:v1
#
# Random frames both ways, as long as the MTU allows, with and without several
# slots on the transmit side: intact at the other end, nothing comes back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

random_frames()
{
	local chars=abcdefghijklmnopqrstuvwxyz

	echo "$((60 + RANDOM % 1455)):${chars:$((RANDOM % 26)):1}:$((1 + RANDOM % 60))"
}

server
veths v0 v1
hold netmap:v0 netmap:v1
for i in 1 2 3 4; do
	p=$(random_frames)
	send netmap:v0 "$p"
	expect netmap:v1 "$p"
	p=$(random_frames)
	send netmap:v1 "$p" -F 200
	expect netmap:v0 "$p"
done
silent netmap:v0 netmap:v1
release netmap:v0 netmap:v1

start rx flow rx -n 3000 -t 10 netmap:v1
wait_until 20 "the receiver is ready" said rx '^ready'
# the kernel may change the order of what is sent now here and now there
start tx taskset 1 flow tx -n 3000 -l 300 -R 1000 netmap:v0
finish tx || fail "the sender ended with $?"
finish rx || fail "frames were lost or damaged: $(tail -n 1 "$T/rx.out")"
