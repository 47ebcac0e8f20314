# SPDX-License-Identifier: BSD-2-Clause
#
# Programs in the style of existing ones, run in user mode by netmap-run.
#
#   make test-preload             all of them, direct and isolated
#   make test-preload T=epoll     only tests whose name contains "epoll"

PRELOAD_TEST_COMMON := tests/preload/pt.c tests/preload/pt_port.c
PRELOAD_TESTS := basic life waits pass orphan

$(foreach t,$(PRELOAD_TESTS),$(eval $(call nm_program,tests/preload/$(t),\
	$(PRELOAD_TEST_COMMON) tests/preload/$(t).c)))
$(eval $(call nm_program,tests/preload/port,\
	$(PRELOAD_TEST_COMMON) tests/preload/port.c,libnetmap))
$(eval $(call nm_program,tests/preload/static,tests/preload/static.c,,-static))

.PHONY: test-preload
test-preload: $(PRELOAD_TESTS:%=$(O)/tests/preload/%) \
		$(O)/tests/preload/port $(O)/tests/preload/static \
		$(O)/preload/netmap-run $(O)/preload/libnetmap-preload.so \
		$(O)/netmapd/netmapd
	$(Q)tests/preload/run.sh $(abspath $(O)) $(T)
