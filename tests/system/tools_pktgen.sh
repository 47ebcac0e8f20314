#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	pkt-gen -f tx --- VALE or pipe --- pkt-gen -f rx
#	pkt-gen -f ping --- pipe --- pkt-gen -f pong
#
# pkt-gen as scripts use it: counts arrive, the lines they parse are there,
# SIGINT gives a summary, exit statuses are 0, 1 and 2.
. "$(dirname "$0")/lib.sh"

server
pair()
{
	local tx=$1 rx=$2 n=$3

	shift 3
	start rx pkt-gen -i "$rx" -f rx -n "$n" -W -w 0
	wait_until 10 "the receiver is ready" said rx '^Receiving from'
	check "pkt-gen tx on $tx" pkt-gen -i "$tx" -f tx -n "$n" -w 0 "$@"
	finish rx || fail "pkt-gen rx on $rx"
	said rx "^Received $n packets" || fail "not $n packets: $(tail -n 2 "$T/rx.out")"
	said rx '^Speed: .* Bandwidth: ' || fail "no Speed line"
}
# over a switch no more than the receiver's ring holds: what it has no room
# for while it does not run would be dropped, and rightly so
pair vale0:a vale0:b 1000
pair vale0:a vale0:b 1000 -l 1514
pair vale0:a vale0:b 500 -l 4000 -F 2
pair vale0:a vale0:b 1000 -R 5000
pair 'netmap:p{1' 'netmap:p}1' 20000
pair vale0:a vale0:b 1000 -s 10.0.0.1:100-10.0.0.9:110

for ends in 'vale1:a vale1:b' 'netmap:q{1 netmap:q}1'; do
	start pong pkt-gen -i "${ends#* }" -f pong -w 0
	wait_until 10 "pong is ready" said pong '^Working on'
	check "ping" timeout 20 pkt-gen -i "${ends% *}" -f ping -n 200 -w 0
	stop pong INT || fail "pong after SIGINT"
done

start rx pkt-gen -i vale0:b -f rx
wait_until 10 "the receiver is ready" said rx '^Receiving from'
stop rx INT || fail "SIGINT: exit status"
said rx '^Received nothing' || fail "no summary after SIGINT"
refused 1 "a port that cannot be had" pkt-gen -i netmap:nosuchport -f rx
refused 2 "wrong usage" pkt-gen -i vale0:a --no-such-option
refused 2 "no port" pkt-gen -f rx
