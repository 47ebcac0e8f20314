#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# pkt-gen from the outside, without netmap: exit statuses, the lines that
# scripts read, JSON, signals; then traffic through a TAP device and libpcap,
# in a network namespace of its own:
#
#	pkt-gen -i pcap:t0 -f tx  -->  [ t0 ]  -->  pkt-gen -i tap:t0 -f rx
#
# Usage: test_pktgen_cli.sh BUILD_DIRECTORY

P=${1:-build}/apps/pkt-gen
T=$(mktemp -d) || exit 1
n=0
failed=0
pids=

cleanup() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null
	done
	rm -rf "$T"
}
trap cleanup EXIT

# ok NAME COMMAND...: a test that passes if the command succeeds
ok() {
	name=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# out: /' "$T/out"
		sed 's/^/# err: /' "$T/err"
		failed=1
	fi
}

# run STATUS ARGUMENTS...: pkt-gen ends with this status
run() {
	want=$1
	shift
	timeout 20 "$P" "$@" > "$T/out" 2> "$T/err"
	got=$?
	[ $got -eq "$want" ] || { echo "# exit status $got"; return 1; }
}

out() { grep -Eq -- "$1" "$T/out"; }
err() { grep -Eq -- "$1" "$T/err"; }

# usage PATTERN ARGUMENTS...: status 2, two lines, the first says why
usage() {
	why=$1
	shift
	run 2 "$@" && err "$why" && [ ! -s "$T/out" ] &&
		[ "$(grep -cv ' range is ' "$T/err")" -eq 2 ] &&
		err "Try 'pkt-gen --help'"
}

# within SECONDS COMMAND...: it succeeds before the time is over
within() {
	tries=$(($1 * 20))
	shift
	while ! "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

# start ARGUMENTS...: pkt-gen in the background, its pid in $pid
start() {
	: > "$T/out"
	: > "$T/err"
	"$P" "$@" > "$T/out" 2> "$T/err" &
	pid=$!
	pids="$pids $pid"
}

# Without a namespace of its own: everything that needs no interface.
without_interfaces() {
help_on_stdout() { run 0 --help && out '^  -i, --interface PORT' && [ ! -s "$T/err" ]; }
help_on_stderr() { run 0 -h && err '^  -i, --interface PORT' && [ ! -s "$T/out" ]; }
version() { run 0 --version && out '^pkt-gen \(netmap\) [0-9]+\.[0-9]+, API 14$'; }

ok "--help on stdout, status 0" help_on_stdout
ok "-h on stderr, status 0" help_on_stderr
ok "--version" version
ok "no port" usage 'no port: -i'
ok "unknown option" usage 'unknown option -q' -i null -q
ok "unknown long option" usage '--bogus' -i null --bogus
ok "a home that is none" usage '--home.*kernel, user or auto' -i null --home moon
ok "missing argument" usage '-n \(--count\) needs' -i null -n
ok "option of an older release" usage 'unknown option -t' -i null -t 4
ok "unknown function" usage "'foo' is none of" -i null -f foo
ok "garbage number" usage "-R: '12x' is not" -i null -R 12x
ok "number out of range" usage "-l: '15' is out of range \(16 to 65536\)" -i null -l 15
ok "fragments out of range" usage "-F: '64'" -i null -F 64
ok "header length" usage "-H: '11' is none of" -i null -H 11
ok "bad MAC" usage '-S: .* is not a MAC' -i null -S 1:2:3
ok "bad address" usage '-s: .*not an IPv4' -i null -s 1.2.3
ok "IPv4 address with -6" usage '-s: .*not an IPv6' -i null -6 -s 10.0.0.1
ok "sizes the wrong way round" usage '-l: at most two' -i null -l 60 -l 70
ok "more CPUs than online" usage '-c: 65000 CPUs' -i null -c 65000
ok "both rates" usage 'exclude each other' -i null -R 1 --rate-total 1
ok "unexpected argument" usage "unexpected argument 'x'" -i null x
ok "two ping threads" usage 'ping runs in one thread' -i vale0:x -f ping -p 2
ok "stamps need room" usage '54 bytes are too small for ping' -i vale0:x -f ping -l 54
ok "rings need netmap" usage 'needs a netmap or vale port' -i null -f pong

ok "malformed port name fails" run 1 -i netmap:x/q -f rx
ok "and says why" err 'cannot open netmap:x/q: Invalid argument'
ok "missing pcap file fails" run 1 -i null -f tx -n 1 -P "$T/none"

num='[0-9]+\.[0-9]{3} [KMGT]?'
summary() {
	run 0 -i null -f tx -n 1000 -b 100 &&
	out '^Sending on null: 1 queues, 1 threads and 1 cpus\.$' &&
	out '^10\.0\.0\.1 -> 10\.1\.0\.1 \(00:00:00:00:00:00 -> ff:ff:ff:ff:ff:ff\)$' &&
	out '^Sent 1000 packets 60000 bytes 10 events 60 bytes each in [0-9]+\.[0-9]{2} seconds\.$' &&
	out "^Speed: ${num}pps Bandwidth: ${num}bps \\(raw ${num}bps\\)\\. Average batch: 100\\.00 pkts\$" &&
	err '^[0-9]{3}\.[0-9]{6} [a-z_]+ \[[ 0-9]+\] Wait 0 secs for phy reset$' &&
	err ' Ready\.\.\.$' &&
	err 'range is 10\.0\.0\.1:1234 to 10\.0\.0\.1:1234$'
}
ok "lines of a sender" summary

line() {
	run 0 -i null -f tx -b 8 -R 3000 -T 300ms --duration 3s &&
	err "^[0-9]{3}\\.[0-9]{6} main_thread \\[[ 0-9]+\\] ${num}pps \\(${num}pkts ${num}bps in [0-9]+ usec\\) [0-9]+\\.[0-9]{2} avg_batch 99999 min_space\$" &&
	err 'Sending 8 packets every  0\.002666666 s$'
}
ok "line of an interval" line

average() {
	run 0 -i null -f tx -n 900 -b 8 -R 3000 -A -T 100ms &&
	err "pps \\[avg/std ${num}/${num} pps\\]\\(${num}pkts" &&
	out '^Sent 900 packets'
}
ok "-A adds average and deviation" average

raw() { run 0 -i null -f tx -n 1000 -N && out '^Speed: [0-9]+ pps Bandwidth: [0-9]+ bps \(raw [0-9]+ bps\)'; }
ok "-N prints plain numbers" raw

# 24 bytes more per packet: 84 / 60 of the bandwidth
framing() {
	run 0 -i null -f tx -n 1000000 -N -B &&
	sed -n 's/.*Bandwidth: \([0-9]*\) bps (raw \([0-9]*\) bps.*/\1 \2/p' "$T/out" |
		awk '{ r = $2 / $1; exit !(r > 1.3999 && r < 1.4001) }'
}
ok "-B counts 24 bytes per packet" framing

ok "IPv6 documentation addresses" run 0 -i null -f tx -6 -n 1
ok "are the default of -6" out '^2001:db8::1 -> 2001:db8:1::1 '
ok "require-count holds" run 0 -i null -f tx -n 10 --require-count
ok "require-count fails" run 1 -i null -f rx -n 10 --require-count --duration 100ms
ok "receiver without packets" out '^Received nothing\.$'
ok "suffixes" run 0 -i null -f tx -n 1.5k -s 10.0.0.1:1-10.0.0.9:9 -z --sizes imix
ok "are understood" out '^Sent 1500 packets '

dump() {
	run 0 -i null -f tx -n 1 && run 0 -i null -f tx -l 1500 -l 64 -n 5000 &&
	awk '/^Sent/ { exit !($4 >= 64 * 5000 && $4 < 1500 * 5000) }' "$T/out"
}
ok "sizes vary between two -l" dump

signalled() {
	start -i null -f rx
	within 5 err Ready || return 1
	kill -USR1 "$pid"
	within 5 err 'Received nothing' || return 1
	kill "-$1" "$pid"
	wait "$pid" && out '^Received nothing\.$'
}
ok "SIGUSR1 prints statistics, SIGINT ends with a summary" signalled INT
ok "SIGTERM does the same" signalled TERM

stop_while_waiting() {
	start -i null -f tx -w 100
	within 5 err 'Wait 100 secs' || return 1
	kill -INT "$pid"
	wait "$pid" && out '^Sent nothing\.$'
}
ok "SIGINT ends the wait before the start" stop_while_waiting

if command -v python3 > /dev/null; then
	json() {
		run 0 -i null -f tx -n 600 -b 2 -R 2000 -T 100ms "$@" &&
		python3 - "$T/$file" <<-'PY'
		import json, sys
		d = json.load(open(sys.argv[1]))
		assert d["function"] == "tx" and d["interface"] == "null"
		assert len(d["intervals"]) >= 2
		f = d["final"]
		assert f["packets"] == 600 and f["bytes"] == 36000
		assert sum(t["packets"] for t in f["per_thread"]) == 600
		assert sum(i["packets"] for i in d["intervals"]) <= 600
		assert d["started"] <= f["end"] and f["exit_status"] == 0
		PY
	}
	file=out
	ok "--json on stdout is one document" json --json
	ok "text goes to stderr then" err '^Sent 600 packets'
	file=file.json
	ok "--json=FILE" json "--json=$T/file.json"
	ok "text stays on stdout then" out '^Sent 600 packets'
fi
}

# The rest in a namespace where interfaces can be made.
through_tap() {
	start -i "tap:$tap" -f rx -n 500 -w 0 --latency
	rx=$pid
	within 5 err Ready || return 1
	ip link set "$tap" up || return 1
	"$P" -i "pcap:$tap" -f tx -n 500 -b 16 -R 3000 -w 0 --latency "$@" \
		> "$T/out2" 2> "$T/err2" || { cat "$T/err2"; return 1; }
	wait "$rx" && out '^Received 500 packets ' &&
		err 'delay p50 [0-9]+ p90' && err 'sender 0: 0 of [0-9]+ packets lost'
}

with_interfaces() {
	# what the host says by itself on a new interface would be counted
	echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 || return
	tap=t4
	ok "TAP and libpcap, IPv4 flows" through_tap -s 10.0.0.1:1-10.0.0.9:9
	tap=t6
	ok "TAP and libpcap, IPv6 with VLAN tags" through_tap -6 --vlan 5:3,6
}

# The second half runs by calling this script again, in the namespace.
if [ "$2" = in-namespace ]; then
	n=$3
	with_interfaces
	exit $failed
fi
without_interfaces
if "$P" -i pcap:lo -f rx --duration 10ms -w 0 > /dev/null 2>&1 &&
		unshare -n test -w /dev/net/tun 2> /dev/null &&
		command -v ip > /dev/null; then
	unshare -n "$0" "${1:-build}" in-namespace $n || failed=1
	n=$((n + 2))
else
	echo "# TAP and libpcap: skipped, needs root, ip, unshare and libpcap"
fi
echo "1..$n"
exit $failed
