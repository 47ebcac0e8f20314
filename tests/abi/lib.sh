# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# What the ABI tests share.  A test prints "ok NAME" or "not ok NAME" after
# lines that begin with '#', and exits 0, 1 or, when it cannot run here, 77.
# From the environment: CC, CXX, O (directory for output).

abi=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$abi/../.." && pwd)
CC=${CC:-gcc}
CXX=${CXX:-g++}
out=${O:-$top/build}
case $out in /*) ;; *) out=$top/$out ;; esac
out=$out/tests/abi
mkdir -p "$out"
failed=0

# check NAME COMMAND...: one result; the output of the command on failure only
check()
{
	name=$1
	shift
	if "$@" >"$out/log.$$" 2>&1; then
		echo "ok $name"
	else
		sed 's/^/# /' "$out/log.$$"
		echo "not ok $name"
		failed=1
	fi
	rm -f "$out/log.$$"
}

# fails COMMAND...: succeeds when the command does not
fails()
{
	! "$@"
}

# need_m32: leave with 77 when programs of 32 bits cannot be built or run
need_m32()
{
	printf '#include <stdio.h>\nint main(void) { return 0; }\n' |
		$CC -m32 -xc - -o "$out/m32.$$" 2>/dev/null &&
		"$out/m32.$$" 2>/dev/null
	have=$?
	rm -f "$out/m32.$$"
	if [ $have -ne 0 ]; then
		echo "# $CC cannot build or run programs of 32 bits:" \
			"install gcc-multilib and g++-multilib"
		exit 77
	fi
}
