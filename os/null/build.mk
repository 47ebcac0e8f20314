# SPDX-License-Identifier: BSD-2-Clause
#
# `make test-door': the engine uses nothing but engine/os.h and the names of
# os/null/include/nm_os_types.h.  Every file and every header is compiled alone
# with no system include path; then a file that does include one must fail, or
# the check checks nothing.

DOOR_FILES := $(wildcard engine/*.c engine/plane/*.c engine/*.h engine/plane/*.h)
DOOR_CC = $(CC) -std=gnu11 -nostdinc -ffreestanding -fno-strict-aliasing \
	-Ios/null/include -Iinclude -I. -DNM_ENGINE -fsyntax-only \
	-Wall -Wextra -Wno-unused-parameter -Wstrict-prototypes \
	-Wmissing-prototypes -Wshadow -Wpointer-arith -Wundef -Werror -x c

.PHONY: test-door
test-door:
	$(Q)n=0; for f in $(DOOR_FILES); do \
		$(DOOR_CC) $$f || { echo "not ok - door: $$f"; exit 1; }; \
		n=$$((n + 1)); \
	done; \
	if echo '#include <stdlib.h>' | $(DOOR_CC) - 2>/dev/null; then \
		echo "not ok - door: a system header could be included"; exit 1; \
	fi; \
	echo "ok - door: $$n files need no operating system"
