#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# stage.sh: run the stages of `make test', and sum up.
#
#   stage.sh run NAME COMMAND...   run one stage, keep its output in a log
#   stage.sh all CHAIN...          "a b c": stages one after another; chains
#                                  run beside each other
#   stage.sh sum                   table of times, then the last line
#
# A stage NAME is `make test-NAME'.  It passes when it ends with 0 and prints
# no line "not ok".  Lines "ok" are tests, those with "# SKIP" are skipped; a
# stage that prints neither counts as one test.  A stage that ends with 77 is
# skipped as a whole: its log says why.  Logs are in $O/logs.
#
# `sum' prints "N passed, N failed, N skipped" alone on the last line and ends
# with 1 if anything failed, or nothing passed.

O=${O:-build}
logs=$O/logs
MAKE=${MAKE:-make}

# A directory entry of make itself would make us part of its job server.
unset MAKEFLAGS MFLAGS MAKELEVEL

now()
{
	date +%s%N
}

run()
{
	local name=$1 log=$logs/$1.log start status passed failed skipped secs

	shift
	mkdir -p "$logs"
	rm -f "$logs/$name.result"
	start=$(now)
	"$@" >"$log" 2>&1 </dev/null
	status=$?
	secs=$((($(now) - start) / 100000000))
	skipped=$(grep -ciE '^ok .*# *skip' "$log")
	passed=$(($(grep -c '^ok ' "$log") - skipped))
	failed=$(grep -c '^not ok ' "$log")
	case $status in
	0) ((passed + failed + skipped)) || passed=1;;
	77) skipped=$((skipped + 1));;
	*) ((failed)) || failed=1;;
	esac
	printf '%-9s %6d.%d s %6d passed %4d failed %4d skipped\n' "$name" \
		$((secs / 10)) $((secs % 10)) "$passed" "$failed" "$skipped"
	echo "$name $secs $passed $failed $skipped" >"$logs/$name.result"
	if ((failed)); then
		# all at once, so that two stages do not mix
		{ echo "--- $name failed, the end of $log:"
		  grep '^not ok ' "$log" | head -n 40
		  tail -n 60 "$log"
		  echo "---"; } | sed 's/^/    /' >"$log.fail"
		cat "$log.fail"
	fi
	((failed == 0))
}

# How a stage is run: each is a target of the Makefile.
stage()
{
	run "$1" "$MAKE" --no-print-directory "O=$O" "test-$1"
}

chain()
{
	local name status=0

	for name; do
		stage "$name" || status=1
	done
	return $status
}

all()
{
	local c

	rm -f "$logs"/*.result
	echo "$*" >"$logs/wanted"
	for c; do
		# shellcheck disable=SC2086 # a chain is a list of words
		chain $c &
	done
	wait
}

sum()
{
	local name secs p f s passed=0 failed=0 skipped=0

	echo
	for name in $(<"$logs/wanted"); do
		if [[ ! -s $logs/$name.result ]]; then
			echo "$name: did not run"
			((failed++))
			continue
		fi
		read -r name secs p f s <"$logs/$name.result"
		printf '%-9s %6d.%d s\n' "$name" $((secs / 10)) $((secs % 10))
		((passed += p, failed += f, skipped += s))
		if ((s)); then
			grep -ihE '^(ok .*# *skip|skip )' "$logs/$name.log" |
				sed 's/^/    /' | head -n 20
		fi
	done
	echo "$passed passed, $failed failed, $skipped skipped"
	((failed == 0 && passed > 0))
}

mkdir -p "$logs" || exit 1
case ${1-} in
run) shift; run "$@";;
all) shift; all "$@";;
sum) sum;;
*) echo "usage: stage.sh run NAME COMMAND... | all CHAIN... | sum" >&2; exit 2;;
esac
