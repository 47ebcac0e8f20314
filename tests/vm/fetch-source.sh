#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# fetch-source.sh VERSION FILE... - files of a kernel's source, from the cache
#
# VERSION as for fetch-kernel.sh, whose kernel is fetched first: the source has
# the version that its packages say.  Prints a folder in which each FILE lies
# at its place.  Exit: 0; 1 cannot be had; 2 usage.

set -eu

me=fetch-source
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/debian.sh
. "$here/debian.sh"

[ $# -ge 2 ] || die "usage: fetch-source.sh VERSION FILE..." 2
version=$1
shift
dir=$("$here/fetch-kernel.sh" "$version")
out=$dir/source
missing=
for file; do
	[ -s "$out/$file" ] || missing="$missing $file"
done
if [ -n "$missing" ]; then
	need tar xz
	case $version in
	6.1)	suite=bookworm ;;
	6.12)	suite=bookworm-backports ;;
	7)	suite=trixie-backports ;;
	*)	die "the source of kernel $version is not known here" ;;
	esac
	release=$(cat "$dir/release")
	series=$(echo "$release" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
	# of the version of the headers that modules are built against
	pkgver=$(sed -n "s/^linux-image-$release[ =]*//p" "$dir/packages" \
		2> /dev/null | head -n 1)
	deb_suite "$suite"
	tmp=$(mktemp -d "$dir/source.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	trap 'exit 1' HUP INT TERM
	echo "$me: downloading the source of Linux $release" >&2
	deb_unpack "$tmp" "linux-source-$series${pkgver:+=$pkgver}"
	# shellcheck disable=SC2086 # a list of files
	tar -xJf "$tmp/usr/src/linux-source-$series.tar.xz" -C "$tmp" \
		$(echo $missing | sed "s,[^ ]*,linux-source-$series/&,g")
	for file in $missing; do
		mkdir -p "$out/${file%/*}"
		mv "$tmp/linux-source-$series/$file" "$out/$file"
	done
fi
echo "$out"
