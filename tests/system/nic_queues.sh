#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	netmap:v0-0, -1, -2 --- v0 ===veth, 3 queues=== v1 --- netmap:v1-0, -1, -2
#
# One ring per queue.  Which queue of v1 a frame comes from is up to veth, but
# all frames that left by one ring arrive in one, and not all of them in the
# same.  A queue whose ring nobody has open belongs to the host.  Rings that do
# not exist are refused.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

server
veths v0 v1 numtxqueues 3 numrxqueues 3
hold netmap:v0-0 netmap:v0-1 netmap:v0-2
refused 1 "a ring that is not there" functional -I netmap:v0-3
for i in 0 1 2; do
	start see$i nmsee netmap:v1-$i 100 5
	wait_until 20 "ring $i" said see$i '^ready'
done
for i in 0 1 2; do
	send netmap:v0-$i 10$i:x:5
done
used=0
for i in 0 1 2; do
	finish see$i
	grep -q '^frame' "$T/see$i.out" && ((++used))
done
((used >= 2)) || fail "$used of 3 receive rings were used"
for i in 0 1 2; do
	n=$(cat "$T"/see?.out | grep -c "^frame 10$i ")
	[[ $n == 5 ]] || fail "$n of 5 frames from ring $i arrived"
	n=$(grep -l "^frame 10$i " "$T"/see?.out | wc -l)
	[[ $n == 1 ]] || fail "frames from ring $i arrived in $n rings"
done

# v1 has one ring open, of a queue that the next frames are not for
busy=$(grep -l '^frame 102 ' "$T"/see?.out)
busy=${busy%.out}
busy=${busy##*see}
hold "netmap:v1-$(((busy + 1) % 3))"
start rx stack in v1 5 20
wait_until 20 "the stack listens" said rx '^ready'
send netmap:v0-2 102:c:5
finish rx || fail "a queue has no ring open, and the host got nothing"
silent "netmap:v1-$(((busy + 1) % 3))"
