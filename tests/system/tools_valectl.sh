#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# vale-ctl on a live switch: what it lists is what is there.
. "$(dirname "$0")/lib.sh"

server
check "an empty list" vale-ctl
[[ -z $(vale-ctl) ]] || fail "ports before there are any: $(vale-ctl)"
hold vale0:a vale0:b valefoo:c
vale-ctl >"$T/list.out" || fail "the plain listing"
for p in vale0:a vale0:b valefoo:c; do
	grep -qE "^$p bridge_idx [0-9]+ port_idx [0-9]+$" "$T/list.out" ||
		fail "$p is not in the list"
done
[[ $(wc -l <"$T/list.out") == 3 ]] || fail "more than three lines"
vale-ctl -l vale0:a | grep -qE '^bridge_idx: +[0-9]+$' || fail "-l"
vale-ctl -g vale0:a | grep -qE '^tx_slots: +1024$' || fail "-g tx_slots"
vale-ctl -g vale0:a | grep -qE '^rx_rings +1$' || fail "-g rx_rings"
check "create" vale-ctl -n p0 -v
check "attach" vale-ctl -a vale0:p0 -v
[[ $(vale-ctl | wc -l) == 4 ]] || fail "p0 is not listed"
send vale0:a 60:a:7
show_counts_7()
{
	vale-ctl show vale0:a >"$T/show.out" &&
		grep -qE '^ +tx 0 +7 packets' "$T/show.out"
}
wait_until 5 "show counts 7 packets" show_counts_7
check "json" vale-ctl list --json
check "detach" vale-ctl -d vale0:p0
check "delete" vale-ctl -r p0
vale-ctl -l vale0:nobody | grep -qE '^port_idx: +255$' || fail "-l nobody"
refused 1 "a switch that is not there" vale-ctl -l vale77:nobody
refused 1 "info about nobody" vale-ctl -g netmap:nobody
refused 2 "unknown option" vale-ctl --no-such-option
release vale0:a vale0:b valefoo:c
[[ -z $(vale-ctl) ]] || fail "ports are left: $(vale-ctl)"
