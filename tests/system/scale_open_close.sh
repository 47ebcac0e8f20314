#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# 10,000 times open and close, from two processes, of a VALE port and a pipe:
# the server grows neither in memory nor in descriptors, and all buffers are
# there afterwards.
. "$(dirname "$0")/lib.sh"

server --param region_size=67108864
check "warm up" churn -n $((500 / SLOW)) -p 2 'vale0:c%d' 'netmap:c%d{1'
before=$(info spare spare vale0:probe)
if [[ $NM_HOME == user ]]; then
	pid=${PID_OF[netmapd]}
	mem=$(rss "$pid") fds=$(fds "$pid")
fi
check "churn" churn -n $((2500 / SLOW)) -p 2 'vale0:c%d' 'netmap:c%d{1'
if [[ $NM_HOME == user ]]; then
	settled()
	{
		(($(fds "$pid") <= fds))
	}
	wait_until 5 "descriptors: $fds before, $(fds "$pid") now" settled
	(($(rss "$pid") <= mem + 512 * SLOW)) ||
		fail "memory grew from $mem to $(rss "$pid") KiB"
fi
[[ $(info spare spare vale0:probe) == "$before" ]] || fail "buffers are missing"
