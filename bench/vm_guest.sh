#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# vm_guest.sh - test.sh of the payload of bench/vm.sh: measure netmap.ko
#
# Prints "# row NAME VALUE UNIT" lines and one TAP line per row; before it
# "# sent NAME VALUE" where the sender's rate is another one.  A row that cannot
# be had says why: "# none NAME reason".  Rates are frames received per second
# of the guest's clock, between the first frame and the last.

top=/payload
ln -sf $top/lib /lib64
export LD_LIBRARY_PATH=$top/lib PATH=$top/bin:$PATH HOME=/tmp
failed=0
seconds=$(cat $top/seconds)
cd /tmp || exit 1

row() {		# name value unit
	echo "# row $1 $2 $3"
	echo "ok - $1"
}

none() {	# name reason
	echo "# none $1 $2"
	echo "ok - $1 # SKIP $2"
}

broken() {	# name file
	echo "not ok - $1"
	sed 's/^/# /' "$2"
	failed=1
}

# The last figure of a kind in a report, as an integer.
final() {	# key file
	sed -n "/\"final\"/,\$s/^ *\"$1\": *\([0-9.e+]*\),*\$/\1/p" "$2" |
		head -n 1 | awk '{ printf "%.0f", $1 }'
}

wait_for() {	# pattern file
	n=0
	until grep -q "$1" "$2" 2> /dev/null || [ $n = 100 ]; do
		sleep 0.05
		n=$((n + 1))
	done
}

# stream NAME SENDER LEN RECEIVER...: the slowest receiver counts
stream() {
	name=$1 tx=$2 len=$3
	shift 3
	pids=
	k=0
	rm -f rx.*
	for rx; do
		k=$((k + 1))
		pkt-gen -i "$rx" -f rx -b 512 -w 0 -W --json=rx.$k.json \
			> rx.$k 2>&1 &
		pids="$pids $!"
		wait_for '^Receiving from' rx.$k
	done
	if ! pkt-gen -i "$tx" -f tx -b 512 -l "$len" -w 0 $address \
		--duration "$seconds" --json=tx.json > tx 2>&1; then
		broken "$name" tx
		kill $pids 2> /dev/null
		return
	fi
	least=
	for pid in $pids; do
		wait $pid || true
	done
	for f in rx.*.json; do
		pps=$(final pps $f)
		[ -n "$least" ] && [ "$least" -le "${pps:-0}" ] || least=${pps:-0}
	done
	if [ "$least" = 0 ]; then
		broken "$name" rx.1
	else
		echo "# sent $name $(final pps tx.json)"
		row "$name" "$least" frames/s
	fi
}

free_kb() {
	sync
	echo 3 > /proc/sys/vm/drop_caches
	awk '/^MemFree:/ { print $2 }' /proc/meminfo
}

# What is taken by ports that were opened and did nothing.
memory() {
	vale=
	for i in 0 1 2 3 4 5 6 7; do
		vale="$vale vale7:m$i"
	done
	free_kb > /dev/null
	before=$(free_kb)
	nmhold $vale > hold 2>&1 &
	hold=$!
	wait_for ready hold
	after=$(free_kb)
	kill $hold
	wait $hold 2> /dev/null
	sleep 0.2
	row idle_port $(((before - after) / 8)) KiB
	row left_after_close $((before - $(free_kb))) KiB
}

address=
stream vale_60 vale0:a 60 vale0:b
stream vale_1514 vale0:a 1514 vale0:b
stream vale_60_to_3 vale0:a 60 vale0:b vale0:c vale0:d

# Unicast: the receiver's address is known since it sent one frame.
pkt-gen -i vale1:b -f tx -n 1 -w 0 -S 02:00:00:00:00:0b > /dev/null 2>&1
address='-D 02:00:00:00:00:0b'
stream vale_60_unicast vale1:a 60 vale1:b
address=
stream pipe_60 'netmap:p{1' 60 'netmap:p}1'

# Two pipes and a bridge between them.
bridge -i 'netmap:q}1' -i 'netmap:r{1' > bridge 2>&1 &
bridge=$!
sleep 0.5
stream bridge_pipes_60 'netmap:q{1' 60 'netmap:r}1'
kill -INT $bridge
wait $bridge 2> /dev/null

if txsync vale0:t > txsync.out 2>&1; then
	row txsync_empty "$(sed -n 1p txsync.out)" calls/s
	row txsync_library "$(sed -n 2p txsync.out)" calls/s
else
	broken txsync_empty txsync.out
fi
memory

# NICs: only where there are any.
nic() {		# name sender len receiver
	if ! pkt-gen -i "$4" -f rx -n 1 --duration 0.01 -w 0 > try 2>&1; then
		none "$1" "$(tail -n 1 try | tr -d '\n')"
		return
	fi
	stream "$1" "$2" "$3" "$4"
}
# The host greets a new interface with frames of IPv6, seconds after it is up;
# the receiver would take the last of them for the end of the stream.
quiet() {	# interface...
	for i; do
		echo 1 > /proc/sys/net/ipv6/conf/$i/disable_ipv6
	done
}
# busybox's shell takes its own ip, whatever PATH says, which knows no peer name
if $top/bin/ip link add v0 type veth peer name v1 > ip.out 2>&1; then
	quiet v0 v1
	ip link set v0 up
	ip link set v1 up
	nic emulated_veth_60 netmap:v0 60 netmap:v1
	nic emulated_veth_1500 netmap:v0 1500 netmap:v1
else
	none emulated_veth_60 "$(tail -n 1 ip.out)"
fi
if [ -d /sys/class/net/eth0 ] && [ -d /sys/class/net/eth1 ]; then
	quiet eth0 eth1
	ip link set eth0 up
	ip link set eth1 up
	sleep 1
	nic emulated_e1000_60 netmap:eth0 60 netmap:eth1
else
	none emulated_e1000_60 "no two NICs in the machine"
fi
exit $failed
