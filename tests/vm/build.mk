# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Tests in a virtual machine with a stock Debian kernel, emulated by QEMU.
#
#   make test-vm                 the unit tests as a kernel module
#   make test-vm T=name          only those whose name contains "name"
#   make test-vm-runner          does the runner notice trouble (3 minutes)
#
# VM_KERNEL chooses the kernel.  tests/vm/packages lists what it takes.

VM_KERNEL ?= 6.1

.PHONY: test-vm test-vm-runner
test-vm:
	$(Q)O=$(O) tests/vm/unit.sh $(VM_KERNEL) $(T)

test-vm-runner:
	$(Q)probe=$$(O=$(O) tests/vm/build-module.sh nm_probe $(VM_KERNEL)) && \
		O=$(O) tests/vm/selftest.sh $$probe $(VM_KERNEL)
