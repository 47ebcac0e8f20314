#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	vale0:evil (lies) --+-- vale0:tx --> vale0:rx (checksummed)
#			    +-- vale0:bait --> everywhere
#	netmap:e{1 (lies) --- netmap:e}1
#
# Clients that write nonsense into everything they share: indices, lengths,
# buffer numbers, flags, headers, blocks. Others' traffic goes on unharmed, the
# server stays, and nothing is lost when they go.
. "$(dirname "$0")/lib.sh"

server
# What is sent to rx goes nowhere else. Evil has the bait in its rings, and may
# send that again, in pieces.
started rx flow rx -s 9 -a 7 -o 5 vale0:rx
started bait flow tx -s 5 -R 2000 -d 6 vale0:bait
started tx flow tx -s 9 -R 2000 -d 7 vale0:tx
started prx flow rx -s 8 'netmap:p}1'
started ptx flow tx -s 8 -R 2000 'netmap:p{1'
goes_on rx
seed=$RANDOM
# The region of an isolated VALE port is its own; in the kernel that of another
# user is. Pipes share their parent's.
own=
[[ $NM_PATH == isolated ]] && own=-x
[[ $NM_HOME == kernel ]] && own="-x -u 65534" && chmod 666 /dev/netmap
start evil hostile -t 15 $own -S $seed -n $((60000 / SLOW)) vale0:evil
start epipe hostile -t 15 -S $seed -n $((30000 / SLOW)) 'netmap:e{1'
for c in evil epipe; do
	wait_until 50 "$c comes to an end (seed $seed)" dead $c
	finish $c || fail "$c, seed $seed: $(tail -n 1 "$T/$c.out")"
done
goes_on rx
goes_on prx
for c in tx bait ptx rx prx; do
	stop $c || fail "$c was harmed, seed $seed: $(tail -n 1 "$T/$c.out")"
done
hold vale0:a vale0:b
send vale0:a 100:a:3
expect vale0:b 100:a:3
