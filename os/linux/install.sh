#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# install.sh KDIR DIR... - install the modules that were built in DIRs
#
# Where the kernel looks for modules that are not its own, below
# INSTALL_MOD_PATH; then its index is made anew, so that modprobe finds them.
# KMAKE and KOPTS as for build.sh.  Exit: 0 installed, 1 not, 2 usage.

set -euo pipefail

[ $# -ge 2 ] || { echo "usage: install.sh KDIR DIR..." >&2; exit 2; }
kdir=$1
shift
path=${INSTALL_MOD_PATH-}
PATH=$PATH:/sbin:/usr/sbin

# Who has the kernel's own key signs with it; with headers nobody has.
[ -f "$kdir/certs/signing_key.pem" ] || KOPTS="${KOPTS-} CONFIG_MODULE_SIG_ALL="

# Kernel directories tell their version, modules the release they were built for.
modules=("$1"/*.ko)
release=$(modinfo -F vermagic "${modules[0]}")
release=${release%% *}

for dir; do
	dir=$(cd "$dir" && pwd)
	# that headers have no map of symbols, for an index, is of no interest
	# shellcheck disable=SC2086 # words
	MAKEFLAGS='' ${KMAKE:-make} -s -C "$kdir" M="$dir" ${KOPTS-} \
		INSTALL_MOD_PATH="$path" modules_install 2>&1 |
		{ grep -v "missing 'System.map'" || true; } >&2
done
depmod ${path:+-b "$path"} "$release"
echo "installed for $release${path:+ under $path}"
