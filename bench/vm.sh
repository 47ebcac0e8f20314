#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# vm.sh - what netmap.ko costs, counted in a virtual machine
#
#   vm.sh [-b BUILD-DIR] [-k KERNEL] [-s SECONDS] [-o FILE.json] [count|clock]
#
#   count   one CPU, one instruction takes one nanosecond (QEMU -icount): the
#           same again to a part in a thousand, whatever the machine does.
#           1000 / Mpps is the instructions per frame, sender, receiver and
#           switching between them included
#   clock   two CPUs and real time: says how the two sides get along, and as
#           much about QEMU and the machine as about netmap
#
# Default: both.  Reference: upstream's module, counted in the same way.
# -s is the guest's time a stream runs.  Exit 0, 1, or 2 (usage).

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/.." && pwd)
build=$top/build kernel=6.1 seconds=0.3 json=

usage() {
	echo "usage: vm.sh [-b BUILD-DIR] [-k KERNEL] [-s SECONDS] [-o FILE.json] [count|clock]" >&2
	exit 2
}

while getopts b:k:s:o: opt; do
	case $opt in
	b) build=$OPTARG ;;
	k) kernel=$OPTARG ;;
	s) seconds=$OPTARG ;;
	o) json=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
modes=${*:-count clock}
for mode in $modes; do
	case $mode in
	count|clock) ;;
	*) usage ;;
	esac
done
[[ $build == /* ]] || build=$PWD/$build
export O=$build
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Upstream's module on kernel 6.1, one CPU, -icount shift=0.
reference() {
	case $1 in
	vale_60)		echo 2510000 ;;
	vale_1514)		echo 526000 ;;
	vale_60_to_3)		echo 1290000 ;;
	pipe_60)		echo 7150000 ;;
	bridge_pipes_60)	echo 3700000 ;;
	emulated_veth_60)	echo 85000 ;;
	emulated_veth_1500)	echo 69000 ;;
	emulated_e1000_60)	echo 88000 ;;
	txsync_empty)		echo 1220000 ;;
	idle_port)		echo 30000 ;;
	esac
}

pack() {
	local p

	mkdir -p "$work"/load/{bin,lib}
	for p in apps/pkt-gen apps/bridge bench/txsync tests/tools/nmhold; do
		cp "$build/$p" "$work/load/bin/"
	done
	# busybox's knows no "peer name"
	cp "$(PATH=$PATH:/sbin:/usr/sbin command -v ip)" "$work/load/bin/"
	find "$work/load/bin" -type f -print0 | xargs -0 ldd |
		grep -oE '/[^ ]+\.so[^ ]*' | sort -u |
		xargs -I{} cp -L {} "$work/load/lib/"
	cp "$here/vm_guest.sh" "$work/load/test.sh"
	echo "$seconds" > "$work/load/seconds"
}

# A line per row; "against" is how many times better than the reference.
table() {	# mode, file of the guest's lines
	local kind name value unit ref against sent=

	printf '\n%s, Linux %s\n%-20s %14s %-9s %14s %8s %14s\n' "$1" "$kernel" \
		row value unit reference ratio sent
	sed -n 's/^# \(row\|sent\|none\) /\1 /p' "$2" |
	while read -r kind name value unit; do
		if [ "$kind" = sent ]; then
			sent=$value
			continue
		fi
		if [ "$kind" = none ]; then
			printf '%-20s %s\n' "$name" "not measured: $value $unit"
			continue
		fi
		ref=$(reference "$name")
		against=
		if [ -n "$ref" ] && [ "$1" = count ]; then
			if [ "$unit" = KiB ]; then
				against=$(echo "$ref $value" | awk '{ printf "%.2f", $1 / ($2 > 0 ? $2 : 1) }')
			else
				against=$(echo "$value $ref" | awk '{ printf "%.2f", $1 / $2 }')
			fi
		else
			ref=
		fi
		printf '%-20s %14s %-9s %14s %8s %14s\n' "$name" "$value" "$unit" \
			"${ref:--}" "${against:--}" "${sent:--}"
		sent=
	done
}

record() {	# mode file
	sed -n 's/^# row \([^ ]*\) \([^ ]*\) \([^ ]*\).*/\1 \2 \3/p' "$2" |
	awk -v mode="$1" -v kernel="$kernel" '
	{ printf "%s{ \"mode\": \"%s\", \"kernel\": \"%s\", \"row\": \"%s\", \"value\": %s, \"unit\": \"%s\" }",
	  (NR > 1 ? ",\n    " : "    "), mode, kernel, $1, $2, $3 }'
}

module=$("$top/tests/vm/build-module.sh" netmap "$kernel")
pack
status=0
rows=
for mode in $modes; do
	options=(--icount)
	[ "$mode" = count ] || options=(--cpus 2)
	"$top/tests/vm/run.sh" --kernel "$kernel" --name "bench-$mode-$kernel" \
		"${options[@]}" --memory 1024 --timeout 900 \
		--stock veth,e1000 --nic e1000,2 \
		--payload "$work/load" "$module" > "$work/$mode" || {
		status=1
		grep -E '^(not ok|run.sh)' "$work/$mode" >&2 || true
	}
	table "$mode" "$work/$mode"
	rows+=${rows:+,$'\n'}$(record "$mode" "$work/$mode")
done
if [ -n "$json" ]; then
	mkdir -p "$(dirname "$json")"
	printf '{\n  "program": "bench-vm",\n  "revision": "%s",\n  "rows": [\n%s\n  ]\n}\n' \
		"$(git -C "$top" describe --always --dirty 2>/dev/null || echo unknown)" \
		"$rows" > "$json"
fi
exit $status
