# SPDX-License-Identifier: BSD-2-Clause
#
# os/user/osuser: what the engine asks of a process (engine/os.h), the mapping
# of a server's memory, and where clients and server meet.

OSUSER_SRCS := os/user/attach.c os/user/budget.c os/user/meet.c os/user/os.c \
	os/user/os_mem.c

$(foreach f,$(OSUSER_SRCS),$(eval CFLAGS_$(f) += -DNM_ENGINE))
$(eval $(call nm_archive,os/user/osuser,$(OSUSER_SRCS)))
