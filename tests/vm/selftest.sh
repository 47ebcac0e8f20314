#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# selftest.sh NM_PROBE.ko [VERSION] - prove that run.sh notices trouble
#
# Boots the probe module once per way of going wrong; run.sh must fail each
# time, for the reason expected, and pass when nothing is wrong.  Prints TAP
# and a summary line; exit 0 or 1.

here=$(cd "$(dirname "$0")" && pwd)
probe=$1
version=${2:-6.1}
passed=0
failed=0

# probe mode, status wanted of run.sh, text wanted in what it prints
check() {
	out=$("$here/run.sh" --kernel "$version" --name "probe-$1" --timeout 40 \
		--append "hung_task_panic=1" "$probe,mode=$1" 2>&1)
	rc=$?
	if [ $rc = "$2" ] && echo "$out" | grep -qE "$3"; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) - a module that does '$1'"
		return
	fi
	failed=$((failed + 1))
	echo "not ok $((passed + failed)) - a module that does '$1': status $rc"
	echo "$out" | sed 's/^/# /'
}

check ok	0 '^run.sh: passed 3$'
check not_ok	1 'did not report success|verdict 1: not ok'
check refuse	1 'did not report success'
check warn	1 'console:.*WARNING'
check oops	1 'console:.*BUG'
check bug	1 'console:.*kernel BUG'
check atomic	1 'console:.*scheduling while atomic'
check hang	1 'no end after'
check spin	1 'no end after|console:.*(stall|lockup|LOCKUP)'
check restart	1 'did not report success'

echo "$passed passed, $failed failed"
[ $failed = 0 ]
