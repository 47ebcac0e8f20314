# SPDX-License-Identifier: BSD-2-Clause
#
#   make dkms-install     put the sources where DKMS looks: /usr/src/netmap-V
#   make dkms-uninstall   take them away
#
# DESTDIR= comes before the path; without it DKMS is told, too.

DKMS_DIR = $(DESTDIR)/usr/src/netmap-$(LIB_VERSION)

.PHONY: dkms-install dkms-uninstall
dkms-install:
	$(Q)rm -rf '$(DKMS_DIR)' && mkdir -p '$(DKMS_DIR)/os'
	$(Q)cp -r engine include LICENSE '$(DKMS_DIR)' && \
		cp -r os/linux '$(DKMS_DIR)/os'
	$(Q)sed 's/@version@/$(LIB_VERSION)/' packaging/dkms/dkms.conf.in \
		> '$(DKMS_DIR)/dkms.conf'
	$(Q)if [ -n '$(DESTDIR)' ]; then \
		echo "the sources are in $(DKMS_DIR)"; \
	elif command -v dkms >/dev/null; then \
		dkms status netmap/$(LIB_VERSION) | grep -q . || \
			dkms add netmap/$(LIB_VERSION); \
		echo "now: dkms install netmap/$(LIB_VERSION)"; \
	else \
		echo "the sources are in $(DKMS_DIR); DKMS is not installed"; \
	fi

dkms-uninstall:
	$(Q)if [ -z '$(DESTDIR)' ] && command -v dkms >/dev/null && \
	   dkms status netmap/$(LIB_VERSION) | grep -q .; then \
		dkms remove netmap/$(LIB_VERSION) --all; \
	fi
	rm -rf '$(DKMS_DIR)'
