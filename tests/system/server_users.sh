#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	root: netmapd (socket 0600)	nobody: its own netmapd, on demand
#	root: netmapd --system		nobody, daemon: isolated, regions apart
#
# Users and what they may do.
#
# 1. an ordinary user gets a server of his own, and it is not root's
# 2. his socket admits nobody else; root's socket refuses him
# 3. a system server serves both; who is not its user is isolated, and
#    traffic goes between them; a region of another user is refused
# Once: the paths here follow from the users
. "$(dirname "$0")/lib.sh"

need_user_mode
need_root
command -v setpriv >/dev/null || skip "setpriv (util-linux)"
unset NETMAP_DIRECT
user=65534 other=1
mkdir "$T/run" "$T/run2"
chown $user "$T/run"
chown $other "$T/run2"
own=$(mktemp -d /tmp/nmown.XXXXXX)
trap 'rm -rf "$own"; cleanup' EXIT
chmod 755 "$own"
# What an ordinary user runs must be where he can read it.
cp "$O/netmapd/netmapd" "$O/tests/tools/"{functional,nminfo,flow,nmhold} "$own/"

as()
{
	local uid=$1 dir=$2

	shift 2
	setpriv --reuid "$uid" --regid "$uid" --clear-groups \
		env -u NETMAP_SOCKET NETMAPD="$own/netmapd" \
		XDG_RUNTIME_DIR="$dir" FUNCTIONAL_DIR="$dir/f" "$@"
}

[[ -S /run/netmapd.sock ]] && skip "a system server is running here"
check "an ordinary user opens a port" \
	as $user "$T/run" "$own/functional" -I vale0:a
sock=$T/run/netmapd.sock
[[ -S $sock ]] || fail "no socket in his runtime directory"
[[ $(stat -c %a:%u "$sock") == 600:$user ]] || fail "$(stat -c %a:%u "$sock")"
pid=$(NETMAP_SOCKET=$sock "$own/nminfo" pid) || fail "no server there"
PIDS+=("$pid")
[[ $(stat -c %u "/proc/$pid") == "$user" ]] || fail "the server is not his"
refused 1 "another user on it" \
	as $other "$T/run2" env NETMAP_SOCKET="$sock" "$own/functional" -I vale0:a

server
refused 1 "an ordinary user on root's socket" \
	as $user "$T/run" env NETMAP_SOCKET="$NETMAP_SOCKET" \
	"$own/functional" -I vale0:a
stop netmapd || fail "root's server"

server --system --socket "$NETMAP_SOCKET"
[[ $(stat -c %a "$NETMAP_SOCKET") == 666 ]] || fail "a system socket admits all"
started rx as $user "$T/run" env NETMAP_SOCKET="$NETMAP_SOCKET" \
	"$own/flow" rx vale0:rx
started tx as $other "$T/run2" env NETMAP_SOCKET="$NETMAP_SOCKET" \
	"$own/flow" tx vale0:tx
goes_on rx
[[ $(info path status vale0:rx) == isolated ]] || fail "vale0:rx is not isolated"
[[ $(info path status vale0:tx) == isolated ]] || fail "vale0:tx is not isolated"
region=$(info region open vale0:tx)
[[ -n $region ]] || fail "no region of vale0:tx"
refused 1 "ports in another user's region" \
	as $user "$T/run" env NETMAP_SOCKET="$NETMAP_SOCKET" \
	"$own/functional" -I "vale0:z@$region"
refused 1 "another user's port" \
	as $user "$T/run" env NETMAP_SOCKET="$NETMAP_SOCKET" \
	"$own/functional" -I vale0:tx
stop tx || fail "the sender"
stop rx || fail "the stream: $(tail -n 1 "$T/rx.out")"
