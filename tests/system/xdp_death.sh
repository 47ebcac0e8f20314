#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	netmap:v0 --- v0 ===veth=== v1 --- host
#	     (room A)                   (room B)
#
# A program that has the interface is killed, then the server is: each time the
# host has its interface back at once, and it can be opened again.  The
# interface is deleted under a program that sleeps on it: that is told.  What
# another server has is refused, and so is what the server may not do.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

need_xdp
rooms A B
pair "$A" v0 "$B" v1
server

host_again()
{
	! ip -n "$A" link show v0 | grep -q xdp
}

for i in 1 2 3; do
	started holder ip netns exec "$A" nmhold netmap:v0
	host_again && fail "no program on the interface"
	stop holder KILL
	wait_until 5 "the interface is the host's ($i)" host_again
done

started holder ip netns exec "$A" nmhold netmap:v0
refused 1 "what another server has" env NETMAP_SOCKET="$T/other" \
	ip netns exec "$A" functional -I netmap:v0
pid=$(server_pid)
kill -9 "$pid"
wait_until 5 "the interface is the host's without a server" host_again
stop holder KILL
rm -f "$NETMAP_SOCKET"
server

start see ip netns exec "$A" nmsee netmap:v0 2 30
wait_until 20 "it is open" said see '^ready'
check "the wire sends" at "$B" stack out v1 1 100
wait_until 10 "one frame" said see '^frame 100'
check "down" ip -n "$A" link set v0 down
check "up" ip -n "$A" link set v0 up
sleep 0.3
dead see && fail "down and up ended it"
check "delete the interface" ip -n "$A" link del v0
finish see
[[ $? == 3 ]] || fail "deleted: it ended with $?"
said see '^error' || fail "deleted: it was not told"
refused 1 "open what is gone" at "$A" functional -I netmap:v0

# a server without privileges says so
pair "$A" v2 "$B" v3
start weak ip netns exec "$A" setpriv --bounding-set=-all --inh-caps=-all \
	"$NETMAPD" --foreground --socket "$T/weak"
wait_until 10 "a weak server" env NETMAP_SOCKET="$T/weak" nminfo pid
out=$(NETMAP_SOCKET=$T/weak ip netns exec "$A" functional -I netmap:v2 2>&1) &&
	fail "a server without privileges opened an interface"
grep -qi 'CAP_' <<<"$out" || fail "it did not say what is missing: $out"
