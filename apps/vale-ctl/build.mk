# SPDX-License-Identifier: BSD-2-Clause
#
# vale-ctl: administration of switches, $(O)/apps/vale-ctl.

ifeq ($(filter vale-ctl,$(SKIP_APPS)),)
$(eval $(call nm_program,apps/vale-ctl,$(addprefix apps/vale-ctl/, \
	action.c batch.c main.c options.c query.c show.c), \
	apps/common/libappcommon libnetmap,-lm))
ALL += $(O)/apps/vale-ctl
BIN_PROGRAMS += $(O)/apps/vale-ctl
endif
