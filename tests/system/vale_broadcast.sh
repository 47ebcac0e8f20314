#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
#
#	vale0:s --+-- vale0:r0
#		  +--   ...
#		  +-- vale0:r19
#
# A broadcast reaches each of 20 receivers, in 20 processes, whole and in order,
# also when it takes several slots; their counters say the same.
. "$(dirname "$0")/lib.sh"

server
n=20
for ((i = 0; i < n; i++)); do
	hold "vale0:r$i"
done
hold vale0:s
send vale0:s 60:a:100
send vale0:s 9000:b:20
for ((i = 0; i < n; i++)); do
	expect "vale0:r$i" 60:a:100
	expect "vale0:r$i" 9000:b:20
	silent "vale0:r$i"
	[[ $(info packets counters "vale0:r$i" rx) == 120 ]] ||
		fail "vale0:r$i has counted $(info packets counters "vale0:r$i" rx) packets"
done
[[ $(info packets counters vale0:s tx) == 120 ]] || fail "the sender's count"
silent vale0:s
