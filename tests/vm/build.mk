# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Tests in a virtual machine with a stock Debian kernel, emulated by QEMU.
#
#   make test-vm                 both of the next two
#   make test-vm-unit            the unit tests as a kernel module
#   make test-vm-nic             ports of network interfaces
#   make test-vm-dev             netmap.ko, with programs that use it
#   make test-vm-unit T=name     only those whose name contains "name"
#   make test-vm-lookup          a module that decides where a switch forwards
#   make test-vm-native          a driver with native ports, built from the
#                                kernel's source; T=word: only scenarios so named
#   make test-vm-runner          does the runner notice trouble (3 minutes)
#
# VM_KERNEL chooses the kernel.  tests/vm/packages lists what it takes.

VM_KERNEL ?= 6.1

$(eval $(call nm_program,tests/vm/dev,$(PRELOAD_TEST_COMMON) tests/vm/dev.c))

$(eval $(call nm_program,tests/vm/lookup,$(PRELOAD_TEST_COMMON) tests/vm/lookup.c))

VM_PROGRAMS := $(addprefix $(O)/,apps/pkt-gen apps/vale-ctl tests/vm/dev \
	$(addprefix tests/preload/,basic life waits port) \
	$(addprefix tests/tools/,functional flow nmhold nminfo))

.PHONY: test-vm test-vm-unit test-vm-dev test-vm-runner
test-vm: test-vm-dev

test-vm-unit:
	$(Q)O=$(O) tests/vm/unit.sh $(VM_KERNEL) $(T)

# After the unit tests: one machine at a time.
test-vm-dev: $(VM_PROGRAMS) $(if $(filter test-vm-dev,$(MAKECMDGOALS)),,test-vm-unit)
	$(Q)O=$(O) tests/vm/dev.sh $(VM_KERNEL) $(T)

.PHONY: test-vm-lookup
test-vm-lookup: $(O)/tests/vm/lookup
	$(Q)O=$(O) tests/vm/lookup.sh $(VM_KERNEL)

.PHONY: test-vm-native
test-vm-native: $(addprefix $(O)/,apps/pkt-gen apps/vale-ctl apps/bridge \
		$(addprefix tests/tools/,functional flow nmhold nminfo nmsee stack))
	$(Q)O=$(O) tests/vm/native.sh $(VM_KERNEL) $(T)

test-vm-runner:
	$(Q)probe=$$(O=$(O) tests/vm/build-module.sh nm_probe $(VM_KERNEL)) && \
		O=$(O) tests/vm/selftest.sh $$probe $(VM_KERNEL)

# Ports of network interfaces; T=word for some of the scenarios.
NIC_PROGRAMS := $(addprefix $(O)/,apps/pkt-gen apps/vale-ctl apps/bridge \
	$(addprefix tests/tools/,functional flow nmhold nminfo nmsee stack))

.PHONY: test-vm-nic
test-vm-nic: $(NIC_PROGRAMS)
	$(Q)O=$(O) tests/vm/nic.sh $(VM_KERNEL) $(T)
