#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: a driver with native ports, on a switch
#
#	netmap:v1 --- v1 ===veth=== v0 --- vale0 --- vale0:a
#
# 1. Frames go out by the driver's own rings, and come in.
# 2. When the other end is full they wait on the switch's side and then go on.
# 3. Off the switch again the interface is a port like before.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

[[ ${NM_NATIVE:-} ]] || skip "the veth driver here has no native ports"
server
veths v0 v1
check "attach" vale-ctl -a vale0:v0
hold vale0:a netmap:v1
nminfo status v0 >"$T/status"
check "the port is native" grep -qx 'class 2' "$T/status"
for len in 60 300 1514; do
	send vale0:a $len:o:20
	expect netmap:v1 $len:o:20
	send netmap:v1 $len:i:20
	expect vale0:a $len:i:20
done
silent vale0:a netmap:v1

# 1023 fill the other end; the rest waits in the inbox of the switch's side
send vale0:a 100:p:1000
send vale0:a 100:q:200
expect netmap:v1 100:p:1000
expect netmap:v1 100:q:200
silent vale0:a netmap:v1

check "detach" vale-ctl -d vale0:v0
hold netmap:v0
send netmap:v0 100:z:3
expect netmap:v1 100:z:3
silent vale0:a
