#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# 100 idle ports, held by two processes that wait on all of theirs: in three
# seconds neither the server nor they use a single tick of CPU time.
# Alone: measures what the machine does
. "$(dirname "$0")/lib.sh"

need_user_mode
server
started one nmhold -n 50 'vale0:p%d'
started two nmhold -n 25 'netmap:a%d{1' 'vale1:q%d'
hold vale0:s
send vale0:s 60:a:5
release vale0:s
used()
{
	local sum=0 p

	for p in netmapd one two; do
		((sum += $(ticks "${PID_OF[$p]}")))
	done
	echo $sum
}
sleep 0.5
before=$(used)
sleep 3
after=$(used)
((after == before)) || fail "$((after - before)) ticks in 3 s"
