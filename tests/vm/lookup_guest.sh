#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# lookup_guest.sh - test.sh of the payload: modules that are lookups
#
# netmap.ko is loaded.  Prints TAP lines; exit 1 if any is "not ok".

top=/payload
ln -sf $top/lib /lib64
export LD_LIBRARY_PATH=$top/lib PATH=$top/bin:$PATH HOME=/tmp
export EXAMPLE=$top/vale_lookup.ko
failed=0
cd /tmp || exit 1

check() {	# TEXT COMMAND...: it must succeed
	text=$1
	shift
	if "$@" > /tmp/said 2>&1; then
		echo "ok - $text"
	else
		echo "not ok - $text: '$*' ended with $?"
		failed=1
		sed 's/^/# /' /tmp/said
	fi
}

refused() {
	text=$1
	shift
	if "$@" > /tmp/said 2>&1; then
		echo "not ok - $text: '$*' succeeded"
		failed=1
	else
		echo "ok - $text"
	fi
}

run() {
	$top/bin/lookup "$1" || failed=1
}

logged() {
	dmesg | grep -q "netmap: .*$1"
}

refused "no switch, no lookup" insmod "$EXAMPLE" switch=vale0
refused "no name of a switch" insmod "$EXAMPLE" switch=eth0 ports=2

check "a switch of the module's own" insmod "$EXAMPLE" switch=vale7 ports=3
refused "netmap stays while the module is there" rmmod netmap
run own_
check "unload" rmmod vale_lookup
refused "and nothing was left to clean up" logged "went away"
run after_own

check "again, by a module that forgets" \
	insmod "$EXAMPLE" switch=vale7 ports=3 forget=1
run own_rule
check "unload" rmmod vale_lookup
check "the log says what it left" logged "vale_lookup went away .* switch vale7"
run forgotten_own
run after_own

run others_

# nobody greets: frames are counted
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
check "a pair of interfaces" $top/bin/ip link add v0 type veth peer name v1
check "up" $top/bin/ip link set v0 up
check "up" $top/bin/ip link set v1 up
refused "no such interface" \
	insmod "$EXAMPLE" switch=vale7 ports=3 uplink=nothing
check "an interface as a port" insmod "$EXAMPLE" switch=vale7 ports=3 uplink=v0
check "it is found by its interface" \
	sh -c 'dmesg | grep -q "v0 is at position 3 of vale7"'
run uplink_
check "unload" rmmod vale_lookup
run after_own
exit $failed
