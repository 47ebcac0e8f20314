#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	v0 (02:..:00) --+-- v1 (02:..:01)
#			+-- v2 (02:..:02)	vale0
#			+-- v3 (never speaks)
#
# Who must receive a frame, and who must not (scenario 7).  Each line of the
# table: sender, source, destination, and the ports that get the frame; all
# others must stay silent, the sender included.
. "$(dirname "$0")/lib.sh"

server
ports="v0 v1 v2 v3"
for p in $ports; do
	hold "vale0:$p"
done

frame()
{
	local from=$1 src=$2 dst=$3 p

	shift 3
	send "vale0:$from" 200:z:2 -s "02:0:0:0:0:$src" -d "$dst"
	for p in $ports; do
		if [[ " $* " == *" $p "* ]]; then
			expect "vale0:$p" 200:z:2 -s "02:0:0:0:0:$src" -d "$dst"
		else
			silent "vale0:$p"
		fi
	done
}

all=ff:ff:ff:ff:ff:ff
#     from src destination     who receives
frame v2   02  $all            v0 v1 v3		# broadcast; 02 is learnt
frame v0   00  02:0:0:0:0:02   v2		# known: only there
frame v1   01  02:0:0:0:0:77   v0 v2 v3		# unknown: everywhere
frame v2   02  02:0:0:0:0:01   v1		# 01 has been learnt by that
frame v0   00  33:33:0:0:0:1   v1 v2 v3		# multicast is like broadcast
frame v1   02  $all            v0 v2 v3		# station 02 moves to v1 ...
frame v0   00  02:0:0:0:0:02   v1		# ... and is found there
frame v1   01  02:0:0:0:0:02   			# at the sender's port: nobody

# A port that goes takes what was learnt about it along.
release vale0:v1
ports="v0 v2 v3"
frame v0   00  02:0:0:0:0:02   v2 v3
