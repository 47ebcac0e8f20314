#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# unit.sh [VERSION [FILTER]] - build nm_unit, run it in a virtual machine, sum up
#
# The last line is "N passed, N failed"; what is not a test but went wrong
# (no module, a warning of the kernel, a hang) counts as one failure.  Exit 0
# or 1.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
version=${1:-6.1}
filter=${2-}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

rc=0
module=$("$here/build-module.sh" nm_unit "$version") || rc=$?
if [ $rc = 0 ]; then
	"$here/run.sh" --kernel "$version" --memory 2048 --timeout 900 --name "unit-$version" \
		"$module${filter:+,filter=$filter}" | tee "$out" || rc=$?
fi
skipped=$(grep -c '^ok .* # SKIP' "$out" || true)
passed=$(($(grep -c '^ok ' "$out" || true) - skipped))
failed=$(grep -c '^not ok ' "$out" || true)
if [ $rc != 0 ] && [ "$failed" = 0 ]; then
	failed=1
fi
line="$passed passed, $failed failed"
[ "$skipped" = 0 ] || line="$line, $skipped skipped"
echo "$line"
[ $rc = 0 ] && [ "$failed" = 0 ]
