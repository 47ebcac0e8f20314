#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# dev.sh [VERSION [FILTER]] - netmap.ko in a virtual machine, with programs
#
# Builds the module, packs the programs of build/ with the libraries they need,
# and runs tests/vm/guest.sh in the guest.  With FILTER only the raw programs'
# tests whose names contain it (the shell's part runs all the same).  The last
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

scenarios='vale_plain vale_learning pipe_plain pipe_partial_read open_exclusive
	open_rings ring_shared persistent_life persistent_two_switches
	input_refused tools_valectl kill_sender'

# Programs, by their places under build/, and GNU tools that busybox is not.
pack() {
	local p tool

	mkdir -p "$load"/{bin,lib,tests,build/apps,build/tests/{tools,preload}}
	for p in apps/pkt-gen apps/vale-ctl \
		 tests/preload/{basic,life,waits,port} \
		 tests/tools/{functional,flow,nmhold,nminfo}; do
		cp "$out/$p" "$load/build/$p"
	done
	cp "$out/tests/vm/dev" "$load/build/tests/preload/dev"
	for tool in bash date sed grep; do
		cp "$(command -v $tool)" "$load/bin/"
	done
	# what a shared library needs, ldd lists for the program
	find "$load/build" "$load/bin" -type f -print0 | xargs -0 ldd |
		grep -oE '/[^ ]+\.so[^ ]*' | sort -u | xargs -I{} cp -L {} "$load/lib/"
	cp -r "$top/tests/system" "$load/tests/"
	echo "$scenarios" > "$load/scenarios"
	{ echo '#!/bin/sh'; echo "set -- '$filter'"; cat "$here/guest.sh"; } \
		> "$load/test.sh"
}

rc=0
module=$("$here/build-module.sh" netmap "$version") || rc=$?
if [ $rc = 0 ]; then
	pack
	"$here/run.sh" --kernel "$version" --name "dev-$version" \
		--memory 1024 --timeout 240 --payload "$load" \
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
