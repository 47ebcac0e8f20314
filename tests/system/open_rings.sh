#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	vale0:m, 4 rings:   -0 <-- holder A     -1 <-- holder B    ...
#	vale0:s		sends to them all
#
# Every ring of a port can be opened on its own, each by another process.
#
# 1. make a port of four rings and open two rings in two processes
# 2. each sees one ring, and its number
# 3. a ring that does not exist is refused, with a sentence
# 4. what is sent on ring 0 and ring 1 arrives intact at another port
# 5. ring flags: /T has no receive ring, /R has no transmit ring
. "$(dirname "$0")/lib.sh"

server
hold vale0:m@conf:rings=4
[[ $(info tx-rings open vale0:m) == 4 ]] || fail "vale0:m has not 4 rings"
[[ $(info tx-rings open vale0:m-2) == 1 ]] || fail "-2 is not one ring"
[[ $(info first-tx open vale0:m-2) == 2 ]] || fail "-2 is not ring 2"
[[ $(info first-rx open vale0:m-3) == 3 ]] || fail "-3 is not ring 3"
refused 1 "open a ring that is not there" functional -I vale0:m-4
[[ $(info tx-rings open vale0:m/R) == 0 ]] || fail "/R has tx rings"
[[ $(info rx-rings open vale0:m/T) == 0 ]] || fail "/T has rx rings"
[[ $(info rx-rings open vale0:m/R) == 4 ]] || fail "/R has not 4 rx rings"

hold vale0:m-0 vale0:m-1 vale0:r
send vale0:m-0 100:a:5
expect vale0:r 100:a:5
send vale0:m-1 3000:b:5
expect vale0:r 3000:b:5
silent vale0:r
