# SPDX-License-Identifier: BSD-2-Clause
#
# Fuzzers: clang's libFuzzer (Debian: clang, libclang-rt-14-dev).
#
#   make test-fuzz FUZZ_SECONDS=60     each target for so long
#
# The engine is compiled again for them, with coverage and sanitizers, under
# $(O)/fuzz.  What they find is kept in $(O)/fuzz/corpus, crashes in
# $(O)/fuzz/crash-*.

FUZZ_SECONDS ?= 60
FUZZ_CC ?= clang
FUZZ_TARGETS := fuzz_name fuzz_request fuzz_ring
FUZZ_SRCS := $(wildcard engine/*.c engine/plane/*.c os/user/*.c)
FUZZ_OBJS := $(FUZZ_SRCS:%.c=$(O)/fuzz/%.o)
FUZZ_CFLAGS := -std=gnu11 -O1 -g -fno-omit-frame-pointer -fno-strict-aliasing \
	-pthread -DNM_ENGINE -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined

$(O)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(NM_CPPFLAGS) $(FUZZ_CFLAGS) -MMD -MP -c -o $@ $<

$(FUZZ_TARGETS:%=$(O)/fuzz/%): $(O)/fuzz/%: $(O)/fuzz/tests/fuzz/%.o $(FUZZ_OBJS)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -pthread -o $@ $^

# It has a plane made by hand.
$(O)/fuzz/fuzz_ring: $(O)/fuzz/tests/unit/plane_fixture.o

-include $(FUZZ_TARGETS:%=$(O)/fuzz/tests/fuzz/%.d) $(wildcard $(O)/fuzz/*/*.d $(O)/fuzz/*/*/*.d)

.PHONY: test-fuzz
test-fuzz: $(FUZZ_TARGETS:%=$(O)/fuzz/%)
	$(Q)for t in $(FUZZ_TARGETS); do \
		mkdir -p $(O)/fuzz/corpus/$$t; \
		echo "# $$t, $(FUZZ_SECONDS) s"; \
		$(O)/fuzz/$$t -max_total_time=$(FUZZ_SECONDS) -max_len=512 \
			-rss_limit_mb=4096 \
			-artifact_prefix=$(O)/fuzz/crash- -print_final_stats=1 \
			-verbosity=0 $(O)/fuzz/corpus/$$t || exit 1; \
	done
