#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	vale0:tx --+-- vale0:good
#		   +-- vale0:victim (kill -9, again and again)
#	netmap:p{1 --- netmap:p}1 (killed; a new reader takes over)
#
# Receivers that die while frames are on their way.
#
# 1. a broadcast stream goes to a receiver that lives and one that is killed 30
#    times: the first misses nothing and sees no damage
# 2. the reader of a pipe is killed; a new one opens its end and reads on; the
#    sender never fails
. "$(dirname "$0")/lib.sh"

server --param region_size=67108864
before=$(info spare spare vale0:probe)
started good flow rx vale0:good
started tx flow tx -R $((3000 / SLOW)) vale0:tx
started ptx flow tx -R 3000 'netmap:p{1'
for ((i = 0; i < 30 / SLOW; i++)); do
	started victim flow rx vale0:victim
	started prx flow rx 'netmap:p}1'
	sleep 0.0$((RANDOM % 5))
	stop victim KILL
	stop prx KILL
done
started prx flow rx 'netmap:p}1'
goes_on prx
goes_on good
stop ptx || fail "the pipe's sender: $(tail -n 1 "$T/ptx.out")"
stop tx || fail "the switch's sender: $(tail -n 1 "$T/tx.out")"
stop prx || fail "the pipe's reader: $(tail -n 1 "$T/prx.out")"
sent=$(seen tx)
# A slow machine may keep the receiver waiting for longer than its ring lasts.
got_all()
{
	local lost

	lost=$(info drop-no-room counters vale0:good rx)
	((lost == 0 || SLOW > 1)) &&
		(($(info packets counters vale0:good rx) + lost == sent))
}
wait_until 5 "all $sent frames arrive" got_all
stop good || fail "the stream was harmed: $(tail -n 1 "$T/good.out")"
given_back()
{
	[[ $(info spare spare vale0:probe) == "$before" ]]
}
wait_until 10 "all $before buffers come back" given_back
