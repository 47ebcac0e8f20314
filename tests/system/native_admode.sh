#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: the choice between native and emulated ports
#
#	admode   driver with native ports   driver without
#	0        native                     emulated
#	1        native                     refused
#	2        emulated                   emulated
#
# A port that is open stays what it is.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

[[ ${NM_NATIVE:-} ]] || skip "the veth driver here has no native ports"
param=/sys/module/netmap/parameters/admode
[[ -w $param ]] || skip "no parameter admode"
trap 'status=$?; echo 0 >$param; functional -c >/dev/null 2>&1; ifs_cleanup; (exit $status); cleanup' EXIT

class()
{
	nminfo status "$1" >"$T/status" && grep -qx "class $2" "$T/status"
}

server
veths v0 v1
hold netmap:v0 netmap:lo
check "native" class v0 2
check "emulated" class lo 4
echo 2 >$param
check "still native" class v0 2
release netmap:v0 netmap:lo

hold netmap:v0
check "emulated now" class v0 4
hold netmap:v1
send netmap:v0 100:a:3
expect netmap:v1 100:a:3
echo 1 >$param
check "still emulated" class v0 4
release netmap:v0 netmap:v1

hold netmap:v0 netmap:v1
check "native again" class v0 2
send netmap:v0 100:a:3
expect netmap:v1 100:a:3
refused 1 "no native driver" functional -I netmap:lo -t 60:x
release netmap:v0

# one end of each class: the emulated one is the native one's stack
echo 2 >$param
hold netmap:v0
check "emulated" class v0 4
check "native" class v1 2
send netmap:v0 100:a:3
expect netmap:v1 100:a:3
send netmap:v1 100:b:3
expect netmap:v0 100:b:3
