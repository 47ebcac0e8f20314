#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# 100 idle ports, held by two processes that wait on all of theirs: in three
# seconds neither the server nor they use a single tick of CPU time; in the
# kernel, whose work is nobody's, no ring is synced or woken either.
# Alone: measures what the machine does
. "$(dirname "$0")/lib.sh"

server
started one nmhold -n 50 'vale0:p%d'
started two nmhold -n 25 'netmap:a%d{1' 'vale1:q%d'
hold vale0:s
send vale0:s 60:a:5
release vale0:s
used()
{
	local sum=0 p

	for p in ${PID_OF[netmapd]-} "${PID_OF[one]}" "${PID_OF[two]}"; do
		((sum += $(ticks "$p")))
	done
	for p in vale0:p7 'netmap:a7{1' vale1:q7; do
		((sum += $(info syncs counters "${p#netmap:}" rx)))
		((sum += $(info wakeups counters "${p#netmap:}" rx)))
	done
	echo $sum
}
# Rest comes when what was opened and closed has been tidied up.
for try in 1 2 3 4; do
	sleep 0.5
	before=$(used)
	sleep 3
	after=$(used)
	((after == before)) && exit 0
done
fail "$((after - before)) ticks, syncs or wake-ups in 3 s, at the ${try}th look"
