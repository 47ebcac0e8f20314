#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	vale0:a -- [vale0] -- v0	[vale1] -- vale1:b
#
# A persistent port lives on without a holder, keeps its geometry, and hears
# the switch it is on.  It is on one switch at a time (a limit of this home,
# README): attaching it to a second one is refused in a sentence that names
# the first, and changes nothing.
. "$(dirname "$0")/lib.sh"

server
check "create" vale-ctl -n v0 -C 512,256
[[ $(info tx-slots open netmap:v0) == 512 ]] || fail "tx slots of v0"
[[ $(info rx-slots open netmap:v0) == 256 ]] || fail "rx slots of v0"
check "attach" vale-ctl -a vale0:v0
vale-ctl -a vale1:v0 2>"$T/second.err" && fail "on two switches at once"
grep -q 'v0 is on switch vale0' "$T/second.err" ||
	fail "the refusal does not name the switch: $(cat "$T/second.err")"
hold vale0:a vale1:b netmap:v0
send vale0:a 300:a:3
expect netmap:v0 300:a:3
send vale1:b 300:b:3
silent vale0:a vale1:b netmap:v0
vale-ctl | grep -q '^vale0:v0' || fail "v0 is not listed on vale0"
vale-ctl | grep -q '^vale1:v0' && fail "v0 is listed on vale1"
exit 0
