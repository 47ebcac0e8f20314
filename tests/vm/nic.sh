#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# nic.sh [VERSION [WORD...]] - ports of network interfaces in a virtual machine
#
# Builds the module, packs programs and the scenarios tests/system/nic_*.sh (with
# WORDs only those whose names contain one of them), and runs them in a guest
# that has veth, and emulated cards in pairs.  The last line is "N passed, N failed, N
# skipped".  Exit 0 or 1.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
version=${1:-6.1}
shift || true
out=$top/${O:-build}
case ${O:-build} in /*) out=$O ;; esac
said=$(mktemp)
load=$(mktemp -d)
trap 'rm -rf "$said" "$load"' EXIT

wanted() {	# name, words
	local name=$1 word

	shift
	[ $# -gt 0 ] || return 0
	for word; do
		case $name in *"$word"*) return 0 ;; esac
	done
	return 1
}

pack() {
	local p f name

	mkdir -p "$load"/{bin,lib,tests,build/apps,build/tests/tools}
	for p in apps/pkt-gen apps/vale-ctl apps/bridge \
		 tests/tools/{functional,flow,nmhold,nminfo,nmsee,stack}; do
		cp "$out/$p" "$load/build/$p"
	done
	for p in bash date sed grep ip tc; do
		cp "$(PATH=$PATH:/sbin:/usr/sbin command -v $p)" "$load/bin/"
	done
	find "$load/build" "$load/bin" -type f -print0 | xargs -0 ldd |
		grep -oE '/[^ ]+\.so[^ ]*' | sort -u | xargs -I{} cp -L {} "$load/lib/"
	cp -r "$top/tests/system" "$load/tests/"
	for f in "$top"/tests/system/nic_*.sh; do
		name=$(basename "$f" .sh)
		! wanted "$name" "$@" || echo "$name"
	done > "$load/scenarios"
	# how many times slower than on real processors
	if [ "$version" = debug ]; then echo 8; else echo 2; fi > "$load/slow"
	cp "$here/nic_guest.sh" "$load/test.sh"
}

rc=0
module=$("$here/build-module.sh" netmap "$version") || rc=$?
if [ $rc = 0 ]; then
	pack "$@"
	"$here/run.sh" --kernel "$version" --name "nic-$version" \
		--memory 1024 --timeout "${VM_TIMEOUT:-$([ "$version" = debug ] && echo 1800 || echo 400)}" --payload "$load" \
		--stock veth,8021q,bridge --nic e1000,2 --nic e1000e,2 --nic igb,2 \
		--nic virtio-net-pci,2 --nic vmxnet3,2 \
		"$module" | tee "$said" || rc=$?
fi
skipped=$(grep -c '^ok .* # SKIP' "$said" || true)
passed=$(($(grep -c '^ok ' "$said" || true) - skipped))
failed=$(grep -c '^not ok ' "$said" || true)
if [ $rc != 0 ] && [ "$failed" = 0 ]; then
	failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $rc = 0 ] && [ "$failed" = 0 ]
