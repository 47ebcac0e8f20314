#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# rivals.sh - what other software reaches on this machine, now
#
#   memif     DPDK testpmd -> memif, copying -> DPDK testpmd; two processes
#   rte_ring  mbufs through a ring between two threads (bench/rte_pipe.c)
#   ovs       Open vSwitch with DPDK, one NORMAL bridge, two virtio-user ports
#             of one testpmd; the figure is the sum of both directions
#
# All spin on two CPUs and are classed by the distance of these (watch.c).
# A rival that cannot run is a row too, with the reason.  Needs root, for
# 2 MiB pages; reserves them and sets the number back.
#
#   rivals.sh [-b BUILD-DIR] [-n SAMPLES] [-t SECONDS] [-o FILE.json] [RIVAL...]
#
# Packages: dpdk (testpmd), dpdk-dev (to build rte_pipe),
# openvswitch-switch-dpdk.

set -u

build=build
samples=5
seconds=60
out=
pages=1024
cpu_a=0
cpu_b=1

usage() {
	echo "usage: rivals.sh [-b BUILD-DIR] [-n SAMPLES] [-t SECONDS] [-o FILE.json]" \
	     "[memif|rte_ring|ovs ...]"
}

while getopts b:n:t:o:h opt; do
	case $opt in
	b) build=$OPTARG ;;
	n) samples=$OPTARG ;;
	t) seconds=$OPTARG ;;
	o) out=$OPTARG ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
for r; do
	case $r in
	memif|rte_ring|ovs) ;;
	*) usage >&2; exit 2 ;;
	esac
done
wanted=${*:-memif rte_ring ovs}

watch=$build/bench/watch
distance=$build/bench/distance
if ! [ -x "$watch" ] || ! [ -x "$distance" ]; then
	echo "rivals.sh: $watch is missing: run \`make bench-rivals\`" >&2
	exit 1
fi

# Precedence over other work needs a session of our own; see measuring.md.
if [ -z "${RIVALS_SESSION:-}" ]; then
	export RIVALS_SESSION=1
	setsid "$0" -b "$build" -n "$samples" -t "$seconds" \
		${out:+-o "$out"} $wanted &
	child=$!
	trap 'kill -TERM -- -$child 2>/dev/null' INT TERM
	wait $child
	status=$?
	# A signal ends the first wait; the child still has to clean up.
	while kill -0 $child 2>/dev/null; do
		wait $child
		status=1
	done
	exit $status
fi
{ echo -15 > /proc/self/autogroup; } 2>/dev/null ||
	echo "No precedence over other sessions: other work disturbs the figures."

work=$(mktemp -d "${TMPDIR:-/tmp}/rivals.XXXXXX") || exit 1
rows=$work/rows
: > "$rows"
pids=
pages_before=
failed=0

end_processes() {
	for p in $pids; do
		kill -CONT "$p" 2>/dev/null
		kill "$p" 2>/dev/null
	done
	for p in $pids; do
		n=0
		while kill -0 "$p" 2>/dev/null && [ $n -lt 50 ]; do
			sleep 0.1
			n=$((n + 1))
		done
		kill -9 "$p" 2>/dev/null
		wait "$p" 2>/dev/null
	done
	pids=
}

clean_up() {
	trap - EXIT INT TERM
	end_processes
	if mountpoint -q "$work/huge" 2>/dev/null; then
		umount "$work/huge"
	fi
	if [ -n "$pages_before" ]; then
		echo "$pages_before" > /proc/sys/vm/nr_hugepages
	fi
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

# skip ROW VARIANT REASON
skip() {
	printf '%-26s %-10s skipped: %s\n' "$1" "$2" "$3"
	printf '{"row": "%s", "path": "%s", "skipped": "%s"}\n' \
		"$1" "$2" "$(printf %s "$3" | tr '"\\\n' "'/ ")" >> "$rows"
}

# start LOG COMMAND...: run it in the background, remember its pid
start() {
	log=$1
	shift
	"$@" > "$log" 2>&1 < /dev/null &
	last=$!
	pids="$pids $last"
}

# await SECONDS COMMAND...: until it succeeds
await() {
	n=$(($1 * 10))
	shift
	while ! "$@" > /dev/null 2>&1; do
		n=$((n - 1))
		[ $n -gt 0 ] || return 1
		sleep 0.1
	done
}

# measure ROW VARIANT LOG MARKS-PER-REPORT PIDS
measure() {
	if ! await 20 grep -q "Rx-pps: *[1-9]" "$3"; then
		skip "$1" "$2" "no traffic; its last words: $(tail -n 1 "$3")"
		failed=1
		return
	fi
	"$watch" -r "$1" -v "$2" -l "$3" -m Rx-pps: -k "$4" -P "$5" \
		-c "$cpu_a,$cpu_b" -n "$samples" -t "$seconds" -o "$rows" || failed=1
}

# Reserve 2 MiB pages once; say why not on stdout.
need_pages() {
	[ -z "$pages_before" ] || return 0
	if [ "$(id -u)" != 0 ]; then
		echo "needs root, to reserve 2 MiB pages"
		return 1
	fi
	before=$(cat /proc/sys/vm/nr_hugepages 2>/dev/null) ||
		{ echo "the kernel has no huge pages"; return 1; }
	pages_before=$before
	if [ "$before" -lt $pages ]; then
		echo $pages > /proc/sys/vm/nr_hugepages
	fi
	free=$(awk '/HugePages_Free/ { print $2 }' /proc/meminfo)
	if [ "$free" -lt $pages ]; then
		echo "$before" > /proc/sys/vm/nr_hugepages
		pages_before=
		echo "only $free of $pages huge pages of 2 MiB could be reserved"
		return 1
	fi
	mkdir -p "$work/huge"
	if ! mount -t hugetlbfs -o pagesize=2M rivals "$work/huge"; then
		echo "hugetlbfs cannot be mounted"
		return 1
	fi
}

# need COMMAND PACKAGE
need() {
	command -v "$1" > /dev/null && return 0
	echo "$1 is missing: install the package $2"
	return 1
}

# The reason is wanted and the side effects too, so: through a file.
can() {
	"$@" > "$work/reason" 2>&1
}
reason() {
	tr '\n' ' ' < "$work/reason"
}

if [ "$(nproc)" -lt 2 ]; then
	echo "rivals.sh: two CPUs are needed" >&2
	exit 1
fi

eal() {
	echo "--no-pci --no-telemetry --huge-dir $work/huge --single-file-segments" \
	     "--log-level=3"
}
app="--auto-start --stats-period=1 --total-num-mbufs=16384 --burst=64 \
--no-flush-rx --no-lsc-interrupt"

run_memif() {
	for size in 64 1514; do
		row="memif $size B"
		if ! can need dpdk-testpmd dpdk || ! can need_pages; then
			skip "$row" copy "$(reason)"
			continue
		fi
		rm -f "$work/memif.sock"
		memif="id=0,socket-abstract=no,socket=$work/memif.sock,rsize=10"
		start "$work/tx.log" stdbuf -oL dpdk-testpmd --lcores="0@$cpu_a,1@$cpu_a" \
			--file-prefix=rivals_a $(eal) -m 300 \
			--vdev=net_memif0,role=server,"$memif" -- $app \
			--forward-mode=txonly --txpkts=$size
		tx=$last
		await 10 test -S "$work/memif.sock"
		start "$work/rx.log" stdbuf -oL dpdk-testpmd --lcores="0@$cpu_b,1@$cpu_b" \
			--file-prefix=rivals_b $(eal) -m 300 \
			--vdev=net_memif0,role=client,"$memif",zero-copy=no -- $app \
			--forward-mode=rxonly
		measure "$row" copy "$work/rx.log" 1 "$tx,$last"
		end_processes
	done
}

run_rte_ring() {
	for burst in 64 256; do
		row="rte_ring pipe 60 B"
		if ! [ -x "$build/bench/rte_pipe" ]; then
			skip "$row" "burst$burst" \
				"not built: install the package dpdk-dev and run make bench-rivals"
			continue
		fi
		if ! can need_pages; then
			skip "$row" "burst$burst" "$(reason)"
			continue
		fi
		start "$work/ring.log" "$build/bench/rte_pipe" \
			--lcores="0@$cpu_a,1@$cpu_a,2@$cpu_b" --file-prefix=rivals_r \
			$(eal) -m 200 -- $burst 60
		measure "$row" "burst$burst" "$work/ring.log" 1 "$last"
		end_processes
	done
}

# start_ovs: database, switch and bridge, all below $work
start_ovs() {
	OVS_RUNDIR=$work OVS_LOGDIR=$work OVS_DBDIR=$work
	export OVS_RUNDIR OVS_LOGDIR OVS_DBDIR
	db=unix:$work/db.sock
	ovsdb-tool create "$work/conf.db" /usr/share/openvswitch/vswitch.ovsschema ||
		return 1
	start "$work/db.log" ovsdb-server "$work/conf.db" --remote="punix:$work/db.sock"
	await 10 test -S "$work/db.sock" || return 1
	ovs-vsctl --db="$db" --no-wait set Open_vSwitch . \
		other_config:dpdk-init=true \
		other_config:pmd-cpu-mask=0x$(printf %x $((1 << cpu_a))) \
		other_config:dpdk-lcore-mask=0x$(printf %x $((1 << cpu_a))) \
		other_config:dpdk-socket-mem=512 \
		other_config:dpdk-extra="--no-pci --no-telemetry --huge-dir $work/huge \
--file-prefix rivals_ovs --single-file-segments" || return 1
	start "$work/ovs.log" "$ovs_daemon" "$db" \
		--unixctl="$work/ovs.ctl"
	ovs_pid=$last
	ovs-vsctl --db="$db" --timeout=30 add-br br0 -- \
		set bridge br0 datapath_type=netdev -- \
		add-port br0 p0 -- set Interface p0 type=dpdkvhostuser -- \
		add-port br0 p1 -- set Interface p1 type=dpdkvhostuser || return 1
	await 20 test -S "$work/p1"
}

find_ovs() {
	need ovsdb-server openvswitch-switch-dpdk || return 1
	need dpdk-testpmd dpdk || return 1
	for f in ovs-vswitchd-dpdk /usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk; do
		ovs_daemon=$(command -v $f) && return 0
	done
	echo "ovs-vswitchd-dpdk is missing: install the package openvswitch-switch-dpdk"
	return 1
}

run_ovs() {
	for size in 64 1514; do
		row="ovs-dpdk NORMAL $size B"
		if ! can find_ovs || ! can need_pages; then
			skip "$row" both "$(reason)"
			continue
		fi
		rm -f "$work/conf.db" "$work/p0" "$work/p1"
		if ! can start_ovs; then
			skip "$row" both "the switch did not start: $(reason | tail -c 120)"
			failed=1
			end_processes
			continue
		fi
		virtio="queues=1,mrg_rxbuf=0,in_order=1"
		start "$work/gen.log" stdbuf -oL dpdk-testpmd --lcores="0@$cpu_b,1@$cpu_b" \
			--file-prefix=rivals_g $(eal) -m 300 \
			--vdev="net_virtio_user0,path=$work/p0,mac=02:00:00:00:00:01,$virtio" \
			--vdev="net_virtio_user1,path=$work/p1,mac=02:00:00:00:00:02,$virtio" \
			-- $app --forward-mode=flowgen --flowgen-flows=16 --txpkts=$size \
			--eth-peer=0,02:00:00:00:00:02 --eth-peer=1,02:00:00:00:00:01
		measure "$row" both "$work/gen.log" 2 "$ovs_pid,$last"
		end_processes
	done
}

"$distance" -m > "$work/machine" || exit 1
printf '%-26s %-10s %-5s %3s  %-16s %10s %10s %10s %-5s %s\n' rival variant class n \
	figure min median max unit "probe ns"
for r in $wanted; do
	run_$r
done

if [ -n "$out" ]; then
	# The machine's object, left open, and the rows, one a line, as a member.
	{
		sed '$d' "$work/machine"
		echo '  ,"rows": ['
		sed '$!s/$/,/' "$rows"
		echo ']}'
	} > "$out" || exit 1
	echo
	echo "recorded in $out"
fi
exit $failed
