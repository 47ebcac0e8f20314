#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	old client --- netmapd		client --- old server
#
# Versions that do not fit are refused by a sentence with both numbers, on
# either side, and nothing else happens.
# Once: paths do not matter here
. "$(dirname "$0")/lib.sh"

need_user_mode
server
wirever client "$NETMAP_SOCKET" >"$T/answer.out" || fail "no answer"
grep -q '^result -[1-9]' "$T/answer.out" || fail "version 99 was accepted"
grep -q '^version 2$' "$T/answer.out" || fail "the server does not tell its own"
check "others are served" functional -I vale0:a

started old wirever server "$T/old"
NETMAP_SOCKET=$T/old functional -I vale0:a 2>"$T/said.err" &&
	fail "a server of version 99 was accepted"
grep -q 99 "$T/said.err" && grep -qw 2 "$T/said.err" ||
	fail "the sentence does not name both: $(<"$T/said.err")"
