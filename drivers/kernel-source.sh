#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# kernel-source.sh KDIR DIR FILE... - files of the source of a kernel, in DIR
#
# KDIR is the kernel directory (headers).  If it is a whole source tree, its
# files are used; else the package linux-source-X.Y of Debian and Ubuntu, as
# installed in /usr/src or, if it is not, downloaded with apt-get.  Prints the
# folder in which each FILE lies at its place.  Exit: 0; 1 cannot be had; 2
# usage.

set -eu

die() {
	echo "kernel-source: $1" >&2
	exit "${2:-1}"
}

[ $# -ge 3 ] || die "usage: kernel-source.sh KDIR DIR FILE..." 2
kdir=$1 dir=$2
shift 2

has_all() {	# folder
	for file; do
		[ "$file" = "$1" ] || [ -s "$1/$file" ] || return 1
	done
}

for tree in "$kdir" "$kdir/source" "$dir"; do
	if has_all "$tree" "$@"; then
		echo "$tree"
		exit 0
	fi
done

version=$(MAKEFLAGS='' make -s -C "$kdir" kernelversion) ||
	die "$kdir does not say its version"
series=$(echo "$version" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
package=linux-source-$series
mkdir -p "$dir"
tar=/usr/src/$package.tar.xz
[ -f "$tar" ] || tar=$(ls /usr/src/"$package"*.tar.* 2> /dev/null | head -n 1)
if [ -z "$tar" ]; then
	tmp=$(mktemp -d "$dir/fetch.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 1' HUP INT TERM
	(cd "$tmp" && apt-get -qq -o APT::Sandbox::User=root download "$package" && dpkg -x ./*.deb .) >&2 ||
		die "neither is $package installed nor can apt-get download it: install it, or give --source=TREE"
	tar=$(ls "$tmp/usr/src/$package"*.tar.*)
fi
# shellcheck disable=SC2046 # a list of files
tar -xf "$tar" -C "$dir" --strip-components=1 \
	$(for file; do echo "$package/$file"; done) ||
	die "$tar does not have $*"
echo "$dir"
