#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# dev.sh [VERSION [FILTER]] - netmap.ko in a virtual machine, with programs
#
# Builds the module, packs the programs of build/ with the libraries they need,
# and runs tests/vm/guest.sh in the guest.  With FILTER only the programs' tests
# and the scenarios whose names contain it (what guest.sh does by itself runs
# all the same); "system/" or "system/WORD" leaves the programs out.  The last
# line is "N passed, N failed".  Exit 0 or 1.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
version=${1:-6.1}
filter=${2-}
out=$top/${O:-build}
case ${O:-build} in /*) out=$O ;; esac
said=$(mktemp)
load=$(mktemp -d)
trap 'rm -rf "$said" "$load"' EXIT

# Programs, by their places under build/, and GNU tools that busybox is not.
pack() {
	local p tool

	mkdir -p "$load"/{bin,lib,tests,build/apps,build/tests/{tools,stress,preload}}
	for p in apps/{pkt-gen,vale-ctl,bridge} \
		 tests/preload/{basic,life,waits,port} tests/stress/nmstress \
		 tests/tools/{functional,flow,nmhold,nminfo,churn,hostile}; do
		cp "$out/$p" "$load/build/$p"
	done
	cp "$out/tests/vm/"{dev,guard} "$load/build/tests/preload/"
	for tool in bash date sed grep timeout; do
		cp "$(command -v $tool)" "$load/bin/"
	done
	# glibc loads it by itself, for pthread_cancel()
	cp -L "$(gcc-12 -print-file-name=libgcc_s.so.1)" "$load/lib/"
	# what a shared library needs, ldd lists for the program
	find "$load/build" "$load/bin" -type f -print0 | xargs -0 ldd |
		grep -oE '/[^ ]+\.so[^ ]*' | sort -u | xargs -I{} cp -L {} "$load/lib/"
	cp -r "$top/tests/system" "$load/tests/"
	{ echo '#!/bin/sh'; echo "set -- '$filter'"; cat "$here/guest.sh"; } \
		> "$load/test.sh"
}

rc=0
module=$("$here/build-module.sh" netmap "$version") || rc=$?
if [ $rc = 0 ]; then
	pack
	"$here/run.sh" --kernel "$version" --name "dev-$version" \
		--memory 1024 --timeout 900 --payload "$load" \
		"$module,bridge_batch=512" | tee "$said" || rc=$?
fi
skipped=$(grep -c '^ok .* # SKIP' "$said" || true)
passed=$(($(grep -c '^ok ' "$said" || true) - skipped))
failed=$(grep -c '^not ok ' "$said" || true)
if [ $rc != 0 ] && [ "$failed" = 0 ]; then
	failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $rc = 0 ] && [ "$failed" = 0 ]
