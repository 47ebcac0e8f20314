# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of the command-line tools: each prints "ok" and "not ok" lines and
# exits with 1 if there was one of the latter (77: cannot run here).  Scripts
# get the build directory as their argument.
#
#   make test-apps            all of them
#   make test-apps T=pktgen   only those whose name contains "pktgen"

$(eval $(call nm_program,tests/apps/test_pktgen_pure, \
	tests/apps/test_pktgen_pure.c \
	$(addprefix apps/pkt-gen/,addr.c hist.c packet.c sizes.c), \
	apps/common/libappcommon,-lm))
$(eval $(call nm_program,tests/apps/test_common,tests/apps/test_common.c, \
	apps/common/libappcommon,-lm))

APPS_TESTS := $(O)/tests/apps/test_common $(O)/tests/apps/test_pktgen_pure \
	$(sort $(wildcard tests/apps/test_*.sh))
APPS_RUN := $(if $(T),$(foreach t,$(APPS_TESTS),$(if $(findstring $(T),$(t)),$(t))),$(APPS_TESTS))

# What the scripts run.
APPS_NEED := $(addprefix $(O)/,apps/pkt-gen apps/pkt-gen-b apps/vale-ctl \
	apps/bridge apps/netmap-demo netmapd/netmapd)

.PHONY: test-apps
test-apps: $(filter $(O)/%,$(APPS_TESTS)) $(APPS_NEED)
	$(Q)status=0; for t in $(APPS_RUN); do \
		echo "# $$t"; $$t $(O); rc=$$?; \
		if [ $$rc -eq 77 ]; then echo "# $$t: skipped"; \
		elif [ $$rc -ne 0 ]; then echo "# $$t: FAILED"; status=1; fi; \
	done; exit $$status
