#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	vale0:s --+-- vale0:p0
#		  +--   ...
#		  +-- vale0:p499
#
# 500 ports on one switch: a broadcast reaches all of them, a learnt station is
# found among them, and they go away at once.
. "$(dirname "$0")/lib.sh"

server
started many nmhold -n 500 'vale0:p%d'
hold vale0:s vale0:k
[[ $(vale-ctl | grep -c '^vale0:p') == 500 ]] || fail "not 500 ports"
send vale0:k 60:a:1 -s 02:0:0:0:0:aa
expect vale0:s 60:a:1 -s 02:0:0:0:0:aa
send vale0:s 60:b:10
expect vale0:k 60:b:10
have_all()
{
	local i

	for i in 0 1 250 498 499; do
		[[ $(info packets counters "vale0:p$i" rx) == 11 ]] || return 1
	done
}
wait_until 10 "11 broadcasts at each of them" have_all
send vale0:s 60:c:5 -d 02:0:0:0:0:aa
expect vale0:k 60:c:5 -d 02:0:0:0:0:aa
wait_until 1 "a unicast is none of their business" have_all
stop many || fail "closing 500 ports"
[[ $(vale-ctl | grep -c '^vale0:p') == 0 ]] || fail "ports are left"
