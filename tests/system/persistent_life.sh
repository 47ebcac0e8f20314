#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	v0 -- vale0	v0 -- vale1
#
# The life of a persistent port (scenarios 9 to 11).
#
# 1. created twice: refused, attached or not
# 2. attached twice, to the same switch or to another: refused
# 3. destroyed while attached: refused; then allowed
# 4. what does not exist can be neither attached, detached nor destroyed
. "$(dirname "$0")/lib.sh"

server
check "create" vale-ctl -n v0
refused 1 "create again" vale-ctl -n v0
check "attach" vale-ctl -a vale0:v0
refused 1 "create again, attached" vale-ctl -n v0
refused 1 "attach twice to one switch" vale-ctl -a vale0:v0
refused 1 "destroy, attached once" vale-ctl -r v0
refused 1 "attach to a second switch" vale-ctl -a vale1:v0
refused 1 "detach from where it is not" vale-ctl -d vale1:v0
check "detach" vale-ctl -d vale0:v0
refused 1 "detach again" vale-ctl -d vale0:v0
check "attach to the other switch" vale-ctl -a vale1:v0
refused 1 "destroy, attached again" vale-ctl -r v0
check "detach from that" vale-ctl -d vale1:v0
check "destroy" vale-ctl -r v0
refused 1 "destroy again" vale-ctl -r v0
refused 1 "attach what is not there" vale-ctl -a vale0:nobody
refused 1 "detach what is not there" vale-ctl -d vale0:nobody
check "create anew" vale-ctl -n v0
check "destroy that" vale-ctl -r v0
