#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# run.sh - boot a kernel, load modules into it, believe nothing but proof
#
#   run.sh [options] MODULE.ko[,param=value...]...
#
#   --kernel V     kernel version, as fetch-kernel.sh knows it    (6.1)
#   --payload DIR  put DIR at /payload; its test.sh runs after the modules are
#                  loaded, prints TAP lines, and exits 0
#   --stock A,B    load these modules of the stock kernel first, with all that
#                  they depend on
#   --nic M[,N]    N NICs of model M (2): e1000, e1000e, igb, virtio-net-pci,
#                  vmxnet3; and load their stock driver first.  All NICs of one
#                  --nic are on one hub: what one sends, the others receive.
#                  Names are eth0, eth1, ... in the order asked for.
#   --own-drivers  of the NICs' drivers, load only what they depend on
#   --cpus N       of the guest                                        (2)
#   --icount       one CPU, and guest time is the number of instructions:
#                  repeats to a thousandth, whatever this machine is doing
#   --injects      the payload makes allocations fail: that the kernel says so,
#                  and where, is no trouble
#   --name NAME    names the logs: build/vm/NAME.console, .result
#   --timeout S    seconds until the guest counts as hung            (120)
#   --memory MB    of the guest                                      (512)
#   --append TEXT  more words for the kernel command line
#
# QEMU emulates the guest's CPUs (TCG), so nothing is asked of this machine.  It counts as passed only if all of this holds:
#
#   1. the result port said "done 0" and before it "plan N" with N > 0;
#   2. exactly N verdicts came, numbered 1 to N, none of them "not ok";
#   3. QEMU ended by itself in time and with status 0;
#   4. the console holds no oops, warning, BUG, stall or lock report.
#
# Thus a guest that is silent, hangs, reboots or dies half way has failed.
# Prints the verdicts, then one line "run.sh: passed N" or "run.sh: FAILED: ..."
# with the log kept under build/vm/.  Exit: 0 passed, 1 failed, 2 usage or
# something needed is missing.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
PATH=$PATH:/sbin:/usr/sbin

usage() {
	echo "run.sh: $1" >&2
	exit 2
}

kernel=6.1 payload='' stock='' name='' limit=120 memory=512 append=''
cpus=2 icount='' own_drivers='' injects='' nics=()
while [ $# -gt 0 ]; do
	case $1 in
	--icount)	icount=yes; shift; continue ;;
	--own-drivers)	own_drivers=yes; shift; continue ;;
	--injects)	injects=yes; shift; continue ;;
	--*)	[ $# -ge 2 ] || usage "$1 needs a value" ;;
	*)	break ;;
	esac
	case $1 in
	--kernel)	kernel=$2 ;;
	--payload)	payload=$2 ;;
	--stock)	stock+=" ${2//,/ }" ;;
	--nic)		nics+=("$2") ;;
	--cpus)		cpus=$2 ;;
	--name)		name=$2 ;;
	--timeout)	limit=$2 ;;
	--memory)	memory=$2 ;;
	--append)	append=$2 ;;
	*)		usage "unknown option $1" ;;
	esac
	shift 2
done
[ $# -gt 0 ] || [ -n "$payload" ] || usage "name a module or a --payload"
[ -z "$payload" ] || [ -f "$payload/test.sh" ] || usage "$payload has no test.sh"

for tool in qemu-system-x86_64 busybox cpio modprobe timeout xz; do
	command -v $tool > /dev/null ||
		usage "$tool is missing; install the packages in tests/vm/packages"
done
cache=$("$here/fetch-kernel.sh" "$kernel") || exit 2
release=$(cat "$cache/release")

logs=$top/${O:-build}/vm
case ${O:-build} in /*) logs=$O/vm ;; esac
mkdir -p "$logs"
if [ -z "$name" ]; then
	name=$(basename "${1:-$payload}")
	name=${name%%,*}
	name=${name%.ko}-$kernel
fi
console=$logs/$name.console
result=$logs/$name.result
tmp=$(mktemp -d)
qemu=
cleanup() {
	[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# Print the module files that loading $1 of the stock kernel takes, in order.
stock_files() {
	modprobe -d "$cache/root" -S "$release" --show-depends "$1" |
		sed -n 's/^insmod \([^ ]*\).*/\1/p'
}

# Put file $1, a module of the stock kernel, on the list of what to load.
add_stock() {
	local file=${1##*/}

	file=${file%.xz}
	[ ! -e "$root/vm/stock/$file" ] || return 0
	case $1 in
	*.xz)	xz -dc "$1" > "$root/vm/stock/$file" ;;
	*)	cp "$1" "$root/vm/stock/" ;;
	esac
	echo "/vm/stock/$file" >> "$root/vm/load"
}

# The driver of NIC model $1; a virtio device is found by virtio_pci.
nic_modules() {
	case $1 in
	e1000|e1000e|igb|vmxnet3)	echo "$1" ;;
	virtio-net-pci)			echo "virtio_pci virtio_net" ;;
	*)	usage "--nic: no model $1; there are e1000, e1000e, igb, virtio-net-pci, vmxnet3" ;;
	esac
}

# Load the driver of NIC model $1, or only what it depends on.
add_driver() {
	local mod files file

	for mod in $(nic_modules "$1"); do
		mapfile -t files < <(stock_files "$mod")
		if [ -n "$own_drivers" ] && [ "$mod" != virtio_pci ]; then
			unset "files[-1]"
		fi
		for file in "${files[@]}"; do
			add_stock "$file"
		done
	done
}

# NICs are in slots from 4 on, in the order asked for: so they are found.
add_nics() {
	local hub=0 slot=4 nic model count i at

	for nic in "${nics[@]}"; do
		model=${nic%,*} count=2
		[ "$model" = "$nic" ] || count=${nic#*,}
		[[ $count =~ ^[1-8]$ ]] || usage "--nic $nic: 1 to 8 of a model"
		[ $((slot + count)) -le 29 ] || usage "at most 25 NICs"
		nic_modules "$model" > /dev/null
		if ! "$qemu_bin" -device "$model,help" 2> /dev/null |
		   grep "options:" > /dev/null; then
			qemu_bin=$("$here/fetch-qemu.sh") || exit 2
		fi
		for ((i = 0; i < count; i++, slot++)); do
			at=addr=$(printf %x $slot)
			if [ "$model" = igb ]; then
				# its virtual functions want a bus of their own
				qemu_args+=(-device "pcie-root-port,id=p$hub$i,chassis=$slot,$at")
				at=bus=p$hub$i
			fi
			qemu_args+=(-netdev "hubport,id=n$hub$i,hubid=$hub"
				-device "$model,netdev=n$hub$i,romfile=,mac=52:54:00:00:0$hub:0$i,$at")
		done
		hub=$((hub + 1))
		add_driver "$model"
	done
}

build_root() {
	local mod file

	root=$tmp/root
	mkdir -p "$root"/{bin,vm/stock,vm/modules,payload}
	cp "$(command -v busybox)" "$root/bin/busybox"
	"$root/bin/busybox" --list | grep -x insmod > /dev/null ||
		usage "busybox lacks insmod; install busybox-static"
	cp "$here/init.sh" "$root/init"
	chmod +x "$root/init"
	: > "$root/vm/load"
	for mod in $stock; do
		for file in $(stock_files "$mod"); do
			add_stock "$file"
		done
	done
	add_nics
	for mod in "$@"; do
		file=${mod%%,*}
		[ -f "$file" ] || usage "there is no module $file"
		cp "$file" "$root/vm/modules/"
		mod=${mod#"$file"}
		echo "/vm/modules/${file##*/}${mod//,/ }" >> "$root/vm/load"
	done
	[ -z "$payload" ] || cp -RL "$payload/." "$root/payload/"
	(cd "$root" && find . | cpio -o -H newc -R 0:0 --quiet) > "$tmp/initrd"
}

boot() {
	local words="console=ttyS0 log_buf_len=8M loglevel=7 panic=-1 oops=panic softlockup_panic=1 printk.devkmsg=on net.ifnames=0"

	qemu_args+=(-accel "tcg,thread=$([ "$cpus" = 1 ] && echo single || echo multi)")
	if [ -n "$icount" ]; then
		qemu_args+=(-icount "shift=0,sleep=off" -rtc clock=vm)
		words+=" nokaslr tsc=reliable edd=off"
	fi
	: > "$console"
	: > "$result"
	timeout --kill-after=5 "$limit" "$qemu_bin" \
		-M q35 -cpu max -smp "$cpus" -m "$memory" \
		-nodefaults -no-user-config -no-reboot -display none \
		-monitor "unix:$tmp/monitor,server=on,wait=off" \
		-serial "file:$console" -serial "file:$result" \
		"${qemu_args[@]}" \
		-kernel "$cache/vmlinuz" -initrd "$tmp/initrd" \
		-append "$words $append" \
		< /dev/null 2> "$tmp/qemu.err" &
	qemu=$!
	qemu_rc=0
	wait $qemu || qemu_rc=$?
	qemu=
}

# What the kernel prints when it is in trouble, whatever the tests think.
trouble='BUG:|kernel BUG at|WARNING:|Oops|Kernel panic'
trouble+='|general protection fault|Unable to handle|soft lockup|hard LOCKUP'
trouble+='|INFO: task .* blocked|rcu.*(stall|detected)|possible recursive locking'
trouble+='|possible circular locking|inconsistent lock state|suspicious RCU'
trouble+='|turning off the locking correctness|bad unlock balance'
trouble+='|refcount_t:|UBSAN|KASAN|KCSAN|KFENCE|kmemleak:.*new suspected'
trouble+='|Out of memory|segfault|stack guard page|DMA-API: .*(leak|pending)'
trouble+='|ODEBUG:|list_(add|del) corruption|unregister_netdevice: waiting'
[ -n "$injects" ] || trouble+='|Call Trace|page allocation failure'

verify() {
	local plan n=0 verdict number rest

	plan=$(sed -n 's/^plan \([0-9]*\)$/\1/p' "$tmp/result")
	if [ "$qemu_rc" = 124 ] || [ "$qemu_rc" = 137 ]; then
		why="no end after $limit s"
	elif [ "$qemu_rc" != 0 ]; then
		why="QEMU ended with status $qemu_rc: $(head -n 1 "$tmp/qemu.err")"
	elif grep -aqE "$trouble" "$tmp/console"; then
		why="console: $(grep -aE -m 1 "$trouble" "$tmp/console")"
	elif [ "$(tail -n 1 "$tmp/result")" != "done 0" ]; then
		why="the guest did not report success: $(tail -n 1 "$tmp/result")"
	elif [ -z "$plan" ] || [ "$plan" = 0 ]; then
		why="no test ran"
	fi
	while read -r verdict number rest; do
		n=$((n + 1))
		if [ "$verdict" != ok ] || [ "$number" != $n ]; then
			why=${why:-"verdict $n: $verdict $number $rest"}
		fi
	done < <(grep -E '^(not ok|ok) ' "$tmp/result" || true)
	[ "${plan:--}" = $n ] || why=${why:-"$plan verdicts planned, $n seen"}
}

if [ -n "$icount" ]; then
	cpus=1		# with more, icount does not get past the firmware
fi
qemu_bin=qemu-system-x86_64 qemu_args=()
build_root "$@"
boot
tr -d '\r' < "$result" > "$tmp/result"
tr -d '\r' < "$console" > "$tmp/console"
why=
verify
grep -E '^(not ok|ok|#) ' "$tmp/result" || true
if [ -n "$why" ]; then
	echo "run.sh: FAILED: $why"
	echo "run.sh: the console is in $console"
	exit 1
fi
rm -f "$console" "$result"
echo "run.sh: passed $(grep -c '^ok ' "$tmp/result")"
