# SPDX-License-Identifier: BSD-2-Clause
#
# For the tests of tools that talk to a server: source it with the build
# directory in $O.  Gives a server of the test's own, which ends when the test
# does, and ways to say what is expected.  A test ends with `finish`.

if [ ! -x "$O/netmapd/netmapd" ]; then
	echo "# no netmapd in $O"
	exit 77
fi

dir=$(mktemp -d) || exit 1
NETMAP_HOME=user NETMAPD=$PWD/$O/netmapd/netmapd NETMAP_SOCKET=$dir/socket
case $O in /*) NETMAPD=$O/netmapd/netmapd ;; esac
export NETMAP_HOME NETMAPD NETMAP_SOCKET
count=0 failures=0 pids=''

cleanup() {
	for p in $pids; do
		kill "$p" 2>/dev/null
		wait "$p" 2>/dev/null
	done
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# The server stays while the test runs.
"$NETMAPD" --foreground --socket "$NETMAP_SOCKET" >"$dir/netmapd.log" 2>&1 &
pids=$!
n=0
while [ ! -S "$NETMAP_SOCKET" ] && [ $n -lt 500 ]; do
	sleep 0.01
	n=$((n + 1))
done

# verdict TRUTH WHAT: one line of the report.
verdict() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/#   /' "$dir/out" "$dir/err" 2>/dev/null
		failures=$((failures + 1))
	fi
}

# expect STATUS COMMAND...: run it and look at its exit status.
expect() {
	want=$1
	shift
	timeout 20 "$@" >"$dir/out" 2>"$dir/err" </dev/null
	got=$?
	[ $got = "$want" ]
	verdict $? "exit $want: ${1##*/}$(shift; printf ' %s' "$@")$(
		[ $got = "$want" ] || echo " (it was $got)")"
}

# says PATTERN: the last command said so on stdout.
says() {
	grep -q -e "$1" "$dir/out"
	verdict $? "stdout has: $1"
}

# complains PATTERN: ... on stderr.
complains() {
	grep -q -e "$1" "$dir/err"
	verdict $? "stderr has: $1"
}

# start NAME COMMAND...: in the background; its pid is in $last.
start() {
	started=$1
	shift
	"$@" >"$dir/$started.out" 2>"$dir/$started.err" </dev/null &
	last=$!
	pids="$pids $last"
}

# await FILE PATTERN: until the file has it; false after ten seconds.
await() {
	n=0
	until grep -q -e "$2" "$dir/$1" 2>/dev/null; do
		n=$((n + 1))
		[ $n -lt 500 ] || return 1
		sleep 0.02
	done
}

# end PID STATUS WHAT: wait for it and look at its exit status.
end() {
	wait "$1"
	got=$?
	[ $got = "$2" ]
	verdict $? "$3: exit $2$([ $got = "$2" ] || echo " (it was $got)")"
}

# json FILE EXPRESSION: true of the document d, in the words of python.
json() {
	if ! command -v python3 >/dev/null; then
		echo "# no python3: not checked: $2"
		return
	fi
	python3 -c "import json,sys
d = json.load(open(sys.argv[1]))
sys.exit(0 if ($2) else 1)" "$dir/$1" 2>"$dir/err"
	verdict $? "json: $2"
}

finish() {
	echo "1..$count"
	[ $failures = 0 ]
	exit
}
