#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	flow --- netmap:v0 --- v0 ===veth=== v1 --- netmap:v1 --- flow
#	         vale0:v2  --- v2 ===veth=== v3 --- stack
#
# Everything at once, again and again: programs that send and receive are
# killed, interfaces go down, are deleted under them and made again, attached
# and detached, the host sends all the time.  Nothing is left behind: the module
# can be unloaded, every interface still works.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

ROUNDS=8

server
veths v2 v3
for ((i = 0; i < ROUNDS; i++)); do
	veths v0 v1
	start rx$i flow rx -t 60 netmap:v1
	start tx$i flow tx -l 400 netmap:v0
	start host$i nmhold netmap:v0^
	start noise$i stack out v0 100000 300
	vale-ctl -h vale0:v2 >/dev/null 2>&1 || fail "attach v2"
	stack out v3 300 900 &
	stack out v2 300 900 &
	wait_until 20 "something arrives" seen_more rx$i 200
	case $((i % 4)) in
	0) ip link set v0 down; sleep 0.1; ip link set v0 up;;
	1) kill -9 "${PID_OF[tx$i]}";;
	2) ip link del v0;;
	3) kill -9 "${PID_OF[rx$i]}"; ip link set v1 down;;
	esac
	check "detach v2" vale-ctl -d vale0:v2
	for x in tx rx host noise; do
		stop $x$i KILL
	done
	ip link del v0 2>/dev/null
done
{ wait; } 2>/dev/null
veths v0 v1
hold netmap:v0 netmap:v1
send netmap:v0 100:z:5
expect netmap:v1 100:z:5
release netmap:v0 netmap:v1
hold netmap:v2
check "the stack sends" stack out v3 5 100 s
expect netmap:v2 100:s:5
exit 0
