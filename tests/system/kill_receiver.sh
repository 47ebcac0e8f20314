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
#    times: the first sees no damage, and gets all that its ring has room for
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
got_all()
{
	local got lost

	got=$(info packets counters vale0:good rx)
	lost=$(info drop-no-room counters vale0:good rx)
	((lost += $(info drop-voided counters vale0:good rx)))
	((got + lost == sent))
}
# On a busy machine its ring can be full now and then, or the sender be kept
# from running in the middle of a sync; both are counted.
wait_until 5 "all $sent frames arrive, or are counted" got_all
stop good || fail "the stream was harmed: $(tail -n 1 "$T/good.out")"
wait_until 10 "all $before buffers come back" given_back "$before"
