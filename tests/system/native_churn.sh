#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: a driver with native ports, opened, closed and removed under traffic
#
#	flow tx netmap:v0-0 --> v0 ===veth=== v1 <-- stack out v1
#
# One program sends all the time, the stack of the other end too, while ports
# of both ends come and go, an end goes down and up, and at last the interfaces
# are deleted.  Nothing is checked but that all end well; the console says the
# rest.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

[[ ${NM_NATIVE:-} ]] || skip "the veth driver here has no native ports"
server
stack_traffic()
{
	while stack out v1 200 300 2>/dev/null; do :; done
}

for round in 1 2; do
	veths v0 v1 numtxqueues 2 numrxqueues 2
	start tx flow tx -n 100000000 -l 200 netmap:v0-0
	stack_traffic &
	PIDS+=($!)
	for i in 1 2 3 4 5 6 7 8; do
		timeout 20 flow rx -n 300 -t 2 netmap:v1 >/dev/null 2>&1
		timeout 20 nminfo open netmap:v0-1 >/dev/null || fail "open"
		timeout 20 nminfo open netmap:v1-1 >/dev/null || fail "open"
		timeout 20 nmsee netmap:v0 5 1 >/dev/null 2>&1
		((i % 4)) || {
			check "down" ip link set v1 down
			check "up" ip link set v1 up
		}
	done
	dead tx && fail "the sender ended: $(cat "$T/tx.err")"
	start rx flow rx -n 100000000 -t 10 netmap:v1
	wait_until 20 "the receiver is ready" said_or_dead rx '^ready'
	check "delete" ip link del v0
	wait_until 20 "the sender sees it" dead tx
	stop rx
	{ wait; } 2>/dev/null
	PIDS=()
done
true
