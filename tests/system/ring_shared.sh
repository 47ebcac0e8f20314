#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	holder A (sleeps) --+
#	holder B (waits) ---+-- vale0:r (one receive ring) -- vale0:s
#
# Two descriptors on one ring: both are in the same ring, who waits is woken
# although another holds the ring too, and when one is killed the other goes on.
. "$(dirname "$0")/lib.sh"

two_holders()
{
	[[ $(info holders status vale0:r) == 2 ]]
}

server
hold vale0:r vale0:s
start b functional -I vale0:r -T $((10 * SLOW)) -r 100:a
wait_until 5 "two descriptors hold vale0:r" two_holders
send vale0:s 100:a:1
finish b || fail "the waiting one was not woken"
wait_until 5 "one holder is left" test "$(info holders status vale0:r)" = 1
silent vale0:r

started victim nmhold vale0:r
wait_until 5 "two descriptors hold vale0:r" two_holders
stop victim KILL
send vale0:s 200:b:3
expect vale0:r 200:b:3
