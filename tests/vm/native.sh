#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# native.sh [VERSION [WORD...]] - native ports in a virtual machine
#
# Builds netmap.ko and, from the kernel's own source, a veth driver with native
# ports; runs the scenarios tests/system/native_*.sh, and those for any
# interface (nic_*.sh), in a guest whose veth is that one.  With WORDs only
# those whose names contain one.  VM_OPTIONS: more options for run.sh.  Last line "N passed, N failed, N skipped".
# Exit 0 or 1.

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

# Print the module; $1 is where netmap.ko was built.
build_veth() {
	local cache source

	cache=$("$here/fetch-kernel.sh" "$version")
	source=$("$here/fetch-source.sh" "$version" drivers/net/veth.c)
	if [ -f "$cache/toolchain" ]; then
		export KMAKE="$here/toolchain.sh $(cat "$cache/toolchain") make"
	fi
	"$top/drivers/build.sh" --driver-suffix=_netmap \
		--source="$source" veth "$cache/build" "$1" \
		"$out/vm/$version/veth"
}

pack() {
	local p f name

	mkdir -p "$load"/{bin,lib,tests,build/apps,build/tests/tools}
	for p in apps/pkt-gen apps/vale-ctl apps/bridge \
		 tests/tools/{functional,flow,nmhold,nminfo,nmsee,stack}; do
		cp "$out/$p" "$load/build/$p"
	done
	for p in bash date sed grep ip tc ethtool; do
		cp "$(PATH=$PATH:/sbin:/usr/sbin command -v $p)" "$load/bin/"
	done
	find "$load/build" "$load/bin" -type f -print0 | xargs -0 ldd |
		grep -oE '/[^ ]+\.so[^ ]*' | sort -u | xargs -I{} cp -L {} "$load/lib/"
	cp -r "$top/tests/system" "$load/tests/"
	for f in "$top"/tests/system/{native,nic}_*.sh; do
		name=$(basename "$f" .sh)
		! wanted "$name" "$@" || echo "$name"
	done > "$load/scenarios"
	{ echo '#!/bin/sh'; echo 'export NM_NATIVE=1'
		cat "$here/nic_guest.sh"; } > "$load/test.sh"
}

rc=0
module=$("$here/build-module.sh" netmap "$version") &&
	veth=$(build_veth "${module%/*}") || rc=$?
if [ $rc = 0 ]; then
	pack "$@"
	"$here/run.sh" --kernel "$version" --name "native-$version" \
		--memory 1024 --timeout "${VM_TIMEOUT:-400}" --payload "$load" \
		--stock 8021q,bridge ${VM_OPTIONS-} "$module" "$veth" | tee "$said" || rc=$?
fi
skipped=$(grep -c '^ok .* # SKIP' "$said" || true)
passed=$(($(grep -c '^ok ' "$said" || true) - skipped))
failed=$(grep -c '^not ok ' "$said" || true)
if [ $rc != 0 ] && [ "$failed" = 0 ]; then
	failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $rc = 0 ] && [ "$failed" = 0 ]
