#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	holder 1 --- vale0:x/x		another process: vale0:x   refused
#				 		        vale0:x/x refused
#
# A port opened with /x belongs to one descriptor alone: an ephemeral VALE port,
# a persistent one, and the end of a pipe (upstream's scenarios 1 to 3).
#
# 1. open it exclusively; a second open fails, exclusive or not, and says why
# 2. without /x a second open succeeds, but an exclusive one does not
# 3. after the close it can be had again
. "$(dirname "$0")/lib.sh"

server
check "create v0" vale-ctl -n v0
check "attach v0" vale-ctl -a vale1:v0
for port in vale0:x netmap:v0 'netmap:p{1'; do
	hold "$port/x"
	refused 1 "open $port although it is exclusive" functional -I "$port"
	refused 1 "open $port exclusively again" functional -I "$port/x"
	functional -I "$port" 2>&1 | grep -q "${port#*:}" ||
		fail "the sentence does not name $port"
	release "$port/x"
	hold "$port"
	refused 1 "open $port exclusively while in use" functional -I "$port/x"
	release "$port"
	check "open $port exclusively again" functional -I "$port/x"
done
