#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	vale0:v1 (kill -9) --+
#	vale0:src -----------+-- vale0:good
#	vale0:v2{1 (kill -9) --- vale0:v2}1 (kill -9)
#
# Senders that die in the middle of what they do.
#
# 1. a checksummed stream runs over the switch for the whole time
# 2. 30 times: senders flood the switch and a pipe, and are killed
# 3. the stream goes on, whole and in order; ports, buffers and descriptors of
#    the dead are all given back
. "$(dirname "$0")/lib.sh"

server --param region_size=67108864
before=$(info spare spare vale0:probe)
started rx flow rx -s 9 vale0:good
started tx flow tx -s 9 -R 1000 vale0:src
for ((i = 0; i < 30 / SLOW; i++)); do
	started v1 flow tx -s 1 -R 1000000 -l 1500 vale0:v1
	started v2 flow tx -s 2 -R 1000000 -l 60 'vale0:v2{1'
	started v3 flow rx -s 2 'vale0:v2}1'
	sleep 0.0$((RANDOM % 5))
	for v in v1 v2 v3; do
		stop $v KILL
	done
done
goes_on rx
stop tx || fail "the good sender: $(tail -n 1 "$T/tx.out")"
stop rx || fail "the stream was harmed: $(tail -n 1 "$T/rx.out")"
wait_until 10 "the ports of the dead go away" none_left
wait_until 10 "all $before buffers come back" given_back "$before"
