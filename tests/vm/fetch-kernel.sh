#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# fetch-kernel.sh [--refresh] VERSION - put a kernel and its headers in a cache
#
#   6.1    Debian 12, bookworm
#   6.12   its backports
#   7      the backports of Debian 13, whatever 7.x they have
#   debug  6.1 with every checker on: debug-kernel.sh
#
# The image, the modules, the headers and the build scripts are downloaded with
# apt-get and unpacked with dpkg -x; nothing is installed, so no root is needed
# and the machine's own boot files stay as they are.  All packages are taken at
# one version: a module built against the headers has the checksums of the
# image.
#
#   CACHE/6.1/release     the kernel release, e.g. 6.1.0-NN-amd64
#   CACHE/6.1/packages    what was downloaded, with its version
#   CACHE/6.1/root/       what the packages contain
#   CACHE/6.1/build       link: what kbuild calls the kernel directory
#   CACHE/6.1/vmlinuz     link: the image
#   CACHE/7/toolchain     the suite whose compiler its modules need, if that
#                         is not this machine's: toolchain.sh
#
# Prints the path of CACHE/VERSION.  A second call finds everything there and
# prints the path at once; --refresh downloads again what there is now.
#
# CACHE is $NM_VM_CACHE, else $XDG_CACHE_HOME/netmap-vm, else
# ~/.cache/netmap-vm.  Exit: 0 ready, 1 cannot be had (a sentence says why),
# 2 usage.

set -eu

me=fetch-kernel
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/debian.sh
. "$here/debian.sh"

refresh=
if [ "${1-}" = --refresh ]; then
	refresh=--refresh
	shift
fi
[ $# -eq 1 ] || die "usage: fetch-kernel.sh [--refresh] VERSION" 2
version=$1

toolchain=
case $version in
6.1)	suite=bookworm ;;
6.12)	suite=bookworm-backports ;;
7)	suite=trixie-backports toolchain=trixie ;;
debug)	exec "$here/debug-kernel.sh" $refresh ;;
*)	die "kernel $version is not known here; known: 6.1, 6.12, 7, debug" 2 ;;
esac

cache=$(vm_cache)
dir=$cache/$version
if [ -z "$refresh" ] && [ -f "$dir/release" ]; then
	echo "$dir"
	exit 0
fi
need depmod
deb_suite "$suite"
[ -z "$refresh" ] || deb_refresh

# Names of packages that package $1 depends on and that match $2.
depends() {
	apt-cache show --no-all-versions "$1" | sed -n 's/^Depends: //p' |
		tr ', ' '\n\n' | grep -x -- "$2" || true
}

image=$(depends linux-image-amd64 'linux-image-[0-9].*' | head -n 1)
release=${image#linux-image-}
case $release in
"$version".*)	;;
*)	die "$suite offers kernel \"$release\" where $version was wanted" ;;
esac
pkgver=$(deb_field "$image" Version)
headers=linux-headers-$release
packages="$image $headers $(depends "$headers" 'linux-headers-.*-common')"
packages="$packages $(depends "$headers" 'linux-kbuild-.*')"
# Newer images are packages that only name these.
packages="$packages $(depends "$image" 'linux-\(base\|binary\|modules\)-[0-9].*')"

tmp=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
echo "$me: downloading Linux $release, Debian version $pkgver" >&2
for package in $packages; do
	echo "$package=$pkgver"
done > "$tmp/packages"
# shellcheck disable=SC2046 # one word each
deb_unpack "$tmp/root" $(cat "$tmp/packages")
[ -d "$tmp/root/lib" ] || ln -s usr/lib "$tmp/root/lib"

# The packages name each other by absolute paths; point them into the tree.
final=$dir/root
grep -rlsI -e /usr/src/linux-headers -e /usr/lib/linux-kbuild \
	"$tmp/root/usr/src" --include=Makefile --include=.kernelvariables |
	xargs -r sed -i "s,/usr/\(src\|lib\)/linux-,$final&,g"
for link in "$tmp"/root/usr/src/linux-headers-*/*; do
	[ -L "$link" ] || continue
	kbuild=$(readlink "$link")
	case $kbuild in
	*/lib/linux-kbuild-*)
		ln -sfn "$final/usr/lib/linux-kbuild-${kbuild##*/linux-kbuild-}" "$link" ;;
	esac
done
depmod -b "$tmp/root" "$release"

ln -s "root/usr/src/$headers" "$tmp/build"
for image in "boot/vmlinuz-$release" "usr/lib/modules/$release/vmlinuz"; do
	[ ! -f "$tmp/root/$image" ] || ln -sf "root/$image" "$tmp/vmlinuz"
done
[ -z "$toolchain" ] || echo "$toolchain" > "$tmp/toolchain"
for file in build/.config build/Module.symvers vmlinuz; do
	[ -s "$tmp/$file" ] || die "the packages of $release have no $file"
done
echo "$release" > "$tmp/release"
rm -rf "$dir"
mv "$tmp" "$dir"
chmod 755 "$dir"
echo "$dir"
