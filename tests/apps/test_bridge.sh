#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# bridge: exit statuses, every kind of path a packet can take, counters and
# signals.

O=${1:-build}
. tests/apps/lib.sh
b=$O/apps/bridge
g=$O/apps/pkt-gen

# usage
expect 0 $b --help
says '^Usage: bridge'
expect 0 $b -h
expect 0 $b --version
for args in "" -x -i "-b x vale0:a vale0:b" "-w x vale0:a vale0:b" \
	"-L vale0:a vale1:b" "vale0:a vale0:b 3 4" "vale0:a vale0:b x" \
	"netmap:$(printf '%060d' 0)" "--burst" "--home moon vale0:a vale0:b"; do
	expect 2 $b $args
done
expect 1 $b eth0 vale0:b
complains '^cannot open eth0$'
expect 1 $b vale0:a
complains 'same interface, endpoint 0 goes to host'
complains '^cannot open vale0:a^'

# carry NAME FROM VIA-A VIA-B TO LENGTH [OPTION...]: send 300 packets from a
# port to another one through a bridge; all must arrive.
carry() {
	name=$1 from=$2 via_a=$3 via_b=$4 to=$5 length=$6
	shift 6
	start bridge $b "$@" --json="$dir/$name.json" -v "$via_a" "$via_b"
	bridge=$last
	await bridge.err 'Ready to go' || verdict 1 "$name: bridge is ready"
	start rx $g -i "$to" -f rx -n 300 -W
	rx=$last
	await rx.out '^Receiving' || verdict 1 "$name: receiver is ready"
	expect 0 $g -i "$from" -f tx -n 300 -w 0 -b 30 -R 2k -l "$length"
	end $rx 0 "$name: receiver"
	cp "$dir/rx.out" "$dir/out"
	says "^Received 300 packets $((300 * length)) bytes"
	kill -"${SIGNAL:-INT}" $bridge
	end $bridge 0 "$name: bridge"
	json $name.json 'sum(x["packets"] for x in d["directions"]) == 300'
	json $name.json 'sum(x["drops"]["too-long"] for x in d["directions"]) == 0'
}

carry swap vale1:s vale1:x vale2:y vale2:r 60
json swap.json 'd["directions"][0]["zerocopy"]'
cp "$dir/bridge.err" "$dir/err"
complains '------- zerocopy supported'
! grep -q 'secs for link' "$dir/err"
verdict $? "software ports: no waiting for a link"
SIGNAL=TERM carry copy vale1:s vale1:x vale2:y vale2:r 1514 -c
json copy.json 'not d["directions"][0]["zerocopy"]'
cp "$dir/bridge.err" "$dir/err"
complains '------- zerocopy NOT supported'
carry slots vale1:s vale1:x vale2:y vale2:r 9000 -b 1
json slots.json 'd["directions"][0]["slots"] == 1500'
carry back vale2:r vale1:x vale2:y vale1:s 200
json back.json 'd["directions"][1]["packets"] == 300'
carry pipe 'netmap:p{1' 'netmap:p}1' vale2:y vale2:r 5000
carry to_pipe vale1:s vale1:x 'netmap:p{2' 'netmap:p}2' 5000
NETMAP_DIRECT=0
export NETMAP_DIRECT
carry isolated vale1:s vale1:x vale2:y vale2:r 3000
unset NETMAP_DIRECT

# a pipe nobody empties pushes back, and loses nothing
start bridge $b vale1:x 'netmap:q{1'
bridge=$last
await bridge.err 'Ready to go'
expect 0 $g -i vale1:s -f tx -n 1500 -w 0 -b 30 -R 10k
start rx $g -i 'netmap:q}1' -f rx -n 1500 -W
rx=$last
end $rx 0 "late receiver of a pipe"
cp "$dir/rx.out" "$dir/out"
says '^Received 1500 packets'
kill -USR1 $bridge
await bridge.out '1500 packets 90000 bytes 1500 slots, 0 too long'
verdict $? "SIGUSR1 prints statistics"
kill -INT $bridge
end $bridge 0 "bridge to a pipe"

# a single port
start bridge $b -L vale3:x -w 0
bridge=$last
await bridge.err 'Ready to go'
expect 0 $g -i vale3:p -f ping -n 50
complains 'RTT over 50 packets'
kill -INT $bridge
end $bridge 0 "loopback"

# -w waits, and can be interrupted
start bridge $b -w 90 vale1:x vale2:y
bridge=$last
await bridge.err 'Wait 90 secs for link to come up'
verdict $? "-w 90 waits"
kill -INT $bridge
end $bridge 0 "interrupted while waiting"
finish
