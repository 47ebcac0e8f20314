#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: a driver with native ports and four queues
#
#	v0 ===veth=== v1, four queues each
#
# 1. All rings at once; ring i of one end is ring i of the other.
# 2. One ring in netmap mode, the other queues go on with the stack.
# 3. Channels and what else would pull the rest away is refused meanwhile.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

[[ ${NM_NATIVE:-} ]] || skip "the veth driver here has no native ports"
server
veths v0 v1 numtxqueues 4 numrxqueues 4
hold netmap:v0-0 netmap:v0-3 netmap:v1-0 netmap:v1-3 netmap:v1-2
send netmap:v0-3 100:a:5
expect netmap:v1-3 100:a:5
silent netmap:v1-0 netmap:v1-2
send netmap:v1-0 100:b:2
expect netmap:v0-0 100:b:2
silent netmap:v0-3
refused 1 "channels" ethtool -L v0 tx 2 rx 2
refused 1 "channels of the other end" ethtool -L v1 tx 2 rx 2

# ring 2 of v0 is nobody's: what is sent there from netmap goes to the stack
started taker stack in v0 3 10
send netmap:v1-2 90:c:3
finish taker || fail "the stack did not get the frames of ring 2"
check "as they were sent" grep -q '^frame 90 ' "$T/taker.out"
silent netmap:v0-0 netmap:v0-3
release netmap:v0-0 netmap:v0-3 netmap:v1-0 netmap:v1-3 netmap:v1-2

# all queues by one descriptor
hold netmap:v0 netmap:v1
for i in 1 2 3; do
	send netmap:v0 70:d:40
	expect netmap:v1 70:d:40
done
release netmap:v0 netmap:v1
check "channels, now that it is closed" ethtool -L v0 tx 2 rx 2
check "of both ends" ethtool -L v1 tx 2 rx 2
hold netmap:v0-1 netmap:v1-1
send netmap:v0-1 70:e
expect netmap:v1-1 70:e
refused 1 "a ring that is gone" functional -I netmap:v0-2 -t 60:x
