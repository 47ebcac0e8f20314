#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# sanitize.sh: build everything with a sanitizer and run the tests that move
# data: the engine's, the server's, and scenarios with hostile, dying and many
# clients.
#
#   sanitize.sh address|thread
#
# address includes undefined behaviour.  Objects go to $O/asan or $O/tsan.  The
# first report of a sanitizer ends the program that caused it, and its test.

case ${1-} in
address)
	dir=asan
	san='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer'
	;;
thread)
	dir=tsan
	san='-fsanitize=thread'
	;;
*)	echo "usage: sanitize.sh address|thread" >&2
	exit 2;;
esac

O=${O:-build}/$dir
MAKE=${MAKE:-make}
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:exitcode=99
export NM_SLOW=4

mk()
{
	# addresses chosen at random can fall where the thread sanitizer has
	# its shadow
	setarch -R "$MAKE" --no-print-directory "O=$O" "SAN=$san" OPT="-O1 -g" "$@"
}

mk -j2 programs || exit 1
status=0
for stage in unit netmapd; do
	mk "test-$stage" || status=1
done
# what was freed stays in quarantine: little of it, where growth is measured
O=$O ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=2 \
	setarch -R tests/system/run.sh \
	vale_learning pipe_partial kill_ hostile_ open_ stress_ \
	server_grace server_users xdp_ || status=1
exit $status
