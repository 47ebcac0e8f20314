#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
# Nobody reads: the ring keeps the oldest frames, the others are dropped, and
# counted at the ring and at the interface, on hardware and on host rings.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

drops()	# port, ring
{
	nminfo drops "$1" rx "$2" 2>/dev/null | sed -n 's/.*no-room \([0-9]*\).*/\1/p'
}

server
veths v0 v1
hold netmap:v0
before=$(counter rx_dropped v0)
check "send too much" stack out v1 1200 100 z
after=$(counter rx_dropped v0)
((after - before > 0)) || fail "the interface counted no drop"
((after - before <= 1200 - 1023)) || fail "$((after - before)) drops are too many"
expect netmap:v0 100:z:1000
release netmap:v0

hold netmap:v0*
before=$(counter tx_dropped v0)
check "the host sends too much" stack out v0 1200 100 y
after=$(counter tx_dropped v0)
((after - before > 0)) || fail "the interface counted no drop of the host's"
expect netmap:v0* 100:y:1000
release netmap:v0*
