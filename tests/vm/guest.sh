#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# guest.sh - test.sh of the payload: what is tried with netmap.ko loaded
#
# Programs come with their shared libraries in /payload/lib, GNU tools that the
# system scenarios want in /payload/bin.  Prints TAP lines; exit 1 if any is
# "not ok".

top=/payload
ln -sf $top/lib /lib64
export LD_LIBRARY_PATH=$top/lib PATH=$top/bin:$PATH HOME=/tmp O=$top/build
failed=0
cd /tmp || exit 1

ok() {
	echo "ok - $1"
}

not_ok() {
	echo "not ok - $1"
	failed=1
}

# check TEXT COMMAND...: it must succeed
check() {
	text=$1
	shift
	if "$@" > /tmp/said 2>&1; then
		ok "$text"
	else
		not_ok "$text: '$*' ended with $?"
		sed 's/^/# /' /tmp/said
	fi
}

refused() {
	text=$1
	shift
	if "$@" > /tmp/refused 2>&1; then
		not_ok "$text: '$*' succeeded"
	else
		ok "$text"
	fi
}

# said WORD: what was refused last was, with this word in it
said() {
	cat /tmp/refused
	grep -q "$1" /tmp/refused
}

set_param() {	# name value
	echo "$2" > /sys/module/netmap/parameters/"$1"
}

# Parameters: the documented ranges, and what is state is read-only.
check "the device is there" test -c /dev/netmap
check "only for root, without a rule" \
	test "$(stat -c %a /dev/netmap)" = 600
check "parameter given to insmod" \
	test "$(cat /sys/module/netmap/parameters/bridge_batch)" = 512
check "parameter set" set_param bridge_batch 256
check "and read" test "$(cat /sys/module/netmap/parameters/bridge_batch)" = 256
refused "parameter out of range" set_param buf_size 63
refused "parameter that is no number" set_param buf_size big
check "unchanged after that" \
	test "$(cat /sys/module/netmap/parameters/buf_size)" = 2112
check "out of range means the default, where documented" set_param admode 7
check "so it does" test "$(cat /sys/module/netmap/parameters/admode)" = 0
set_param bridge_batch 1024
for name in verbose debug no_timestamp no_pendintr txsync_retry fwd admode \
	generic_hwcsum generic_mit generic_ringsize generic_rings \
	generic_txqdisc ptnet_vnet_hdr max_bridges default_pipes if_size if_num \
	ring_size ring_num buf_num priv_if_size priv_if_num priv_ring_size \
	priv_ring_num priv_buf_size priv_buf_num sink_delay_ns sink_num; do
	p=/sys/module/netmap/parameters/$name
	v=$(cat $p) && echo "$v" > $p && [ "$(cat $p)" = "$v" ] ||
		not_ok "parameter $name can be read and set"
done
for name in if ring buf; do
	refused "${name}_curr_num is read-only" set_param ${name}_curr_num 5
	refused "${name}_curr_size is read-only" set_param ${name}_curr_size 64
done

# Unmodified programs: the tests of the preload library, without it.
case $1 in
system/*)	programs= scenarios=${1#system/} ;;
*)		programs="basic life waits port dev guard" scenarios=$1 ;;
esac
for p in $programs; do
	$O/tests/preload/$p $1 || failed=1
done

# Tools over the library's kernel transport, chosen because there is a device.
unset NETMAP_HOME
pair() {	# text, receiver, sender, packets
	$O/apps/pkt-gen -i "$2" -f rx -n "$4" -w 0 > /tmp/rx 2>&1 &
	rx=$!
	n=0
	until grep -q '^Receiving from' /tmp/rx || [ $n = 100 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	check "pkt-gen sends over $1" \
		timeout 20 $O/apps/pkt-gen -i "$3" -f tx -n "$4" -w 0 -R 20000
	n=0
	while kill -0 $rx 2> /dev/null && [ $n -lt 100 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	kill $rx 2> /dev/null
	check "pkt-gen received all over $1" grep -q "^Received $4 packets" /tmp/rx
}
# over a switch no more than a ring holds: who is late loses nothing
pair "a switch" vale0:a vale0:b 1000
pair "a pipe" 'netmap:p}1' 'netmap:p{1' 5000
refused "a port of a NIC is not to be had yet" \
	$O/apps/pkt-gen -i netmap:lo -f rx
check "with a sentence" said lo

check "what the regions have is known" \
	test "$(cat /sys/module/netmap/parameters/buf_curr_num)" -gt 1000
check "the library takes the device if there is one" \
	sh -c "$O/tests/tools/nminfo open vale0:a | grep -q 'home kernel'"
refused "user mode, if that is asked for" \
	env NETMAP_HOME=user NETMAPD=/nowhere $O/tests/tools/functional -I vale0:a
check "is another home" said /nowhere

# The module stays while it is in use.
$O/tests/tools/nmhold vale0:held > /tmp/hold 2>&1 &
hold=$!
n=0
until grep -q ready /tmp/hold || [ $n = 100 ]; do
	sleep 0.1
	n=$((n + 1))
done
refused "rmmod while a port is open" rmmod netmap
kill -9 $hold
wait $hold 2> /dev/null

# Scenarios of the system tests.
export NM_HOME=kernel NM_SLOW=3 NM_TIMES=1 NM_MODULE=/vm/modules/netmap.ko
if ls $top/tests/system/*"$scenarios"*_*.sh > /dev/null 2>&1 ||
   ls $top/tests/system/*_*"$scenarios"*.sh > /dev/null 2>&1; then
	{ bash $top/tests/system/run.sh $scenarios || : > /tmp/failed; } |
		$top/bin/grep --line-buffered -v '^1\.\.'
	[ ! -e /tmp/failed ] || failed=1
fi
unset NM_HOME NM_SLOW

# Clean afterwards: unloaded, loaded again, used again.
n=0
until rmmod netmap 2> /dev/null || [ $n = 50 ]; do
	sleep 0.1
	n=$((n + 1))
done
check "no device after rmmod" test ! -e /dev/netmap
refused "kernel mode without the module" \
	env NETMAP_HOME=kernel $O/tests/tools/functional -I vale0:a
check "says what to do" said 'load the netmap module'
check "loaded again" insmod /vm/modules/netmap.ko
check "and used again" $O/tests/preload/basic "vale, poll"
exit $failed
