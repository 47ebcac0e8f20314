# SPDX-License-Identifier: BSD-2-Clause
#
# Unit tests: $(O)/tests/unit/unit from run.c, main.c and one test_<suite>.c
# for each line of suites.h; the kernel module in tests/vm takes the same list.
#
#   make test-unit            build and run all of them
#   make test-unit T=name     only those whose name contains "name"

UNIT_SUITES := $(shell sed -n 's/^NM_SUITE(\([a-z0-9_]*\))$$/\1/p' tests/unit/suites.h)
UNIT_TESTS := $(UNIT_SUITES:%=tests/unit/test_%.c)
UNIT_UNLISTED := $(filter-out $(UNIT_TESTS),$(wildcard tests/unit/test_*.c))
UNIT_SRCS := tests/unit/main.c tests/unit/run.c tests/unit/world.c \
	tests/unit/plane_fixture.c $(UNIT_TESTS)
UNIT_LIBS := engine/engine engine/plane/plane os/user/osuser

$(foreach f,$(UNIT_SRCS),$(eval CFLAGS_$(f) += -DNM_ENGINE -DNM_HAVE_FAIL_AFTER))
$(eval $(call nm_program,tests/unit/unit,$(UNIT_SRCS),$(UNIT_LIBS)))

.PHONY: test-unit
test-unit: $(O)/tests/unit/unit
	$(if $(UNIT_UNLISTED),$(error not listed in tests/unit/suites.h: $(UNIT_UNLISTED)))
	$(Q)$(O)/tests/unit/unit $(T)
