#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Random operations from many processes, some of which are killed or stopped:
# frames stay whole, and in the end every buffer and port is given back
# (tests/stress/nmstress.c). NM_SOAK seconds; "make soak" takes longer.
. "$(dirname "$0")/lib.sh"

server --param region_size=134217728
check "nmstress" nmstress -t "${NM_SOAK:-15}" -p 6
