#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	vale0:v0 --+-- vale0:v1		vale1:p0 (persistent) --+-- vale1:w1
#		   +-- vale0:v2					+-- vale1:w2
#
# Random packets, up to 10,000 bytes in several slots, both directions, on
# ephemeral and persistent ports (scenarios 21 and 22): intact at every other
# port of the switch, never at the sender, never on another switch.
. "$(dirname "$0")/lib.sh"

server
check "create p0" vale-ctl -n p0
check "attach p0" vale-ctl -a vale1:p0
hold vale0:v0 vale0:v1 vale0:v2 netmap:p0 vale1:w1 vale1:w2
for from in v0 v1 v2; do
	p=$(random_packets)
	send "vale0:$from" "$p"
	for to in v0 v1 v2; do
		[[ $to == "$from" ]] || expect "vale0:$to" "$p"
	done
done
for from in netmap:p0 vale1:w1 vale1:w2; do
	p=$(random_packets)
	send "$from" "$p"
	for to in netmap:p0 vale1:w1 vale1:w2; do
		[[ $to == "$from" ]] || expect "$to" "$p"
	done
done
silent vale0:v0 vale0:v1 vale0:v2 netmap:p0 vale1:w1 vale1:w2
