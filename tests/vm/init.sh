#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# init.sh - process 1 of the test machine
#
# Loads the modules named in /vm/load in order, runs /payload/test.sh if there
# is one, unloads the modules, and tells the host what happened.  Two ways
# lead out and each has its own serial port, so that what is said about the
# tests cannot be confused with what the kernel says about itself:
#
#   ttyS0  the console; run.sh looks for oopses and warnings there
#   ttyS1  results: TAP lines, then "plan N" and "done STATUS"
#
# A module reports by printk lines that start with "ok " or "not ok " after
# its "name: " prefix.  A guest that dies or hangs never says "done".

PATH=/bin:/sbin:/usr/bin:/usr/sbin
/bin/busybox mkdir -p /proc /sys /dev /tmp /run /sbin /usr/bin /usr/sbin
/bin/busybox --install -s
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /tmp
mount -t debugfs debugfs /sys/kernel/debug
ip link set lo up
stty -F /dev/ttyS1 raw -echo
exec 3>/dev/ttyS1

n=0
status=0

# Number and pass on one verdict; the guest's own numbering is replaced by
# one that runs through all modules and the payload.
report() {	# "ok" or "not ok", name
	n=$((n + 1))
	echo "$1 $n - $2" >&3
	[ "$1" = ok ] || status=1
}

# Pass on every TAP line of standard input as it comes, and the comments between
# them.  If a plan "1..N" is among them, N verdicts must be.
relay() {
	before=$n
	planned=
	while IFS= read -r line; do
		case $line in
		'ok '*)		report ok "$(echo "$line" | sed 's/^ok [0-9]* *-* *//')" ;;
		'not ok '*)	report 'not ok' "$(echo "$line" | sed 's/^not ok [0-9]* *-* *//')" ;;
		'# '*)		echo "$line" >&3 ;;
		1..*)		planned=${line#1..} ;;
		esac
	done
	seen=$((n - before))
	[ "${planned:-$seen}" = $seen ] ||
		report 'not ok' "all tests ran: $planned planned, $seen seen"
}

# What the kernel has lost by itself while it booted is not ours.
leaks=/sys/kernel/debug/kmemleak
[ ! -w $leaks ] || echo clear > $leaks

loaded=
while read -r file args; do
	name=$(basename "$file" .ko | tr - _)
	dmesg -c > /dev/null
	rc=0
	insmod "$file" $args || rc=$?
	dmesg | sed 's/^\[[^]]*\] //; s/^[a-z0-9_]*: //' > /tmp/said
	relay < /tmp/said
	case $file in
	/vm/stock/*)
		[ $rc = 0 ] || report 'not ok' "load of stock module $name"
		continue ;;
	esac
	if [ $rc = 0 ]; then
		report ok "load of $name"
		loaded="$name $loaded"
		failed=/sys/module/$name/parameters/failed
		[ ! -f $failed ] || [ "$(cat $failed)" = 0 ] || status=1
	else
		report 'not ok' "load of $name"
	fi
done < /vm/load

if [ -f /payload/test.sh ]; then
	mkfifo /tmp/payload.out
	(cd /payload && exec sh ./test.sh > /tmp/payload.out) &
	relay < /tmp/payload.out
	rc=0
	wait $! || rc=$?
	if [ $rc = 0 ]; then
		report ok "payload"
	else
		report 'not ok' "payload, exit status $rc"
	fi
fi

for name in $loaded; do
	if rmmod "$name"; then
		report ok "unload of $name"
	else
		report 'not ok' "unload of $name"
	fi
done

# A second look: what is younger than five seconds is not looked at, and what a
# register held while the first was taken may be gone from there.
if [ -w $leaks ]; then
	sleep 6
	echo scan > $leaks
	echo scan > $leaks
	cat $leaks > /tmp/leaks
	if [ -s /tmp/leaks ]; then
		report 'not ok' "nothing is left: $(grep -c unreferenced /tmp/leaks) leaks"
		cat /tmp/leaks > /dev/console
	else
		report ok "nothing is left"
	fi
fi

echo "plan $n" >&3
echo "done $status" >&3
exec 3>&-
sync
poweroff -f
