#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# pkt-gen with live ports of user mode: every function, over switches and
# pipes.  A server of our own is started on demand and ends by itself.
#
#	pkt-gen  -->  vale0: or a pipe  -->  pkt-gen
#
# Usage: test_pktgen_live.sh BUILD_DIRECTORY

B=$(realpath "${1:-build}")
P=$B/apps/pkt-gen
T=$(mktemp -d) || exit 1
n=0
failed=0
far=

export NETMAPD="$B/netmapd/netmapd" NETMAP_HOME=user XDG_RUNTIME_DIR="$T"
unset NETMAP_SOCKET NETMAP_DIRECT
if [ ! -x "$NETMAPD" ]; then
	echo "# skipped: $NETMAPD has not been built"
	rm -rf "$T"
	exit 77
fi

cleanup() {
	[ -z "$far" ] || kill "$far" 2>/dev/null
	rm -rf "$T"
}
trap cleanup EXIT

ok() {
	name=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		for f in near far; do
			sed "s/^/# $f: /" "$T/$f.out" "$T/$f.err"
		done
		failed=1
	fi
}

near() { grep -Eq -- "$1" "$T/near.out" "$T/near.err"; }
far() { grep -Eq -- "$1" "$T/far.out" "$T/far.err"; }

# both FAR -- NEAR: start the far end, run the near end against it, and wait
# for the far end (stopping it if it does not end by itself: "stop" first)
both() {
	stop=
	[ "$1" = stop ] && { stop=1; shift; }
	args=
	while [ "$1" != -- ]; do
		args="$args $1"
		shift
	done
	shift
	: > "$T/far.err"
	# shellcheck disable=SC2086 # none of the arguments has a space
	timeout -s INT 20 "$P" $args > "$T/far.out" 2> "$T/far.err" &
	far=$!
	tries=100
	until grep -q Ready "$T/far.err" || [ $tries -eq 0 ]; do
		tries=$((tries - 1))
		sleep 0.05
	done
	timeout -s INT 20 "$P" "$@" > "$T/near.out" 2> "$T/near.err" ||
		{ kill "$far"; return 1; }
	[ -z "$stop" ] || kill -INT "$far"
	wait "$far"
	status=$?
	far=
	# a stopped program is told of by timeout, not by its own status
	[ $status -eq 0 ] || [ -n "$stop" ]
}

pipe_rx() {
	both -i 'netmap:p}1' -f rx -w 0 -n 200000 -- \
		-i 'netmap:p{1' -f tx -w 0 -n 200000 &&
	near '^Sent 200000 packets 12000000 bytes' &&
	far '^Received 200000 packets 12000000 bytes'
}

vale_rx() {
	both -i vale0:b -f rx -W -- -i vale0:a -f tx -n 3000 -R 3000 &&
	far '^Received 3000 packets 180000 bytes'
}

flows() {
	both -i 'netmap:p}1' -f rx -w 0 -n 600 -X -- -i 'netmap:p{1' -f tx \
		-w 0 -n 600 -s 10.0.0.1:1-10.0.0.3:100 &&
	[ "$(grep -c '^   16 00 2e' "$T/far.out")" -eq 600 ] &&
	# addresses and ports of the frames: 300 different ones, twice each
	awk '/^   16 /{ a = $13 $14 $15 $16 } /^   32 /{ c[a $4 $5]++ }
	     END { for (k in c) { k2++; bad += c[k] != 2 }
		   exit !(k2 == 300 && !bad) }' "$T/far.out"
}

frags() {
	both -i 'netmap:p}1' -f rx -w 0 -n 5000 --latency -- -i 'netmap:p{1' \
		-f tx -w 0 -n 5000 -l 4000 -F 3 --latency &&
	far '^Received 5000 packets 20000000 bytes' &&
	far 'sender 0: 0 of 5000 packets lost'
}

indirect() {
	both -i vale0:b -f rx -n 900 -X -- -i vale0:a -f tx -n 900 -I \
		-R 3000 -s 10.0.0.1:1-10.0.0.1:9 &&
	[ "$(grep -c '^   32 00 01 00 09 04 d2 ' "$T/far.out")" -eq 100 ]
}

imix() {
	both -i 'netmap:p}1' -f rx -w 0 -n 30000 -- -i 'netmap:p{1' -f tx \
		-w 0 -n 30000 --sizes imix -z -Z --seed 5 &&
	far '^Received 30000 packets ' &&
	[ "$(sed -n 's/^[A-Z][a-z]* 30000 packets \([0-9]*\) .*/\1/p' \
		"$T/near.out" "$T/far.out" | sort -u | wc -l)" -eq 1 ]
}

pings() {
	both stop -i vale0:b -f pong -- -i vale0:a -f ping -n 2000 "$@" &&
	near 'RTT over (19[0-9][0-9]|2000) packets: min [0-9]+ av [0-9]+ ns' &&
	near 'k: [0-9]+ \.\. [0-9]+$' &&
	near 'RTT p50 [0-9]+ p90 [0-9]+'
}

sequence() {
	both -i 'netmap:p}1' -f rxseq -w 0 -n 30000 -F 3 -- \
		-i 'netmap:p{1' -f txseq -w 0 -n 30000 -F 3 &&
	far '^Received 30000 packets' && ! far 'Sequence|frags, expected'
}

# a tx without -F against an rxseq that expects two slots
wrong_frags() {
	both -i 'netmap:p}1' -f rxseq -w 0 -n 300 -F 2 -- \
		-i 'netmap:p{1' -f txseq -w 0 -n 300 &&
	far 'Received packets with 1 frags, expected 2'
}

# plain packets have no numbers: text of the payload looks like one that stays
gap() {
	both -i 'netmap:p}1' -f rxseq -w 0 -n 300 -- \
		-i 'netmap:p{1' -f tx -w 0 -n 300 &&
	far 'Sequence OUT OF ORDER: exp [0-9]+ found [0-9]+'
}

threads() {
	both -i vale1:b@conf:rings=2 -f rx -p 2 -W -- \
		-i vale1:a@conf:rings=2 -f tx -p 2 -n 1001 -R 1000 --json &&
	near '"thread": 1, "packets": 500,' && near '"packets": 501,' &&
	far '^Received 1001 packets'
}

too_many() {
	"$P" -i vale2:a -f tx -p 3 > "$T/near.out" 2> "$T/near.err"
	[ $? -eq 1 ] && near 'bad nthreads 3, have [0-9]+ queues'
}

header() {
	both -i vale3:b -f rx -H 12 -n 90 -- -i vale3:a -f tx -H 12 -n 90 \
		-R 3000 && far '^Received 90 packets 6480 bytes'
}

busy() {
	P=$B/apps/pkt-gen-b
	pipe_rx
	status=$?
	P=$B/apps/pkt-gen
	return $status
}

ok "tx and rx over a pipe" pipe_rx
ok "tx and rx over a switch, rx ends when it is silent" vale_rx
ok "every flow of a range arrives equally often" flows
ok "packets of three slots arrive whole, with stamps" frags
ok "indirect buffers hold a packet each" indirect
ok "mixed sizes and random addresses" imix
ok "ping and pong" pings
ok "ping and pong, IPv6 in bursts" pings -6 -b 8
ok "txseq and rxseq agree" sequence
ok "rxseq sees the wrong number of slots" wrong_frags
ok "rxseq sees numbers that do not follow" gap
ok "two threads share rings, packets, and the end" threads
ok "more threads than rings fail" too_many
ok "virtio header" header
ok "pkt-gen-b" busy
echo "1..$n"
exit $failed
