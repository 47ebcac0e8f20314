#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# debug_guest.sh - test.sh of the payload in a kernel that watches itself
#
# The raw programs; each allocation of each operation failing in turn; everything
# at random while interfaces change.  What the kernel thinks of it is on the
# console; init.sh looks for leaks when the module is gone.  TORTURE_SECONDS and
# TORTURE_SEED may come from the host.

top=/payload
ln -sf $top/lib /lib64
export LD_LIBRARY_PATH=$top/lib PATH=$top/bin:$PATH HOME=/tmp O=$top/build
failed=0
cd /tmp || exit 1

check() {
	text=$1
	shift
	if "$@" > /tmp/said 2>&1; then
		echo "ok - $text"
	else
		echo "not ok - $text: '$*' ended with $?"
		failed=1
	fi
	grep '^#' /tmp/said
}

# Which allocations can fail: all, and without a word for each.
for what in failslab fail_page_alloc; do
	dir=/sys/kernel/debug/$what
	echo N > $dir/ignore-gfp-wait
	echo 0 > $dir/verbose
done
echo N > /sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem
echo 0 > /sys/kernel/debug/fail_page_alloc/min-order

# Persistent ports are interfaces, and keep the module.
drop_persistent() {
	for at in $($O/apps/vale-ctl 2>&1 | grep -o 'vale[^ ]*:tp[01]'); do
		$O/apps/vale-ctl -d $at
	done > /dev/null 2>&1
	for p in tp0 tp1; do
		$O/apps/vale-ctl -r $p
	done > /dev/null 2>&1
}

gone() {	# the module leaves when nobody has it open
	n=0
	until rmmod netmap 2> /dev/null; do
		n=$((n + 1))
		[ $n -lt 100 ] || return 1
		sleep 0.1
	done
	insmod /vm/modules/netmap.ko
}

for p in basic life waits port dev; do
	$O/tests/preload/$p $1 || failed=1
done
check "nobody holds the module after the programs" gone

$O/tests/vm/failnth || failed=1
check "nobody holds the module after failed allocations" gone

ip link add nt0 type veth peer name nt1
ip link set nt0 up
ip link set nt1 up
check "torture" $O/tests/vm/torture -t "${TORTURE_SECONDS:-60}" \
	${TORTURE_SEED:+-S $TORTURE_SEED} -e $top/torture_events.sh \
	netmap:nt0 netmap:nt1 netmap:nt0^ vale0:nt0 vale0:nt1^ 'netmap:nt0{1'
drop_persistent
ip link del nt0
check "nobody holds the module after torture" gone
check "and it works as before" $O/tests/preload/basic "vale, poll"
exit $failed
