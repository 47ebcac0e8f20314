# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
#   make module             netmap.ko for the running kernel, in build/module
#   make module KDIR=DIR    for the kernel whose headers are in DIR
#   make modules_install    where modprobe finds it; INSTALL_MOD_PATH= before it
#   make load, make unload  into and out of the running kernel, without installing
#   make module-sparse      check it with sparse; any complaint is an error
#   make dkms-install       the sources to /usr/src, for DKMS to build
#
# MOD_NAME= calls it something else than netmap, KOPTS= has more words for the
# kernel's make, DRIVERS= names drivers with native ports to build beside it, of
# the source in KSRC= and called DRIVER_SUFFIX= more; ./configure remembers all.

KDIR ?= /lib/modules/$(or $(kernelver),$(shell uname -r))/build
MOD_NAME ?= netmap
INSTALL_MOD_PATH ?= $(DESTDIR)
udevdir ?= /usr/lib/udev/rules.d

MODULE_ENV = KOPTS='$(KOPTS)' NM_MODULE='$(MOD_NAME)' NM_SKIP='$(SKIP_KINDS)'
DRIVER_WORDS = $(if $(DRIVER_SUFFIX),--driver-suffix=$(DRIVER_SUFFIX)) \
	$(if $(KSRC),--source=$(KSRC))

.PHONY: module modules_install load unload module-sparse
module:
	$(Q)$(MODULE_ENV) os/linux/build.sh '$(KDIR)' '$(O)/module'
	$(Q)for d in $(DRIVERS); do \
		KOPTS='$(KOPTS)' drivers/build.sh $(DRIVER_WORDS) $$d '$(KDIR)' \
			'$(O)/module' "$(O)/drivers/$$d" || exit 1; \
	done

modules_install: module
	$(Q)$(MODULE_ENV) INSTALL_MOD_PATH='$(INSTALL_MOD_PATH)' \
		os/linux/install.sh '$(KDIR)' '$(O)/module' $(DRIVERS:%='$(O)/drivers/%')
	install -d $(DESTDIR)$(udevdir)
	install -m 644 packaging/udev/60-netmap.rules $(DESTDIR)$(udevdir)

load: module
	$(Q)if [ -d /sys/module/$(MOD_NAME) ]; then \
		echo "$(MOD_NAME) is loaded already; make unload takes it out" >&2; \
		exit 1; \
	fi; \
	PATH=$$PATH:/sbin:/usr/sbin insmod $(O)/module/$(MOD_NAME).ko $(PARAMS) && \
	echo "loaded: $$(ls -l /dev/netmap)"

unload:
	$(Q)PATH=$$PATH:/sbin:/usr/sbin rmmod $(MOD_NAME)

# sparse has no exit status for "has complained about our files".
module-sparse:
	$(Q)command -v sparse >/dev/null || \
		{ echo "sparse is missing: install the package sparse" >&2; exit 1; }
	$(Q)rm -rf '$(O)/module-sparse'
	$(Q)KOPTS='$(KOPTS) C=2' os/linux/build.sh '$(KDIR)' '$(O)/module-sparse' \
		2> '$(O)/module-sparse.log' >/dev/null || \
		{ cat '$(O)/module-sparse.log' >&2; exit 1; }
	$(Q)if grep -E '(^|/)(engine|os/linux|include/net)/[^ ]*: (warning|error)' \
		'$(O)/module-sparse.log'; then exit 1; fi
	@echo "sparse: nothing to complain about"
