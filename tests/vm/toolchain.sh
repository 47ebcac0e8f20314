#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# toolchain.sh SUITE COMMAND... - run a command with the compiler of a suite
#
# A kernel's build scripts are programs of its suite: they need its C library,
# and the modules its compiler.  So there is a small system of that suite in
# CACHE/SUITE, made once by debootstrap, and the command runs in it as root,
# with the cache, the repository, the output and the current folder where they
# always are.  Mounts live in a name space of the command and end with it.
#
# Exit: that of the command; 1 no such system can be made, 77 not root.

set -euo pipefail

me=toolchain
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=tests/vm/debian.sh
. "$here/debian.sh"

[ $# -ge 2 ] || die "usage: toolchain.sh SUITE COMMAND..." 2
suite=$1
shift
[ "$(id -u)" = 0 ] ||
	die "modules for this kernel are built with the tools of Debian $suite in a chroot, which takes root" 77
cache=$(vm_cache)
dir=$cache/$suite
packages=gcc,libelf1t64,make

mkdir -p "$cache"
exec 9> "$cache/$suite.lock"
flock 9
if [ "$(cat "$dir/packages" 2> /dev/null)" != "$packages" ]; then
	need debootstrap unshare chroot
	deb_suite "$suite"
	mirror=$(sed -n "s/^deb [^ ]* \([^ ]*\) $suite main$/\1/p" \
		"$deb_dir/sources.list")
	echo "$me: making a small Debian $suite" >&2
	rm -rf "$dir"
	unset APT_CONFIG
	debootstrap --variant=minbase --include="$packages" "$suite" "$dir" \
		"$mirror" > "$cache/$suite.log" 2>&1 ||
		die "debootstrap failed: $(tail -n 1 "$cache/$suite.log"); all it said is in $cache/$suite.log"
	rm -rf "$dir"/var/cache/apt/archives/*.deb "$dir"/var/lib/apt/lists/*
	echo "$packages" > "$dir/packages"
fi
flock -u 9

places=("$cache" "$top" "$PWD")
case ${O-} in
/*)	mkdir -p "$O"; places+=("$O") ;;
esac
# shellcheck disable=SC2016 # expanded by the inner shell
exec unshare --mount --propagation private bash -euc '
	dir=$1 n=$2 here=$PWD
	shift 2
	while [ $n -gt 0 ]; do
		mkdir -p "$dir$1"
		mount --rbind "$1" "$dir$1"
		shift
		n=$((n - 1))
	done
	mount -t proc proc "$dir/proc"
	exec chroot "$dir" env LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		sh -c "cd \"\$0\" && exec \"\$@\"" "$here" "$@"
' toolchain "$dir" ${#places[@]} "${places[@]}" "$@"
