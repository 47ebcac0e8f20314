# SPDX-License-Identifier: BSD-2-Clause
#
# netmapd: the server of user mode.

NETMAPD_SRCS := netmapd/creds.c netmapd/link.c netmapd/main.c \
	netmapd/netns.c netmapd/nics.c netmapd/process.c \
	netmapd/regions.c netmapd/requests.c netmapd/server.c \
	netmapd/session.c netmapd/wake.c netmapd/worker.c

$(foreach f,$(NETMAPD_SRCS),$(eval CFLAGS_$(f) += -DNM_ENGINE))
$(eval $(call nm_program,netmapd/netmapd,$(NETMAPD_SRCS), \
	engine/engine engine/plane/plane os/user/osxdp os/user/osuser,$$(BPF_LIBS)))

ALL += $(O)/netmapd/netmapd
SBIN_PROGRAMS += $(O)/netmapd/netmapd
