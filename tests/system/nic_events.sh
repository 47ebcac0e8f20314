#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	netmap:v0 --- v0 ===veth=== v1 --- stack
#
# What happens to an interface while it is open, and while somebody sleeps on
# it: down and up, renamed, moved to another namespace and back, deleted, made
# again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

see()	# port
{
	start see nmsee "$1" 1 30
	wait_until 20 "$1 is open" said see '^ready'
	sleep 0.3	# it sleeps by now
}

seen_one()
{
	finish see || fail "$1: nothing was seen"
	said see '^frame 100 ffffffffffff' || fail "$1: something else was seen"
}

server
room other
veths v0 v1

see netmap:v0
ip link set v0 down
sleep 0.3
dead see && fail "down ended it"
ip link set v0 up
wait_until 10 "carrier" grep -q 1 /sys/class/net/v1/carrier
check "send" stack out v1 1 100
seen_one "after down and up"

see netmap:v0
ip link set v0 down
check "rename" ip link set v0 name v9
ip link set v9 up
refused 1 "the old name" nmsee netmap:v0 1 1
check "open by the new name" functional -I netmap:v9
wait_until 10 "carrier" grep -q 1 /sys/class/net/v1/carrier
check "send" stack out v1 1 100
seen_one "after a new name"
ip link set v9 down
ip link set v9 name v0
ip link set v0 up

see netmap:v0
check "move away" ip link set v0 netns other
refused 1 "the old place" nmsee netmap:v0 1 1
at other sh -c 'echo 1 > /proc/sys/net/ipv6/conf/v0/disable_ipv6'
at other ip link set v0 up
wait_until 10 "carrier" grep -q 1 /sys/class/net/v1/carrier
check "send" stack out v1 1 100
seen_one "after a move"
check "move back" at other ip link set v0 netns 1
quiet v0
ip link set v0 up

# Sending is put off while the interface is down, and not lost.
start rx stack in v1 3 30
wait_until 20 "the stack listens" said rx '^ready'
hold netmap:v0
ip link set v1 down
send netmap:v0 100:x:3
ip link set v1 up
wait_until 10 "carrier" grep -q 1 /sys/class/net/v0/carrier
send netmap:v0 100:y:1
finish rx || fail "frames sent without carrier are lost: $(<"$T/rx.out")"
release netmap:v0

see netmap:v0
start sleeper nmhold netmap:v0
wait_until 20 "a second program" said sleeper '^ready'
check "delete it" ip link del v0
finish see
[[ $? == 3 ]] || fail "a sleeper was not told that its interface is gone"
said see 'error POLLERR' || fail "no POLLERR"
refused 1 "an interface that is gone" nmsee netmap:v0 1 1
veths v0 v1
see netmap:v0
check "send" stack out v1 1 100
seen_one "when it was made again"
# the second program was told as well, and ended by itself
finish sleeper
said sleeper '^lost' || fail "the second program was not told"
