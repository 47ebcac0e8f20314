# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
#   make driver D=veth                  a driver with native ports, for the
#                                       running kernel; netmap.ko with it
#   make driver D=veth KDIR=DIR         for the kernel whose headers are in DIR
#   make driver D=veth DRIVER_SUFFIX=S  named veth<S>.ko

D ?= veth
DRIVER_SUFFIX ?=

.PHONY: driver
driver: module
	$(Q)drivers/build.sh --driver-suffix='$(DRIVER_SUFFIX)' '$(D)' \
		'$(KDIR)' '$(O)/module' '$(O)/drivers/$(D)'
