#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	vale0:a -- [vale0] -- vale0:x <bridge> vale1:y -- [vale1] -- vale1:b
#	netmap:p{1 --- netmap:p}1 <bridge> netmap:q{1 --- netmap:q}1
#
# bridge forwards both ways, whole and in order, several slots per packet,
# with and without copying; SIGINT ends it with 0.
. "$(dirname "$0")/lib.sh"

server
across()
{
	local a=$1 x=$2 y=$3 b=$4 p

	shift 4
	hold "$a" "$b"
	start bridge bridge -w 0 "$@" -i "$x" -i "$y"
	wait_until 10 "the bridge is ready" said bridge 'Ready to go'
	p=$(random_packets)
	send "$a" "$p"
	expect "$b" "$p"
	p=$(random_packets)
	send "$b" "$p"
	expect "$a" "$p"
	silent "$a" "$b"
	stop bridge INT || fail "the bridge after SIGINT"
	release "$a" "$b"
}
across vale0:a vale0:x vale1:y vale1:b
across vale0:a vale0:x vale1:y vale1:b -c
across 'netmap:p{1' 'netmap:p}1' 'netmap:q{1' 'netmap:q}1'
refused 1 "a port that cannot be had" bridge -w 0 -i netmap:nosuch -i vale0:a
