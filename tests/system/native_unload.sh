#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: a driver with native ports that is unloaded
#
# While programs have its ports open, and while one is on a switch, the driver
# goes, and its interfaces with it.  Programs get errors, and nothing of the
# driver is called afterwards; loaded again it works.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

[[ ${NM_NATIVE:-} ]] || skip "the veth driver here has no native ports"
MODULE=/vm/modules/veth_netmap.ko
[[ -f $MODULE ]] || skip "the module is not at $MODULE"
trap 'status=$?; insmod $MODULE 2>/dev/null; functional -c >/dev/null 2>&1; ifs_cleanup; (exit $status); cleanup' EXIT

server
for round in 1 2; do
	veths v0 v1
	veths w0 w1
	check "attach w0" vale-ctl -a vale0:w0
	hold vale0:a netmap:v1
	send vale0:a 100:s:3
	start tx flow tx -n 100000000 -l 200 netmap:v0
	wait_until 10 "the port is open" nminfo status v0
	check "unload" rmmod veth_netmap
	wait_until 20 "the sender sees it" dead tx
	refused 1 "no interface" functional -I netmap:v0 -t 60:x
	send vale0:a 100:s:3
	release netmap:v1
	check "load" insmod $MODULE
	if ((round == 1)); then
		check "detach what is gone" vale-ctl -d vale0:w0
	fi
	release vale0:a
done
vale-ctl -d vale0:w0 >/dev/null 2>&1
veths v0 v1
hold netmap:v0 netmap:v1
send netmap:v0 100:a:3
expect netmap:v1 100:a:3
