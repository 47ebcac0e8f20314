#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# vale-ctl: exit statuses, texts that scripts know, and the life of a
# persistent port.

O=${1:-build}
. tests/apps/lib.sh
v=$O/apps/vale-ctl

# usage
expect 0 $v --help
says '^Usage: vale-ctl'
expect 0 $v --version
for args in -v "-C 1" -a "-l eth0" -x stray "list a b" attach "-m 1" \
	"-p vale0:x" "-p vale0:x -C 0,1,2" "-p vale0:x -C 1" \
	"-p vale0:x -C 1,2,3,4" "-p vale0:x -C one,0" "poll maybe vale0:x" \
	"-n p -C 1x" "-n p -m 70000" "-n v0 stray" "detach vale0:x --host" \
	"-n $(printf '%064d' 0)" "-n netmap:" "-a vale0:x list" "--home moon"; do
	expect 2 $v $args
done
expect 2 $v -x
complains "^vale-ctl: -x is not an option"
complains "^Try 'vale-ctl --help'"

# an empty house
expect 0 $v
[ ! -s "$dir/out" ]
verdict $? "no ports: nothing is printed"
expect 0 $v list
expect 0 $v show
expect 1 $v -r nobody
complains '^failed to remove nobody: '
expect 1 $v -d vale0:nobody
complains '^failed to detach vale0:nobody: '
expect 1 $v -l vale0:nobody
complains '^failed to list vale0:nobody: '
expect 1 $v show nobody
expect 1 $v -p vale0:nobody -C 0,0
complains '^failed to enable polling on vale0:nobody: '
expect 1 $v -P vale0:nobody
complains '^failed to disable polling on vale0:nobody: '

# a persistent port
expect 0 $v -n v0 -v -C 512,256
says '^tx_slots:   512$'
says '^rx_slots:   256$'
says '^rx_ring:    1$'
expect 1 $v -n v0
complains '^failed to create v0: File exists$'
expect 0 $v -a vale0:v0 -v
says '^port_index: 0$'
expect 1 $v -a vale0:v0
complains '^failed to attach vale0:v0: '
expect 0 $v
says '^vale0:v0 bridge_idx 0 port_idx 0$'
expect 0 $v -l vale0:v0
says '^bridge_idx: 0$'
says '^port_idx:   0$'
expect 0 $v -g netmap:v0
says '^tx_slots:   512$'
says '^rx_rings    1$'
says '^mem_id:     [0-9]*$'
expect 1 $v -r v0
complains '^failed to remove v0: Device or resource busy$'
expect 0 $v list vale0
says '^vale0:v0  *0  *0  *1  *1  *512  *256'
expect 0 $v list vale
! grep -q v0 "$dir/out"
verdict $? "list vale does not show ports of vale0"
expect 0 $v show
says '^  home     user$'
says '^  class    virtual: '
says '^  holders  0$'
says '^  tx 0 .*0 packets'
expect 0 $v -d vale0:v0
expect 1 $v -d vale0:v0
expect 0 $v -r v0
expect 1 $v -r v0

# last wins; the same region as another port; the words of people
expect 0 $v create v1
expect 0 $v -r v2 -n v2 -m netmap:v1
expect 0 $v attach vale1:v1
expect 0 $v list --json
json out 'd["ports"][0]["name"] == "vale1:v1" and d["ports"][0]["switch"] == "vale1"'
expect 0 $v info v2 --json
json out 'd["rx_rings"] == 1 and d["mem_id"] > 0'
expect 0 $v detach vale1:v1 --json
json out 'd == {"action": "detach", "name": "vale1:v1", "port_index": 0}'
expect 0 $v delete v1
expect 0 $v delete v2

# batches
printf 'create b0 # a comment\n\nattach vale9:b0\nlist\n' >"$dir/batch"
expect 0 $v batch "$dir/batch"
says '^vale9:b0 '
printf 'detach vale9:b0\ndelete b0\ndelete b0\ncreate b1\n' >"$dir/batch"
expect 1 $v batch "$dir/batch"
complains 'stopped at line 3 of'
expect 1 $v -g b1
printf 'nonsense\n' >"$dir/batch"
expect 2 $v batch "$dir/batch"
expect 1 $v batch "$dir/no-such-file"

# somebody holds the port, and packets go through it
start rx $O/apps/pkt-gen -i vale0:r -f rx -n 500 -W
rx=$last
await rx.out '^Receiving'
expect 0 $O/apps/pkt-gen -i vale0:s -f tx -n 500 -w 0 -b 50
end $rx 0 "receiver"
start hold $O/apps/pkt-gen -i vale0:h -f rx
hold=$last
await hold.out '^Receiving'
expect 0 $O/apps/pkt-gen -i vale0:s -f tx -n 20 -w 0
expect 0 $v show vale0:h
says "^  holders  1 (pid $hold)"
says '^  rx 0 .*20 packets  1200 bytes'
expect 0 $v show vale0:h --json
json out "d['ports'][0]['holders'] == [$hold]"
json out 'd["ports"][0]["rings"][0]["drops"]["no-room"] == 0'
kill -INT $hold
end $hold 0 "holder"

# nobody to talk to
expect 1 env NETMAP_SOCKET="$dir/none" NETMAPD=/nonexistent $v
complains '^failed to list'
expect 1 env NETMAP_SOCKET="$dir/none" NETMAPD=/nonexistent $v show
finish
