#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# build.sh KDIR DIR [KBUILD FOLDER...] - build a module for the kernel KDIR
#
# kbuild leaves its objects beside the sources, so it is given a mirror of the
# folders it needs, made of links, in DIR; the source tree stays clean.  Without
# KBUILD it is netmap.ko that is built.  The compiler's words go to standard
# error, the paths of the modules to standard output.
#
#   KOPTS   more words for the kernel's make: ARCH=..., C=2, ...
#   KMAKE   what to run in place of "make"
#
# Exit: 0 built, 1 not, 2 usage or no kernel to build for.

set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -ge 2 ] || { echo "usage: build.sh KDIR DIR [KBUILD FOLDER...]" >&2; exit 2; }
kdir=$1
if [ ! -f "$kdir/Makefile" ]; then
	echo "build.sh: $kdir is no kernel directory; install the headers of the kernel (linux-headers-$(uname -r)) or give KDIR=" >&2
	exit 2
fi
mkdir -p "$2"
mirror=$(cd "$2" && pwd)
shift 2
[ $# -gt 0 ] || set -- os/linux/Kbuild engine include os/linux
kbuild=$1
shift
for folder; do
	mkdir -p "$mirror/$folder"
	cp -rs --remove-destination "$top/$folder/." "$mirror/$folder/"
done
find "$mirror" -xtype l -delete
ln -sf "$kbuild" "$mirror/Kbuild"

# Types for BPF are added by a tool, pahole, that is not everywhere, and take
# the kernel's image as an ELF file, which not all headers bring.
command -v pahole > /dev/null ||
	KOPTS="${KOPTS-} CONFIG_DEBUG_INFO_BTF_MODULES="
quiet='^Skipping BTF generation|^warning: pahole version differs'
quiet+='|^  The kernel was built with: +[0-9]+$|^  You are using: +[0-9]+$'
# shellcheck disable=SC2086 # words
MAKEFLAGS='' ${KMAKE:-make} -s -j"$(nproc)" -C "$kdir" M="$mirror" W=1 \
	${KOPTS-} modules 2>&1 |
	{ grep -vE "$quiet" || true; } >&2
ls "$mirror"/*.ko
