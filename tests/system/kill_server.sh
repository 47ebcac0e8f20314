#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	client ---x netmapd (kill -9)		client --- a new netmapd
#
# Clients of a server that is killed get an error, not silence, and a new
# server is started on demand as soon as somebody opens a port.
#
# 1. idle clients wake up with POLLERR; senders and receivers end with an error
# 2. one that opens its ports anew goes on, on a server nobody started
# 3. traffic flows there
. "$(dirname "$0")/lib.sh"

need_user_mode
server
started idle nmhold -n 3 'vale0:i%d' 'netmap:p{%d'
started again nmhold -r vale0:again
started rx flow rx vale0:rx
started tx flow tx vale0:tx
goes_on rx
stop netmapd KILL
for c in idle rx tx; do
	wait_until 10 "$c notices that the server is gone" dead $c
	finish $c
	status=$?
	[[ $status == 3 ]] || fail "$c ended with $status"
done
wait_until 10 "a client opens its port anew" said again '^reopened'
check "there is a new server" server_pid
started rx2 flow rx vale0:rx
started tx2 flow tx vale0:tx
goes_on rx2
vale-ctl | grep -q '^vale0:again ' || fail "the reopened port is not listed"
stop tx2 || fail "the sender on the new server"
stop rx2 || fail "the receiver on the new server"
stop again || fail "the client that came back"
