#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh OUT [NAME]: the preload tests, with a server of their own.
#
# Each program runs under netmap-run three times over: by itself (the server is
# started on demand), with everything direct, and isolated.  Lines are "ok" or
# "not ok"; the exit status is 1 if any failed.

out=$1
filter=$2
dir=$(mktemp -d) || exit 1
server=
failed=0

finish() {
	[ -n "$server" ] && kill "$server" 2>/dev/null
	wait
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

# Never the user's own server, whatever the environment says.
export NETMAP_SOCKET="$dir/sock"
export XDG_RUNTIME_DIR="$dir"
unset NETMAP_HOME NETMAP_DIRECT LD_PRELOAD NETMAPD

ok() {
	echo "ok - $1"
}

not_ok() {
	echo "not ok - $1"
	failed=1
}

# check TEXT STATUS COMMAND...: the command must end with the status.
check() {
	text=$1 want=$2
	shift 2
	timeout 60 "$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	if [ $got -eq "$want" ]; then
		ok "$text"
	else
		not_ok "$text (exit $got, wanted $want)"
		sed 's/^/# /' "$dir/out" "$dir/err"
	fi
}

run=$out/preload/netmap-run

start_server() {
	"$out/netmapd/netmapd" --foreground --socket "$NETMAP_SOCKET" \
		--grace 3600 "$@" 2>"$dir/log" &
	server=$!
	i=0
	while [ ! -S "$NETMAP_SOCKET" ] && [ $i -lt 100 ]; do
		sleep 0.1
		i=$((i + 1))
	done
}

stop_server() {
	kill "$server" 2>/dev/null
	wait "$server"
	server=
	rm -f "$NETMAP_SOCKET"
}

# programs LABEL OPTION...: all test programs under netmap-run OPTION...
programs() {
	label=$1
	shift
	for p in basic life waits port; do
		echo "# $p, $label"
		timeout 600 "$run" "$@" "$out/tests/preload/$p" $filter || failed=1
	done
}

# netmap-run itself
check "netmap-run --help" 0 "$run" --help
check "netmap-run --version" 0 "$run" --version
check "netmap-run without a program" 2 "$run"
check "netmap-run with an unknown option" 2 "$run" --nonsense true
check "netmap-run with an unknown home" 2 "$run" --home=moon true
check "netmap-run of what is not there" 127 "$run" /nonexistent/program
check "netmap-run gives the exit status" 7 "$run" sh -c 'exit 7'
check "netmap-run refuses a static program" 2 "$run" "$out/tests/preload/static"
grep -q "kernel" "$dir/err" && ok "and says what is needed" ||
	not_ok "and says what is needed"
check "a device with --home=user" 0 "$run" --home=user test -c /dev/netmap
if [ -e /dev/netmap ]; then
	echo "# this machine has the device: not tried with --home=kernel"
else
	check "no device with --home=kernel" 1 "$run" --home=kernel \
		test -c /dev/netmap
fi

timeout 60 "$run" "$out/tests/preload/pass" $filter || failed=1

# The server is started on demand, and ends by itself.
check "server started on demand" 0 "$run" "$out/tests/preload/basic" \
	"vale, poll"
i=0
while [ -S "$NETMAP_SOCKET" ] && [ $i -lt 150 ]; do
	sleep 0.1
	i=$((i + 1))
done

start_server
programs direct
programs isolated --isolated
stop_server

# orphan LABEL OPTION...: the server is killed under a sleeping program.
orphan() {
	label=$1
	shift
	start_server
	: >"$dir/said"
	timeout 60 "$run" "$@" "$out/tests/preload/orphan" >"$dir/said" &
	program=$!
	i=0
	while ! grep -q ready "$dir/said" && [ $i -lt 100 ]; do
		sleep 0.1
		i=$((i + 1))
	done
	kill -9 "$server"
	wait "$server" 2>/dev/null
	server=
	if wait "$program"; then
		ok "POLLERR when the server dies, $label"
	else
		not_ok "POLLERR when the server dies, $label"
		cat "$dir/said"
	fi
	rm -f "$NETMAP_SOCKET"
}

orphan direct
orphan isolated --isolated
exit $failed
