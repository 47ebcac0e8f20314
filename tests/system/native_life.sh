#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: a driver with native ports, whose interfaces come and go
#
#	v0 ===veth=== v1
#
# 1. Down and up: nothing moves, nobody hangs, positions are kept.
# 2. An MTU that needs several slots is fine: the driver has them.
# 3. Moved to another namespace: goes on.
# 4. Deleted while open: errors, the memory stays, a new one of that name works.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

[[ ${NM_NATIVE:-} ]] || skip "the veth driver here has no native ports"
server
veths v0 v1
hold netmap:v0 netmap:v1
send netmap:v0 100:a:5
expect netmap:v1 100:a:5

check "down" ip link set v1 down
timeout 20 functional -i netmap:v0 -t 100:b:2 || fail "a sync hangs while the other end is down"
check "up" ip link set v1 up
silent netmap:v0
expect netmap:v1 100:b:2
check "own end down" ip link set v0 down
timeout 20 functional -i netmap:v0 -T 1 -r 60 -n || fail "a sync hangs while the interface is down"
check "own end up" ip link set v0 up
send netmap:v0 100:c:3
expect netmap:v1 100:c:3
send netmap:v1 100:d:3
expect netmap:v0 100:d:3

check "a large MTU" ip link set v0 mtu 9000
check "at both ends" ip link set v1 mtu 9000
send netmap:v0 9014:e -F 2048
expect netmap:v1 9014:e
check "and back" ip link set v0 mtu 1500

room other
check "move an end" ip link set v1 netns other
check "up there" ip netns exec other ip link set v1 up
send netmap:v0 100:f:3
expect netmap:v1 100:f:3
send netmap:v1 100:g:3
expect netmap:v0 100:g:3

started see nmsee netmap:v0 1 20
check "delete" ip netns exec other ip link del v1
finish see && fail "a deleted interface gave a frame"
check "error" grep -qE '^error' "$T/see.out"
refused 1 "cannot be opened" functional -I netmap:v0 -t 60:x
veths v0 v1
release netmap:v0 netmap:v1
hold netmap:v0 netmap:v1
send netmap:v0 100:h:3
expect netmap:v1 100:h:3
