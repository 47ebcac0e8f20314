#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# lookup.sh [VERSION] - the example of a lookup module in a virtual machine
#
# Builds netmap.ko and, against it, examples/vale-lookup, as a user would; the
# guest runs lookup_guest.sh.  Last line "N passed, N failed".  Exit 0 or 1.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
version=${1:-6.1}
out=$top/${O:-build}
case ${O:-build} in /*) out=$O ;; esac
load=$(mktemp -d)
trap 'rm -rf "$load"' EXIT

module=$("$here/build-module.sh" netmap "$version")
cache=$("$here/fetch-kernel.sh" "$version")
example=$out/vm/$version/vale-lookup
rm -rf "$example"
mkdir -p "$example" "$load"/{bin,lib}
cp "$top"/examples/vale-lookup/* "$example/"
MAKEFLAGS='' make -s -C "$example" KDIR="$cache/build" NETMAP="$top" \
	SYMVERS="${module%/*}/Module.symvers" 2>&1 |
	{ grep -v '^Skipping BTF generation' || true; } >&2

cp "$example/vale_lookup.ko" "$load/"
cp "$here/lookup_guest.sh" "$load/test.sh"
cp "$out/tests/vm/lookup" "$(PATH=$PATH:/sbin:/usr/sbin command -v ip)" \
	"$load/bin/"
ldd "$load"/bin/* | grep -oE '/[^ ]+\.so[^ ]*' | sort -u |
	xargs -I{} cp -L {} "$load/lib/"

rc=0
"$here/run.sh" --kernel "$version" --name "lookup-$version" \
	--stock veth --payload "$load" "$module" | tee "$load/said" || rc=$?
passed=$(grep -c '^ok ' "$load/said" || true)
failed=$(grep -c '^not ok ' "$load/said" || true)
if [ $rc != 0 ] && [ "$failed" = 0 ]; then
	failed=1
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
