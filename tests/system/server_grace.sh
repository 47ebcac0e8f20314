#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# How long a server stays, and what it says.
#
# 1. with --grace 1 it is gone soon after the last session; not before
# 2. a server started by hand without --grace stays
# 3. --log-level: silent at error, names its clients at debug
# 4. options and a second server at the same socket are refused with a sentence
# 5. SIGTERM ends it, and the socket goes too
. "$(dirname "$0")/lib.sh"

need_user_mode
server --grace 1
pid=${PID_OF[netmapd]}
started a nmhold vale0:a
sleep 1.5
kill -0 "$pid" || fail "it left while a client was there"
stop a || fail "the client"
wait_until 5 "it leaves after the grace time" dead netmapd
finish netmapd || fail "it ended with an error"

server --log-level error
check "a client" functional -I vale0:a
sleep 0.3
check "it stays without --grace" server_pid
refused 1 "a second server" "$NETMAPD" --foreground --socket "$NETMAP_SOCKET"
[[ ! -s $T/netmapd.err ]] || fail "it spoke at level error: $(<"$T/netmapd.err")"
stop netmapd || fail "SIGTERM: it ended with an error"
[[ ! -e $NETMAP_SOCKET ]] || fail "the socket is left over"

server --log-level debug
check "a client" functional -I vale0:a
said netmapd 'process [0-9]+' || fail "no client named at level debug"
stop netmapd || fail "SIGTERM: it ended with an error"

refused 2 "unknown option" "$NETMAPD" --no-such-option
refused 2 "bad level" "$NETMAPD" --foreground --log-level loud
refused 2 "bad number" "$NETMAPD" --foreground --grace soon
refused 1 "unknown parameter" \
	"$NETMAPD" --foreground --socket "$T/other" --param no_such=1
check "version" "$NETMAPD" --version
