#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# build.sh [options] DRIVER KDIR NETMAP DIR - a driver with a native port
#
#   DRIVER  a folder beside this script
#   KDIR    the kernel directory (its headers are enough)
#   NETMAP  where netmap.ko was built for that kernel, for its Module.symvers
#   DIR     where to build
#
#   --driver-suffix=S  call it DRIVERS.ko, so that it can lie beside the
#                      kernel's own
#   --source=TREE      the kernel's source, or a folder with the few files of
#                      it that the driver needs; else what kernel-source.sh
#                      finds
#
# The driver is the kernel's own: its files are taken from the source of that
# very kernel and patched by rules that name the places (DRIVER.cocci), not by
# a diff for each version.  A rule that finds no place is no error for the
# patcher, so what must be there afterwards is counted (hooks).
#
# A folder has: sources (file of the kernel, its name here), DRIVER.cocci,
# hooks, Kbuild, and the files that the rules refer to.
#
# The path of the module goes to standard output.  Exit: 0 built, 1 not, 2
# usage or something needed is missing.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/.." && pwd)

die() {
	echo "drivers/build.sh: $1" >&2
	exit "${2:-1}"
}

suffix='' tree=''
while [ $# -gt 0 ]; do
	case $1 in
	--driver-suffix=*)	suffix=${1#*=} ;;
	--source=*)		tree=${1#*=} ;;
	--*)			die "unknown option $1" 2 ;;
	*)			break ;;
	esac
	shift
done
[ $# -eq 4 ] || die "usage: build.sh [options] DRIVER KDIR NETMAP DIR" 2
driver=$1 kdir=$2 netmap=$3
rules=$here/$driver/$driver.cocci
[ -f "$rules" ] || die "there is no driver $driver here; there are: $(cd "$here" && echo */ | tr -d /)" 2
[ -f "$kdir/Makefile" ] || die "$kdir is no kernel directory" 2
[ -f "$netmap/Module.symvers" ] ||
	die "$netmap has no Module.symvers: build netmap.ko for this kernel first" 2
case $suffix in
*[!A-Za-z0-9_-]*)	die "$suffix cannot be part of a module's name" 2 ;;
esac
command -v spatch > /dev/null ||
	die "spatch is missing: install the package coccinelle" 2

netmap=$(cd "$netmap" && pwd)
mkdir -p "$4"
dir=$(cd "$4" && pwd)
cp "$here/$driver"/* "$dir/"
if [ -z "$tree" ]; then
	tree=$("$here/kernel-source.sh" "$kdir" "$dir/source" \
		$(cut -d' ' -f1 "$here/$driver/sources"))
fi

# Patch file $1 into $2.
patch_file() {
	[ -f "$tree/$1" ] || die "$tree has no $1"
	rm -f "$dir/$2"
	spatch --very-quiet --macro-file "$here/standard.h" \
		--sp-file "$rules" -o "$dir/$2" "$tree/$1" \
		> "$dir/$2.diff" 2> "$dir/spatch.log" ||
		die "spatch failed on $1, see $dir/spatch.log"
	[ -s "$dir/$2" ] || die "no rule of $driver.cocci applies to $1"
}

while read -r from to; do
	patch_file "$from" "$to"
	files="${files-} $dir/$to"
done < "$here/$driver/sources"

missing=
while read -r count text; do
	# shellcheck disable=SC2086 # a list of files
	found=$(cat $files | grep -cF "$text" || true)
	[ "$found" = "$count" ] ||
		missing="$missing
  $text: $count wanted, $found found"
done < "$here/$driver/hooks"
[ -z "$missing" ] ||
	die "the source of $driver is not what $driver.cocci expects:$missing"

# KMAKE and KOPTS as for os/linux/build.sh, for whose sake there is no BTF.
# shellcheck disable=SC2086 # words
MAKEFLAGS='' ${KMAKE:-make} -s -j2 -C "$kdir" M="$dir" W=1 NM_TOP="$top" \
	NM_SUFFIX="$suffix" KBUILD_EXTRA_SYMBOLS="$netmap/Module.symvers" \
	CONFIG_DEBUG_INFO_BTF_MODULES= ${KOPTS-} modules >&2
echo "$dir/$driver$suffix.ko"
