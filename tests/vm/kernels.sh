#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# kernels.sh VERSION... - unit tests, programs and interfaces in each of these kernels
#
# One machine after another.  The first kernel gets everything; the others what
# tells a kernel from another: the unit tests, plain traffic over switches and
# interfaces, and the host behind one (make test-vm-dev VM_KERNEL=7 for all of
# it).  A kernel that cannot be had for want of root is skipped, and named.  Every
# verdict comes with its kernel in front.  Exit 0 if nothing failed.

set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
status=0

part() {	# script, words
	"$here/$1.sh" "$version" "${@:2}" |
		sed -E "s/^((not )?ok) [0-9]+ - /\1 - $version: /"
	if [ "${PIPESTATUS[0]}" != 0 ]; then
		echo "not ok - kernel $version: $1.sh"
		status=1
	fi
}

for version; do
	rc=0
	"$here/build-module.sh" netmap "$version" > /dev/null || rc=$?
	if [ $rc = 77 ]; then
		echo "ok - kernel $version # SKIP its modules are built in a chroot, as root"
		continue
	fi
	# the debug kernel is slow: torture and failing allocations in dev, and the
	# plain and the persistent interfaces
	if [ "$version" = debug ]; then
		part unit
		part dev
		part nic plain persistent
	elif [ "$version" = "$1" ]; then
		part unit
		part dev
		part nic
		part lookup
		part native native_
	else
		part unit
		part dev vale
		part nic plain host persistent
	fi
done
exit $status
