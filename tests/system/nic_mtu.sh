#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Kernel: interfaces through the stack
#
# An MTU whose frames do not fit a buffer: an interface that has it cannot be
# opened for receiving, one that is open cannot get it.  Loopback is exempt:
# its long frames take several slots.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ifs.sh"

server
veths v0 v1
check "9000" stack mtu v0 9000
refused 1 "9000 bytes do not fit" nmsee netmap:v0 1 1
nmsee netmap:v0 1 1 2>&1 | grep -q 9000 || fail "the sentence does not say why"
check "for sending only it does not matter" functional -I netmap:v0/T
check "1500" stack mtu v0 1500
hold netmap:v0
refused 1 "9000 while open" stack mtu v0 9000
check "2000 while open" stack mtu v0 2000
release netmap:v0
check "9000 when closed" stack mtu v0 9000

hold netmap:lo
send netmap:lo 6000:j:3
expect netmap:lo 6000:j:3
send netmap:lo 100:k:3
expect netmap:lo 100:k:3
release netmap:lo
