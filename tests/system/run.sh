#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh: every scenario, on both paths.
#
#   tests/system/run.sh [-p PATH]... [-j JOBS] [WORD...]
#
# PATH is direct or isolated (default: both), or kernel if NM_HOME is; one
# scenario at a time then, since they share the module.  With WORDs only scenarios whose
# name contains one of them.  One line per scenario,
#
#   ok 3 - vale_learning (direct)
#
# and after a failure what the scenario and its processes said.  Environment:
# O (where things are built), NM_SLOW (how many times slower than usual),
# NM_LIMIT (seconds a scenario may take).
# Exit 0 when nothing failed, else 1.

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
export O=${O:-$top/build}
[[ $O == /* ]] || O=$top/$O
paths=()
jobs=2
limit=${NM_LIMIT:-$((60 * ${NM_SLOW:-1}))}

while getopts p:j: opt; do
	case $opt in
	p) paths+=("$OPTARG");;
	j) jobs=$OPTARG;;
	*) echo "usage: run.sh [-p direct|isolated]... [-j JOBS] [WORD...]" >&2
	   exit 2;;
	esac
done
shift $((OPTIND - 1))
if [[ ${NM_HOME-} == kernel ]]; then
	paths=(kernel)
	jobs=1
fi
((${#paths[@]})) || paths=(direct isolated)

wanted()
{
	local word

	(($#)) || return 0
	for word; do
		[[ $name == *$word* ]] && return 0
	done
	return 1
}

logs=$(mktemp -d "${TMPDIR:-/tmp}/nmrun.XXXXXX") || exit 1
trap 'rm -rf "$logs"' EXIT

# Scenarios that measure what the machine does must be alone.
alone()
{
	grep -q '^# Alone:' "$here/$1.sh"
}

# Those with interfaces want the kernel home and a machine made for them;
# tests/vm/nic.sh and native.sh run them.
with_interfaces()
{
	grep -q '^# Kernel: ' "$here/$1.sh"
}

# Those about the server have no subject in the kernel home.
about_server()
{
	grep -qE '^need_(user_mode|xdp)' "$here/$1.sh"
}

# Those that die at labels want programs that were built with them.
with_labels()
{
	grep -q '^# Labels: ' "$here/$1.sh"
}

# once: the scenario brings its own paths
once()
{
	grep -q '^# Once:' "$here/$1.sh"
}

run_one()
{
	local n=$1 name=$2 path=$3 log=$logs/$1 status

	NM_PATH=$path timeout -k 5 "$limit" bash "$here/$name.sh" \
		>"$log" 2>&1 </dev/null
	status=$?
	case $status in
	0) echo "ok $n - $name ($path)";;
	77) echo "ok $n - $name ($path) # $(grep -m1 '^SKIP' "$log")";;
	*) ((status >= 124)) && echo "took longer than $limit s" >>"$log"
	   { echo "not ok $n - $name ($path)"
	     sed '/line [0-9]*: *[0-9]* Killed /d; s/^/# /' "$log"; } >"$log.tap"
	   cat "$log.tap"
	   : >"$logs/failed"
	   ;;
	esac
}

n=0
for want_alone in no yes; do
	for path in "${paths[@]}"; do
		for f in "$here"/*_*.sh; do
			name=$(basename "$f" .sh)
			wanted "$@" || continue
			with_interfaces "$name" && continue
			[[ -z ${NM_LABEL_O-} ]] && with_labels "$name" && continue
			[[ ${NM_HOME:-user} == kernel ]] &&
				about_server "$name" && continue
			a=no
			alone "$name" && a=yes
			[[ $a == "$want_alone" ]] || continue
			[[ $path != "${paths[0]}" ]] && once "$name" && continue
			((++n))
			while (($(jobs -rp | wc -l) >= jobs)); do
				wait -n
			done
			[[ $a == yes ]] && wait
			run_one $n "$name" "$path" &
			[[ $a == yes ]] && wait
		done
	done
	wait
done
echo "1..$n"
((n)) || { echo "not ok - no scenario has such a name"; exit 1; }
[[ ! -e $logs/failed ]]
