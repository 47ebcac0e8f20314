# SPDX-License-Identifier: BSD-2-Clause
#
# Random operations under fire: a short run is part of the system scenarios.
#
#   make soak                 SOAK seconds on each path (600)

$(eval $(call nm_program,tests/stress/nmstress,tests/stress/nmstress.c \
	tests/tools/frame.c,libnetmap))

SOAK ?= 600
TEST_TOOLS += $(O)/tests/stress/nmstress

.PHONY: soak
soak: all $(O)/tests/stress/nmstress $(TEST_TOOLS)
	$(Q)O='$(O)' NM_SOAK=$(SOAK) NM_LIMIT=$$(($(SOAK) + 120)) \
		tests/system/run.sh -j 1 stress_random
