# SPDX-License-Identifier: BSD-2-Clause
#
# bridge: packets from one port to another, $(O)/apps/bridge.

ifeq ($(filter bridge,$(SKIP_APPS)),)
$(eval $(call nm_program,apps/bridge,$(addprefix apps/bridge/, \
	main.c move.c options.c stats.c),apps/common/libappcommon libnetmap,-lm))
ALL += $(O)/apps/bridge
BIN_PROGRAMS += $(O)/apps/bridge
endif
