#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What has to be installed on Debian or Ubuntu, and is it?
#
#   deps.sh build    install what building needs, if anything is missing
#   deps.sh test     the same for testing
#   deps.sh check    only tell what is missing for each
#
# Root gets the packages installed; anybody else, and other systems, are told
# what to install.  Something is missing when it cannot be used, whatever the
# package manager says, so a compiler from elsewhere is as good as any.

cd "$(dirname "$0")/.." || exit 1

usage() {
	echo "usage: $0 build|test|check" >&2
	exit 2
}

has_header() {
	echo "#include <$1>" | ${CC:-gcc} $2 -E -x c - >/dev/null 2>&1
}

has_package() {
	dpkg-query -W -f '${Status}' "$1" 2>/dev/null |
		grep -q 'ok installed'
}

# Nothing to ask the compiler for without a compiler.
missing_build() {
	command -v make >/dev/null || echo make
	if command -v "${CC:-gcc}" >/dev/null; then
		has_header stdio.h || echo libc6-dev
	else
		echo gcc libc6-dev
	fi
}

# Good to have: without libpcap pkt-gen does without capture files, without
# libbpf user mode does without network interfaces.
optional_build() {
	has_header pcap/pcap.h || echo libpcap-dev
	has_header bpf/bpf.h || echo libbpf-dev
	command -v pkg-config >/dev/null || echo pkg-config
}

missing_test() {
	missing_build
	command -v "${CXX:-g++}" >/dev/null || echo g++
	if [ "$(uname -m)" = x86_64 ]; then
		has_header gnu/stubs.h -m32 || echo gcc-multilib
		# headers of C++ are another package than those of C
		echo '#include <cstdlib>' |
			"${CXX:-g++}" -m32 -E -x c++ - >/dev/null 2>&1 ||
			echo g++-multilib
	fi
	# the fuzzers' runtime is a package of its own
	echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
		clang -fsanitize=fuzzer,address -x c - -o /dev/null 2>/dev/null ||
		echo clang libclang-rt-dev
	command -v spin >/dev/null || echo spin
	command -v dpkg-query >/dev/null || return 0
	for package in $(grep -v '^#' tests/vm/packages); do
		has_package "$package" || echo "$package"
	done
}

# One line, each word once.
as_words() {
	tr ' ' '\n' | sort -u | tr '\n' ' ' | sed 's/^ *//; s/ *$//'
}

# What this release of the system knows; the rest is named and left out.
known() {
	for package; do
		if apt-cache show "$package" >/dev/null 2>&1; then
			echo "$package"
		else
			echo "deps.sh: this system has no package $package" >&2
		fi
	done
}

install() {
	echo "installing $*"
	export DEBIAN_FRONTEND=noninteractive
	apt-get -qq update &&
	apt-get -qq install -y --no-install-recommends $(known "$@") </dev/null
}

# need WORDS OPTIONAL: install, or tell the one command that does.
need() {
	[ -n "$1" ] || return 0
	if ! command -v apt-get >/dev/null; then
		echo "missing, under the names of Debian: $1 $2" >&2
		return 1
	fi
	if [ "$(id -u)" = 0 ]; then
		install $1 $2 && return 0
		echo "deps.sh: installing failed" >&2
		return 1
	fi
	echo "Something is missing. Install it with:" >&2
	echo "    sudo apt-get install -y $1 $2" >&2
	return 1
}

[ $# -eq 1 ] || usage
case $1 in
build)
	need "$(missing_build | as_words)" "$(optional_build | as_words)"
	;;
test)
	need "$(missing_test | as_words)" "$(optional_build | as_words)"
	;;
check)
	build=$(missing_build | as_words)
	test=$(missing_test | as_words)
	echo "missing for building: ${build:-nothing}"
	echo "missing for testing:  ${test:-nothing}"
	echo "optional:             $(optional_build | as_words)"
	[ -z "$build$test" ]
	;;
*)
	usage
	;;
esac
