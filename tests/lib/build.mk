# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of libnetmap against a double of nmio: the archive is linked whole but
# for the dispatcher and the transports, whose functions fake_nmio.c defines.
#
#   make test-lib             build and run all of them
#   make test-lib T=parse     only those whose name contains "parse"

LIBTEST_SRCS := tests/lib/main.c tests/lib/fake_nmio.c \
	tests/lib/test_parse.c tests/lib/test_opts.c tests/lib/test_port.c \
	tests/lib/test_use.c

$(eval $(call nm_program,tests/lib/libtest,$(LIBTEST_SRCS),libnetmap))

.PHONY: test-lib
test-lib: $(O)/tests/lib/libtest $(O)/libnetmap.a $(O)/$(LIB_SOFILE)
	$(Q)$(O)/tests/lib/libtest $(T)
	$(Q)CC='$(CC)' SAN='$(SAN)' tests/lib/symbols.sh \
		include/libnetmap.h $(abspath $(O)/libnetmap.a) $(O)/$(LIB_SOFILE)

# The same library, whole, against a server: make test-live [T=word]
LIVE_SRCS := tests/lib/live.c tests/lib/live_poll.c tests/lib/live_life.c \
	tests/lib/live_start.c

$(eval $(call nm_program,tests/lib/live,$(LIVE_SRCS),libnetmap))

.PHONY: test-live
test-live: $(O)/tests/lib/live $(O)/netmapd/netmapd
	$(Q)$(O)/tests/lib/live $(O)/netmapd/netmapd $(T)
