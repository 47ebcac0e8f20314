#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Check the protocol models with spin.  Each line of the table is one model
# built with some definitions and what must come out: `hold` or `fail`.
#
#   tests/model/run.sh [BUILD-DIR]
#
# Exit: 0 all as expected, 1 not, 77 spin is not installed.

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-build/tests/model}
n=0 bad=0

command -v spin >/dev/null 2>&1 || {
	echo "# spin is not installed (Debian package: spin)"
	exit 77
}
mkdir -p "$out" || exit 1

# check MODEL hold|fail [DEFINITION...]
check()
{
	model=$1 expect=$2
	shift 2
	n=$((n + 1))
	name="$model${*:+ $*} must $expect"
	dir=$out/$n
	rm -rf "$dir" && mkdir -p "$dir" || exit 1
	defs=
	for d in "$@"; do
		defs="$defs -D$d"
	done
	# shellcheck disable=SC2086
	if ! (cd "$dir" && cp "$here"/*.h "$here/$model.pml" . &&
	      spin $defs -a "$model.pml" &&
	      ${CC:-gcc} -O1 -w -DSAFETY -DMEMLIM=1500 -DVECTORSZ=2048 \
		      -o pan pan.c) >"$dir/log" 2>&1; then
		echo "not ok $n - $name"
		sed 's/^/# /' "$dir/log"
		bad=1
		return
	fi
	(cd "$dir" && timeout 100 ./pan -m200000 -n) >>"$dir/log" 2>&1
	got=broken
	if grep -q 'errors: 0' "$dir/log" &&
	   ! grep -Eq 'max search depth too small|out of memory|not completed' "$dir/log"; then
		got=hold
	elif grep -Eq 'assertion violated|invalid end state' "$dir/log"; then
		got=fail
	fi
	if [ "$got" = "$expect" ]; then
		echo "ok $n - $name ($(awk '/states, stored/ {print $1}' "$dir/log") states)"
		return
	fi
	echo "not ok $n - $name"
	sed 's/^/# /' "$dir/log" | head -40
	if [ "$got" = fail ]; then
		# shellcheck disable=SC2086
		(cd "$dir" && spin $defs -t -p -g "$model.pml") 2>&1 |
			tail -60 | sed 's/^/# /'
	fi
	bad=1
}

# shellcheck disable=SC2086
while read -r model expect defs; do
	case $model in
	'' | '#'*) continue ;;
	esac
	check "$model" "$expect" $defs
done <"$here/table"
echo "1..$n"
exit $bad
