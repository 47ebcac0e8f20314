#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	sender, extra buffers --- vale0:v0 --+-- vale0:v1
#					     +-- vale0:v2
#
# Packets sent from extra buffers, swapped into the slots, arrive intact, on
# an ephemeral VALE port, a persistent one and a pipe (scenarios 4 to 6); and
# the buffers go back to the pool.
#
# 1. send from 20 extra buffers to two others and through a pipe
# 2. ask for extra buffers and leave again, 200 times 2000: none is lost
. "$(dirname "$0")/lib.sh"

server
p=$(random_packets)
check "create p0" vale-ctl -n p0
check "attach p0" vale-ctl -a vale0:p0
hold vale0:v1 vale0:v2 'netmap:q}1'
for port in vale0:v0 netmap:p0; do
	check "send from extra buffers on $port" \
		functional -I "$port" -e 20 -t "$p"
	expect vale0:v1 "$p"
	expect vale0:v2 "$p"
done
# A pipe carries the buffers themselves: fewer than its slots, then read.
start pipe functional -I 'netmap:q{1' -e 20 -t 1000:p:40 -p 400ms -A 1023
expect 'netmap:q}1' 1000:p:40
finish pipe || fail "sending extra buffers through a pipe"

before=$(info extra open vale0:v3)
for i in 1 2 3 4; do
	check "2000 extra buffers" functional -I vale0:e -e 2000 -C 1
done
[[ $(info extra open vale0:v3) == "$before" ]] || fail "extra buffers of others"
