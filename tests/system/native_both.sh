#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: a driver with native ports, both ends
#
#	netmap:v0 --- v0 ===veth=== v1 --- netmap:v1
#
# 1. The class is native.
# 2. Frames both ways, also in several slots, intact and in order.
# 3. A full ring blocks the sender, and nothing is lost.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

[[ ${NM_NATIVE:-} ]] || skip "the veth driver here has no native ports"
server
veths v0 v1
hold netmap:v0 netmap:v1
nminfo status v0 >"$T/status"
check "the port is native" grep -qx 'class 2' "$T/status"
for len in 60 61 1514; do
	send netmap:v0 $len:a:3
	expect netmap:v1 $len:a:3
	send netmap:v1 $len:b:2
	expect netmap:v0 $len:b:2
done
send netmap:v0 9000:m:2 -F 2048
expect netmap:v1 9000:m:2
send netmap:v1 1500:n -F 64
expect netmap:v0 1500:n
silent netmap:v0 netmap:v1

# 1023 slots take 1023 frames; the rest waits in the sender's ring, for a sync
send netmap:v0 64:x:1023
send netmap:v0 64:y:100
expect netmap:v1 64:x:1023
silent netmap:v0
expect netmap:v1 64:y:100
silent netmap:v0 netmap:v1
release netmap:v0 netmap:v1

started rx flow rx -n 30000 -t 10 netmap:v1
started tx flow tx -n 30000 -l 200 netmap:v0
finish tx || fail "the sender ended with $?"
finish rx || fail "frames were lost or damaged: $(tail -n 1 "$T/rx.out")"
