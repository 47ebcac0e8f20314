#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# test_module.sh - netmap.ko is built, checked and installed as users do it
#
# Against the headers of a stock kernel in the cache of tests/vm, into folders
# of its own.  TAP; exit 0, 1, or 77 if there are no headers to be had.

cd "$(dirname "$0")/../.." || exit 1
make=${MAKE:-make}
kernel=$(tests/vm/fetch-kernel.sh 6.1) || exit 77
release=$(cat "$kernel/release")
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
PATH=$PATH:/sbin:/usr/sbin
count=0 failures=0
unset MAKEFLAGS MFLAGS MAKELEVEL KOPTS KMAKE

# check TEXT COMMAND...
check() {
	local text=$1

	shift
	count=$((count + 1))
	if "$@" > "$dir/out" 2> "$dir/err"; then
		echo "ok $count - $text"
	else
		echo "not ok $count - $text"
		sed 's/^/#   /' "$dir/out" "$dir/err"
		failures=1
	fi
}

# Sets of build and destination folders are apart, whatever ./configure said.
mk() {
	"$make" --no-print-directory -s O="$dir/build" KDIR="$kernel/build" \
		DESTDIR="$dir/dest" INSTALL_MOD_PATH="$dir/dest" DRIVERS= "$@"
}

silent() {
	[ ! -s "$dir/said" ]
}

check "make module" mk module SKIP_KINDS= MOD_NAME=netmap
cp "$dir/err" "$dir/said"
check "the compiler has nothing to say about it, at W=1" silent
check "it is for that kernel" \
	grep -q "^$release " <(modinfo -F vermagic "$dir/build/module/netmap.ko")
check "it has a version" \
	grep -qE '^[0-9]+\.[0-9]+$' <(modinfo -F version "$dir/build/module/netmap.ko")
check "it has pipes" \
	grep -q nm_pipe_kind "$dir/build/module/netmap.o"
check "make modules_install" mk modules_install SKIP_KINDS= MOD_NAME=netmap
check "modprobe finds it" \
	modprobe -d "$dir/dest" -S "$release" --show-depends netmap
check "a rule for the device is there" \
	test -s "$dir/dest/usr/lib/udev/rules.d/60-netmap.rules"
check "no link leads back to the sources" \
	test -z "$(find "$dir/dest" -type l)"
check "another name, and without pipes" \
	mk O="$dir/two" module SKIP_KINDS=pipe MOD_NAME=nmtwo
check "so it is called" test "$(modinfo -F name "$dir/two/module/nmtwo.ko")" = nmtwo
check "and has no pipes" \
	test "$(grep -c nm_pipe_kind "$dir/two/module/nmtwo.o")" = 0
refused() {
	! mk module KDIR=/nonexistent 2> "$dir/said" && grep -q "$1" "$dir/said"
}
check "a folder that is no kernel is refused, with a sentence" \
	refused 'no kernel directory; install the headers'
if command -v sparse > /dev/null; then
	check "make module-sparse" mk module-sparse
else
	echo "ok $((++count)) - make module-sparse # SKIP no sparse"
fi

# DKMS, as the package of Debian has it, but in folders of ours.
check "make dkms-install" mk dkms-install
tree=("$dir"/dest/usr/src/netmap-*)
version=${tree[0]##*-}
check "the version is that of the module" \
	grep -qx "PACKAGE_VERSION=\"$version\"" "${tree[0]}/dkms.conf"
# What dkms itself would do, for where there is none.
by_hand() (
	cd "${tree[0]}" || exit
	# shellcheck disable=SC2034 # for dkms.conf
	kernel_source_dir=$kernel/build
	# shellcheck disable=SC1091
	. ./dkms.conf
	eval "${MAKE[0]}" &&
		[ -s "${BUILT_MODULE_LOCATION[0]}/${BUILT_MODULE_NAME[0]}.ko" ] &&
		eval "$CLEAN" && [ ! -e "${BUILT_MODULE_LOCATION[0]}" ]
)
by_dkms() {
	mkdir -p "$dir/dkms" "$dir/dest/lib/modules/$release"
	dkms "$1" "netmap/$version" -k "$release" -a x86_64 --no-depmod \
		--dkmstree "$dir/dkms" --sourcetree "$dir/dest/usr/src" \
		--installtree "$dir/dest/lib/modules" \
		--kernelsourcedir "$kernel/build"
}
if command -v dkms > /dev/null; then
	check "dkms add" by_dkms add
	check "dkms build" by_dkms build
	check "dkms install" by_dkms install
	check "the module is there" \
		test -n "$(find "$dir/dest/lib/modules/$release/updates" -name 'netmap.ko*')"
else
	check "the commands for DKMS build the module" by_hand
fi
check "make dkms-uninstall" mk dkms-uninstall
check "nothing is left" test ! -e "${tree[0]}"

echo "1..$count"
exit $failures
