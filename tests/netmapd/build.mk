# SPDX-License-Identifier: BSD-2-Clause
#
# `make test-netmapd': the server, by a client that has no library.  With the
# address sanitizer freed memory is kept for a while: little enough to be no
# growth.

NETMAPD_TEST_SRCS := tests/netmapd/raw.c tests/netmapd/test_wire.c

$(foreach f,$(NETMAPD_TEST_SRCS),$(eval CFLAGS_$(f) += -DNM_ENGINE))
$(eval $(call nm_program,tests/netmapd/test_wire,$(NETMAPD_TEST_SRCS),os/user/osuser))

.PHONY: test-netmapd
test-netmapd: $(O)/tests/netmapd/test_wire $(O)/netmapd/netmapd
	$(Q)ASAN_OPTIONS=quarantine_size_mb=1:$$ASAN_OPTIONS \
		$(O)/tests/netmapd/test_wire $(O)/netmapd/netmapd
