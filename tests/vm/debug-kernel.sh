#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# debug-kernel.sh [--refresh] - a kernel that watches itself, in the cache
#
# Debian's source of 6.1, configured by tests/vm/debug.config: address sanitizer,
# lock checker, leak scanner, fault injection.  Built once, in about ten minutes
# of two processors; then it is there until the configuration, the compiler or
# this script changes.  --refresh takes the newest source of the suite.  A build
# that was interrupted goes on where it was.
#
#   CACHE/debug/release    the kernel release, written last
#   CACHE/debug/key        what it was built from
#   CACHE/debug/source/    the source; drivers may be taken from here
#   CACHE/debug/build/     what kbuild calls the kernel directory
#   CACHE/debug/root/      its modules
#   CACHE/debug/vmlinuz    link: the image
#
# Prints the path of CACHE/debug.  Called by fetch-kernel.sh for the version
# "debug".  Exit: 0 ready, 1 cannot be had, 2 usage.

set -euo pipefail

me=debug-kernel
here=$(cd "$(dirname "$0")" && pwd)
config=$here/debug.config
# shellcheck source=tests/vm/debian.sh
. "$here/debian.sh"

refresh=
if [ "${1-}" = --refresh ]; then
	refresh=yes
	shift
fi
[ $# -eq 0 ] || die "usage: debug-kernel.sh [--refresh]" 2
dir=$(vm_cache)/debug
mkdir -p "$dir"
need gcc make bc flex bison xz flock
exec 9> "$dir/lock"
flock 9

# What a kernel made of source version $1 would be made of.
key() {
	{ cat "$config" "$0"; gcc -dumpfullversion; echo "$1"; } | sha256sum |
		cut -d ' ' -f 1
}

unpack() {	# the source of version $1, as $dir/source
	[ "$(cat "$dir/source/.version-debian" 2> /dev/null)" != "$1" ] ||
		return 0
	echo "$me: taking linux-source-6.1, version $1" >&2
	rm -rf "$dir/source" "$dir/build" "$dir/tmp"
	deb_unpack "$dir/tmp" "linux-source-6.1=$1"
	tar -C "$dir/tmp" -xf "$dir/tmp/usr/src/linux-source-6.1.tar.xz"
	mv "$dir/tmp/linux-source-6.1" "$dir/source"
	rm -rf "$dir/tmp"
	echo "$1" > "$dir/source/.version-debian"
}

kbuild() {
	MAKEFLAGS='' nice -n 10 make -s -C "$dir/source" O="$dir/build" "$@" >&2
}

# The configuration, and whether every line that was asked for is in it.
configure() {
	local line option bad=0

	mkdir -p "$dir/build"
	kbuild tinyconfig
	"$dir/source/scripts/kconfig/merge_config.sh" -m -O "$dir/build" \
		"$dir/build/.config" "$config" > /dev/null 2>&1
	kbuild olddefconfig 2> /dev/null
	while read -r line; do
		case $line in
		CONFIG_*=*)
			grep -qx -- "$line" "$dir/build/.config" && continue ;;
		'# CONFIG_'*' is not set')
			option=${line#\# } option=${option%% *}
			grep -q "^$option=" "$dir/build/.config" || continue ;;
		*)	continue ;;
		esac
		echo "$me: the kernel would be without: $line" >&2
		bad=1
	done < "$config"
	[ $bad = 0 ] || die "the configuration asks for what this source does not give"
}

build() {
	local start=$SECONDS

	echo "$me: building; this takes some ten minutes, once" >&2
	kbuild -j"$(nproc)" bzImage modules
	rm -rf "$dir/root"
	kbuild INSTALL_MOD_PATH="$dir/root" modules_install
	rm -f "$dir"/root/lib/modules/*/{build,source}
	find "$dir/build" -name '*.o' ! -path '*/scripts/*' ! -path '*/tools/*' \
		-delete
	ln -sfn build/arch/x86/boot/bzImage "$dir/vmlinuz"
	[ -s "$dir/vmlinuz" ] || die "the build left no image"
	echo "$me: built in $((SECONDS - start)) s" >&2
}

version=$(cat "$dir/source/.version-debian" 2> /dev/null || true)
if [ -n "$refresh" ] || [ -z "$version" ]; then
	deb_suite bookworm
	[ -z "$refresh" ] || deb_refresh
	version=$(deb_field linux-source-6.1 Version)
	[ -n "$version" ] || die "the archive has no linux-source-6.1"
fi
wanted=$(key "$version")
if [ ! -f "$dir/release" ] || [ "$(cat "$dir/key")" != "$wanted" ]; then
	rm -f "$dir/release"
	unpack "$version"
	configure
	build
	echo "$wanted" > "$dir/key"
	kbuild kernelrelease 2>&1 | tail -n 1 > "$dir/release.new"
	mv "$dir/release.new" "$dir/release"
fi
echo "$dir"
