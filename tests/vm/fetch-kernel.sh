#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# fetch-kernel.sh VERSION - put a stock Debian kernel and its headers in a cache
#
# The image, the headers and the build scripts are downloaded with apt-get and
# unpacked with dpkg -x; nothing is installed, so no root is needed and the
# machine's own boot files stay as they are.  All packages are taken at one
# version: a module built against the headers has the checksums of the image.
#
#   CACHE/6.1/release     the kernel release, e.g. 6.1.0-NN-amd64
#   CACHE/6.1/root/       what the packages contain
#   CACHE/6.1/build       link: what kbuild calls the kernel directory
#   CACHE/6.1/vmlinuz     link: the image
#
# Prints the path of CACHE/VERSION.  A second call finds everything there and
# prints the path at once; --refresh downloads again what apt offers now.
#
# CACHE is $NM_VM_CACHE, else $XDG_CACHE_HOME/netmap-vm, else
# ~/.cache/netmap-vm.  Exit: 0 ready, 1 cannot be had (a sentence says why),
# 2 usage.

set -eu

die() {
	echo "fetch-kernel: $1" >&2
	exit "${2:-1}"
}

refresh=
if [ "${1-}" = --refresh ]; then
	refresh=yes
	shift
fi
[ $# -eq 1 ] || die "usage: fetch-kernel.sh [--refresh] VERSION" 2
version=$1

case $version in
6.1)	suite=bookworm meta=linux-image-amd64 ;;
*)	die "kernel $version is not known here; known: 6.1" 2 ;;
esac

cache=${NM_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/netmap-vm}
case $cache in
/*)	;;
*)	die "NM_VM_CACHE must be an absolute path, not $cache" 2 ;;
esac
dir=$cache/$version

if [ -z "$refresh" ] && [ -f "$dir/release" ]; then
	echo "$dir"
	exit 0
fi

for tool in apt-get apt-cache dpkg depmod; do
	command -v "$tool" >/dev/null || [ -x "/sbin/$tool" ] ||
		die "$tool is missing; this needs Debian $suite and the packages in tests/vm/packages"
done
PATH=$PATH:/sbin:/usr/sbin

# The first word of field $2 of package $1.
field() {
	apt-cache show --no-all-versions "$1" 2>/dev/null |
		sed -n "s/^$2: *\([^ ,]*\).*/\1/p" | head -n 1
}

if [ -z "$(field $meta Version)" ] && [ "$(id -u)" = 0 ]; then
	apt-get update -qq >&2
fi
[ -n "$(field $meta Version)" ] ||
	die "apt knows no package $meta; run apt-get update as root, with the $suite archive in its sources"
image=$(field $meta Depends)
release=${image#linux-image-}
case $release in
"$version".*)	;;
*)	die "apt offers kernel $release where $version was wanted; this needs the Debian $suite archive" ;;
esac
pkgver=$(field "$image" Version)
common=linux-headers-${release%-amd64}-common

mkdir -p "$cache"
tmp=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# apt drops to its own user for downloads; that one may not enter our folder.
echo "fetch-kernel: downloading Linux $release, Debian version $pkgver" >&2
(cd "$tmp" && apt-get -qq -o APT::Sandbox::User=root download \
	"$image=$pkgver" "linux-headers-$release=$pkgver" \
	"$common=$pkgver" "linux-kbuild-$version=$pkgver") >&2 ||
	die "apt-get could not download version $pkgver of $image and its headers; apt-get update may help"
for deb in "$tmp"/*.deb; do
	dpkg -x "$deb" "$tmp/root"
	rm "$deb"
done

# The packages name each other by absolute paths; point them into the tree.
headers=$tmp/root/usr/src/linux-headers-$release
final=$dir/root
grep -rlsI /usr/src/linux-headers "$headers" --include=Makefile \
	--include=.kernelvariables | xargs -r sed -i "s,/usr/src/,$final/usr/src/,g"
for link in "$headers" "$tmp/root/usr/src/$common"; do
	for name in scripts tools; do
		[ -L "$link/$name" ] || continue
		ln -sfn "$final/usr/lib/linux-kbuild-$version/$name" "$link/$name"
	done
done
depmod -b "$tmp/root" "$release"

ln -s "root/usr/src/linux-headers-$release" "$tmp/build"
ln -s "root/boot/vmlinuz-$release" "$tmp/vmlinuz"
for need in build/.config build/Module.symvers vmlinuz; do
	[ -s "$tmp/$need" ] || die "the packages of $release have no $need"
done
echo "$release" > "$tmp/release"
rm -rf "$dir"
mv "$tmp" "$dir"
chmod 755 "$dir"
echo "$dir"
