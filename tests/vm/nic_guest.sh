#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# nic_guest.sh - test.sh of the payload: scenarios of interfaces
#
# Prints TAP lines; exit 1 if any is "not ok".

top=/payload
ln -sf $top/lib /lib64
export LD_LIBRARY_PATH=$top/lib PATH=$top/bin:$PATH HOME=/tmp O=$top/build
export NM_MODULE=/vm/modules/netmap.ko NM_HOME=kernel NM_PATH=direct NM_SLOW=$(cat $top/slow 2> /dev/null || echo 2)
export NM_CARDS="e1000 e1000e igb virtio_net vmxnet3"
failed=0
cd /tmp || exit 1
mkdir -p /run/netns

for s in $(cat $top/scenarios); do
	timeout $((60 * NM_SLOW)) bash $top/tests/system/$s.sh > /tmp/log 2>&1
	rc=$?
	case $rc in
	0)	echo "ok - scenario $s" ;;
	77)	echo "ok - scenario $s # SKIP $(grep -m1 '^SKIP' /tmp/log)" ;;
	*)	echo "not ok - scenario $s (exit $rc)"
		failed=1
		sed 's/^/# /' /tmp/log ;;
	esac
done
exit $failed
