#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# build-module.sh NAME [VERSION] - build tests/vm/NAME, or netmap, out of tree
#
# kbuild leaves its objects beside the sources, so it is given a mirror of the
# folders it needs, made of links, under build/vm/VERSION/NAME; the source tree
# stays clean.  The compiler's words go to standard error, the path of the
# module to standard output.  Exit: 0 built, 1 not, 2 no kernel to build for.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
name=$1
version=${2:-6.1}
cache=$("$here/fetch-kernel.sh" "$version") || exit 2

out=$top/${O:-build}
case ${O:-build} in /*) out=$O ;; esac
mirror=$out/vm/$version/$name
if [ "$name" = netmap ]; then
	exec "$top/os/linux/build.sh" "$cache/build" "$mirror"
fi
mkdir -p "$mirror"
for folder in engine include os/linux tests/unit "tests/vm/$name"; do
	mkdir -p "$mirror/$folder"
	cp -rs --remove-destination "$top/$folder/." "$mirror/$folder/"
done
find "$mirror" -xtype l -delete
ln -sf "tests/vm/$name/Kbuild" "$mirror/Kbuild"

# The image is not at hand as an ELF file, so there is no BTF to add: said once
# per link by kbuild, and of no interest here.
MAKEFLAGS='' make -s -j2 -C "$cache/build" M="$mirror" W=1 modules 2>&1 |
	{ grep -v '^Skipping BTF generation' || true; } >&2
echo "$mirror/$name.ko"
