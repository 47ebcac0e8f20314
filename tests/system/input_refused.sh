#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Bad input: each line is refused with a sentence that names the offender, and
# nothing has changed afterwards: the same ports are there as before.
. "$(dirname "$0")/lib.sh"

server
hold vale0:a
before=$(vale-ctl)
long=$(printf 'x%.0s' {1..80})
bad()
{
	local word=$1 port=$2

	refused 1 "$port" functional -I "$port"
	functional -I "$port" 2>&1 | grep -qF -- "$word" ||
		fail "$port: no word of '$word': $(functional -I "$port" 2>&1)"
}
bad "$long" "vale0:$long"
bad nosuch netmap:nosuch
bad vale0: vale0:
bad xyz: xyz:eth0
bad rings vale0:b@conf:rings=1000000
bad 'no ring 7' vale0:a-7
bad conf vale0:b@conf:nonsense=1
bad nonsense vale0:b@nonsense=1
bad '{' 'netmap:x{'
bad vale0:b vale0:b@60000
[[ $(vale-ctl) == "$before" ]] || fail "the list has changed"

# Slot counts are brought into the range there is.
n=$(info tx-slots open vale0:b@conf:slots=1000000000)
((n > 0 && n <= 16384)) || fail "a billion slots became '$n'"
send vale0:a 60:a:1
[[ $(vale-ctl) == "$before" ]] || fail "the list has changed"
