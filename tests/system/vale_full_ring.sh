#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	vale0:s --- vale0:r (reads nothing)
#
# A receiver that does not read loses frames, its sender does not wait, and
# every frame is either received or counted as dropped for lack of room.
. "$(dirname "$0")/lib.sh"

adds_up()
{
	local got lost

	got=$(info packets counters vale0:r rx)
	lost=$(info drop-no-room counters vale0:r rx)
	((lost > 0 && got + lost == 3000))
}

server
hold vale0:s vale0:r
send vale0:s 60:a:3000
expect vale0:r 60:a:1000
functional -i vale0:r -T 200ms -r 60:a:5000 2>/dev/null &&
	fail "more came than a ring and an inbox hold"
wait_until 5 "packets and drops add up" adds_up
