#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	vale0:lazy (SIGSTOP) --+
#	vale0:tx --------------+-- vale0:rx
#
# A sender that is stopped, at whatever point it happens to be, does not hold
# up the others; when it goes on, it goes on. The same for a receiver.
. "$(dirname "$0")/lib.sh"

server
started rx flow rx -s 1 vale0:rx
started tx flow tx -s 1 -R 2000 vale0:tx
started lazy flow tx -s 2 -R 1000000 -l 1500 -d 7 vale0:lazy
started deaf flow rx -s 1 vale0:deaf
for ((i = 0; i < 20 / SLOW; i++)); do
	kill -STOP "${PID_OF[lazy]}" "${PID_OF[deaf]}"
	goes_on rx
	kill -CONT "${PID_OF[lazy]}" "${PID_OF[deaf]}"
	sleep 0.0$((RANDOM % 10))
done
goes_on lazy
goes_on deaf
stop lazy || fail "the one that was stopped: $(tail -n 1 "$T/lazy.out")"
stop tx || fail "the sender: $(tail -n 1 "$T/tx.out")"
stop rx || fail "the stream was harmed: $(tail -n 1 "$T/rx.out")"
stop deaf || fail "the deaf one: $(tail -n 1 "$T/deaf.out")"
