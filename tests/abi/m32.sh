#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The same for programs of 32 bits: facts, headers, and the library in the
# header.  Exits 77, naming what is missing, where such programs cannot be
# built.

. "$(dirname "$0")/lib.sh"
need_m32
sh "$abi/facts.sh" 32 || failed=1
sh "$abi/headers.sh" 32 || failed=1
for t in ring_test desc_test; do
	check "abi_${t}32_builds" $CC -m32 -std=gnu11 -O2 -Wall -Wextra \
		-Werror "-I$top/include" "-I$top" -D_GNU_SOURCE \
		"$abi/$t.c" -o "$out/${t}32"
	check "abi_${t}32" "$out/${t}32"
done
exit $failed
