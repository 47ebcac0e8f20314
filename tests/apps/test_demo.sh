#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# netmap-demo, shortened: all is well, a flipped bit is noticed, the sample is
# used where no capture can be made, and nothing is left behind.

O=${1:-build}
. tests/apps/lib.sh
d=$O/apps/netmap-demo
mkdir "$dir/tmp"
TMPDIR=$dir/tmp
export TMPDIR
sample=apps/demo/sample.pcap

# left_behind: directories of the demonstration that are still there.
left_behind() {
	ls "$dir/tmp" | grep -q netmap-demo
}

expect 0 $d --help
expect 2 $d --step 0
expect 2 $d --step x
expect 2 $d stray
expect 0 $d --step 40ms --sample $sample
says '^    60 |.*|.*|    1.562   15.625   62.500  156.250$'
says '^    64 |.*|    1.488   14.881   59.524  148.810$'
says '^  1514 |'
says '^Dropped over pipe: nothing$'
says 'VLAN-tagged [1-9]'
says 'jumbo [1-9]'
says '^  All [0-9]* frames arrived, in order'
! left_behind
verdict $? "nothing is left behind"

expect 0 $d --step 20ms --capture $sample
says 'each of their [0-9]* bytes is the same'
expect 1 $d --step 20ms --capture $sample --corrupt
complains 'what arrived is NOT what was sent: .* 1 of them different'
! left_behind
verdict $? "nothing is left behind after a failure"
expect 1 $d --step 20ms --capture /etc/passwd
complains 'not a pcap file'
expect 0 env NETMAP_DIRECT=0 $d --step 40ms --capture $sample
says 'isolated path'

# where namespaces are not permitted: a user namespace in which they are not
if unshare -rn true 2>/dev/null; then
	expect 0 unshare -r sh -c 'echo 0 >/proc/sys/user/max_net_namespaces &&
		exec "$@"' - $d --step 20ms --sample $sample
	says '^No capture can be made here (network namespaces are not permitted: '
	says '^  All [0-9]* frames arrived, in order'
	expect 1 unshare -r sh -c 'echo 0 >/proc/sys/user/max_net_namespaces &&
		exec "$@"' - $d --step 20ms
	complains 'name one with --capture'
fi

# interrupted in the middle
start demo $d --step 30s
demo=$last
await demo.out 'VALE: process'
kill -INT $demo
end $demo 1 "interrupted"
! left_behind
verdict $? "nothing is left behind after an interrupt"
finish
