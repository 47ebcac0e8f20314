#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# 10,000 times open and close, from two processes, of a VALE port and a pipe:
# the server grows neither in memory nor in descriptors, and all buffers are
# there afterwards. They are opened exclusively: once close has returned, the
# port can be had again.
. "$(dirname "$0")/lib.sh"

server --param region_size=67108864
check "warm up" nminfo spare vale0:probe
check "warm up" churn -n $((500 / SLOW)) -p 2 'vale0:c%d/x' 'netmap:c%d{1/x'
before=$(info spare spare vale0:probe)
if [[ $NM_HOME == user ]]; then
	# answered when all that was closed before has been dealt with
	pid=$(server_pid)
	mem=$(rss "$pid") fds=$(fds "$pid")
fi
check "churn" churn -n $((2500 / SLOW)) -p 2 'vale0:c%d/x' 'netmap:c%d{1/x'
if [[ $NM_HOME == user ]]; then
	settled()
	{
		(($(fds "$pid") <= fds))
	}
	wait_until 5 "descriptors: $fds before, $(fds "$pid") now" settled
	# a sanitizer keeps records of its own, some 2 KiB per open and close
	(($(rss "$pid") <= mem + 512 * SLOW * SLOW)) ||
		fail "memory grew from $mem to $(rss "$pid") KiB"
fi
[[ $(info spare spare vale0:probe) == "$before" ]] || fail "buffers are missing"
