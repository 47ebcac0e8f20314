# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash
#
# What every system scenario begins with.
#
#   . "$(dirname "$0")/lib.sh"
#   server				a netmapd of our own, or a fresh module
#   hold vale0:a vale0:b		open ports, and keep them open
#   send vale0:a 100:x			send, expect, expect nothing
#   expect vale0:b 100:x
#   silent vale0:c
#
# The runner says in NM_HOME which home serves, user or kernel, and in NM_PATH
# which path the clients take there: direct or isolated, or kernel.  What
# differs between homes is here and nowhere else: server, server_pid,
# need_user_mode.  In the kernel there is one server for all, the module;
# NM_MODULE names the file it is loaded from.  Everything a scenario starts is remembered by its process id
# and ended in one trap; its files are in $T, which goes away.
#
# A scenario ends with 0, with 1 at the first thing that is not as expected, or
# with 77 and a reason when something it needs is missing.

set -u
shopt -s lastpipe

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
O=${O:-$TOP/build}
[[ $O == /* ]] || O=$TOP/$O
PATH=$O/tests/tools:$O/tests/stress:$O/apps:$PATH
NM_PATH=${NM_PATH:-direct}
NM_HOME=${NM_HOME:-user}

T=$(mktemp -d "${TMPDIR:-/tmp}/nmtest.XXXXXX") || exit 1
chmod 755 "$T"
PIDS=()
declare -A PID_OF=()

export NETMAPD=$O/netmapd/netmapd
export NETMAP_SOCKET=$T/sock
export NETMAP_HOME=$NM_HOME
export FUNCTIONAL_DIR=$T/f
unset NETMAP_DIRECT
if [[ $NM_PATH == isolated ]]; then
	export NETMAP_DIRECT=0
fi

# A sanitizer slows everything down, and so does an emulated processor: waits
# take longer, and what is repeated is repeated less often.
SLOW=${NM_SLOW:-1}

cleanup()
{
	local status=$? pid

	trap - EXIT TERM INT
	functional -c >/dev/null 2>&1
	[[ $NM_HOME != kernel ]] || drop_persistent
	for pid in "${PIDS[@]}"; do
		kill -CONT "$pid" 2>/dev/null
		kill -9 "$pid" 2>/dev/null
	done
	if [[ $NM_HOME == user && -S $NETMAP_SOCKET ]]; then
		pid=$(server_pid) && kill "$pid" 2>/dev/null
	fi
	{ wait; } 2>/dev/null
	report_logs "$status"
	rm -rf "$T"
	exit "$status"
}

# After a failure: what everybody said.  A sanitizer's words are a failure.
report_logs()
{
	local f

	if grep -lE 'ERROR: (Address|Leak|Thread|Undefined)|runtime error:|WARNING: ThreadSanitizer' \
			"$T"/*.err "$T"/*.log 2>/dev/null; then
		status=1
	fi
	[[ $1 == 0 && $status == 0 || $1 == 77 ]] && return
	for f in "$T"/*.err "$T"/*.out "$T"/*.log; do
		[[ -s $f ]] || continue
		echo "--- ${f##*/}"
		tail -n 40 "$f"
	done
}

trap cleanup EXIT
trap 'exit 1' TERM INT

fail()
{
	echo "FAIL: $* (${BASH_SOURCE[-1]##*/}:${BASH_LINENO[-2]})"
	exit 1
}

skip()
{
	echo "SKIP $*"
	exit 77
}

need_user_mode()
{
	[[ $NM_HOME == user ]] || skip "only in user mode"
}

need_root()
{
	[[ $(id -u) == 0 ]] || skip "needs root, to act as two users"
}

# check WHAT COMMAND...: it must succeed
check()
{
	local what=$1 out

	shift
	out=$("$@" 2>&1) || fail "$what: '$*' ended with $?: $out"
}

# refused STATUS WHAT COMMAND...: it must end with STATUS and say something
refused()
{
	local want=$1 what=$2 out status

	shift 2
	out=$("$@" 2>&1)
	status=$?
	[[ $status == "$want" ]] ||
		fail "$what: '$*' ended with $status, not $want: $out"
	[[ -n $out ]] || fail "$what: '$*' failed without a word"
}

# wait_until SECONDS WHAT COMMAND...: it must succeed within that time
wait_until()
{
	local end=$(($(date +%s%N) + $1 * SLOW * 1000000000)) what=$2

	shift 2
	until "$@" >/dev/null 2>&1; do
		(($(date +%s%N) < end)) || fail "waited in vain: $what"
		sleep 0.02
	done
}

# start NAME COMMAND...: in the background, output in $T/NAME.out and .err
start()
{
	local name=$1

	shift
	# before the fork, or the last one's words could be taken for its own
	: >"$T/$name.out"
	: >"$T/$name.err"
	"$@" >>"$T/$name.out" 2>>"$T/$name.err" </dev/null &
	PID_OF[$name]=$!
	PIDS+=($!)
}

# started NAME COMMAND...: the same, and wait until it says "ready"
started()
{
	start "$@"
	wait_until 20 "$1 gets ready" said_or_dead "$1" '^ready'
	said "$1" '^ready' || fail "$1 ended before it was ready"
}

said()
{
	grep -qE "$2" "$T/$1.out" "$T/$1.err"
}

dead()
{
	! kill -0 "${PID_OF[$1]}" 2>/dev/null
}

said_or_dead()
{
	said "$@" || dead "$1"
}

# stop NAME [SIGNAL]: end it, and return its status
stop()
{
	local pid=${PID_OF[$1]}

	kill "-${2:-TERM}" "$pid" 2>/dev/null
	finish "$1"
}

# finish NAME: wait for its end, return its status
finish()
{
	local pid=${PID_OF[$1]} status p keep=()

	wait "$pid" 2>/dev/null
	status=$?
	for p in "${PIDS[@]}"; do
		[[ $p == "$pid" ]] || keep+=("$p")
	done
	PIDS=("${keep[@]}")
	return "$status"
}

# Persistent ports that somebody left are interfaces, and keep the module.
drop_persistent()
{
	local d at

	# they may be in another network namespace by now
	for at in $(vale-ctl 2>&1 | grep -oE 'vale[^ ]*:[^ ,]*'); do
		vale-ctl -d "$at" >/dev/null 2>&1
		vale-ctl -r "${at#*:}" >/dev/null 2>&1
	done
	for d in /sys/class/net/*; do
		grep -q '^DEVTYPE=netmap' "$d/uevent" 2>/dev/null &&
			vale-ctl -r "${d##*/}" >/dev/null 2>&1
	done
}

# module [--param NAME=VALUE]...: the module, as if just loaded.  Whoever held
# it a moment ago may not be quite gone.  With NM_NATIVE a driver needs it to
# stay, and parameters are set as it runs.
module()
{
	local args=() arg

	while (($#)); do
		[[ $1 == --param ]] || fail "server $1: not in the kernel"
		args+=("$2")
		shift 2
	done
	if [[ -n ${NM_NATIVE-} ]]; then
		for arg in "${args[@]}"; do
			echo "${arg#*=}" >"/sys/module/netmap/parameters/${arg%%=*}" ||
				fail "parameter $arg cannot be set"
		done
		return
	fi
	[[ -n ${NM_MODULE-} ]] || skip "NM_MODULE, the file of the module"
	if [[ -d /sys/module/netmap ]]; then
		drop_persistent
		wait_until 10 "the module can be unloaded" rmmod netmap
	fi
	check "load the module" insmod "$NM_MODULE" "${args[@]}"
}

# server [OPTION...]: a server of our own, kept until the end
server()
{
	if [[ $NM_HOME == kernel ]]; then
		module "$@"
		return
	fi
	start netmapd "$NETMAPD" --foreground --socket "$NETMAP_SOCKET" "$@"
	wait_until 20 "netmapd answers" server_pid_or_dead
	server_pid >/dev/null || fail "netmapd did not start"
}

server_pid()
{
	nminfo pid
}

server_pid_or_dead()
{
	server_pid || dead netmapd
}

# Ports that stay open, each in a process of its own.
hold()
{
	local port

	for port in "$@"; do
		check "open $port" functional -i "$port"
	done
}

release()
{
	local port

	for port in "$@"; do
		check "close $port" functional -i "$port" -k
	done
}

# send PORT LEN:CHAR:NUM [OPTION...], and the like
send()
{
	local port=$1 what=$2

	shift 2
	check "send on $port" functional -i "$port" -T $((2 * SLOW)) -t "$what" "$@"
}

expect()
{
	local port=$1 what=$2

	shift 2
	check "receive on $port" functional -i "$port" -T $((2 * SLOW)) -r "$what" "$@"
}

silent()
{
	local port

	for port in "$@"; do
		check "nothing may come to $port" \
			functional -i "$port" -T $((60 * SLOW))ms -r 60 -n
	done
}

# info KEY QUESTION...: the value of a line of nminfo
info()
{
	local key=$1

	shift
	nminfo "$@" 2>/dev/null | sed -n "s/^$key //p"
}

# No port of a switch is left.
none_left()
{
	! vale-ctl | grep -q vale
}

# given_back N: as many buffers are spare again as the scenario began with
given_back()
{
	[[ $(info spare spare vale0:probe) == "$1" ]]
}

# seen NAME: the last count a flow printed
seen()
{
	sed -n 's/^\(seen\|frames\) \([0-9]*\).*/\2/p' "$T/$1.out" | tail -n 1
}

seen_more()
{
	local now

	now=$(seen "$1")
	((${now:-0} > $2))
}

# goes_on NAME: the flow NAME must receive another 50 frames
goes_on()
{
	local now

	now=$(seen "$1")
	wait_until 20 "$1 goes on after ${now:-0} frames" \
		seen_more "$1" $((${now:-0} + 50))
}

# CPU time of a process, in ticks
ticks()
{
	local stat

	stat=$(<"/proc/$1/stat")
	set -- ${stat##*) }
	echo $((${12} + ${13}))
}

# fds PID, rss PID (KiB)
fds()
{
	local f=("/proc/$1/fd/"*)

	echo ${#f[@]}
}

rss()
{
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status"
}

# A random size as upstream's suite uses: several slots per packet, too.
random_packets()
{
	local chars=abcdefghijklmnopqrstuvwxyz

	echo "$((60 + RANDOM % 9990)):${chars:$((RANDOM % 26)):1}:$((1 + RANDOM % 60))"
}
