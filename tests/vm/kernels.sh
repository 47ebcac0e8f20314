#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# kernels.sh VERSION... - unit tests, programs and interfaces in each of these kernels
#
# One machine after another.  A kernel that cannot be had for want of root is
# skipped, and named.  Every verdict comes with its kernel in front.  Exit 0 if
# nothing failed.

set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
status=0
for version; do
	rc=0
	"$here/build-module.sh" netmap "$version" > /dev/null || rc=$?
	if [ $rc = 77 ]; then
		echo "ok - kernel $version # SKIP its modules are built in a chroot, as root"
		continue
	fi
	for part in unit dev nic; do
		"$here/$part.sh" "$version" |
			sed -E "s/^((not )?ok) [0-9]+ - /\1 - $version: /"
		if [ "${PIPESTATUS[0]}" != 0 ]; then
			echo "not ok - kernel $version: $part.sh"
			status=1
		fi
	done
done
exit $status
