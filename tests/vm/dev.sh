#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# dev.sh [VERSION [FILTER]] - netmap.ko in a virtual machine, with programs
#
# Builds the module, packs the programs of build/ with the libraries they need,
# and runs tests/vm/guest.sh in the guest.  With FILTER only the programs' tests
# and the scenarios whose names contain it (what guest.sh does by itself runs
# all the same); "system/" or "system/WORD" leaves the programs out.  In the
# kernel "debug" it is debug_guest.sh that runs, with what is too slow or too rough
# for others; TORTURE_SECONDS and TORTURE_SEED are handed on to it.  The last line
# is "N passed, N failed".  Exit 0 or 1.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
version=${1:-6.1}
filter=${2-}
out=$top/${O:-build}
case ${O:-build} in /*) out=$O ;; esac
said=$(mktemp)
load=$(mktemp -d)
guest=guest.sh options=(--memory 1024 --timeout 900)
if [ "$version" = debug ]; then
	guest=debug_guest.sh
	options=(--memory 2048 --timeout 1500 --stock veth --injects)
fi
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
	if [ "$version" = debug ]; then
		mkdir -p "$load/build/tests/vm"
		cp "$out/tests/vm/"{torture,failnth} "$load/build/tests/vm/"
		cp "$here/torture_events.sh" "$load/"
		cp "$(command -v ip)" "$load/bin/"
	fi
	for tool in bash date sed grep timeout; do
		cp "$(command -v $tool)" "$load/bin/"
	done
	# glibc loads it by itself, for pthread_cancel()
	cp -L "$(gcc-12 -print-file-name=libgcc_s.so.1)" "$load/lib/"
	# what a shared library needs, ldd lists for the program
	find "$load/build" "$load/bin" -type f -print0 | xargs -0 ldd |
		grep -oE '/[^ ]+\.so[^ ]*' | sort -u | xargs -I{} cp -L {} "$load/lib/"
	cp -r "$top/tests/system" "$load/tests/"
	{ echo '#!/bin/sh'
	  echo "set -- '$filter'"
	  echo "TORTURE_SECONDS=${TORTURE_SECONDS-} TORTURE_SEED=${TORTURE_SEED-}"
	  cat "$here/$guest"; } > "$load/test.sh"
}

rc=0
module=$("$here/build-module.sh" netmap "$version") || rc=$?
if [ $rc = 0 ]; then
	pack
	"$here/run.sh" --kernel "$version" --name "dev-$version" \
		"${options[@]}" --payload "$load" \
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
