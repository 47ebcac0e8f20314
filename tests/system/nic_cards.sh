#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
#	netmap:eth0 --- eth0 ===hub=== eth1 --- netmap:eth1       and so on
#
# Real drivers of emulated cards, in pairs on a hub each: frames both ways,
# as fast as the card takes them with none lost on the way out, down and up in
# between, and the host on line again afterwards.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

[[ -e /sys/class/net/eth1 ]] || skip "no cards in this machine"

driver()
{
	basename "$(readlink "/sys/class/net/$1/device/driver")"
}

has_carrier()
{
	[[ $(cat "/sys/class/net/$1/carrier" 2>/dev/null) == 1 ]]
}

sent_all()
{
	(($(counter tx_packets "$1") - before >= 3000))
}

server
drivers=
for ((i = 0; ; i += 2)); do
	a=eth$i b=eth$((i + 1))
	[[ -e /sys/class/net/$b ]] || break
	echo "$a and $b: $(driver $a)"
	[[ $(driver $a) == "$(driver $b)" ]] || fail "$b has another driver"
	drivers+=" $(driver $a)"
	for x in $a $b; do
		quiet $x
		check "up" ip link set $x up
		wait_until 10 "carrier of $x" has_carrier $x
	done
	hold netmap:$a netmap:$b
	for len in 60 61 300 1514; do
		send netmap:$a $len:a:20
		expect netmap:$b $len:a:20
		send netmap:$b $len:b:20
		expect netmap:$a $len:b:20
	done
	silent netmap:$a netmap:$b
	ip link set $a down
	ip link set $a up
	wait_until 10 "carrier of $a" has_carrier $a
	send netmap:$a 200:c:20
	expect netmap:$b 200:c:20
	release netmap:$a netmap:$b

	before=$(counter tx_packets $a)
	start tx flow tx -n 3000 -l 1000 netmap:$a
	finish tx || fail "$(driver $a): the sender ended with $?"
	wait_until 10 "$(driver $a): all frames are sent" sent_all $a

	start rx stack in $b 3 20
	wait_until 20 "the stack listens" said rx '^ready'
	check "the host sends" stack out $a 3 100
	finish rx || fail "$(driver $a): the hosts are cut off"
	ip link set $a down
	ip link set $b down
done
for d in ${NM_CARDS-}; do
	[[ $drivers == *" $d"* ]] || fail "no card of $d:$drivers"
done
