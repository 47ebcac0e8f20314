#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# selftest.sh NM_PROBE.ko [VERSION] - prove that run.sh notices trouble
#
# Boots the probe module once per way of going wrong; run.sh must fail each
# time, for the reason expected, and pass when nothing is wrong.  Then the NICs
# it can give: those of a hub reach each other, and no others.  Prints TAP and a
# summary line; exit 0 or 1.

here=$(cd "$(dirname "$0")" && pwd)
probe=$1
version=${2:-6.1}
passed=0
failed=0

load=$(mktemp -d)
trap 'rm -rf "$load"' EXIT

# text, status wanted of run.sh, text wanted in what it prints, options of it
verdict() {
	text=$1 want=$2 say=$3
	shift 3
	out=$("$here/run.sh" --kernel "$version" "$@" 2>&1)
	rc=$?
	if [ $rc = "$want" ] && echo "$out" | grep -E "$say" > /dev/null; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) - $text"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $((passed + failed)) - $text: status $rc"
	echo "$out" | sed 's/^/# /'
}

# probe mode, status wanted of run.sh, text wanted in what it prints
check() {
	verdict "a module that does '$1'" "$2" "$3" --name "probe-$1" \
		--timeout 40 --append "hung_task_panic=1" "$probe,mode=$1"
}

check ok	0 '^run.sh: passed 3$'
check not_ok	1 'did not report success|verdict 1: not ok'
check refuse	1 'did not report success'
check warn	1 'console:.*WARNING'
check oops	1 'console:.*BUG'
check bug	1 'console:.*kernel BUG'
check atomic	1 'console:.*scheduling while atomic'
check hang	1 'no end after'
check spin	1 'no end after|console:.*(stall|lockup|LOCKUP)'
check restart	1 'did not report success'

# Three hubs of two: who asks on eth0 is heard on eth1 alone.
cat > "$load/test.sh" <<'END'
heard() {
	cat /sys/class/net/$1/statistics/rx_packets
}
failed=0
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
for i in 0 1 2 3 4 5; do
	ip link set eth$i up
done
for i in 0 2 4; do
	other=eth$(((i + 2) % 6)) peer=eth$((i + 1)) n=0
	until [ "$(cat /sys/class/net/eth$i/carrier)" = 1 ] || [ $n = 100 ]; do
		sleep 0.1
		n=$((n + 1))
	done
	p=$(heard $peer) o=$(heard $other)
	ip addr add 10.0.$i.1/24 dev eth$i
	arping -c 3 -I eth$i 10.0.$i.2 > /dev/null
	driver=$(basename "$(readlink /sys/class/net/eth$i/device/driver)")
	text="$driver: eth$i and $peer are on one hub"
	if [ $(($(heard $peer) - p)) -ge 3 ] && [ "$(heard $other)" = "$o" ]; then
		echo "ok - $text"
	else
		echo "not ok - $text"
		failed=1
	fi
done
exit $failed
END
nics='^run.sh: passed 4$'
verdict "e1000, virtio-net-pci and igb" 0 "$nics" --name nics-1 --payload "$load" \
	--nic e1000 --nic virtio-net-pci --nic igb
verdict "e1000e, vmxnet3, igb; counting instructions" 0 "$nics" --name nics-2 \
	--payload "$load" --icount --nic e1000e --nic vmxnet3 --nic igb,2
verdict "no such NIC" 2 'no model ne2k' --nic ne2k --payload "$load"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
