# SPDX-License-Identifier: BSD-2-Clause
#
# os/user/osuser: what the engine asks of a process (engine/os.h), the mapping
# of a server's memory, and where clients and server meet.

OSUSER_SRCS := os/user/attach.c os/user/budget.c os/user/meet.c os/user/os.c \
	os/user/os_mem.c

$(foreach f,$(OSUSER_SRCS),$(eval CFLAGS_$(f) += -DNM_ENGINE))
$(eval $(call nm_archive,os/user/osuser,$(OSUSER_SRCS)))

# os/user/osxdp: interfaces, for the server alone.  Without libbpf it is there,
# and says that it cannot.
BPF_LIBS := $(shell pkg-config --libs libbpf 2>/dev/null)
$(eval $(call nm_archive,os/user/osxdp,os/user/xdp.c os/user/xsk.c))
CFLAGS_os/user/xsk.c = -DNM_ENGINE
CFLAGS_os/user/xdp.c = -DNM_ENGINE $(if $(BPF_LIBS),-DNM_HAVE_BPF \
	$(shell pkg-config --cflags libbpf 2>/dev/null))
