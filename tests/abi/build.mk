# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Tests of the public headers: they need a compiler and nothing else.  Each
# word of TESTS_ABI is a program or script that prints "ok NAME" or
# "not ok NAME" lines and exits 0, 1, or 77 when it cannot run here.

$(eval $(call nm_program,tests/abi/ring_test,tests/abi/ring_test.c))
$(eval $(call nm_program,tests/abi/desc_test,tests/abi/desc_test.c))

TESTS_ABI_PROGRAMS := $(O)/tests/abi/ring_test $(O)/tests/abi/desc_test
TESTS_ABI := $(TESTS_ABI_PROGRAMS) tests/abi/facts.sh tests/abi/headers.sh \
	tests/abi/m32.sh

.PHONY: test-abi
test-abi: $(TESTS_ABI_PROGRAMS)
	$(Q)bad=0; for t in $(TESTS_ABI); do \
		CC='$(CC)' CXX='$(CXX)' O='$(O)' $$t; ret=$$?; \
		if [ $$ret -eq 77 ]; then echo "ok $$t # SKIP"; \
		elif [ $$ret -ne 0 ]; then echo "not ok $$t"; bad=1; fi; \
	done; exit $$bad
