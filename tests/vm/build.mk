# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Tests in a virtual machine, emulated by QEMU, with a kernel of Debian's.
#
#   make test-vm                 both of the next two in each stock kernel
#   make test-vm-debug           unit tests, failing allocations, torture in one
#                                with every checker on
#   make test-vm-unit            the unit tests as a kernel module
#   make test-vm-nic             ports of network interfaces
#   make test-vm-dev             netmap.ko, with programs that use it
#   make test-vm-unit T=name     only those whose name contains "name"
#   make test-vm-lookup          a module that decides where a switch forwards
#   make test-vm-native          a driver with native ports, built from the
#                                kernel's source; T=word: only scenarios so named
#   make test-vm-runner          does the runner notice trouble (3 minutes)
#
# VM_KERNEL chooses the kernel for those that are about one, VM_KERNELS the list
# for test-vm.  tests/vm/packages lists what it takes.

VM_KERNEL ?= 6.1
VM_KERNELS ?= 6.1 6.12 7

$(foreach p,torture failnth,$(eval \
	$(call nm_program,tests/vm/$(p),tests/vm/$(p).c)))
$(foreach p,dev guard,$(eval $(call nm_program,tests/vm/$(p),\
	$(PRELOAD_TEST_COMMON) tests/vm/$(p).c)))

$(eval $(call nm_program,tests/vm/lookup,$(PRELOAD_TEST_COMMON) tests/vm/lookup.c))

VM_PROGRAMS := $(addprefix $(O)/,$(addprefix tests/vm/,dev guard torture failnth lookup) \
	tests/stress/nmstress \
	$(addprefix apps/,pkt-gen vale-ctl bridge) \
	$(addprefix tests/preload/,basic life waits port) \
	$(addprefix tests/tools/,functional flow nmhold nminfo churn hostile \
	nmsee stack))

.PHONY: test-vm test-vm-unit test-vm-dev test-vm-debug test-vm-runner
test-vm: $(VM_PROGRAMS)
	$(Q)O=$(O) tests/vm/kernels.sh $(VM_KERNELS)

test-vm-debug: $(VM_PROGRAMS)
	$(Q)O=$(O) tests/vm/kernels.sh debug

test-vm-unit:
	$(Q)O=$(O) tests/vm/unit.sh $(VM_KERNEL) $(T)

test-vm-dev: $(VM_PROGRAMS)
	$(Q)O=$(O) tests/vm/dev.sh $(VM_KERNEL) $(T)

.PHONY: test-vm-nic
test-vm-nic: $(VM_PROGRAMS)
	$(Q)O=$(O) tests/vm/nic.sh $(VM_KERNEL) $(T)

.PHONY: test-vm-lookup
test-vm-lookup: $(O)/tests/vm/lookup
	$(Q)O=$(O) tests/vm/lookup.sh $(VM_KERNEL)

.PHONY: test-vm-native
test-vm-native: $(VM_PROGRAMS)
	$(Q)O=$(O) tests/vm/native.sh $(VM_KERNEL) $(T)

test-vm-runner:
	$(Q)probe=$$(O=$(O) tests/vm/build-module.sh nm_probe $(VM_KERNEL)) && \
		O=$(O) tests/vm/selftest.sh $$probe $(VM_KERNEL)
