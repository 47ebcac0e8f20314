#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# build.sh KDIR DIR - build netmap.ko for the kernel directory KDIR in DIR
#
# kbuild leaves its objects beside the sources, so it is given a mirror of the
# folders it needs, made of links, in DIR; the source tree stays clean.  The
# compiler's words go to standard error, the path of the module to standard
# output.  Exit: 0 built, 1 not, 2 usage or no kernel to build for.

set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -eq 2 ] || { echo "usage: build.sh KDIR DIR" >&2; exit 2; }
kdir=$1
if [ ! -f "$kdir/Makefile" ]; then
	echo "build.sh: $kdir is no kernel directory; install the headers of the kernel (linux-headers-$(uname -r)) or give KDIR=" >&2
	exit 2
fi
mkdir -p "$2"
mirror=$(cd "$2" && pwd)
for folder in engine include os/linux; do
	mkdir -p "$mirror/$folder"
	cp -rs --remove-destination "$top/$folder/." "$mirror/$folder/"
done
find "$mirror" -xtype l -delete
ln -sf os/linux/Kbuild "$mirror/Kbuild"

# BTF needs the kernel's image as an ELF file, which headers do not bring.
MAKEFLAGS='' make -s -j2 -C "$kdir" M="$mirror" W=1 modules 2>&1 |
	{ grep -v '^Skipping BTF generation' || true; } >&2
echo "$mirror/netmap.ko"
