#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# afxdp_layout.sh - build and run afxdp_layout over a veth pair, both XDP modes
#
#   nmxa [xa] ======== [xb] nmxb      network namespaces, made and removed here
#
# Needs root, libbpf-dev and iproute2.  Exit: 0 proven, 1 not, 2 cannot run.

set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/build/experiments
a=nmxa$$
b=nmxb$$

[ "$(id -u)" = 0 ] || { echo "afxdp_layout.sh: run this as root" >&2; exit 2; }
[ -e /usr/include/bpf/bpf.h ] && command -v ip > /dev/null ||
	{ echo "afxdp_layout.sh: install libbpf-dev and iproute2" >&2; exit 2; }

mkdir -p "$out"
${CC:-gcc} -std=gnu11 -O2 -g -Wall -Wextra -I"$top/include" \
	-o "$out/afxdp_layout" "$top/doc/experiments/afxdp_layout.c" -lbpf

cleanup() {
	ip netns del $a 2>/dev/null || true
	ip netns del $b 2>/dev/null || true
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

ip netns add $a
ip netns add $b
# Without IPv6 nothing but our frames is on the link.
for ns in $a $b; do
	ip netns exec $ns sh -c 'f=/proc/sys/net/ipv6/conf/default/disable_ipv6
		[ ! -e $f ] || echo 1 > $f'
done
ip -n $a link add xa mtu 3000 numtxqueues 1 numrxqueues 1 type veth \
	peer name xb mtu 3000 netns $b numtxqueues 1 numrxqueues 1
ip -n $a link set xa up
ip -n $b link set xb up

echo "kernel $(uname -r)"
for mode in drv skb; do
	"$out/afxdp_layout" $a xa $b xb $mode
	ip -n $b link set xb xdpdrv off 2>/dev/null || true
	ip -n $b link set xb xdpgeneric off 2>/dev/null || true
done
echo "afxdp_layout: proven in both modes"
