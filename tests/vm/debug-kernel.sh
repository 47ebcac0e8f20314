#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# debug-kernel.sh [--refresh] - a kernel that watches itself, in the cache
#
# Debian's source of 6.1, configured by tests/vm/debug.config: address sanitizer,
# lock checker, leak scanner, fault injection.  Built once, in about ten minutes
# of two processors; one for each configuration, compiler and source that it was
# asked for with, so that trees which differ do not take it from each other.
# --refresh takes the newest source of the suite.  A build that was interrupted
# goes on where it was.
#
#   CACHE/debug-source/      the source; drivers may be taken from here
#   CACHE/debug-KEY/release  the kernel release, written last
#   CACHE/debug-KEY/build    what kbuild calls the kernel directory
#   CACHE/debug-KEY/root/    its modules
#   CACHE/debug-KEY/vmlinuz  link: the image
#   CACHE/debug-KEY/log      what the build said
#
# Prints the path of CACHE/debug-KEY.  Called by fetch-kernel.sh for the version
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
cache=$(vm_cache)
source=$cache/debug-source
mkdir -p "$cache"
need gcc make bc flex bison xz flock

# What a kernel made of source version $1 would be made of.
key() {
	{ grep CONFIG_ "$config"; gcc -dumpfullversion; echo "$1"; } |
		sha256sum | cut -c 1-12
}

unpack() {	# the source of version $1
	[ "$(cat "$source/.version-debian" 2> /dev/null)" != "$1" ] || return 0
	echo "$me: taking linux-source-6.1, version $1" >&2
	rm -rf "$source" "$cache/debug.tmp"
	deb_unpack "$cache/debug.tmp" "linux-source-6.1=$1"
	tar -C "$cache/debug.tmp" -xf "$cache/debug.tmp/usr/src/linux-source-6.1.tar.xz"
	mv "$cache/debug.tmp/linux-source-6.1" "$source"
	rm -rf "$cache/debug.tmp"
	echo "$1" > "$source/.version-debian"
}

kbuild() {
	MAKEFLAGS='' nice -n 10 make -s -C "$source" O="$dir/build" "$@" >> "$dir/log" 2>&1 9>&- ||
		{ tail -n 40 "$dir/log" >&2; die "make $* failed, see $dir/log"; }
}

# The configuration, and whether every line that was asked for is in it.
configure() {
	local line option bad=0

	mkdir -p "$dir/build"
	: > "$dir/log"
	kbuild tinyconfig
	"$source/scripts/kconfig/merge_config.sh" -m -O "$dir/build" \
		"$dir/build/.config" "$config" > /dev/null 2>&1
	kbuild olddefconfig
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
	find "$dir/build" \( -name '*.o' -o -name '*.a' \) ! -path '*/scripts/*' \
		! -path '*/tools/*' -delete
	ln -sfn build/arch/x86/boot/bzImage "$dir/vmlinuz"
	[ -s "$dir/vmlinuz" ] || die "the build left no image"
	echo "$me: built in $((SECONDS - start)) s" >&2
}

version=$(cat "$source/.version-debian" 2> /dev/null || true)
dir=$cache/debug-$(key "$version")
if [ -z "$refresh" ] && [ -f "$dir/release" ]; then
	echo "$dir"
	exit 0
fi
exec 9> "$cache/debug.lock"
flock 9
deb_suite bookworm
if [ -n "$refresh" ] || [ -z "$version" ]; then
	[ -z "$refresh" ] || deb_refresh
	version=$(deb_field linux-source-6.1 Version)
	[ -n "$version" ] || die "the archive has no linux-source-6.1"
fi
dir=$cache/debug-$(key "$version")
if [ ! -f "$dir/release" ]; then
	unpack "$version"
	configure
	build
	cp "$dir/build/include/config/kernel.release" "$dir/release.new"
	mv "$dir/release.new" "$dir/release"
fi
echo "$dir"
