# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
#   make module             netmap.ko for the running kernel
#   make module KDIR=DIR    for the kernel whose headers are in DIR

KDIR ?= /lib/modules/$(shell uname -r)/build

.PHONY: module
module:
	$(Q)os/linux/build.sh '$(KDIR)' '$(O)/module'
