# SPDX-License-Identifier: BSD-2-Clause
#
# `make test': every stage, each a target test-NAME, run by tests/stage.sh.
#
#   make test                all of them; the last line counts
#   make test-system         scenarios on a live system; T=word: only those
#   make test-labels         programs that are killed, or stopped, at each label
#                            of the protocol; NM_HITS=N: so often at each
#   make test-asan           with the address and undefined sanitizers
#   make test-tsan           with the thread sanitizer
#   make programs            everything that stages run, and no more
#
# The chains run beside each other; what is in one chain may share what it
# builds, chains may not: fuzz, vm, asan and tsan have directories of their own,
# and programs that both use are built before.

TEST_CHAINS := "abi lib live unit door model apps netmapd preload system labels" \
	"configure module vm fuzz tsan asan"

# Fuzzers take longer where nobody waits.
TEST_FUZZ_SECONDS := $(if $(CI),60,10)

TEST_PROGRAMS = $(TEST_TOOLS) $(O)/tests/unit/unit \
	$(filter $(O)/%,$(TESTS_ABI) $(APPS_TESTS)) $(O)/tests/lib/libtest $(O)/tests/lib/live \
	$(O)/tests/netmapd/test_wire $(VM_PROGRAMS)

.PHONY: test programs test-system test-labels test-asan test-tsan
.SECONDEXPANSION:
programs: all $$(TEST_PROGRAMS)

test:
	$(Q)echo "tests of $$(git log -1 --format='%h %s' 2>/dev/null)"
	$(Q)O='$(O)' MAKE='$(MAKE)' tests/stage.sh run build \
		$(MAKE) --no-print-directory -j2 programs
	$(Q)O='$(O)' MAKE='$(MAKE)' FUZZ_SECONDS=$(TEST_FUZZ_SECONDS) \
		tests/stage.sh all $(TEST_CHAINS); \
	O='$(O)' tests/stage.sh sum

test-system: programs
	$(Q)O='$(O)' tests/system/run.sh $(T)

# Programs that die at every label of the protocol.
test-labels: programs
	$(Q)$(MAKE) --no-print-directory O=$(O)/labels OPT='$(OPT) -DNM_LABELS' \
		$(O)/labels/tests/tools/flow
	$(Q)O='$(O)' NM_LABEL_O=$(O)/labels NM_LIMIT=300 tests/system/run.sh -p direct label_

test-asan:
	$(Q)O='$(O)' MAKE='$(MAKE)' tests/sanitize.sh address

test-tsan:
	$(Q)O='$(O)' MAKE='$(MAKE)' tests/sanitize.sh thread
