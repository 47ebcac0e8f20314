#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# test_configure.sh - what ./configure accepts, refuses, remembers
#
# In a copy of the folders it looks at, with a driver and kernel directories
# made for the purpose: what it writes is read back by make.  TAP; exit 0 or 1.

top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
count=0
failures=0
unset kernelver

mkdir -p "$dir/apps" "$dir/drivers/one" "$dir/drivers/two" "$dir/kernel"
cp "$top/configure" "$dir"
cp -r "$top/apps/." "$dir/apps"
touch "$dir/kernel/Makefile" "$dir/drivers/one/Kbuild" "$dir/drivers/two/Kbuild"
cd "$dir" || exit 1

verdict() {
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/#   /' out err config.mk 2> /dev/null
		failures=1
	fi
}

# run OPTIONS: as a user would; a refusal leaves nothing behind
run() {
	rm -f config.mk
	./configure "$@" > out 2> err
	status=$?
}

# remembers VARIABLE VALUE OPTIONS...: make sees the value, nobody is warned
remembers() {
	var=$1 want=$2
	shift 2
	run "$@"
	# shellcheck disable=SC2016 # for make
	got=$(printf 'include config.mk\nshow:;@echo "$(strip $(%s))"\n' "$var" |
		make --no-print-directory -f - show 2>> err)
	[ $status = 0 ] && [ "$got" = "$want" ] && [ ! -s err ]
	verdict $? "$* means $var = $want"
}

# refuses SENTENCE OPTIONS...: exit 2, the sentence, no config.mk
refuses() {
	say=$1
	shift
	run "$@"
	[ $status = 2 ] && grep -q "^configure: .*$say" err && [ ! -e config.mk ]
	verdict $? "$* is refused: $say"
}

# warns SENTENCE OPTIONS...: exit 0, the sentence, config.mk
warns() {
	say=$1
	shift
	run "$@"
	[ $status = 0 ] && grep -q "^configure: WARNING: .*$say" err &&
		[ -s config.mk ]
	verdict $? "$* is ignored: $say"
}

# prints TEXT OPTIONS...: that and nothing else is done
prints() {
	say=$1
	shift
	run "$@"
	[ $status = 0 ] && grep -q -e "$say" out && [ ! -e config.mk ]
	verdict $? "$* prints: $say"
}

remembers prefix /usr/local
remembers prefix /opt/n --prefix=/opt/n
remembers DESTDIR /tmp/stage --destdir=/tmp/stage
remembers CC "gcc -m64" "--cc=gcc -m64"
remembers SKIP_APPS "bridge" --no-apps=bridge
remembers SKIP_APPS "bridge vale-ctl" --apps=pkt-gen
remembers SKIP_APPS "bridge pkt-gen vale-ctl" --no-apps
remembers HAVE_PCAP no --without-pcap
remembers OPT "-O0 -g -DNM_DEBUG" --enable-debug
remembers OPT "" --enable-debug --disable-debug
remembers KDIR "$dir/kernel" "--kernel-dir=$dir/kernel"
remembers KSRC "$dir" "--kernel-sources=$dir"
remembers KOPTS "ARCH=arm64 CROSS_COMPILE=a- V=1" \
	"--kernel-opts=ARCH=arm64 CROSS_COMPILE=a-" --kernel-opts=V=1
remembers INSTALL_MOD_PATH /tmp/stage --install-mod-path=/tmp/stage
remembers MOD_NAME nm_two --mod-name=nm_two
remembers DRIVERS "" --no-drivers
remembers DRIVERS "two" --no-drivers=one
remembers DRIVERS "one two" --drivers=one,two
remembers DRIVER_SUFFIX _netmap --driver-suffix=_netmap
remembers SKIP_KINDS "pipe null" --disable-pipe --disable-null
remembers SKIP_KINDS "null" --disable-pipe --disable-null --enable-pipe

refuses 'absolute path' --prefix=here
refuses 'absolute path' --destdir=
refuses 'characters that make' '--prefix=/a b'
# shellcheck disable=SC2016 # as it is
refuses 'characters that make' '--destdir=/$(shell id)'
refuses 'no program called "brigde"; there are:.*bridge' --apps=brigde
refuses 'no driver called "x"; there are: one two' --drivers=one,x
refuses 'no compiler called' --cc=no-such-compiler
refuses 'no kernel directory' --kernel-dir=/nonexistent
refuses '/lib/modules/1.2.3/build is no kernel directory' --kernel-version=1.2.3
refuses 'holds no source' --kernel-sources=/nonexistent
refuses 'name of a module' --mod-name=a/b
refuses 'name of a module' --mod-name=
refuses "part of a module's name" '--driver-suffix= x'

warns 'unknown option --cache=x' --cache=x
warns 'unknown option hello' hello
warns 'there is no part called tea' --disable-tea
warns 'vale is not a part that can be left out' --disable-vale
warns 'there is no sink' --enable-sink

prints 'bridge pkt-gen vale-ctl' --show-apps
prints 'one two' --show-drivers
prints 'usage: ./configure' --help
prints '--kernel-version=V' -h

# The variable that DKMS sets takes the place of the running kernel.
export kernelver=1.2.3
refuses '/lib/modules/1.2.3/build' --prefix=/usr
unset kernelver

# A driver is named in the summary, and so is a missing kernel.
run --drivers=two --driver-suffix=_nm "--kernel-dir=$dir/kernel"
grep -q '^drivers *two.*_nm.ko' out
verdict $? "the summary names the drivers"

echo "1..$count"
exit $failures
