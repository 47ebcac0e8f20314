#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	netmap:x{1 --10--> netmap:x}1 reads 7
#
# A pipe pushes back (scenario 8).
#
# 1. send 10 packets; the peer consumes 7: 3 slots remain pending
# 2. as many as there is room for can be sent, one more waits in vain
# 3. once the peer has read them all, there is room again, nothing was lost
. "$(dirname "$0")/lib.sh"

server
hold 'netmap:x{1' 'netmap:x}1'
check "an empty ring" functional -i 'netmap:x{1' -A 1023
send 'netmap:x{1' 100:a:10
check "nothing read yet" functional -i 'netmap:x{1' -A 1013
expect 'netmap:x}1' 100:a:7
wait_until 5 "7 slots come back" functional -i 'netmap:x{1' -A 1020
check "3 stay pending" functional -i 'netmap:x{1' -p 50ms -A 1020
refused 1 "send more than there is room for" \
	functional -i 'netmap:x{1' -T 300ms -t 100:b:1021
expect 'netmap:x}1' 100:a:3
expect 'netmap:x}1' 100:b:1020
wait_until 5 "all slots come back" functional -i 'netmap:x{1' -A 1023
send 'netmap:x{1' 100:c:1
expect 'netmap:x}1' 100:c:1
silent 'netmap:x}1'
