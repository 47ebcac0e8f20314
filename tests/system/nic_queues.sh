#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	netmap:v0-0, v0-1 --- v0 ===veth, 3 queues=== v1 --- netmap:v1-0, v1-1
#
# One ring per queue: what leaves by ring i arrives in ring i.  A queue whose
# ring nobody has open belongs to the host.  Rings that do not exist are refused.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

server
veths v0 v1 numtxqueues 3 numrxqueues 3
hold netmap:v0-0 netmap:v0-1 netmap:v0-2 netmap:v1-0 netmap:v1-1
refused 1 "a ring that is not there" functional -I netmap:v0-3
for i in 0 1; do
	send netmap:v0-$i 200:$i:5
	expect netmap:v1-$i 200:$i:5
done
silent netmap:v1-0 netmap:v1-1
start rx stack in v1 5 20
wait_until 20 "the stack listens" said rx '^ready'
send netmap:v0-2 200:c:5
finish rx || fail "queue 2 has no ring, and the host got nothing"
silent netmap:v1-0 netmap:v1-1
check "the port's rings" test "$(info rings rings netmap:v0)" != ""
