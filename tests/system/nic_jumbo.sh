#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	netmap:v0 --- v0 ===veth, MTU 9000=== v1 --- netmap:v1
#
# Frames of 9000 bytes, with buffers that hold them, and TCP of a host whose
# segments are as long.  The module is loaded anew with larger buffers, and then
# as it was.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

MODULE=/vm/modules/netmap.ko
[[ -f $MODULE ]] || skip "the module is not at $MODULE"

reload()
{
	wait_until 10 "the module is free" rmmod netmap
	check "load it" insmod $MODULE "$@"
}

reload buf_size=9216
trap 'status=$?; functional -c >/dev/null 2>&1; ifs_cleanup; reload; (exit $status); cleanup' EXIT
veths v0 v1
check "MTU" ip link set v0 mtu 9000
check "MTU" ip link set v1 mtu 9000
hold netmap:v0 netmap:v1
for len in 60 1514 4096 9014; do
	send netmap:v0 $len:j:30
	expect netmap:v1 $len:j:30
done
refused 1 "longer than the MTU allows is not sent, and longer than the buffers not set" \
	stack mtu v0 9500
release netmap:v0 netmap:v1

room peer
check "move" ip link set v1 netns peer
at peer ip addr add 10.1.1.2/24 dev v1
at peer ip link set v1 up
ip addr add 10.1.1.1/24 dev v0
start bridge bridge -i netmap:v0 -i netmap:v0^
wait_until 20 "ping through the bridge" ping -c 1 -W 1 10.1.1.2
start serve ip netns exec peer stack serve 10.1.1.2 5000
wait_until 20 "server" said serve '^ready'
start talk timeout 60 stack talk 10.1.1.2 5000 3000000
finish talk || fail "TCP ended with $?"
finish serve || fail "TCP to the peer ended with $?"
[[ $(grep bytes "$T/serve.out") == "$(<"$T/talk.out")" ]] ||
	fail "what came is not what was sent"
stop bridge
exit 0
