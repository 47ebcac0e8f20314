#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	8 clients at once --> no server --> exactly one server --> gone
#
# A server is started on demand, once, and ends when it is not needed.
#
# 1. nobody serves; eight clients open ports at the same time
# 2. all of them are on one server, as their switch shows
# 3. a few seconds after the last session it is gone, and so is its socket
# 4. the next client starts another one
. "$(dirname "$0")/lib.sh"

need_user_mode
for ((i = 0; i < 8; i++)); do
	start "c$i" nmhold "vale0:c$i"
done
for ((i = 0; i < 8; i++)); do
	wait_until 20 "client $i is ready" said_or_dead "c$i" '^ready'
	said "c$i" '^ready' || fail "client $i did not get its port"
done
[[ $(vale-ctl | grep -c '^vale0:c') == 8 ]] || fail "not one server for all"
pid=$(server_pid)
for ((i = 0; i < 8; i++)); do
	stop "c$i" || fail "client $i"
done
gone()
{
	! kill -0 "$pid"
}
wait_until 8 "the server ends" gone
[[ ! -S $NETMAP_SOCKET ]] || fail "its socket is still there"
check "another one is started" functional -I vale0:x
[[ $(server_pid) != "$pid" ]] || fail "the same server"
