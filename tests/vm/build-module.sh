#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# build-module.sh NAME [VERSION] - build tests/vm/NAME, or netmap, out of tree
#
# In build/vm/VERSION/NAME, for a kernel as fetch-kernel.sh knows it, with the
# compiler that kernel wants.  The compiler's words go to standard error, the
# path of the module to standard output.  Exit: 0 built, 1 not, 2 no kernel to
# build for, 77 it takes what only root can have.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
name=$1
version=${2:-6.1}
cache=$("$here/fetch-kernel.sh" "$version") || exit 2

out=$top/${O:-build}
case ${O:-build} in /*) out=$O ;; esac
if [ -f "$cache/toolchain" ]; then
	export KMAKE="$here/toolchain.sh $(cat "$cache/toolchain") make"
fi
set -- "$cache/build" "$out/vm/$version/$name"
if [ "$name" != netmap ]; then
	set -- "$@" "tests/vm/$name/Kbuild" engine include os/linux tests/unit \
		"tests/vm/$name"
fi
exec "$top/os/linux/build.sh" "$@"
