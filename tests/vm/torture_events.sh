#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# torture_events.sh NUMBER - what happens to a machine while torture runs
#
# The number says what, and is the same for the same seed.  Any of it may be
# refused; nobody may hang or crash.  The interfaces nt0 and nt1 are a pair,
# tp0 and tp1 those of persistent ports, when there are any.

n=$1
case $((n % 9)) in
0)	ip link set nt0 down
	ip link set nt0 up ;;
1)	ip link set nt$((n / 8 % 2)) mtu $((1000 + n / 16 % 8000)) ;;
2)	ip link del nt0
	ip link add nt0 type veth peer name nt1
	ip link set nt0 up
	ip link set nt1 up ;;
3)	# only in the moments when nobody has it open
	for at in $($O/apps/vale-ctl 2>&1 | grep -o 'vale[^ ]*:tp[01]'); do
		$O/apps/vale-ctl -d $at
	done > /dev/null
	for p in tp0 tp1; do
		$O/apps/vale-ctl -r $p
	done > /dev/null
	rmmod netmap && insmod /vm/modules/netmap.ko ;;
4)	ip link set nt1 promisc $([ $((n / 8 % 2)) = 0 ] && echo on || echo off) ;;
5)	ip link set nt0 txqueuelen $((1 + n / 8 % 1000)) ;;
6)	ip link set nt1 name nt9 && ip link set nt9 name nt1 ;;
7)	for p in /sys/module/netmap/parameters/*_num; do
		echo $((n % 5000)) > "$p"
	done ;;
8)	ip link set tp0 $([ $((n / 9 % 2)) = 0 ] && echo up || echo down)
	ip link set tp1 up
	ip link set tp1 mtu $((68 + n / 18 % 9000)) ;;
esac 2> /dev/null
exit 0
