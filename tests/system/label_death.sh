#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Labels: a program built with NM_LABELS, in $NM_LABEL_O
#
#	vale0:tx ------+-- vale0:rx
#	vale0:victim --+-- vale0:other      netmap:p{1 --- netmap:p}1
#
# Senders and receivers of a switch and of a pipe die, or are stopped for long
# enough to be given up, at every label of doc/user-mode.md, after a random
# number of passings.  A checksummed stream between others goes on, whole and in
# order, all the time; those that were stopped go on, too; in the end every
# buffer is back.
. "$(dirname "$0")/lib.sh"

need_user_mode
flow=${NM_LABEL_O:-$O/labels}/tests/tools/flow
[[ $flow == /* ]] || flow=$TOP/$flow
hits=${NM_HITS:-2}
stopped=0 killed=0 never=0

is_stopped_or_dead()
{
	dead victim || [[ $(sed 's/.*) //' "/proc/${PID_OF[victim]}/stat" \
				2>/dev/null) == T* ]]
}

# How long it is waited for a label that may not be passed often enough.
hit()
{
	local end=$(($(date +%s%N) + 700000000))

	until is_stopped_or_dead; do
		(($(date +%s%N) < end)) || return 1
		sleep 0.01
	done
}

# victim LABEL KILL|STOP FLOW-ARGUMENT...
victim()
{
	local label=$1 what=$2 many

	# receivers get no more than the stream has
	[[ $3 == tx ]] && many=3000 || many=300
	export NM_LABEL=$label:$((1 + RANDOM % many)):$what
	start victim "$flow" "${@:3}"
	unset NM_LABEL
	if ! hit; then
		((++never))
	elif [[ $what == STOP ]]; then
		((++stopped))
		sleep 0.11	# longer than a stall and a grace period
		kill -CONT "${PID_OF[victim]}"
		sleep 0.02
		dead victim && fail "stopped at $label, it ended: $(tail -n 2 "$T/victim.err")"
	else
		((++killed))
	fi
	stop victim KILL
}

server --param region_size=134217728
before=$(info spare spare vale0:probe)
started rx flow rx -s 1 vale0:rx
started other flow rx -s 1 vale0:other
started tx flow tx -s 1 -R 2000 vale0:tx
started ptx flow tx -s 3 -R 20000 'netmap:p{1'
for what in KILL STOP; do
	for ((i = 0; i < hits; i++)); do
		for label in G1 B1 B2 S2 S3 S4 W3; do
			victim $label $what tx -s 2 -R 1000000 \
				-l $((60 + RANDOM % 1400)) vale0:victim
		done
		for label in G1 B1 B2 P2 P3 P4 T2 T3 T4; do
			victim $label $what rx -s 1 vale0:victim
		done
		for label in U3 V1 B2; do
			victim $label $what rx -s 3 'netmap:p}1'
		done
		for label in U1 B2; do
			victim $label $what tx -s 4 -R 1000000 'vale0:q{1'
		done
		goes_on rx
		goes_on other
	done
done
echo "killed $killed, stopped $stopped, not reached $never"
((killed >= 8 * hits && stopped >= 8 * hits)) ||
	fail "too few labels were reached: killed $killed, stopped $stopped"
stop tx || fail "the stream's sender: $(tail -n 1 "$T/tx.out")"
stop ptx || fail "the pipe's sender: $(tail -n 1 "$T/ptx.out")"
stop rx || fail "the stream was harmed: $(tail -n 1 "$T/rx.out")"
stop other || fail "the stream was harmed: $(tail -n 1 "$T/other.out")"
wait_until 10 "the ports of the dead go away" none_left
wait_until 10 "all $before buffers come back" given_back "$before"
