#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The layouts and numbers of abi-facts.txt against what the compiler makes of
# our headers.  Usage: facts.sh [64|32]

. "$(dirname "$0")/lib.sh"
bits=${1:-64}
[ "$bits" = 64 ] || need_m32
src=$out/facts$bits.c
prog=$out/facts$bits
flags="-m$bits -std=gnu11 -Wall -Wextra -Werror -I$top/include"

generate()
{
	awk -v bits="$bits" -f "$abi/facts.awk" "$1" >"$src"
}

build()
{
	$CC $flags "$@" -o "$prog" "$src"
}

# one wrong number must be noticed, by the compiler and by the program
notices()
{
	sed "s/^$1\$/$2/" "$abi/abi-facts.txt" >"$out/wrong$bits.txt"
	! cmp -s "$out/wrong$bits.txt" "$abi/abi-facts.txt" || return 1
	generate "$out/wrong$bits.txt" && build || return 1
	fails build -DFACTS_STATIC && fails "$prog"
}

case $bits in
64) offset='offsetof struct nmport_d fd 176' ;;
32) offset='offsetof32 struct nmport_d fd 160' ;;
*)
	echo "usage: facts.sh [64|32]" >&2
	exit 2
	;;
esac
case $($CC -m$bits -dM -E -xc /dev/null) in
*__x86_64__*|*__i386__*) ;;
*)
	echo "# the facts are those of x86, the compiler is not"
	exit 77
	;;
esac

check "abi_facts${bits}_wrong_size_is_noticed" \
	notices 'sizeof struct nmreq_header 88' 'sizeof struct nmreq_header 96'
check "abi_facts${bits}_wrong_constant_is_noticed" \
	notices 'const NS_MOREFRAG 32' 'const NS_MOREFRAG 33'
check "abi_facts${bits}_wrong_offset_is_noticed" \
	notices "$offset" "${offset% *} 7"
check "abi_facts${bits}_are_understood" generate "$abi/abi-facts.txt"
check "abi_facts${bits}_build" build
check "abi_facts${bits}_hold_at_run_time" "$prog"
check "abi_facts${bits}_hold_at_compile_time" build -DFACTS_STATIC
exit $failed
