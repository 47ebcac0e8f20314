#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
# Who may have an interface: not one that a bridge has, and a bridge not one
# that a program has; exclusive use; host rings alone take nothing from the
# host; names that are none; native only, where there is no native driver.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

server
veths v0 v1
check "bridge" ip link add br0 type bridge
IFS_MADE+=(br0)
check "join" ip link set v0 master br0
refused 1 "a member of a bridge" nmsee netmap:v0 1 1
nmsee netmap:v0 1 1 2>&1 | grep -qi 'bridge' || fail "the sentence does not say why"
check "host rings of a member" functional -I netmap:v0^
check "leave" ip link set v0 nomaster
hold netmap:v0
refused 2 "join a bridge while open" ip link set v0 master br0
release netmap:v0
check "join afterwards" ip link set v0 master br0
ip link set v0 nomaster

start x nmhold netmap:v0/x
wait_until 20 "exclusive" said x '^ready'
refused 1 "a second one" nmsee netmap:v0 1 1
check "host rings are others" functional -I netmap:v0^
stop x
start x nmhold netmap:v0
wait_until 20 "open" said x '^ready'
refused 1 "exclusive when it is in use" nmsee netmap:v0/x 1 1
stop x

# host rings only: the host goes on without them
hold netmap:v0^
start rx stack in v1 3 20
wait_until 20 "the stack listens" said rx '^ready'
check "the host sends" stack out v0 3 100
finish rx || fail "host rings alone have cut the host off"
silent netmap:v0^
# the host receives what is put on its transmit ring
start rx stack in v0 3 20
wait_until 20 "the stack listens" said rx '^ready'
send netmap:v0^ 100:x:3
finish rx || fail "the host did not get what was sent to it"
release netmap:v0^

refused 1 "no such interface" nmsee netmap:nosuch0 1 1
echo 1 >/sys/module/netmap/parameters/admode
refused 1 "native only" nmsee netmap:v0 1 1
echo 2 >/sys/module/netmap/parameters/admode
check "emulated" functional -I netmap:v0
echo 0 >/sys/module/netmap/parameters/admode
