#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	netmap:x{1 <---> netmap:x}1	parents: a name, vale0:v, a persistent port
#
# Random packets through a pipe, both directions (scenario 23), whatever its
# parent; two pipes of one parent do not mix.
. "$(dirname "$0")/lib.sh"

server
check "create p0" vale-ctl -n p0
for parent in netmap:x vale0:v netmap:p0; do
	hold "$parent{1" "$parent}1" "$parent{2" "$parent}2"
	for ends in '{1 }1' '}1 {1' '{2 }2'; do
		p=$(random_packets)
		send "$parent${ends% *}" "$p"
		expect "$parent${ends#* }" "$p"
	done
	silent "$parent{1" "$parent}1" "$parent{2" "$parent}2"
	release "$parent{1" "$parent}1" "$parent{2" "$parent}2"
done
hold 'netmap:x{in' 'netmap:x}in'
send 'netmap:x{in' 500:n:3
expect 'netmap:x}in' 500:n:3
